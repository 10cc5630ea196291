"""The steps of a hazard's life, taken one at a time or for several hazards of one enterprise in one sweep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import attachments
from emergency.organizations.models import Organisation
from hazards.lifecycle import LIFECYCLE, works_for_firm
from hazards.models import EntryMode, Hazard, PhotoKind, Status
from hazards.services.dividing import hazard_split
from hazards.services.opening import Photo, add_photos

#: What the photos of a step show.
PHOTO_KINDS = {
    "submit": PhotoKind.AFTER,
    "fix_on_site": PhotoKind.AFTER,
    "pass": PhotoKind.REVIEW,
    "fail": PhotoKind.REVIEW,
}

#: Steps that are the firm's own: an officer who takes one acts for it.
FIRMS_STEPS = frozenset({"submit", "request_extension"})

#: Where the words of a step stand that its timeline shows.
_NOTES = ("reason", "opinion", "rectification", "listing_reason", "note")


@transaction.atomic
def hazard_act(
    *,
    queryset: QuerySet[Hazard],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    photos: Sequence[Photo] = (),
    before_photos: Sequence[Photo] = (),
    on: dt.date | None = None,
) -> Hazard:
    """Take one step of the table in ``lifecycle.py``; ``queryset`` is what the actor may see.

    A row that stands for several may be handed in by parts: ``data["quantity"]`` of them are split off first, and the step is
    taken by that part. Raises ``Hazard.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    seen = queryset.values("pk").get(pk=pk)["pk"]
    record = Hazard.objects.select_for_update(of=("self",)).select_related("handler").get(pk=seen)
    part: Any = values.pop("quantity", None)
    if action == "submit" and record.entry_mode == EntryMode.COUNT and part and part != record.quantity:
        record = hazard_split(queryset=queryset, pk=pk, quantity=part, actor=actor)
        queryset, pk = Hazard.objects.all(), record.pk
    add_photos(record, before_photos, PhotoKind.BEFORE, actor)
    if photos:
        added = add_photos(record, photos, PHOTO_KINDS.get(action, PhotoKind.EVIDENCE), actor)
        values["photos"] = [one.pk for one in added]
    for_firm = action in FIRMS_STEPS and not works_for_firm(actor, record)
    done = LIFECYCLE.perform(
        queryset,
        pk=pk,
        action=action,
        actor=actor,
        data=values,
        on=on,
        note=next((values[name] for name in _NOTES if values.get(name)), ""),
        acted_for=record.subject_name[:120] if for_firm else "",
    )
    if done.status == Status.CLOSED:
        attachments.freeze(done)
    return done


def hazard_transfer(
    *, queryset: QuerySet[Hazard], pk: int, actor: Any, handler: Organisation, reason: str, on: dt.date | None = None
) -> Hazard:
    """移送: another unit handles it from now on; the 属地 stays, so last month's figures by area do not move."""
    return hazard_act(
        queryset=queryset, pk=pk, action="transfer", actor=actor, data={"handler": handler, "reason": reason}, on=on
    )


@transaction.atomic
def hazards_recheck(
    *,
    queryset: QuerySet[Hazard],
    verdicts: Mapping[int, Mapping[str, Any]],
    actor: Any,
    photos: Sequence[Photo] = (),
    signed_by: str = "",
    signature: Sequence[Photo] = (),
    on: dt.date | None = None,
) -> list[Hazard]:
    """Re-check several hazards of one enterprise in one sweep: all or none, one set of photos, one signature.

    ``verdicts`` names for each hazard ``{"action": "pass" | "fail", "opinion": …, "due_on": …}``; photos and signature are kept with each.
    A fault is raised under the number of its hazard.
    """
    records = {record.pk: record for record in queryset.filter(pk__in=list(verdicts)).order_by("pk")}
    if len(records) != len(verdicts):
        raise Hazard.DoesNotExist
    if not records:
        raise ValidationError("请至少选定一条隐患的复查结论。")
    if len({(record.enterprise_id, record.subject_name) for record in records.values()}) > 1:
        raise ValidationError("一次集中复查只能办理同一单位的隐患。")
    done = []
    for pk, record in records.items():
        verdict = dict(verdicts[pk])
        action = verdict.pop("action", "")
        if action not in ("pass", "fail"):
            raise ValidationError(f"{record.number}：请选择复查结论。")
        try:
            if signature:
                add_photos(record, signature, PhotoKind.SIGNATURE, actor)
            done.append(
                hazard_act(
                    queryset=queryset,
                    pk=pk,
                    action=action,
                    actor=actor,
                    data={**verdict, "signed_by": signed_by, "sweep": list(records)},
                    photos=photos,
                    on=on,
                )
            )
        except ValidationError as fault:
            raise ValidationError([f"{record.number}：{message}" for message in fault.messages]) from fault
    return done


@transaction.atomic
def hazards_void(
    *, queryset: QuerySet[Hazard], pks: Sequence[int], actor: Any, reason: str, on: dt.date | None = None
) -> list[Hazard]:
    """作废 several, all or none. Raises like :func:`hazard_act`."""
    return [
        hazard_act(queryset=queryset, pk=pk, action="void", actor=actor, data={"reason": reason}, on=on)
        for pk in sorted(set(pks))
    ]
