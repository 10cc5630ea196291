"""Accidents for tests, made through the services like everywhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from emergency.incidents.models import Accident, Classification, Status
from emergency.incidents.services import accident_register
from emergency.organizations.tests.factories import Cast

#: The accident and the day on which the tests stand.
HAPPENED_ON = dt.date(2026, 3, 2)
TODAY = dt.date(2026, 4, 20)


def moment(day: dt.date, hour: int = 9, minute: int = 30) -> dt.datetime:
    """A time of day by the clocks of China."""
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=timezone.get_default_timezone())


def accident_make(cast: Cast, **fields: Any) -> Accident:
    """A first report of officer A: one dead and two badly hurt in the cast's enterprise."""
    values: dict[str, Any] = {
        "actor": cast.officer_a,
        "area": cast.street_a,
        "enterprise": cast.enterprise,
        "occurred_at": moment(HAPPENED_ON),
        "classification": Classification.INDUSTRIAL,
        "initial_deaths": 1,
        "initial_serious": 2,
        "brief": "检修时吊装的钢梁坠落",
    }
    made = accident_register(**values | fields)
    return Accident.objects.get(pk=made.pk)


def accident_in(cast: Cast, status: str, **fields: Any) -> Accident:
    """An accident standing in this status with all that it takes to get on from there: in 已核实 its report is in."""
    one = accident_make(cast, **fields)
    changes: dict[str, Any] = {"status": status}
    if status in (Status.VERIFIED, Status.CLOSED):
        changes |= {
            "verified_on": HAPPENED_ON,
            "report_due_on": dt.date(2026, 5, 6),
            "report_submitted_on": dt.date(2026, 4, 10),
            "reply_due_on": dt.date(2026, 4, 27),
            "cause": "吊具未检查",
        }
    if status == Status.CLOSED:
        changes |= {"approved_on": dt.date(2026, 4, 15), "approval_number": "南岭府字〔2026〕8号"}
    if status == Status.VOID:
        changes |= {"void_reason": "重复登记"}
    Accident.objects.filter(pk=one.pk).update(**changes)
    return Accident.objects.get(pk=one.pk)
