"""The figures' places in the menu, and the zero reports that a street still owes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from emergency.core.panels import MenuEntry, Todo, TodoItem, register
from emergency.figures.queries.readers import home_of
from emergency.figures.queries.zeros import unconfirmed
from emergency.figures.services.zeros import OWN
from emergency.figures.views.starts import LedgerStartsView
from emergency.figures.views.zeros import confirm_url, may_open
from emergency.organizations.models import Organisation, Tier
from emergency.organizations.scope import holds, reach


def _streets(user: Any) -> list[Organisation]:
    """The streets that the user speaks for."""
    posts = reach(user).posts
    return [post.organisation for post in posts if post.role in OWN and post.organisation.tier == Tier.STREET]


def _owed(user: Any, on: dt.date, limit: int) -> Sequence[TodoItem]:
    """From the 1st of the next month on, until it is confirmed or has records. Several months of a ledger are one item."""
    items = []
    for unit in _streets(user):
        months: dict[str, list[dt.date]] = {}
        owed = unconfirmed(unit, on)
        for source, month in owed:
            months.setdefault(source.code, []).append(month)
        for source in {one.code: one for one, _ in owed}.values():
            latest, *others = months[source.code]
            when = f"{latest.year}年{latest.month}月" + (f"等{len(others) + 1}个月" if others else "")
            url = reverse("figures:zero_list") if others else confirm_url(source, unit, latest)
            items.append(TodoItem(f"{when}{source.label}零报告未确认", url, "零报告", subject=unit.name))
    return items[:limit]


register(
    MenuEntry("统计报表", "指标", "figures:list", lambda user: home_of(user) is not None, icon="figure", order=10),
    MenuEntry(
        "统计报表", "填报数据", "figures:given_list", lambda user: bool(reach(user).posts), icon="edit", order=70
    ),
    MenuEntry("统计报表", "零报告", "figures:zero_list", may_open, icon="check", order=80),
    MenuEntry(
        "统计报表",
        "台账启用日期",
        "figures:starts",
        lambda user: holds(user, LedgerStartsView.roles),
        icon="calendar",
        order=90,
    ),
    Todo("figures.zeros", "零报告", _owed, lambda user, on: len(_owed(user, on, 10_000)), order=90),
)
