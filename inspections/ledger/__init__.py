"""The Excel tables of inspections. In that of visits itemised rows name their subject, bulk rows (汇总填报) give numbers only;
that of measures is a module of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from emergency.core.ledger import ImportContext, Ledger, Row, register
from inspections.ledger import checking, columns, measures, storing, writing
from inspections.models import Visit


class InspectionLedger(Ledger):
    """检查台账. Importing what was exported gives the same visits; findings travel in the ledger of hazards."""

    kind = "inspections"
    label = "检查台账"
    columns = columns.COLUMNS
    unique_keys = ("number",)
    duplicate_keys = (
        "handler", "visited_on", "kind", "enterprise", "place", "area", "industry", "campaigns", "quantity", "found",
    )  # fmt: skip

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Find the enterprises, campaigns and checklists that rows name, one query for each kind."""
        checking.enterprises(rows, context)
        checking.campaigns(rows, context)
        checking.checklists(rows)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        checking.check(rows, context)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        return storing.save(rows, context)

    def records(self, queryset: QuerySet[Visit], *, user: Any = None) -> Iterator[tuple]:
        """The rows of an export in the order of the columns, read in batches. The table has no personal column."""
        return writing.records(queryset)


LEDGER = register(InspectionLedger())

__all__ = ["LEDGER", "InspectionLedger", "measures"]
