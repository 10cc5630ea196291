"""Imported accidents become records: numbered, settled, stored in batches."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from emergency.core import clock, numbering
from emergency.core.ledger import ImportContext, Row
from emergency.core.lifecycle import Event, import_events
from emergency.incidents.lifecycle import day_of
from emergency.incidents.models import Accident, AccidentDeath
from emergency.incidents.services.casualties import FIRST, tally
from emergency.incidents.services.registering import number_key, number_of
from emergency.organizations.models import Organisation
from emergency.organizations.services import place

_NUMBER = re.compile(r"(\d{6})-SG(\d{8})-(\d{2,9})")
_BATCH = 1_000

#: Columns that go into the field of the same name as they are; blank leaves the field's default.
_PLAIN = (
    "name", "occurred_at", "unit_name", "industry", "department", "classification", "injury_type", "production", "counted",
    "direct_loss", "data_source", "brief", "uncounted_reason", "place", "cause", "reported_at", "passed_on_at", "status",
    "verified_on", "report_due_on", "report_extended", "report_submitted_on", "reply_due_on", "approved_on",
    "approval_number", "original_number", "void_reason",
)  # fmt: skip


def store(rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
    """Write everything; what happened by kind. A district without a division code is a fault of the row."""
    import_id = context.import_id or numbering.take_one("import")
    now = clock.now()
    records = [_record(row, context.actor, now, import_id) for row in rows]
    _number(records, rows)
    Accident.objects.bulk_create(records, batch_size=_BATCH)
    later = []
    for record, row in zip(records, rows, strict=True):
        for death in row["death_records"]:
            death.accident, death.created_by, death.created_at = record, context.actor, now
            later.append(death)
    AccidentDeath.objects.bulk_create(later, batch_size=_BATCH)
    Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
    return {"新增": len(records)}


def _record(row: Row, actor: Any, now: dt.datetime, import_id: int) -> Accident:
    record = Accident(
        enterprise=row["enterprise_record"],
        import_id=import_id,
        created_by=actor,
        created_at=now,
        **{first: row[first] for first in FIRST.values()},
        **{key: value for key in _PLAIN if (value := row[key]) is not None},
    )
    place(record, row["area"])
    tally(record, row["death_records"])
    return record


def _number(records: Sequence[Accident], rows: Sequence[Row]) -> None:
    """A number of our own form, for this district and day, is kept and the counter raised; any other becomes 原编号."""
    districts = {one.pk: one for one in Organisation.objects.filter(pk__in={record.district_id for record in records})}
    highest: dict[str, int] = {}
    waiting: dict[tuple[str, dt.date], list[Accident]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        code, day = districts[record.district_id].division_code[:6], day_of(record)
        if not code:
            row.fault("area", f"{districts[record.district_id]}没有区划代码，不能编号，请联系系统管理员")
            continue
        fitting = _NUMBER.fullmatch(row["number"] or "")
        if fitting and fitting[1] == code and fitting[2] == f"{day:%Y%m%d}":
            record.number = row["number"]
            key = number_key(code, day)
            highest[key] = max(highest.get(key, 0), int(fitting[3]))
        else:
            if row["number"] and record.original_number:
                row.fault("number", "编号不是本系统的编号，而原编号已另填，请删去其中一个", row["number"])
            record.original_number = record.original_number or row["number"] or ""
            waiting[code, day].append(record)
    for key in sorted(highest):
        numbering.raise_to(key, highest[key])
    for (code, day), group in sorted(waiting.items(), key=lambda item: item[0]):
        for record, serial in zip(group, numbering.take(number_key(code, day), len(group)), strict=True):
            record.number = number_of(code, day, serial)
