"""Enterprises for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.core import clock
from emergency.enterprises.models import Enterprise, EnterpriseMembership, Industry
from emergency.enterprises.services.codes import credit_code_check_sign
from emergency.organizations.models import Organisation, User
from emergency.organizations.services import place


def industry_make(name: str = "工贸") -> Industry:
    return Industry.objects.get_or_create(name=name)[0]


def credit_code_make(number: int) -> str:
    """A well-formed unified social credit code, a different one for every number below ten million."""
    body = f"91369901MA{number:07d}"
    return body + credit_code_check_sign(body)


def enterprise_make(*, name: str, area: Organisation, created_by: User, **fields: Any) -> Enterprise:
    """An operating enterprise at a place; without a code, so with the reason for that, unless told otherwise."""
    fields.setdefault("registered_on", dt.date(2020, 1, 1))
    if not fields.get("credit_code"):
        fields.setdefault("no_code_reason", "尚未办理")
    one = Enterprise(name=name, created_by=created_by, created_at=clock.now(), **fields)
    place(one, area)
    one.full_clean(exclude=["search_text"])
    one.save()
    return one


def enterprise_user_link(*, user: User, enterprise: Enterprise, acceptor: bool = False) -> EnterpriseMembership:
    """Make a user the enterprise's 企业填报员."""
    return EnterpriseMembership.objects.create(user=user, enterprise=enterprise, acceptor=acceptor)
