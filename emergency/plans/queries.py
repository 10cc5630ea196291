"""Reads behind the pages: for whom somebody enters plans and drills, and who owes a drill."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from emergency.core.periods import Period, add_months
from emergency.enterprises.models import Enterprise, EnterpriseQuerySet
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation, OrganisationQuerySet
from emergency.organizations.queries import units_within
from emergency.organizations.scope import FILERS, enterprise_user, holds, reach
from emergency.plans.models import Drill, DrillStatus, Plan, Status

#: 《生产安全事故应急条例》第八条: governments, their departments and the streets drill at least once in two years.
OFFICE_MONTHS = 24


def may_register(user: Any) -> bool:
    """Who enters plans and drills at all: for an office, or for an own enterprise."""
    return holds(user, FILERS) or enterprise_user(user)


def reads(user: Any) -> bool:
    """Every office; an enterprise has its own page."""
    return bool(reach(user).posts)


def own_units(user: Any) -> list[Organisation]:
    """The units in whose name the user files, each once."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in FILERS}
    return list(units.values())


def half_year(on: dt.date) -> Period:
    """The half of the calendar year in which a day lies."""
    first = on.month <= 6
    return Period(dt.date(on.year, 1 if first else 7, 1), dt.date(on.year, 6 if first else 12, 30 if first else 31))


def must_drill() -> EnterpriseQuerySet:
    """Enterprises under the half-yearly duty of 《生产安全事故应急条例》第八条: key ones, and those that file a plan here.

    The register knows no list of the trades that the article names; who of them files a plan, or is under special supervision, is known.
    """
    filing = Plan.objects.in_force().exclude(enterprise=None).exclude(status=Status.PUBLISHED)
    return Enterprise.objects.operating().filter(Q(key_supervised=True) | Q(pk__in=filing.values("enterprise")))


def owing(on: dt.date) -> EnterpriseQuerySet:
    """Enterprises that must and have not drilled in the half-year of the day, up to it."""
    period = half_year(on)
    held = Drill.objects.held().filter(held_on__range=(period.start, on)).exclude(enterprise=None)
    return must_drill().exclude(pk__in=held.values("enterprise"))


def units_owing(user: Any, on: dt.date) -> OrganisationQuerySet:
    """Bureaus, departments and streets in the reader's area without a drill in two years."""
    since = add_months(on, -OFFICE_MONTHS)
    held = Drill.objects.filter(
        status__in=[DrillStatus.HELD, DrillStatus.EVALUATED], held_on__range=(since, on)
    ).exclude(owner=None)
    units = units_within(user).in_force(on).filter(kind__in=[UnitKind.BUREAU, UnitKind.DEPARTMENT, UnitKind.STREET])
    return units.exclude(pk__in=held.values("owner")).order_by("kind", "order", "pk")


def plans_of(enterprise: Enterprise, user: Any) -> Any:
    """An enterprise's plans that the reader sees, the newest first, without those that ended."""
    mine = Plan.objects.visible_to(user).filter(enterprise=enterprise)
    return mine.exclude(status__in=[Status.VOID, Status.REPEALED]).order_by("-pk")
