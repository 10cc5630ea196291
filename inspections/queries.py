"""Reads behind the pages of visits and measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation, User
from emergency.organizations.scope import FILERS, holds, reach
from hazards.models import Hazard
from inspections.lifecycle import MEASURERS
from inspections.models import Measure, Visit


def may_register(user: Any) -> bool:
    """Who files visits for some office."""
    return holds(user, FILERS)


def filing_units(user: Any) -> list[Organisation]:
    """The units in whose name the user files, each once."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in FILERS}
    return list(units.values())


def may_measure(user: Any) -> bool:
    """Who registers measures for some office."""
    return holds(user, MEASURERS)


def measuring_units(user: Any) -> list[Organisation]:
    """The units in whose name the user registers measures, each once."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in MEASURERS}
    return list(units.values())


def colleagues(units: Sequence[Organisation], on: dt.date) -> QuerySet[User]:
    """Those in post at the units on a day: who can have come along."""
    held = Q(memberships__organisation__in=units, memberships__revoked_at=None)
    begun = Q(memberships__valid_from=None) | Q(memberships__valid_from__lte=on)
    lasting = Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=on)
    return User.objects.filter(held, begun, lasting, is_active=True).distinct().order_by("name", "pk")


def last_visit(user: Any) -> Visit | None:
    """The user's own last itemised visit, from which a new form takes its defaults."""
    return Visit.objects.live().filter(created_by=user, entry_mode="item").order_by("-pk").first()


def open_hazards(user: Any, enterprise: Enterprise, limit: int = 20) -> tuple[list[Hazard], int]:
    """The enterprise's hazards that are not closed (the longest due first), as far as the user sees them, and how many there are."""
    rows = Hazard.objects.visible_to(user).open().filter(enterprise=enterprise).order_by("due_on", "pk")
    found = list(rows[: limit + 1])
    return found[:limit], len(found) if len(found) <= limit else rows.count()


def visits_of(user: Any, enterprise: Enterprise, limit: int = 10) -> tuple[list[Visit], int]:
    """The enterprise's visits, newest first, and how many there are."""
    rows = Visit.objects.live().visible_to(user).filter(enterprise=enterprise)
    count = rows.aggregate(n=Count("pk"))["n"]
    return list(rows.with_outcome().select_related("handler").order_by("-visited_on", "-pk")[:limit]), count


def measures_of(user: Any, enterprise: Enterprise, limit: int = 10) -> tuple[list[Measure], bool]:
    """The measures against an enterprise, newest first, and whether there are more."""
    rows = Measure.objects.live().visible_to(user).filter(enterprise=enterprise).select_related("handler")
    found = list(rows.order_by("-decided_on", "-pk")[: limit + 1])
    return found[:limit], len(found) > limit


def measures_after(user: Any, visit: Visit) -> list[Measure]:
    """The measures that came of a visit, in the order of registering."""
    return list(Measure.objects.live().visible_to(user).filter(visit=visit).select_related("handler").order_by("pk"))


def to_publish(user: Any) -> QuerySet[Measure]:
    """What the offices decided for which this user registers, and still have to publish."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in MEASURERS}
    for pk in list(units):
        units.update(mine.predecessors.get(pk, ()))
    if not units:
        return Measure.objects.none()
    return Measure.objects.to_publish().visible_to(user).filter(handler__in=units).order_by("publish_due_on", "pk")
