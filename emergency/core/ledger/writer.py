"""The template of a ledger: an .xlsx to fill in, with drop-down lists and a sheet that explains each column."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from . import columns as kinds
from .columns import BOOLEAN, CHOICE, CHOICES_SHEET, HELP_SHEET, Column
from .export import WIDTH, WIDTHS
from .table import Ledger

TEMPLATE_ROWS = 5_000  # rows that carry formats and drop-down lists
_INLINE_LIST = 255  # Excel's limit for a list written into the rule itself
_WORDS = {
    kinds.TEXT: "文字",
    kinds.DATE: "日期，如 2021-3-5 或 2021年3月5日",
    kinds.DATETIME: "日期和时间，如 2021-3-5 14:30",
    kinds.INTEGER: "整数",
    kinds.DECIMAL: "数字",
    kinds.MONEY: "金额，单位见列名",
    kinds.AREA: "面积，单位见列名",
    kinds.BOOLEAN: "是或否，不填表示不清楚",
    kinds.CHOICE: "从可选项中选",
    kinds.UNIT: "单位名称或简称",
    kinds.PEOPLE: "姓名，几个人用顿号分开",
    kinds.LINES: "一行一条",
    kinds.CODE: "编号，按文本填写",
}


def template(ledger: Ledger) -> bytes:
    """An .xlsx to fill in: the header (* marks what must be filled), drop-down lists, and the sheet 填写说明."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet(ledger.label[:31])
    help_page = book.add_worksheet(HELP_SHEET)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E8EEF7"})
    must = book.add_format(
        {
            "bold": True,
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
            "bg_color": "#E8EEF7",
            "font_color": "#C00000",
        }
    )
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    formats = _cell_formats(book)
    choices: list[tuple[Column, list[str]]] = []
    for place, column in enumerate(ledger.columns):
        page.write_string(0, place, column.header + ("*" if column.required else ""), must if column.required else bold)
        page.set_column(place, place, WIDTHS.get(column.kind, WIDTH), formats.get(column.kind))
        labels = [label for _value, label in column.choice_pairs()] if column.kind == CHOICE else []
        labels = ["是", "否"] if column.kind == BOOLEAN else labels
        if labels and len(",".join(labels)) <= _INLINE_LIST and not any("," in label for label in labels):
            _offer(page, place, labels)
        elif labels:
            choices.append((column, labels))
    page.set_row(0, 32)
    page.freeze_panes(1, 0)
    _write_help(help_page, ledger, bold, wrap)
    if choices:
        listing = book.add_worksheet(CHOICES_SHEET)
        listing.hide()
        for at, (column, labels) in enumerate(choices):
            listing.write_column(0, at, labels)
            place = xlsxwriter.utility.xl_col_to_name(at)
            _offer(page, ledger.columns.index(column), f"={CHOICES_SHEET}!${place}$1:${place}${len(labels)}")
    book.close()
    return target.getvalue()


def _offer(page: Any, place: int, source: list[str] | str) -> None:
    page.data_validation(
        1, place, TEMPLATE_ROWS, place, {"validate": "list", "source": source, "error_type": "warning"}
    )


def _cell_formats(book: Any) -> dict[str, Any]:
    """Codes and text are formatted as text, or Excel turns a credit code into 1.2E+17 and drops leading zeros."""
    text = book.add_format({"num_format": "@"})
    return {
        kinds.CODE: text,
        kinds.TEXT: text,
        kinds.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        kinds.DATETIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _write_help(page: Any, ledger: Ledger, bold: Any, wrap: Any) -> None:
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 10)
    page.set_column(2, 5, 30)
    page.write_row(0, 0, ["填写的列", "是否必填", "填什么", "说明", "填写样例", "能选的内容"], bold)
    for line, column in enumerate(ledger.columns, start=1):
        labels = "、".join(label for _value, label in column.choice_pairs())
        must = "必填" if column.required else "选填"
        for place, text in enumerate((column.header, must, _WORDS[column.kind], column.help, column.example, labels)):
            page.write_string(line, place, text, wrap)
