"""The tree of units: adding, changing, moving and ending them, and who went on in whose place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.organizations.models import Kind, Organisation, PlacedRecord, Role, Succession, Tier
from emergency.organizations.scope import predecessors_of, require_administrator

#: Division codes of the state: district 6, street or town 9, community or village 12 digits (GB/T 2260, GB/T 10114).
CODE_LENGTHS = (6, 9, 12)

#: Columns that ``organisation_update`` may set; the place in the tree has a service of its own.
EDITABLE = frozenset(
    {
        "name",
        "short_name",
        "former_names",
        "division_code",
        "order",
        "population",
        "population_year",
        "population_source",
        "land_area",
        "contact",
        "phone",
        "valid_from",
    }
)


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


def answers_for(handler: Organisation, area: Organisation | None) -> bool:
    """Whether a unit acts within its own area, which holds those of the units that it succeeded. 未填 is nobody else's."""
    if area is None or area.path.startswith(handler.serves.path):
        return True
    before = predecessors_of([handler.serves.pk]).get(handler.serves.pk, ())
    return any(area.path.startswith(unit.path) for unit in Organisation.objects.filter(pk__in=before))


def area_is_ours(area: Organisation | None, handler: Organisation) -> None:
    """A unit inspects, finds and controls within the area that it answers for. Raises ``ValidationError``."""
    if not answers_for(handler, area):
        raise ValidationError({"area": f"{area}不在{handler}的管辖范围内。"})


def _set_place_in_tree(unit: Organisation) -> None:
    parent = unit.parent
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    own_area = unit.kind in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)
    unit.district_id = unit.pk if own_area and unit.tier == Tier.DISTRICT else (parent.district_id if parent else None)
    unit.street_id = unit.pk if own_area and unit.tier == Tier.STREET else (parent.street_id if parent else None)


def _check_code(code: str) -> None:
    if code and (not code.isdigit() or len(code) not in CODE_LENGTHS):
        raise ValidationError({"division_code": "区划代码应为6位、9位或12位数字。"})


_RANK = {Tier.CITY: 0, Tier.DISTRICT: 1, Tier.STREET: 2, Tier.COMMUNITY: 3}


def _check_parent(kind: str, tier: str, parent: Organisation | None) -> None:
    """A unit hangs below its own level or, for the areas that make up the tree, below a higher one."""
    if parent is None:
        return
    if parent.kind not in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY):
        raise ValidationError(
            {"parent": f"“{parent}”是{parent.get_kind_display()}，下面不能再设单位，请选择它所属的政府或街道（乡镇）。"}
        )
    an_area = kind in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)
    above, own = _RANK[Tier(parent.tier)], _RANK[Tier(tier)]
    if own < above or (an_area and own == above):
        raise ValidationError({"parent": f"上级单位“{parent}”的层级应当高于本单位。"})


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
    """Add a unit below ``parent``.

    Raises ``ValidationError`` for a code that is taken or has the wrong length, or a parent that is not above the unit.
    """
    require_administrator(actor, Role.SYSTEM_ADMIN)
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
    _check_code(division_code)
    unit.full_clean(exclude=["path"])
    _check_parent(kind, tier, parent)
    unit.save()
    _set_place_in_tree(unit)
    unit.save(update_fields=["path", "district", "street"])
    audit.record("organisation.create", target=unit, actor=actor, after=audit.snapshot(unit), organisation=unit)
    return unit


@transaction.atomic
def organisation_update(*, unit: Organisation, actor: Any = None, **fields: Any) -> Organisation:
    """Change what is known of a unit. A changed name is kept among the former names, so that old tables still find it.

    Raises ``ValidationError`` for a wrong value and ``TypeError`` for a column outside :data:`EDITABLE`.
    """
    require_administrator(actor, Role.SYSTEM_ADMIN)
    if unknown := set(fields) - EDITABLE:
        raise TypeError(f"organisation_update does not set {', '.join(sorted(unknown))}")
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    before, old_name = audit.snapshot(unit), unit.name
    for name, value in fields.items():
        setattr(unit, name, value.strip() if isinstance(value, str) else value)
    if unit.name != old_name and old_name not in unit.former_names:
        unit.former_names = [*unit.former_names, old_name]
    _check_code(unit.division_code)
    unit.full_clean(exclude=["path"])
    unit.save()
    _record_change("organisation.update", unit, before, actor)
    return unit


def _record_change(verb: str, unit: Organisation, before: dict[str, Any], actor: Any, note: str = "") -> None:
    old, new = audit.changes(before, audit.snapshot(unit))
    if old or note:
        audit.record(verb, target=unit, actor=actor, before=old, after=new, organisation=unit, note=note)


@transaction.atomic
def organisation_move(*, unit: Organisation, parent: Organisation, actor: Any = None) -> Organisation:
    """Hang a unit, with all below it, under another one: for a tree that was entered wrongly.

    The records that lie there move along, so every breakdown stays equal to its rows. A real merger or split of units is
    :func:`succession_record` instead, which leaves history where it happened.
    """
    require_administrator(actor, Role.SYSTEM_ADMIN)
    units = {one.pk: one for one in Organisation.objects.select_for_update().filter(pk__in=[unit.pk, parent.pk])}
    unit, parent = units[unit.pk], units[parent.pk]
    if parent.path.startswith(unit.path):
        raise ValidationError({"parent": "上级单位不能是本单位或其下级单位。"})
    _check_parent(unit.kind, unit.tier, parent)
    before = audit.snapshot(unit)
    branch = list(Organisation.objects.select_for_update().under(unit).order_by("path"))
    by_pk = {one.pk: one for one in branch}
    for one in sorted(branch, key=lambda one: one.path.count("/")):
        one.parent = parent if one.pk == unit.pk or one.parent_id is None else by_pk[one.parent_id]
        _set_place_in_tree(one)
    Organisation.objects.bulk_update(branch, ["parent", "path", "district", "street"])
    for model in apps.get_models():
        if issubclass(model, PlacedRecord):
            for one in branch:
                model._base_manager.filter(area=one).update(street=one.street_id, district=one.district_id or one.pk)
    moved = by_pk[unit.pk]
    _record_change("organisation.move", moved, before, actor)
    return moved


@transaction.atomic
def organisation_close(*, unit: Organisation, on: dt.date, actor: Any = None) -> Organisation:
    """A unit ends with the day ``on``. Raises ``ValidationError`` while units below it or roles in it go on."""
    require_administrator(actor, Role.SYSTEM_ADMIN)
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)
    after = on + dt.timedelta(days=1)
    if Organisation.objects.under(unit).exclude(pk=unit.pk).in_force(after).exists():
        raise ValidationError({"valid_to": "该单位还有下级单位，请先撤销或调整下级单位。"})
    if unit.memberships.in_force(after).exists():
        raise ValidationError({"valid_to": "该单位还有在任人员，请先由安全管理员收回角色。"})
    before = audit.snapshot(unit)
    unit.valid_to = on
    unit.full_clean(exclude=["path"])
    unit.save(update_fields=["valid_to"])
    _record_change("organisation.close", unit, before, actor)
    return unit


@transaction.atomic
def area_set_fill(*, unit: Organisation, members: Iterable[Organisation], actor: Any = None) -> Organisation:
    """Say which streets a 片区 consists of; replaces what was there."""
    require_administrator(actor, Role.SYSTEM_ADMIN)
    chosen = sorted(members, key=lambda one: one.pk)
    if unit.kind != Kind.AREA_SET:
        raise ValidationError({"members": "只有片区可以指定所含单位。"})
    wrong = [str(one) for one in chosen if one.kind != Kind.STREET]
    if wrong:
        raise ValidationError({"members": f"片区由街道（乡镇、功能区）组成，不能包含：{'、'.join(wrong)}。"})
    before = sorted(unit.members.values_list("pk", flat=True))
    after = [one.pk for one in chosen]
    if before != after:
        unit.members.set(chosen)
        audit.record(
            "organisation.fill",
            target=unit,
            actor=actor,
            organisation=unit,
            before={"members": before},
            after={"members": after},
        )
    return unit


@transaction.atomic
def succession_record(
    *, predecessor: Organisation, successor: Organisation, on: dt.date | None = None, actor: Any = None
) -> Succession:
    """A unit ended and another went on in its place from a day: the old one's last day is the day before."""
    require_administrator(actor, Role.SYSTEM_ADMIN)
    on = on or clock.today()
    succession = Succession(predecessor=predecessor, successor=successor, on=on)
    succession.full_clean()
    succession.save()
    if predecessor.valid_to is None:
        before = audit.snapshot(predecessor)
        predecessor.valid_to = on - dt.timedelta(days=1)
        predecessor.full_clean(exclude=["path"])
        predecessor.save(update_fields=["valid_to"])
        _record_change("organisation.close", predecessor, before, actor)
    audit.record(
        "organisation.succeed", target=successor, actor=actor, organisation=successor, after=audit.snapshot(succession)
    )
    return succession
