"""From when a ledger speaks for a unit (启用日期)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit
from emergency.figures import vocabulary
from emergency.figures.models import LedgerStart
from emergency.organizations.models import Organisation, Role
from emergency.organizations.scope import holds

#: Who keeps 启用日期, for the units under their own office.
STARTERS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)


@transaction.atomic
def ledger_start_set(
    *, ledger: str, organisation: Organisation, started_on: dt.date, actor: Any, reason: str = ""
) -> LedgerStart:
    """Declare 启用日期, or move it, for which a ``reason`` is asked. Before this day only entered values count for the unit.

    Raises ``ValidationError`` for an unknown ledger or a move without a reason, and ``PermissionDenied`` for who does not hold one of
    :data:`STARTERS` over the unit. Two who set it for the first time at once: the second one moves what the first one set.
    """
    if not holds(actor, STARTERS, organisation, over=True):
        raise PermissionDenied("启用日期由本单位或上级单位的科室负责人设置。")
    if ledger not in {source.code for source in vocabulary.sources()}:
        raise ValidationError({"ledger": "没有这个台账。"})
    start, made = LedgerStart.objects.select_for_update().get_or_create(
        ledger=ledger, organisation=organisation, defaults={"started_on": started_on}
    )
    before = None if made else audit.snapshot(start)
    if not made and start.started_on == started_on:
        return start
    if not made and not reason.strip():
        raise ValidationError({"reason": f"已设为{start.started_on.isoformat()}，改动请写明原因。"})
    start.started_on = started_on
    start.save()
    audit.record(
        "figures.ledger_start",
        target=start,
        actor=actor,
        before=before,
        after=audit.snapshot(start),
        organisation=organisation,
        note=reason.strip(),
    )
    return start
