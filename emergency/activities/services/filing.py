"""An activity is registered, kept as a draft, put right, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from emergency.activities.lifecycle import LIFECYCLE, keeps, may_edit, require_number, require_open
from emergency.activities.models import Activity, Category, FileKind, Status
from emergency.activities.services import rules
from emergency.activities.services.numbers import next_number
from emergency.core import attachments, audit, clock
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation
from emergency.organizations.services import area_is_ours, place
from emergency.programmes.models import Programme

#: What a draft or a correction may change. The unit stays: another unit's work is another row.
EDITABLE = frozenset({
    "category", "area", "started_on", "ended_on", "title", "leader", "leader_post", "times", "people", "quantity", "quantity_unit",
    "money", "problems", "rectified", "approximate", "enterprise", "industry", "medium", "level", "document_number",
    "document_state", "granted_by", "rank", "naming", "content", "related_task",
})  # fmt: skip


@transaction.atomic
def activity_file(
    *,
    actor: Any,
    handler: Organisation,
    category: Category,
    started_on: dt.date,
    title: str,
    area: Organisation | None = None,
    enterprise: Enterprise | None = None,
    industry: Industry | None = None,
    campaigns: Iterable[Programme] = (),
    files: Sequence[File] = (),
    draft: bool = False,
    on: dt.date | None = None,
    **facts: Any,
) -> Activity:
    """Register an activity of a unit, or keep it as a ``draft`` that counts nowhere.

    ``facts`` are further fields of :data:`EDITABLE`. 属地 defaults to the subject's, else to the area that the unit answers for; 行业 to
    the subject's. Raises ``PermissionDenied`` for who does not file for the unit, ``ValidationError`` for what is missing, does not
    belong to the category, or contradicts itself.
    """
    on = on or clock.today()
    rules.may_file(actor, handler)
    rules.enterprise_is_seen(actor, enterprise)
    record = Activity(handler=handler, enterprise=enterprise, industry=industry, started_on=started_on, title=title)
    rules.name_category(record, category)
    _take_over(record, facts)
    _settle(record, area, on)
    record.created_by, record.created_at = actor, clock.now()
    rules.check(record)
    record.number = next_number(record.district, started_on.year)
    record.save()
    record.campaigns.set(campaigns)
    _keep_files(record, files, actor)
    audit.record("activity.create", target=record, actor=actor, after=audit.snapshot(record))
    if draft:
        note_event(record, action="draft", label="存为草稿", actor=actor, target=record.status)
        return record
    return activity_act(queryset=Activity.objects.all(), pk=record.pk, action="file", actor=actor, on=on)


@transaction.atomic
def activity_edit(
    *,
    record: Activity,
    actor: Any,
    reason: str = "",
    campaigns: Iterable[Programme] | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
    **changes: Any,
) -> Activity:
    """Change a draft, or put right what was registered (更正), which needs a ``reason``.

    Raises ``PermissionDenied`` for others than the unit's people (and for a correction the heads of the bureau), ``ValidationError``
    as :func:`activity_file`, ``TypeError`` for a field that is not in :data:`EDITABLE`.
    """
    on = on or clock.today()
    locked = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("handler__parent", "category__parent")
        .get(pk=record.pk)
    )
    if not may_edit(actor, locked):
        raise PermissionDenied("工作纪实由开展单位人员修改、更正，应急管理局负责人也可以更正；已作废的不能修改。")
    correcting = locked.status == Status.FILED
    if correcting and not reason.strip():
        raise ValidationError({"reason": "请填写更正原因。"})
    before = audit.snapshot(locked)
    if changes.get("enterprise") not in (None, locked.enterprise):
        rules.enterprise_is_seen(actor, changes["enterprise"])
    rules.name_category(locked, changes.pop("category", locked.category))
    area = changes.pop("area", locked.area)
    _take_over(locked, changes)
    _settle(locked, area, on)
    if correcting:
        require_open(locked.category, locked.started_on)
        require_number(locked)
    rules.check(locked)
    locked.save()
    if campaigns is not None:
        locked.campaigns.set(campaigns)
    _keep_files(locked, files, actor)
    old, new = audit.changes(before, audit.snapshot(locked))
    action, label = ("correct", "更正") if correcting else ("edit", "修改")
    note_event(locked, action=action, label=label, actor=actor, note=reason.strip(), data={"fields": sorted(new)})
    audit.record(f"activity.{action}", target=locked, actor=actor, before=old, after=new, note=reason.strip()[:500])
    return locked


@transaction.atomic
def activity_act(
    *,
    queryset: QuerySet[Activity],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    on: dt.date | None = None,
) -> Activity:
    """Take one step of the table in ``lifecycle.py``; ``queryset`` is what the actor may see. Raises as ``Lifecycle.perform``."""
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    done: Activity = LIFECYCLE.perform(
        queryset, pk=pk, action=action, actor=actor, data=values, on=on, note=values.get("reason", "")
    )
    return done


@transaction.atomic
def activities_void(*, queryset: QuerySet[Activity], pks: Sequence[int], actor: Any, reason: str) -> list[Activity]:
    """作废 several, all or none."""
    return [
        activity_act(queryset=queryset, pk=pk, action="void", actor=actor, data={"reason": reason})
        for pk in sorted(set(pks))
    ]


@transaction.atomic
def activity_delete(*, record: Activity, actor: Any) -> None:
    """Throw a draft away; its number stays taken. Anything else is 作废."""
    locked = Activity.objects.select_for_update(of=("self",)).select_related("handler").get(pk=record.pk)
    if locked.status != Status.DRAFT:
        raise ValidationError("只有草稿可以删除；登记有误的请更正或作废。")
    if not keeps(actor, locked):
        raise PermissionDenied("草稿由开展单位人员删除。")
    audit.record("activity.delete", target=locked, actor=actor, before=audit.snapshot(locked))
    for one in attachments.for_owner(locked):
        attachments.remove(attachment=one, actor=actor)
    locked.delete()


def _take_over(record: Activity, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name not in EDITABLE:
            raise TypeError(f"an activity has no {name} to set")
        setattr(record, name, value.strip() if isinstance(value, str) else value)


def _settle(record: Activity, area: Organisation | None, on: dt.date) -> None:
    """Everything that follows from what was given, and what it has to agree with."""
    rules.days_are_past(record.started_on, record.ended_on, on)
    area = area or rules.default_area(record.handler, record.enterprise)
    area_is_ours(area, record.handler)
    place(record, area, fallback=record.handler)
    if record.industry is None and record.enterprise is not None:
        record.industry = record.enterprise.industry
    record.title = record.title.strip()
    rules.settle_numbers(record)


def _keep_files(record: Activity, files: Sequence[File], actor: Any) -> None:
    if files:
        attachments.add(files=files, owner=record, kind=FileKind.MATERIAL, actor=actor)
