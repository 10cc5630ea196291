"""What stands at the head of a breakdown's rows: key → label, in printing order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from emergency.figures.queries.conditions import NONE, OWN, is_relation
from emergency.figures.vocabulary import Dimension, Source
from emergency.organizations.models import Organisation, Tier

#: What lies in none of the units below belongs to the level itself.
_OWN_LEVEL = {Tier.CITY.value: "市本级", Tier.DISTRICT.value: "区本级"}


def unit_labels(home: Organisation, units: Mapping[int, str], found: Collection[str]) -> dict[str, str]:
    """The units in force, those of the found that are no more, 区本级 and 未填."""
    labels = {str(pk): name for pk, name in units.items()}
    gone = [int(key) for key in found if key not in labels and key not in (OWN, NONE)]
    if gone:
        ended = Organisation.objects.filter(pk__in=gone).values_list("pk", "name")
        labels |= {str(pk): f"{name}（已撤销）" for pk, name in ended}
    return labels | {OWN: _OWN_LEVEL.get(home.tier, "本级"), NONE: "未填"}


def tag_labels(source: Source, dimension: Dimension, home: Organisation) -> dict[str, str]:
    """Every tag that is known in an organisation."""
    known = _model(source, dimension).objects.known_in(home).order_by("pk")
    return {str(pk): name for pk, name in known.values_list("pk", "name")}


def row_labels(source: Source, dimension: Dimension, found: Collection[str]) -> dict[str, str]:
    """The choices of a column; of a column that names records, those found."""
    if is_relation(source, dimension):
        present = [int(key) for key in found]
        return {str(one.pk): str(one) for one in _model(source, dimension).objects.filter(pk__in=present)}
    choices: Any = source.records().model._meta.get_field(dimension.column).flatchoices
    return {str(value): str(label) for value, label in choices}


def _model(source: Source, dimension: Dimension) -> Any:
    return source.records().model._meta.get_field(dimension.column).related_model
