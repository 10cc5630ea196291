"""What the register shows around other pages: its menu, search, and the accounts of an enterprise on its own page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, register
from emergency.enterprises.lifecycle import OFFICE
from emergency.enterprises.models import Enterprise
from emergency.enterprises.services.industries import may_edit_industries
from emergency.organizations.scope import FILERS, business_user, holds


def _accounts(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    if not OFFICE.test(user, enterprise):
        return None
    members = enterprise.memberships.filter(revoked_at=None).select_related("user").order_by("pk")
    return {"members": list(members), "enterprise": enterprise}


def _files(user: Any) -> bool:
    return holds(user, FILERS)


register(
    Panel("enterprises.enterprise", "企业账号", "enterprises/panel_accounts.html", _accounts, order=900),
    SearchSource(
        "enterprises",
        "监管对象",
        lambda user: Enterprise.objects.live().visible_branches(user),
        "pk",
        ("name", "address", "state"),
        lambda one: Hit(
            one.name,
            reverse("enterprises:detail", args=[one.pk]),
            " · ".join(filter(None, (one.address, one.get_state_display()))),
        ),
        order=10,
    ),
    MenuEntry("监管对象", "监管对象台账", "enterprises:list", business_user, icon="enterprise", order=10),
    MenuEntry("监管对象", "登记", "enterprises:new", _files, icon="plus", order=20),
    MenuEntry("监管对象", "快速建档", "enterprises:quick", _files, icon="place", order=30),
    MenuEntry("监管对象", "行业领域", "enterprises:industry_list", may_edit_industries, icon="system", order=40),
)
