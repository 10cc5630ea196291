"""The steps of a plan, and the clock that files what nobody answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import attachments, clock
from emergency.plans.lifecycle import LIFECYCLE, is_maker
from emergency.plans.models import FileKind, Material, Plan, Status

#: Steps that are the maker's; an officer of the receiving office takes them in the maker's name.
_MAKERS = ("publish", "apply", "complete", "evaluate")


@transaction.atomic
def plan_act(
    *,
    queryset: QuerySet[Plan],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> Plan:
    """Take one step of the plan's table; ``queryset`` is what the actor may see, ``files`` are the materials or the evaluation report.

    Raises ``Plan.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    note = values.get("reason") or values.get("note") or ""
    if action == "correct":
        note = "缺" + "、".join(Material(one).label for one in values.get("missing") or () if one in Material.values)
    before = queryset.select_related("owner", "enterprise").get(pk=pk)
    for_other = action in _MAKERS and not is_maker(actor, before)
    done: Plan = LIFECYCLE.perform(
        queryset,
        pk=pk,
        action=action,
        actor=actor,
        data=values,
        on=on,
        note=note,
        acted_for=before.maker_name[:120] if for_other else "",
    )
    if files:
        kind = FileKind.EVALUATION if action == "evaluate" else FileKind.MATERIAL
        attachments.add(files=files, owner=done, kind=kind, actor=actor)
    if done.status == Status.FILED:
        attachments.freeze(done)
    return done


def plans_deem(*, on: dt.date | None = None) -> int:
    """视为备案: every filing of an enterprise whose five working days ended without an answer, each once, with the day on which its own
    days ended, however late this runs; numbers follow those days. Returns how many.

    One transaction each, so that one that cannot be numbered keeps back no other; the faults are raised together at the end.
    """
    on = on or clock.today()
    waiting = Plan.objects.running_out(on).order_by("accept_by", "pk").values_list("pk", flat=True)
    done, faults = 0, []
    for pk in list(waiting):
        try:
            done += _deem(pk, on)
        except ValidationError as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup(f"{len(faults)} filings whose days are over could not be written down", faults)
    return done


@transaction.atomic
def _deem(pk: int, on: dt.date) -> bool:
    """Whether it was this run that wrote it down: it may have been answered, or another run been quicker, before the row was free."""
    plan = Plan.objects.select_for_update().get(pk=pk)
    if not Plan.objects.running_out(on).filter(pk=pk).exists():
        return False
    LIFECYCLE.perform(Plan.objects.all(), pk=pk, action="deem", actor=None, on=on, note="核对期满未答复")
    attachments.freeze(plan)
    return True
