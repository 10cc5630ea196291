"""A small ledger of visits, and the workbooks that the ledger tests read."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from emergency.core import ledger as excel
from emergency.core.ledger import CellError, Column, ImportContext, Ledger, Row

UNITS = {"南塘镇": "南塘镇人民政府", "江口镇": "江口镇人民政府", "江口社区": None}


def unit(name: str, context: ImportContext) -> str:
    """A stand-in for the organisations' own resolver: known, ambiguous or unknown."""
    if name not in UNITS:
        raise CellError(f"没有“{name}”这个单位")
    full = UNITS[name]
    if full is None:
        raise CellError(f"“{name}”不止一个，请写明：江口镇/江口社区、梅林镇/江口社区")
    return full


class Visits(Ledger):
    """Visits, with one column of every kind. `kept` is what `save` was given."""

    kind = "sample_visits"
    label = "检查台账"
    columns = (
        Column("检查编号", "number", excel.CODE, example="360704-001"),
        Column("检查日期", "on", excel.DATE, required=True, synonyms=("排查日期", "检查时间")),
        Column("实施单位", "unit", excel.UNIT, required=True, synonyms=("填报单位",), resolve=unit),
        Column("受检单位", "subject", required=True, synonyms=("企业名称", "单位名称")),
        Column("家次", "visits", excel.INTEGER, minimum=0),
        Column("存在问题", "problem", synonyms=("问题隐患",)),
        Column("经济处罚", "fine", excel.MONEY, unit="元"),
        Column("占地面积", "area", excel.AREA),
        Column("整改率(%)", "rate", excel.DECIMAL, unit="%"),
        Column("是否整改", "fixed", excel.BOOLEAN),
        Column(
            "隐患等级",
            "grade",
            excel.CHOICE,
            choices=(("general", "一般"), ("major", "重大")),
            aliases={"一般隐患": "general"},
        ),
        Column("检查人员", "people", excel.PEOPLE),
        Column("整改措施", "steps", excel.LINES),
        Column("开始时间", "started", excel.DATETIME),
        Column("联系电话", "phone", excel.CODE, personal=True),
    )
    unique_keys = ("number",)
    duplicate_keys = ("unit", "on", "subject", "problem")

    def __init__(self) -> None:
        self.kept: list[Row] = []

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        for row in rows:
            if row["number"] == "已有号":
                row.fault("number", "这个编号已经用过，请改正")

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        self.kept.extend(rows)
        return {"新增": len(rows)}


class Book:
    """Builds an .xlsx in memory; rows of plain values, dates formatted as dates."""

    def __init__(self) -> None:
        self._target = io.BytesIO()
        self.file = xlsxwriter.Workbook(self._target)
        self._day = self.file.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self.file.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def sheet(self, name: str, rows: Sequence[Sequence[Any]]) -> Any:
        page = self.file.add_worksheet(name)
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    page.write_datetime(line, place, value, self._moment)
                elif isinstance(value, dt.date):
                    page.write_datetime(line, place, value, self._day)
                elif isinstance(value, str) and value:
                    page.write_string(line, place, value)
                else:
                    page.write(line, place, value)
        return page

    def done(self) -> bytes:
        self.file.close()
        return self._target.getvalue()


def workbook(rows: Sequence[Sequence[Any]], name: str = "台账") -> bytes:
    """An .xlsx of one sheet."""
    book = Book()
    book.sheet(name, rows)
    return book.done()


HEAD = ("检查日期", "实施单位", "受检单位")


def line(*more: Any, on: Any = "2021-3-5", unit: Any = "南塘镇", subject: Any = "甲厂") -> list[Any]:
    """A row under `HEAD` that is right, with further cells."""
    return [on, unit, subject, *more]
