"""Writes to the tree of organisations, the people and their roles. By topic: tree, people, passwords, posts."""

from emergency.organizations.services.passwords import (
    ClassesValidator,
    HistoryValidator,
    Issued,
    password_change,
    password_reset,
    temporary_password,
)
from emergency.organizations.services.people import (
    profile_update,
    system_user,
    user_create,
    user_disable,
    user_enable,
    user_unlock,
    user_update,
)
from emergency.organizations.services.posts import (
    FITTING_KINDS,
    membership_delegate,
    membership_grant,
    membership_revoke,
)
from emergency.organizations.services.tree import (
    answers_for,
    area_is_ours,
    area_set_fill,
    organisation_close,
    organisation_create,
    organisation_move,
    organisation_update,
    place,
    succession_record,
)

__all__ = [
    "FITTING_KINDS",
    "ClassesValidator",
    "HistoryValidator",
    "Issued",
    "answers_for",
    "area_is_ours",
    "area_set_fill",
    "membership_delegate",
    "membership_grant",
    "membership_revoke",
    "organisation_close",
    "organisation_create",
    "organisation_move",
    "organisation_update",
    "password_change",
    "password_reset",
    "place",
    "profile_update",
    "succession_record",
    "system_user",
    "temporary_password",
    "user_create",
    "user_disable",
    "user_enable",
    "user_unlock",
    "user_update",
]
