"""The papers of the report desk, composed of sections."""

from __future__ import annotations

import datetime as dt

from emergency.core import clock, papers
from emergency.core.periods import Period
from emergency.organizations.models import Kind, Organisation, Tier
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
    return papers.Document(
        title_lines=title,
        blocks=tuple(queries.body(queries.written(lines, brief))),
        meta=papers.Meta(title="".join(title), unit=issuer.name, period=label, created=clock.now()),
        edition=edition,
        signature=issuer.name,
        dated=on or clock.today(),
        annexes=annexes_of(brief),
    )


def annexes_of(brief: Brief) -> tuple[papers.Annex, ...]:
    """The tables and charts of a summary, in the order of its sections. What has nothing to show is left out."""
    label = brief.period.label(with_year=True).removesuffix("全年")
    unit = "各社区（村）" if brief.area.counted.tier == Tier.STREET else "各单位"
    drawn: tuple[tuple[str, tuple[papers.Block | None, ...], bool], ...] = (
        (f"{label}生产安全事故情况表", (tables.by_classification(brief), tables.five_years(brief)), False),
        (f"{label}{unit}检查和隐患治理情况表", (tables.by_town(brief),), True),
        (f"{label}各部门检查和隐患治理情况表", (tables.by_department(brief),), False),
        (f"{label}重大隐患清单", (tables.majors(brief),), True),
        (
            f"{label}隐患排查治理图表",
            (tables.by_month(brief), tables.rates_by_unit(brief), tables.by_industry(brief)),
            False,
        ),
    )
    found = []
    for title, blocks, landscape in drawn:
        if standing := tuple(block for block in blocks if block is not None):
            found.append(papers.Annex(title, standing, landscape=landscape))
    return tuple(found)


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
