"""Reads over letters: those about a record, and what the ledgers above say of their records.

Letters stand below the ledgers that send them, so a ledger tells here how its records are found by number and opened; it does so in
its ``panels.py``, with :func:`register_matters`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models

from emergency.letters.models import Letter, LetterMatter, LetterQuerySet


@dataclasses.dataclass(frozen=True, slots=True)
class Matters:
    """A ledger whose records letters are about.

    ``find(user, numbers)`` gives those that the user sees, by official number; ``urls(user, keys)`` the addresses of those that the
    user sees, by key. ``user`` is None for the portal itself.
    """

    model: str  # "hazards.hazard"
    label: str
    find: Callable[[Any, Sequence[str]], dict[str, models.Model]]
    urls: Callable[[Any, Sequence[int]], dict[int, str]]


_matters: dict[str, Matters] = {}


def register_matters(*ledgers: Matters) -> None:
    for one in ledgers:
        _matters[one.model] = one


def matters_by_number(user: Any, numbers: Iterable[str]) -> dict[str, models.Model]:
    """The records of all ledgers with these official numbers that the user sees."""
    wanted = sorted(set(numbers))
    found: dict[str, models.Model] = {}
    for ledger in _matters.values():
        found |= ledger.find(user, wanted) if wanted else {}
    return found


def matters_named(user: Any, text: str) -> list[models.Model]:
    """One record from ``hazards.hazard:12`` as an address carries it; none where the user does not see it or nobody knows such records."""
    name, _, key = text.partition(":")
    ledger = _matters.get(name)
    if ledger is None or not key.isdecimal() or len(key) > 18:
        return []
    if int(key) not in ledger.urls(user, [int(key)]):
        return []
    return list(apps.get_model(name)._default_manager.filter(pk=int(key)))


@dataclasses.dataclass(frozen=True, slots=True)
class ShownMatter:
    label: str
    url: str


def matters_shown(user: Any, letter: Letter) -> list[ShownMatter]:
    """What a letter is about, each with its address where the reader may open it."""
    rows = list(letter.matters.all())
    urls: dict[tuple[str, int], str] = {}
    for name in {row.target_type for row in rows}:
        ledger = _matters.get(name)
        keys = [row.target_id for row in rows if row.target_type == name and row.target_id is not None]
        if ledger is not None and keys:
            urls |= {(name, key): url for key, url in ledger.urls(user, keys).items()}
    return [ShownMatter(row.label, urls.get((row.target_type, row.target_id or 0), "")) for row in rows]


def letters_about(record: models.Model, user: Any) -> LetterQuerySet:
    """The letters about a record that the reader sees, newest first."""
    named = LetterMatter.objects.filter(target_type=record._meta.label_lower, target_id=record.pk)
    return Letter.objects.visible_to(user).filter(pk__in=named.values("letter")).order_by("-issued_on", "-pk")
