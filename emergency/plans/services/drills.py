"""A drill is put into the yearly plan or registered as held, evaluated; its findings are closed one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import attachments, audit, clock
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation
from emergency.organizations.services import place
from emergency.plans.lifecycle import DRILL_LIFECYCLE, keeps_drill
from emergency.plans.models import Drill, DrillFinding, DrillStatus, FindingQuerySet, Plan

#: Files of a drill: script, signatures, photos, evaluation.
MATERIAL = "drill"
_UNCHECKED = {"owner", "enterprise", "plan", "area", "street", "district", "created_by"}


@transaction.atomic
def drill_register(
    *,
    actor: Any,
    name: str,
    form: str,
    owner: Organisation | None = None,
    enterprise: Enterprise | None = None,
    plan: Plan | None = None,
    planned_on: dt.date | None = None,
    held_on: dt.date | None = None,
    quantity: int = 1,
    people: int | None = None,
    place_name: str = "",
    content: str = "",
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> Drill:
    """Put a drill into the yearly plan (``planned_on`` alone), or register one that was held (``held_on``); ``quantity`` of them in one
    row where only their number is known. Without ``owner`` and ``enterprise`` the plan's maker held it.

    Raises ``PermissionDenied`` for who neither held it nor looks after the place, ``ValidationError`` for a day in the future, a plan
    of somebody else, or what is missing.
    """
    on = on or clock.today()
    if owner is None and enterprise is None and plan is not None:
        owner, enterprise = plan.owner, plan.enterprise
    if (owner is None) == (enterprise is None):
        raise ValidationError({"owner": "请选择组织单位：本单位，或一家企业。"})
    if held_on is not None and held_on > on:
        raise ValidationError({"held_on": "演练日期不能晚于今天。"})
    drill = Drill(
        name=name.strip(), form=form, owner=owner, enterprise=enterprise, plan=plan, planned_on=planned_on,
        held_on=held_on, quantity=quantity, people=people, place=place_name.strip(), content=content.strip(),
        status=DrillStatus.HELD if held_on else DrillStatus.PLANNED, created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    if plan is not None and enterprise is not None and plan.enterprise_id not in (None, enterprise.pk):
        raise ValidationError({"plan": "关联的预案不是这家企业的。"})
    drill.maker_name = owner.name if owner is not None else enterprise.name if enterprise is not None else ""
    place(drill, owner.serves if owner is not None else enterprise.home if enterprise is not None else None)
    if not keeps_drill(actor, drill):
        raise PermissionDenied("演练由组织单位登记，或由属地工作人员代为登记。")
    drill.clean_fields(exclude=_UNCHECKED)
    drill.validate_constraints()
    drill.save()
    if files:
        attachments.add(files=files, owner=drill, kind=MATERIAL, actor=actor)
    label = "登记实施" if held_on else "列入计划"
    note_event(drill, action="create", label=label, actor=actor, target=drill.status)
    audit.record("drill.create", target=drill, actor=actor, after=audit.snapshot(drill))
    return drill


@transaction.atomic
def drill_act(
    *,
    queryset: QuerySet[Drill],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    findings: Sequence[str] = (),
    due_on: dt.date | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> Drill:
    """Take one step of the drill's table; ``queryset`` is what the actor may see. The evaluation leaves its ``findings`` as tasks that are
    due on ``due_on``.

    Raises ``Drill.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    texts = [text.strip() for text in findings if text.strip()]
    note = values.get("reason") or ""
    done: Drill = DRILL_LIFECYCLE.perform(queryset, pk=pk, action=action, actor=actor, data=values, on=on, note=note)
    if action == "evaluate" and texts:
        _leave(done, texts, due_on)
    if files:
        attachments.add(files=files, owner=done, kind=MATERIAL, actor=actor)
    return done


def _leave(drill: Drill, texts: Sequence[str], due_on: dt.date | None) -> None:
    if due_on is None:
        raise ValidationError({"due_on": "有存在问题的，须填写整改期限。"})
    assert drill.evaluated_on is not None
    if due_on < drill.evaluated_on:
        raise ValidationError({"due_on": "整改期限不能早于评估日期。"})
    rows = [DrillFinding(drill=drill, text=text, due_on=due_on) for text in texts]
    for row in rows:
        row.clean_fields(exclude={"drill"})
    DrillFinding.objects.bulk_create(rows)


@transaction.atomic
def finding_close(
    *,
    queryset: FindingQuerySet,
    pk: int,
    actor: Any,
    done_on: dt.date,
    note: str,
    on: dt.date | None = None,
) -> DrillFinding:
    """What a drill showed is mended. ``queryset`` is what the actor may see.

    Raises ``DrillFinding.DoesNotExist``, ``PermissionDenied``; ``ValidationError`` when it is done already, for a day in the future or
    before the evaluation, or without a word of how.
    """
    seen = queryset.values("pk").get(pk=pk)["pk"]
    row = (
        DrillFinding.objects.select_for_update(of=("self",))
        .select_related("drill__area", "drill__district")
        .get(pk=seen)
    )
    if not keeps_drill(actor, row.drill):
        raise PermissionDenied("演练问题由组织单位或属地工作人员销号。")
    if row.done_on is not None or row.drill.status == DrillStatus.VOID:
        raise ValidationError("该问题已经整改，或演练已作废。")
    if done_on > (on or clock.today()):
        raise ValidationError({"done_on": "整改完成日期不能晚于今天。"})
    if row.drill.held_on is not None and done_on < row.drill.held_on:
        raise ValidationError({"done_on": "整改完成日期不能早于演练日期。"})
    row.done_on, row.note = done_on, note.strip()
    row.clean_fields(exclude={"drill"})
    row.validate_constraints()
    row.save(update_fields=["done_on", "note"])
    note_event(row.drill, action="finding", label="问题整改", actor=actor, note=f"{row.text}：{row.note}"[:500])
    audit.record(
        "drill_finding.close", target=row, actor=actor, after={"done_on": done_on.isoformat(), "note": row.note}
    )
    return row
