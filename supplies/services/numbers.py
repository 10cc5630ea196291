"""Numbers of lots (``{区划码6}-WZ{year}-{serial}``) and of movements (``-LS``), one counter each a district and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from emergency.core import numbering
from emergency.organizations.models import Organisation
from supplies.models import Lot, Movement

LOT, MOVEMENT = "WZ", "LS"


def code_of(district: Organisation) -> str:
    """The six digits that the district's numbers begin with. Raises ``ValidationError`` where it has none."""
    code = district.division_code[:6]
    if not code:
        raise ValidationError({"depot": f"{district}没有区划代码，不能编号，请联系系统管理员。"})
    return code


def _next(word: str, places: Sequence[tuple[str, int]]) -> list[str]:
    """A number for each (code, year), in order. Counters are taken in the order of their keys, so that writers queue up."""
    wanted: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        wanted[place].append(index)
    numbers = [""] * len(places)
    for (code, year), indexes in sorted(wanted.items()):
        serials = numbering.take(f"supplies:{word}:{code}:{year}", len(indexes))
        for index, serial in zip(indexes, serials, strict=True):
            numbers[index] = f"{code}-{word}{year}-{serial:05d}"
    return numbers


def number_lots(lots: Sequence[tuple[Lot, Organisation]]) -> None:
    """Give each lot the next number of the district whose depot it came to."""
    numbers = _next(LOT, [(code_of(district), lot.received_on.year) for lot, district in lots])
    for (lot, _), number in zip(lots, numbers, strict=True):
        lot.number = number


def number_movements(movements: Sequence[Movement]) -> None:
    """Give each movement the next number of its depot's district."""
    numbers = _next(MOVEMENT, [(code_of(one.district), one.moved_on.year) for one in movements])
    for one, number in zip(movements, numbers, strict=True):
        one.number = number
