"""Records of any model, put straight into its table: for tests of who sees a row, where how it came about is no matter."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from emergency.core import clock
from emergency.organizations.models import Kind, Organisation, PlacedRecord, Tier, User
from emergency.organizations.services import organisation_create, place

#: What a model's constraints ask for beyond filled columns, and a state in which everybody concerned may see the row.
EXTRA: dict[str, dict[str, Any]] = {
    "enterprises.enterprise": {"no_code_reason": "尚未办理"},
    "figures.zeroconfirmation": {"month": dt.date(2021, 3, 1)},
    "hazards.hazard": {"status": "rectifying"},
    "hazards.riskpoint": {"judgement": "构成重大危险源"},
    "programmes.problem": {"year": 2021},
    "plans.drill": {"planned_on": dt.date(2021, 3, 1)},
    "letters.letter": {"status": "void", "void_reason": "重复登记"},
    "incidents.accident": {"status": "verified"},
    "inspections.visit": {"place": "河口路12号", "subject_name": "河口路12号"},
    "inspections.measure": {"party_name": "河口路12号"},
}

_serial = itertools.count(1)


def scoped_models() -> list[type[models.Model]]:
    """Every model that says who sees its rows."""
    return [model for model in apps.get_models() if hasattr(model, "scope_shapes")]


def elsewhere_make(city: Organisation) -> dict[str, Organisation]:
    """A second district in which nobody of the cast has a post."""
    district = organisation_create(
        name="北河区", kind=Kind.GOVERNMENT, tier=Tier.DISTRICT, division_code="369902", parent=city
    )
    return {
        "district": district,
        "bureau": organisation_create(name="北河区应急管理局", kind=Kind.BUREAU, tier=Tier.DISTRICT, parent=district),
        "street": organisation_create(
            name="河口街道", kind=Kind.STREET, tier=Tier.STREET, division_code="369902001", parent=district
        ),
    }


def plant(model: type[models.Model], *, unit: Organisation, user: User, **columns: Any) -> Any:
    """One row with the given columns; every other column that must be filled gets a plain value.

    ``unit`` stands for every organisation and ``user`` for every person that is not given, so they should be nobody's.
    """
    return plant_many(model, 1, unit=unit, user=user, **columns)[0]


def plant_many(model: type[models.Model], count: int, *, unit: Organisation, user: User, **columns: Any) -> list[Any]:
    given = EXTRA.get(model._meta.label_lower, {}) | columns
    rows = []
    for _ in range(count):
        values = {
            field.name: _value(field, unit, user)
            for field in model._meta.concrete_fields
            if field.name not in given and _must_be_filled(field)
        }
        row = model(**{key: value for key, value in (values | given).items() if key != "area"})
        if isinstance(row, PlacedRecord):
            place(row, given.get("area"), fallback=unit)
        rows.append(row)
    return model._base_manager.bulk_create(rows)


def _must_be_filled(field: models.Field) -> bool:
    place_columns = field.name in ("area", "street", "district") and issubclass(field.model, PlacedRecord)
    return not (
        place_columns or field.null or field.primary_key or field.generated or field.has_default() or field.blank
    )


def _value(field: models.Field, unit: Organisation, user: User) -> Any:
    serial = next(_serial)
    if field.is_relation:
        if field.related_model is Organisation:
            return unit
        if field.related_model._meta.label == settings.AUTH_USER_MODEL:
            return user
        return plant(field.related_model, unit=unit, user=user)
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DateTimeField):
        return clock.now()
    if isinstance(field, models.DateField):
        return dt.date(2021, 3, 1)
    if isinstance(field, models.DecimalField):
        return Decimal(1)
    if isinstance(field, models.IntegerField):
        return 1
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.CharField | models.TextField):
        return f"甲{serial}"[: field.max_length or None]
    raise TypeError(f"{field.model.__name__}.{field.name}: no plain value for {type(field).__name__}")
