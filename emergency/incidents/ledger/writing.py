"""The rows of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from emergency.incidents.ledger import deaths
from emergency.incidents.ledger.columns import COLUMNS
from emergency.incidents.models import Accident, AccidentDeath
from emergency.organizations.models import Kind, Organisation

_KEYS = [column.key for column in COLUMNS]
_CHUNK = 2_000


def records(queryset: QuerySet[Accident]) -> Iterator[tuple[Any, ...]]:
    """One tuple per accident in the order of the columns; later deaths that were void stay behind."""
    later = Prefetch("later_deaths", AccidentDeath.objects.filter(void=False))
    related = queryset.select_related("area__parent", "department", "industry", "enterprise").prefetch_related(later)
    for record in related.iterator(chunk_size=_CHUNK):
        yield tuple(_value(record, key) for key in _KEYS)


def _value(record: Accident, key: str) -> Any:
    if key == "later_deaths":
        return [deaths.write(one) for one in record.later_deaths.all()]
    value = getattr(record, key)
    if key == "area":
        return _unit_name(value)
    return value.name if key in ("department", "industry", "enterprise") and value is not None else value


def _unit_name(unit: Organisation | None) -> str | None:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name
