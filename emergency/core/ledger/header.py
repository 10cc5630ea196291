"""Finding the header: the row, or the two joined rows, with most known names among the first ten (rules 1 to 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import AREA_UNITS, FAULT_HEADER, IGNORED_HEADERS, MONEY_UNITS, Column, is_measure, normalise, split_header
from .rows import letter
from .values import half_width, is_blank

SEARCHED_ROWS = 10
_FAULT_NAME = normalise(FAULT_HEADER)
_IGNORED = frozenset(normalise(name) for name in IGNORED_HEADERS)
_YEAR_MONTH = re.compile(r"(\d{4})年(?:度|(\d{1,2})(?:月|[-—~至]\d{1,2}月))?")
_UNIT = re.compile(
    r"(填报|填表|报送|上报|报告|编制|实施|检查|汇总)?(?:单位|部门)(?:[(（](?:盖章|公章|章)[)）])?[:：]\s*(\S+)"
)

Merge = tuple[int, int, int, int]


@dataclass(slots=True)
class Header:
    """Where a ledger's columns stand. Rows and places are counted from 0; `first` to `last` are the header's rows."""

    first: int
    last: int
    places: dict[int, Column] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    doubled: list[tuple[int, int, Column]] = field(default_factory=list)

    @property
    def score(self) -> tuple[int, int]:
        """How many known columns, and how many of them required."""
        return len(self.places), sum(column.required for column in self.places.values())

    @property
    def depth(self) -> int:
        """One row, or two joined."""
        return self.last - self.first + 1


class Names:
    """Recognises a header: the officer's own mapping first, then names, then synonyms."""

    def __init__(self, columns: Sequence[Column], mapping: Mapping[str, str]) -> None:
        self._known: dict[str, Column] = {}
        for column in columns:
            for name in (normalise(column.name), split_header(column.name)[0]):
                self._known.setdefault(name, column)
        for column in columns:
            for name in column.names():
                self._known.setdefault(name, column)
        self._mapping = {normalise(header): normalise(name) for header, name in mapping.items()}

    def find(self, header: str) -> Column | None:
        """The column of a header; None when unknown. See `is_ignored` for headers that are left out on purpose."""
        name = self._mapping.get(normalise(header), normalise(header))
        return self._known.get(name) or self._known.get(split_header(header)[0])

    def is_ignored(self, header: str) -> bool:
        """序号, 备注, our own 错误说明, a blank, or what the officer told us to leave out."""
        name = normalise(header)
        return name in _IGNORED or name.startswith(_FAULT_NAME) or self._mapping.get(name) == ""


def _text(cell: Any) -> str:
    return "" if is_blank(cell) else str(cell).strip()


def _single(row: Sequence[Any]) -> list[tuple[str, tuple[str, ...]]]:
    """One header row as (text shown, names to try) per place."""
    return [(text, (text,)) for text in map(_text, row)]


def _double(
    number: int, upper: Sequence[Any], lower: Sequence[Any], merges: Iterable[Merge]
) -> list[tuple[str, tuple[str, ...]]]:
    """Two header rows joined as 上级·下级. A group's name reaches over the blank cells to its right."""
    tall = {
        column
        for first, left, last, right in merges
        if first == number and last > number
        for column in range(left, min(right, len(upper)) + 1)
    }
    names: list[tuple[str, tuple[str, ...]]] = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = _text(upper[place]) if place < len(upper) else ""
        below = _text(lower[place]) if place < len(lower) and place not in tall else ""
        if above:
            group = above
        elif not below:
            group = ""
        if below and is_measure(below):
            joined = f"{group}({below.strip('()（）')})"
            names.append((joined, (joined,)))
        elif below and group:
            names.append((f"{group}·{below}", (group + below, below)))
        else:
            text = above or below
            names.append((text, (text,)))
    return names


def _header(first: int, last: int, names: list[tuple[str, tuple[str, ...]]], known: Names) -> Header:
    header = Header(first, last)
    taken: dict[str, int] = {}
    for place, (shown, tries) in enumerate(names):
        if not shown:
            continue
        header.texts[place] = shown
        if known.is_ignored(shown):
            column = known.find(shown) if normalise(shown) in _IGNORED else None
            if column is None:
                continue
        else:
            column = next((found for name in (shown, *tries) if (found := known.find(name))), None)
        if column is None:
            header.unknown[place] = shown
        elif column.key in taken:
            header.doubled.append((taken[column.key], place, column))
        else:
            taken[column.key] = place
            header.places[place] = column
            header.units[place] = split_header(shown)[1]
    return header


def find_header(top: Sequence[Sequence[Any]], merges: Sequence[Merge], known: Names, least: int) -> Header | None:
    """The best header among the rows given; None when no row holds `least` known names.

    Two rows are taken for one header only when joining them finds more than either row alone, or when cells of the
    upper row are merged into the lower one; otherwise a title or the first data row would be drawn in.
    """
    best: Header | None = None
    for number, row in enumerate(top):
        single = _header(number, number, _single(row), known)
        if best is None or single.score > best.score:
            best = single
    for number in range(len(top) - 1):
        joined = _header(number, number + 1, _double(number, top[number], top[number + 1], merges), known)
        tall = any(first == number < last and left in joined.places for first, left, last, _right in merges)
        if best is None or joined.score > best.score or (tall and best.depth == 1 and joined.score == best.score):
            best = joined
    return best if best is not None and len(best.places) >= least else None


def proposals(rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """What the title rows above the header say: "unit", "period", "year", "measure". They only propose (rule 1)."""
    found: dict[str, str] = {}
    measures = {*MONEY_UNITS, *AREA_UNITS}
    for row in rows:
        for cell in row:
            text = half_width(cell)
            if not text:
                continue
            if period := _YEAR_MONTH.search(text):
                found.setdefault("period", period[0])
                found.setdefault("year", period[1])
            if unit := _UNIT.search(text):
                if unit[2] in measures:
                    found.setdefault("measure", unit[2])
                else:
                    found.setdefault("unit", unit[2])
    return found


def place_name(place: int, shown: str) -> str:
    """How a column of the file is named to its officer: “H列‘xxx’”."""
    return f"{letter(place)} 列“{shown}”"
