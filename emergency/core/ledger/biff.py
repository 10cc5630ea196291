"""What the fast reader does not tell about an .xls: hidden rows, formulas, error cells, and whether a password locks it.

An .xls is an OLE compound file ([MS-CFB]) whose stream "Workbook" is a sequence of records ([MS-XLS]); only the few
records needed are looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from .ooxml import Marks

MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_END = 0xFFFFFFFA  # this and above are no sector numbers
_ENTRY = 128
_BOUNDSHEET, _FILEPASS, _EOF, _ROW, _FORMULA, _BOOLERR, _DIMENSIONS = 0x85, 0x2F, 0x0A, 0x208, 0x06, 0x205, 0x200
# Every record of one or several cells begins with its row and first column.
_CELLS = frozenset({_FORMULA, _BOOLERR, 0x201, 0x203, 0x204, 0x27E, 0xFD, 0xBD, 0xBE, 0xD6})
_MAX_ROWS, _MAX_COLUMNS = 65_536, 256


class Damaged(Exception):
    """The compound file does not hang together."""


class Compound:
    """The streams of an OLE compound file by name."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._open()
        except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
            raise Damaged(str(error)) from error

    def _open(self) -> None:
        data = self._data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise Damaged("unusual sector size")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        directory, self._cutoff, first_mini, _mini_count, difat, difat_count = struct.unpack_from("<I4xIIIII", data, 48)
        tables = list(struct.unpack_from("<109I", data, 76))
        per_sector = self._size // 4
        for _ in range(min(difat_count, len(data) // self._size)):
            if difat >= _END:
                break
            more = struct.unpack(f"<{per_sector}I", self._sector(difat))
            tables.extend(more[:-1])
            difat = more[-1]
        fat: list[int] = []
        for sector in tables:
            if sector < _END:
                fat.extend(struct.unpack(f"<{per_sector}I", self._sector(sector)))
        self._fat = fat
        mini = self._chain(first_mini, self._fat, self._sector)
        self._mini_fat = list(struct.unpack(f"<{len(mini) // 4}I", mini))
        self.streams: dict[str, tuple[int, int]] = {}
        self._mini = b""
        entries = self._chain(directory, fat, self._sector)
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            start, size = struct.unpack_from("<II", entries, at + 116)
            if kind == 5:
                self._mini = self._chain(start, fat, self._sector)
            elif kind == 2 and 2 <= length <= 64:
                self.streams[entries[at : at + length - 2].decode("utf-16-le")] = (start, size)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        sector = self._data[start : start + self._size]
        return sector.ljust(self._size, b"\0") if sector else sector

    def _mini_sector(self, number: int) -> bytes:
        return self._mini[number * self._mini_size : (number + 1) * self._mini_size]

    @staticmethod
    def _chain(start: int, table: list[int], sector: Callable[[int], bytes]) -> bytes:
        pieces, seen = [], 0
        while start < _END:
            if seen > len(table):
                raise Damaged("chain runs in a circle")
            pieces.append(sector(start))
            start = table[start]
            seen += 1
        return b"".join(pieces)

    def read(self, name: str) -> bytes:
        """One stream whole."""
        start, size = self.streams[name]
        try:
            if size < self._cutoff:
                return self._chain(start, self._mini_fat, self._mini_sector)[:size]
            return self._chain(start, self._fat, self._sector)[:size]
        except (IndexError, ValueError) as error:
            raise Damaged(str(error)) from error


def records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """The records from `at` to the end of their part: (type, where the body starts, its length)."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        if kind == _EOF:
            return
        at += 4 + length


def is_locked(stream: bytes) -> bool:
    """Whether the workbook needs a password."""
    return any(kind == _FILEPASS for kind, _at, _length in records(stream))


def marks(stream: bytes) -> list[Marks]:
    """The marks of every sheet, in the workbook's order."""
    try:
        starts = [
            struct.unpack_from("<I", stream, at)[0] for kind, at, _length in records(stream) if kind == _BOUNDSHEET
        ]
        return [_sheet_marks(stream, start) for start in starts]
    except struct.error as error:
        raise Damaged(str(error)) from error


def _sheet_marks(stream: bytes, start: int) -> Marks:
    found = Marks()
    row = column = 0
    for kind, at, length in records(stream, start):
        if kind in _CELLS and length >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            found.rows, found.columns = max(found.rows, row + 1), max(found.columns, column + 1)
        if kind == _DIMENSIONS and length >= 12:
            _check_dimensions(*struct.unpack_from("<IIHH", stream, at))
        elif kind == _ROW and length >= 16:
            row = struct.unpack_from("<H", stream, at)[0]
            if struct.unpack_from("<I", stream, at + 12)[0] & 0x20:
                found.hidden_rows.add(row)
        elif kind == _FORMULA and length >= 14:
            found.formulas.add((row, column))
            if stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
                found.errors.add((row, column))
        elif kind == _BOOLERR and length >= 8 and stream[at + 7]:
            found.errors.add((row, column))
    if found.columns > _MAX_COLUMNS:
        raise Damaged("cells beyond the last column")
    return found


def _check_dimensions(first_row: int, rows: int, first_column: int, columns: int) -> None:
    """The fast reader allots what this record claims and ends the whole process when it cannot."""
    if first_row > rows or first_column > columns or rows > _MAX_ROWS or columns > _MAX_COLUMNS:
        raise Damaged("impossible dimensions")
