"""A row that stands for several hazards is divided; the figures stay what they were."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import attachments, audit, clock
from emergency.core.lifecycle import note_event
from hazards.lifecycle import is_handlers_officer, works_for_firm
from hazards.models import OPEN_STATUSES, EntryMode, Hazard
from hazards.services.opening import next_number

#: What a part has anew or for itself; all else it takes from the row that it was part of.
_OWN = {"id", "number", "original_number", "quantity", "entry_mode", "split_from", "created_by", "created_at"}


@transaction.atomic
def hazard_split(
    *,
    queryset: QuerySet[Hazard],
    pk: int,
    quantity: int,
    actor: Any,
    entry_mode: str = EntryMode.COUNT,
    description: str = "",
    place: str = "",
) -> Hazard:
    """Split ``quantity`` off an open count-mode row, under a number of its own; the row keeps the others.

    With ``entry_mode`` item the part is one itemised hazard with its own ``description``; the last one of a row is turned into the
    item itself. Raises ``ValidationError`` when there is nothing to split, ``PermissionDenied`` for who may not act on the row.
    """
    source = (
        Hazard.objects.select_for_update(of=("self",))
        .select_related("handler", "district", "enterprise")
        .get(pk=queryset.values("pk").get(pk=pk)["pk"])
    )
    if not is_handlers_officer(actor, source) and not works_for_firm(actor, source):
        raise PermissionDenied("拆分由承办单位人员或企业填报员办理。")
    if source.entry_mode != EntryMode.COUNT or source.status not in OPEN_STATUSES:
        raise ValidationError("只有未销号的按数量登记的隐患可以拆分。")
    as_item = entry_mode == EntryMode.ITEM
    if as_item and quantity != 1:
        raise ValidationError({"quantity": "逐条登记的隐患数量只能为1。"})
    if as_item and not description.strip():
        raise ValidationError({"description": "请填写这条隐患的描述。"})
    most = source.quantity if as_item else source.quantity - 1
    if not 1 <= quantity <= most:
        raise ValidationError({"quantity": f"这一行共{source.quantity}条，拆出的数量应在1到{most}之间。"})
    before = audit.snapshot(source)
    part = source if as_item and source.quantity == 1 else _part_of(source, quantity, actor)
    if as_item:
        part.entry_mode, part.description = EntryMode.ITEM, description.strip()
        if place.strip():
            part.place = place.strip()
            part.subject_name = part.enterprise.name if part.enterprise else part.place
    part.validate_constraints()
    part.save()
    if part is not source:
        part.campaigns.set(source.campaigns.all())
        attachments.copy_all(source=source, target=part)
        source.quantity -= quantity
        source.save(update_fields=["quantity"])
        note_event(source, action="split", label="拆分", actor=actor, note=f"拆出{quantity}条，编号{part.number}")
        note_event(part, action="split", label="拆分", actor=actor, target=part.status, note=f"自{source.number}拆出")
        audit.record("hazard.split", target=part, actor=actor, after=audit.snapshot(part))
    old, new = audit.changes(before, audit.snapshot(source))
    audit.record("hazard.split", target=source, actor=actor, before=old, after=new)
    return part


def _part_of(source: Hazard, quantity: int, actor: Any) -> Hazard:
    copied = {
        field.attname: getattr(source, field.attname)
        for field in source._meta.concrete_fields
        if field.name not in _OWN and not field.generated
    }
    return Hazard(
        **copied,
        quantity=quantity,
        entry_mode=EntryMode.COUNT,
        split_from=source,
        number=next_number(source.district, source.found_on),
        created_by=actor,
        created_at=clock.now(),
    )
