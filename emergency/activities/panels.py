"""What activities show elsewhere: search results, the menu, boxes on the pages of enterprises and campaigns."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from emergency.activities.lifecycle import may_edit_categories
from emergency.activities.models import Activity
from emergency.activities.queries import activities_of, may_register, numbers_text, reads
from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, register
from emergency.enterprises.models import Enterprise
from emergency.programmes.models import Programme

SHOWN = 5


def _box(user: Any, rows: Any, query: str) -> dict[str, Any] | None:
    found, count = activities_of(rows, SHOWN)
    files = may_register(user)
    if not found and not files:
        return None
    return {
        "rows": [(one, numbers_text(one)) for one in found],
        "count": count,
        "list_url": f"{reverse('activities:list')}?{query}",
        "new_url": f"{reverse('activities:new')}?{query}" if files else "",
    }


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """What offices did with an enterprise; None for the enterprise itself."""
    rows = Activity.objects.counted().visible_to(user).filter(enterprise=enterprise)
    return _box(user, rows, f"enterprise={enterprise.pk}") if reads(user) else None


def campaign_box(user: Any, programme: Programme) -> dict[str, Any] | None:
    """The newest activities of a campaign and of those below it."""
    members = Programme.objects.with_children_of(programme.pk).values("pk")
    tagged = Activity.campaigns.through.objects.filter(programme__in=members).values("activity")
    return _box(user, Activity.objects.counted().visible_to(user).filter(pk__in=tagged), f"campaign={programme.pk}")


register(
    SearchSource(
        "activities",
        "工作纪实",
        lambda user: Activity.objects.counted().visible_branches(user),
        "started_on",
        ("number", "title", "started_on"),
        lambda one: Hit(one.title, one.get_absolute_url(), f"{one.started_on} · {one.number}"),
        50,
    ),
    MenuEntry("工作纪实", "工作纪实台账", "activities:list", reads, icon="activity", order=10),
    MenuEntry("工作纪实", "登记工作", "activities:new", may_register, icon="plus", order=20),
    MenuEntry("工作纪实", "分类管理", "activities:categories", may_edit_categories, icon="system", order=30),
    Panel("enterprises.enterprise", "工作纪实", "activities/box.html", enterprise_box, order=60),
    Panel("programmes.programme", "工作纪实", "activities/box.html", campaign_box, order=60),
)
