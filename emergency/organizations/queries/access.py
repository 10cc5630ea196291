"""Accounts: who is locked out, which roles are held, and where a person's work begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.urls import reverse

from emergency.core import clock
from emergency.organizations.models import Membership, MembershipQuerySet, Role, User
from emergency.organizations.scope import admin_role

_FRONT = {
    Role.SYSTEM_ADMIN: "organizations:user_list",
    Role.SECURITY_ADMIN: "organizations:membership_list",
    Role.AUDIT_ADMIN: "organizations:audit_list",
}


def front_page(user: Any) -> str:
    """Where a person's work begins after the login: home, for an administrator their own list."""
    role = admin_role(user)
    return reverse(_FRONT[Role(role)]) if role else settings.LOGIN_REDIRECT_URL


def memberships_of(user: User) -> MembershipQuerySet:
    """The user's roles in force today."""
    return Membership.objects.in_force(clock.today()).filter(user=user).select_related("organisation")


def locked_usernames(usernames: Iterable[str]) -> set[str]:
    """Those of the login names that are locked out after failed sign-ins at this moment."""
    since = clock.now() - settings.AXES_COOLOFF_TIME
    failures: dict[str, int] = {}
    attempts = AccessAttempt.objects.filter(username__in=list(usernames), attempt_time__gte=since)
    for name, count in attempts.values_list("username", "failures_since_start"):
        failures[name] = failures.get(name, 0) + count
    return {name for name, count in failures.items() if count >= settings.AXES_FAILURE_LIMIT}
