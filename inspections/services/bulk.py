"""汇总填报: visits reported by number, without naming whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from emergency.core import clock
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.services import area_is_ours
from emergency.programmes.models import Programme
from hazards.models import Grade
from hazards.services import hazard_count_open
from inspections.models import EntryMode, Finding, Visit
from inspections.services import rules
from inspections.services.filing import add, sent_before, source_of


def visit_bulk_file(
    *,
    actor: Any,
    handler: Organisation,
    kind: str,
    visited_on: dt.date,
    quantity: int,
    area: Organisation | None = None,
    groups: int | None = None,
    person_times: int | None = None,
    found: int = 0,
    major_found: int = 0,
    rectified: int = 0,
    major_rectified: int = 0,
    papers: int = 0,
    place: str = "",
    officer_names: Iterable[str] = (),
    campaigns: Iterable[Programme] = (),
    industry: Industry | None = None,
    department: Organisation | None = None,
    summary: str = "",
    client_id: uuid.UUID | None = None,
    on: dt.date | None = None,
) -> Visit:
    """File ``quantity`` 家次 at once; found and rectified numbers open count-mode hazards, general and major apart.

    ``place`` may describe the round (全镇烟花爆竹零售点) but names no enterprise: that is filed visit by visit. The same ``client_id``
    again returns the first row. Raises like ``visit_file``.
    """
    on = on or clock.today()
    client_id = client_id or uuid.uuid4()
    campaigns = list(campaigns)
    if (earlier := sent_before(client_id, actor)) is not None:
        return earlier
    rules.may_file(actor, handler)
    rules.day_is_past(visited_on, on)
    rules.kind_is_allowed(kind, handler)
    if area is None and handler.kind in (Kind.STREET, Kind.COMMUNITY):
        area = handler
    area_is_ours(area, handler)
    visit = Visit(
        client_id=client_id,
        entry_mode=EntryMode.BULK,
        kind=kind,
        visited_on=visited_on,
        place=place.strip(),
        subject_name=place.strip(),
        handler=handler,
        department=department,
        industry=industry,
        officer_names=rules.people((), officer_names)[1],
        quantity=quantity,
        groups=groups,
        person_times=person_times,
        found=found,
        major_found=major_found,
        rectified=rectified,
        major_rectified=major_rectified,
        papers=papers,
        summary=summary.strip(),
    )
    try:
        with transaction.atomic():
            add(visit, actor=actor, area=area)
            visit.campaigns.set(campaigns)
            counts_open(visit, campaigns=campaigns, actor=actor, on=on)
    except IntegrityError:
        if (earlier := sent_before(client_id, actor)) is not None:
            return earlier
        raise
    return visit


def counts_open(visit: Visit, *, campaigns: Iterable[Programme], actor: Any, on: dt.date) -> int:
    """Open the count-mode hazards of a bulk row and link them to it. Returns how many rows they took."""
    campaigns = list(campaigns)
    parts = (
        (Grade.GENERAL, visit.found - visit.major_found, visit.rectified - visit.major_rectified),
        (Grade.MAJOR, visit.major_found, visit.major_rectified),
    )
    opened = []
    for grade, quantity, rectified in parts:
        if not quantity:
            continue
        if rectified > quantity:
            raise ValidationError({"rectified": "一般隐患的已整改数大于发现数，请核对重大隐患的数字。"})
        opened += hazard_count_open(
            actor=actor,
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
            campaigns=campaigns,
            on=on,
        )
    Finding.objects.bulk_create(Finding(visit=visit, hazard=hazard) for hazard in opened)
    return len(opened)
