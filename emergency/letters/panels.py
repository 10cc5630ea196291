"""What letters show elsewhere: to-do items, search results, the menu, and boxes on the pages of enterprises and of what they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, Panel, SearchSource, TodoRows, register
from emergency.enterprises.models import Enterprise
from emergency.letters.lifecycle import WRITERS
from emergency.letters.models import Kind, Letter, LetterAddressee, ReplyStatus, Status
from emergency.letters.queries import letters_about
from emergency.organizations.scope import FILERS, business_user, enterprise_user, holds, reach

#: Rows of a box; more are in the list.
SHOWN = 10


def _units(user: Any, roles: Sequence[str]) -> set[int]:
    """The units for which the user acts in one of the roles, with those that they succeeded."""
    mine = reach(user)
    units = {post.organisation.pk for post in mine.posts if post.role in roles}
    for pk in list(units):
        units.update(mine.predecessors.get(pk, ()))
    return units


def _owed(user: Any, on: dt.date) -> QuerySet[LetterAddressee]:
    """Replies that the user's units or enterprises still owe, the most urgent first."""
    rows = LetterAddressee.objects.filter(status=ReplyStatus.WAITING, letter__status=Status.ISSUED)
    if units := _units(user, FILERS):
        rows = rows.filter(organisation__in=units)
    elif enterprise_user(user):
        rows = rows.filter(LetterAddressee.objects.mine_q(user))
    else:
        return LetterAddressee.objects.none()
    return rows.order_by("due_on", "pk")


def _given(user: Any, on: dt.date) -> QuerySet[LetterAddressee]:
    """Replies to the letters of the user's offices that nobody has checked yet, the oldest first."""
    units = _units(user, WRITERS)
    if not units:
        return LetterAddressee.objects.none()
    rows = LetterAddressee.objects.filter(status=ReplyStatus.REPLIED, letter__status=Status.ISSUED)
    return rows.filter(letter__handler__in=units).order_by("replied_on", "pk")


def _owed_words(subject: str, issuer: str, short: str, kind: str) -> tuple[str, str]:
    return subject[:60], f"{short or issuer} {Kind(kind).label}"


def _box(letters: QuerySet[Letter], list_url: str, new_url: str) -> dict[str, Any] | None:
    rows = [(letter, *letter.progress) for letter in letters[:SHOWN]]
    return {"rows": rows, "list_url": list_url if rows else "", "new_url": new_url} if rows or new_url else None


def enterprise_box(user: Any, enterprise: Enterprise) -> dict[str, Any] | None:
    """The letters to an enterprise that the reader sees; None where there are none and the reader writes none."""
    named = LetterAddressee.objects.filter(enterprise=enterprise)
    letters = Letter.objects.visible_to(user).filter(pk__in=named.values("letter")).order_by("-issued_on", "-pk")
    new_url = f"{reverse('letters:new')}?enterprise={enterprise.pk}" if holds(user, WRITERS) else ""
    return _box(letters, f"{reverse('letters:list')}?enterprise={enterprise.pk}", new_url)


def matter_box(user: Any, record: models.Model) -> dict[str, Any] | None:
    """The letters about a record of any ledger, and the way to write another. A ledger above registers it for its own page:

    ``Panel("hazards.hazard", "督办文书", "letters/panel.html", matter_box)``
    """
    new_url = ""
    if holds(user, WRITERS):
        firm = getattr(record, "enterprise_id", None)
        new_url = f"{reverse('letters:new')}?about={record._meta.label_lower}:{record.pk}"
        new_url += f"&enterprise={firm}" if firm else ""
    return _box(letters_about(record, user), "", new_url)


register(
    TodoRows(
        "letters.owed",
        "督办待回复",
        _owed,
        ("letter__subject", "letter__issuer__name", "letter__issuer__short_name", "letter__kind"),
        _owed_words,
        "letters:detail",
        "due_on",
        key="letter_id",
        order=30,
    ),
    TodoRows(
        "letters.given",
        "回复待核查",
        _given,
        ("letter__subject", "name"),
        lambda subject, name: (subject[:60], name),
        "letters:detail",
        key="letter_id",
        order=31,
    ),
    SearchSource(
        "letters",
        "督办文书",
        lambda user: Letter.objects.all().visible_branches(user),
        "issued_on",
        ("number", "subject", "status", "owed", "replied", "addressed_to"),
        lambda one: Hit(str(one), one.get_absolute_url(), f"{one.progress[0]} · {one.addressed_to[:60]}"),
        40,
    ),
    MenuEntry("统计报表", "督办文书", "letters:list", business_user, icon="letter", order=40),
    Panel("enterprises.enterprise", "督办文书", "letters/panel.html", enterprise_box, order=60),
)
