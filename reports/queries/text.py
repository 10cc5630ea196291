"""The text of a paper as it stands: what officers wrote, and between it what the sections draft now."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from emergency.core import papers
from emergency.core.periods import Period
from emergency.organizations.models import Organisation
from emergency.programmes.models import Programme
from reports.models import Paragraph, Report
from reports.sections import outlines
from reports.sections.outlines import Section
from reports.sections.writing import Brief, Draft, runs, said

#: Keys of what officers add themselves.
OWN = "own-"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One paragraph or heading of the text. ``row`` is None for a draft that was never stored, ``draft`` where there is none now."""

    section: Section
    key: str
    row: Paragraph | None
    draft: Draft | None

    @property
    def name(self) -> str:
        return f"{self.section.key}-{self.key}"

    @property
    def edited(self) -> bool:
        return self.row is not None and self.row.edited

    @property
    def removed(self) -> bool:
        return self.row is not None and self.row.removed

    @property
    def own(self) -> bool:
        """Whether an officer added it; there is then no portal's text to go back to."""
        return self.key.startswith(OWN)

    @property
    def version(self) -> int:
        return self.row.version if self.row is not None else 0

    @property
    def _stored(self) -> Paragraph | None:
        return self.row if self.edited or self.draft is None else None

    @property
    def text(self) -> str:
        source = self._stored or self.draft
        return source.text if source else ""

    @property
    def lead(self) -> str:
        source = self._stored or self.draft
        return source.lead if source else ""

    @property
    def level(self) -> int:
        source = self._stored or self.draft
        return source.level if source else 0

    @property
    def typed(self) -> bool:
        """Whether somebody typed it, so that numbers without a token are to be marked."""
        return self.edited or (self.draft is not None and self.draft.typed)

    @property
    def redrafted(self) -> bool:
        """Whether the portal would now write something else than when the officer edited it."""
        return self.edited and not self.own and self.row is not None and self.row.generated != self.portal_text

    @property
    def portal_text(self) -> str:
        return self.draft.text if self.draft else ""


def brief_of(report: Report, period: Period | None = None) -> Brief:
    return Brief(report.area or report.issuer, report.issuer, period or report.period)


def lines_of(report: Report, brief: Brief) -> list[Line]:
    """Every line of a paper, removed ones too, in reading order."""
    outlines.ask(brief)
    stored: dict[str, list[Paragraph]] = {}
    for row in report.paragraphs.select_related("author").order_by("order", "pk"):
        stored.setdefault(row.section, []).append(row)
    return [
        line
        for section in outlines.ANNUAL
        for line in _merged(section, stored.get(section.key, []), section.drafts(brief))
    ]


def lines_drafted(brief: Brief) -> list[Line]:
    """The text of a paper that nobody has edited."""
    outlines.ask(brief)
    return [Line(section, one.key, None, one) for section in outlines.ANNUAL for one in section.drafts(brief)]


def _merged(section: Section, rows: Sequence[Paragraph], drafts: Sequence[Draft]) -> list[Line]:
    """Stored rows keep their order; a draft new since then stands behind the draft before it; one gone since is left out."""
    now = {draft.key: draft for draft in drafts}
    lines = [
        Line(section, row.key, row, now.get(row.key))
        for row in rows
        if row.edited or row.removed or row.key in now
    ]  # fmt: skip
    known = {line.key for line in lines}
    place = 0
    for draft in drafts:
        if draft.key in known:
            place = next(index for index, line in enumerate(lines) if line.key == draft.key) + 1
        else:
            lines.insert(place, Line(section, draft.key, None, draft))
            place += 1
    return lines


def campaign_names(area: Organisation) -> list[str]:
    """Names of campaigns: numerals in them count nothing."""
    return list(Programme.objects.known_in(area.counted).values_list("name", flat=True))


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A line with the runs that it becomes."""

    line: Line
    runs: tuple[papers.Run, ...]

    @property
    def said(self) -> str:
        return self.line.lead + said(self.runs)

    @property
    def gaps(self) -> list[str]:
        return [run.text for run in self.runs if isinstance(run, papers.Missing)]

    @property
    def unlinked(self) -> list[str]:
        return [run.text for run in self.runs if isinstance(run, papers.Unlinked)]


def written(lines: Iterable[Line], brief: Brief) -> list[Written]:
    """All lines with their numbers; the ledgers are asked for all of them together."""
    lines = list(lines)
    brief.prepare(line.text for line in lines)
    names = campaign_names(brief.area) if any(line.typed for line in lines) else []
    return [Written(line, runs(line.text, brief, names=names if line.typed else None)) for line in lines]


def by_section(shown: Sequence[Written]) -> list[tuple[Section, list[Written]]]:
    """The sections that stand in the paper, each with its lines: those with something to say, or above one that has."""
    standing = [one for one in shown if not one.line.removed]
    sections = [
        (section, [one for one in standing if one.line.section.key == section.key]) for section in outlines.ANNUAL
    ]
    return [sections[place] for place in range(len(sections)) if _has_words(place, sections)]


def body(shown: Sequence[Written]) -> list[papers.Block]:
    """The blocks of a paper: headings of the sections that have something to say, and what stands under them."""
    result: list[papers.Block] = []
    for section, own in by_section(shown):
        if section.level:
            result.append(papers.Heading(section.level, section.title))
        result += [block(one) for one in own]
    return result


def block(one: Written) -> papers.Block:
    if one.line.level:
        return papers.Heading(one.line.level, said(one.runs))
    return papers.Paragraph(one.runs, lead=one.line.lead)


def _has_words(place: int, sections: Sequence[tuple[Section, Sequence[Written]]]) -> bool:
    """Whether a section, or one that stands under its heading, has a paragraph."""
    section, own = sections[place]
    if own:
        return True
    for below, words in sections[place + 1 :]:
        if below.level <= section.level:
            return False
        if words:
            return True
    return False
