"""The rows of a breakdown by name: what “industry:建筑施工” may say, and which stored key it means."""

from __future__ import annotations

from typing import Any

from emergency.core.periods import Period
from emergency.figures.vocabulary import Dimension, Source
from emergency.organizations.models import Kind, Organisation

OWN = "own"


def rows_of(source: Source, dimension: Dimension, area: Organisation, period: Period) -> dict[str, str]:
    """Stored key → name of every row that a breakdown of an area can have, whether or not it has records."""
    if dimension.code == "unit":
        below = area.counted.children.areas().in_force(period.end).exclude(kind=Kind.AREA_SET)  # type: ignore[attr-defined]
        return {str(unit.pk): str(unit) for unit in below} | {OWN: "区本级"}
    field: Any = source.records().model._meta.get_field(dimension.column)
    if not field.is_relation:
        return {str(value): str(label) for value, label in field.flatchoices}
    if dimension.overlap:
        known = field.related_model.objects.known_in(area.counted)
    elif field.related_model is Organisation:
        known = Organisation.objects.under(area.counted)
    else:
        known = field.related_model.objects.all()
    return {str(one.pk): str(one) for one in known.order_by("pk")}
