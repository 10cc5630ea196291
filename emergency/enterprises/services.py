"""Writes to the register of enterprises."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit, clock, lifecycle
from emergency.enterprises.models import Enterprise, EnterpriseMembership, State, SubjectKind
from emergency.organizations.models import Organisation
from emergency.organizations.services import place

ENDED_STATES = (State.CLOSED, State.BANNED, State.MOVED)

#: GB 32100-2015: 31 signs without I, O, S, V, Z; weights 3^(i-1) mod 31.
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_LOOKALIKE = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


def credit_code_check_sign(body: str) -> str:
    """The 18th sign for a body of 17 (GB 32100-2015 §5)."""
    total = sum(CODE_ALPHABET.index(sign) * weight for sign, weight in zip(body, CODE_WEIGHTS, strict=True))
    return CODE_ALPHABET[-total % 31]


def credit_code_clean(text: str) -> str:
    """A unified social credit code in its one spelling; "" for blank.

    Full-width signs and small letters are taken. Raises ``ValidationError`` for a wrong length, a sign that the standard leaves out
    (with a hint), or a wrong check sign. Only the alphabet and the check sign are tested: registrars' codes keep growing.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not code:
        return ""
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为18位，现为{len(code)}位。")
    wrong = [sign for sign in code if sign not in CODE_ALPHABET]
    if wrong:
        hint = "、".join(f"{sign}可能是{_LOOKALIKE[sign]}" for sign in dict.fromkeys(wrong) if sign in _LOOKALIKE)
        raise ValidationError(f"统一社会信用代码中不应出现“{'、'.join(dict.fromkeys(wrong))}”" + (f"（{hint}）。" if hint else "。"))
    if credit_code_check_sign(code[:17]) != code[17]:
        raise ValidationError("统一社会信用代码校验位不符，请核对是否有输错的字符。")
    return code


def _settle(enterprise: Enterprise) -> None:
    """Keep ``ended_on`` in step with the state, and give the snapshot columns their one spelling."""
    enterprise.credit_code = credit_code_clean(enterprise.credit_code)
    if enterprise.state in ENDED_STATES:
        if enterprise.state_changed_on is None:
            raise ValidationError({"state_changed_on": "请填写状态变更日期。"})
        enterprise.ended_on = enterprise.state_changed_on
    else:
        enterprise.ended_on = None


@transaction.atomic
def enterprise_create(
    *, name: str, area: Organisation, actor: Any, registered_on: dt.date | None = None, **fields: Any
) -> Enterprise:
    """Register a subject of supervision. Raises ``ValidationError`` keyed by field; a taken credit code is one of them."""
    enterprise = Enterprise(
        name=name.strip(),
        registered_on=registered_on or clock.today(),
        created_by=actor,
        created_at=clock.now(),
        **fields,
    )
    place(enterprise, area)
    try:
        _settle(enterprise)
    except ValidationError as fault:
        raise fault if hasattr(fault, "error_dict") else ValidationError({"credit_code": fault.messages}) from fault
    enterprise.full_clean(exclude=["district", "street"])
    enterprise.save()
    lifecycle.note_event(enterprise, action="create", label="建档", actor=actor)
    audit.record("enterprise.create", target=enterprise, actor=actor, after=audit.snapshot(enterprise), organisation=area)
    return enterprise


def enterprise_quick(*, name: str, area: Organisation, actor: Any, address: str = "", phone: str = "") -> Enterprise:
    """快速建档 in the field: a name and a place are enough; the office completes the rest later."""
    return enterprise_create(
        name=name, area=area, actor=actor, address=address, phone=phone, quick=True, kind=SubjectKind.PLACE
    )


@transaction.atomic
def enterprise_update(*, enterprise: Enterprise, actor: Any, area: Organisation | None = None, **fields: Any) -> Enterprise:
    """Change the register entry; records already counted keep the industry and department of their day."""
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    before = audit.snapshot(locked)
    old_name = locked.name
    for name, value in fields.items():
        setattr(locked, name, value)
    if area is not None:
        place(locked, area)
    if locked.name != old_name and old_name not in locked.former_names:
        locked.former_names = [*locked.former_names, old_name]
    if locked.credit_code:
        locked.quick = False
    try:
        _settle(locked)
    except ValidationError as fault:
        raise fault if hasattr(fault, "error_dict") else ValidationError({"credit_code": fault.messages}) from fault
    locked.full_clean(exclude=["district", "street"])
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        lifecycle.note_event(locked, action="update", label="变更", actor=actor, data={"fields": sorted(new)})
        audit.record("enterprise.update", target=locked, actor=actor, before=old, after=new, organisation=locked.area)
    return locked


@transaction.atomic
def enterprise_void(*, enterprise: Enterprise, actor: Any, reason: str) -> Enterprise:
    """“Never was”: entered twice or by mistake. Refused while visits or hazards hang on it."""
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    if not reason.strip():
        raise ValidationError({"void_reason": "请填写作废原因。"})
    for relation in locked._meta.related_objects:
        name = relation.get_accessor_name()
        if relation.related_model is not EnterpriseMembership and name and getattr(locked, name).exists():
            raise ValidationError("该监管对象已有检查或隐患记录，不能作废；如已关闭，请变更状态。")
    locked.void, locked.void_reason = True, reason.strip()
    locked.save(update_fields=["void", "void_reason"])
    lifecycle.note_event(locked, action="void", label="作废", actor=actor, note=reason)
    audit.record("enterprise.void", target=locked, actor=actor, after={"void_reason": reason}, organisation=locked.area)
    return locked


@transaction.atomic
def membership_grant(*, enterprise: Enterprise, user: Any, actor: Any, acceptor: bool = False) -> EnterpriseMembership:
    """Let a user file for an enterprise. Raises ``ValidationError`` when they already do, or hold an office role."""
    if user.memberships.in_force(clock.today()).exists():
        raise ValidationError("该用户是机关工作人员，不能兼任企业填报员。")
    membership = EnterpriseMembership(user=user, enterprise=enterprise, acceptor=acceptor, valid_from=clock.today())
    membership.full_clean()
    membership.save()
    audit.record("enterprise.member", target=enterprise, actor=actor, after={"user": user.username, "acceptor": acceptor})
    return membership
