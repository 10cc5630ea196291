"""Checked rows become lots and their receipts, in bulk; and what depots hold becomes rows again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from emergency.core import audit, clock
from emergency.core.ledger import ImportContext, Row
from emergency.figures import vocabulary
from supplies.models import Depot, Holding, Item, Lot, Movement, MovementKind
from supplies.services.moving import Why, holding_of, movement_of
from supplies.services.numbers import number_lots, number_movements

BATCH = 1_000
_WHY = Why(reason="导入")


def save(rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
    """Store the rows in the caller's transaction: new goods, lots, holdings, receipts. Depots are locked as by every movement."""
    now = clock.now()
    depots = {row["depot"].pk for row in rows}
    list(Depot.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=depots).order_by("pk"))
    fresh = {id(row["item"]): row["item"] for row in rows if row["item"].pk is None}
    for item in fresh.values():
        item.save()
        audit.record("item.create", target=item, actor=context.actor, after=audit.snapshot(item))
    if fresh:
        transaction.on_commit(vocabulary.forget)
    lots = [row["lot"] for row in rows]
    for lot, row in zip(lots, rows, strict=True):
        lot.item = row["item"]
        lot.import_id, lot.created_by, lot.created_at = context.import_id, context.actor, now
    number_lots([(row["lot"], row["depot"].district) for row in rows])
    Lot.objects.bulk_create(lots, batch_size=BATCH)
    holdings = [holding_of(row["depot"], row["lot"], row["position"] or "") for row in rows]
    Holding.objects.bulk_create(holdings, batch_size=BATCH)
    movements = [
        movement_of(holding, MovementKind.RECEIPT, row["quantity"], row["received_on"], _WHY)
        for holding, row in zip(holdings, rows, strict=True)
    ]
    number_movements(movements)
    for one in movements:
        one.import_id, one.created_by, one.created_at = context.import_id, context.actor, now
    Movement.objects.bulk_create(movements, batch_size=BATCH)
    counted = {"新增": len(rows)}
    return counted | {"新增目录": len(fresh)} if fresh else counted


def records(queryset: QuerySet[Holding]) -> Iterator[tuple[Any, ...]]:
    """One tuple per holding in the order of ``columns.COLUMNS``, read in batches; what has run out is left to the movements."""
    named = Depot.objects.order_by().values("name").annotate(number=Count("pk")).filter(number__gt=1)
    doubled = set(named.values_list("name", flat=True))
    rows = queryset.filter(quantity__gt=0).select_related("depot__handler", "item", "lot__purchase")
    for one in rows.iterator(chunk_size=2 * BATCH):
        yield _row(one, doubled)


def _row(one: Holding, doubled: set[str]) -> tuple[Any, ...]:
    item: Item = one.item
    return (
        f"{one.depot.handler.name}/{one.depot.name}" if one.depot.name in doubled else one.depot.name,
        item.name,
        item.code,
        item.specification,
        item.unit,
        one.quantity,
        one.mode,
        one.lot.made_on,
        one.expires_on,
        one.received_on,
        one.lot.price,
        one.lot.purchase.name if one.lot.purchase else None,
        one.lot.batch_mark,
        one.lot.maker,
        one.position,
    )
