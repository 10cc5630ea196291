"""A filed visit is corrected: by its author on the same day, or taken back with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from emergency.core import audit, clock
from emergency.core.lifecycle import Event, note_event
from emergency.organizations.scope import FILERS, holds
from hazards.lifecycle import is_bureau_head
from hazards.models import Hazard, Status
from hazards.services import hazards_void
from hazards.services.opening import Photo
from inspections.models import Finding, PhotoKind, Visit
from inspections.services import rules
from inspections.services.filing import keep_files

#: What its author may put right. Subject, unit and day stay: the hazards of the visit were opened with them.
EDITABLE = ("kind", "started_at", "ended_at", "industry", "summary", "signed_by", "unsigned_reason")

#: Steps of a hazard that its visit itself took; anything else is somebody's later work.
_OWN_STEPS = ("open", "issue", "fix_on_site")


def may_edit(user: Any, visit: Visit) -> bool:
    """Its author, on the day of filing, while still in post."""
    today = timezone.localdate(visit.created_at) == clock.today()
    return not visit.void and today and visit.created_by_id == user.pk and holds(user, FILERS, visit.handler)


def may_void(user: Any, visit: Visit) -> bool:
    """Heads of the bureau, as with hazards: never the officers whose own figures it moves.

    The author may take back, on the day of filing, a visit that opened no hazard.
    """
    if visit.void:
        return False
    return is_bureau_head(user, visit) or (may_edit(user, visit) and not visit.findings.exists())


@transaction.atomic
def visit_edit(
    *,
    visit: Visit,
    actor: Any,
    officers: list[Any] | None = None,
    officer_names: list[str] | None = None,
    campaigns: list[Any] | None = None,
    photos: tuple[Photo, ...] | list[Photo] = (),
    **changes: Any,
) -> Visit:
    """Change what stands in :data:`EDITABLE`, the people (both lists together) or campaigns of an itemised visit, and add photos.

    Raises ``PermissionDenied`` for anybody but the author, or on a later day; then a void and a new visit are the way.
    """
    locked = Visit.objects.select_for_update(of=("self",)).select_related("handler").get(pk=visit.pk)
    if not may_edit(actor, locked):
        raise PermissionDenied("检查记录只能由登记人在登记当天修改。")
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"visit_edit() cannot change {name}")
        setattr(locked, name, value)
    rules.kind_is_allowed(locked.kind, locked.handler)
    rules.times_fit(locked.visited_on, locked.started_at, locked.ended_at)
    if officers is not None:
        typed, locked.officer_names = rules.people(officers, officer_names or [])
        rules.officers_suffice(locked.kind, locked.handler, officers, typed, locked.visited_on)
        locked.officers.set(officers)
    if campaigns is not None:
        locked.campaigns.set(campaigns)
    rules.check(locked)
    locked.save()
    keep_files(locked, photos, PhotoKind.SCENE, actor)
    old, new = audit.changes(before, audit.snapshot(locked))
    note_event(locked, action="edit", label="修改", actor=actor, data={"fields": sorted(new)})
    audit.record("visit.edit", target=locked, actor=actor, before=old, after=new)
    return locked


def live_hazards(visit: Visit) -> list[Hazard]:
    """The hazards of a visit that are not void."""
    found = Finding.objects.filter(visit=visit).exclude(hazard__status=Status.VOID).select_related("hazard__handler")
    return [finding.hazard for finding in found.order_by("pk")]


def touched(hazards: list[Hazard]) -> list[Hazard]:
    """Those on which somebody has worked since the visit."""
    later = set(
        Event.objects.filter(target_type=Hazard._meta.label_lower, target_id__in=[one.pk for one in hazards])
        .exclude(action__in=_OWN_STEPS)
        .values_list("target_id", flat=True)
    )
    return [one for one in hazards if one.pk in later]


@transaction.atomic
def visit_void(
    *, visit: Visit, actor: Any, reason: str, with_hazards: bool = False, on: dt.date | None = None
) -> Visit:
    """作废: the visit never was. It leaves every live figure; its number stays taken.

    Its hazards must be void already; ``with_hazards`` voids those on which nobody has worked since, in the same transaction. Raises
    ``ValidationError`` that lists what stands in the way, ``PermissionDenied`` for who may not.
    """
    locked = Visit.objects.select_for_update(of=("self",)).select_related("handler").get(pk=visit.pk)
    if locked.void:
        raise ValidationError("这条检查已经作废。")
    if not may_void(actor, locked):
        raise PermissionDenied("检查由应急管理局负责人作废；未发现隐患的，登记人可在登记当天作废。")
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    hazards = live_hazards(locked)
    if hazards and not with_hazards:
        raise ValidationError(f"本次检查登记的隐患尚未作废：{_named(hazards)}。请先逐条作废，或选择一并作废。")
    if worked_on := touched(hazards):
        raise ValidationError(f"以下隐患已有后续办理，不能一并作废，请先逐条核实：{_named(worked_on)}。")
    hazards_void(
        queryset=Hazard.objects.all(),
        pks=[one.pk for one in hazards],
        actor=actor,
        reason=f"检查{locked.number}作废：{reason.strip()}"[:200],
        on=on,
    )
    before = audit.snapshot(locked)
    locked.void, locked.void_reason = True, reason.strip()
    rules.check(locked)
    locked.save(update_fields=["void", "void_reason"])
    old, new = audit.changes(before, audit.snapshot(locked))
    note_event(locked, action="void", label="作废", actor=actor, note=reason.strip())
    audit.record("visit.void", target=locked, actor=actor, before=old, after=new)
    return locked


def _named(hazards: list[Hazard]) -> str:
    return "、".join(one.number for one in hazards[:10]) + ("等" if len(hazards) > 10 else "")
