"""位次: how the units of an area stand to one another by one figure. Only for readers whose scope covers the whole area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emergency.figures.queries.conditions import NONE, OWN
from emergency.figures.queries.values import Row, Value

#: Rows that are no units, and so have no place among them.
_BESIDE = (OWN, NONE)


def number_of(value: Value) -> int | float | None:
    """What a value is compared by; None where there is none to compare: not entered, or nothing over nothing."""
    return None if value.missing or value.number is None else value.number  # type: ignore[return-value]


def places(rows: Iterable[Row], code: str, *, ascending: bool = False) -> dict[str, int]:
    """Row key → place, the highest number first unless ``ascending``.

    Equal numbers share a place and the next one skips (1, 2, 2, 4). 区本级, 未填 and units without a value have none.
    """
    numbers = {
        row.key: number for row in rows if row.key not in _BESIDE and (number := number_of(row[code])) is not None
    }
    return {
        key: 1 + sum(other < number if ascending else other > number for other in numbers.values())
        for key, number in numbers.items()
    }


def ordered(rows: Sequence[Row], code: str, *, ascending: bool = False) -> list[Row]:
    """Rows by a figure, then as they stood; units without a value after the others, 区本级 and 未填 at the end."""

    def rank(row: Row) -> tuple[bool, bool, int | float]:
        number = number_of(row[code])
        if number is None:
            return row.key in _BESIDE, True, 0
        return row.key in _BESIDE, False, number if ascending else -number

    return sorted(rows, key=rank)
