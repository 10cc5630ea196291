"""What accidents show elsewhere: to-do items, search results, the menu, and the box on an enterprise's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, TodoRows, register
from emergency.enterprises.models import Enterprise
from emergency.incidents.lifecycle import may_report
from emergency.incidents.models import STATUS_TONES, Accident, Status
from emergency.incidents.queries import to_close, to_verify
from emergency.organizations.scope import business_user

#: Rows of the box on an enterprise's page; more are in the list.
SHOWN = 5


def _todo(
    name: str, label: str, rows: Callable[[Any], QuerySet[Accident]], order: int, *, due_on: str = ""
) -> TodoRows:
    return TodoRows(
        name,
        label,
        lambda user, on: rows(user),
        ("name", "unit_name"),
        lambda name, unit: (name, unit),
        "incidents:detail",
        due_on,
        order=order,
    )


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The accidents of an enterprise, newest first; None where the reader sees none, which is the rule and needs no box."""
    rows = list(Accident.objects.live().visible_to(user).filter(enterprise=enterprise)[: SHOWN + 1])
    if not rows:
        return None
    return {
        "rows": [(one, STATUS_TONES[Status(one.status)]) for one in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "list_url": f"{reverse('incidents:list')}?enterprise={enterprise.pk}",
    }


register(
    _todo("incidents.verify", "事故待核实", to_verify, 10),
    _todo("incidents.close", "事故待结案", to_close, 25, due_on="next_due"),
    SearchSource(
        "incidents",
        "事故",
        lambda user: Accident.objects.all().visible_branches(user),
        "occurred_on",
        ("number", "name", "grade", "unit_name"),
        lambda one: Hit(str(one), one.get_absolute_url(), f"{one.get_grade_display()}事故 · {one.unit_name}"),
        60,
    ),
    MenuEntry("事故灾情", "事故台账", "incidents:list", business_user, icon="incident", order=10),
    MenuEntry("事故灾情", "登记事故", "incidents:new", may_report, icon="plus", order=20),
    Panel("enterprises.enterprise", "事故", "incidents/enterprise_panel.html", enterprise_box, order=40),
)
