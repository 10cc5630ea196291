"""One import from file to outcome: all or nothing, the error workbook and its way back, duplicates, the registry."""

from __future__ import annotations

import hashlib
import io

import openpyxl
import pytest
from django.db import connection

from emergency.core import ledger as excel
from emergency.core.ledger import Column, Fault, ImportContext, Ledger, LedgerError, corrections, run_import
from emergency.core.ledger.table import _ledgers

from .ledger_samples import HEAD, Book, Visits, line, workbook

pytestmark = pytest.mark.django_db


def done(ledger: Ledger, data: bytes, context: ImportContext | None = None, **options):
    return run_import(ledger, data, context or ImportContext(), **options)


def test_a_right_file_is_saved_whole():
    ledger = Visits()
    data = workbook([HEAD, line(), line(subject="乙厂")])
    outcome = done(ledger, data)
    assert (outcome.ok, outcome.read, outcome.good, outcome.saved) == (True, 2, 2, {"新增": 2})
    assert outcome.digest == hashlib.sha256(data).hexdigest()
    assert outcome.error_workbook is None
    assert [row["subject"] for row in ledger.kept] == ["甲厂", "乙厂"]


def test_a_dry_run_saves_nothing():
    ledger = Visits()
    outcome = done(ledger, workbook([HEAD, line()]), dry_run=True)
    assert (outcome.ok, outcome.saved, ledger.kept) == (True, {}, [])


def test_one_fault_keeps_everything_out():
    ledger = Visits()
    outcome = done(ledger, workbook([HEAD, line(), line(on="2021.3")]))
    assert (outcome.ok, outcome.read, outcome.good, ledger.kept) == (False, 2, 1, [])
    assert [found.cell for found in outcome.faults] == ["A3"]


def test_only_good_rows_go_in_and_the_others_come_back():
    ledger = Visits()
    rows = [("序号", *HEAD), [1, *line()], [2, *line(on="2021.3")], [3, *line(subject="丙厂")]]
    outcome = done(ledger, workbook(rows), only_good=True)
    assert (outcome.ok, outcome.saved) == (True, {"新增": 2})
    page = openpyxl.load_workbook(io.BytesIO(outcome.error_workbook))["台账"]
    returned = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    assert returned == [[2, "2021.3", "南塘镇", "甲厂", outcome.faults[0].column + "：" + outcome.faults[0].message]]


def test_only_good_does_not_go_around_a_fault_of_the_whole_file():
    ledger = Visits()
    outcome = done(ledger, workbook([HEAD[:2], ["2021-3-5", "南塘镇"]]), only_good=True)
    assert (outcome.ok, ledger.kept) == (False, [])


def test_the_error_workbook_is_the_officers_own_and_comes_back_corrected():
    book = Book()
    page = book.sheet(
        "台账", [["南塘镇台账"], (*HEAD, "家次"), line(2), line("多", on="2021.3"), line(3, unit="火星镇")]
    )
    page.write_formula(2, 3, "=1+1", None, 2)
    page.set_column(2, 2, 40)
    other = book.sheet("附注", [["不要动"]])
    other.set_column(0, 0, 33)
    ledger = Visits()
    outcome = done(ledger, book.done())
    assert not outcome.ok
    returned = openpyxl.load_workbook(io.BytesIO(outcome.error_workbook))
    page = returned["台账"]
    assert returned["附注"]["A1"].value == "不要动"
    assert page.column_dimensions["C"].width == pytest.approx(40, abs=1)
    assert [page.cell(row, 5).value for row in (2, 3)] == ["错误说明", None]
    assert "写到日" in page["E4"].value
    assert "家次：" in page["E4"].value
    assert "火星镇" in page["E5"].value
    assert [page.cell(row, 1).fill.start_color.rgb for row in (3, 4)] == ["00000000", "00FFC7CE"]
    assert [[cell.value for cell in row][:2] for row in returned["错误清单"].iter_rows(min_row=2)] == [
        ["A4", "检查日期"],
        ["D4", "家次"],
        ["B5", "实施单位"],
    ]

    again = done(ledger, outcome.error_workbook)
    assert [found.cell for found in again.faults] == ["A4", "D4", "B5"]

    page["A4"], page["D4"], page["B5"], page["C5"] = "2021.3.6", 4, "江口镇", "丙厂"
    target = io.BytesIO()
    returned.save(target)
    corrected = done(ledger, target.getvalue())
    assert corrected.faults == []
    assert corrected.saved == {"新增": 3}
    assert [row["visits"] for row in ledger.kept] == [2, 4, 3]


def test_above_the_limit_only_faulty_rows_come_back(monkeypatch):
    monkeypatch.setattr(corrections, "WHOLE_UP_TO", 2)
    book = Book()
    page = book.sheet("台账", [["标题"], (*HEAD, "家次"), line(1), line("多", on=""), line(3, subject="丙厂")])
    page.merge_range(2, 0, 3, 0, "2021.3.5")
    outcome = done(Visits(), book.done())
    returned = openpyxl.load_workbook(io.BytesIO(outcome.error_workbook))["台账"]
    rows = [[cell.value for cell in row] for row in returned.iter_rows(min_row=3)]
    assert [row[:4] for row in rows] == [["2021.3.5", "南塘镇", "甲厂", "多"]]
    returned["D3"] = 2
    target = io.BytesIO()
    returned.parent.save(target)
    assert done(Visits(), target.getvalue()).saved == {"新增": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_error_workbook_of_a_csv_is_an_xlsx_that_comes_back(encoding):
    text = "检查日期,实施单位,受检单位,检查编号\r\n2021.3,南塘镇,甲厂,007\r\n2021-3-5,南塘镇,=乙厂,008\r\n"
    outcome = done(Visits(), text.encode(encoding))
    book = openpyxl.load_workbook(io.BytesIO(outcome.error_workbook))
    page = book["CSV"]
    assert [cell.value for cell in page[3]][:4] == ["2021-3-5", "南塘镇", "=乙厂", "008"]
    assert page["C3"].data_type == "s"
    again = done(Visits(), outcome.error_workbook)
    assert [found.cell for found in again.faults] == ["A2"]


def test_a_missing_column_comes_back_in_the_list_of_faults():
    outcome = done(Visits(), workbook([HEAD[:2], ["2021-3-5", "南塘镇"]]))
    listing = openpyxl.load_workbook(io.BytesIO(outcome.error_workbook))["错误清单"]
    assert [cell.value for cell in listing[2]] == ["全表", "受检单位", None, "缺少必填列“受检单位”，请补上这一列"]


def test_a_number_that_stands_twice_or_is_taken_is_named_by_cell():
    outcome = done(
        Visits(),
        workbook([("检查编号", *HEAD), ["7", *line()], ["7", *line(subject="乙")], ["已有号", *line(subject="丙")]]),
    )
    assert [found.cell for found in outcome.faults] == ["A3", "A4"]
    assert "与 A2 重复" in outcome.faults[0].message


def test_rule_16_suspected_duplicates_are_asked_and_the_answer_is_kept():
    data = workbook([(*HEAD, "问题隐患"), line("未上锁"), line("未 上锁"), line("线路老化")])
    asked = done(Visits(), data)
    assert [question.kind for question in asked.questions] == ["duplicates"]
    assert [found.row for found in asked.faults] == [3]
    assert "与第2行疑似重复" in asked.faults[0].message
    included = done(Visits(), data, duplicates="include")
    assert (included.ok, included.saved) == (True, {"新增": 3})
    skipped = done(Visits(), data, duplicates="skip")
    assert (skipped.ok, skipped.saved) == (True, {"新增": 2})
    assert any("疑似重复" in notice.message for notice in skipped.notices)


class Storing(Visits):
    """Writes to the database, then refuses in the way named."""

    kind = "sample_storing"

    def __init__(self, refusal: str) -> None:
        super().__init__()
        self.refusal = refusal

    def save(self, rows, context):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS ledger_sample (subject text)")
            cursor.execute("INSERT INTO ledger_sample VALUES ('x')")
        if self.refusal == "row":
            rows[0].fault("subject", "已被别人登记")
        else:
            raise LedgerError(Fault("正在结账，请稍后再导入"))
        return {"新增": len(rows)}


@pytest.mark.parametrize(("refusal", "cell"), [("row", "C2"), ("file", "")])
def test_what_save_refuses_is_rolled_back_and_named(refusal, cell):
    outcome = done(Storing(refusal), workbook([HEAD, line()]))
    assert (outcome.ok, outcome.saved) == (False, {})
    assert [found.cell for found in outcome.faults] == [cell]
    assert "ledger_sample" not in connection.introspection.table_names()


def test_what_is_no_table_changes_nothing_and_says_why():
    ledger = Visits()
    for data in (b"MZ\0\0", b""):
        outcome = done(ledger, data)
        assert (outcome.ok, outcome.error_workbook, ledger.kept) == (False, None, [])
        assert outcome.faults


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr("emergency.core.ledger.table._ledgers", dict(_ledgers))


def test_ledgers_are_found_by_kind(registry):
    ledger = excel.register(Visits())
    assert excel.get("sample_visits") is ledger
    assert ledger in excel.registered()
    with pytest.raises(KeyError, match="known"):
        excel.get("nothing")


def test_a_wrong_ledger_is_refused_when_registered(registry):
    class Doubled(Visits):
        columns = (Column("甲", "a"), Column("乙", "a"))

    class Lost(Visits):
        unique_keys = ("nothing",)

    class Other(Visits):
        pass

    excel.register(Visits())
    for ledger in (Doubled(), Lost(), Other()):
        with pytest.raises(ValueError, match=r"needs a kind|no such columns|is taken"):
            excel.register(ledger)
    with pytest.raises(ValueError, match="unknown kind"):
        Column("甲", "a", "colour")
    with pytest.raises(ValueError, match="does not measure"):
        Column("甲", "a", excel.MONEY, unit="亩")
