"""Checklists are written by section heads; visits keep the words they were checked against."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Role
from emergency.organizations.scope import reach
from inspections.models import Checklist, ChecklistItem

EDITORS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)


def may_edit_checklists(user: Any) -> bool:
    """科室负责人 and 安委办 of a bureau: every unit checks against the same lists."""
    return any(
        post.role in EDITORS and post.organisation.kind in (Kind.BUREAU, Kind.COMMITTEE) for post in reach(user).posts
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ItemInput:
    """One line, in the order given. ``pk`` names a line that exists already."""

    text: str
    basis: str = ""
    phrase: str = ""
    pk: int | None = None


@transaction.atomic
def checklist_save(
    *,
    actor: Any,
    name: str,
    items: Sequence[ItemInput],
    industry: Industry | None = None,
    active: bool = True,
    checklist: Checklist | None = None,
) -> Checklist:
    """Write a checklist and its lines; lines that are not given any more are removed.

    Results of earlier visits keep their own copy of the words. Without an actor it is the set-up command. Raises ``PermissionDenied`` for
    anybody but the editors; ``ValidationError`` for a name that is taken, no lines, or a line that is not of this list.
    """
    if actor is not None and not may_edit_checklists(actor):
        raise PermissionDenied("检查表由应急局科室负责人或安委办维护。")
    if not items:
        raise ValidationError("检查表至少要有一项检查内容。")
    before: dict[str, Any] | None = None
    if checklist is None:
        checklist = Checklist()
    else:
        checklist = Checklist.objects.select_for_update().get(pk=checklist.pk)
        before = _words(checklist)
    checklist.name, checklist.industry, checklist.active = name.strip(), industry, active
    checklist.full_clean()
    checklist.save()
    _write_items(checklist, items)
    after = _words(checklist)
    if before != after:
        verb = "checklist.create" if before is None else "checklist.edit"
        note_event(checklist, action=verb.partition(".")[2], label="新建" if before is None else "修改", actor=actor)
        audit.record(verb, target=checklist, actor=actor, before=before, after=after)
    return checklist


def _write_items(checklist: Checklist, items: Sequence[ItemInput]) -> None:
    kept = {item.pk: item for item in checklist.items.all()}
    if any(one.pk is not None and one.pk not in kept for one in items):
        raise ValidationError("检查项已被他人删除，请重新打开后再改。")
    checklist.items.exclude(pk__in=[one.pk for one in items if one.pk is not None]).delete()
    # The order is unique within a list: free the old places before the new ones are taken.
    top = max((item.order for item in kept.values()), default=0)
    lines = []
    for order, one in enumerate(items, start=1):
        line = kept[one.pk] if one.pk is not None else ChecklistItem(checklist=checklist)
        line.text, line.basis, line.phrase = one.text.strip(), one.basis.strip(), one.phrase.strip()
        line.order = top + order
        line.full_clean(exclude=["checklist"], validate_unique=False, validate_constraints=False)
        line.save()
        lines.append(line)
    for order, line in enumerate(lines, start=1):
        line.order = order
    for line in lines:  # upwards: each place taken lies below all that are still to move
        line.save(update_fields=["order"])


def _words(checklist: Checklist) -> dict[str, Any]:
    lines = checklist.items.order_by("order").values_list("text", "basis", "phrase")
    return {**audit.snapshot(checklist), "items": [list(line) for line in lines]}
