"""What visits and measures show elsewhere: to-do items, search results, the menu, boxes on others' pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, TodoRows, register
from emergency.enterprises.models import Enterprise
from emergency.organizations.scope import business_user
from hazards.models import Hazard
from inspections.models import MEASURE_TONES, Measure, MeasureKind, MeasureStatus, Visit
from inspections.queries import may_measure, may_register, measures_after, measures_of, to_publish, visits_of


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The newest visits of an enterprise; None where there is nothing to see and nothing to do."""
    visits, count = visits_of(user, enterprise)
    files = may_register(user)
    if not visits and not files:
        return None
    return {
        "rows": visits,
        "count": count,
        "list_url": f"{reverse('inspections:list')}?enterprise={enterprise.pk}",
        "new_url": f"{reverse('inspections:new')}?enterprise={enterprise.pk}" if files else "",
    }


def hazard_box(user: Any, hazard: Hazard) -> dict[str, Any] | None:
    """The visit that found a hazard."""
    found = Visit.objects.visible_to(user).filter(findings__hazard=hazard).select_related("handler").first()
    return {"visit": found} if found is not None else None


def _toned(rows: Sequence[Measure]) -> list[tuple[Measure, str]]:
    return [(one, MEASURE_TONES[MeasureStatus(one.status)]) for one in rows]


def enterprise_measures(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The newest measures against an enterprise; None where there is nothing to see and nothing to do."""
    rows, more = measures_of(user, enterprise)
    files = may_measure(user)
    if not rows and not files:
        return None
    return {
        "rows": _toned(rows),
        "more": more,
        "list_url": f"{reverse('inspections:measure_list')}?enterprise={enterprise.pk}",
        "new_url": f"{reverse('inspections:measure_new')}?enterprise={enterprise.pk}" if files else "",
    }


def visit_measures(user: Any, visit: Visit) -> dict[str, Any] | None:
    """The measures that came of a visit; a bulk row has no party to take any against."""
    rows = measures_after(user, visit)
    files = may_measure(user) and not visit.void and bool(visit.subject_name)
    if not rows and not files:
        return None
    new_url = f"{reverse('inspections:measure_new')}?visit={visit.pk}" if files else ""
    return {"rows": _toned(rows), "new_url": new_url}


register(
    SearchSource(
        "inspections",
        "检查",
        lambda user: Visit.objects.live().visible_branches(user),
        "visited_on",
        ("number", "subject_name", "quantity", "quantity_is_about", "visited_on", "kind"),
        lambda one: Hit(
            f"{one.number} {one.subject}", one.get_absolute_url(), f"{one.visited_on} · {one.get_kind_display()}"
        ),
        30,
    ),
    MenuEntry("检查执法", "检查台账", "inspections:list", business_user, icon="inspection", order=10, phone="检查"),
    MenuEntry("检查执法", "登记检查", "inspections:new", may_register, icon="plus", order=20),
    MenuEntry("检查执法", "汇总填报", "inspections:bulk", may_register, icon="document", order=30),
    MenuEntry("检查执法", "执法处置", "inspections:measure_list", business_user, icon="document", order=35),
    MenuEntry("检查执法", "检查表", "inspections:checklists", may_register, icon="check", order=40),
    Panel("enterprises.enterprise", "检查", "inspections/enterprise_panel.html", enterprise_box, order=20),
    Panel("hazards.hazard", "发现这条隐患的检查", "inspections/hazard_panel.html", hazard_box, order=20),
    SearchSource(
        "measures",
        "执法处置",
        lambda user: Measure.objects.live().visible_branches(user),
        "decided_on",
        ("number", "kind", "party_name", "quantity", "quantity_is_about", "decided_on"),
        lambda one: Hit(
            f"{one.party}：{one.get_kind_display()}", one.get_absolute_url(), f"{one.decided_on} · {one.number}"
        ),
        35,
    ),
    TodoRows(
        "measures.publish",
        "待公示",
        lambda user, on: to_publish(user),
        ("kind", "party_name"),
        lambda kind, party: (f"{MeasureKind(kind).label}决定公示", party),
        "inspections:measure_detail",
        "publish_due_on",
        order=26,
    ),
    Panel(
        "enterprises.enterprise", "执法处置", "inspections/measure_enterprise_panel.html", enterprise_measures, order=40
    ),
    Panel("inspections.visit", "执法处置", "inspections/measure_visit_panel.html", visit_measures, order=20),
)
