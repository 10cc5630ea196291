"""The error workbook: the officer's own table back, faulty rows in red, with a column 错误说明 at the right.

What comes back can be corrected and imported as it is: 错误说明 and the sheet 错误清单 are ignored on reading.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException

from .columns import FAULT_HEADER, FAULT_SHEET
from .header import Header
from .reading import Sheet
from .rows import Fault
from .sources import XLSX

WHOLE_UP_TO = 5_000  # rows; above, only the faulty rows come back
LISTED = 20_000  # lines of the sheet 错误清单
_RED = "FFC7CE"


def error_workbook(sheet: Sheet, *, only_faulty: bool = False) -> bytes:
    """The workbook to hand back for a sheet with faults.

    The officer's own file where it is an .xlsx of at most `WHOLE_UP_TO` rows and everything must be sent again;
    otherwise a new workbook with the title, the header and the rows (`only_faulty`: those with faults alone).
    """
    only_faulty = only_faulty or len(sheet.rows) > WHOLE_UP_TO
    messages = {row.number: "；".join(_of_row(fault) for fault in row.errors) for row in sheet.rows if row.errors}
    if sheet.book.kind == XLSX and sheet.header is not None and not only_faulty:
        try:
            return _own_workbook(sheet, sheet.header, messages)
        except (InvalidFileException, ValueError, KeyError, TypeError, AttributeError, IndexError):
            # openpyxl refuses some files that Excel and our reader accept; the officer still gets the values back.
            return _new_workbook(sheet, messages, only_faulty)
    return _new_workbook(sheet, messages, only_faulty)


def _of_row(fault: Fault) -> str:
    return f"{fault.column}：{fault.message}" if fault.column else fault.message


def _listed(fault: Fault) -> tuple[str, str, str, str]:
    return fault.cell or (f"第{fault.row}行" if fault.row else "全表"), fault.column, str(fault.value), fault.message


def _own_workbook(sheet: Sheet, header: Header, messages: Mapping[int, str]) -> bytes:
    # Formulas give way to their results: a file saved without a recalculation would otherwise come back blank.
    book = openpyxl.load_workbook(io.BytesIO(sheet.book.data), data_only=True)
    page = book[sheet.name]
    place = next(
        (place + 1 for place, text in header.texts.items() if text.startswith(FAULT_HEADER)),
        max(max(header.texts, default=0), *header.places) + 2,
    )
    fill = PatternFill("solid", start_color=_RED, end_color=_RED)
    title = page.cell(header.first + 1, place, FAULT_HEADER)
    title.font = Font(bold=True, color="C00000")
    page.column_dimensions[title.column_letter].width = 48
    wrap = Alignment(wrap_text=True, vertical="top")
    for row in sheet.rows:
        message = messages.get(row.number)
        cell = page.cell(row.number, place)
        if not isinstance(cell, openpyxl.cell.MergedCell):
            cell.value = message
            cell.data_type = "s" if message else "n"
            cell.alignment = wrap
        if message:
            for at in range(1, place + 1):
                page.cell(row.number, at).fill = fill
    if FAULT_SHEET in book.sheetnames:
        del book[FAULT_SHEET]
    listing = book.create_sheet(FAULT_SHEET)
    listing.append(["单元格", "列名", "内容", "错误"])
    for number, fault in enumerate(sheet.all_faults[:LISTED], start=2):
        for at, text in enumerate(_listed(fault), start=1):
            cell = listing.cell(number, at)
            cell.value = text
            cell.data_type = "s"
    book.active = book.index(page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _new_workbook(sheet: Sheet, messages: Mapping[int, str], only_faulty: bool) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})
    styles = {
        "red": book.add_format({"bg_color": _RED}),
        "head": book.add_format({"bold": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "red day": book.add_format({"num_format": "yyyy-mm-dd", "bg_color": _RED}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "red moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "bg_color": _RED}),
    }
    if sheet.header is not None:
        _write_rows(book.add_worksheet(sheet.name[:31] or "数据"), sheet, sheet.header, messages, styles, only_faulty)
    listing = book.add_worksheet(FAULT_SHEET)
    listing.set_column(0, 2, 16)
    listing.set_column(3, 3, 60)
    listing.write_row(0, 0, ["单元格", "列名", "内容", "错误"], styles["head"])
    for number, fault in enumerate(sheet.all_faults[:LISTED], start=1):
        for at, text in enumerate(_listed(fault)):
            listing.write_string(number, at, text)
    book.close()
    return target.getvalue()


def _write_rows(
    page: Any, sheet: Sheet, header: Header, messages: Mapping[int, str], styles: Mapping[str, Any], only_faulty: bool
) -> None:
    grid = sheet.book.grid(sheet.name)
    wanted = {row.number for row in sheet.rows if row.errors or not only_faulty}
    inherited = _inherited_values(sheet, header)
    texts = header.texts
    place = next(
        (at for at, text in texts.items() if text.startswith(FAULT_HEADER)), max(max(texts), *header.places) + 1
    )
    page.set_column(place, place, 48)
    line = 0
    for number, raw in enumerate(grid.rows(), start=1):
        if number <= header.last + 1:
            _write(page, line, raw, styles, "")
            if number == header.first + 1:
                page.write_string(line, place, FAULT_HEADER, styles["head"])
        elif number in wanted:
            message = messages.get(number, "")
            cells = [inherited.get((number, at), cell) for at, cell in enumerate(raw)]
            _write(page, line, cells[:place] if len(cells) > place else cells, styles, "red" if message else "")
            page.write_string(line, place, message)
        else:
            continue
        line += 1
    for first, left, last, right in grid.merges:
        if header.first <= first and last <= header.last:
            page.merge_range(first, left, last, right, texts.get(left, "").split("·")[0])


def _inherited_values(sheet: Sheet, header: Header) -> dict[tuple[int, int], Any]:
    """Values of merged blocks per (row number, place): a block cannot be kept where rows are left out."""
    grid = sheet.book.grid(sheet.name)
    starts: dict[tuple[int, int], int] = {}
    for first, left, last, _right in grid.merges:
        column = header.places.get(left)
        if first > header.last and column is not None and not column.adds_up:
            starts[first, left] = last
    values: dict[tuple[int, int], Any] = {}
    if starts:
        for index, raw in enumerate(grid.rows()):
            for place in header.places:
                last_row = starts.get((index, place))
                if last_row is not None and place < len(raw):
                    values |= {(number + 1, place): raw[place] for number in range(index + 1, last_row + 1)}
    return values


def _write(page: Any, line: int, cells: Sequence[Any], styles: Mapping[str, Any], tone: str) -> None:
    for at, cell in enumerate(cells):
        if isinstance(cell, bool):
            page.write_boolean(line, at, cell, styles.get(tone))
        elif isinstance(cell, int | float):
            page.write_number(line, at, cell, styles.get(tone))
        elif isinstance(cell, dt.datetime):
            page.write_datetime(line, at, cell, styles[f"{tone} moment".strip()])
        elif isinstance(cell, dt.date):
            page.write_datetime(line, at, cell, styles[f"{tone} day".strip()])
        elif cell == "":
            page.write_blank(line, at, None, styles.get(tone))
        else:
            page.write_string(line, at, str(cell), styles.get(tone))
