"""Hazards month by month, by industry, and the major ones one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from emergency.core import charts, papers
from emergency.core.periods import Period
from emergency.figures.queries import evaluate_over, link, records
from emergency.figures.vocabulary import get, percent, plain
from hazards.models import Hazard
from reports.sections.writing import Brief, cell

FIVE = (("duty", "责任"), ("steps", "措施"), ("funds", "资金"), ("time_limit", "时限"), ("contingency", "预案"))
MAJOR = "hazards.major_found"


def by_month(brief: Brief) -> papers.Chart | None:
    """Found and closed month by month, with the rate since the period began; beside it the table. None before the ledger began."""
    codes = ("hazards.found", "hazards.closed")
    cells = (*codes, "hazards.open")
    total = brief.sheet(*cells, "hazards.rate")
    if total["hazards.found"].missing:
        return None
    points: list[charts.Point] = []
    rates: list[charts.Point] = []
    rows: list[papers.Row] = []
    months = brief.period.months()
    so_far = [Period(brief.period.start, month.end) for month in months]
    monthly = evaluate_over(cells, organisation=brief.area, periods=months)
    cumulative = evaluate_over(("hazards.rate",), organisation=brief.area, periods=so_far)
    for month, sheet, running in zip(months, monthly, cumulative, strict=True):
        label = f"{month.start.month}月"
        for code in codes:
            figure = get(code)
            address = link(figure, organisation=brief.area, period=month)
            points.append(charts.Point(label, sheet[code].number, figure.name, address))
        rates.append(charts.Point(label, running["hazards.rate"].number, "累计整改率"))
        rows.append(
            papers.Row((label, *(cell(sheet[code], sheet) for code in cells), cell(running["hazards.rate"], running)))
        )
    table = papers.Table(
        columns=(
            papers.Column("月份", 2, "center"),
            papers.Column("排查隐患（条）", 3),
            papers.Column("期内销号（条）", 3),
            papers.Column("期末未销号（条）", 3),
            papers.Column("累计整改率（%）", 3),
        ),
        rows=(
            *rows,
            papers.Row(("合计", *(cell(total[code], total) for code in (*cells, "hazards.rate"))), total=True),
        ),
        notes=("累计整改率：自起始月累计排查的隐患中，至当月末已销号的比例。",),
    )
    drawing = charts.month_bars(points, title=f"{brief.area}各月隐患排查和销号", unit="条", rate=rates)
    return papers.Chart(drawing, caption="各月隐患排查和销号", table=table)


def by_industry(brief: Brief) -> papers.Chart | None:
    """Where the hazards were, the most first; None where fewer than two industries are named."""
    codes = ("hazards.found", "hazards.rectified", "hazards.rate")
    sheet = brief.sheet(*codes, by="industry")
    found = [row for row in sheet.rows if row["hazards.found"].number]
    found.sort(key=lambda row: (row.key == "none", -(row["hazards.found"].number or 0), row.label))
    named = [row for row in found if row.key != "none"]
    if len(named) < 2:
        return None
    figure = get("hazards.found")
    points = [
        charts.Point(
            row.label,
            row["hazards.found"].number,
            href=link(figure, organisation=brief.area, period=brief.period, within={"industry": row.key}),
        )
        for row in named
    ]
    shares = {row.key: percent(row["hazards.found"].number or 0, sheet.number("hazards.found")) for row in found}
    rows = [
        papers.Row(
            (
                "未填行业" if row.key == "none" else row.label,
                *(cell(row[code], sheet, row.key) for code in codes),
                plain(shares[row.key], 1),
            )
        )
        for row in found
    ]
    table = papers.Table(
        columns=(
            papers.Column("行业领域", 5, "left"),
            papers.Column("排查隐患（条）", 3),
            papers.Column("整改到位（条）", 3),
            papers.Column("整改率（%）", 3),
            papers.Column("占比（%）", 2),
        ),
        rows=(*rows, papers.Row(("合计", *(cell(sheet[code], sheet) for code in codes), "100"), total=True)),
        notes=rounding(shares.values()),
    )
    drawing = charts.bars(points, title=f"{brief.area}各行业领域排查隐患", unit="条")
    return papers.Chart(drawing, caption="各行业领域排查隐患", table=table)


def rounding(shares: Iterable[Decimal | None]) -> tuple[str, ...]:
    """Said where the printed percentages do not add up to 100."""
    whole = sum((share or Decimal(0) for share in shares), Decimal(0))
    return () if whole == 100 else ("占比相加不等于100%，因四舍五入。",)


def majors(brief: Brief) -> papers.Table | None:
    """T5: every major hazard of the period as it stood on the last day; None where there was none."""
    found = list(
        records(get(MAJOR), organisation=brief.area, period=brief.period)
        .select_related("area", "street")
        .order_by("found_on", "pk")
    )
    if not found:
        return None
    sheet = brief.sheet(MAJOR)
    rows = [major_row(place, one, brief.period) for place, one in enumerate(found, start=1)]
    # Numbered one by one they need no total; rows that stand for several do.
    total = [papers.Row(("", "合计", cell(sheet[MAJOR], sheet), *[""] * 6), total=True)]
    itemised = all(one.quantity == 1 for one in found)
    return papers.Table(
        columns=(
            papers.Column("序号", 2, "center"),
            papers.Column("属地", 5, "left"),
            papers.Column("受检单位或地点", 7, "left"),
            papers.Column("隐患", 11, "left"),
            papers.Column("发现日期", 5, "center"),
            papers.Column("整改期限", 5, "center"),
            papers.Column("状态", 5, "center"),
            papers.Column("销号日期", 5, "center"),
            papers.Column("五落实", 5, "left"),
        ),
        rows=(*rows, *([] if itemised else total)),
        notes=(f"截至{brief.period.end.year}年{day(brief.period.end)}。五落实为责任、措施、资金、时限、预案。",),
    )


def major_row(place: int, one: Hazard, period: Period) -> papers.Row:
    subject = one.subject_name or "—"
    closed = one.closed_on if one.closed_on and one.closed_on <= period.end else None
    return papers.Row(
        (
            str(place),
            str(one.street or one.area or "—"),
            subject if one.quantity == 1 else f"{subject}（{one.quantity}条）",
            one.description,
            *(day(date, period.end.year) if date else "—" for date in (one.found_on, one.due_on)),
            state(one, period.end),
            day(closed, period.end.year) if closed else "—",
            five(one),
        )
    )


def state(one: Hazard, on: dt.date) -> str:
    """How it stood on a day: as the figures of that day count it."""
    if one.closed_on and one.closed_on <= on:
        return "已销号"
    if one.rectified_on and one.rectified_on <= on:
        return "待复查"
    return "逾期未改" if one.due_on and one.due_on < on else "正在整改"


def five(one: Hazard) -> str:
    lacking = [word for name, word in FIVE if not getattr(one, name)]
    if not lacking:
        return "均已落实"
    return "未登记" if len(lacking) == len(FIVE) else f"缺{'、'.join(lacking)}"


def day(date: dt.date, year: int | None = None) -> str:
    """“3月5日”, with its year where that is not the one meant (by default its own)."""
    return f"{'' if date.year == (year or date.year) else f'{date.year}年'}{date.month}月{date.day}日"
