"""The answers of the addressees: given, checked, sent back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Count, Max

from emergency.core import attachments
from emergency.letters.lifecycle import LIFECYCLE, REPLIES, is_addressees_own
from emergency.letters.models import Letter, LetterAddressee, LetterAddresseeQuerySet, ReplyStatus, Status

_NOTES = ("reason", "opinion", "reply")
#: Files that came with a reply.
EVIDENCE = "evidence"


@transaction.atomic
def reply_act(
    *,
    queryset: LetterAddresseeQuerySet,
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    files: Sequence[File] = (),
    on: dt.date | None = None,
) -> LetterAddressee:
    """Take one step of an answer; ``queryset`` is what the actor may see. The last check closes the letter (办结).

    Raises ``LetterAddressee.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    row = queryset.values("pk", "letter").get(pk=pk)
    letter = Letter.objects.select_for_update(of=("self",)).get(
        pk=row["letter"]
    )  # before its row: steps of two addressees queue up
    before = LetterAddressee.objects.select_related("organisation").get(pk=row["pk"])
    if files:
        added = attachments.add(files=files, owner=before, kind=EVIDENCE, actor=actor)
        values["photos"] = [one.pk for one in added]
    acts_for = action == "reply" and not is_addressees_own(actor, before)
    done = REPLIES.perform(
        queryset,
        pk=pk,
        action=action,
        actor=actor,
        data=values,
        on=on,
        note=next((values[name] for name in _NOTES if values.get(name)), ""),
        acted_for=before.name[:120] if acts_for else "",
    )
    _count(letter)
    waiting = letter.addressees.filter(status__in=[ReplyStatus.WAITING, ReplyStatus.REPLIED]).exists()
    if action == "verify" and not waiting and letter.status == Status.ISSUED:
        _freeze(letter)
        LIFECYCLE.perform(Letter.objects.all(), pk=letter.pk, action="close", actor=actor, on=on)
    return done


def _freeze(letter: Letter) -> None:
    """What was judged can no longer be exchanged."""
    for one in letter.addressees.all():
        attachments.freeze(one)


def _count(letter: Letter) -> None:
    """How many have answered, and when the last of those who owe it did."""
    given = letter.addressees.exclude(replied_on=None).aggregate(number=Count("pk"), last=Max("replied_on"))
    letter.replied = given["number"]
    letter.replied_on = given["last"] if letter.owed and letter.replied == letter.owed else None
    letter.save(update_fields=["replied", "replied_on"])
