"""A visit is filed: what was looked at, and every problem as a hazard, in one transaction and once per client id."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from emergency.core import attachments, audit, clock
from emergency.core.attachments.models import Attachment
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.enterprises.services import enterprise_quick
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.services import area_is_ours, place
from emergency.programmes.models import Programme
from hazards.models import Category, Grade, Source
from hazards.models import Measure as Handling
from hazards.services import hazard_open
from hazards.services.opening import Photo
from inspections.models import (
    Checklist,
    ChecklistItem,
    EntryMode,
    Finding,
    Measure,
    PhotoKind,
    Result,
    Visit,
    VisitKind,
    VisitResult,
)
from inspections.services import rules
from inspections.services.numbers import number_accept, numbers_take

#: What a hazard's source is, by the kind of the visit that found it.
SOURCES: dict[str, str] = {
    VisitKind.EXPERT: Source.EXPERT,
    VisitKind.SUPERVISION: Source.SUPERVISION,
    VisitKind.UNANNOUNCED: Source.SUPERVISION,
    VisitKind.LEADER: Source.SUPERVISION,
    VisitKind.REPORT: Source.REPORT,
    VisitKind.PATROL: Source.PATROL,
}


def source_of(kind: str) -> str:
    return SOURCES.get(kind, Source.INSPECTION)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FindingInput:
    """One problem of a visit. The fields are those of ``hazards.services.hazard_open``; ``item`` is the checklist line it came from."""

    description: str
    category: str = Category.OTHER
    grade: str = Grade.GENERAL
    standard_code: str = ""
    standard_item: str = ""
    legal_basis: str = ""
    measure: str = Handling.DEADLINE
    due_on: dt.date | None = None
    photos: Sequence[Photo] = ()
    on_site: bool = False
    rectifier: str = ""
    rectification: str = ""
    after_photos: Sequence[Photo] = ()
    item: int | None = None


class FindingRefused(ValidationError):
    """A problem cannot be registered; ``index`` counts the findings from 0, so that the message stands at its row."""

    def __init__(self, index: int, fault: ValidationError) -> None:
        super().__init__(fault.error_dict if hasattr(fault, "error_dict") else fault.error_list)
        self.index = index


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the officer stood, in degrees (WGS 84), with the accuracy in metres as the device reports it."""

    longitude: decimal.Decimal
    latitude: decimal.Decimal
    accuracy: int | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewSubject:
    """A subject that the register does not know yet: 快速建档 along with the visit."""

    name: str
    address: str = ""
    phone: str = ""


def visit_file(
    *,
    actor: Any,
    handler: Organisation,
    kind: str,
    visited_on: dt.date,
    enterprise: Enterprise | None = None,
    new_subject: NewSubject | None = None,
    place: str = "",
    area: Organisation | None = None,
    started_at: dt.datetime | None = None,
    ended_at: dt.datetime | None = None,
    officers: Sequence[Any] = (),
    officer_names: Iterable[str] = (),
    campaigns: Iterable[Programme] = (),
    industry: Industry | None = None,
    checklist: Checklist | None = None,
    results: Mapping[int, str] | None = None,
    findings: Sequence[FindingInput] = (),
    photos: Sequence[Photo] = (),
    signature: Sequence[Photo] = (),
    signed_by: str = "",
    unsigned_reason: str = "",
    summary: str = "",
    papers: int = 0,
    location: Location | None = None,
    client_id: uuid.UUID | None = None,
    number: str = "",
    on: dt.date | None = None,
) -> Visit:
    """File one visit with its checklist ``results`` (item key → ``Result``), findings, photos and signature: all or nothing.

    The same ``client_id`` again returns the first visit and writes nothing, so a device may send until it hears an answer. A
    ``new_subject`` is registered in passing. 属地, 行业
    and 行业主管部门 default to the enterprise's, 属地 else to a town's or village's own. ``number`` comes from a device that worked without network.

    Raises ``PermissionDenied`` for who does not file for the handler; ``FindingRefused`` for a problem that cannot be registered;
    ``ValidationError`` for everything else that is missing or contradicts itself.
    """
    on = on or clock.today()
    client_id = client_id or uuid.uuid4()
    officers, campaigns = list(officers), list(campaigns)
    if (earlier := sent_before(client_id, actor)) is not None:
        return earlier
    rules.may_file(actor, handler)
    rules.day_is_past(visited_on, on)
    rules.kind_is_allowed(kind, handler)
    rules.times_fit(visited_on, started_at, ended_at)
    typed, everybody = rules.people(officers, officer_names)
    rules.officers_suffice(kind, handler, officers, typed, visited_on)
    area = _area_of(enterprise, area, handler)
    area_is_ours(area, handler)
    if enterprise is not None and not Enterprise.objects.live().visible_to(actor).filter(pk=enterprise.pk).exists():
        raise ValidationError({"enterprise": "没有这个受检单位，或不在您的管辖范围内。"})
    visit = Visit(
        client_id=client_id,
        entry_mode=EntryMode.ITEM,
        kind=kind,
        visited_on=visited_on,
        started_at=started_at,
        ended_at=ended_at,
        enterprise=enterprise,
        place=place.strip(),
        subject_name=enterprise.name if enterprise else place.strip(),
        handler=handler,
        department=enterprise.department if enterprise else None,
        industry=industry or (enterprise.industry if enterprise else None),
        officer_names=everybody,
        papers=papers,
        summary=summary.strip(),
        longitude=location.longitude if location else None,
        latitude=location.latitude if location else None,
        accuracy=location.accuracy if location else None,
        checklist=checklist,
        signed_by=signed_by.strip(),
        unsigned_reason=unsigned_reason.strip(),
    )
    if not visit.subject_name and new_subject is None:
        raise ValidationError({"enterprise": "请选择受检单位，或填写检查地点。"})
    try:
        with transaction.atomic():
            if enterprise is None and new_subject is not None:
                _register(visit, new_subject, area, actor)
            add(visit, actor=actor, area=area, number=number)
            visit.officers.set(officers)
            visit.campaigns.set(campaigns)
            lines = _keep_results(visit, results or {})
            for index, finding in enumerate(findings):
                _open(visit, finding, index, lines=lines, campaigns=campaigns, actor=actor, on=on)
            keep_files(visit, photos, PhotoKind.SCENE, actor)
            keep_files(visit, signature, PhotoKind.SIGNATURE, actor)
    except IntegrityError:
        # Sent twice at the same moment: the other transaction has filed it meanwhile.
        if (earlier := sent_before(client_id, actor)) is not None:
            return earlier
        raise
    return visit


def _register(visit: Visit, subject: NewSubject, area: Organisation | None, actor: Any) -> None:
    if area is None:
        raise ValidationError({"area": "快速建档须选择属地。"})
    try:
        visit.enterprise = enterprise_quick(area=area, actor=actor, **dataclasses.asdict(subject))
    except ValidationError as fault:
        raise ValidationError({"new_name": fault.messages}) from fault
    visit.subject_name = visit.enterprise.name


def sent_before(client_id: uuid.UUID, actor: Any) -> Visit | None:
    """The visit that this device has already sent. Raises ``ValidationError`` when somebody else used the same id."""
    earlier = Visit.objects.filter(client_id=client_id).first()
    if earlier is not None and earlier.created_by_id != actor.pk:
        raise ValidationError("这份表单已由他人提交，请重新打开登记页面。")
    return earlier


def add(visit: Visit, *, actor: Any, area: Organisation | None, number: str = "") -> None:
    """Place, number, check and store a new visit with its first event."""
    place(visit, area, fallback=visit.handler)
    visit.created_by, visit.created_at = actor, clock.now()
    rules.check(visit)
    if number:
        visit.number = number_accept(number, actor=actor, day=visit.visited_on)
    else:
        visit.number = numbers_take(handler=visit.handler, officer=actor.pk, day=visit.visited_on)[0]
    visit.save()
    note_event(visit, action="file", label="登记", actor=actor)
    audit.record("visit.create", target=visit, actor=actor, after=audit.snapshot(visit))


def keep_files(record: Visit | Measure, photos: Sequence[Photo], kind: str, actor: Any) -> None:
    """Give the record its files, whether they come with this request or were uploaded before."""
    waiting = [one for one in photos if isinstance(one, Attachment | int)]
    files = [one for one in photos if not isinstance(one, Attachment | int)]
    if files:
        attachments.add(files=files, owner=record, kind=kind, actor=actor)
    if waiting:
        attachments.attach(attachments=waiting, owner=record, kind=kind, actor=actor)


def _area_of(enterprise: Enterprise | None, area: Organisation | None, handler: Organisation) -> Organisation | None:
    if area is not None:
        return area
    if enterprise is not None:
        return enterprise.area
    return handler if handler.kind in (Kind.STREET, Kind.COMMUNITY) else None


def _keep_results(visit: Visit, results: Mapping[int, str]) -> dict[int, VisitResult]:
    """Store what each line came to, with its words as they are today; returns them by the line's key."""
    if not results:
        return {}
    items = {item.pk: item for item in ChecklistItem.objects.filter(checklist=visit.checklist, pk__in=list(results))}
    if len(items) != len(results):
        raise ValidationError({"checklist": "检查表已变更，请重新选择检查表。"})
    if any(result not in Result.values for result in results.values()):
        raise ValidationError({"checklist": "检查结果有误，请重新选择。"})
    kept = VisitResult.objects.bulk_create(
        VisitResult(visit=visit, item=item, text=item.text, result=results[item.pk])
        for item in sorted(items.values(), key=lambda one: one.order)
    )
    return {line.item_id: line for line in kept}  # type: ignore[misc]  # each was made with an item


def _open(
    visit: Visit,
    finding: FindingInput,
    index: int,
    *,
    lines: Mapping[int, VisitResult],
    campaigns: Sequence[Programme],
    actor: Any,
    on: dt.date,
) -> None:
    values = {field.name: getattr(finding, field.name) for field in dataclasses.fields(finding) if field.name != "item"}
    try:
        hazard = hazard_open(
            actor=actor,
            handler=visit.handler,
            found_on=visit.visited_on,
            area=visit.area,
            enterprise=visit.enterprise,
            place=visit.place,
            source=source_of(visit.kind),
            industry=visit.industry,
            department=visit.department,
            campaigns=campaigns,
            on=on,
            **values,
        )
    except ValidationError as fault:
        raise FindingRefused(index, fault) from fault
    except PermissionDenied as fault:  # fixed on site, by who may not confirm it
        raise FindingRefused(index, ValidationError(str(fault))) from fault
    line = lines.get(finding.item) if finding.item is not None else None
    if line is not None and line.result != Result.PROBLEM:
        raise FindingRefused(index, ValidationError("对应的检查项未标为“存在问题”，请核对。"))
    Finding.objects.create(visit=visit, hazard=hazard, result=line)
