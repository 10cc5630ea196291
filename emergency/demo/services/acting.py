"""The last weeks of a case, acted by its people through the services that pages use, each step at its own moment.

What lies after the present moment is simply not done yet: that leaves work of every kind on the to-do lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from emergency.core import clock
from emergency.demo.services.cases import Case
from emergency.demo.services.people import Person
from emergency.demo.services.repairing import submit
from emergency.demo.services.scenes import plan_scenes
from emergency.demo.services.splitting import apportion
from emergency.demo.services.stage import Play, workday, workdays_of
from emergency.demo.services.visiting import visit, write_checklists
from emergency.organizations.models import Kind
from emergency.programmes.models import Programme
from hazards.models import OPEN_STATUSES, EntryMode, Hazard

#: How busy one office of each kind is, on a scale of their own.
_OFFICE_WEIGHTS = {Kind.STREET: 3, Kind.BUREAU: 12, Kind.DEPARTMENT: 6, Kind.COMMUNITY: 6}


def weeks_act(case: Case, people: Sequence[Person], *, start: dt.date, now: dt.datetime) -> int:
    """Act from ``start`` until ``now``; returns the number of steps taken."""
    play = Play(case, people, start=start, now=now, seed=case.demo["seed"] + 1)
    with clock.at(timezone.make_aware(dt.datetime.combine(start, dt.time(8, 30)))):
        write_checklists(play)
    running = Programme.objects.campaigns().during(start, timezone.localdate(now))
    play.campaign = running.filter(name=case.demo["present"]["campaign"]["name"]).first()
    _plan_visits(play)
    _plan_backlog(play)
    plan_scenes(play)
    return play.run()


def _plan_visits(play: Play) -> None:
    offices = list(play.offices.values())
    shares = apportion(
        play.case.demo["present"]["acted_visits"], [_OFFICE_WEIGHTS[Kind(office.unit.kind)] for office in offices]
    )
    for office, count in zip(offices, shares, strict=True):
        slots = [(day, enterprise) for day in workdays_of(play) for enterprise in office.enterprises]
        for day, enterprise in play.rng.sample(slots, min(count, len(slots))):
            play.at(day, visit(play, office, enterprise))


def _plan_backlog(play: Play) -> None:
    """What the workbooks left open is worked off by the offices that have people here; one in eight stays undone."""
    left = Hazard.objects.filter(
        handler__in=play.offices, status__in=OPEN_STATUSES, found_on__lte=play.start, entry_mode=EntryMode.ITEM
    )
    for hazard in left.order_by("pk"):
        if play.rng.random() < 0.88:
            play.at(workday(play.start + dt.timedelta(days=play.rng.randint(2, 30))), submit(play, hazard.pk))
