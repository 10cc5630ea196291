"""A published total is divided so that the parts add up to it again, to the last one."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import math
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Divide ``total`` by ``weights``, the largest remainders first; the parts are whole and their sum is the total.

    Raises ``ValueError`` for a negative total or weight, or when there is something to divide and nothing to weigh it by.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("nothing negative can be divided")
    whole = math.fsum(weights)
    if whole <= 0:
        if total:
            raise ValueError("no weight to divide by")
        return [0] * len(weights)
    exact = [total * (weight / whole) for weight in weights]
    parts = [math.floor(one) for one in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    takers = [place for place in by_remainder if weights[place] > 0]
    missing = total - sum(parts)
    for turn in range(abs(missing)):  # rounding of floats may also have given one too many
        place = takers[turn % len(takers)] if missing > 0 else next(one for one in reversed(by_remainder) if parts[one])
        parts[place] += 1 if missing > 0 else -1
    return parts


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """The days of one month that lie inside a period, with the month's share of the activity."""

    start: dt.date
    end: dt.date
    weight: float

    @property
    def workdays(self) -> list[dt.date]:
        """Mondays to Fridays, or every day of a stretch that has none."""
        days = [self.start + dt.timedelta(days=offset) for offset in range((self.end - self.start).days + 1)]
        return [day for day in days if day.weekday() < 5] or days


def months_of(start: dt.date, end: dt.date, weights: Sequence[float]) -> list[Month]:
    """The months of a period; one that is cut by it has the share of the days that are left. ``weights`` from January on."""
    found = []
    first = start
    while first <= end:
        length = calendar.monthrange(first.year, first.month)[1]
        last = min(first.replace(day=length), end)
        found.append(Month(first, last, weights[first.month - 1] * ((last - first).days + 1) / length))
        first = last + dt.timedelta(days=1)
    return found


def draw_weighted(items: Sequence[Item], weights: Sequence[float], count: int, rng: random.Random) -> list[Item]:
    """``count`` different ones, the heavier the likelier (Efraimidis and Spirakis). Raises ``ValueError`` for too few."""
    if count > len(items):
        raise ValueError(f"{count} wanted of {len(items)}")
    keys = [rng.random() ** (1 / weight) for weight in weights]
    order = sorted(range(len(items)), key=lambda place: keys[place], reverse=True)
    return [items[place] for place in order[:count]]
