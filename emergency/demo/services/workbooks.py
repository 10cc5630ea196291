"""The workbooks of a case, as offices make them: title rows, 序号, 合计, and dates in whatever style was at hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from emergency.demo.services.cases import Case, vocabulary
from emergency.demo.services.history import BulkRow, HazardRow, VisitRow
from emergency.demo.services.register import Subject
from hazards.models import Category

_STYLES: tuple[Callable[[dt.date], str], ...] = (
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: day.isoformat(),
    lambda day: f"{day:%Y/%m/%d}",
)
_YES = {True: "是", False: "否"}


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """One workbook: what stands above the header, and the rows by header. ``sums`` are added up in the last row."""

    title: str
    note: str
    headers: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    sums: Sequence[str] = ()


def write(table: Table, path: Path, rng: random.Random) -> Path:
    """Write a table; dates stand half of the time as real dates, else in one of the ways in which people type them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"constant_memory": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#D9E2F3"})
        plain = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
        date = book.add_format({"border": 1, "num_format": "yyyy-m-d", "valign": "vcenter"})
        headers = ["序号", *table.headers]
        sheet.merge_range(0, 0, 0, len(headers) - 1, table.title, title)
        sheet.write_string(1, 0, table.note)
        sheet.set_column(0, 0, 6)
        sheet.set_column(1, len(headers) - 1, 16)
        sheet.write_row(2, 0, headers, head)
        sheet.freeze_panes(3, 0)
        for serial, row in enumerate(table.rows, start=1):
            sheet.write_number(serial + 2, 0, serial, plain)
            for place, header in enumerate(table.headers, start=1):
                _cell(sheet, serial + 2, place, row.get(header), rng, plain, date)
        if table.sums:
            last = len(table.rows) + 3
            sheet.write_string(last, 0, "合计", head)
            for header in table.sums:
                total = sum(row.get(header) or 0 for row in table.rows)
                sheet.write_number(last, headers.index(header), total, head)
    return path


def _cell(sheet: Any, line: int, place: int, value: Any, rng: random.Random, plain: Any, date: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, plain)
    elif isinstance(value, dt.date):
        if rng.random() < 0.5:
            sheet.write_datetime(line, place, dt.datetime.combine(value, dt.time()), date)
        else:
            sheet.write_string(line, place, rng.choice(_STYLES)(value), plain)
    elif isinstance(value, bool):
        sheet.write_string(line, place, _YES[value], plain)
    elif isinstance(value, int | float):
        sheet.write_number(line, place, value, plain)
    else:
        sheet.write_string(line, place, str(value), plain)


# ------------------------------------------------------------------------------------------------ the tables


def units_table(case: Case) -> Table:
    """City, district, bureau, departments, streets and villages, each below the one it names."""
    short = case.demo["short_names"]
    rows: list[dict[str, Any]] = [
        {"单位名称": case.city_name, "类别": "政府", "区划代码": case.demo["city"]["division_code"]},
        _unit_row(case.district_name, case.city_name, "政府", case.district_code, short["district"]),
        _unit_row(case.bureau_name, case.district_name, "应急管理局", "", short["bureau"]),
    ]
    if committee := case.demo.get("committee"):
        rows.append(_unit_row(committee["name"], case.district_name, "委员会", "", committee["short_name"]))
    rows += [_unit_row(one.name, case.district_name, "部门", "", one.short_name) for one in case.departments]
    for order, unit in enumerate(case.units, start=1):
        rows.append(
            _unit_row(unit.name, case.district_name, "乡镇", unit.division_code, unit.short_name) | {"排序": order}
        )
        for place, village in enumerate(unit.villages, start=1):
            # the last three digits: 001-199 neighbourhoods, 200-399 villages (rules.md §5.3)
            tail = place if village.endswith("社区") else 200 + place
            rows.append(
                _unit_row(village, unit.name, "村" if tail > 200 else "社区", f"{unit.division_code}{tail:03d}")
            )
    headers = ("单位名称", "上级单位", "类别", "区划代码", "简称", "排序")
    return Table(f"{case.district_name}机构名录", f"填报单位：{case.bureau_name}", headers, rows)


def _unit_row(name: str, above: str, kind: str, code: str, short_name: str = "") -> dict[str, Any]:
    return {"单位名称": name, "上级单位": above, "类别": kind, "区划代码": code, "简称": short_name}


def subjects_table(case: Case, subjects: Sequence[Subject]) -> Table:
    columns: dict[str, Callable[[Subject], Any]] = {
        "单位名称": lambda one: one.name,
        "对象类别": lambda one: one.kind,
        "统一社会信用代码": lambda one: one.credit_code,
        "属地": lambda one: one.area,
        "行业": lambda one: one.industry,
        "行业主管部门": lambda one: one.department,
        "规模": lambda one: one.scale,
        "从业人数": lambda one: one.staff,
        "地址": lambda one: one.address,
        "经度": lambda one: one.longitude,
        "纬度": lambda one: one.latitude,
        "法定代表人": lambda one: one.legal_person,
        "安全负责人": lambda one: one.safety_officer,
        "联系电话": lambda one: one.phone,
        "重点监管": lambda one: one.key_supervised,
        "标准化等级": lambda one: one.standard_grade,
        "标准化定级日期": lambda one: one.standard_graded_on,
        "标准化有效期": lambda one: one.standard_expires_on,
        "建档日期": lambda one: one.registered_on,
    }
    return _table(
        f"{case.district_name}安全生产监管对象台账", f"填报单位：{case.bureau_name}", columns, subjects, ("从业人数",)
    )


def visits_table(case: Case, label: str, visits: Sequence[VisitRow]) -> Table:
    columns: dict[str, Callable[[VisitRow], Any]] = {
        "检查时间": lambda one: one.day,
        "检查单位": lambda one: one.handler,
        "检查类型": lambda one: one.kind,
        "企业名称": lambda one: one.subject.name,
        "所属乡镇": lambda one: one.subject.area,
        "检查人员": lambda one: "、".join(one.officers),
        "专项行动": lambda one: "、".join(one.campaigns),
    }
    return _table(f"{case.district_name}{label}安全生产检查台账", f"填报单位：{case.bureau_name}", columns, visits)


def bulk_table(case: Case, label: str, rows: Sequence[BulkRow]) -> Table:
    columns: dict[str, Callable[[BulkRow], Any]] = {
        "检查日期": lambda one: one.day,
        "填报单位": lambda one: one.handler,
        "属地": lambda one: one.area,
        "检查类型": lambda one: one.kind,
        "检查范围": lambda one: one.place,
        "行业": lambda one: one.industry,
        "行业主管部门": lambda one: case.department_of(one.industry) if one.industry else "",
        "家次": lambda one: f"约{one.quantity}" if one.about else one.quantity,
        "检查组(个)": lambda one: one.groups,
        "出动人次": lambda one: one.person_times,
        "文书(份)": lambda one: one.papers,
        "发现隐患": lambda one: one.found,
        "已整改": lambda one: one.found,
        "专项行动": lambda one: "、".join(one.campaigns),
    }
    sums: tuple[str, ...] = ("检查组(个)", "出动人次", "文书(份)", "发现隐患", "已整改")
    if not any(row.about for row in rows):  # an approximate number has no exact sum
        sums = ("家次", *sums)
    title = f"{case.district_name}{label}安全生产检查情况汇总表"
    return _table(title, f"填报单位：{case.bureau_name}", columns, rows, sums)


def hazards_table(case: Case, label: str, rows: Sequence[HazardRow]) -> Table:
    columns: dict[str, Callable[[HazardRow], Any]] = {
        "排查日期": lambda one: one.found_on,
        "受检单位": lambda one: one.subject.name,
        "所属乡镇": lambda one: one.subject.area,
        "检查单位": lambda one: one.handler,
        "隐患类别": lambda one: Category(one.category).label,
        "存在问题": lambda one: one.description,
        "整改时限": lambda one: one.due_on,
        "整改措施": lambda one: one.rectification if one.rectified_on else "",
        "责任人": lambda one: one.rectifier if one.rectified_on else "",
        "整改完成日期": lambda one: one.rectified_on,
        "复查日期": lambda one: one.reviewed_on,
        "复查人": lambda one: one.reviewer if one.reviewed_on else "",
        "整改资金(元)": lambda one: one.cost,
        "专项行动": lambda one: "、".join(one.campaigns),
    }
    return _table(
        f"{case.district_name}{label}安全生产隐患排查治理台账",
        f"填报单位：{case.bureau_name}",
        columns,
        [row for row in rows if row.major is None],
        ("整改资金(元)",),
    )


def majors_table(case: Case, label: str, rows: Sequence[HazardRow]) -> Table:
    """Major hazards on a sheet of their own, with standard and 五落实."""
    words = vocabulary()["five_requirements"]
    columns: dict[str, Callable[[HazardRow], Any]] = {
        "发现日期": lambda one: one.found_on,
        "受检单位": lambda one: one.subject.name,
        "属地": lambda one: one.subject.area,
        "承办单位": lambda one: one.handler,
        "隐患等级": lambda one: "重大",
        "隐患类别": lambda one: Category(one.category).label,
        "隐患描述": lambda one: one.description,
        "判定标准": lambda one: _major(one)["standard_code"],
        "标准条款": lambda one: _major(one)["standard_item"],
        "整改期限": lambda one: one.due_on,
        "责任落实": lambda one: words["duty"],
        "措施落实": lambda one: words["steps"],
        "资金落实": lambda one: words["funds"].format(wan=(one.cost or 0) // 10_000),
        "时限落实": lambda one: words["time_limit"].format(
            due=f"{one.due_on.year}年{one.due_on.month}月{one.due_on.day}日"
        ),
        "预案落实": lambda one: words["contingency"],
        "整改措施": lambda one: one.rectification if one.rectified_on else "",
        "整改责任人": lambda one: one.rectifier if one.rectified_on else "",
        "整改完成日期": lambda one: one.rectified_on,
        "复查日期": lambda one: one.reviewed_on,
        "复查人": lambda one: one.reviewer if one.reviewed_on else "",
        "整改资金(万元)": lambda one: (one.cost or 0) / 10_000,
        "是否挂牌": lambda one: True,
        "专项行动": lambda one: "、".join(one.campaigns),
    }
    majors = [row for row in rows if row.major is not None]
    return _table(f"{case.district_name}{label}重大事故隐患台账", f"填报单位：{case.bureau_name}", columns, majors)


def _major(row: HazardRow) -> Mapping[str, Any]:
    assert row.major is not None
    return row.major


def _table(
    title: str,
    note: str,
    columns: Mapping[str, Callable[[Any], Any]],
    records: Iterable[Any],
    sums: Sequence[str] = (),
) -> Table:
    rows = [{header: value(record) for header, value in columns.items()} for record in records]
    return Table(title, note, tuple(columns), rows, sums)
