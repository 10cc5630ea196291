"""企业填报员: accounts of people who file for an enterprise. The office that answers for the place opens and closes them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit, clock, lifecycle
from emergency.enterprises.lifecycle import OFFICE
from emergency.enterprises.models import Enterprise, EnterpriseMembership
from emergency.enterprises.services.register import require
from emergency.organizations.models import User
from emergency.organizations.scope import forget_reach
from emergency.organizations.services import Issued, user_create


@transaction.atomic
def membership_grant(*, enterprise: Enterprise, user: User, actor: Any, acceptor: bool = False) -> EnterpriseMembership:
    """Let a user file for an enterprise; an ``acceptor`` also closes the general hazards that the enterprise found itself.

    Raises ``ValidationError`` when they already do, when the account is shut, or for somebody who holds an office role: who
    supervises does not file for the supervised.
    """
    require(OFFICE, actor, enterprise, "开通企业账号")
    if enterprise.void:
        raise ValidationError("该监管对象已作废，不能开通账号。")
    user = User.objects.select_for_update().get(pk=user.pk)  # two grants to one person must see each other
    if not user.is_active:
        raise ValidationError({"username": "该账号已停用，请联系系统管理员。"})
    if user.memberships.in_force(clock.today()).exists():
        raise ValidationError({"username": "该用户是机关工作人员，不能兼任企业填报员。"})
    membership = EnterpriseMembership(user=user, enterprise=enterprise, acceptor=acceptor, valid_from=clock.today())
    membership.full_clean()
    membership.save()
    forget_reach(user)
    lifecycle.note_event(enterprise, action="member", label="开通企业账号", actor=actor, note=user.name)
    audit.record(
        "enterprise.member", target=enterprise, actor=actor, after={"user": user.username, "acceptor": acceptor}
    )
    return membership


@transaction.atomic
def account_open(
    *, enterprise: Enterprise, username: str, name: str, phone: str = "", acceptor: bool = False, actor: Any
) -> Issued | None:
    """Open an account for an enterprise's person. The temporary password is in the answer and nowhere else.

    Some people file for several enterprises: a login name that is an enterprise's account already, under the same person's name, is
    given this enterprise as well, and None comes back because its password stays. Raises ``ValidationError`` for a login name that is
    malformed or somebody else's.
    """
    require(OFFICE, actor, enterprise, "开通企业账号")
    known = User.objects.filter(username=username.strip().lower(), enterprise_memberships__isnull=False).first()
    if known is not None:
        if known.name != name.strip():
            raise ValidationError({"username": "该登录名已被他人使用，请换一个。"})
        membership_grant(enterprise=enterprise, user=known, actor=actor, acceptor=acceptor)
        return None
    issued = user_create(username=username, name=name, phone=phone, actor=actor)
    membership_grant(enterprise=enterprise, user=issued.user, actor=actor, acceptor=acceptor)
    return issued


@transaction.atomic
def membership_revoke(*, membership: EnterpriseMembership, actor: Any, reason: str) -> EnterpriseMembership:
    """Take the enterprise away from a user at once; what they filed stays. A second time changes nothing."""
    locked = EnterpriseMembership.objects.select_for_update().get(pk=membership.pk)
    require(OFFICE, actor, locked.enterprise, "收回企业账号")
    if not reason.strip():
        raise ValidationError({"reason": "请填写收回原因。"})
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_reason = clock.now(), reason.strip()
        locked.valid_to = clock.today()
        locked.save(update_fields=["revoked_at", "revoked_reason", "valid_to"])
        forget_reach(locked.user)
        lifecycle.note_event(
            locked.enterprise, action="member_revoke", label="收回企业账号", actor=actor, note=locked.user.name
        )
        audit.record(
            "enterprise.member_revoke",
            target=locked.enterprise,
            actor=actor,
            before={"user": locked.user.username},
            note=locked.revoked_reason,
        )
    return locked
