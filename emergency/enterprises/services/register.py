"""One entry of the register: opening, changing, moving its state, voiding, and reading its telephone number."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock, lifecycle
from emergency.core.lifecycle import Who
from emergency.enterprises.lifecycle import KEEPER, LIFECYCLE, OFFICE, may_register
from emergency.enterprises.models import Enterprise, EnterpriseMembership, State, SubjectKind
from emergency.enterprises.services.codes import credit_code_clean
from emergency.organizations.models import Organisation
from emergency.organizations.services import place

_PHONE = re.compile(r"\+?[0-9]{3,15}(-[0-9]{1,8})*")
#: Filled from the name and the place, not from a form.
_DERIVED = ("search_text", "name_key", "district", "street")


def require(who: Who, actor: Any, enterprise: Enterprise, what: str) -> None:
    """Raise ``PermissionDenied`` unless the actor belongs to the group; the page's buttons ask the same."""
    if not who.test(actor, enterprise):
        raise PermissionDenied(f"“{what}”由{who.label}办理。")


def settle(enterprise: Enterprise) -> None:
    """Give the columns their one spelling, and keep ``ended_on`` in step with the state. Raises ``ValidationError`` by field."""
    faults: dict[str, Any] = {}
    try:
        enterprise.credit_code = credit_code_clean(enterprise.credit_code)
    except ValidationError as fault:
        faults["credit_code"] = fault.messages
    enterprise.phone = "".join(enterprise.phone.split())
    if enterprise.phone and not _PHONE.fullmatch(enterprise.phone):
        faults["phone"] = "电话号码只能是数字，区号、分机号用短横线隔开。"
    if (enterprise.longitude is None) != (enterprise.latitude is None):
        faults["longitude"] = "经度和纬度须同时填写。"
    if enterprise.longitude is not None and not 73 <= enterprise.longitude <= 136:
        faults["longitude"] = "经度应在73至136之间，请核对经纬度是否填反。"
    if enterprise.latitude is not None and not 3 <= enterprise.latitude <= 54:
        faults["latitude"] = "纬度应在3至54之间，请核对经纬度是否填反。"
    if enterprise.state in State.ended() and enterprise.state_changed_on is None:
        faults["state_changed_on"] = "请填写状态变更日期。"
    if faults:
        raise ValidationError(faults)
    enterprise.ended_on = enterprise.state_changed_on if enterprise.state in State.ended() else None


def _check_code(enterprise: Enterprise) -> None:
    """What two constraints ask of the whole row, said at the field that the officer must change."""
    if not enterprise.credit_code and not enterprise.no_code_reason and not enterprise.quick:
        raise ValidationError({"credit_code": "请填写统一社会信用代码；确无代码的，请填写无代码原因。"})
    same = Enterprise.objects.live().filter(credit_code=enterprise.credit_code).exclude(pk=enterprise.pk)
    if enterprise.credit_code and same.exists():
        raise ValidationError({"credit_code": "该统一社会信用代码已登记。"})


@transaction.atomic
def enterprise_create(
    *, name: str, area: Organisation, actor: Any, registered_on: dt.date | None = None, **fields: Any
) -> Enterprise:
    """Register a subject of supervision on a day (today unless said).

    Raises ``ValidationError`` keyed by field, a taken credit code among them, and ``PermissionDenied`` for who has no post over the place.
    """
    if not may_register(actor, area, fields.get("department")):
        raise PermissionDenied(f"“登记”由{KEEPER.label}办理。")
    enterprise = Enterprise(
        name=" ".join(name.split()),
        registered_on=registered_on or clock.today(),
        created_by=actor,
        created_at=clock.now(),
        **fields,
    )
    place(enterprise, area)
    settle(enterprise)
    _check_code(enterprise)
    enterprise.full_clean(exclude=_DERIVED)
    enterprise.save()
    lifecycle.note_event(enterprise, action="create", label="建档", actor=actor)
    audit.record(
        "enterprise.create", target=enterprise, actor=actor, after=audit.snapshot(enterprise), organisation=area
    )
    return enterprise


def enterprise_quick(
    *,
    name: str,
    area: Organisation,
    actor: Any,
    address: str = "",
    phone: str = "",
    longitude: Decimal | None = None,
    latitude: Decimal | None = None,
) -> Enterprise:
    """快速建档 in the field: a name and a place are enough; the office completes the rest later."""
    return enterprise_create(
        name=name,
        area=area,
        actor=actor,
        address=address,
        phone=phone,
        longitude=longitude,
        latitude=latitude,
        quick=True,
        kind=SubjectKind.PLACE,
    )


@transaction.atomic
def enterprise_update(
    *, enterprise: Enterprise, actor: Any, area: Organisation | None = None, **fields: Any
) -> Enterprise:
    """Change the register entry; records already counted keep the industry and department of their day.

    A new name keeps the old one among the former names. A quick entry becomes a full one once it has a code or the reason for having
    none. Raises ``ValidationError`` by field and ``PermissionDenied``; moving it to a place or department out of one's reach is refused too.
    """
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    require(KEEPER, actor, locked, "修改")
    _refuse_void(locked)
    before = audit.snapshot(locked)
    old_name = locked.name
    for name, value in fields.items():
        setattr(locked, name, value)
    if area is not None:
        place(locked, area)
    require(KEEPER, actor, locked, "修改")
    locked.name = " ".join(locked.name.split())
    if locked.name != old_name and old_name not in locked.former_names:
        locked.former_names = [*locked.former_names, old_name]
    if locked.credit_code or locked.no_code_reason:
        locked.quick = False
    settle(locked)
    _check_code(locked)
    locked.full_clean(exclude=_DERIVED)
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        lifecycle.note_event(locked, action="update", label="变更", actor=actor, data={"fields": sorted(new)})
        audit.record("enterprise.update", target=locked, actor=actor, before=old, after=new, organisation=locked.area)
    return locked


def enterprise_act(
    *, enterprise: Enterprise, action: str, actor: Any, state_changed_on: dt.date, state_reason: str
) -> Enterprise:
    """Move the state by a row of the life-cycle table. Raises what :meth:`core.lifecycle.Lifecycle.perform` raises."""
    return LIFECYCLE.perform(
        Enterprise.objects.live().visible_to(actor),
        pk=enterprise.pk,
        action=action,
        actor=actor,
        data={"state_changed_on": state_changed_on, "state_reason": state_reason.strip()},
        note=state_reason.strip(),
    )


def _refuse_void(enterprise: Enterprise) -> None:
    if enterprise.void:
        raise ValidationError("该监管对象已作废。")


@transaction.atomic
def enterprise_void(*, enterprise: Enterprise, actor: Any, reason: str) -> Enterprise:
    """“Never was”: entered twice or by mistake. Refused while visits, hazards or accounts hang on it."""
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    require(OFFICE, actor, locked, "作废")
    _refuse_void(locked)
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    relations: list[Any] = locked._meta.get_fields(include_hidden=True)
    for relation in relations:  # most records name it without a way back
        if not (relation.one_to_many and relation.auto_created):
            continue
        held = relation.related_model._base_manager.filter(**{relation.field.name: locked})
        if relation.related_model is EnterpriseMembership:
            if held.filter(revoked_at=None).exists():
                raise ValidationError("该监管对象还有企业账号，请先收回。")
        elif held.exists():
            raise ValidationError("该监管对象已有检查或隐患记录，不能作废；如已关闭，请变更状态。")
    locked.void, locked.void_reason = True, reason.strip()
    locked.save(update_fields=["void", "void_reason"])
    lifecycle.note_event(locked, action="void", label="作废", actor=actor, note=locked.void_reason)
    audit.record(
        "enterprise.void",
        target=locked,
        actor=actor,
        after={"void_reason": locked.void_reason},
        organisation=locked.area,
    )
    return locked


@transaction.atomic
def phone_unmask(*, enterprise: Enterprise, actor: Any, reason: str) -> str:
    """The telephone number in full, for a reason that the log keeps (rules.md §9.2).

    Raises ``ValidationError`` without a reason and ``PermissionDenied`` for who does not look after the enterprise.
    """
    require(KEEPER, actor, enterprise, "查看电话")
    if not reason.strip():
        raise ValidationError({"reason": "请填写查看原因。"})
    audit.record("enterprise.unmask", target=enterprise, actor=actor, note=reason.strip()[:500])
    return enterprise.phone
