"""What hazards and risk points show elsewhere: to-do items, search results, the menu, and the boxes on an enterprise's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.urls import reverse

from emergency.core import clock
from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, TodoRows, register
from emergency.enterprises.models import Enterprise, RiskLevel
from emergency.letters.panels import matter_box
from emergency.letters.queries import Matters, register_matters
from emergency.organizations.models import Kind
from emergency.organizations.scope import FILERS, area_q, business_user, enterprise_user, holds, reach
from hazards.lifecycle import BUREAU_HEADS, may_register
from hazards.models import (
    OPEN_STATUSES,
    RISK_TONES,
    STATUS_TONES,
    Grade,
    Hazard,
    ListingDecision,
    RiskPoint,
    RiskStatus,
    Status,
)

#: Rows of the box on an enterprise's page; more are in the list.
SHOWN = 10


def _own_offices(user: Any) -> set[int]:
    """The offices for which this user files, with those that they succeeded."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in FILERS}
    for pk in list(units):
        units.update(mine.predecessors.get(pk, ()))
    return units


def _handled(user: Any) -> QuerySet[Hazard]:
    """What the offices handle for which this user files."""
    units = _own_offices(user)
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


def _todo(
    name: str, label: str, rows: Callable[[Any, dt.date], QuerySet[Hazard]], order: int, *, due_on: str = "due_on"
) -> TodoRows:
    """``due_on``: the clock that runs in the state of these rows (``Hazard.next_due_on``)."""
    return TodoRows(
        name,
        label,
        rows,
        ("description", "subject_name"),
        lambda description, subject: (description[:60], subject),
        "hazards:detail",
        due_on,
        order=order,
    )


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


# ------------------------------------------------------------------------------------------------ risk points


def _kept(user: Any) -> QuerySet[RiskPoint]:
    """What the offices keep for which this user files, and an enterprise its own."""
    if enterprise_user(user):
        return RiskPoint.objects.visible_to(user)
    units = _own_offices(user)
    return RiskPoint.objects.visible_to(user).filter(handler__in=units) if units else RiskPoint.objects.none()


def _patrols(user: Any, on: dt.date) -> QuerySet[RiskPoint]:
    """Due today or before: a patrol is made on its day, not the day after."""
    due = _kept(user).filter(status=RiskStatus.CONTROLLED, next_patrol_on__lte=on)
    return due.order_by("next_patrol_on", "pk")


def _uncontrolled(user: Any, on: dt.date) -> QuerySet[RiskPoint]:
    if enterprise_user(user):
        return RiskPoint.objects.none()
    return _kept(user).filter(status=RiskStatus.IDENTIFIED).order_by("identified_on", "pk")


def _risk_todo(
    name: str, label: str, rows: Callable[[Any, dt.date], QuerySet[RiskPoint]], order: int, *, due_on: str = ""
) -> TodoRows:
    return TodoRows(
        name,
        label,
        rows,
        ("name", "level", "enterprise__name", "place"),
        lambda name, level, firm, place: (f"{name}（{RiskLevel(level).label}）", firm or place),
        "hazards:risk_detail",
        due_on,
        order=order,
    )


def enterprise_risks(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The risk points of an enterprise, gravest first; None where the reader sees none of it."""
    visible = RiskPoint.objects.visible_to(user).filter(enterprise=enterprise)
    gravity = Case(*(When(level=level, then=place) for place, level in enumerate(RiskLevel.values)))
    rows = list(visible.live().order_by(gravity, "-identified_on", "pk")[: SHOWN + 1])
    if not rows and not visible.exists():
        return None
    return {
        "rows": [(one, RISK_TONES[RiskStatus(one.status)]) for one in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "list_url": f"{reverse('hazards:risk_list')}?enterprise={enterprise.pk}",
        "new_url": f"{reverse('hazards:risk_new')}?enterprise={enterprise.pk}" if holds(user, FILERS) else "",
    }


def _files(user: Any) -> bool:
    return holds(user, FILERS)


def _by_number(user: Any, numbers: Sequence[str]) -> dict[str, Hazard]:
    """The hazards of a letter's table, by our number or by the one that they came with."""
    seen = Hazard.objects.all() if user is None else Hazard.objects.visible_to(user)
    found = seen.filter(Q(number__in=numbers) | Q(original_number__in=numbers))
    return {name: one for one in found for name in (one.original_number, one.number) if name in numbers}


def _addresses(user: Any, keys: Sequence[int]) -> dict[int, str]:
    return {one.pk: one.get_absolute_url() for one in Hazard.objects.visible_to(user).filter(pk__in=keys)}


register_matters(Matters("hazards.hazard", "隐患", _by_number, _addresses))

register(
    _todo("hazards.review", "待复查", _reviews, 20, due_on="review_due_on"),
    _todo("hazards.extension", "延期待批", _extensions, 21),
    _todo("hazards.listing", "挂牌待定", _listings, 19),
    _todo("hazards.late", "逾期未改", _late, 22),
    _todo("hazards.draft", "待下达", _drafts, 23),
    _todo("hazards.repair", "待整改", _repairs, 24),
    SearchSource(
        "hazards",
        "隐患",
        lambda user: Hazard.objects.all().visible_branches(user),
        "found_on",
        ("number", "subject_name", "status", "description"),
        lambda one: Hit(
            f"{one.number} {one.subject_name}",
            one.get_absolute_url(),
            f"{one.get_status_display()} · {one.description[:60]}",
        ),
        20,
    ),
    MenuEntry("隐患治理", "隐患台账", "hazards:list", business_user, icon="hazard", order=10, phone="隐患"),
    MenuEntry("隐患治理", "登记隐患", "hazards:new", may_register, icon="plus", order=20),
    _risk_todo("risks.patrol", "风险点巡查", _patrols, 25, due_on="next_patrol_on"),
    _risk_todo("risks.control", "待管控风险点", _uncontrolled, 26),
    SearchSource(
        "risk_points",
        "风险点",
        lambda user: RiskPoint.objects.all().visible_branches(user),
        "identified_on",
        ("number", "name", "level", "status"),
        lambda one: Hit(str(one), one.get_absolute_url(), f"{one.get_level_display()} · {one.get_status_display()}"),
        25,
    ),
    MenuEntry("风险管控", "风险点台账", "hazards:risk_list", business_user, icon="risk", order=10),
    MenuEntry("风险管控", "登记风险点", "hazards:risk_new", _files, icon="plus", order=20),
    Panel("enterprises.enterprise", "风险点", "hazards/risk_enterprise_panel.html", enterprise_risks, order=35),
    Panel("enterprises.enterprise", "隐患", "hazards/enterprise_panel.html", enterprise_box, order=30),
    Panel("hazards.hazard", "督办文书", "letters/panel.html", matter_box, order=40),
)
