"""From when a ledger speaks for a unit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from emergency.core import audit
from emergency.figures.models import LedgerStart
from emergency.organizations.models import Organisation, Role
from emergency.organizations.scope import holds

#: Who keeps 启用日期, for the units under their own office.
STARTERS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)


@transaction.atomic
def ledger_start_set(*, ledger: str, organisation: Organisation, started_on: dt.date, actor: Any) -> LedgerStart:
    """Declare 启用日期, or move it. Before this day only given values count for the unit.

    Raises ``PermissionDenied`` for who does not hold one of :data:`STARTERS` over the unit.
    """
    if not holds(actor, STARTERS, organisation, over=True):
        raise PermissionDenied("启用日期由本单位或上级单位的科室负责人设置。")
    start = LedgerStart.objects.select_for_update().filter(ledger=ledger, organisation=organisation).first()
    before = audit.snapshot(start) if start else None
    if start is None:
        start = LedgerStart(ledger=ledger, organisation=organisation, started_on=started_on)
        start.full_clean()
    start.started_on = started_on
    start.save()
    audit.record(
        "figures.ledger_start",
        target=start,
        actor=actor,
        before=before,
        after=audit.snapshot(start),
        organisation=organisation,
    )
    return start
