"""Writes to campaigns. Bureaus' section heads and the safety committee's office open them; everybody below tags records with them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock, lifecycle
from emergency.organizations.models import Kind, Organisation, Role
from emergency.organizations.scope import holds, reach
from emergency.programmes.models import Programme, ProgrammeKind

ORGANISERS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)
_ORGANISING_KINDS = (Kind.BUREAU, Kind.COMMITTEE)
#: A record tagged with a campaign counts in those above it; ``with_children_of`` reaches as far as this.
LEVELS = 3


def organising_units(user: Any) -> list[Organisation]:
    """The bureaus and committees in whose name the user may open a campaign."""
    units = {
        post.organisation.pk: post.organisation
        for post in reach(user).posts
        if post.role in ORGANISERS and post.organisation.kind in _ORGANISING_KINDS
    }
    return list(units.values())


def may_organise(user: Any, owner: Organisation) -> bool:
    return owner.kind in _ORGANISING_KINDS and holds(user, ORGANISERS, owner)


def _require(actor: Any, owner: Organisation) -> None:
    if not may_organise(actor, owner):
        raise PermissionDenied("专项行动由应急局科室负责人或安委办办理。")


def _levels_below(programme: Programme) -> int:
    children = list(programme.children.all()) if programme.pk else []
    return 1 + max((_levels_below(child) for child in children), default=0)


def _check_parent(programme: Programme, actor: Any) -> None:
    """The campaign above: one that the actor sees, not the campaign itself or one below it, and no deeper than three levels."""
    parent = programme.parent
    if parent is None:
        return
    if not Programme.objects.visible_to(actor).filter(pk=parent.pk).exists():
        raise ValidationError({"parent": "请从可选的专项行动中选择。"})
    above, levels = parent, 1
    while above is not None:
        if programme.pk is not None and above.pk == programme.pk:
            raise ValidationError({"parent": "上级行动不能是本行动或它的下级。"})
        if above.parent is None:
            break
        above, levels = above.parent, levels + 1
    if levels + _levels_below(programme) > LEVELS:
        raise ValidationError({"parent": f"专项行动最多{LEVELS}级。"})


@transaction.atomic
def campaign_create(
    *,
    name: str,
    owner: Organisation,
    start: dt.date,
    end: dt.date | None = None,
    parent: Programme | None = None,
    published: bool = True,
    note: str = "",
    actor: Any,
) -> Programme:
    """Open a campaign that runs from ``start`` to ``end``, both included, or without end. Unpublished it shows to its own office only.

    Raises ``ValidationError`` by field (a name taken within the office, an end before the start, a circle of parents) and
    ``PermissionDenied`` for anybody but the organisers.
    """
    _require(actor, owner)
    programme = Programme(
        kind=ProgrammeKind.CAMPAIGN,
        name=" ".join(name.split()),
        owner=owner,
        parent=parent,
        start=start,
        end=end,
        published=published,
        note=note.strip(),
        created_by=actor,
        created_at=clock.now(),
    )
    _check_parent(programme, actor)
    programme.full_clean()
    programme.save()
    lifecycle.note_event(programme, action="create", label="登记", actor=actor)
    audit.record("programme.create", target=programme, actor=actor, after=audit.snapshot(programme), organisation=owner)
    return programme


@transaction.atomic
def campaign_update(
    *,
    programme: Programme,
    name: str,
    start: dt.date,
    end: dt.date | None = None,
    parent: Programme | None = None,
    published: bool = True,
    note: str = "",
    actor: Any,
) -> Programme:
    """Change a campaign; the office that owns it stays, and so do the records tagged with it. Raises as :func:`campaign_create`."""
    locked = Programme.objects.select_for_update().get(pk=programme.pk)
    _require(actor, locked.owner)
    before = audit.snapshot(locked)
    locked.name, locked.start, locked.end = " ".join(name.split()), start, end
    locked.parent, locked.published, locked.note = parent, published, note.strip()
    if before["parent"] != locked.parent_id:
        _check_parent(locked, actor)
    locked.full_clean()
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        lifecycle.note_event(locked, action="update", label="变更", actor=actor, data={"fields": sorted(new)})
        audit.record("programme.update", target=locked, actor=actor, before=old, after=new, organisation=locked.owner)
    return locked
