"""Risk points: registering, changing, the steps of their life. Imports are stored by their ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import audit, clock, numbering
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation
from emergency.organizations.scope import FILERS, holds
from emergency.organizations.services import area_is_ours
from emergency.organizations.services import place as set_place
from hazards.lifecycle import RISK_LIFECYCLE, keeps_risk, works_for_firm
from hazards.lifecycle.grading import grade
from hazards.lifecycle.risks import set_grade
from hazards.models import LIVE_RISKS, Assessment, PhotoKind, RiskCategory, RiskMeasure, RiskPoint, RiskStatus
from hazards.services.opening import Photo, add_photos

#: What ``risk_edit`` may change; the level is changed by 重新评估, the office by 移交.
EDITABLE = (
    "name", "enterprise", "place", "department", "industry", "category", "category_name", "features", "consequences",
    "key", "control_level", "responsible_unit", "responsible_person", "responsible_phone", "patrol", "identified_on",
    "longitude", "latitude",
)  # fmt: skip

#: Foreign keys come as records that were read a moment ago; asking for each again costs a query and tells nothing.
_UNCHECKED = ("number", "area", "street", "district", "enterprise", "handler", "department", "industry", "created_by")

#: Where the words of a step stand that its timeline shows.
_NOTES = ("reason", "note", "result")

MOST_MEASURES = 200


class MeasureInput(NamedTuple):
    """One control measure as typed: what, who, how often."""

    text: str
    owner: str = ""
    frequency: str = ""


def risk_number_key(district_code: str) -> str:
    """The counter of one district."""
    return f"risk:{district_code}"


def risk_number_of(district_code: str, serial: int) -> str:
    """``{区划码6}-FX-{serial}``, five digits or more."""
    return f"{district_code}-FX-{serial:05d}"


@transaction.atomic
def risk_register(
    *,
    actor: Any,
    handler: Organisation,
    name: str,
    identified_on: dt.date,
    area: Organisation | None = None,
    enterprise: Enterprise | None = None,
    assessment: str = Assessment.DIRECT,
    likelihood: Decimal | int | None = None,
    exposure: Decimal | int | None = None,
    severity: Decimal | int | None = None,
    level: str = "",
    judgement: str = "",
    assessed_on: dt.date | None = None,
    measures: Sequence[MeasureInput] = (),
    controlled_on: dt.date | None = None,
    industry: Industry | None = None,
    department: Organisation | None = None,
    place: str = "",
    category: str = RiskCategory.OTHER,
    on: dt.date | None = None,
    **details: Any,
) -> RiskPoint:
    """Register one risk point with its measures; with ``controlled_on`` the step 落实管控 follows at once.

    属地, 行业 and 行业主管部门 default to the enterprise's. ``details`` are further fields of :data:`EDITABLE`. Raises
    ``PermissionDenied`` for who does not file for the handler, ``ValidationError`` for what is missing or contradicts itself.
    """
    on = on or clock.today()
    if not holds(actor, FILERS, handler):
        raise PermissionDenied("只能以本人任职单位的名义登记风险点。")
    area = area or (enterprise.area if enterprise else None)
    area_is_ours(area, handler)
    record = RiskPoint(
        name=name.strip(),
        enterprise=enterprise,
        place=place.strip(),
        handler=handler,
        industry=industry or (enterprise.industry if enterprise else None),
        department=department or (enterprise.department if enterprise else None),
        category=category,
        identified_on=identified_on,
        assessed_on=assessed_on or identified_on,
        created_by=actor,
        created_at=clock.now(),
    )
    _set(record, details)
    graded = grade(
        assessment=assessment,
        likelihood=likelihood,
        exposure=exposure,
        severity=severity,
        level=level,
        judgement=judgement,
    )
    set_grade(record, graded, judgement.strip())
    set_place(record, area, fallback=handler)
    kept = _cleaned(measures)
    record.measure_count = len(kept)
    _check(record, on)
    record.number = next_risk_number(record.district)
    record.save()
    _write_measures(record, kept)
    note_event(record, action="register", label="登记", actor=actor, target=record.status)
    audit.record("risk.register", target=record, actor=actor, after=audit.snapshot(record))
    if controlled_on is not None:
        data = {"controlled_on": controlled_on}
        record = RISK_LIFECYCLE.perform(
            RiskPoint.objects.all(), pk=record.pk, action="control", actor=actor, data=data, on=on
        )
    return record


def next_risk_number(district: Organisation) -> str:
    """Take the district's next number. Raises ``ValidationError`` for a district without a division code."""
    code = district.division_code[:6]
    if not code:
        raise ValidationError({"area": f"{district}没有区划代码，不能编号，请联系系统管理员。"})
    return risk_number_of(code, numbering.take_one(risk_number_key(code)))


@transaction.atomic
def risk_edit(
    *,
    record: RiskPoint,
    actor: Any,
    area: Organisation | None = None,
    measures: Sequence[MeasureInput] | None = None,
    on: dt.date | None = None,
    **changes: Any,
) -> RiskPoint:
    """Change a risk point that has not gone; ``measures`` replaces all of them. Raises as :func:`risk_register`."""
    on = on or clock.today()
    locked = (
        RiskPoint.objects.select_for_update(of=("self",))
        .select_related("handler", "area", "enterprise")
        .get(pk=record.pk)
    )
    if locked.status not in LIVE_RISKS:
        raise ValidationError("已消除或作废的风险点不能修改。")
    if not keeps_risk(actor, locked):
        raise PermissionDenied("风险点由监管单位人员修改。")
    before = audit.snapshot(locked) | {"measures": _told(locked)}
    _set(locked, changes)
    if area is not None and area != locked.area:
        area_is_ours(area, locked.handler)
        set_place(locked, area, fallback=locked.handler)
    if "patrol" in changes and locked.status == RiskStatus.CONTROLLED and before["patrol"] != locked.patrol:
        locked.next_patrol_on = locked.patrol_after(locked.last_patrol_on or on)
    if measures is not None:
        kept = _cleaned(measures)
        if locked.status == RiskStatus.CONTROLLED and not kept:
            raise ValidationError("管控中的风险点至少要有一条管控措施。")
        locked.measure_count = len(kept)
        locked.measures.all().delete()
        _write_measures(locked, kept)
    _check(locked, on)
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked) | {"measures": _told(locked)})
    if new:
        note_event(locked, action="edit", label="修改", actor=actor, note=_changed(new))
        audit.record("risk.edit", target=locked, actor=actor, before=old, after=new)
    return locked


@transaction.atomic
def risk_act(
    *,
    queryset: QuerySet[RiskPoint],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    photos: Sequence[Photo] = (),
    on: dt.date | None = None,
) -> RiskPoint:
    """Take one step of ``RISK_LIFECYCLE``; ``queryset`` is what the actor may see. ``photos`` stay with the step.

    Raises ``RiskPoint.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    if photos:
        record = RiskPoint.objects.get(pk=queryset.values("pk").get(pk=pk)["pk"])
        if not keeps_risk(actor, record) and not works_for_firm(actor, record):
            raise PermissionDenied("照片由监管单位人员或企业填报员上传。")
        added = add_photos(record, photos, PhotoKind.EVIDENCE, actor)
        values["photos"] = [one.pk for one in added]
    note = "：".join(str(values[name]) for name in reversed(_NOTES) if values.get(name))
    return RISK_LIFECYCLE.perform(queryset, pk=pk, action=action, actor=actor, data=values, on=on, note=note)


@transaction.atomic
def risks_void(
    *, queryset: QuerySet[RiskPoint], pks: Iterable[int], actor: Any, reason: str, on: dt.date | None = None
) -> list[RiskPoint]:
    """作废 several, all or none. Raises like :func:`risk_act`."""
    return [
        risk_act(queryset=queryset, pk=pk, action="void", actor=actor, data={"reason": reason}, on=on)
        for pk in sorted(set(pks))
    ]


def measures_made(record: RiskPoint, measures: Iterable[MeasureInput]) -> list[RiskMeasure]:
    """The rows of a risk point's measures, unsaved, in order from 1."""
    return [RiskMeasure(point=record, order=order, **one._asdict()) for order, one in enumerate(measures, 1)]


def _set(record: RiskPoint, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"a risk point has no editable {name}")
        setattr(record, name, value.strip() if isinstance(value, str) else value)


def _cleaned(measures: Iterable[MeasureInput]) -> list[MeasureInput]:
    kept = [MeasureInput(*(part.strip() for part in one)) for one in measures]
    kept = [one for one in kept if one.text]
    if len(kept) > MOST_MEASURES:
        raise ValidationError(f"一个风险点最多{MOST_MEASURES}条管控措施。")
    return kept


def _write_measures(record: RiskPoint, measures: Sequence[MeasureInput]) -> None:
    rows = measures_made(record, measures)
    for row in rows:
        row.clean_fields(exclude=("point",))
    RiskMeasure.objects.bulk_create(rows)


def _told(record: RiskPoint) -> list[str]:
    """The measures as the log keeps them."""
    return [
        "｜".join(part for part in (one.text, one.owner, one.frequency) if part)
        for one in record.measures.order_by("order")
    ]


def _changed(new: Mapping[str, Any]) -> str:
    """What a change touched, in the words of the record: “责任人、管控措施”."""
    skipped = {"measure_count", "next_patrol_on", "street", "district"}
    labels = {field.name: str(field.verbose_name) for field in RiskPoint._meta.concrete_fields} | {
        "measures": "管控措施"
    }
    return "、".join(labels[name] for name in new if name not in skipped)


def _check(record: RiskPoint, on: dt.date) -> None:
    """Shape, choices and constraints, with messages at their fields."""
    for name, label in (("identified_on", "辨识日期"), ("assessed_on", "评估日期")):
        day = getattr(record, name)
        if day is not None and day > on:
            raise ValidationError({name: f"{label}不能晚于今天。"})
    record.clean_fields(exclude=_UNCHECKED)
    record.validate_constraints()
