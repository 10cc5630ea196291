"""The papers of the report desk, composed of sections."""

from __future__ import annotations

import datetime as dt

from emergency.core import clock, papers
from emergency.core.periods import Period
from emergency.organizations.models import Kind, Organisation
from reports import queries
from reports.models import Report
from reports.sections import tables
from reports.sections.writing import Brief


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
    *,
    area: Organisation,
    issuer: Organisation,
    period: Period,
    edition: papers.Edition,
    on: dt.date | None = None,
    report: Report | None = None,
) -> papers.Document:
    """工作总结 over any period: the text of a ``report`` with what officers wrote, or without one as the sections draft it.

    The same figures in both editions; 核对版 links each number and ends with the table of sources.
    """
    brief = Brief(area, issuer, period)
    lines = queries.lines_of(report, brief) if report is not None else queries.lines_drafted(brief)
    title = title_of(issuer, period)
    label = period.label(with_year=True)
    chart = tables.by_month(brief)
    return papers.Document(
        title_lines=title,
        blocks=tuple(queries.body(queries.written(lines, brief))),
        meta=papers.Meta(title="".join(title), unit=issuer.name, period=label, created=clock.now()),
        edition=edition,
        signature=issuer.name,
        dated=on or clock.today(),
        annexes=(
            papers.Annex(f"{area}{label}检查和隐患治理情况表", (tables.by_town(brief),), landscape=True),
            papers.Annex(f"{label}各月隐患排查和销号情况", (chart,)),
        ),
    )


def compose(report: Report, edition: papers.Edition) -> papers.Document:
    """The paper of a report as its figures stand now."""
    return annual_summary(
        area=report.area or report.issuer,
        issuer=report.issuer,
        period=report.period,
        edition=edition,
        on=clock.today(),
        report=report,
    )
