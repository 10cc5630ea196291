"""Depots and goods for tests, made by the services that pages use."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from emergency.organizations.models import Role, User
from emergency.organizations.tests.factories import Cast, fresh, person_make
from supplies.models import Depot, DepotLevel, Item, Movement
from supplies.services import depot_create, item_create, stock_receive

OPENED = dt.date(2020, 1, 1)
DAY = dt.date(2021, 3, 5)
TODAY = dt.date(2021, 12, 1)


def keeper_make(cast: Cast) -> User:
    """The keeper of the bureau's own depot: the cast has none, because no other ledger knows the role."""
    known = User.objects.filter(username="keeper").first()
    return known or person_make("keeper", Role.STOREKEEPER, cast.bureau, "何保管员")


def keeper(cast: Cast) -> User:
    """The keeper as a new request would read them."""
    return fresh(keeper_make(cast))


def depot_make(cast: Cast, name: str = "区应急物资储备库", **fields: Any) -> Depot:
    """The bureau's depot, unless told otherwise."""
    given: dict[str, Any] = {"handler": cast.bureau, "area": cast.district, "level": DepotLevel.DISTRICT} | fields
    return depot_create(actor=cast.person("bureau_clerk"), name=name, opened_on=OPENED, **given)


def item_make(cast: Cast, name: str = "单帐篷", **fields: Any) -> Item:
    given: dict[str, Any] = {"unit": "顶"} | fields
    return item_create(actor=cast.person("bureau_clerk"), name=name, **given)


def receive(cast: Cast, depot: Depot, item: Item, quantity: Any, **fields: Any) -> Movement:
    given: dict[str, Any] = {"moved_on": DAY, "on": TODAY} | fields
    actor = given.pop("actor", None) or keeper(cast)
    return stock_receive(actor=actor, depot=depot, item=item, quantity=Decimal(quantity), **given)
