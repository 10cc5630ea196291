"""Roles: granting, delegating and taking them away. The security administrator alone does this, and never for themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from emergency.core import audit, clock
from emergency.organizations.models import ADMIN_ROLES, Kind, Membership, Organisation, Role, User
from emergency.organizations.scope import forget_reach, require_administrator
from emergency.organizations.services.people import check_not_last_administrator

_OFFICES = (Kind.BUREAU, Kind.DEPARTMENT)
_ANY_OFFICE = (Kind.GOVERNMENT, *_OFFICES, Kind.COMMITTEE)

#: In which kinds of unit a role makes sense; anything else would give rights that nobody meant.
FITTING_KINDS: dict[str, tuple[str, ...]] = {
    Role.HEAD: _ANY_OFFICE,
    Role.DEPUTY: _ANY_OFFICE,
    Role.SECTION_HEAD: _OFFICES,
    Role.CLERK: (Kind.BUREAU,),
    Role.COMMITTEE_OFFICE: (Kind.BUREAU, Kind.COMMITTEE),
    Role.STREET_HEAD: (Kind.STREET,),
    Role.STREET_OFFICER: (Kind.STREET,),
    Role.COMMUNITY_OFFICER: (Kind.COMMUNITY,),
    Role.ENFORCER: (Kind.BUREAU, Kind.DEPARTMENT, Kind.STREET),
    Role.DEPARTMENT_CLERK: (Kind.DEPARTMENT,),
    Role.SECRETARY: (*_ANY_OFFICE, Kind.STREET),
    Role.STOREKEEPER: (Kind.BUREAU, Kind.DEPARTMENT, Kind.STREET, Kind.COMMUNITY),
    Role.EXPERT: (*_OFFICES, Kind.STREET),
    Role.VIEWER: (*_ANY_OFFICE, Kind.STREET, Kind.AREA_SET),
    Role.SYSTEM_ADMIN: (Kind.BUREAU,),
    Role.SECURITY_ADMIN: (Kind.BUREAU,),
    Role.AUDIT_ADMIN: (Kind.BUREAU,),
}


def _overlapping(start: dt.date, end: dt.date | None) -> Q:
    """Memberships that hold on some day from ``start`` to ``end``, both included."""
    condition = Q(revoked_at=None) & (Q(valid_to=None) | Q(valid_to__gte=start))
    return condition & (Q(valid_from=None) | Q(valid_from__lte=end)) if end else condition


def _check_separation(user: User, role: str, start: dt.date, end: dt.date | None) -> None:
    """系统、安全、审计三员分立: one person is one administrator, and no administrator does business."""
    held = Membership.objects.filter(_overlapping(start, end), user=user)
    if role in ADMIN_ROLES:
        if held.filter(role__in=ADMIN_ROLES).exists():
            raise ValidationError({"role": "系统管理员、安全管理员、审计管理员不得由同一人兼任。"})
        firm = user.enterprise_memberships.filter(Q(valid_to=None) | Q(valid_to__gte=start))
        if held.exists() or firm.exists():
            raise ValidationError({"role": "该用户承担业务工作，不得兼任管理员。"})
    elif held.filter(role__in=ADMIN_ROLES).exists():
        raise ValidationError({"role": "该用户是管理员，不得兼任业务角色。"})


def _check_grantor(actor: Any, user: User) -> None:
    require_administrator(actor, Role.SECURITY_ADMIN)
    if actor is not None and actor.pk == user.pk:
        raise PermissionDenied("不能给自己授予或收回角色。")


@transaction.atomic
def membership_grant(
    *,
    user: User,
    organisation: Organisation,
    role: str,
    section: str = "",
    post: str = "",
    certificate: str = "",
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    actor: Any = None,
    delegated_by: Membership | None = None,
) -> Membership:
    """Give a user a role over a unit from a day (today unless said) to a last day, or without end.

    Raises ``ValidationError`` where the role does not fit the unit, is held already, or would break the separation of the
    three administrators; ``PermissionDenied`` for anybody but the security administrator, and for oneself.
    """
    _check_grantor(actor, user)
    forget_reach(user)
    user = User.objects.select_for_update().get(pk=user.pk)  # two grants to one person must see each other
    start = valid_from or clock.today()
    if not user.is_active:
        raise ValidationError({"user": "该账号已停用，不能授予角色。"})
    if organisation.kind not in FITTING_KINDS[role]:
        raise ValidationError(
            {"role": f"“{organisation}”是{organisation.get_kind_display()}，不设“{Role(role).label}”。"}
        )
    if not organisation.exists_on(start):
        raise ValidationError({"organisation": "该单位在开始日期不存在或已撤销。"})
    _check_separation(user, role, start, valid_to)
    same = Membership.objects.filter(_overlapping(start, valid_to), user=user, organisation=organisation, role=role)
    if same.exists():
        raise ValidationError({"role": "该用户在这段时间已担任此角色。"})
    membership = Membership(
        user=user,
        organisation=organisation,
        role=role,
        section=section.strip(),
        post=post.strip(),
        certificate=certificate.strip(),
        valid_from=start,
        valid_to=valid_to,
        delegated_by=delegated_by,
    )
    membership.full_clean()
    membership.save()
    audit.record(
        "membership.delegate" if delegated_by else "membership.grant",
        target=membership,
        actor=actor,
        after=audit.snapshot(membership),
        organisation=organisation,
    )
    return membership


@transaction.atomic
def membership_delegate(
    *, membership: Membership, to: User, valid_from: dt.date, valid_to: dt.date, actor: Any = None
) -> Membership:
    """代理: another person holds the same role for some days, while the first one keeps it.

    Raises ``ValidationError`` for an administrator's role, for enforcement (the certificate is a person's own), a role that
    is itself delegated, oneself as delegate, or days on which the role itself is not held.
    """
    _check_grantor(actor, to)
    membership = Membership.objects.select_for_update().select_related("organisation", "user").get(pk=membership.pk)
    if membership.role in ADMIN_ROLES:
        raise ValidationError("管理员角色不得代理，请另行授予。")
    if membership.role == Role.ENFORCER:
        raise ValidationError("执法证属于本人，执法人员不能由他人代理。")
    if membership.delegated_by_id is not None:
        raise ValidationError("代理的角色不能再委托他人代理。")
    if membership.revoked_at is not None:
        raise ValidationError("该角色已收回，不能代理。")
    if to.pk == membership.user_id:
        raise ValidationError({"to": "不能委托本人代理。"})
    outside = (membership.valid_from is not None and valid_from < membership.valid_from) or (
        membership.valid_to is not None and valid_to > membership.valid_to
    )
    if outside:
        raise ValidationError({"valid_to": "代理期限须在原任职期限以内。"})
    return membership_grant(
        user=to,
        organisation=membership.organisation,
        role=membership.role,
        section=membership.section,
        post=membership.post,
        valid_from=valid_from,
        valid_to=valid_to,
        actor=actor,
        delegated_by=membership,
    )


@transaction.atomic
def membership_revoke(*, membership: Membership, reason: str, actor: Any = None) -> Membership:
    """Take a role away at once, and with it what was delegated from it. A second time changes nothing.

    Raises ``ValidationError`` without a reason, and for the last holder of an administrator's role.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    _check_grantor(actor, membership.user)
    if not reason.strip():
        raise ValidationError({"reason": "请填写收回原因。"})
    if membership.revoked_at is not None:
        return membership
    if membership.role in ADMIN_ROLES:
        check_not_last_administrator(membership.user)
    for one in (membership, *membership.delegations.select_for_update().filter(revoked_at=None)):
        one.revoked_at = clock.now()
        one.revoked_reason = reason.strip()
        one.save(update_fields=["revoked_at", "revoked_reason"])
        audit.record(
            "membership.revoke",
            target=one,
            actor=actor,
            before={"revoked_at": None},
            after={"revoked_at": one.revoked_at},
            organisation=one.organisation,
            note=one.revoked_reason,
        )
    return membership
