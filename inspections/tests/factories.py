"""Visits, checklists and measures for tests, made by the services that pages use."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from emergency.organizations.tests.factories import Cast
from inspections.models import Checklist, Measure, MeasureKind, MeasureStatus, Visit, VisitKind
from inspections.services import (
    FindingInput,
    ItemInput,
    checklist_save,
    measure_register,
    visit_bulk_file,
    visit_file,
)

#: A Friday with a plain working week after it.
DECIDED_ON = dt.date(2026, 3, 6)


def visit_make(*, actor: Any, handler: Any, on: dt.date, **fields: Any) -> Visit:
    """A patrol of ``enterprise`` (or ``place``) on a day by one person, unless told otherwise."""
    fields = {"kind": VisitKind.PATROL, "officer_names": [actor.name], "visited_on": on} | fields
    return visit_file(actor=actor, handler=handler, on=max(on, fields["visited_on"]), **fields)


def bulk_make(*, actor: Any, handler: Any, on: dt.date, **fields: Any) -> Visit:
    """Ten 家次 of daily checks reported by number."""
    fields = {"kind": VisitKind.DAILY, "quantity": 10, "visited_on": on} | fields
    return visit_bulk_file(actor=actor, handler=handler, on=on, **fields)


def finding(description: str = "灭火器已过期", **fields: Any) -> FindingInput:
    return FindingInput(description=description, **fields)


def checklist_make(*, actor: Any, name: str = "工贸企业检查表", items: int = 3) -> Checklist:
    return checklist_save(
        actor=actor,
        name=name,
        items=[
            ItemInput(
                text=f"第{number}项是否符合要求", basis="《安全生产法》第三十六条", phrase=f"第{number}项不符合要求"
            )
            for number in range(1, items + 1)
        ],
    )


def measure_make(cast: Cast, *, kind: str = MeasureKind.FINE, on: dt.date = DECIDED_ON, **fields: Any) -> Measure:
    """A fine of 5,000 yuan (or another kind) by street A against the cast's enterprise, unless told otherwise."""
    amount = fields.pop("amount", Decimal(5000) if kind == MeasureKind.FINE else None)
    given: dict[str, Any] = {"actor": cast.officer_a, "handler": cast.street_a, "decided_on": on, "on": on} | fields
    if not {"party_name", "quantity", "enterprise"} & fields.keys():
        given["enterprise"] = cast.enterprise
    return measure_register(kinds={kind: amount}, **given)[0]


def measure_in(cast: Cast, status: str, **fields: Any) -> Measure:
    """A measure standing in this status."""
    measure = measure_make(cast, **fields)
    changes: dict[str, Any] = {"status": status}
    if status in (MeasureStatus.PARTIAL, MeasureStatus.COURT, MeasureStatus.DONE):
        changes["executed_on"] = measure.decided_on
    if status == MeasureStatus.VOID:
        changes["void_reason"] = "重复登记"
    Measure.objects.filter(pk=measure.pk).update(**changes)
    return Measure.objects.select_related("handler").get(pk=measure.pk)
