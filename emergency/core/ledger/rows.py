"""The words that reading, checking and reporting share: faults, notices, questions, rows and the import's context."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .columns import Column


def letter(index: int) -> str:
    """Excel's letter of a column counted from 0: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


class CellError(ValueError):
    """A value cannot be read; the message says in the officer's words what is wrong and what to do."""


class LedgerError(Exception):
    """The file as a whole cannot be read; carries the faults to show."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("；".join(fault.text for fault in faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `cell` is C7, or "" when the fault concerns a row (`row` is set) or the whole file."""

    message: str
    cell: str = ""
    column: str = ""
    value: str = ""
    row: int | None = None

    @property
    def text(self) -> str:
        """The whole sentence: C7（检查日期）：…"""
        place = self.cell or (f"第{self.row}行" if self.row else "")
        if self.column and place:
            place = f"{place}（{self.column}）"
        elif self.column and self.column not in self.message:
            place = f"“{self.column}”列"
        return f"{place}：{self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the officer should know although the import goes on. `count` says how many cells it stands for."""

    message: str
    cell: str = ""
    column: str = ""
    count: int = 1
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the officer can decide. An unanswered question is a fault as well.

    `kind` is "unit" (answer in `ImportContext.units[column]`), "sheet", "hidden" or "duplicates" (answer in `ImportOptions`).
    """

    kind: str
    message: str
    choices: tuple[str, ...]
    column: str = ""


@dataclass(frozen=True, slots=True)
class Approximate:
    """A number that the officer wrote with 约 or 余. Reading unwraps it into `Row.approximate`; export writes 约 again."""

    value: int | Decimal


@dataclass(slots=True)
class ImportContext:
    """Who imports, for whom, and what the import dialog answered.

    `year` completes dates such as 3月5日. `defaults` are raw values per column name, used where a cell is blank or the
    column is missing. `units` names the measuring unit of money and area columns that do not tell it. `mapping` maps a
    header of the file to a column name, or to "" to leave that column out. `on` is the day of the import.
    """

    actor: Any = None
    organisation: Any = None
    year: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    import_id: Any = None
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read. `hidden` and `duplicates` are ask, include or skip; `sheet` names the worksheet ("" finds it)."""

    sheet: str = ""
    hidden: str = "ask"
    duplicates: str = "ask"
    strict: bool = False

    def __post_init__(self) -> None:
        for name in ("hidden", "duplicates"):
            if getattr(self, name) not in ("ask", "include", "skip"):
                raise ValueError(f"{name} must be ask, include or skip")


class Layout:
    """Where each column stands in one file; shared by all its rows, so that a row is one list and no dictionary."""

    __slots__ = ("columns", "letters", "positions")

    def __init__(self, columns: tuple[Column, ...], places: Mapping[str, int]) -> None:
        self.columns: dict[str, Column] = {column.key: column for column in columns}
        self.positions: dict[str, int] = {column.key: index for index, column in enumerate(columns)}
        self.letters: dict[str, str] = {key: letter(place) for key, place in places.items()}


class Row:
    """One data row: `row["key"]` is the read value (None when blank), whatever the file's column order was.

    `number` is the row in the officer's file. An app may set values, also under keys that are no column (a resolved
    record beside its name). `fault` names an error at a column's cell; `doubt` marks a suspected duplicate.
    """

    __slots__ = ("_extra", "_layout", "_values", "approximate", "doubts", "errors", "number")

    def __init__(self, number: int, values: list[Any], layout: Layout) -> None:
        self.number = number
        self._values = values
        self._layout = layout
        self._extra: dict[str, Any] | None = None
        self.errors: list[Fault] | tuple[()] = ()
        self.doubts: list[str] | tuple[()] = ()
        self.approximate: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> Any:
        position = self._layout.positions.get(key)
        if position is not None:
            return self._values[position]
        if self._extra is not None:
            return self._extra[key]
        raise KeyError(key)

    def __setitem__(self, key: str, value: Any) -> None:
        position = self._layout.positions.get(key)
        if position is not None:
            self._values[position] = value
        elif self._extra is None:
            self._extra = {key: value}
        else:
            self._extra[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self._layout.positions or (self._extra is not None and key in self._extra)

    def __iter__(self) -> Iterator[str]:
        yield from self._layout.positions
        yield from self._extra or ()

    def __repr__(self) -> str:
        return f"<Row {self.number} {self.cells}>"

    def get(self, key: str, default: Any = None) -> Any:
        """The value under `key`; `default` when there is no such key or the cell is blank."""
        if key not in self:
            return default
        value = self[key]
        return default if value is None else value

    @property
    def cells(self) -> dict[str, Any]:
        """The columns' values as a new dictionary."""
        return dict(zip(self._layout.positions, self._values, strict=True))

    def cell(self, key: str) -> str:
        """The officer's name of the cell, as C7; "" when the file has no such column."""
        place = self._layout.letters.get(key)
        return f"{place}{self.number}" if place else ""

    def fault(self, key: str, message: str, value: object = "") -> None:
        """Refuse this row: `key` is the column at fault, or "" when the whole row is."""
        column = self._layout.columns.get(key)
        fault = Fault(message, self.cell(key), column.name if column else "", str(value), self.number)
        if isinstance(self.errors, list):
            self.errors.append(fault)
        else:
            self.errors = [fault]

    def doubt(self, message: str) -> None:
        """Mark this row as a suspected duplicate (rule 16); the officer is asked whether to take it in."""
        if isinstance(self.doubts, list):
            self.doubts.append(message)
        else:
            self.doubts = [message]
