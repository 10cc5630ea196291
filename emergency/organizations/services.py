"""Writes to the tree of organisations, the people and their roles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit
from emergency.organizations.models import Kind, Organisation, PlacedRecord, Succession, Tier


def place(record: PlacedRecord, area: Organisation | None, *, fallback: Organisation | None = None) -> None:
    """Set a record's 属地 and the two ancestors kept beside it.

    ``area`` may be None (未填); then ``fallback``, the unit that acted, tells in which district the record lies.
    """
    record.area = area
    record.street_id = area.street_id if area else None
    home = area or (fallback.serves if fallback else None)
    if home is None:
        raise ValidationError({"area": "请填写属地。"})
    record.district_id = home.district_id or home.pk


def _set_place_in_tree(unit: Organisation) -> None:
    parent = unit.parent
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    own_area = unit.kind in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)
    unit.district_id = unit.pk if own_area and unit.tier == Tier.DISTRICT else (parent.district_id if parent else None)
    unit.street_id = unit.pk if own_area and unit.tier == Tier.STREET else (parent.street_id if parent else None)


@transaction.atomic
def organisation_create(
    *,
    name: str,
    kind: str,
    tier: str,
    parent: Organisation | None = None,
    actor: Any = None,
    short_name: str = "",
    division_code: str = "",
    order: int = 0,
    valid_from: dt.date | None = None,
    **fields: Any,
) -> Organisation:
    """Add a unit below ``parent``. Raises ``ValidationError`` for a code that is taken or has the wrong length."""
    unit = Organisation(
        name=name.strip(),
        short_name=short_name.strip(),
        kind=kind,
        tier=tier,
        parent=parent,
        division_code=division_code,
        order=order,
        valid_from=valid_from,
        **fields,
    )
    if division_code and len(division_code) not in (6, 9, 12):
        raise ValidationError({"division_code": "区划代码应为6位、9位或12位数字。"})
    unit.full_clean(exclude=["path"])
    unit.save()
    _set_place_in_tree(unit)
    unit.save(update_fields=["path", "district", "street"])
    audit.record("organisation.create", target=unit, actor=actor, after=audit.snapshot(unit), organisation=unit)
    return unit


@transaction.atomic
def succession_record(
    *, predecessor: Organisation, successor: Organisation, on: dt.date, actor: Any = None
) -> Succession:
    """A unit ended and another went on in its place from a day: the old one's last day is the day before."""
    succession = Succession(predecessor=predecessor, successor=successor, on=on)
    succession.full_clean()
    succession.save()
    if predecessor.valid_to is None:
        predecessor.valid_to = on - dt.timedelta(days=1)
        predecessor.save(update_fields=["valid_to"])
    audit.record("organisation.succeed", target=successor, actor=actor, after=audit.snapshot(succession))
    return succession
