"""The rows of an export of risk points, plain values straight from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from emergency.enterprises.models import Industry
from emergency.organizations.models import Organisation
from hazards.ledger.risk_columns import COLUMNS
from hazards.ledger.writing import unit_name
from hazards.models import RiskCategory, RiskMeasure, RiskPoint

_KEYS = [column.key for column in COLUMNS]
_MADE = {"enterprise": "enterprise__name", "controlled": "controlled_on", "measures": "pk"}
_FIELDS = [_MADE.get(key, key) for key in _KEYS]
_CHUNK = 2_000


def records(queryset: QuerySet[RiskPoint]) -> Iterator[tuple[Any, ...]]:
    """One tuple per risk point in the order of the columns; a measure is written “措施｜责任人｜频次”."""
    units = {one.pk: unit_name(one) for one in Organisation.objects.select_related("parent")}
    industries = dict(Industry.objects.values_list("pk", "name"))
    categories = dict(RiskCategory.choices)
    rows = iter(queryset.values_list("pk", *_FIELDS).iterator(chunk_size=_CHUNK))
    while chunk := list(islice(rows, _CHUNK)):
        measures = _measures([row[0] for row in chunk])
        for pk, *values in chunk:
            told = dict(zip(_KEYS, values, strict=True))
            told |= {key: units.get(told[key]) for key in ("area", "handler", "department")}
            told["industry"] = industries.get(told["industry"])
            told["category"] = categories[told["category"]]
            told["controlled"] = told["controlled"] is not None
            told["measures"] = measures.get(pk, [])
            yield tuple(told.values())


def _measures(keys: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = RiskMeasure.objects.filter(point__in=keys).order_by("point", "order")
    for pk, text, owner, frequency in rows.values_list("point", "text", "owner", "frequency"):
        line = f"{text}｜{owner}｜{frequency}" if owner or frequency else text
        found[pk].append(line)
    return found
