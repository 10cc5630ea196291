"""The steps of a letter: it goes out with its number, is closed, ended, taken up again, made void."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from emergency.core import clock
from emergency.letters.lifecycle import LIFECYCLE
from emergency.letters.models import Letter
from emergency.letters.services.numbers import keep_number, next_number
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation

#: Where the words of a step stand that its timeline shows.
_NOTES = ("reason", "minutes", "signer")


def issuers_for(handler: Organisation) -> list[Organisation]:
    """In whose name an office may write, the usual one first: the safety committee of a bureau's level, then the office itself."""
    if handler.kind != UnitKind.BUREAU:
        return [handler]
    committees = Organisation.objects.in_force(clock.today()).filter(
        kind=UnitKind.COMMITTEE, parent=handler.parent_id, name__contains="安全生产委员会"
    )
    return [*committees.order_by("order", "pk"), handler]


def may_sign(issuer: Organisation, handler: Organisation) -> bool:
    """Whether a letter drawn up by an office may bear this issuer's name; for imported ones any committee of the level counts."""
    if issuer.pk == handler.pk:
        return True
    beside = handler.kind == UnitKind.BUREAU and issuer.parent_id == handler.parent_id
    return beside and issuer.kind == UnitKind.COMMITTEE


@transaction.atomic
def letter_act(
    *,
    queryset: QuerySet[Letter],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    on: dt.date | None = None,
) -> Letter:
    """Take one step of the letter's table; ``queryset`` is what the actor may see.

    ``issue`` and ``announce`` take the next number unless ``data["number"]`` brings that of the paper. Raises
    ``Letter.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    on = on or clock.today()
    values: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()
    }
    seen = queryset.values("pk").get(pk=pk)["pk"]
    letter = Letter.objects.select_for_update(of=("self",)).select_related("issuer", "handler").get(pk=seen)
    if action in ("issue", "announce"):
        year = (values.get("issued_on") or on).year
        if values.get("number"):
            if Letter.objects.filter(issuer=letter.issuer_id, number=values["number"]).exclude(pk=pk).exists():
                raise ValidationError({"number": "这个文号已经用过。"})
            keep_number(values["number"], letter.issuer, letter.kind, year)
        else:
            values["number"] = next_number(letter.issuer, letter.kind, year)
    note = next((values[name] for name in _NOTES if values.get(name)), "")
    if values.get("signer"):
        note = f"{values['number']}，签发人{values['signer']}"
    return LIFECYCLE.perform(queryset, pk=pk, action=action, actor=actor, data=values, on=on, note=note)
