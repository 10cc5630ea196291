"""Inspections, hazards and penalties by town and by department, and the rates of the towns side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal

from emergency.core import charts, papers
from emergency.figures.queries import Row, Sheet, Value, link
from emergency.figures.vocabulary import get, plain
from reports.sections.writing import Brief, cell, number

OWN, NONE = "own", "none"
#: Units with fewer rows than this are not set side by side.
FEWEST = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One column of figures; sums of money are printed in 万元."""

    code: str
    column: papers.Column
    money: bool = False


REGISTERED = Field("enterprises.registered", papers.Column("监管\n对象", 3))
CHECKED = (
    Field("inspections.visits", papers.Column("家次", 3, group="检查")),
    Field("inspections.enterprises", papers.Column("家数", 3, group="检查")),
    Field("inspections.coverage", papers.Column("覆盖率\n（%）", 3, group="检查")),
)
FOUND = (
    Field("hazards.found", papers.Column("排查\n（条）", 3, group="隐患")),
    Field("hazards.rectified", papers.Column("整改\n（条）", 3, group="隐患")),
    Field("hazards.rate", papers.Column("整改率\n（%）", 3, group="隐患")),
    Field("hazards.unrectified_overdue", papers.Column("逾期\n未改", 3, group="隐患")),
)
MAJOR = (
    Field("hazards.major_found", papers.Column("排查", 2, group="重大隐患")),
    Field("hazards.major_rectified", papers.Column("销号", 2, group="重大隐患")),
)
PUNISHED = (
    Field("measures.suspended", papers.Column("停产\n（家）", 3, group="执法处置")),
    Field("measures.fines", papers.Column("罚款\n（万元）", 4, group="执法处置"), money=True),
)
PLACE = papers.Column("整改率\n位次", 3, "center")


def by_town(brief: Brief) -> papers.Table | None:
    """T2: inspections, hazards and penalties by unit, with the place by rate."""
    fields = fields_of(brief, (REGISTERED, *CHECKED, *FOUND, *MAJOR, *PUNISHED))
    sheet = brief.sheet(*(field.code for field in fields), by="unit")
    shown = [row for row in sheet.rows if row.key != NONE or not is_blank(row)]
    if len(shown) < FEWEST or nothing_known(sheet):
        return None
    places = ranks(sheet, "hazards.rate")
    rows = [
        papers.Row(
            (
                # Records without 属地 must be mended before the paper is issued.
                papers.Missing("【待补：属地】") if row.key == NONE else row.label,
                *(figure_cell(field, row[field.code], sheet, row.key) for field in fields),
                str(places[row.key]) if row.key in places else "—",
            ),
            total=row.key == OWN,
        )
        for row in shown
    ]
    total = papers.Row(("合计", *(figure_cell(field, sheet[field.code], sheet) for field in fields), "—"), total=True)
    columns = (papers.Column("单位", 4, "left"), *(field.column for field in fields), PLACE)
    return papers.Table(columns=columns, rows=(*rows, total), notes=notes(fields, sheet, shown))


def by_department(brief: Brief) -> papers.Table | None:
    """T3: the same by 行业主管部门, for those that have something to show; None where nothing names a department."""
    fields = fields_of(brief, (REGISTERED, *CHECKED[:2], *FOUND, *MAJOR, *PUNISHED))
    sheet = brief.sheet(*(field.code for field in fields), by="department")
    shown = sorted((row for row in sheet.rows if not is_blank(row)), key=lambda row: row.key == NONE)
    if nothing_known(sheet) or all(row.key == NONE for row in shown):
        return None
    rows = [
        papers.Row(
            (
                "未明确部门" if row.key == NONE else row.label,
                *(figure_cell(field, row[field.code], sheet, row.key) for field in fields),
            )
        )
        for row in shown
    ]
    total = papers.Row(("合计", *(figure_cell(field, sheet[field.code], sheet) for field in fields)), total=True)
    columns = (papers.Column("行业主管部门", 7, "left"), *(field.column for field in fields))
    return papers.Table(columns=columns, rows=(*rows, total), notes=notes(fields, sheet, shown))


def rates_by_unit(brief: Brief) -> papers.Chart | None:
    """The rate of each unit, highest first; the table beside it adds up to the whole."""
    codes = ("hazards.found", "hazards.rectified", "hazards.rate")
    sheet = brief.sheet(*codes, by="unit")
    places = ranks(sheet, "hazards.rate")
    if len(places) < FEWEST:
        return None
    order = sorted(
        (row for row in sheet.rows if row.key in places or not is_blank(row)),
        key=lambda row: places.get(row.key, len(places) + 1),
    )
    points = [
        charts.Point(
            row.label,
            row["hazards.rate"].number,
            href=link(get("hazards.rectified"), organisation=brief.area, period=brief.period, within={"unit": row.key}),
        )
        for row in order
        if row.key in places
    ]
    rows = [
        papers.Row(
            (
                str(places.get(row.key, "—")),
                papers.Missing("【待补：属地】") if row.key == NONE else row.label,
                *(cell(row[code], sheet, row.key) for code in codes),
            ),
            total=row.key == OWN,
        )
        for row in order
    ]
    total = papers.Row(("—", "合计", *(cell(sheet[code], sheet) for code in codes)), total=True)
    table = papers.Table(
        columns=(
            papers.Column("位次", 2, "center"),
            papers.Column("单位", 5, "left"),
            papers.Column("排查隐患（条）", 3),
            papers.Column("整改到位（条）", 3),
            papers.Column("整改率（%）", 3),
        ),
        rows=(*rows, total),
    )
    drawing = charts.bars(points, title=f"{brief.area}各单位隐患整改率", unit="%")
    return papers.Chart(drawing, caption="各单位隐患整改率", table=table)


def fields_of(brief: Brief, fields: Iterable[Field]) -> list[Field]:
    """The columns of a paper: those of penalties are left out where that ledger was not kept, which the text says."""
    known = brief.sheet("measures.fines")["measures.fines"].known
    return [field for field in fields if known or field not in PUNISHED]


def nothing_known(sheet: Sheet) -> bool:
    """Whether neither inspections nor hazards are known: the text has the gaps, a table would only repeat them in every cell."""
    return all(sheet[code].missing for code in ("inspections.visits", "hazards.found"))


def figure_cell(field: Field, value: Value, sheet: Sheet, row_key: str | None = None) -> papers.Cell:
    if not field.money or value.missing or value.number is None:
        return cell(value, sheet, row_key)
    within = {str(sheet.by): row_key} if row_key is not None and sheet.by else None
    return number(value, sheet, text=value.about + ten_thousands(value), within=within)


def ten_thousands(value: Value) -> str:
    """A sum in 万元, two decimals at most."""
    return plain(Decimal(value.number or 0) / 10_000, 2)


def notes(fields: Iterable[Field], sheet: Sheet, rows: Iterable[Row]) -> tuple[str, ...]:
    """What a reader must know to check the sums."""
    found = []
    words = {"inspections.enterprises": "检查家数为不同监管对象数", "measures.suspended": "停产整顿家数为不同当事人数"}
    for field in fields:
        note = sheet[field.code].note
        if field.code in words and note:
            found.append(f"{words[field.code]}，{note}。")
        if field.money:
            parts = sum((Decimal(ten_thousands(row[field.code])) for row in rows), Decimal(0))
            if parts != Decimal(ten_thousands(sheet[field.code])):
                found.append("罚款各行相加与合计略有出入，因四舍五入。")
    return tuple(found)


def ranks(sheet: Sheet, code: str) -> dict[str, int]:
    """Place of each unit by a rate, highest first, equals sharing a place; 区本级, 未填 and units without a rate have none."""
    rated = {
        row.key: row[code].number for row in sheet.rows if row.key not in (OWN, NONE) and row[code].number is not None
    }
    return {key: 1 + sum(other > rate for other in rated.values()) for key, rate in rated.items()}  # type: ignore[operator]


def is_blank(row: Row) -> bool:
    """Whether a row has nothing in it; 未填 is only printed when somebody has something to mend."""
    return not any(value.number for value in row.values.values())
