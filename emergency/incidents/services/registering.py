"""An accident gets into the ledger, and what was wrong about it is put right."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from emergency.core import audit, clock, numbering
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.incidents.lifecycle import may_edit, may_register, report_due
from emergency.incidents.models import Accident, Classification, Status
from emergency.incidents.services.casualties import REFERENCES, field_label, locked_for, settle_and_save, tally
from emergency.organizations.models import Organisation
from emergency.organizations.services import place as set_place

#: What a correction may change; the rest follows from it or moves by the steps of its life.
EDITABLE = frozenset({
    "name", "occurred_at", "place", "enterprise", "unit_name", "industry", "department", "classification", "injury_type",
    "production", "counted", "uncounted_reason", "initial_deaths", "initial_missing", "initial_serious", "initial_minor",
    "direct_loss", "cause", "brief", "data_source", "reported_at", "passed_on_at",
})  # fmt: skip


def number_key(district_code: str, day: dt.date) -> str:
    """The counter of one district and day."""
    return f"accident:{district_code}:{day:%Y%m%d}"


def number_of(district_code: str, day: dt.date, serial: int) -> str:
    """``{区划码6}-SG{YYYYMMDD}-{serial}``, two digits or more."""
    return f"{district_code}-SG{day:%Y%m%d}-{serial:02d}"


def next_number(district: Organisation, day: dt.date) -> str:
    """Take the next number of the district's day. Raises ``ValidationError`` for a district without a division code."""
    code = district.division_code[:6]
    if not code:
        raise ValidationError({"area": f"{district}没有区划代码，不能编号，请联系系统管理员。"})
    return number_of(code, day, numbering.take_one(number_key(code, day)))


def usual_name(area: Organisation, occurred_at: dt.datetime, classification: str) -> str:
    """How an accident is called where nobody has named it: 南塘镇“11·3”道路运输事故."""
    day = timezone.localdate(occurred_at)
    label = "其他类" if classification == Classification.OTHER else dict(Classification.choices).get(classification, "")
    return f"{area}“{day.month}·{day.day}”{label}事故"


@transaction.atomic
def accident_register(
    *,
    actor: Any,
    area: Organisation,
    occurred_at: dt.datetime,
    classification: str,
    name: str = "",
    place: str = "",
    enterprise: Enterprise | None = None,
    unit_name: str = "",
    industry: Industry | None = None,
    department: Organisation | None = None,
    injury_type: str = "",
    production: bool = True,
    counted: bool = True,
    uncounted_reason: str = "",
    initial_deaths: int = 0,
    initial_missing: int = 0,
    initial_serious: int = 0,
    initial_minor: int = 0,
    direct_loss: Decimal | None = None,
    cause: str = "",
    brief: str = "",
    data_source: str = "",
    reported_at: dt.datetime | None = None,
    passed_on_at: dt.datetime | None = None,
) -> Accident:
    """快报: the first report of an accident. 行业, 行业主管部门 and 事故单位 default to the enterprise's; ``direct_loss`` is in yuan.

    Raises ``PermissionDenied`` for who answers neither for the district nor for the town, ``ValidationError`` by field.
    """
    if not may_register(actor, area):
        raise PermissionDenied("“登记事故”由应急管理局或属地街道（乡镇）办理。")
    record = Accident(
        name=name.strip() or usual_name(area, occurred_at, classification),
        occurred_at=occurred_at,
        place=place.strip(),
        enterprise=enterprise,
        unit_name=unit_name.strip() or (enterprise.name if enterprise else ""),
        industry=industry or (enterprise.industry if enterprise else None),
        department=department or (enterprise.department if enterprise else None),
        classification=classification,
        injury_type=injury_type,
        production=production,
        counted=counted,
        uncounted_reason="" if counted else uncounted_reason.strip(),
        initial_deaths=initial_deaths,
        initial_missing=initial_missing,
        initial_serious=initial_serious,
        initial_minor=initial_minor,
        direct_loss=direct_loss,
        cause=cause.strip(),
        brief=brief.strip(),
        data_source=data_source.strip(),
        reported_at=reported_at,
        passed_on_at=passed_on_at,
        created_by=actor,
        created_at=clock.now(),
    )
    set_place(record, area)
    _not_ahead(record)
    tally(record, ())
    record.clean_fields(exclude=REFERENCES)
    record.validate_constraints()
    record.number = next_number(record.district, timezone.localdate(occurred_at))
    record.save()
    note_event(record, action="register", label="快报", actor=actor, target=record.status, note=record.brief)
    audit.record("accident.create", target=record, actor=actor, after=audit.snapshot(record))
    return record


@transaction.atomic
def accident_correct(
    *, record: Accident, actor: Any, reason: str = "", area: Organisation | None = None, **changes: Any
) -> Accident:
    """续报 while it is a 快报, 更正 with a reason once it has been verified; ``changes`` are fields of :data:`EDITABLE`.

    The numbers of now, the verdicts on later deaths, the grade and a clock that still runs follow. Raises ``PermissionDenied`` and
    ``ValidationError`` by field.
    """
    locked = locked_for(record, actor, "更正")
    verified = locked.status != Status.FLASH
    if verified and not reason.strip():
        raise ValidationError({"reason": "已核实的事故更正须填写原因。"})
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"accident_correct() cannot change {name}")
        setattr(locked, name, value.strip() if isinstance(value, str) else value)
    if area is not None:
        set_place(locked, area)
        if not may_edit(actor, locked):
            raise ValidationError({"area": "只能改到本单位辖区内的属地。"})
    _fill_in(locked)
    _not_ahead(locked)
    running = locked.status == Status.VERIFIED and locked.report_submitted_on is None and not locked.report_extended
    if running and locked.verified_on is not None:
        locked.report_due_on = report_due(locked)
    settle_and_save(locked)
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        label = "更正" if verified else "续报"
        fields = {"fields": sorted(new)}
        note_event(locked, action="correct", label=label, actor=actor, note=reason.strip(), data=fields)
        audit.record("accident.update", target=locked, actor=actor, before=old, after=new, note=reason.strip()[:500])
    return locked


def _fill_in(record: Accident) -> None:
    """What a correction left blank takes its usual value, and what no longer applies goes."""
    if not record.name:
        record.name = usual_name(record.home, record.occurred_at, record.classification)
    if not record.unit_name and record.enterprise:
        record.unit_name = record.enterprise.name
    if record.counted:
        record.uncounted_reason = ""


def _not_ahead(record: Accident) -> None:
    """What is told has happened."""
    now = clock.now()
    for name in ("occurred_at", "reported_at", "passed_on_at"):
        moment = getattr(record, name)
        if moment is not None and moment > now:
            raise ValidationError({name: f"{field_label(name)}不能晚于现在。"})
