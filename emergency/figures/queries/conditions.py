"""Which records a figure's value stands on: those of an organisation, and those of one row of a breakdown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q

from emergency.figures.queries.changes import Changes
from emergency.figures.vocabulary import Dimension, Source
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.scope import area_q

#: Rows of a breakdown by unit beside the units: 区本级, and records whose 属地 is not filled in (未填).
OWN, NONE = "own", "none"


def scope_of(source: Source, organisation: Organisation, former: Sequence[int]) -> Q:
    """A figure for an organisation means its whole subtree by 属地, with the units ``former`` that are folded into it.

    For an industry department it means what the department handles or is responsible for.
    """
    home = organisation.counted
    if home.kind == Kind.DEPARTMENT:
        columns = {field.name for field in source.records().model._meta.get_fields()}
        return reduce(or_, [Q(**{column: home}) for column in ("department", "handler") if column in columns])
    return area_q(home, [home.pk, *former])


def unit_column(organisation: Organisation) -> str:
    """The column that holds the units one level below an organisation."""
    if organisation.is_root and organisation.tier == Tier.CITY:
        return "district"
    return "area" if organisation.tier in (Tier.STREET, Tier.COMMUNITY) else "street"


def dimension_q(
    source: Source, organisation: Organisation, code: str, key: str, *, on: dt.date, changes: Changes | None = None
) -> Q:
    """The records of one row of a breakdown, for a period that ends ``on`` a day; ``changes`` are asked if not given.

    Raises ``ValidationError`` for a breakdown the source does not have.
    """
    dimension = source.dimension(code)
    if dimension is None:
        raise ValidationError(f"“{source.label}”不能按该方式分组。")
    if code == "unit":
        column = unit_column(organisation)
        if key == OWN:
            return Q(area=F("street")) if column == "area" else Q(**{f"{column}__isnull": True}, area__isnull=False)
        if key == NONE:
            return Q(area__isnull=True)
        unit = _number(key)
        former = (changes or Changes.known()).folded([unit], on).get(unit, ())
        return Q(**{f"{column}__in": [unit, *former]})
    if dimension.overlap:
        field: Any = source.records().model._meta.get_field(dimension.column)
        through = field.remote_field.through
        own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
        if key == NONE:
            return ~Q(pk__in=through.objects.values(own))
        family = field.related_model.objects.with_children_of(_number(key)).values("pk")
        return Q(pk__in=through.objects.filter(**{f"{other}__in": family}).values(own))
    if key == NONE:
        blank = Q(**{f"{dimension.column}__isnull": True})
        return blank if is_relation(source, dimension) else Q(**{dimension.column: ""})
    return Q(**{dimension.column: _number(key) if is_relation(source, dimension) else key})


def _number(key: str) -> int:
    if not key.isdecimal():
        raise ValidationError("分组参数有误。")
    return int(key)


def is_relation(source: Source, dimension: Dimension) -> bool:
    return source.records().model._meta.get_field(dimension.column).is_relation
