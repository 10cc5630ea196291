"""What the fast reader does not tell about an .xlsx: hidden rows, formulas, error cells; and whether it is safe to open.

The parts are inflated piece by piece and counted, because a few kilobytes can unpack to gigabytes, and a stray value in
the last cell of a sheet makes a reader allot billions of cells.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.etree import ElementTree

MAX_INFLATED = 400 * 1024 * 1024
MAX_ROW_BYTES = 16 * 1024 * 1024
_CHUNK = 1 << 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT_MAIN = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_STRICT_REL = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"
_LOCAL_HEADER = struct.Struct("<4s22xHH")

_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_ROW_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_ERROR = re.compile(rb"""t=["']e["']""")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")


class _Patterns:
    """The tags of a worksheet under its namespace prefix. Each begins with fixed bytes, which is tenfold faster."""

    def __init__(self, prefix: bytes) -> None:
        tag = re.escape(prefix)
        self.cell_tag = b"<" + prefix + b"c "
        self.cell_end = b"</" + prefix + b"c>"
        self.row_end = b"</" + prefix + b"row>"
        self.row = re.compile(rb"<%srow[ >][^>]*>?" % tag)
        self.cell = re.compile(rb"<%sc[ >]" % tag)
        self.cell_without_place = re.compile(rb"""<%sc(?: (?!r=)\w+=["'][^"']*["'])*/?>""" % tag)
        self.odd_cell = re.compile(rb"<%sc(?: (?!r=)|>)" % tag)
        self.far_cell = re.compile(rb"""r=["']([A-Z]{3,})\d+["'][^>]*(?<!/)>\s*<%s(?:v|is|f)\b""" % tag)
        self.formula = re.compile(rb"<%sf[\s/>]" % tag)
        self.result = re.compile(rb"<%sv[^>/]*>[^<]" % tag)


class Unsafe(Exception):
    """The package unpacks to more than a ledger can be, or to other than it declares."""


@dataclass(slots=True)
class Marks:
    """What stands in a sheet beside its values; rows and columns are counted from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    unfinished: set[tuple[int, int]] = field(default_factory=set)  # formulas saved without a result
    rows: int = 0
    columns: int = 0


def column_index(letters: str) -> int:
    """The column of Excel's letters, counted from 0."""
    index = 0
    for character in letters:
        index = index * 26 + ord(character) - 64
    return index - 1


class Package:
    """An .xlsx as a zip file whose parts are only ever unpacked under a limit."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._parts = {info.filename: info for info in zipfile.ZipFile(io.BytesIO(data)).infolist()}
        except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError) as error:
            raise Unsafe(str(error)) from error
        self._left = MAX_INFLATED

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def names(self) -> list[str]:
        return list(self._parts)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The part's content, piece by piece. Raises `Unsafe` when it is more than declared, or more than the limit."""
        info = self._parts[name]
        if info.flag_bits & 1:
            raise Unsafe("encrypted part")
        header = self._data[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise Unsafe("cut short")
        magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        if magic != b"PK\x03\x04":
            raise Unsafe("no local header")
        start = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        body = memoryview(self._data)[start : start + info.compress_size]
        declared = info.file_size
        for number, piece in enumerate(self._inflate(body, info.compress_type)):
            if number == 0 and b"<!DOCTYPE" in piece[:4096]:
                raise Unsafe("document type in a part")
            declared -= len(piece)
            self._left -= len(piece)
            if declared < 0 or self._left < 0:
                raise Unsafe("unpacks to more than it declares")
            yield piece

    @staticmethod
    def _inflate(body: memoryview, method: int) -> Iterator[bytes]:
        if method == zipfile.ZIP_STORED:
            for start in range(0, len(body), _CHUNK):
                yield bytes(body[start : start + _CHUNK])
            return
        if method != zipfile.ZIP_DEFLATED:
            raise Unsafe("unusual compression")
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        pending: bytes | memoryview = body
        try:
            while pending and not inflater.eof:
                yield inflater.decompress(pending, _CHUNK)
                pending = inflater.unconsumed_tail
            yield inflater.flush()
        except zlib.error as error:
            raise Unsafe(str(error)) from error

    def read(self, name: str) -> bytes:
        """One small part whole."""
        return b"".join(self.pieces(name))

    def check(self) -> None:
        """Unpack every part that a reader loads besides the sheets, so that none of them is a bomb."""
        for name in self._parts:
            if name.endswith((".xml", ".rels")) and "/worksheets/" not in name:
                for _piece in self.pieces(name):
                    pass

    def sheets(self) -> list[tuple[str, str, bool]]:
        """The worksheets in order: name, part, whether it is hidden."""
        workbook = ElementTree.fromstring(self.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(self.read("xl/_rels/workbook.xml.rels"))
        targets = {node.get("Id"): node.get("Target", "") for node in relations}
        found = []
        for main, rel in ((_MAIN, _REL), (_STRICT_MAIN, _STRICT_REL)):
            for node in workbook.iter(f"{main}sheet"):
                target = targets.get(node.get(f"{rel}id"), "")
                part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
                if part in self._parts:
                    found.append((node.get("name", ""), part, node.get("state", "visible") != "visible"))
        return found

    def marks(self, part: str) -> Marks:
        """Scan one worksheet part."""
        marks = Marks()
        rest = b""
        patterns = None
        for piece in self.pieces(part):
            if len(rest) > MAX_ROW_BYTES:
                raise Unsafe("a row without end")
            block = rest + piece
            if patterns is None:
                start = _PREFIX.search(block)
                if start is None:
                    rest = block
                    continue
                patterns = _Patterns(start[1] or b"")
            cut = block.rfind(patterns.row_end) + len(patterns.row_end)
            if cut < len(patterns.row_end):
                rest = block
                continue
            rest = block[cut:]
            _scan(block[:cut], patterns, marks)
        if patterns is None:
            raise Unsafe("no worksheet in the part")
        _scan(rest, patterns, marks)
        return marks


def _scan(block: bytes, patterns: _Patterns, marks: Marks) -> None:
    for tag in patterns.row.findall(block):
        number = _ROW_NUMBER.search(tag)
        marks.rows = marks.rows + 1 if number is None else max(marks.rows, int(number[1]))
        if b"hidden" in tag and _HIDDEN.search(tag):
            marks.hidden_rows.add(marks.rows - 1)
    for match in patterns.far_cell.finditer(block):
        marks.columns = max(marks.columns, column_index(match[1].decode()) + 1)
    if patterns.odd_cell.search(block) and patterns.cell_without_place.search(block):
        # Cells may leave out their place and then follow one another.
        longest = max(len(patterns.cell.findall(row)) for row in patterns.row.split(block))
        marks.columns = max(marks.columns, longest)
    for match in patterns.formula.finditer(block):
        _mark_formula(block, match.start(), patterns, marks)
    for match in _ERROR.finditer(block):
        place = _place(block[block.rfind(b"<", 0, match.start()) : block.find(b">", match.end()) + 1])
        if place:
            marks.errors.add(place)


def _mark_formula(block: bytes, at: int, patterns: _Patterns, marks: Marks) -> None:
    start = block.rfind(patterns.cell_tag, 0, at)
    tag = block[start : block.find(b">", start) + 1] if start >= 0 else b""
    place = _place(tag)
    if place is None:
        return
    marks.formulas.add(place)
    # An empty result is honest only in a cell of text; elsewhere the program that wrote the file never calculated.
    end = block.find(patterns.cell_end, at)
    told = patterns.result.search(block, at, end if end >= 0 else len(block)) or b't="str"' in tag
    if not told:
        marks.unfinished.add(place)


def _place(tag: bytes) -> tuple[int, int] | None:
    match = _PLACE.search(tag)
    return (int(match[2]) - 1, column_index(match[1].decode())) if match else None
