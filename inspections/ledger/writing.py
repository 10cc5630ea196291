"""Visits as rows of the table, so that importing them again gives the same visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from emergency.core.ledger import Approximate
from emergency.organizations.models import Kind, Organisation
from inspections.models import EntryMode, Visit

CHUNK = 2_000
_READ = ("handler__parent", "enterprise", "area__parent", "industry", "department", "checklist")


def records(queryset: QuerySet[Visit]) -> Iterator[tuple]:
    rows = queryset.select_related(*_READ).prefetch_related("campaigns")
    for visit in rows.iterator(chunk_size=CHUNK):
        yield _row(visit)


def path_of(unit: Organisation | None) -> str | None:
    """A village with its town before it, because villages share names."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name


def _row(visit: Visit) -> tuple[Any, ...]:
    """In the order of ``columns.COLUMNS``; numbers that only bulk rows have stay blank on others."""
    bulk = visit.entry_mode == EntryMode.BULK
    quantity: Any = Approximate(visit.quantity) if visit.quantity_is_about else visit.quantity
    return (
        visit.number,
        visit.visited_on,
        path_of(visit.handler),
        visit.kind,
        visit.enterprise.name if visit.enterprise else None,
        visit.enterprise.credit_code if visit.enterprise else None,
        visit.place,
        path_of(visit.area),
        quantity,
        visit.groups,
        visit.person_times,
        visit.found if bulk else None,
        visit.major_found if bulk else None,
        visit.rectified if bulk else None,
        visit.major_rectified if bulk else None,
        visit.papers,
        visit.officer_names.split("、") if visit.officer_names else None,
        [campaign.name for campaign in visit.campaigns.all()],
        visit.industry.name if visit.industry else None,
        visit.department.name if visit.department else None,
        visit.entry_mode,
        visit.started_at,
        visit.ended_at,
        visit.checklist.name if visit.checklist else None,
        visit.summary,
        visit.signed_by,
        visit.unsigned_reason,
        visit.longitude,
        visit.latitude,
        visit.accuracy,
        visit.original_number,
    )
