"""Activities for tests, made by the services that pages use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.activities.models import Activity, Category
from emergency.activities.services import activity_file

DAY = dt.date(2021, 3, 5)


def category(slug: str) -> Category:
    """One of the categories that the house delivers."""
    return Category.objects.select_related("parent").get(slug=slug)


def activity_make(*, actor: Any, handler: Any, slug: str = "training_safety_officer", **fields: Any) -> Activity:
    """One training of safety officers on a day in March, unless told otherwise."""
    given: dict[str, Any] = {"started_on": DAY, "title": "安全员培训班"} | fields
    kept = category(slug)
    if kept.times_word:
        given.setdefault("times", 1)
    return activity_file(actor=actor, handler=handler, category=kept, **given)
