"""What plans and drills show elsewhere: to-do items, search results, the menu, and the box on an enterprise's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from emergency.core import clock
from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, TodoRows, register
from emergency.enterprises.models import Enterprise
from emergency.organizations.scope import FILERS, business_user, enterprise_user, reach
from emergency.plans.lifecycle import CHECKERS
from emergency.plans.models import (
    DRILL_TONES,
    IN_FORCE,
    STATUS_TONES,
    Drill,
    DrillFinding,
    DrillStatus,
    Plan,
    Status,
)
from emergency.plans.queries import may_register, plans_of, reads

#: Rows of each kind in the box of an enterprise's page; more are in the lists.
SHOWN = 5
#: How many days ahead an evaluation, and a drill of the yearly plan, are reminded of.
EVALUATION_AHEAD, DRILL_AHEAD = dt.timedelta(days=90), dt.timedelta(days=30)


def _units(user: Any, roles: Sequence[str]) -> set[int]:
    """The units for which the user acts in one of the roles, with those that they succeeded."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in roles}
    for pk in list(units):
        units.update(mine.predecessors.get(pk, ()))
    return units


def _made(user: Any, prefix: str = "") -> Q | None:
    """What the user's own units or enterprises made; None for whom nothing can wait."""
    if units := _units(user, FILERS):
        return Q(**{f"{prefix}owner__in": units})
    if enterprise_user(user):
        firms = user.enterprise_memberships.in_force(clock.today()).values("enterprise")
        return Q(**{f"{prefix}enterprise__in": firms})
    return None


def _to_check(user: Any, on: dt.date) -> QuerySet[Plan]:
    units = _units(user, CHECKERS)
    rows = Plan.objects.filter(status=Status.SUBMITTED, handler__in=units) if units else Plan.objects.none()
    return rows.order_by("accept_by", "pk")


def _to_apply(user: Any, on: dt.date) -> QuerySet[Plan]:
    made = _made(user)
    rows = Plan.objects.none() if made is None else Plan.objects.filter(made, status=Status.PUBLISHED)
    return rows.exclude(handler=None).order_by("file_by", "pk")


def _to_complete(user: Any, on: dt.date) -> QuerySet[Plan]:
    made = _made(user)
    rows = Plan.objects.none() if made is None else Plan.objects.filter(made, status=Status.CORRECTING)
    return rows.order_by("pk")


def _to_evaluate(user: Any, on: dt.date) -> QuerySet[Plan]:
    made = _made(user)
    due = Q(status__in=IN_FORCE, evaluate_by__lte=on + EVALUATION_AHEAD)
    rows = Plan.objects.none() if made is None else Plan.objects.filter(made, due)
    return rows.order_by("evaluate_by", "pk")


def _to_hold(user: Any, on: dt.date) -> QuerySet[Drill]:
    made = _made(user)
    due = Q(status=DrillStatus.PLANNED, planned_on__lte=on + DRILL_AHEAD)
    rows = Drill.objects.none() if made is None else Drill.objects.filter(made, due)
    return rows.order_by("planned_on", "pk")


def _to_mend(user: Any, on: dt.date) -> QuerySet[DrillFinding]:
    made = _made(user, "drill__")
    rows = DrillFinding.objects.none() if made is None else DrillFinding.objects.open().filter(made)
    return rows.order_by("due_on", "pk")


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The plans and drills of an enterprise; None where there are none and the reader enters none."""
    plans = [(one, STATUS_TONES[Status(one.status)]) for one in plans_of(enterprise, user)[:SHOWN]]
    held = Drill.objects.visible_to(user).filter(enterprise=enterprise).exclude(status=DrillStatus.VOID)
    drills = [(one, DRILL_TONES[DrillStatus(one.status)]) for one in held.order_by("-day", "-pk")[:SHOWN]]
    new = may_register(user)
    if not plans and not drills and not new:
        return None
    query = f"?enterprise={enterprise.pk}"
    return {
        "plans": plans,
        "drills": drills,
        "new_plan_url": reverse("plans:new") + query if new else "",
        "new_drill_url": reverse("plans:drill_new") + query if new else "",
    }


def _plan_words(name: str, maker: str) -> tuple[str, str]:
    return name, maker


_PLAN = ("name", "maker_name")

register(
    TodoRows("plans.check", "预案待核对", _to_check, _PLAN, _plan_words, "plans:detail", "accept_by", order=50),
    TodoRows("plans.apply", "预案待申报备案", _to_apply, _PLAN, _plan_words, "plans:detail", "file_by", order=51),
    TodoRows("plans.complete", "预案待补正", _to_complete, _PLAN, _plan_words, "plans:detail", order=52),
    TodoRows("plans.evaluate", "预案待评估", _to_evaluate, _PLAN, _plan_words, "plans:detail", "evaluate_by", order=53),
    TodoRows("drills.hold", "演练待开展", _to_hold, _PLAN, _plan_words, "plans:drill_detail", "planned_on", order=54),
    TodoRows(
        "drills.mend",
        "演练问题待整改",
        _to_mend,
        ("text", "drill__name"),
        lambda text, name: (text[:60], name),
        "plans:finding_done",
        "due_on",
        order=55,
    ),
    SearchSource(
        "plans",
        "应急预案",
        lambda user: Plan.objects.exclude(status=Status.VOID).visible_branches(user),
        "pk",
        ("name", "version", "maker_name", "number", "status"),
        lambda one: Hit(
            str(one),
            one.get_absolute_url(),
            " · ".join(filter(None, (one.get_status_display(), one.maker_name, one.number))),
        ),
        60,
    ),
    SearchSource(
        "drills",
        "应急演练",
        lambda user: Drill.objects.exclude(status=DrillStatus.VOID).visible_branches(user),
        "day",
        ("name", "maker_name", "day", "status"),
        lambda one: Hit(one.name, one.get_absolute_url(), f"{one.day} · {one.get_status_display()} · {one.maker_name}"),
        61,
    ),
    MenuEntry("预案演练", "应急预案", "plans:list", business_user, icon="plan", order=10),
    MenuEntry("预案演练", "应急演练", "plans:drill_list", business_user, icon="calendar", order=20),
    MenuEntry("预案演练", "本半年未演练", "plans:owing", reads, icon="clock", order=30),
    Panel("enterprises.enterprise", "预案和演练", "plans/panel.html", enterprise_box, order=70),
)
