"""A hazard comes into being: found and ordered to be put right, fixed at the visit, or kept as a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction

from emergency.core import attachments, audit, clock, deadlines, numbering
from emergency.core.attachments.models import Attachment
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation
from emergency.organizations.scope import FILERS, holds
from emergency.organizations.services import area_is_ours
from emergency.organizations.services import place as set_place
from emergency.programmes.models import Programme
from hazards.lifecycle import LIFECYCLE, is_handlers_officer, works_for_firm
from hazards.models import Category, EntryMode, Grade, Hazard, Measure, PhotoKind, RiskPoint, Source, Status

#: An uploaded file, or an upload that waits for its record (its row or key).
Photo = File | Attachment | int

#: What an editor of a draft may change.
EDITABLE = (
    "place", "category", "source", "description", "legal_basis", "grade", "standard_code", "standard_item", "found_on",
    "measure", "due_on", "order_number", "internal_note", "industry", "department",
)  # fmt: skip


def number_key(district_code: str, found_on: dt.date) -> str:
    """The counter of one district and day."""
    return f"hazard:{district_code}:{found_on:%Y%m%d}"


def number_of(district_code: str, found_on: dt.date, serial: int) -> str:
    """``{区划码6}-{YYYYMMDD}-{serial}``, four digits or more."""
    return f"{district_code}-{found_on:%Y%m%d}-{serial:04d}"


def next_number(district: Organisation, found_on: dt.date) -> str:
    """Take the next number of the district's day. Raises ``ValidationError`` for a district without a division code."""
    code = district.division_code[:6]
    if not code:
        raise ValidationError({"area": f"{district}没有区划代码，不能编号，请联系系统管理员。"})
    return number_of(code, found_on, numbering.take_one(number_key(code, found_on)))


def add_photos(record: Hazard | RiskPoint, photos: Sequence[Photo], kind: str, actor: Any) -> list[Attachment]:
    """Give the record its photos, whether they come with this request or were uploaded before."""
    waiting = [one for one in photos if isinstance(one, Attachment | int)]
    files = [one for one in photos if not isinstance(one, Attachment | int)]
    for file in files:
        file.seek(0)  # the same file may go to several hazards
    added = attachments.add(files=files, owner=record, kind=kind, actor=actor) if files else []
    if waiting:
        added += attachments.attach(attachments=waiting, owner=record, kind=kind, actor=actor)
    return added


def default_due_on(*, measure: str, found_on: dt.date, handler: Organisation) -> dt.date:
    """立即整改 is due the same day; 限期整改 by the rule of the handler's level (``hazard.rectify``)."""
    if measure == Measure.IMMEDIATE:
        return found_on
    return deadlines.due("hazard.rectify", found_on, level=handler.tier).at  # type: ignore[return-value]  # counts days


@transaction.atomic
def hazard_open(
    *,
    actor: Any,
    handler: Organisation,
    found_on: dt.date,
    description: str,
    area: Organisation | None = None,
    enterprise: Enterprise | None = None,
    place: str = "",
    category: str = Category.OTHER,
    source: str = Source.INSPECTION,
    grade: str = Grade.GENERAL,
    standard_code: str = "",
    standard_item: str = "",
    legal_basis: str = "",
    measure: str = Measure.DEADLINE,
    due_on: dt.date | None = None,
    industry: Industry | None = None,
    department: Organisation | None = None,
    campaigns: Iterable[Programme] = (),
    photos: Sequence[Photo] = (),
    order_number: str = "",
    internal_note: str = "",
    rectifier: str = "",
    rectification: str = "",
    after_photos: Sequence[Photo] = (),
    on_site: bool = False,
    draft: bool = False,
    recurs_of: Hazard | None = None,
    on: dt.date | None = None,
) -> Hazard:
    """Register one hazard; it is 待整改 at once, 已销号 when ``on_site`` (现场整改), or stays a ``draft``.

    属地, 行业 and 行业主管部门 default to the enterprise's; the due date to the rule of the handler's level. Raises
    ``PermissionDenied`` for who neither files for the handler nor, with 企业自查, for the enterprise; ``ValidationError`` for
    what is missing or contradicts itself.
    """
    on = on or clock.today()
    record = Hazard(
        enterprise=enterprise,
        place=place.strip(),
        handler=handler,
        category=category,
        source=source,
        grade=grade,
        standard_code=standard_code.strip(),
        standard_item=standard_item.strip(),
        legal_basis=legal_basis.strip(),
        description=description.strip(),
        found_on=found_on,
        found_by=actor,
        measure=Measure.IMMEDIATE if on_site else measure,
        due_on=due_on or default_due_on(measure=measure, found_on=found_on, handler=handler),
        industry=industry or (enterprise.industry if enterprise else None),
        department=department or (enterprise.department if enterprise else None),
        order_number=order_number.strip(),
        internal_note=internal_note.strip(),
        recurs_of=recurs_of,
    )
    _may_open(actor, record)
    _add(record, actor=actor, area=area or (enterprise.area if enterprise else None), on=on)
    record.campaigns.set(campaigns)
    add_photos(record, photos, PhotoKind.BEFORE, actor)
    if on_site:
        added = add_photos(record, after_photos, PhotoKind.AFTER, actor)
        data = {
            "rectifier": rectifier.strip(),
            "rectification": rectification.strip(),
            "photos": [one.pk for one in added],
        }
        record = _perform(record, "fix_on_site", actor, data, on, note=rectification.strip())
        attachments.freeze(record)
    elif not draft:
        record = _perform(record, "issue", actor, {"due_on": record.due_on}, on)
    return record


@transaction.atomic
def hazard_count_open(
    *,
    actor: Any,
    handler: Organisation,
    area: Organisation | None,
    found_on: dt.date,
    quantity: int,
    rectified: int = 0,
    grade: str = Grade.GENERAL,
    description: str = "汇总填报",
    place: str = "",
    category: str = Category.OTHER,
    source: str = Source.INSPECTION,
    industry: Industry | None = None,
    department: Organisation | None = None,
    campaigns: Iterable[Programme] = (),
    on: dt.date | None = None,
) -> list[Hazard]:
    """Register hazards reported by number only: one row for those already put right (closed on the day of finding), one for the others.

    Raises ``ValidationError`` when more were rectified than found, ``PermissionDenied`` as :func:`hazard_open`.
    """
    if rectified < 0 or rectified > quantity:
        raise ValidationError({"rectified": "已整改数不能大于发现隐患数。"})
    on = on or clock.today()
    campaigns = list(campaigns)
    opened = []
    for part, closed in ((rectified, True), (quantity - rectified, False)):
        if not part:
            continue
        record = Hazard(
            entry_mode=EntryMode.COUNT,
            quantity=part,
            handler=handler,
            place=place.strip(),
            category=category,
            source=source,
            grade=grade,
            description=description,
            found_on=found_on,
            found_by=actor,
            industry=industry,
            department=department,
            measure=Measure.IMMEDIATE if closed else Measure.DEADLINE,
            issued_on=found_on,
            due_on=found_on if closed else default_due_on(measure=Measure.DEADLINE, found_on=found_on, handler=handler),
            status=Status.CLOSED if closed else Status.RECTIFYING,
        )
        if closed:
            record.rectified_on = record.closed_on = found_on
        _may_open(actor, record)
        _add(record, actor=actor, area=area, on=on)
        record.campaigns.set(campaigns)
        opened.append(record)
    return opened


@transaction.atomic
def hazard_edit(
    *,
    record: Hazard,
    actor: Any,
    area: Organisation | None = None,
    photos: Sequence[Photo] = (),
    on: dt.date | None = None,
    **changes: Any,
) -> Hazard:
    """Change a draft and add photos; ``changes`` are fields of :data:`EDITABLE`. What has been ordered is changed by the steps of its life only."""
    locked = (
        Hazard.objects.select_for_update(of=("self",)).select_related("handler", "enterprise", "area").get(pk=record.pk)
    )
    if locked.status != Status.DRAFT:
        raise ValidationError("只有草稿可以修改；已下达的隐患请按流程办理。")
    if not is_handlers_officer(actor, locked):
        raise PermissionDenied("草稿由承办单位人员修改。")
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"hazard_edit() cannot change {name}")
        setattr(locked, name, value)
    if area is not None:
        area_is_ours(area, locked.handler)
        set_place(locked, area, fallback=locked.handler)
    locked.subject_name = locked.enterprise.name if locked.enterprise else locked.place
    _check(locked, on or clock.today())
    locked.save()
    add_photos(locked, photos, PhotoKind.BEFORE, actor)
    old, new = audit.changes(before, audit.snapshot(locked))
    audit.record("hazard.edit", target=locked, actor=actor, before=old, after=new)
    return locked


@transaction.atomic
def hazard_delete(*, record: Hazard, actor: Any) -> None:
    """Throw a draft away; its number stays taken. Anything else is 作废."""
    locked = Hazard.objects.select_for_update(of=("self",)).select_related("handler").get(pk=record.pk)
    if locked.status != Status.DRAFT:
        raise ValidationError("只有草稿可以删除；登记有误的请作废。")
    if not is_handlers_officer(actor, locked):
        raise PermissionDenied("草稿由承办单位人员删除。")
    audit.record("hazard.delete", target=locked, actor=actor, before=audit.snapshot(locked))
    for one in attachments.for_owner(locked):
        attachments.remove(attachment=one, actor=actor)
    locked.delete()


def _may_open(actor: Any, record: Hazard) -> None:
    own_check = record.source == Source.SELF and works_for_firm(actor, record)
    if not own_check and not holds(actor, FILERS, record.handler):
        raise PermissionDenied("只能以本人任职单位的名义登记隐患；企业自查由本企业填报员登记。")


def _add(record: Hazard, *, actor: Any, area: Organisation | None, on: dt.date) -> None:
    """Place, number, check and store a new record with its first event."""
    area_is_ours(area, record.handler)
    set_place(record, area, fallback=record.handler)
    record.created_by, record.created_at = actor, clock.now()
    record.subject_name = record.enterprise.name if record.enterprise else record.place
    if not record.subject_name and record.entry_mode == EntryMode.COUNT:
        record.subject_name = "汇总填报"
    _check(record, on)
    record.number = next_number(record.district, record.found_on)
    record.save()
    note_event(record, action="open", label="登记", actor=actor, target=record.status)
    audit.record("hazard.open", target=record, actor=actor, after=audit.snapshot(record))


#: Foreign keys come as records that were read a moment ago; asking for each again costs a query and tells nothing.
_UNCHECKED = (
    "number", "subject_name", "area", "street", "district", "enterprise", "handler", "department", "industry", "found_by",
    "created_by", "rectified_by", "reviewed_by", "requested_by", "recurs_of", "split_from",
)  # fmt: skip


def _check(record: Hazard, on: dt.date) -> None:
    """Shape, choices and constraints of a record, with messages at their fields."""
    if not record.enterprise_id and not record.place and record.entry_mode == EntryMode.ITEM:
        raise ValidationError({"enterprise": "请选择受检单位，或填写地点。"})
    if record.found_on > on:
        raise ValidationError({"found_on": "发现日期不能晚于今天。"})
    record.clean_fields(exclude=_UNCHECKED)
    record.validate_constraints()


def _perform(record: Hazard, action: str, actor: Any, data: dict[str, Any], on: dt.date, note: str = "") -> Hazard:
    return LIFECYCLE.perform(
        Hazard.objects.all(), pk=record.pk, action=action, actor=actor, data=data, on=on, note=note
    )
