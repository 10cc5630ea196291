"""Unit changes: whose records are printed in whose row, on which day.

Units never merge in place: a merger ends the old units and begins the new one. Records keep the unit of their day. A number for a
period folds into a unit those that had gone on **in it alone** by the period's last day; what was divided among several stays by
itself, because nobody can say which part of it is whose.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable

from emergency.organizations.models import Succession
from emergency.organizations.scope import predecessors_of


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A unit that went on in another from a day; ``since`` is the first day of the successor, where it has one."""

    before: int
    after: int
    on: dt.date
    since: dt.date | None


class Changes:
    """All unit changes that are entered, those ahead of their day too."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._all = tuple(changes)

    @classmethod
    def known(cls) -> Changes:
        rows = Succession.objects.values_list("predecessor_id", "successor_id", "on", "successor__valid_from")
        return cls(Change(*row) for row in rows)

    def by(self, day: dt.date) -> frozenset[Change]:
        """Those that have taken place by the end of a day."""
        return frozenset(change for change in self._all if change.on <= day)

    def folded(self, units: Iterable[int], on: dt.date) -> dict[int, tuple[int, ...]]:
        """For each unit those that are printed inside it in a period that ends on a day; only units that have any.

        A unit younger than the day means those that it was made of: its year before is theirs.
        """
        days: dict[dt.date, list[int]] = {}
        for unit in units:
            began = [change.since for change in self._all if change.after == unit and change.since]
            days.setdefault(max([on, *began]), []).append(unit)
        return {unit: former for day, group in days.items() for unit, former in self._folded(group, day).items()}

    @property
    def any_divided(self) -> bool:
        return any(heirs > 1 for heirs in self._heirs(self._all).values())

    def divided_on(self, unit: int) -> dt.date | None:
        """The day on which a unit began with a part of another: of the days before it has no numbers. None for all others."""
        heirs = self._heirs(self._all)
        return max((one.on for one in self._all if one.after == unit and heirs[one.before] > 1), default=None)

    def _folded(self, units: list[int], day: dt.date) -> dict[int, tuple[int, ...]]:
        done = self.by(day)
        heirs = self._heirs(done)
        return predecessors_of(units, [(one.before, one.after) for one in done if heirs[one.before] == 1])

    @staticmethod
    def _heirs(changes: Iterable[Change]) -> Counter[int]:
        """In how many units each unit went on."""
        return Counter(change.before for change in changes)
