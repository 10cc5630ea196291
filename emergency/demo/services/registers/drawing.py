"""What the registers share: the stretches of time that they fill, and days, parties and words drawn for their rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from emergency.demo.services.cases import Case, Unit
from emergency.demo.services.register import Subject
from emergency.demo.services.splitting import apportion

Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    """Days to be filled, and how much happens in them, as the case file says it. ``campaign`` is that of the time, or blank."""

    start: dt.date
    end: dt.date
    amounts: Mapping[str, Any]
    campaign: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sketch:
    """A case with its enterprises and its dice, as of a day: what would have happened on that day or later has not yet.

    ``taken`` remembers what may stand in a register only once, whatever the stretch; ``serials`` counts its papers by year.
    """

    case: Case
    subjects: Sequence[Subject]
    today: dt.date
    rng: random.Random
    taken: set[tuple[Any, ...]] = dataclasses.field(default_factory=set)
    serials: Counter[int] = dataclasses.field(default_factory=Counter)

    def number(self, told: Any) -> Any:
        """A number of the case file: itself, or the path of a fact (“supervision.circulars”)."""
        return self.case.fact(told) if isinstance(told, str) else told

    def stretches(self) -> list[Stretch]:
        """The period of the published figures; last year and this one, of which the days to come stay empty; and the last days."""
        case, registers = self.case, self.case.demo["registers"]
        found = []
        if "period" in registers:
            found.append(Stretch(case.start, case.end, registers["period"], case.campaign_name))
        campaign = case.demo.get("present", {}).get("campaign", {}).get("name", "")
        if "yearly" in registers:
            found += [
                Stretch(dt.date(year, 1, 1), dt.date(year, 12, 31), registers["yearly"], campaign)
                for year in (self.today.year - 1, self.today.year)
            ]
        if "lately" in registers:
            start = self.today - dt.timedelta(days=registers["lately"]["days"])
            found.append(Stretch(start, self.today - dt.timedelta(days=1), registers["lately"], campaign))
        return found

    def first(self, *key: Any) -> bool:
        """Whether this comes for the first time; from now on it is taken."""
        if key in self.taken:
            return False
        self.taken.add(key)
        return True

    def days(self, stretch: Stretch, count: int) -> list[dt.date]:
        """So many working days of a stretch, in order; the same day may come twice."""
        length = (stretch.end - stretch.start).days + 1
        days: list[dt.date] = []
        while len(days) < count:
            day = stretch.start + dt.timedelta(days=self.rng.randrange(length))
            if day.weekday() < 5:
                days.append(day)
        return sorted(days)

    def known(self, day: dt.date) -> bool:
        """Whether a day has passed, so that it can stand in a table."""
        return day < self.today

    def later(self, day: dt.date, least: int, most: int) -> dt.date | None:
        """A day so much later, or None where it has not come yet."""
        later = day + dt.timedelta(days=self.rng.randint(least, most))
        return later if self.known(later) else None

    def unit(self) -> Unit:
        units = self.case.units
        return self.rng.choices(units, [unit.weight for unit in units])[0]

    def parties(self, count: int) -> list[Subject]:
        """So many different enterprises. Raises ``ValueError`` when the register has fewer."""
        return self.rng.sample(list(self.subjects), count)

    def of_industry(self, industry: str) -> Subject:
        found = [one for one in self.subjects if one.industry == industry]
        return self.rng.choice(found or list(self.subjects))

    def shares(self, total: int, count: int, least: int = 0) -> list[int]:
        """A total in so many uneven parts of at least ``least``."""
        free = total - least * count
        return [least + part for part in apportion(free, [self.rng.uniform(0.3, 2.0) for _ in range(count)])]
