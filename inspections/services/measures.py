"""执法处置: measures are registered, carried out, published and put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from emergency.core import attachments, audit, clock, deadlines
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import holds
from emergency.organizations.services import area_is_ours, place
from emergency.programmes.models import Programme
from hazards.lifecycle import is_bureau_head
from inspections.lifecycle import LIFECYCLE, MEASURERS, is_measurer
from inspections.models import PUBLICATION_RULES, Measure, MeasureFile, MeasureKind, MeasureStatus, Visit
from inspections.services.filing import keep_files
from inspections.services.numbers import measure_numbers_take

#: What may be put right. Kind, party and acting unit stay: where they are wrong, the row is voided and registered anew.
EDITABLE = ("document_number", "decided_on", "amount", "cause", "legal_basis", "industry", "enterprise")

#: What the files of a step show.
FILE_KINDS = {"publish": MeasureFile.PUBLICATION}

#: Where the words of a step stand that its timeline shows.
_NOTES = ("reason", "opinion", "note")

_PENALTY = "penalty.publish"


def publish_due(*, kind: str, decided_on: dt.date, named: bool = True) -> dt.date | None:
    """The last day for publishing a decision, by the table of deadlines; None where nothing is to be published.

    《安全生产法》第七十八条: penalties within seven working days. A row of households has no decision of its own to show.
    """
    rule = PUBLICATION_RULES.get(kind)
    if rule is None or not named:
        return None
    at = deadlines.due(rule, decided_on).at
    return timezone.localdate(at) if isinstance(at, dt.datetime) else at


def kind_is_allowed(kind: str, handler: Organisation) -> None:
    """《行政处罚法》第二十四条: a town punishes only where the power was delegated to it (``STREETS_MAY_INSPECT``)."""
    if kind not in MeasureKind.values:
        raise ValidationError({"kinds": "处置类型有误，请重新选择。"})
    if handler.kind == Kind.STREET and PUBLICATION_RULES.get(kind) == _PENALTY and not settings.STREETS_MAY_INSPECT:
        label = MeasureKind(kind).label
        raise ValidationError({"kinds": f"本地乡镇未获委托执法，不能登记“{label}”，由作出决定的单位登记。"})


@transaction.atomic
def measure_register(
    *,
    actor: Any,
    handler: Organisation,
    kinds: Mapping[str, Decimal | None],
    decided_on: dt.date,
    enterprise: Enterprise | None = None,
    party_name: str = "",
    quantity: int = 1,
    area: Organisation | None = None,
    visit: Visit | None = None,
    document_number: str = "",
    cause: str = "",
    legal_basis: str = "",
    industry: Industry | None = None,
    campaigns: Iterable[Programme] = (),
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> list[Measure]:
    """Register the measures of one decision: ``kinds`` names each with its sum in yuan, or None where it has none.

    The party is an enterprise of the register, else a name, else (neither) a number of households. 属地, 行业 and 行业主管部门 default
    to the enterprise's, 属地 else to the visit's or a town's own. Raises ``PermissionDenied`` for who does not file for the handler,
    ``ValidationError`` for everything that is missing or contradicts itself.
    """
    on = on or clock.today()
    if not holds(actor, MEASURERS, handler):
        raise PermissionDenied("只能以本人任职单位的名义登记执法处置。")
    if not kinds:
        raise ValidationError({"kinds": "请选择处置类型。"})
    if decided_on > on:
        raise ValidationError({"decided_on": "决定日期不能晚于今天。"})
    enterprise = _subject(actor, enterprise, visit, decided_on)
    area = area or (enterprise.area if enterprise else None) or (visit.area if visit else None)
    if area is None and handler.kind == Kind.STREET:
        area = handler
    area_is_ours(area, handler)
    campaigns = list(campaigns) or (list(visit.campaigns.all()) if visit else [])
    made = []
    for kind in kinds:
        kind_is_allowed(kind, handler)
    for kind in sorted(kinds, key=MeasureKind.values.index):
        measure = Measure(
            kind=kind,
            handler=handler,
            decided_on=decided_on,
            visit=visit,
            enterprise=enterprise,
            party_name=enterprise.name if enterprise else party_name.strip(),
            quantity=quantity,
            document_number=document_number.strip(),
            cause=cause.strip(),
            legal_basis=legal_basis.strip(),
            amount=kinds[kind],
            industry=industry or (enterprise.industry if enterprise else None),
            department=enterprise.department if enterprise else None,
        )
        made.append(_add(measure, area=area, campaigns=campaigns, files=files, actor=actor))
    return made


def _subject(actor: Any, enterprise: Enterprise | None, visit: Visit | None, decided_on: dt.date) -> Enterprise | None:
    """The enterprise of the register: given, or that of the visit. Both must be the actor's to see."""
    if visit is not None:
        if not Visit.objects.live().visible_to(actor).filter(pk=visit.pk).exists():
            raise ValidationError({"visit": "没有这次检查，或不在您的管辖范围内。"})
        if decided_on < visit.visited_on:
            raise ValidationError({"decided_on": f"决定日期不能早于检查日期{visit.visited_on:%Y-%m-%d}。"})
        if enterprise is not None and visit.enterprise_id not in (None, enterprise.pk):
            raise ValidationError({"enterprise": f"这次检查的受检单位是“{visit.subject_name}”，请核对当事人。"})
    if enterprise is not None:
        if not Enterprise.objects.live().visible_to(actor).filter(pk=enterprise.pk).exists():
            raise ValidationError({"enterprise": "没有这个监管对象，或不在您的管辖范围内。"})
        return enterprise
    return visit.enterprise if visit is not None else None


def _add(
    measure: Measure, *, area: Organisation | None, campaigns: list[Programme], files: Sequence[File], actor: Any
) -> Measure:
    """Place, number, check and store a new measure with its first event."""
    place(measure, area, fallback=measure.handler)
    measure.created_by, measure.created_at = actor, clock.now()
    measure.publish_due_on = publish_due(
        kind=measure.kind, decided_on=measure.decided_on, named=bool(measure.party_name)
    )
    check(measure)
    measure.number = measure_numbers_take(handler=measure.handler, year=measure.decided_on.year)[0]
    measure.save()
    measure.campaigns.set(campaigns)
    for file in files:
        file.seek(0)  # the same paper goes to each measure of the decision
    keep_files(measure, files, MeasureFile.DECISION, actor)
    note_event(measure, action="register", label="登记", actor=actor, target=measure.status)
    audit.record("measure.create", target=measure, actor=actor, after=audit.snapshot(measure))
    return measure


def check(measure: Measure) -> None:
    """Shape, choices and constraints, with messages at their fields. Foreign keys come as records just read."""
    keys = {field.name for field in measure._meta.fields if field.is_relation or field.generated}
    measure.clean_fields(exclude=keys | {"number"})
    measure.validate_constraints(exclude={"number"})


@transaction.atomic
def measure_act(
    *,
    queryset: QuerySet[Measure],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> Measure:
    """Take one step of the table in ``lifecycle.py``; ``queryset`` is what the actor may see.

    Raises ``Measure.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    done: Measure = LIFECYCLE.perform(
        queryset,
        pk=pk,
        action=action,
        actor=actor,
        data=values,
        on=on,
        note=next((values[name] for name in _NOTES if values.get(name)), ""),
    )
    keep_files(done, files, FILE_KINDS.get(action, MeasureFile.PROOF), actor)
    if done.status == MeasureStatus.VOID:
        attachments.freeze(done)
    return done


def may_correct(user: Any, measure: Measure) -> bool:
    """Its author on the day of registering, while in post; later the heads of the bureau."""
    if measure.status == MeasureStatus.VOID:
        return False
    return is_bureau_head(user, measure) or _is_author_today(user, measure)


def _is_author_today(user: Any, measure: Measure) -> bool:
    today = timezone.localdate(measure.created_at) == clock.today()
    return today and measure.created_by_id == user.pk and is_measurer(user, measure)


@transaction.atomic
def measure_correct(
    *,
    measure: Measure,
    actor: Any,
    reason: str = "",
    campaigns: Iterable[Programme] | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
    **changes: Any,
) -> Measure:
    """Change what stands in :data:`EDITABLE`, or the campaigns, and add papers. Heads of the bureau give a reason.

    A name may be linked to its enterprise of the register, never to another one than before. The clock of publication follows the
    decision's date while it runs. Raises ``PermissionDenied`` or ``ValidationError``.
    """
    locked = Measure.objects.select_for_update(of=("self",)).select_related("handler").get(pk=measure.pk)
    if not may_correct(actor, locked):
        raise PermissionDenied("执法处置由登记人在登记当天修改，此后由应急管理局负责人更正。")
    if not reason.strip() and not _is_author_today(actor, locked):
        raise ValidationError({"reason": "请填写更正原因。"})
    before = audit.snapshot(locked)
    _change(locked, changes, actor, on or clock.today())
    if campaigns is not None:
        locked.campaigns.set(campaigns)
    if "decided_on" in changes and locked.awaits_publication:
        locked.publish_due_on = publish_due(kind=locked.kind, decided_on=locked.decided_on)
    check(locked)
    locked.save()
    keep_files(locked, files, MeasureFile.DECISION, actor)
    old, new = audit.changes(before, audit.snapshot(locked))
    note_event(locked, action="correct", label="更正", actor=actor, note=reason.strip(), data={"fields": sorted(new)})
    audit.record("measure.correct", target=locked, actor=actor, before=old, after=new, note=reason.strip()[:500])
    return locked


def _change(measure: Measure, changes: Mapping[str, Any], actor: Any, on: dt.date) -> None:
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"measure_correct() cannot change {name}")
        if name == "enterprise":
            _link(measure, value, actor)
        else:
            setattr(measure, name, value.strip() if isinstance(value, str) else value)
    if measure.decided_on > on:
        raise ValidationError({"decided_on": "决定日期不能晚于今天。"})


def _link(measure: Measure, enterprise: Enterprise | None, actor: Any) -> None:
    if enterprise is None or enterprise.pk == measure.enterprise_id:
        return
    if measure.enterprise_id is not None or not measure.party_name:
        raise ValidationError({"enterprise": "已关联监管对象的不能改为别家，当事人填错的请作废后重新登记。"})
    if not Enterprise.objects.live().visible_to(actor).filter(pk=enterprise.pk).exists():
        raise ValidationError({"enterprise": "没有这个监管对象，或不在您的管辖范围内。"})
    measure.enterprise = enterprise
    measure.industry = measure.industry or enterprise.industry
    measure.department = measure.department or enterprise.department
