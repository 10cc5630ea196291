"""Checked rows become visits, in bulk: a few statements for thousands of rows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from emergency.core import clock
from emergency.core.ledger import ImportContext, Row
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.services import place
from emergency.programmes.models import Programme
from hazards.models import Grade
from hazards.services.counting import CountInput, hazard_counts_import
from inspections.models import EntryMode, Finding, Visit
from inspections.services.filing import source_of
from inspections.services.numbers import SHAPE, code_of, numbers_keep, numbers_take

BATCH = 2_000


def save(rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
    """Store the rows in the caller's transaction; counts what came of them."""
    now = clock.now()
    visits = [_visit(row, context, now) for row in rows]
    _number(visits, rows, context.actor)
    Visit.objects.bulk_create(visits, batch_size=BATCH)
    _tag(visits, rows)
    Event.objects.bulk_create(import_events(visits, actor=context.actor), batch_size=BATCH)
    hazards = _open_counts(visits, rows, context)
    made = {"新增检查": len(visits), "家次": sum(visit.quantity for visit in visits)}
    return made | ({"新增隐患": hazards} if hazards else {})


def _visit(row: Row, context: ImportContext, now: dt.datetime) -> Visit:
    enterprise = row["enterprise"]
    visit = Visit(
        client_id=uuid.uuid4(),
        original_number=row["original_number"] or "",
        entry_mode=row["entry_mode"],
        kind=row["kind"],
        visited_on=row["visited_on"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        enterprise=enterprise,
        place=row["place"] or "",
        subject_name=enterprise.name if enterprise else row["place"] or "",
        handler=row["handler"],
        department=row["department"],
        industry=row["industry"],
        officer_names="、".join(row["officers"] or ()),
        quantity=row["quantity"],
        quantity_is_about="quantity" in row.approximate,
        groups=row["groups"],
        person_times=row["person_times"],
        found=row["found"] or 0,
        major_found=row["major_found"] or 0,
        rectified=row["rectified"] or 0,
        major_rectified=row["major_rectified"] or 0,
        papers=row["papers"] or 0,
        summary=row["summary"] or "",
        longitude=row["longitude"],
        latitude=row["latitude"],
        accuracy=row["accuracy"],
        checklist=row["checklist"],
        signed_by=row["signed_by"] or "",
        unsigned_reason=row["unsigned_reason"] or "",
        import_id=context.import_id,
        created_by=context.actor,
        created_at=now,
    )
    place(visit, row["area"], fallback=row["handler"])
    return visit


def _number(visits: Sequence[Visit], rows: Sequence[Row], actor: Any) -> None:
    """A number of our shape stays; another one becomes 原编号 beside a new number, which the importer's counter gives."""
    days: dict[tuple[str, dt.date], list[Visit]] = defaultdict(list)
    kept: list[str] = []
    for visit, row in zip(visits, rows, strict=True):
        given = row["number"] or ""
        if SHAPE.fullmatch(given):
            visit.number = given
            kept.append(given)
        else:
            visit.original_number = visit.original_number or given
            days[code_of(visit.handler), visit.visited_on].append(visit)
    numbers_keep(kept)
    for (_code, day), of_day in sorted(days.items(), key=lambda item: item[0]):
        numbers = numbers_take(handler=of_day[0].handler, officer=actor.pk, day=day, count=len(of_day))
        for visit, number in zip(of_day, numbers, strict=True):
            visit.number = number


def _tag(visits: Iterable[Visit], rows: Sequence[Row]) -> None:
    tagged = Visit.campaigns.through
    tagged.objects.bulk_create(
        [
            tagged(visit_id=visit.pk, programme_id=campaign.pk)
            for visit, row in zip(visits, rows, strict=True)
            for campaign in _distinct(row["campaigns"])
        ],
        batch_size=BATCH,
    )


def _distinct(campaigns: Sequence[Programme]) -> list[Programme]:
    return list({campaign.pk: campaign for campaign in campaigns}.values())


def _open_counts(visits: Sequence[Visit], rows: Sequence[Row], context: ImportContext) -> int:
    """The found and rectified numbers of bulk rows, general and major apart, as count-mode hazards."""
    owners: list[Visit] = []
    counts: list[CountInput] = []
    for visit, row in zip(visits, rows, strict=True):
        if visit.entry_mode != EntryMode.BULK or not visit.found:
            continue
        parts = (
            (Grade.GENERAL, visit.found - visit.major_found, visit.rectified - visit.major_rectified),
            (Grade.MAJOR, visit.major_found, visit.major_rectified),
        )
        for grade, quantity, rectified in parts:
            if quantity:
                owners.append(visit)
                counts.append(_count(visit, row, grade, quantity, rectified))
    made = hazard_counts_import(counts=counts, actor=context.actor, import_id=context.import_id)
    links = [
        Finding(visit=visit, hazard=hazard) for visit, hazards in zip(owners, made, strict=True) for hazard in hazards
    ]
    Finding.objects.bulk_create(links, batch_size=BATCH)
    return sum(one.quantity for one in counts)


def _count(visit: Visit, row: Row, grade: str, quantity: int, rectified: int) -> CountInput:
    return CountInput(
        handler=visit.handler,
        area=visit.area,
        found_on=visit.visited_on,
        quantity=quantity,
        rectified=rectified,
        grade=grade,
        description=f"汇总填报（检查编号{visit.number}）",
        place=visit.place,
        source=source_of(visit.kind),
        industry=visit.industry,
        department=visit.department,
        campaigns=_distinct(row["campaigns"]),
    )
