"""Who acts in the last weeks of a case, and the steps still to come in the order of time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from emergency.core import clock
from emergency.demo.services.cases import Case
from emergency.demo.services.people import Person
from emergency.demo.services.photos import photo_draw
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS
from emergency.programmes.models import Programme
from inspections.models import Checklist

Step = Callable[[dt.datetime], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """A unit with the people who file for it."""

    unit: Organisation
    staff: tuple[Any, ...]
    enterprises: tuple[Enterprise, ...]


class Play:
    """The steps still to come, in the order of time. Each may ask for further ones."""

    def __init__(self, case: Case, people: Sequence[Person], *, start: dt.date, now: dt.datetime, seed: int) -> None:
        self.case = case
        self.start = start
        self.now = now
        self.rng = random.Random(seed)
        self.people = people
        self.offices = offices_of(people)
        self.firms = {one.home.pk: one.user for one in people if isinstance(one.home, Enterprise)}
        bureau = next(office for office in self.offices.values() if office.unit.kind == Kind.BUREAU)
        self.bureau = bureau
        self.checklists: dict[int, tuple[Checklist, list[Any]]] = {}
        self.campaign: Programme | None = None
        self._queue: list[tuple[dt.datetime, int, Step]] = []
        self._serial = itertools.count()

    def at(self, day: dt.date, step: Step, hours: tuple[int, int] = (9, 17)) -> None:
        """Do something on a day in office hours; never, if that is still to come."""
        minutes = self.rng.randrange(hours[0] * 60, hours[1] * 60)
        moment = timezone.make_aware(dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes))
        if moment <= self.now:
            heapq.heappush(self._queue, (moment, next(self._serial), step))

    def run(self) -> int:
        """Act all steps; returns how many there were."""
        done = 0
        while self._queue:
            moment, _serial, step = heapq.heappop(self._queue)
            with clock.at(moment):
                step(moment)
            done += 1
        return done

    def photo(self, moment: dt.datetime, *, tidy: bool) -> list[Any]:
        return [photo_draw(moment, self.rng, tidy=tidy)]


def offices_of(people: Sequence[Person]) -> dict[int, Office]:
    staff: dict[int, list[Any]] = defaultdict(list)
    units: dict[int, Organisation] = {}
    for one in people:
        if one.role in FILERS and isinstance(one.home, Organisation):
            staff[one.home.pk].append(one.user)
            units[one.home.pk] = one.home
    offices = {}
    for pk, unit in units.items():
        known = Enterprise.objects.operating().select_related("area", "industry", "department", "district")
        if unit.kind == Kind.DEPARTMENT:
            known = known.filter(department=unit)
        else:
            known = known.filter(area__path__startswith=unit.serves.path)
        offices[pk] = Office(unit, tuple(staff[pk]), tuple(known.order_by("pk")))
    return offices


def workdays_of(play: Play) -> list[dt.date]:
    last = timezone.localdate(play.now)
    days = [play.start + dt.timedelta(days=offset) for offset in range(1, (last - play.start).days + 1)]
    return [day for day in days if day.weekday() < 5]


def workday(day: dt.date) -> dt.date:
    """The day itself, or the Friday before a weekend."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
