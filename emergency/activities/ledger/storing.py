"""Checked rows become activities, in bulk; and activities become rows again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from emergency.activities.ledger.checking import is_ours
from emergency.activities.models import Activity, Measure
from emergency.activities.services.numbers import SHAPE, code_of, number_key, number_of
from emergency.core import clock, numbering
from emergency.core.ledger import Approximate, ImportContext, Row
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.models import Kind, Organisation

BATCH = 1_000
_READ = ("handler__parent", "area__parent", "category__parent", "enterprise", "industry")


def save(rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
    """Store the rows in the caller's transaction: activities, their campaigns, and the one event 导入 of each."""
    now = clock.now()
    records = [row["record"] for row in rows]
    for record in records:
        record.import_id, record.created_by, record.created_at = context.import_id, context.actor, now
    _number(records, rows)
    Activity.objects.bulk_create(records, batch_size=BATCH)
    tagged = Activity.campaigns.through
    tagged.objects.bulk_create(
        [
            tagged(activity_id=record.pk, programme_id=campaign.pk)
            for record, row in zip(records, rows, strict=True)
            for campaign in row["campaigns"]
        ],
        batch_size=BATCH,
    )
    Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=BATCH)
    return {"新增": len(records)}


def _number(records: Sequence[Activity], rows: Sequence[Row]) -> None:
    """A number of our own form, for this district and year, is kept and the counter raised; any other becomes 原编号."""
    highest: dict[str, int] = {}
    waiting: dict[tuple[str, int], list[Activity]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        given, code, year = row["number"], code_of(record.district), record.started_on.year
        if is_ours(given, record):
            record.number = given
            match = SHAPE.fullmatch(given)
            assert match is not None
            highest[number_key(code, year)] = max(highest.get(number_key(code, year), 0), int(match[3]))
        else:
            record.original_number = record.original_number or given or ""
            waiting[code, year].append(record)
    for key, serial in sorted(highest.items()):
        numbering.raise_to(key, serial)
    for (code, year), unnumbered in sorted(waiting.items()):
        serials = numbering.take(number_key(code, year), len(unnumbered))
        for record, serial in zip(unnumbered, serials, strict=True):
            record.number = number_of(code, year, serial)


# ------------------------------------------------------------------------------------------------ going out


def records(queryset: QuerySet[Activity]) -> Iterator[tuple[Any, ...]]:
    """One tuple per activity in the order of ``columns.COLUMNS``, read in batches."""
    rows = queryset.select_related(*_READ).prefetch_related("campaigns")
    for one in rows.iterator(chunk_size=2 * BATCH):
        yield _row(one)


def _path(unit: Organisation | None) -> str | None:
    """A village with its town before it, because villages share names."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name


def _row(one: Activity) -> tuple[Any, ...]:
    numbers = {
        str(measure): Approximate(value) if measure in one.approximate and value is not None else value
        for measure in Measure
        for value in [one.value(measure)]
    }
    return (
        one.number,
        one.started_on,
        one.ended_on,
        _path(one.handler),
        one.category.group.name,
        one.category.name if one.category.parent_id else None,
        one.title,
        one.leader,
        one.leader_post,
        numbers["times"],
        numbers["people"],
        numbers["quantity"],
        one.quantity_unit,
        numbers["money"],
        numbers["problems"],
        numbers["rectified"],
        one.enterprise.name if one.enterprise else None,
        one.enterprise.credit_code if one.enterprise else None,
        one.industry.name if one.industry else None,
        one.medium,
        one.level,
        one.document_number,
        [campaign.name for campaign in one.campaigns.all()],
        one.related_task,
        _path(one.area),
        one.document_state,
        one.granted_by,
        one.rank,
        one.naming,
        one.content,
        one.status,
        one.void_reason,
        one.original_number,
    )
