"""The papers of the report desk, composed of sections."""

from __future__ import annotations

import datetime as dt

from emergency.core import clock, papers
from emergency.core.periods import Period
from emergency.organizations.models import Kind, Organisation
from reports.models import Report
from reports.sections import rectification, supervision, tables
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
    *, area: Organisation, issuer: Organisation, period: Period, edition: papers.Edition, on: dt.date | None = None
) -> papers.Document:
    """工作总结 over any period, with the sections that the ledgers kept so far can fill.

    The same figures in both editions; 核对版 links each number and ends with the table of sources.
    """
    brief = Brief(area, issuer, period)
    title = title_of(issuer, period)
    opening = f"{period.start.year}年以来" if _so_far(period) else period.label(with_year=True).replace("全年", "")
    label = period.label(with_year=True)
    blocks: tuple[papers.Block, ...] = (
        papers.Paragraph(
            (
                papers.Text(
                    f"{opening}，{issuer.name}坚持人民至上、生命至上，统筹发展和安全，扎实开展检查执法、"
                    f"专项整治和隐患排查治理。现将有关工作情况总结如下。"
                ),
            )
        ),
        papers.Heading(1, "主要工作开展情况"),
        papers.Heading(2, supervision.TITLE),
        *supervision.blocks(brief),
        papers.Heading(2, rectification.TITLE),
        *rectification.blocks(brief),
    )
    chart = tables.by_month(brief)
    return papers.Document(
        title_lines=title,
        blocks=blocks,
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
    )
