"""Hazards reported by number only, many rows at once: what an imported ledger of visits says of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from emergency.core import clock, numbering
from emergency.core.lifecycle import Event, import_events
from emergency.enterprises.models import Industry
from emergency.organizations.models import Organisation
from emergency.organizations.services import place
from emergency.programmes.models import Programme
from hazards.models import Category, EntryMode, Grade, Hazard, Measure, Source, Status
from hazards.services.opening import default_due_on, number_key, number_of

BATCH = 2_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CountInput:
    """``quantity`` hazards of one grade found on a day, ``rectified`` of which were put right on the same day."""

    handler: Organisation
    area: Organisation | None
    found_on: dt.date
    quantity: int
    rectified: int = 0
    grade: str = Grade.GENERAL
    description: str = "汇总填报"
    place: str = ""
    source: str = Source.INSPECTION
    industry: Industry | None = None
    department: Organisation | None = None
    campaigns: Sequence[Programme] = ()


@transaction.atomic
def hazard_counts_import(*, counts: Sequence[CountInput], actor: Any, import_id: int | None) -> list[list[Hazard]]:
    """Store what an import reports by number: for each input the rows it became, one closed and one open as needed.

    Imported history enters under row rules of its own: the caller has checked numbers, units and the importer's right. The one audit
    entry is that of the import.
    """
    made: list[list[Hazard]] = []
    due: dict[tuple[dt.date, str], dt.date] = {}
    now = clock.now()
    for one in counts:
        rows = []
        for quantity, closed in ((one.rectified, True), (one.quantity - one.rectified, False)):
            if quantity:
                rows.append(_row(one, quantity, closed, due, actor, now, import_id))
        made.append(rows)
    flat = [row for rows in made for row in rows]
    _number(flat)
    Hazard.objects.bulk_create(flat, batch_size=BATCH)
    Event.objects.bulk_create(import_events(flat, actor=actor), batch_size=BATCH)
    tagged = Hazard.campaigns.through
    tagged.objects.bulk_create(
        [
            tagged(hazard_id=row.pk, programme_id=campaign.pk)
            for one, rows in zip(counts, made, strict=True)
            for row in rows
            for campaign in one.campaigns
        ],
        batch_size=BATCH,
    )
    return made


def _row(
    one: CountInput,
    quantity: int,
    closed: bool,
    due: dict[tuple[dt.date, str], dt.date],
    actor: Any,
    now: dt.datetime,
    import_id: int | None,
) -> Hazard:
    row = Hazard(
        entry_mode=EntryMode.COUNT,
        quantity=quantity,
        status=Status.CLOSED if closed else Status.RECTIFYING,
        source=one.source,
        place=one.place,
        subject_name=one.place or "汇总填报",
        handler=one.handler,
        department=one.department,
        industry=one.industry,
        category=Category.OTHER,
        description=one.description,
        grade=one.grade,
        found_on=one.found_on,
        measure=Measure.IMMEDIATE if closed else Measure.DEADLINE,
        issued_on=one.found_on,
        created_by=actor,
        created_at=now,
        import_id=import_id,
    )
    place(row, one.area, fallback=one.handler)
    if closed:
        row.due_on = row.rectified_on = row.closed_on = one.found_on
    else:
        key = (one.found_on, one.handler.tier)
        if key not in due:
            due[key] = default_due_on(measure=Measure.DEADLINE, found_on=one.found_on, handler=one.handler)
        row.due_on = due[key]
    return row


def _number(rows: list[Hazard]) -> None:
    """One counter per district and day, asked once for all its rows."""
    codes = dict(
        Organisation.objects.filter(pk__in={row.district_id for row in rows}).values_list("pk", "division_code")
    )
    days: dict[tuple[str, dt.date], list[Hazard]] = defaultdict(list)
    for row in rows:
        days[codes[row.district_id][:6], row.found_on].append(row)
    for (code, day), of_day in sorted(days.items(), key=lambda item: item[0]):
        for row, serial in zip(of_day, numbering.take(number_key(code, day), len(of_day)), strict=True):
            row.number = number_of(code, day, serial)
