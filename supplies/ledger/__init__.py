"""The Excel table of stock: what depots hold comes in as receipts, what a list shows goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from emergency.core.ledger import ImportContext, Ledger, Row, register
from supplies.ledger import checking, columns, storing
from supplies.models import Holding


class StockLedger(Ledger):
    """物资库存. Each row becomes a lot of its own, received on its day; importing what was exported gives the same stock."""

    kind = "stock"
    label = "物资库存"
    columns = columns.COLUMNS
    duplicate_keys = ("depot", "name", "specification", "received_on", "made_on", "quantity")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Find depots, goods and purchases, one query for each kind; the bureau's office may bring goods that are new."""
        checking.depots(rows, context)
        checking.items(rows, context)
        checking.purchases(rows, context)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        checking.check(rows, context)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        return storing.save(rows, context)

    def records(self, queryset: QuerySet[Holding], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns. The table has no personal column."""
        return storing.records(queryset)


STOCK = register(StockLedger())
