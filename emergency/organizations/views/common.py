"""What the administrators' pages share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from emergency.core import clock
from emergency.core.listing import ListView, OpenedFigure
from emergency.organizations.models import Membership
from emergency.organizations.scope import AdministratorMixin


class AdminList(AdministratorMixin, ListView):
    """A register that its administrator sees whole: no scope shapes, and the filterset does the search itself."""

    def narrowed(self, request: HttpRequest, opened: OpenedFigure | None = None) -> tuple[list[QuerySet], Any]:
        filterset = self.filterset(request.GET, queryset=self.queryset.all(), request=request)
        rows = self.queryset.all()
        return [filterset.filter_queryset(rows) if filterset.is_valid() else rows], filterset


def fact(label: str, value: Any, href: str = "", whole: bool = False) -> dict[str, Any]:
    """One line of ``partials/facts.html``."""
    return {"label": label, "value": value, "href": href, "whole": whole}


def action(name: str, label: str, route: str, pk: int, tone: str = "blue", needs_form: bool = True) -> dict[str, Any]:
    """One button of ``partials/actions.html`` leading to ``route`` with the record and the action's name."""
    return {
        "action": name,
        "label": label,
        "tone": tone,
        "url": reverse(route, args=[pk, name]),
        "needs_form": needs_form,
    }


def span(valid_from: dt.date | None, valid_to: dt.date | None) -> str:
    """2021-03-01 至 长期; a role without any date is 长期."""
    if valid_from is None and valid_to is None:
        return "长期"
    return f"{valid_from.isoformat() if valid_from else '一直'} 至 {valid_to.isoformat() if valid_to else '长期'}"


def standing(membership: Membership) -> tuple[str, str]:
    """The word and tone of a membership today: 在任, 未开始, 已结束, 已收回."""
    on = clock.today()
    if membership.revoked_at is not None:
        return "已收回", "grey"
    if membership.valid_from is not None and membership.valid_from > on:
        return "未开始", "blue"
    if membership.valid_to is not None and membership.valid_to < on:
        return "已结束", "grey"
    return "在任", "green"
