"""Whose figures a reader may see: those of the areas that they oversee, and of the office that they act for."""

from __future__ import annotations

from typing import Any

from emergency.organizations.models import Organisation
from emergency.organizations.scope import reach


def covers(user: Any, organisation: Organisation) -> bool:
    """Whether the reader's scope holds the whole of an organisation: only then do its parts show."""
    home = organisation.counted
    mine = reach(user)
    if any(home.path.startswith(root.path) for root in mine.roots):
        return True
    if any(home.pk in mine.with_predecessors(root) or root.pk == home.pk for root in mine.roots):
        return True
    return any(post.organisation.pk == home.pk for post in mine.posts)


def lies_within(user: Any, organisation: Organisation) -> bool:
    """Whether the reader works somewhere below an organisation: then its totals show, but not its other parts."""
    return any(post.organisation.path.startswith(organisation.path) for post in reach(user).posts)


def home_of(user: Any) -> Organisation | None:
    """The organisation whose figures a reader sees first: the widest area overseen, else the first office acted for.

    None for who has neither: a committee answers for an area without overseeing it, so its posts read no figures.
    """
    mine = reach(user)
    roots = mine.roots
    if roots:
        return roots[0]
    return next((post.organisation for post in mine.posts if covers(user, post.organisation)), None)


def choices(user: Any) -> list[Organisation]:
    """What the organisation switch offers: each area overseen with the units right below it, and offices acted for."""
    mine = reach(user)
    found: dict[int, Organisation] = {}
    for root in mine.roots:
        found[root.pk] = root
        for unit in Organisation.objects.areas().filter(parent=root, valid_to=None).select_related("parent"):
            found.setdefault(unit.pk, unit)
    for post in mine.posts:
        if post.root is None and covers(user, post.organisation):
            found.setdefault(post.organisation.pk, post.organisation)
    return list(found.values())
