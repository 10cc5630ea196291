"""Reads behind the pages of visits."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation, User
from emergency.organizations.scope import FILERS, holds, reach
from hazards.models import Hazard, Status
from inspections.models import Finding, Visit


def may_register(user: Any) -> bool:
    """Who files visits for some office."""
    return holds(user, FILERS)


def filing_units(user: Any) -> list[Organisation]:
    """The units in whose name the user files, each once."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in FILERS}
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


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What a visit came to: hazards found, and how many of them are closed by now."""

    found: int
    closed: int


def found_at(visits: Sequence[Visit]) -> dict[int, Found]:
    """The numbers of hazards of visits by their keys, count-mode rows by their quantity; one query."""
    live = Finding.objects.filter(visit__in=[one.pk for one in visits]).exclude(hazard__status=Status.VOID)
    rows = (
        live.values("visit")
        .annotate(n=Sum("hazard__quantity"), closed=Sum("hazard__quantity", filter=Q(hazard__status=Status.CLOSED)))
        .values_list("visit", "n", "closed")
    )
    counted = {visit: Found(number or 0, closed or 0) for visit, number, closed in rows}
    return {one.pk: counted.get(one.pk, Found(0, 0)) for one in visits}


def open_hazards(user: Any, enterprise: Enterprise, limit: int = 20) -> tuple[list[Hazard], int]:
    """The enterprise's hazards that are not closed (the longest due first), as far as the user sees them, and how many there are."""
    rows = Hazard.objects.visible_to(user).open().filter(enterprise=enterprise).order_by("due_on", "pk")
    found = list(rows[: limit + 1])
    return found[:limit], len(found) if len(found) <= limit else rows.count()


def visits_of(user: Any, enterprise: Enterprise, limit: int = 10) -> tuple[list[Visit], int]:
    """The enterprise's visits, newest first, and how many there are."""
    rows = Visit.objects.live().visible_to(user).filter(enterprise=enterprise)
    count = rows.aggregate(n=Count("pk"))["n"]
    return list(rows.select_related("handler").order_by("-visited_on", "-pk")[:limit]), count
