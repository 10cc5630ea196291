"""The list of supervised industries, kept by the bureau's section heads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Role
from emergency.organizations.scope import reach

EDITORS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)


def may_edit_industries(user: Any) -> bool:
    """科室负责人 and 安委办 of a bureau: the list holds for every unit, so a department's section head does not change it."""
    return any(
        post.role in EDITORS and post.organisation.kind in (Kind.BUREAU, Kind.COMMITTEE) for post in reach(user).posts
    )


def _require_editor(actor: Any) -> None:
    if not may_edit_industries(actor):
        raise PermissionDenied("行业领域由应急局科室负责人或安委办维护。")


def _settle(industry: Industry, others: Iterable[Industry]) -> None:
    """One word must mean one industry, or an import could not tell which."""
    industry.name = industry.name.strip()
    industry.aliases = [
        alias for alias in dict.fromkeys(word.strip() for word in industry.aliases) if alias and alias != industry.name
    ]
    taken = {word: one.name for one in others for word in (one.name, *one.aliases)}
    if industry.name in taken:
        raise ValidationError({"name": f"“{industry.name}”已用于“{taken[industry.name]}”。"})
    for alias in industry.aliases:
        if alias in taken:
            raise ValidationError({"aliases": f"别名“{alias}”已用于“{taken[alias]}”。"})
    industry.full_clean()
    industry.save()


@transaction.atomic
def industry_create(*, name: str, aliases: list[str], order: int, active: bool = True, actor: Any) -> Industry:
    """Add an industry. Raises ``ValidationError`` for a name or alias in use, ``PermissionDenied`` for anybody but its editors."""
    _require_editor(actor)
    industry = Industry(name=name, aliases=aliases, order=order, active=active)
    _settle(industry, Industry.objects.select_for_update())
    audit.record("industry.create", target=industry, actor=actor, after=audit.snapshot(industry))
    return industry


@transaction.atomic
def industry_update(
    *, industry: Industry, name: str, aliases: list[str], order: int, active: bool, actor: Any
) -> Industry:
    """Change an industry; one that is no longer active stays with its records and is only not offered any more."""
    _require_editor(actor)
    every = {one.pk: one for one in Industry.objects.select_for_update()}
    locked = every.pop(industry.pk)
    before = audit.snapshot(locked)
    locked.name, locked.aliases, locked.order, locked.active = name, aliases, order, active
    _settle(locked, every.values())
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        audit.record("industry.update", target=locked, actor=actor, before=old, after=new)
    return locked
