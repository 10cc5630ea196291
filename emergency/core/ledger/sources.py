"""Opening an officer's file: what it is by its content, never by its name, and its sheets as rows of raw cells."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import python_calamine

from . import biff
from .ooxml import Marks, Package, Unsafe
from .rows import Fault, LedgerError, letter

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 200_000
MAX_CELLS = 8_000_000  # what a reader allots, some 32 bytes each

XLSX, XLS, CSV = "xlsx", "xls", "csv"
File = bytes | str | os.PathLike[str] | BinaryIO

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入"
_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "这是程序文件，不是表格，系统没有打开它"),
    (b"\x7fELF", "这是程序文件，不是表格，系统没有打开它"),
    (b"%PDF", "这是 PDF 文件，不是表格，请导入原来的 Excel 表"),
    (b"\xff\xd8\xff", "这是图片，不是表格，请导入原来的 Excel 表"),
    (b"\x89PNG", "这是图片，不是表格，请导入原来的 Excel 表"),
    (b"Rar!", "这是压缩包，请解压后导入里面的表格"),
    (b"7z\xbc\xaf", "这是压缩包，请解压后导入里面的表格"),
)


def refuse(message: str) -> LedgerError:
    """A fault of the whole file."""
    return LedgerError(Fault(message))


def content_of(file: File) -> bytes:
    """The bytes of a path, an open file or bytes; refuses an empty file and one above `MAX_BYTES`."""
    if isinstance(file, bytes):
        data = file
    elif isinstance(file, str | os.PathLike):
        path = Path(file)
        if path.stat().st_size > MAX_BYTES:
            raise refuse(f"文件超过 {MAX_BYTES >> 20} 兆，请分成几个文件导入")
        data = path.read_bytes()
    else:
        file.seek(0)
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise refuse(f"文件超过 {MAX_BYTES >> 20} 兆，请分成几个文件导入")
    if not data:
        raise refuse("文件是空的")
    return data


@dataclass(slots=True)
class Grid:
    """One worksheet. `merges` are (first row, first column, last row, last column), counted from 0 as in `marks`."""

    name: str
    marks: Marks = field(default_factory=Marks)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    _sheet: Any = None
    _lines: list[list[str]] = field(default_factory=list)

    def rows(self) -> Iterator[list[Any]]:
        """Every row from the sheet's first, so that the n-th is row n of the officer's file. Blank cells are ""."""
        if self._sheet is None:
            yield from self._lines
            return
        start = self._sheet.start
        if start is None:
            return
        if start[1] == 0:
            yield from self._sheet.iter_rows()
            return
        left = [""] * start[1]
        for row in self._sheet.iter_rows():
            yield left + row

    def top(self, count: int) -> list[list[Any]]:
        """The first rows."""
        return list(islice(self.rows(), count))


class Book:
    """An opened file. `sheet_names` are the visible sheets; a grid is loaded when asked for."""

    def __init__(self, data: bytes, kind: str) -> None:
        self.data = data
        self.kind = kind
        self.sheet_names: list[str] = []

    def grid(self, name: str) -> Grid:
        raise NotImplementedError


class _Workbook(Book):
    """What .xlsx and .xls share: values and merged blocks come from calamine."""

    def _calamine(self) -> None:
        self._book = self._asked(
            lambda: python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.data)),
            f"文件已损坏，无法读取，{_SAVE_AS}",
        )

    @staticmethod
    def _asked(question: Callable[[], Any], refusal: str) -> Any:
        """What calamine answers. Its errors, and the panics by which it gives up on damaged files, refuse the file."""
        try:
            return question()
        except python_calamine.PasswordError:
            raise refuse(_LOCKED) from None
        except python_calamine.CalamineError:
            raise refuse(refusal) from None
        except BaseException as error:
            # A panic is no Exception, and its class cannot be imported.
            if type(error).__module__ != "pyo3_runtime":
                raise
            raise refuse(refusal) from None

    def _load(self, name: str, marks: Marks) -> Grid:
        sheet = self._asked(lambda: self._book.get_sheet_by_name(name), f"工作表“{name}”已损坏，无法读取，{_SAVE_AS}")
        end = sheet.end
        if end is not None:
            _check_size(name, end[0] + 1, end[1] + 1)
        merges = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
        return Grid(name, marks, merges, _sheet=sheet)


_LOCKED = "文件设了打开密码，请取消密码后再导入"


def _check_size(name: str, rows: int, columns: int) -> None:
    if rows > MAX_ROWS or rows * max(columns, 1) > MAX_CELLS:
        raise refuse(
            f"工作表“{name}”的范围到了 {letter(max(columns, 1) - 1)}{rows}，太大；"
            f"最多 {MAX_ROWS} 行，请删去多余的空行空列，或分成几个文件导入"
        )


class _Xlsx(_Workbook):
    def __init__(self, data: bytes) -> None:
        super().__init__(data, XLSX)
        try:
            self._package = Package(data)
            _refuse_other_packages(self._package)
            self._package.check()
            sheets = self._package.sheets()
        except (Unsafe, ParseError, KeyError):
            raise refuse(f"文件已损坏或内容异常，无法读取，{_SAVE_AS}") from None
        self._parts = {name: part for name, part, _hidden in sheets}
        self.sheet_names = [name for name, _part, hidden in sheets if not hidden]
        self._calamine_ready = False

    def grid(self, name: str) -> Grid:
        try:
            marks = self._package.marks(self._parts[name])
        except Unsafe:
            raise refuse(f"工作表“{name}”内容异常，无法读取，{_SAVE_AS}") from None
        _check_size(name, marks.rows, marks.columns)
        if not self._calamine_ready:
            self._calamine()
            self._calamine_ready = True
        return self._load(name, marks)


def _refuse_other_packages(package: Package) -> None:
    if "xl/workbook.xml" in package:
        return
    if "word/document.xml" in package:
        raise refuse("这是 Word 文档，不是表格，请把表格复制到 Excel 中再导入")
    if "xl/workbook.bin" in package or "content.xml" in package:
        raise refuse(f"这种表格格式不支持，{_SAVE_AS}")
    raise refuse("这是压缩包，不是表格，请解压后导入里面的表格")


class _Xls(_Workbook):
    def __init__(self, data: bytes) -> None:
        super().__init__(data, XLS)
        try:
            streams = biff.Compound(data)
            if "EncryptedPackage" in streams.streams:
                raise refuse(_LOCKED)
            name = next((name for name in ("Workbook", "Book") if name in streams.streams), None)
            if name is None:
                raise refuse("这不是 Excel 表格（可能是 Word 等其他文档），请导入 Excel 表")
            stream = streams.read(name)
            if biff.is_locked(stream):
                raise refuse(_LOCKED)
            marks = biff.marks(stream)
        except biff.Damaged:
            raise refuse(f"文件已损坏，无法读取，{_SAVE_AS}") from None
        for number, found in enumerate(marks, start=1):
            _check_size(f"第 {number} 张", found.rows, found.columns)
        self._calamine()
        metadata = self._book.sheets_metadata
        self._marks = dict(zip((sheet.name for sheet in metadata), marks, strict=False))
        visible = python_calamine.SheetVisibleEnum.Visible
        self.sheet_names = [sheet.name for sheet in metadata if sheet.visible == visible]

    def grid(self, name: str) -> Grid:
        return self._load(name, self._marks.get(name, Marks()))


class _Csv(Book):
    def __init__(self, data: bytes) -> None:
        super().__init__(data, CSV)
        text = _decoded(data)
        if re.match(r"\s*(?:<\?xml|<!doctype|<html|<table|<meta)", text[:500], re.IGNORECASE):
            raise refuse(f"这是网页格式的表格，{_SAVE_AS}")
        self.sheet_names = ["CSV"]
        try:
            self._rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
        except csv.Error:
            raise refuse("文件不是表格，或文字格式已损坏，请导入 .xlsx、.xls 或 .csv 文件") from None
        width = max((len(row) for row in self._rows), default=0)
        _check_size("CSV", len(self._rows), width)

    def grid(self, name: str) -> Grid:
        return Grid(name, _lines=self._rows)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data:
        encodings = []
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("文件不是表格，或文字编码不认识，请导入 .xlsx、.xls 或 .csv 文件")


def _delimiter(text: str) -> str:
    head = text[:4096].splitlines()[:10]
    return max(",\t;", key=lambda mark: sum(line.count(mark) for line in head))


def open_book(file: File) -> Book:
    """Open an .xlsx, .xls or .csv. Raises `LedgerError` with what the file is instead, or why it cannot be read."""
    data = content_of(file)
    for magic, message in _NOT_TABLES:
        if data.startswith(magic) and not (magic == b"MZ" and b"\0" not in data):
            raise refuse(message)
    if data.startswith(b"PK\x03\x04"):
        return _Xlsx(data)
    if data.startswith(biff.MAGIC):
        return _Xls(data)
    return _Csv(data)
