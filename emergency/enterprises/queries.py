"""Reads that join: finding a subject of supervision by what somebody types, whoever may be the same one, and where one may lie."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from emergency.core import clock
from emergency.core.search import search
from emergency.enterprises.models import Enterprise, State, name_key
from emergency.organizations.models import Kind, Organisation, OrganisationQuerySet, Tier
from emergency.organizations.queries import units_within
from emergency.organizations.scope import reach

SUGGESTIONS = 20


def enterprise_suggest(*, user: Any, text: str, limit: int = SUGGESTIONS) -> list[Enterprise]:
    """Subjects that the user may see whose name, former name, code or address holds every word typed; those that begin with it first.

    Without a word the newest ones, so that the picker shows something when it is opened.
    """
    words = text.strip()
    found = search(Enterprise.objects.live().visible_to(user).select_related("area", "district"), words)
    rows = list(found.order_by("-id")[: limit * 5 if words else limit])
    rows.sort(key=lambda one: (not one.name.startswith(words), one.state in State.ended()))
    return rows[:limit]


def enterprise_likenesses(*, user: Any, name: str, credit_code: str = "", limit: int = 5) -> list[Enterprise]:
    """Visible subjects that may be the same: by code, or by a name equal but for brackets, spaces and width."""
    same = Q(name_key=name_key(name)) if name_key(name) else Q(pk__in=[])
    if credit_code:
        same |= Q(credit_code=credit_code)
    return list(Enterprise.objects.live().visible_to(user).filter(same).select_related("area", "district")[:limit])


def areas_for(user: Any) -> OrganisationQuerySet:
    """The places at which the user may register: under the areas overseen, and for a department under the level it serves."""
    areas = units_within(user)
    for post in reach(user).posts:
        if post.root is None:
            areas = areas | Organisation.objects.under(post.organisation.serves)
    return areas.areas().in_force(clock.today()).select_related("parent").order_by("path")


def places_for(user: Any) -> OrganisationQuerySet:
    """The places to filter by: streets and districts, and communities for who works at a street or below."""
    areas = areas_for(user)
    if any(root.tier in (Tier.STREET, Tier.COMMUNITY) for root in reach(user).roots):
        return areas
    return areas.exclude(tier=Tier.COMMUNITY)


def departments_at_work() -> OrganisationQuerySet:
    """Offices that can answer for an industry: departments, and the emergency bureaus for those that are theirs."""
    offices = Organisation.objects.in_force(clock.today()).filter(kind__in=[Kind.DEPARTMENT, Kind.BUREAU])
    return offices.order_by("order", "pk")
