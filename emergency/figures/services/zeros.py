"""零报告: saying that in a month there was nothing to enter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.core.periods import month_of
from emergency.figures.models import ZeroConfirmation
from emergency.figures.queries.zeros import zero_months
from emergency.figures.vocabulary import sources
from emergency.organizations.models import Organisation, Role, Tier
from emergency.organizations.scope import holds
from emergency.organizations.services import place

#: Who speaks for a street, and who for 区本级 (and, saying why, for a street that has told it another way).
OWN = (Role.STREET_HEAD, Role.STREET_OFFICER)
BUREAU = (Role.CLERK, Role.SECTION_HEAD)


def may_confirm(user: Any, unit: Organisation) -> bool:
    return speaks_for(user, unit) or holds(user, BUREAU, unit, over=True)


def speaks_for(user: Any, unit: Organisation) -> bool:
    """Whether the statement is the user's own to make, and not one made in a unit's place."""
    if unit.tier == Tier.STREET:
        return holds(user, OWN, unit)
    return unit.tier == Tier.DISTRICT and holds(user, BUREAU, unit, over=True)


@transaction.atomic
def zero_confirm(
    *, ledger: str, organisation: Organisation, month: dt.date, actor: Any, note: str = ""
) -> ZeroConfirmation:
    """Confirm that a unit had nothing to enter in a month (``month`` is any day of it).

    In a month that is not over yet it holds for the days so far and may be repeated later. Raises ``ValidationError`` for a ledger
    without zero reports, a month to come, one with records, or a missing note of who confirms for another unit; ``PermissionDenied``
    for who does neither speak for the unit nor oversee it.
    """
    unit = organisation.counted
    if not may_confirm(actor, unit):
        raise PermissionDenied("零报告由本街道（乡镇）负责人或安全员确认，区本级由应急局科室人员确认。")
    source = next((one for one in sources() if one.code == ledger and one.zero_confirmed), None)
    if source is None:
        raise ValidationError({"ledger": "该台账不需要零报告。"})
    if unit.tier not in (Tier.DISTRICT, Tier.STREET):
        raise ValidationError("零报告由区县和街道（乡镇）确认。")
    period = month_of(month)
    if period.start > clock.today():
        raise ValidationError({"month": "该月还没有开始。"})
    instead = not speaks_for(actor, unit)
    if instead and not note.strip():
        raise ValidationError({"note": "代其他单位确认，请写明依据，如来电、来函。"})
    own = next((months for months in zero_months(source, unit, period) if months and months[0].unit.pk == unit.pk), [])
    if not own:
        raise ValidationError({"month": "该单位当月不存在。"})
    if own[0].records:
        raise ValidationError(f"该月已有{own[0].records}条记录，不能确认为零。")
    return _store(ledger, unit, period.start, actor, instead, note.strip())


def _store(ledger: str, unit: Organisation, month: dt.date, actor: Any, instead: bool, note: str) -> ZeroConfirmation:
    fresh = ZeroConfirmation(ledger=ledger, month=month, by_superior=instead, note=note, created_by=actor)
    fresh.created_at = clock.now()
    place(fresh, unit)
    fresh.full_clean(validate_unique=False, validate_constraints=False)
    columns = ("by_superior", "note", "created_by", "created_at")
    given = {"street_id": fresh.street_id, "district_id": fresh.district_id}
    confirmation, made = ZeroConfirmation.objects.select_for_update().get_or_create(
        ledger=ledger,
        area=unit,
        month=month,
        defaults={**given, **{name: getattr(fresh, name) for name in columns}},
    )
    before = None if made else audit.snapshot(confirmation)
    for name in columns:
        setattr(confirmation, name, getattr(fresh, name))
    confirmation.save()
    audit.record(
        "figures.zero_confirm",
        target=confirmation,
        actor=actor,
        before=before,
        after=audit.snapshot(confirmation),
        organisation=unit,
        note=note,
    )
    return confirmation
