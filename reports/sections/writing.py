"""How a sentence is written: words with tokens, each token a figure.

A token is ``[[code]]`` (number and unit), ``[[code|数]]`` (the bare number), ``[[code|增减]]`` (the change in words). Writing turns
tokens into numbers that know their list, or into the gap that must be filled before issuing. Nothing else puts a number into a paper.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from emergency.core import papers
from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, Value, evaluate, link
from emergency.figures.vocabulary import ChangeFigure, Counted, RatioFigure
from emergency.organizations.models import Organisation

_TOKEN = re.compile(r"\[\[([a-z_.]+)(?:\|(数|增减))?\]\]")

#: The level of the area in prose: 全区, 全镇 …
WHOLE = {"city": "全市", "district": "全区", "street": "全镇", "community": "全村"}


def whole_area(area: Organisation) -> str:
    """“全区”, “全县”, “全镇”, “全街道” … after the unit's own name."""
    for ending, word in (
        ("街道", "全街道"),
        ("镇", "全镇"),
        ("乡", "全乡"),
        ("区", "全区"),
        ("县", "全县"),
        ("市", "全市"),
    ):
        if area.name.endswith(ending):
            return word
    return WHOLE.get(area.tier, "全区")


@dataclasses.dataclass(slots=True)
class Brief:
    """What a section is written about: an area, a period, and the figures asked so far (each sheet asked once)."""

    area: Organisation
    issuer: Organisation
    period: Period
    _sheets: dict[tuple[Any, ...], Sheet] = dataclasses.field(default_factory=dict)

    def sheet(self, *codes: str, by: str | None = None, within: Mapping[str, str] | None = None) -> Sheet:
        key = (codes, by, tuple(sorted((within or {}).items())))
        if key not in self._sheets:
            self._sheets[key] = evaluate(codes, organisation=self.area, period=self.period, by=by, within=within)
        return self._sheets[key]

    @property
    def whole(self) -> str:
        return whole_area(self.area)

    @property
    def span(self) -> str:
        """The period as prose names it within its own year: “1—11月”, “全年”, “截至6月13日”."""
        return self.period.label()


def number(
    value: Value, sheet: Sheet, *, text: str = "", within: Mapping[str, str] | None = None, part: str = ""
) -> papers.Run:
    """A value as a run of a paper: the number with the list that it opens, or the gap that it leaves.

    ``part`` names the row of a breakdown for the table of sources: “排查隐患（工贸）”.
    """
    if value.missing:
        return papers.Missing(value.gap)
    figure = value.figure
    opens = figure
    while isinstance(opens, RatioFigure | ChangeFigure):
        opens = vocabulary.get(opens.numerator if isinstance(opens, RatioFigure) else opens.base)
    inside = {**sheet.within, **(within or {})}
    return papers.Number(
        text=text or value.text_with_unit,
        href=link(opens, organisation=sheet.organisation, period=sheet.period, within=inside),
        code=figure.code,
        title=f"{figure.name}（{part}）" if part else figure.name,
        meaning=figure.meaning,
        period=sheet.period.label(with_year=True),
    )


def write(text: str, sheet: Sheet, *, within: Mapping[str, str] | None = None) -> tuple[papers.Run, ...]:
    """The runs of a sentence; ``within`` narrows what its numbers open, as the sheet was narrowed."""
    runs: list[papers.Run] = []
    place = 0
    for token in _TOKEN.finditer(text):
        if token.start() > place:
            runs.append(papers.Text(text[place : token.start()]))
        place = token.end()
        value = sheet[token[1]]
        runs.append(number(value, sheet, text=value.text if token[2] else "", within=within))
    if place < len(text):
        runs.append(papers.Text(text[place:]))
    return tuple(runs)


def paragraph(*sentences: tuple[papers.Run, ...], lead: str = "") -> papers.Paragraph:
    return papers.Paragraph(tuple(run for sentence in sentences for run in sentence), lead=lead)


def cell(value: Value, sheet: Sheet, row_key: str | None = None) -> papers.Cell:
    """A table cell: the bare number that opens its list."""
    if value.missing:
        return papers.Missing("【待补】")
    if value.number is None:
        return "—"
    within = {str(sheet.by): row_key} if row_key is not None and sheet.by else None
    return number(value, sheet, text=value.text, within=within)


def is_positive(sheet: Sheet, code: str) -> bool:
    """Whether a figure is known and above zero: enumerations leave the others out, a gap is kept so that it shows."""
    value = sheet[code]
    return bool(value.missing) or bool(value.number)


def counted(code: str) -> Counted:
    figure = vocabulary.get(code)
    assert isinstance(figure, Counted)
    return figure
