"""Templates and exports, and that importing what was written gives the same rows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.core import ledger as excel
from emergency.core.ledger import Approximate, Column, Ledger, export_rows, read, template

from .ledger_samples import Visits

VISITS = Visits()
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1))


class Plain(Ledger):
    """One column of every kind, units by their own name."""

    kind = "sample_plain"
    label = "往返"
    columns = tuple(
        Column(column.name, column.key, column.kind, column.required, unit=column.unit, choices=column.choices)
        for column in VISITS.columns
    )


PLAIN = Plain()
# What a cell can hold: no control characters, no outer spaces (officers do not mean them).
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff") | st.sampled_from("=+-@'、；_x"),
    min_size=1,
    max_size=20,
).map(str.strip).filter(lambda text: text and text not in ("''",))  # fmt: skip
NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)
LINES = WORDS.filter(lambda text: len(text.splitlines()) == 1 and not text[:1].isdigit() and text[0] not in "(（'=+-@")


def amounts(factor: int = 1) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, 10**9, places=2).map(lambda value: value * factor)


ROWS = st.fixed_dictionaries(
    {"on": DAYS, "unit": WORDS, "subject": WORDS},
    optional={
        "number": st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True),
        "visits": st.integers(0, 10**9) | st.integers(0, 999).map(Approximate),
        "problem": WORDS,
        "fine": amounts(),
        "area": amounts(),
        "rate": st.decimals(1, 100, places=1),
        "fixed": st.booleans(),
        "grade": st.sampled_from(["general", "major"]),
        "people": st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
        "steps": st.lists(LINES, min_size=1, max_size=3).map(tuple),
        "started": st.builds(dt.datetime.combine, DAYS, st.times()).map(
            lambda moment: moment.replace(microsecond=0, tzinfo=ZONE)
        ),
        "phone": st.from_regex(r"1[0-9]{10}", fullmatch=True),
    },
)


def is_data(row: dict) -> bool:
    """Whether an officer's row could read so: one that begins with 合计 or 注： is none."""
    return not any(word in str(row[key])[:4] for key in ("unit", "subject") for word in ("计", "注", "说明", "人"))


def expected(row: dict) -> dict:
    plain = {key: value.value if isinstance(value, Approximate) else value for key, value in row.items()}
    return {column.key: plain.get(column.key) for column in PLAIN.columns}


@settings(max_examples=120, deadline=None)
@given(rows=st.lists(ROWS.filter(is_data), min_size=1, max_size=5), fmt=st.sampled_from(["xlsx", "csv"]))
def test_what_is_exported_reads_back_equal(rows, fmt):
    sheet = read(b"".join(export_rows(PLAIN, rows, fmt=fmt, unmask=True)), PLAIN)
    assert sheet.all_faults == []
    assert [row.cells for row in sheet.rows] == [expected(row) for row in rows]
    assert [row.approximate for row in sheet.rows] == [
        {key for key, value in row.items() if isinstance(value, Approximate)} for row in rows
    ]


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROWS.filter(is_data), min_size=1, max_size=3))
def test_a_filled_template_reads_back_equal(rows):
    """Filled as an officer does: words for choices, dates as dates, money in the header's unit."""
    book = openpyxl.load_workbook(io.BytesIO(template(PLAIN)))
    page = book.worksheets[0]
    shown = {"general": "一般", "major": "重大", True: "是", False: "否"}
    for number, row in enumerate(rows, start=2):
        for place, column in enumerate(PLAIN.columns, start=1):
            value = row.get(column.key)
            if value is None:
                continue
            if column.kind in (excel.BOOLEAN, excel.CHOICE):
                value = shown[value]
            elif column.kind == excel.PEOPLE:
                value = "、".join(value)
            elif column.kind == excel.LINES:
                value = "\n".join(value) + "\n"
            elif column.kind == excel.DATETIME:
                value = value.replace(tzinfo=None)
            elif isinstance(value, Approximate):
                value = f"约{value.value}"
            cell = page.cell(number, place)
            if isinstance(value, str):
                cell.value = ""
                cell._value, cell.data_type = value, "s"
            else:
                cell.value = value
    target = io.BytesIO()
    book.save(target)
    sheet = read(target.getvalue(), PLAIN)
    assert sheet.all_faults == []
    for read_row, row in zip(sheet.rows, rows, strict=True):
        for key, value in expected(row).items():
            if isinstance(value, str) and value.startswith("'"):
                continue  # an apostrophe at the start is our own mark of protected text
            assert read_row[key] == value


def test_the_template_marks_required_columns_and_offers_choices():
    book = openpyxl.load_workbook(io.BytesIO(template(VISITS)))
    page = book["检查台账"]
    heads = [cell.value for cell in page[1]]
    assert heads[:7] == ["检查编号", "检查日期*", "实施单位*", "受检单位*", "家次", "存在问题", "经济处罚(元)"]
    offered = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert offered == {"J2:J5001": '"是,否"', "K2:K5001": '"一般,重大"'}
    assert page.column_dimensions["A"].number_format == "@"
    help_page = book["填写说明"]
    assert [cell.value for cell in help_page[2]] == ["检查编号", "选填", "编号，按文本填写", "", "360704-001", ""]
    assert read(template(VISITS), VISITS).faults[0].message.startswith("表头下面没有数据")


def test_long_lists_of_choices_stand_in_a_hidden_sheet():
    class Long(Ledger):
        kind, label = "sample_long", "长表"
        columns = (
            Column("名称", "name", required=True),
            Column("行业", "industry", excel.CHOICE, choices=[(n, f"第{n}类危险化学品行业") for n in range(60)]),
        )

    data = template(Long())
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book["可选项"].sheet_state == "hidden"
    assert [str(rule.formula1) for rule in book["长表"].data_validations.dataValidation] == ["可选项!$A$1:$A$60"]
    book["长表"].append(["甲", "第59类危险化学品行业"])
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue(), Long()).rows[0]["industry"] == 59


ROW = {"on": dt.date(2021, 3, 5), "unit": "南塘镇", "subject": "甲厂"}


@pytest.mark.parametrize("text", ["=1+1", "+86", "-整改到位", "@SUM(A1)", "'=x", "=cmd|' /C calc'!A0", "\t=1"])
@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_no_written_cell_starts_a_formula(text, fmt):
    data = b"".join(export_rows(PLAIN, [{**ROW, "problem": text, "people": (text,)}], fmt=fmt))
    if fmt == "csv":
        cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    else:
        cells = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).active[2]]
    assert not any(str(cell)[:1] in "=+-@\t\r" for cell in cells if cell not in (None, ""))
    assert read(data, PLAIN).rows[0]["problem"] == text


def test_personal_columns_are_masked_unless_allowed():
    rows = [{**ROW, "phone": "13800138000"}]
    masked = b"".join(export_rows(VISITS, rows, fmt="csv")).decode("utf-8-sig")
    assert "138****8000" in masked
    assert "13800138000" not in masked
    assert "13800138000" in b"".join(export_rows(VISITS, rows, fmt="csv", unmask=True)).decode("utf-8-sig")


def test_rows_may_be_sequences_and_must_have_every_column():
    values = [None] * len(PLAIN.columns)
    values[1:4] = [dt.date(2021, 3, 5), "南塘镇", "甲厂"]
    sheet = read(b"".join(export_rows(PLAIN, [tuple(values)])), PLAIN)
    assert sheet.rows[0]["subject"] == "甲厂"
    with pytest.raises(ValueError, match="zip"):
        b"".join(export_rows(PLAIN, [values[:3]], fmt="csv"))
    with pytest.raises(ValueError, match="no export format"):
        export_rows(PLAIN, [], fmt="pdf")


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_the_first_piece_comes_before_the_rows_are_asked_for(fmt):
    def rows():
        raise RuntimeError("asked")
        yield

    pieces = export_rows(PLAIN, rows(), fmt=fmt)
    assert next(pieces)
    with pytest.raises(RuntimeError, match="asked"):
        next(pieces)


def test_what_excel_cannot_hold_is_left_out_and_its_escapes_survive():
    row = {**ROW, "subject": "a_x000D_b<&>\x0b\ud800c", "problem": "一\r\n二"}
    sheet = read(b"".join(export_rows(PLAIN, [row])), PLAIN)
    assert sheet.rows[0]["subject"] == "a_x000D_b<&>c"
    assert sheet.rows[0]["problem"].split() == ["一", "二"]


def test_speed_is_told(capsys):
    """Not asserted: it depends on the machine. The benchmark asserts it."""
    values = [None, dt.date(2021, 3, 5), "南塘镇", "赣州市某某有限公司", 3, "配电箱未上锁", Decimal(100), None, None, True, "general",
              ("张三",), ("上锁", "换线"), None, None]  # fmt: skip
    count = 5_000
    told = []
    for fmt in ("csv", "xlsx"):
        start = time.perf_counter()
        data = b"".join(export_rows(PLAIN, (values for _ in range(count)), fmt=fmt))
        middle = time.perf_counter()
        assert len(read(data, PLAIN).rows) == count
        end = time.perf_counter()
        told.append(f"{fmt}: written {count / (middle - start):,.0f} rows/s, read {count / (end - middle):,.0f} rows/s")
    with capsys.disabled():
        print("\n" + "\n".join(told))  # noqa: T201
