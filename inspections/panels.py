"""What visits show elsewhere: search results, the menu, boxes on the pages of enterprises and hazards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from emergency.core.listing import newest
from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, register
from emergency.core.search import search_q
from emergency.enterprises.models import Enterprise
from emergency.organizations.scope import business_user
from hazards.models import Hazard
from inspections.models import Visit
from inspections.queries import may_register, visits_of


def find(user: Any, term: str, limit: int) -> Sequence[Hit]:
    """Visits whose number, subject or officers hold the term, newest first."""
    condition = search_q(Visit, term)
    branches = [branch.filter(condition) for branch in Visit.objects.live().visible_branches(user)]
    return [
        Hit(f"{one.number} {one.subject}", one.get_absolute_url(), f"{one.visited_on} · {one.get_kind_display()}")
        for one in newest(branches, "visited_on", limit)
    ]


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


register(
    SearchSource("inspections", "检查", find, 30),
    MenuEntry("检查执法", "检查台账", "inspections:list", business_user, icon="inspection", order=10, phone="检查"),
    MenuEntry("检查执法", "登记检查", "inspections:new", may_register, icon="plus", order=20),
    MenuEntry("检查执法", "汇总填报", "inspections:bulk", may_register, icon="document", order=30),
    MenuEntry("检查执法", "检查表", "inspections:checklists", may_register, icon="check", order=40),
    Panel("enterprises.enterprise", "检查", "inspections/enterprise_panel.html", enterprise_box, order=20),
    Panel("hazards.hazard", "发现这条隐患的检查", "inspections/hazard_panel.html", hazard_box, order=20),
)
