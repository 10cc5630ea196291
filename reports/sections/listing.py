"""Enumerations: “督办函31份、通报5期”, of which every part is said, left out or shown as a gap by the same rule.

A part that is zero is left out. One that is missing shows its gap only where the district uses the figure at all (its ledger was
begun, or somebody entered a value once), and of several parts from one ledger only the first does: the ledger has to be completed
once, not part by part.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from emergency.figures import vocabulary
from emergency.figures.queries import LedgerStarts, Sheet
from emergency.figures.vocabulary import Figure
from emergency.organizations.models import Tier
from reports.sections.writing import Brief, token
from reports.sections.writing.brief import sources_of


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One part: said as ``before``, the number in its ``form``, ``after``, when the figure is above zero."""

    code: str
    before: str = ""
    after: str = ""
    form: str = ""
    place: str = ""

    @property
    def text(self) -> str:
        return f"{self.before}{token(self.code, self.place, form=self.form)}{self.after}"


def is_used(brief: Brief, figure: Figure) -> bool:
    """Whether a district keeps what a figure counts: its ledger was begun, or a value was entered for some period.

    What was entered for a district says nothing of the papers of its towns.
    """
    starts = LedgerStarts.of(brief.area)
    entered = figure.code in starts.given and brief.area.counted.tier in (Tier.CITY, Tier.DISTRICT)
    return entered or any(starts.start(source) for source in sources_of(figure))


def said(brief: Brief, parts: Iterable[Part], *, quiet: bool = False) -> list[str]:
    """The words of the parts that stand in the paper, in their order. A figure that a site does not have is passed over.

    ``quiet`` shows no gap: where the same ledger's gap stands in the sentence before, or in the section that the ledger belongs to.
    """
    present = [(part, figure) for part in parts if (figure := known(part.code)) is not None]
    if not present:
        return []
    sheet = brief.sheet(*dict.fromkeys(part.code for part, _ in present))
    found = []
    ledgers_open: set[str] = set()
    for part, figure in present:
        value = sheet[part.code]
        if value.missing:
            # Other offices' numbers have no ledger: those of one office share the first word of their codes.
            ledgers = {source.code for source in sources_of(figure)} or {figure.code.partition(".")[0]}
            if quiet or not is_used(brief, figure) or ledgers <= ledgers_open:
                continue
            ledgers_open |= ledgers
        elif not value.number:
            continue
        found.append(part.text)
    return found


def listed(brief: Brief, parts: Iterable[Part], *, before: str = "", after: str = "", quiet: bool = False) -> str:
    """“下发督办函31份、通报5期”: the parts joined, between words that are said only when there is one."""
    found = said(brief, parts, quiet=quiet)
    return f"{before}{'、'.join(found)}{after}" if found else ""


def sentence(clauses: Sequence[str]) -> str:
    """The clauses that say something as one sentence; "" where none does."""
    told = [clause for clause in clauses if clause]
    return f"{'，'.join(told)}。" if told else ""


def changes(brief: Brief, sheet: Sheet, code: str) -> str:
    """“，同比减少10家次、下降20%”; of one whole month first the month before: “，环比增加36条、上升7.6%”.

    A month's paper compares with the month before, so there 同比 is only said where the year before is known.
    """
    if sheet[code].missing:
        return ""
    month = brief.period.is_whole_months and brief.period.month_count == 1
    text = f"，环比{token(f'{code}.mom')}" if month else ""
    return text if month and sheet[f"{code}.yoy"].missing else f"{text}，同比{token(f'{code}.yoy')}"


def known(code: str) -> Figure | None:
    try:
        return vocabulary.get(code)
    except KeyError:
        return None
