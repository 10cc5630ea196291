"""What a paper is written about, and the figures asked for it: every question goes to the ledgers once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, Value, confirmed_zero, evaluate
from emergency.figures.vocabulary import ChangeFigure, Counted, Dimension, Figure, RatioFigure, Source
from emergency.organizations.models import Organisation
from reports.sections.writing.naming import figure_named
from reports.sections.writing.rows import rows_of
from reports.sections.writing.tokens import CHANGE_FORMS, Token, TokenError, period_of, read

#: The level of the area in prose: 全区, 全镇 …
WHOLE = {"city": "全市", "district": "全区", "street": "全镇", "community": "全村"}
_ENDINGS = ("街道", "镇", "乡", "区", "县", "市")


def whole_area(area: Organisation) -> str:
    """“全区”, “全县”, “全镇”, “全街道” … after the unit's own name."""
    ending = next((one for one in _ENDINGS if area.name.endswith(one)), "")
    return f"全{ending}" if ending else WHOLE.get(area.tier, "全区")


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What a token asks: a figure of an organisation over a period, in total or for one row of a breakdown.

    Rows of an exclusive breakdown are asked together (``by``), a campaign by itself (``within``).
    """

    figure: Figure
    organisation: Organisation
    period: Period
    by: str | None = None
    key: str = ""
    label: str = ""
    within: tuple[tuple[str, str], ...] = ()

    @property
    def opens(self) -> dict[str, str]:
        """The rows that a link of the number opens."""
        return {**dict(self.within), **({self.by: self.key} if self.by else {})}

    @property
    def sheet(self) -> tuple[Any, ...]:
        """Questions that one evaluation answers."""
        ledgers = tuple(sorted(source.code for source in sources_of(self.figure))) if self.by else ()
        return self.organisation.pk, self.period, self.by, self.within, ledgers


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    value: Value
    whole: Value | None = None  # of all rows together, for the share of one


@dataclasses.dataclass(slots=True)
class Brief:
    """An area, a period, and the figures asked so far.

    Sections ask :meth:`sheet` to choose their words; what their tokens then need is taken from the same sheets. ``shelf`` is for what
    sections look up besides and use again in the same paper.
    """

    area: Organisation
    issuer: Organisation
    period: Period
    shelf: dict[str, Any] = dataclasses.field(default_factory=dict)
    _sheets: list[Sheet] = dataclasses.field(default_factory=list)
    _units: dict[str, Organisation | None] = dataclasses.field(default_factory=dict)
    _rows: dict[tuple[str, str], dict[str, str]] = dataclasses.field(default_factory=dict)
    _zeros: dict[tuple[str, int, Period], str] = dataclasses.field(default_factory=dict)

    @property
    def whole(self) -> str:
        return whole_area(self.area)

    @property
    def span(self) -> str:
        """The period as prose names it within its own year: “1—11月”, “全年”, “截至6月13日”.

        In a draft write ``[[时段]]`` instead, which follows the period in edited paragraphs too.
        """
        return self.period.label()

    # -- asking --

    def sheet(
        self,
        *codes: str,
        by: str | None = None,
        within: Mapping[str, str] | None = None,
        period: Period | None = None,
        organisation: Organisation | None = None,
    ) -> Sheet:
        """Figures to decide by, of the paper's area and period unless others are given."""
        unit, days, narrowed = organisation or self.area, period or self.period, dict(within or {})
        known = self._known(unit, days, by, narrowed, codes)
        if known is None:
            known = evaluate(codes, organisation=unit, period=days, by=by, within=narrowed)
            self._sheets.append(known)
        return known

    def _known(
        self, unit: Organisation, period: Period, by: str | None, within: Mapping[str, str], codes: Iterable[str]
    ) -> Sheet | None:
        for sheet in self._sheets:
            same = (sheet.organisation.pk, sheet.period, sheet.by, sheet.within) == (unit.pk, period, by, within)
            if same and all(code in sheet.totals for code in codes):
                return sheet
        return None

    def prepare(self, texts: Iterable[str]) -> None:
        """Ask together what all these texts need; tokens that make no sense are left for :meth:`answer` to refuse."""
        asked: dict[tuple[Any, ...], list[Question]] = {}
        for text in texts:
            for piece in read(text):
                if isinstance(piece, Token) and not piece.is_word and (question := self._askable(piece)):
                    asked.setdefault(question.sheet, []).append(question)
        for questions in asked.values():
            first = questions[0]
            within = dict(first.within)
            codes = dict.fromkeys(one.figure.code for one in questions)
            missing = [
                code for code in codes
                if self._known(first.organisation, first.period, first.by, within, [code]) is None
            ]  # fmt: skip
            if missing:
                self.sheet(*missing, by=first.by, within=within, period=first.period, organisation=first.organisation)

    def _askable(self, token: Token) -> Question | None:
        try:
            return self.question(token)
        except TokenError:
            return None

    def answer(self, token: Token) -> Answer:
        """The value of a token. Raises ``TokenError`` when it names a figure, unit, row or period that there is not."""
        question = self.question(token)
        code = question.figure.code
        sheet = self.sheet(
            code,
            by=question.by,
            within=dict(question.within),
            period=question.period,
            organisation=question.organisation,
        )
        if question.by is None:
            whole = self.sheet(code, period=question.period)[code] if question.within and token.form == "占比" else None
            return Answer(question, sheet[code], whole)
        found = next((row[code] for row in sheet.rows if row.key == question.key), None)
        return Answer(question, found or _of_nothing(sheet[code]), sheet[code])

    def unconfirmed(self, answer: Answer) -> str:
        """“【待确认：…】” where a zero still has to be said by somebody: of a ledger whose empty months are reported (零报告)."""
        question, value = answer.question, answer.value
        figure = question.figure
        if value.number != 0 or value.given or not isinstance(figure, Counted) or not figure.source.zero_confirmed:
            return ""
        unit = self._row_unit(question)
        place = figure.source.code, unit.pk, question.period
        if place not in self._zeros:
            self._zeros[place] = confirmed_zero(figure.source, unit, question.period).gap
        return self._zeros[place]

    def _row_unit(self, question: Question) -> Organisation:
        """Who has to confirm: the unit of the row, or everybody in the area."""
        if question.by == "unit" and question.key.isdecimal():
            return self.area.counted.children.get(pk=int(question.key))  # type: ignore[attr-defined]
        return question.organisation

    # -- what a token means here --

    def question(self, token: Token) -> Question:
        figure = figure_of(token)
        period = period_of(token.period, self.period)
        if not token.place:
            return Question(figure, self.area, period)
        if ":" in token.place or "：" in token.place:
            return self._row_question(figure, period, token.place.replace("：", ":"))
        unit = self._unit(token.place)
        if unit.parent_id == self.area.counted.pk and _by_unit(figure, unit, period):
            # Units right below the area are asked together, and only by readers of the whole area.
            return Question(figure, self.area, period, "unit", str(unit.pk), str(unit))
        return Question(figure, unit, period, label=str(unit))

    def _row_question(self, figure: Figure, period: Period, place: str) -> Question:
        name, _, row = (part.strip() for part in place.partition(":"))
        dimension = _dimension(figure, name)
        key = self._row_key(figure, dimension, row)
        label = self._rows_of(figure, dimension)[key]
        if dimension.overlap:
            return Question(figure, self.area, period, label=label, within=((dimension.code, key),))
        return Question(figure, self.area, period, dimension.code, key, label)

    def _rows_of(self, figure: Figure, dimension: Dimension) -> dict[str, str]:
        # An entered figure has no ledger: its rows are those of a ledger that is broken down in the same way.
        ledgers = sources_of(figure) or vocabulary.sources()
        source = next(one for one in ledgers if one.dimension(dimension.code))
        place = source.code, dimension.code
        if place not in self._rows:
            self._rows[place] = rows_of(source, dimension, self.area, self.period)
        return self._rows[place]

    def _row_key(self, figure: Figure, dimension: Dimension, row: str) -> str:
        rows = self._rows_of(figure, dimension)
        named = [key for key, label in rows.items() if label == row]
        if len(named) > 1:
            raise TokenError(f"“{dimension.label}”中有多个“{row}”，请从“插入数字”中选取。")
        if not named and row not in rows:
            raise TokenError(f"“{dimension.label}”中没有“{row}”，请从“插入数字”中选取。")
        return named[0] if named else row

    def row(self, code: str, dimension: str, key: str) -> str:
        """“industry:建筑施工”, the place field of a token for a row: by its name, or by its key where names are not unique."""
        figure = vocabulary.get(code)
        rows = self._rows_of(figure, _dimension(figure, dimension))
        label = rows.get(key, key)
        unique = list(rows.values()).count(label) == 1 and not set("|[]:：｜") & set(label)
        return f"{dimension}:{label if unique else key}"

    def _unit(self, code: str) -> Organisation:
        if code not in self._units:
            try:
                self._units[code] = Organisation.objects.select_related("parent").by_code(code)
            except Organisation.DoesNotExist:
                self._units[code] = None
        unit = self._units[code]
        if unit is None:
            raise TokenError(f"没有区划代码为“{code}”的单位。")
        home = self.area.counted
        # A paper tells of its own area; of the area above it the totals, which whoever works inside may know.
        if not (unit.path.startswith(home.path) or home.path.startswith(unit.path)):
            raise TokenError(f"“{unit}”不在本文书的统计区域内。")
        return unit


def figure_of(token: Token) -> Figure:
    """The figure that answers a token: a change form asked of a figure itself means its change against the year before."""
    figure = figure_named(token.code)
    if token.form not in CHANGE_FORMS or isinstance(figure, ChangeFigure):
        return figure
    try:
        return vocabulary.get(f"{figure.code}.yoy")
    except KeyError:
        raise TokenError(f"“{figure.name}”没有同比指标，不能写“{token.form}”。") from None


def sources_of(figure: Figure) -> list[Source]:
    """The ledgers behind a figure, each once; none for figures that are only entered."""
    if isinstance(figure, Counted):
        return [figure.source]
    if isinstance(figure, RatioFigure):
        parts = [figure.numerator, figure.denominator]
    else:
        parts = [figure.base] if isinstance(figure, ChangeFigure) else list(getattr(figure, "bases", ()))
    found = {source.code: source for code in parts for source in sources_of(vocabulary.get(code))}
    return list(found.values())


def _dimension(figure: Figure, name: str) -> Dimension:
    offered = list(getattr(figure, "dimensions", ())) or [
        one for source in sources_of(figure) for one in source.dimensions
    ]
    dimension = next((one for one in offered if name in (one.code, one.label)), None)
    if dimension is None or not vocabulary.has_dimension(figure, dimension.code):
        raise TokenError(f"“{figure.name}”不能按“{name}”分组。")
    return dimension


def _by_unit(figure: Figure, unit: Organisation, period: Period) -> bool:
    return vocabulary.has_dimension(figure, "unit") and unit.exists_on(period.end)


def _of_nothing(total: Value) -> Value:
    """The value of a row that has no records: as unknown as the total, zero where things are counted, else nothing over nothing."""
    if total.missing or not isinstance(total.figure, Counted):
        return dataclasses.replace(total, number=None, parts=None)
    return dataclasses.replace(total, number=0, parts=None, note="")
