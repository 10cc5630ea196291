"""What this app shows around everybody's pages: the menu's 系统管理, and whose roles the reader holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from emergency.core import panels
from emergency.core.panels import MenuEntry
from emergency.organizations.models import Role
from emergency.organizations.scope import admin_role, reach


def _only(role: Role) -> Callable[[Any], bool]:
    return lambda user: admin_role(user) == role


GROUP = "系统管理"

panels.register(
    MenuEntry(GROUP, "用户", "organizations:user_list", _only(Role.SYSTEM_ADMIN), "users", 10, phone="用户"),
    MenuEntry(GROUP, "单位", "organizations:list", _only(Role.SYSTEM_ADMIN), "organisation", 20, phone="单位"),
    MenuEntry(GROUP, "组织架构", "organizations:tree", _only(Role.SYSTEM_ADMIN), "organisation", 30),
    MenuEntry(GROUP, "单位承接", "organizations:succession_list", _only(Role.SYSTEM_ADMIN), "link", 40),
    MenuEntry(GROUP, "角色授权", "organizations:membership_list", _only(Role.SECURITY_ADMIN), "key", 50, phone="授权"),
    MenuEntry(GROUP, "审计记录", "organizations:audit_list", _only(Role.AUDIT_ADMIN), "audit", 60, phone="审计"),
    MenuEntry(GROUP, "我的账号", "organizations:account", lambda user: True, "user", 90, phone="我的"),
)


def memberships(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the reader's roles in force, for the head of every page."""
    user = getattr(request, "user", None)
    return {"memberships": reach(user).memberships if user is not None else ()}
