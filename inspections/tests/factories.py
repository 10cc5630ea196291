"""Visits and checklists for tests, made by the services that pages use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from inspections.models import Checklist, Visit, VisitKind
from inspections.services import FindingInput, ItemInput, checklist_save, visit_bulk_file, visit_file


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
