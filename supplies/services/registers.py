"""Depots, the catalogue, purchases and minimums are entered and put right."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.figures import vocabulary
from emergency.organizations.models import Organisation
from emergency.organizations.services import area_is_ours, place
from supplies.lifecycle import edits_catalogue, must_register
from supplies.models import Depot, Item, Minimum, Purchase

#: A depot stays where it is and with whom it is: its stock and every movement carry both.
DEPOT_FIELDS = frozenset({
    "name", "level", "owner", "address", "longitude", "latitude", "floor_area", "capacity", "keeper", "keeper_phone", "closed_on",
})  # fmt: skip
ITEM_FIELDS = frozenset({
    "name", "specification", "code", "unit", "pack_size", "aliases", "shelf_life_months", "counted", "active",
})  # fmt: skip
PURCHASE_FIELDS = frozenset({
    "name", "contract_number", "supplier", "signed_on", "contract_sum", "money_source", "note",
})  # fmt: skip


def _take_over(record: Any, facts: dict[str, Any], allowed: frozenset[str]) -> None:
    for name, value in facts.items():
        if name not in allowed:
            raise TypeError(f"{name} is not a field that is entered")
        setattr(record, name, value)


def _keep(record: Any, verb: str, actor: Any, before: dict[str, Any] | None = None, organisation: Any = None) -> None:
    """Check, store and log. ``before`` is the snapshot of a record that was there."""
    record.full_clean(exclude=["search_text"])
    record.save()
    after = audit.snapshot(record)
    old, new = audit.changes(before, after) if before is not None else (None, after)
    audit.record(verb, target=record, actor=actor, before=old, after=new, organisation=organisation)


# ------------------------------------------------------------------------------------------------ depots


@transaction.atomic
def depot_create(
    *,
    actor: Any,
    handler: Organisation,
    area: Organisation,
    opened_on: dt.date,
    on: dt.date | None = None,
    **facts: Any,
) -> Depot:
    """Enter a depot that ``handler`` keeps. ``facts`` are of :data:`DEPOT_FIELDS`; 所属单位 defaults to the keeper.

    Raises ``PermissionDenied`` for who does not enter for the unit, ``ValidationError`` for what is missing or contradicts itself.
    """
    must_register(actor, handler)
    area_is_ours(area, handler)
    if opened_on > (on or clock.today()):
        raise ValidationError({"opened_on": "启用日期不能晚于今天。"})
    depot = Depot(handler=handler, owner=handler, opened_on=opened_on, created_by=actor, created_at=clock.now())
    _take_over(depot, facts, DEPOT_FIELDS)
    place(depot, area, fallback=handler)
    _keep(depot, "depot.create", actor)
    return depot


@transaction.atomic
def depot_edit(*, actor: Any, depot: Depot, **changes: Any) -> Depot:
    """Put an entry right, or close the depot (``closed_on``), which must be empty by then. Raises as :func:`depot_create`."""
    locked = Depot.objects.select_for_update(of=("self",)).select_related("handler__parent").get(pk=depot.pk)
    must_register(actor, locked.handler)
    before = audit.snapshot(locked)
    _take_over(locked, changes, DEPOT_FIELDS)
    if locked.closed_on is not None and locked.holdings.in_stock().exists():  # type: ignore[attr-defined]
        raise ValidationError({"closed_on": "库内还有物资，请先调拨、出库或报废后再停用。"})
    _keep(locked, "depot.edit", actor, before)
    return locked


@transaction.atomic
def minimum_set(*, actor: Any, depot: Depot, item: Item, quantity: Decimal | None) -> Minimum | None:
    """Say how much of an item a depot must hold; None takes the rule away. Raises ``PermissionDenied``, ``ValidationError``."""
    must_register(actor, depot.handler)
    known = Minimum.objects.select_for_update().filter(depot=depot, item=item).first()
    if quantity is None:
        if known is not None:
            audit.record(
                "minimum.delete", target=known, actor=actor, before=audit.snapshot(known), organisation=depot.handler
            )
            known.delete()
        return None
    before = audit.snapshot(known) if known else None
    rule = known or Minimum(depot=depot, item=item)
    rule.quantity = quantity
    _keep(rule, "minimum.edit", actor, before, depot.handler)
    return rule


# ------------------------------------------------------------------------------------------------ catalogue


@transaction.atomic
def item_create(*, actor: Any, **facts: Any) -> Item:
    """Add goods to the catalogue. Raises ``PermissionDenied`` for others than the bureau's office, ``ValidationError``."""
    return _item_keep(actor, Item(), "item.create", facts)


@transaction.atomic
def item_edit(*, actor: Any, item: Item, **changes: Any) -> Item:
    """Put an entry right. The unit of what has ever come in stays, or every number of it would mean something else."""
    locked = Item.objects.select_for_update().get(pk=item.pk)
    if changes.get("unit", locked.unit) != locked.unit and locked.lots.exists():
        raise ValidationError({"unit": "已有入库记录，计量单位不能修改，请另建一条目录。"})
    return _item_keep(actor, locked, "item.edit", changes)


def _item_keep(actor: Any, item: Item, verb: str, facts: dict[str, Any]) -> Item:
    if not edits_catalogue(actor):
        raise PermissionDenied("物资目录由应急管理局科室人员维护。")
    before = audit.snapshot(item) if item.pk else None
    _take_over(item, facts, ITEM_FIELDS)
    _keep(item, verb, actor, before)
    transaction.on_commit(vocabulary.forget)
    return item


# ------------------------------------------------------------------------------------------------ purchases


@transaction.atomic
def purchase_create(
    *, actor: Any, handler: Organisation, signed_on: dt.date, on: dt.date | None = None, **facts: Any
) -> Purchase:
    """Enter a contract of a unit. Raises ``PermissionDenied``, ``ValidationError``."""
    must_register(actor, handler)
    purchase = Purchase(handler=handler, created_by=actor, created_at=clock.now())
    place(purchase, handler.serves, fallback=handler)
    return _purchase_keep(actor, purchase, "purchase.create", facts | {"signed_on": signed_on}, on)


@transaction.atomic
def purchase_edit(*, actor: Any, purchase: Purchase, on: dt.date | None = None, **changes: Any) -> Purchase:
    """Put a contract right. Raises as :func:`purchase_create`; what is void stays as it is."""
    locked = Purchase.objects.select_for_update(of=("self",)).select_related("handler__parent").get(pk=purchase.pk)
    must_register(actor, locked.handler)
    if locked.void_reason:
        raise ValidationError("该采购批次已作废，不能修改。")
    return _purchase_keep(actor, locked, "purchase.edit", changes, on)


@transaction.atomic
def purchase_void(*, actor: Any, purchase: Purchase, reason: str) -> Purchase:
    """Take back a contract that never was; one from which goods came in stays. Raises ``PermissionDenied``, ``ValidationError``."""
    locked = Purchase.objects.select_for_update(of=("self",)).select_related("handler__parent").get(pk=purchase.pk)
    must_register(actor, locked.handler)
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    if locked.lots.exists():
        raise ValidationError("已有物资按该批次入库，不能作废。")
    before = audit.snapshot(locked)
    locked.void_reason = reason.strip()
    _keep(locked, "purchase.void", actor, before)
    return locked


def _purchase_keep(actor: Any, purchase: Purchase, verb: str, facts: dict[str, Any], on: dt.date | None) -> Purchase:
    before = audit.snapshot(purchase) if purchase.pk else None
    _take_over(purchase, facts, PURCHASE_FIELDS)
    if purchase.signed_on > (on or clock.today()):
        raise ValidationError({"signed_on": "签订日期不能晚于今天。"})
    _keep(purchase, verb, actor, before)
    return purchase
