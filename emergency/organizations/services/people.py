"""Accounts: opening, changing, locking out and letting in again. An account alone opens nothing; see ``posts``."""

from __future__ import annotations

import re
from typing import Any

from axes.utils import reset as axes_reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.organizations.models import ADMIN_ROLES, SYSTEM_USERNAME, Membership, Role, User
from emergency.organizations.scope import (
    BUREAU_STAFF,
    admin_role,
    holds,
    is_portal,
    require_administrator,
)
from emergency.organizations.services.passwords import Issued, set_password, temporary_password

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}")
_PHONE = re.compile(r"\+?[0-9]{3,15}(-[0-9]{1,8})*")


def _check(user: User) -> None:
    faults = {}
    if not _USERNAME.fullmatch(user.username):
        faults["username"] = "登录名为3至60位的小写字母、数字或 . _ - @，以字母或数字开头。"
    if user.phone and not _PHONE.fullmatch(user.phone):
        faults["phone"] = "电话号码只能是数字，分机号用短横线隔开。"
    if faults:
        raise ValidationError(faults)
    user.full_clean(exclude=["password"])


@transaction.atomic
def user_create(
    *,
    username: str,
    name: str,
    phone: str = "",
    email: str = "",
    password: str | None = None,
    must_change: bool = True,
    actor: Any = None,
) -> Issued:
    """Open an account and give it a password, a temporary one unless ``password`` is given.

    The system administrator opens accounts; bureau and street staff may too, for the enterprises they look after. Raises
    ``ValidationError`` for a name that is taken or malformed, or a password that breaks the rules.
    """
    offices = (*BUREAU_STAFF, Role.STREET_HEAD, Role.STREET_OFFICER)
    if actor is not None and admin_role(actor) != Role.SYSTEM_ADMIN and not holds(actor, offices):
        raise PermissionDenied("开通账号由系统管理员办理。")
    user = User(
        username=username.strip().lower(),
        name=name.strip(),
        phone=phone.strip(),
        email=email.strip(),
        created_at=clock.now(),
    )
    _check(user)
    if password is None:
        password = temporary_password()
    else:
        validate_password(password, user)
    user.set_unusable_password()
    user.save()
    set_password(user, password, must_change=must_change)
    audit.record("user.create", target=user, actor=actor, after=audit.snapshot(user))
    return Issued(user, password)


def _change(user: User, fields: dict[str, Any], verb: str, actor: Any) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    before = audit.snapshot(user)
    for name, value in fields.items():
        setattr(user, name, value.strip() if isinstance(value, str) else value)
    _check(user)
    user.save(update_fields=list(fields))
    old, new = audit.changes(before, audit.snapshot(user))
    if old:
        audit.record(verb, target=user, actor=actor, before=old, after=new)
    return user


@transaction.atomic
def user_update(*, user: User, name: str, phone: str = "", email: str = "", actor: Any = None) -> User:
    """Change what the system administrator keeps of a person; the login name stays for good, because the log names it."""
    require_administrator(actor, Role.SYSTEM_ADMIN)
    return _change(user, {"name": name, "phone": phone, "email": email}, "user.update", actor)


@transaction.atomic
def profile_update(*, user: User, phone: str, email: str = "", large_type: bool = False) -> User:
    """What a person may change of their own account."""
    return _change(user, {"phone": phone, "email": email, "large_type": large_type}, "user.profile", user)


@transaction.atomic
def user_disable(*, user: User, reason: str, actor: Any = None) -> User:
    """Shut an account: no sign-in, and open sessions end with their next request.

    Raises ``PermissionDenied`` for one's own account, and ``ValidationError`` without a reason or for the last holder of
    an administrator's role, without whom nobody could let anybody in again.
    """
    require_administrator(actor, Role.SYSTEM_ADMIN)
    if actor is not None and actor.pk == user.pk:
        raise PermissionDenied("不能停用自己的账号。")
    if not reason.strip():
        raise ValidationError({"reason": "请填写停用原因。"})
    user = User.objects.select_for_update().get(pk=user.pk)
    check_not_last_administrator(user)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        audit.record(
            "user.disable",
            target=user,
            actor=actor,
            before={"is_active": True},
            after={"is_active": False},
            note=reason.strip(),
        )
    return user


def check_not_last_administrator(user: User) -> None:
    """Raise ``ValidationError`` when the portal would be left without one of its three administrators."""
    on = clock.today()
    held = Membership.objects.in_force(on).filter(user=user, role__in=ADMIN_ROLES)
    for membership in held:
        others = Membership.objects.in_force(on).filter(role=membership.role, user__is_active=True).exclude(user=user)
        if not others.exists():
            raise ValidationError(f"这是唯一的{membership.get_role_display()}，请先指定接替人员。")


@transaction.atomic
def user_enable(*, user: User, actor: Any = None) -> User:
    require_administrator(actor, Role.SYSTEM_ADMIN)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record("user.enable", target=user, actor=actor, before={"is_active": False}, after={"is_active": True})
    return user


@transaction.atomic
def user_unlock(*, user: User, actor: Any = None) -> None:
    """Forget the failed sign-ins of an account before its fifteen minutes are over."""
    require_administrator(actor, Role.SYSTEM_ADMIN)
    axes_reset(username=user.username)
    audit.record("user.unlock", target=user, actor=actor)


@transaction.atomic
def system_user() -> User:
    """The account in whose name commands write where no person is named; made at its first use.

    It has no password, no role and is not active, so nobody can sign in with it. Raises ``ValidationError`` when a
    person's account has taken the name.
    """
    user, made = User.objects.get_or_create(
        username=SYSTEM_USERNAME,
        defaults={"name": "系统", "is_active": False, "must_change_password": False, "created_at": clock.now()},
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        audit.record("user.create", target=user, after=audit.snapshot(user, ["username", "name", "is_active"]))
    if not is_portal(user):
        raise ValidationError(f"登录名“{SYSTEM_USERNAME}”已被人员账号使用，请指定导入人。")
    return user
