"""Tables and charts that stand after the signature as 附件."""

from __future__ import annotations

from emergency.core import charts, papers
from emergency.core.periods import Period
from emergency.figures.queries import Row, Sheet, evaluate_over, link
from emergency.figures.vocabulary import get
from reports.sections.writing import Brief, cell

TOWN_CODES = (
    "enterprises.registered",
    "inspections.visits",
    "inspections.enterprises",
    "inspections.coverage",
    "hazards.found",
    "hazards.rectified",
    "hazards.rate",
    "hazards.unrectified_overdue",
    "hazards.major_found",
    "hazards.major_rectified",
)
TOWN_COLUMNS = (
    papers.Column("单位", 4, "left"),
    papers.Column("监管\n对象", 3),
    papers.Column("家次", 3, group="检查"),
    papers.Column("家数", 3, group="检查"),
    papers.Column("覆盖率\n（%）", 3, group="检查"),
    papers.Column("排查\n（条）", 3, group="隐患"),
    papers.Column("整改\n（条）", 3, group="隐患"),
    papers.Column("整改率\n（%）", 3, group="隐患"),
    papers.Column("逾期\n未改", 3, group="隐患"),
    papers.Column("排查", 2, group="重大隐患"),
    papers.Column("销号", 2, group="重大隐患"),
    papers.Column("整改率\n位次", 3, "center"),
)


def ranks(sheet: Sheet, code: str) -> dict[str, int]:
    """Place of each unit by a rate, highest first, equals sharing a place; 区本级, 未填 and units without a rate have none."""
    rated = {
        row.key: row[code].number
        for row in sheet.rows
        if row.key not in ("own", "none") and row[code].number is not None
    }
    return {key: 1 + sum(other > rate for other in rated.values()) for key, rate in rated.items()}  # type: ignore[operator]


def is_blank(row: Row) -> bool:
    """Whether a row has nothing in it; 未填 is only printed when somebody has something to mend."""
    return not any(value.number for value in row.values.values())


def by_town(brief: Brief) -> papers.Table:
    """T2: inspections and hazards by town, with the rank by rate."""
    sheet = brief.sheet(*TOWN_CODES, by="unit")
    places = ranks(sheet, "hazards.rate")
    rows = [
        papers.Row(
            (
                # Records without 属地 must be mended before the paper is issued.
                papers.Missing("【待补：属地】") if row.key == "none" else row.label,
                *(cell(row[code], sheet, row.key) for code in TOWN_CODES),
                str(places[row.key]) if row.key in places else "—",
            ),
            total=row.key == "own",
        )
        for row in sheet.rows
        if row.key != "none" or not is_blank(row)
    ]
    total = papers.Row(("合计", *(cell(sheet[code], sheet) for code in TOWN_CODES), "—"), total=True)
    notes = (
        [f"家数为不同监管对象数，{sheet['inspections.enterprises'].note}。"]
        if sheet["inspections.enterprises"].note
        else []
    )
    return papers.Table(
        columns=TOWN_COLUMNS,
        rows=(*rows, total),
        notes=tuple(notes),
    )


def by_month(brief: Brief) -> papers.Chart:
    """Found and closed month by month, with the rate since the period began; beside it the table."""
    codes = ("hazards.found", "hazards.closed")
    points: list[charts.Point] = []
    rates: list[charts.Point] = []
    rows: list[papers.Row] = []
    months = brief.period.months()
    so_far = [Period(brief.period.start, month.end) for month in months]
    monthly = evaluate_over(codes, organisation=brief.area, periods=months)
    cumulative = evaluate_over(("hazards.rate",), organisation=brief.area, periods=so_far)
    for month, sheet, running in zip(months, monthly, cumulative, strict=True):
        label = f"{month.start.month}月"
        for code in codes:
            figure = get(code)
            points.append(
                charts.Point(
                    label, sheet[code].number, figure.name, link(figure, organisation=brief.area, period=month)
                )
            )
        rates.append(charts.Point(label, running["hazards.rate"].number, "累计整改率"))
        rows.append(
            papers.Row((label, *(cell(sheet[code], sheet) for code in codes), cell(running["hazards.rate"], running)))
        )
    table = papers.Table(
        columns=(
            papers.Column("月份", 2, "center"),
            papers.Column("排查隐患（条）", 3),
            papers.Column("期内销号（条）", 3),
            papers.Column("累计整改率（%）", 3),
        ),
        rows=tuple(rows),
        notes=("累计整改率：自起始月累计排查的隐患中，至当月末已销号的比例。",),
    )
    drawing = charts.month_bars(points, title=f"{brief.area}各月隐患排查和销号", unit="条", rate=rates)
    return papers.Chart(drawing, table=table)
