"""Passwords: at least ten characters of three classes, none of the last five, and a temporary one only until first used."""

from __future__ import annotations

import dataclasses
import secrets
import string
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.organizations.models import OldPassword, Role, User
from emergency.organizations.scope import require_administrator

#: How many of the last passwords may not come back.
KEPT = 5

_CLASSES = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
_SYMBOLS = "-+=@#"
#: Without the signs that a hand-written note confuses.
_ALPHABETS = (
    "".join(set(string.ascii_lowercase) - set("lo")),
    "".join(set(string.ascii_uppercase) - set("IO")),
    "23456789",
    _SYMBOLS,
)


class ClassesValidator:
    """Of small letters, capitals, digits and other signs at least three kinds."""

    def validate(self, password: str, user: Any = None) -> None:
        if sum(any(test(sign) for sign in password) for test in _CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三类。"


class HistoryValidator:
    """None of the user's last five passwords, the present one among them."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        hashes = [user.password, *user.old_passwords.values_list("password", flat=True)[:KEPT]]
        if any(check_password(password, kept) for kept in dict.fromkeys(hashes)):
            raise ValidationError(self.get_help_text(), code="password_used")

    def get_help_text(self) -> str:
        return f"密码不得与最近{KEPT}次使用过的相同。"


@dataclasses.dataclass(frozen=True, slots=True)
class Issued:
    """A user with the password that was just made for them: shown once, stored nowhere."""

    user: User
    password: str = dataclasses.field(repr=False)


def temporary_password() -> str:
    """Twelve signs, three of each class, none that could be misread."""
    signs = [secrets.choice(alphabet) for alphabet in _ALPHABETS for _ in range(3)]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def set_password(user: User, password: str, *, must_change: bool) -> None:
    """Write a password that has passed the rules, and remember its hash."""
    user.password = make_password(password)
    user.must_change_password = must_change
    user.password_changed_at = clock.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    OldPassword.objects.create(user=user, password=user.password, changed_at=user.password_changed_at)
    kept = list(user.old_passwords.order_by("-changed_at", "-pk").values_list("pk", flat=True)[:KEPT])
    user.old_passwords.exclude(pk__in=kept).delete()


@transaction.atomic
def password_change(*, user: User, old: str, new: str) -> User:
    """The user's own change. Raises ``ValidationError`` for a wrong old password or a new one that breaks the rules."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(old):
        raise ValidationError({"old_password": "原密码不正确。"})
    try:
        validate_password(new, user)
    except ValidationError as fault:
        raise ValidationError({"new_password1": fault.messages}) from None
    set_password(user, new, must_change=False)
    audit.record("user.password_change", target=user, actor=user)
    return user


@transaction.atomic
def password_reset(*, user: User, actor: Any = None) -> Issued:
    """A temporary password by the system administrator; it must be changed at the next sign-in, and every open session ends.

    Raises ``PermissionDenied`` for one's own account: that one is changed with the old password.
    """
    require_administrator(actor, Role.SYSTEM_ADMIN)
    if actor is not None and actor.pk == user.pk:
        raise PermissionDenied("自己的密码请在“我的账号”中修改。")
    user = User.objects.select_for_update().get(pk=user.pk)
    password = temporary_password()
    set_password(user, password, must_change=True)
    audit.record("user.password_reset", target=user, actor=actor)
    return Issued(user, password)
