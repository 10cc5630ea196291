"""What hazards show elsewhere: to-do items, search results, the menu, and the box on an enterprise's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from emergency.core import clock
from emergency.core.listing import newest
from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, Todo, TodoItem, register
from emergency.core.search import search_q
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind
from emergency.organizations.scope import FILERS, area_q, business_user, enterprise_user, reach
from hazards.lifecycle import BUREAU_HEADS, may_register
from hazards.models import OPEN_STATUSES, STATUS_TONES, Grade, Hazard, ListingDecision, Status

#: Rows of the box on an enterprise's page; more are in the list.
SHOWN = 10


def _handled(user: Any) -> QuerySet[Hazard]:
    """What the offices handle for which this user files."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in FILERS}
    for pk in list(units):
        units.update(mine.predecessors.get(pk, ()))
    return Hazard.objects.visible_to(user).filter(handler__in=units) if units else Hazard.objects.none()


def _of_firm(user: Any) -> QuerySet[Hazard]:
    """What the enterprises have to do for which this user files."""
    if not enterprise_user(user):
        return Hazard.objects.none()
    posts = user.enterprise_memberships.in_force(clock.today())
    return Hazard.objects.visible_to(user).filter(enterprise__in=posts.values("enterprise"))


def _reviews(user: Any, on: dt.date) -> QuerySet[Hazard]:
    handled = _handled(user).filter(status=Status.REVIEW).exclude(Q(rectified_by=user, rectified_by__isnull=False))
    return handled.order_by(F("review_due_on").asc(nulls_last=True), "pk")


def _extensions(user: Any, on: dt.date) -> QuerySet[Hazard]:
    asked = _handled(user).filter(status=Status.EXTENSION).exclude(Q(requested_by=user, requested_by__isnull=False))
    return asked.order_by("due_on", "pk")


def _late(user: Any, on: dt.date) -> QuerySet[Hazard]:
    return _handled(user).overdue(on).order_by("due_on", "pk")


def _drafts(user: Any, on: dt.date) -> QuerySet[Hazard]:
    return _handled(user).filter(status=Status.DRAFT, created_by=user).order_by("pk")


def _repairs(user: Any, on: dt.date) -> QuerySet[Hazard]:
    return _of_firm(user).filter(status=Status.RECTIFYING).order_by(F("due_on").asc(nulls_last=True), "pk")


def _listings(user: Any, on: dt.date) -> QuerySet[Hazard]:
    """Major hazards on which the heads of the bureau have not yet decided whether to list them (挂牌督办)."""
    roots = [
        post.root
        for post in reach(user).posts
        if post.role in BUREAU_HEADS and post.organisation.kind == Kind.BUREAU and post.root is not None
    ]
    if not roots:
        return Hazard.objects.none()
    waiting = Hazard.objects.open().visible_to(user)
    undecided = waiting.filter(grade=Grade.MAJOR, listed=False, listing_decision=ListingDecision.UNDECIDED)
    return undecided.filter(reduce(or_, [area_q(root) for root in roots])).order_by("due_on", "pk")


def _todo(name: str, label: str, rows: Callable[[Any, dt.date], QuerySet[Hazard]], order: int) -> Todo:
    def items(user: Any, on: dt.date, limit: int) -> Sequence[TodoItem]:
        return [
            TodoItem(
                title=one.description[:60],
                url=one.get_absolute_url(),
                kind=label,
                due_on=one.next_due_on,
                subject=one.subject_name,
            )
            for one in rows(user, on)[:limit]
        ]

    return Todo(name, label, items, lambda user, on: rows(user, on).count(), order)


def find(user: Any, term: str, limit: int) -> Sequence[Hit]:
    """Hazards whose number, subject or description holds the term, newest first."""
    condition = search_q(Hazard, term)
    branches = [branch.filter(condition) for branch in Hazard.objects.all().visible_branches(user)]
    return [
        Hit(
            f"{one.number} {one.subject_name}",
            one.get_absolute_url(),
            f"{one.get_status_display()} · {one.description[:60]}",
        )
        for one in newest(branches, "found_on", limit)
    ]


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The open hazards of an enterprise, most urgent first; None where the reader sees no hazard of it."""
    visible = Hazard.objects.visible_to(user).filter(enterprise=enterprise)
    opened = visible.filter(status__in=OPEN_STATUSES).order_by(F("due_on").asc(nulls_last=True), "pk")
    rows = list(opened[: SHOWN + 1])
    if not rows and not visible.exists():
        return None
    waiting = bool(reach(user).posts) and visible.filter(status=Status.REVIEW).exists()
    return {
        "rows": [(one, STATUS_TONES[Status(one.status)]) for one in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "list_url": f"{reverse('hazards:list')}?enterprise={enterprise.pk}",
        "recheck_url": f"{reverse('hazards:recheck')}?enterprise={enterprise.pk}" if waiting else "",
        "new_url": f"{reverse('hazards:new')}?enterprise={enterprise.pk}" if may_register(user) else "",
    }


register(
    _todo("hazards.review", "待复查", _reviews, 20),
    _todo("hazards.extension", "延期待批", _extensions, 21),
    _todo("hazards.listing", "挂牌待定", _listings, 19),
    _todo("hazards.late", "逾期未改", _late, 22),
    _todo("hazards.draft", "待下达", _drafts, 23),
    _todo("hazards.repair", "待整改", _repairs, 24),
    SearchSource("hazards", "隐患", find, 20),
    MenuEntry("隐患治理", "隐患台账", "hazards:list", business_user, icon="hazard", order=10, phone="隐患"),
    MenuEntry("隐患治理", "登记隐患", "hazards:new", may_register, icon="plus", order=20),
    Panel("enterprises.enterprise", "隐患", "hazards/enterprise_panel.html", enterprise_box, order=30),
)
