"""What a file is, by its content: .xls, bombs, junk and other things named .xlsx."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from emergency.core.ledger import ImportOptions, LedgerError, ooxml, read, sources
from emergency.core.ledger.biff import Compound, Damaged

from .ledger_samples import HEAD, Visits, line, workbook

DATA = Path(__file__).parent / "data"
VISITS = Visits()


def refusal(data: bytes) -> str:
    with pytest.raises(LedgerError) as caught:
        read(data, VISITS)
    return caught.value.faults[0].text


def repacked(data: bytes, **parts: bytes) -> bytes:
    """An .xlsx with some parts replaced; `sheet` stands for the first worksheet."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get("sheet", b"") if name.endswith("sheet1.xml") else old.read(name))
    return target.getvalue()


def sheet_of(data: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_xls_is_read_with_dates_merges_formulas_totals_and_hidden_rows():
    """`data/visits.xls` was written by xlwt: a title, a merged date, a hidden row, a formula, a hidden sheet."""
    asked = read(DATA / "visits.xls", VISITS)
    assert [question.kind for question in asked.questions] == ["hidden"]
    sheet = read(DATA / "visits.xls", VISITS, options=ImportOptions(hidden="include"))
    assert sheet.book.sheet_names == ["台账"]
    assert [row["on"] for row in sheet.rows] == [dt.date(2021, 3, 5), dt.date(2021, 3, 6), dt.date(2021, 3, 6)]
    assert [row["subject"] for row in sheet.rows] == ["甲厂", "乙厂", "丙厂"]
    assert sheet.rows[2].approximate == {"visits"}
    assert sheet.hidden_rows == 1
    assert any("公式" in notice.message and notice.cell == "E3" for notice in sheet.notices)


def test_password_is_named():
    """`data/locked.xlsx` is an .xlsx encrypted by msoffcrypto with a password."""
    assert "密码" in refusal((DATA / "locked.xlsx").read_bytes())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\x00" + b"\0" * 500, "程序文件"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n", "图片"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "另存为 .xlsx"),
        (b'<?xml version="1.0"?><Workbook/>', "另存为 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, "已损坏"),
        (b"PK\x03\x04" + b"x" * 200, "已损坏"),
        (b"", "文件是空的"),
        (b"\0" * 1000, "不是表格"),
    ],
)
def test_other_things_named_xlsx_are_told_apart(data, words):
    assert words in refusal(data)


def test_ten_megabytes_of_junk_are_refused():
    assert "不是表格" in refusal(random.Random(7).randbytes(10 << 20))


def test_ten_megabytes_of_text_are_no_table():
    sheet = read(("垃圾文字" * 100 + "\n").encode() * 9_000, VISITS)
    assert "没有找到" in sheet.faults[0].message


def test_too_large_a_file_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "MAX_BYTES", 100)
    path = tmp_path / "large.xlsx"
    path.write_bytes(workbook([HEAD, line()]))
    for file in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(LedgerError):
            read(file, VISITS)


@pytest.mark.parametrize(
    ("part", "words"), [("word/document.xml", "Word"), ("a.txt", "压缩包"), ("content.xml", "不支持")]
)
def test_other_packages_are_told_apart(part, words):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(part, "x")
    assert words in refusal(target.getvalue())


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(ooxml, "MAX_INFLATED", 5 << 20)
    data = workbook([HEAD, line()])
    bomb = repacked(
        data, sheet=sheet_of(data).replace(b"</sheetData>", b"<!--" + b" " * (40 << 20) + b"--></sheetData>")
    )
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        assert "内容异常" in refusal(bomb)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused():
    data = bytearray(workbook([HEAD, line()]))
    info = zipfile.ZipFile(io.BytesIO(data)).getinfo("xl/worksheets/sheet1.xml")
    name = info.filename.encode()
    entry = data.rindex(name) - 46  # the central directory's entry; its declared size stands 24 bytes in
    struct.pack_into("<I", data, entry + 24, 10)
    assert "内容异常" in refusal(bytes(data))


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576"])
def test_a_stray_value_in_the_last_cell_allots_no_billion_cells(place):
    data = workbook([HEAD, line()])
    row = place.lstrip("AXFD")
    stray = f'<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    assert place in refusal(repacked(data, sheet=sheet_of(data).replace(b"</sheetData>", stray)))


def test_cells_without_places_are_counted():
    data = workbook([HEAD, line()])
    stray = b'<row r="100000">' + b"<c><v>1</v></c>" * 2000 + b"</row></sheetData>"
    assert "太大" in refusal(repacked(data, sheet=sheet_of(data).replace(b"</sheetData>", stray)))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_a_document_type_is_refused(part):
    data = workbook([HEAD, line()])
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = content.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)
            new.writestr(name, content)
    assert "内容异常" in refusal(target.getvalue())


def test_prefixed_tags_are_understood():
    """Some programs write <x:row>; hidden rows must not slip through."""
    data = workbook([HEAD, line(), line(subject="乙厂")])
    part = sheet_of(data).replace(b'<row r="3"', b'<row r="3" hidden="1"')
    for tag in (b"worksheet", b"sheetData", b"row", b"c", b"v"):
        for end in (b" ", b">"):
            part = part.replace(b"<" + tag + end, b"<x:" + tag + end).replace(b"</" + tag + end, b"</x:" + tag + end)
    part = part.replace(b"xmlns=", b"xmlns:x=", 1)
    package = ooxml.Package(repacked(data, sheet=part))
    marks = package.marks("xl/worksheets/sheet1.xml")
    assert (marks.rows, marks.hidden_rows) == (3, {2})


def test_a_workbook_saved_by_another_program_reads_the_same():
    book = openpyxl.Workbook()
    for row in (HEAD, line(), line(subject="乙厂")):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active["C2"] = "=1+1"
    target = io.BytesIO()
    book.save(target)
    sheet = read(target.getvalue(), VISITS)
    assert sheet.hidden_rows == 1
    assert any(found.cell == "C2" and "没有计算结果" in found.message for found in sheet.all_faults)


@pytest.mark.parametrize("cut", [100, 600, 1500, 3000])
def test_a_cut_off_xls_is_refused_not_crashed(cut):
    data = (DATA / "visits.xls").read_bytes()[:cut]
    with pytest.raises((LedgerError, Damaged)):
        read(data, VISITS)


def test_a_circular_xls_ends():
    data = bytearray((DATA / "visits.xls").read_bytes())
    fat = struct.unpack_from("<I", data, 76)[0]
    start = (fat + 1) * 512
    struct.pack_into("<128I", data, start, *([0] * 128))
    with pytest.raises(Damaged):
        Compound(bytes(data))


def test_bits_flipped_at_random_never_crash_the_reader():
    """A damaged file is refused or read; it never raises anything but `LedgerError`."""
    chance = random.Random(20211122)
    for original in (workbook([HEAD, line()]), (DATA / "visits.xls").read_bytes()):
        for _ in range(150):
            data = bytearray(original)
            for _ in range(chance.randint(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                read(bytes(data), VISITS)
            except LedgerError as error:
                assert error.faults
