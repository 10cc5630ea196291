"""The papers of the report desk, composed of sections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from emergency.core import clock, papers
from emergency.core.periods import Period
from emergency.organizations.models import Kind, Organisation
from reports.models import Report
from reports.sections import outlines, tables
from reports.sections.writing import Brief, paragraph


def issuer_of(area: Organisation) -> Organisation:
    """Who signs a paper about an area: its emergency-management bureau, or the area's own office."""
    return area.children.filter(kind=Kind.BUREAU, valid_to=None).order_by("pk").first() or area


def title_of(issuer: Organisation, period: Period) -> tuple[str, ...]:
    """The title of a summary, line by line."""
    label = period.label(with_year=True)
    if _so_far(period):
        return (issuer.name, f"{period.start.year}年应急管理工作总结", f"（{period.label()}）")
    return (issuer.name, f"{label.removesuffix('全年')}应急管理工作总结")


def _so_far(period: Period) -> bool:
    """Whether a period runs from New Year to some day within a month."""
    return period.label().startswith("截至")


def annual_summary(
    *, area: Organisation, issuer: Organisation, period: Period, edition: papers.Edition, on: dt.date | None = None
) -> papers.Document:
    """工作总结 over any period, with the sections that the ledgers kept so far can fill.

    The same figures in both editions; 核对版 links each number and ends with the table of sources.
    """
    brief = Brief(area, issuer, period)
    title = title_of(issuer, period)
    label = period.label(with_year=True)
    chart = tables.by_month(brief)
    return papers.Document(
        title_lines=title,
        blocks=tuple(drafted(brief)),
        meta=papers.Meta(title="".join(title), unit=issuer.name, period=label, created=clock.now()),
        edition=edition,
        signature=issuer.name,
        dated=on or clock.today(),
        annexes=(
            papers.Annex(f"{area}{label}检查和隐患治理情况表", (tables.by_town(brief),), landscape=True),
            papers.Annex(f"{label}各月隐患排查和销号情况", (chart,)),
        ),
    )


def drafted(brief: Brief) -> list[papers.Block]:
    """The body as the portal writes it, section by section."""
    sections = [(section, section.drafts(brief)) for section in outlines.ANNUAL]
    brief.prepare(draft.text for _, drafts in sections for draft in drafts)
    result: list[papers.Block] = []
    for place, (section, drafts) in enumerate(sections):
        if section.level and has_words(place, sections):
            result.append(papers.Heading(section.level, section.title))
        result += [paragraph(draft, brief) for draft in drafts]
    return result


def has_words(place: int, sections: Sequence[tuple[outlines.Section, Sequence[Any]]]) -> bool:
    """Whether a section, or one that stands under its heading, has a paragraph."""
    section, own = sections[place]
    for below, drafts in sections[place + 1 :]:
        if below.level <= section.level or own:
            break
        own = drafts
    return bool(own)


def compose(report: Report, edition: papers.Edition) -> papers.Document:
    """The paper of a report as its figures stand now."""
    return annual_summary(
        area=report.area or report.issuer,
        issuer=report.issuer,
        period=report.period,
        edition=edition,
        on=clock.today(),
    )
