"""What people of a case say about its ledgers: own categories, 启用日期, and 零报告 of months without anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from emergency.activities.models import Category
from emergency.activities.services import category_create
from emergency.core import clock
from emergency.core.periods import Period
from emergency.demo.services.cases import Case
from emergency.demo.services.people import Person, unit_of
from emergency.figures.queries.zeros import Month, zero_months, zero_sources
from emergency.figures.services.starts import ledger_start_set
from emergency.figures.services.zeros import zero_confirm
from emergency.organizations.models import Kind, Organisation, Role


def categories_add(case: Case, *, actor: Any) -> None:
    """Categories of 工作纪实 that only this district keeps."""
    for one in case.demo["registers"].get("categories", ()):
        words = {f"{name}_word": word for name, word in one.get("words", {}).items()}
        parent = Category.objects.groups().get(name=one["group"])
        category_create(actor=actor, name=one["name"], parent=parent, order=one.get("order", 90), **words)


def starts_set(case: Case, *, actor: Any) -> None:
    """启用日期 of ledgers that the first record would not tell: there is none."""
    district = unit_of(case, "bureau").serves
    for ledger, day in case.demo.get("ledger_starts", {}).items():
        ledger_start_set(ledger=ledger, organisation=district, started_on=day, actor=actor)


def zeros_confirm(case: Case, people: Sequence[Person], *, now: dt.datetime) -> int:
    """Confirm the empty months of the spans that the case names; returns how many confirmations were made.

    ``silent`` counts the last months in which units with people of their own have not answered yet: that is their work to do.
    """
    district = unit_of(case, "bureau").serves
    today = timezone.localdate(now)
    said = 0
    for span in case.demo.get("zero_reports", ()):
        start = span.get("start") or dt.date(today.year, 1, 1)
        end = span.get("end") or today.replace(day=1) - dt.timedelta(days=1)
        if end < start:
            continue  # January: no month of this year is over
        silent = (
            {month.start for month in Period(start, end).months()[-span["silent"] :]} if span.get("silent") else set()
        )
        for source in zero_sources():
            for months in zero_months(source, district, Period(start, end)):
                said += sum(_say(people, source.code, month, silent, now) for month in months)
    return said


def _say(people: Sequence[Person], ledger: str, month: Month, silent: set[dt.date], now: dt.datetime) -> bool:
    """One unit's word on one month, given on the second day after it; False where there are records or nothing was said."""
    unit = month.unit
    own = _speaker(people, unit)
    if month.answered or (own is not None and month.period.start in silent):
        return False
    at = timezone.make_aware(dt.datetime.combine(month.period.end + dt.timedelta(days=2), dt.time(9, 30)))
    with clock.at(min(at, now)):
        actor = own or next(one.user for one in people if one.role == Role.CLERK)
        instead = own is None and unit.kind == Kind.STREET  # of the district itself the bureau speaks
        note = f"依据{unit.name}报送的零报告表" if instead else ""
        zero_confirm(ledger=ledger, organisation=unit, month=month.period.start, actor=actor, note=note)
    return True


def _speaker(people: Sequence[Person], unit: Organisation) -> Any:
    """Somebody of the unit itself who may speak for it; None where nobody has an account."""
    homes = (one.user for one in people if one.home == unit and one.role in (Role.STREET_OFFICER, Role.STREET_HEAD))
    return next(homes, None)
