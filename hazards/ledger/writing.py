"""The rows of an export, plain values straight from the database: model instances would cost several times as much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Organisation
from hazards.ledger.columns import COLUMNS
from hazards.models import Hazard

#: What the firm does not get to see.
INTERNAL = frozenset({"internal_note"})

_KEYS = [column.key for column in COLUMNS]
_UNITS = frozenset({"area", "handler", "department"})
_FIELDS = ["subject_name" if key == "subject" else key for key in _KEYS if key != "campaigns"]
_CHUNK = 2_000


def records(queryset: QuerySet[Hazard], *, internal: bool) -> Iterator[tuple[Any, ...]]:
    """One tuple per hazard in the order of the columns; without ``internal`` the columns of the office stay blank."""
    units = {one.pk: unit_name(one) for one in Organisation.objects.select_related("parent")}
    industries = dict(Industry.objects.values_list("pk", "name"))
    names = {
        place: units if key in _UNITS else industries
        for place, key in enumerate(_KEYS)
        if key in _UNITS or key == "industry"
    }
    hidden = [] if internal else [_KEYS.index(key) for key in INTERNAL]
    campaigns_at = _KEYS.index("campaigns")
    rows = iter(queryset.values_list("pk", *_FIELDS).iterator(chunk_size=_CHUNK))
    while chunk := list(islice(rows, _CHUNK)):
        campaigns = _campaigns([row[0] for row in chunk])
        for pk, *values in chunk:
            values.insert(campaigns_at, campaigns.get(pk, []))
            for place, known in names.items():
                values[place] = known.get(values[place])
            for place in hidden:
                values[place] = None
            yield tuple(values)


def _campaigns(keys: list[int]) -> dict[int, list[str]]:
    """The names of the campaigns of each hazard, newest campaign first."""
    tagged = Hazard.campaigns.through.objects.filter(hazard__in=keys).order_by("-programme__start", "programme")
    found: dict[int, list[str]] = defaultdict(list)
    for pk, name in tagged.values_list("hazard", "programme__name"):
        found[pk].append(name)
    return found


def unit_name(unit: Organisation) -> str:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name
