"""Entered values (填报数据) where no ledger speaks: exactly for a unit and period, or put together from parts that fit without a gap.

Order of what speaks for a unit: an entry for exactly the period; entries that follow one another and fill the period, where the
figure adds up over months; the same for the units that it succeeded; and for an area the sum of all its units, each known.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from emergency.core.periods import Period
from emergency.figures.models import GivenValue
from emergency.figures.queries.values import Number
from emergency.figures.vocabulary import Figure
from emergency.organizations.models import Kind, Organisation


@dataclasses.dataclass(frozen=True, slots=True)
class Slot:
    """Whose number it is and of which row: a unit, and one row of a breakdown other than by unit ("" for the whole)."""

    unit: int
    dimension: str = ""
    key: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A number put together from entries; or, with ``lacking``, the units whose entries are missing from the sum."""

    number: Number
    entries: tuple[GivenValue, ...]
    lacking: tuple[str, ...] = ()

    @property
    def approximate(self) -> bool:
        return any(one.approximate for one in self.entries)


class GivenValues:
    """The live entries of some figures for an organisation, the units right below it and those that went on in them.

    At most one query for the entries, and one for the units where a total has to be summed from theirs.
    """

    def __init__(
        self,
        organisation: Organisation,
        codes: Iterable[str],
        *,
        predecessors: Mapping[int, tuple[int, ...]],
        periods: Sequence[Period],
        since_ever: bool = False,
    ) -> None:
        """``since_ever``: a streak reaches back as far as there are entries; otherwise only those inside ``periods`` are read."""
        self.home = organisation.counted
        self.predecessors = predecessors
        self._units: dict[dt.date, dict[int, str]] = {}
        self._entries: dict[tuple[str, Slot], list[GivenValue]] = {}
        wanted = set(codes)
        if not wanted or self.home.kind == Kind.DEPARTMENT:
            return
        areas = {self.home.pk, *(one for group in predecessors.values() for one in group)}
        entries = GivenValue.objects.live().filter(
            Q(area__in=areas) | Q(area__parent=self.home.pk),
            figure_code__in=wanted,
            end__lte=max(period.end for period in periods),
        )
        if not since_ever:
            entries = entries.filter(start__gte=min(period.start for period in periods))
        for one in entries.order_by("start", "-end"):
            assert one.area_id is not None  # a constraint of the table
            self._entries.setdefault((one.figure_code, Slot(one.area_id, one.dimension, one.key)), []).append(one)

    def keys(self, codes: Iterable[str], dimension: str) -> set[str]:
        """The rows of a breakdown that somebody entered for the organisation itself."""
        wanted = set(codes)
        return {
            slot.key
            for code, slot in self._entries
            if code in wanted and slot.dimension == dimension and slot.unit == self.home.pk
        }

    def exact(self, figure: Figure, period: Period, slot: Slot) -> Found | None:
        """The entry for exactly this period."""
        for one in self._entries.get((figure.code, slot), ()):
            if one.period == period:
                return Found(one.number, (one,))
        return None

    def find(self, figure: Figure, period: Period, slot: Slot) -> Found | None:
        """What was entered for a unit and period, in the order that the module names; None when nobody entered anything."""
        if found := self.exact(figure, period, slot):
            return found
        if figure.over_months and (entries := _tiles(self._entries.get((figure.code, slot), ()), period)):
            return _sum(entries)
        if figure.additive:
            return self._former(figure, period, slot) or self._of_units(figure, period, slot)
        return None

    def _former(self, figure: Figure, period: Period, slot: Slot) -> Found | None:
        former = self.predecessors.get(slot.unit, ())
        parts = [self._own(figure, period, dataclasses.replace(slot, unit=unit)) for unit in former]
        known = [part for part in parts if part is not None]
        if not known or len(known) < len(parts):
            return None
        return _sum(entry for part in known for entry in part.entries)

    def _own(self, figure: Figure, period: Period, slot: Slot) -> Found | None:
        if found := self.exact(figure, period, slot):
            return found
        entries = _tiles(self._entries.get((figure.code, slot), ()), period) if figure.over_months else None
        return _sum(entries) if entries else None

    def _of_units(self, figure: Figure, period: Period, slot: Slot) -> Found | None:
        """The sum over the units in force on the period's last day; where some are known and others not, who is lacking."""
        if slot.unit != self.home.pk or not self._entries:
            return None
        units = self._units_at(period.end)
        parts = {}
        for unit in units:
            place = dataclasses.replace(slot, unit=unit)
            parts[unit] = self._own(figure, period, place) or self._former(figure, period, place)
        known = [part for part in parts.values() if part is not None]
        if not known:
            return None
        lacking = tuple(units[unit] for unit, part in parts.items() if part is None)
        return dataclasses.replace(_sum(entry for part in known for entry in part.entries), lacking=lacking)

    def _units_at(self, day: dt.date) -> dict[int, str]:
        if day not in self._units:
            units = self.home.children.areas().in_force(day).exclude(kind=Kind.AREA_SET)
            self._units[day] = {unit.pk: unit.name for unit in units}
        return self._units[day]


def _sum(entries: Iterable[GivenValue]) -> Found:
    kept = tuple(entries)
    return Found(sum(one.number for one in kept), kept)


def _tiles(entries: Sequence[GivenValue], period: Period) -> tuple[GivenValue, ...] | None:
    """Entries that follow one another from the first to the last day without gap or overlap, as few as possible; None if none do."""
    day = dt.timedelta(days=1)
    paths: dict[dt.date, tuple[GivenValue, ...]] = {period.start: ()}
    for one in entries:  # in order of their start, so every path to a day is complete before it is gone on from
        path = paths.get(one.start)
        if path is None or one.end > period.end:
            continue
        reached = one.end + day
        if reached not in paths or len(path) + 1 < len(paths[reached]):
            paths[reached] = (*path, one)
    return paths.get(period.end + day)
