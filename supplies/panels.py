"""What supplies show elsewhere: the menu, to-do items of keepers, search results."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from emergency.core.panels import Hit, MenuEntry, SearchSource, TodoRows, register
from emergency.organizations.scope import reach
from supplies.lifecycle import KEEPERS
from supplies.models import Depot, Holding, Minimum, Movement
from supplies.queries import may_move, reads, short


def _kept(user: Any) -> list[int]:
    """The units whose goods the user moves, with those that they succeeded."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in KEEPERS}
    return sorted({*units, *(one for unit in units for one in mine.predecessors.get(unit, ()))})


def expired(user: Any, on: dt.date) -> QuerySet[Holding]:
    """Goods of the user's depots that are past their day, the oldest first."""
    units = _kept(user)
    return (
        Holding.objects.expired(on).filter(handler__in=units).order_by("expires_on", "pk")
        if units
        else Holding.objects.none()
    )


def expiring(user: Any, on: dt.date) -> QuerySet[Holding]:
    """Goods of the user's depots that will soon be, the first to expire first."""
    units = _kept(user)
    return (
        Holding.objects.expiring(on).filter(handler__in=units).order_by("expires_on", "pk")
        if units
        else Holding.objects.none()
    )


def lacking(user: Any, on: dt.date) -> QuerySet[Minimum]:
    """Items of which the user's depots hold less than they must."""
    units = _kept(user)
    return (
        short(on).filter(depot__in=Depot.objects.filter(handler__in=units).open(on).values("pk"))
        if units
        else Minimum.objects.none()
    )


_GOODS = ("title", "depot__name")


def _goods(title: str, depot: str) -> tuple[str, str]:
    return title, depot


def _shortage(item: str, specification: str, depot: str) -> tuple[str, str]:
    return f"{item}{f'（{specification}）' if specification else ''}低于最低库存", depot


register(
    TodoRows("supplies.expired", "物资超期", expired, _GOODS, _goods, "supplies:detail", "expires_on", order=70),
    TodoRows("supplies.expiring", "物资临期", expiring, _GOODS, _goods, "supplies:detail", "expires_on", order=71),
    TodoRows(
        "supplies.short",
        "库存不足",
        lacking,
        ("item__name", "item__specification", "depot__name"),
        _shortage,
        "supplies:depot_detail",
        key="depot_id",
        order=72,
    ),
    SearchSource(
        "stock",
        "物资库存",
        lambda user: Holding.objects.all().visible_branches(user),
        "received_on",
        ("number", "title", "received_on"),
        lambda one: Hit(one.title, one.get_absolute_url(), f"{one.received_on}入库 · {one.number}"),
        60,
    ),
    SearchSource(
        "movements",
        "出入库流水",
        lambda user: Movement.objects.all().visible_branches(user),
        "moved_on",
        ("number", "title", "moved_on"),
        lambda one: Hit(one.title, one.get_absolute_url(), f"{one.moved_on} · {one.number}"),
        61,
    ),
    MenuEntry("物资保障", "物资库存", "supplies:list", reads, icon="supplies", order=10),
    MenuEntry("物资保障", "出库登记", "supplies:issue", may_move, icon="export", order=20),
    MenuEntry("物资保障", "库间调拨", "supplies:transfer", may_move, icon="refresh", order=30),
    MenuEntry("物资保障", "出入库流水", "supplies:movement_list", reads, icon="activity", order=40),
    MenuEntry("物资保障", "某日库存", "supplies:day", reads, icon="calendar", order=50),
    MenuEntry("物资保障", "储备库", "supplies:depot_list", reads, icon="place", order=60),
    MenuEntry("物资保障", "物资目录", "supplies:item_list", reads, icon="report", order=70),
    MenuEntry("物资保障", "采购批次", "supplies:purchase_list", reads, icon="document", order=80),
)
