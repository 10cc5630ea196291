"""Records for tests of papers, entered at the state that a case needs."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import Any

from emergency.core import clock
from emergency.organizations.services import place
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade, Hazard, Status
from inspections.models import Visit

_numbers = itertools.count(1)
FIVE = {"duty": "厂长", "steps": "更换", "funds": "5万元", "time_limit": "12月底", "contingency": "已编制"}


def hazards_make(
    cast: Cast,
    quantity: int,
    *,
    found_on: dt.date,
    closed_on: dt.date | None = None,
    area: Any = "street_a",
    **fields: Any,
) -> Hazard:
    """A count row (or, of grade 重大, items are not needed either) with this many hazards."""
    record = Hazard(
        number=f"R-{next(_numbers)}",
        entry_mode="count",
        quantity=quantity,
        status=Status.CLOSED if closed_on else Status.RECTIFYING,
        handler=cast.bureau,
        description="按数量登记",
        found_on=found_on,
        rectified_on=closed_on,
        closed_on=closed_on,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
        **fields,
    )
    place(record, getattr(cast, area) if area else None, fallback=cast.bureau)
    record.save()
    return record


def major_make(cast: Cast, quantity: int, **fields: Any) -> Hazard:
    return hazards_make(cast, quantity, grade=Grade.MAJOR, standard_code="判定标准", **fields)


def visits_make(cast: Cast, quantity: int, *, on: dt.date, area: Any = "street_a", **fields: Any) -> Visit:
    """A bulk row with this many 家次."""
    number = next(_numbers)
    record = Visit(
        number=f"V-{number}",
        client_id=uuid.UUID(int=number),
        entry_mode="bulk",
        quantity=quantity,
        visited_on=on,
        handler=cast.bureau,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
        **fields,
    )
    place(record, getattr(cast, area) if area else None, fallback=cast.bureau)
    record.save()
    return record
