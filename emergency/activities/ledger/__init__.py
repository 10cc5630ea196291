"""The Excel table of activities: what offices keep of their work comes in, what a list shows goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from emergency.activities.ledger import checking, columns, storing
from emergency.activities.models import Activity
from emergency.core.ledger import ImportContext, Ledger, Row, register


class ActivityLedger(Ledger):
    """工作纪实台账. Importing what was exported gives the same rows; files stay with the portal."""

    kind = "activities"
    label = "工作纪实台账"
    columns = columns.COLUMNS
    unique_keys = ("number",)
    duplicate_keys = ("handler", "started_on", "group", "category", "title")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Find the categories, enterprises, industries and campaigns that rows name, one query for each kind."""
        checking.categories(rows)
        checking.enterprises(rows, context)
        checking.industries(rows)
        checking.campaigns(rows, context)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        checking.check(rows, context)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        return storing.save(rows, context)

    def records(self, queryset: QuerySet[Activity], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns. The table has no personal column."""
        return storing.records(queryset)


ACTIVITIES = register(ActivityLedger())
