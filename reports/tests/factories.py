"""Records for tests of papers, entered at the state that a case needs."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from emergency.core import clock, papers
from emergency.core.periods import Period
from emergency.figures.queries.zeros import zero_months
from emergency.figures.services import zero_confirm
from emergency.figures.tests.factories import given_make
from emergency.incidents.figures import ACCIDENTS
from emergency.incidents.models import Classification
from emergency.incidents.tests.factories import accident_make, moment
from emergency.organizations.services import place
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade, Hazard, Status
from inspections.models import Visit
from reports.sections.writing import Brief, paragraph

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


def said(runs: Iterable[papers.Run]) -> str:
    return "".join(run.text for run in runs)


def prose(module: ModuleType, about: Brief) -> list[str]:
    """The paragraphs of a section, as they stand in a paper."""
    drawn = [paragraph(draft, about) for draft in module.drafts(about)]
    return [said(block.runs) for block in drawn if isinstance(block, papers.Paragraph)]


def given(cast: Cast, period: Period, **values: int | str) -> None:
    """Entered values of the district by code, two underscores for each point: ``letters__supervision=31``."""
    for code, value in values.items():
        given_make(cast.bureau_clerk, code.replace("__", "."), cast.district, period, value)


def accidents_happen(cast: Cast, *deaths: int, on: dt.date, **fields: Any) -> None:
    """One road accident for each number of dead."""
    for dead in deaths:
        accident_make(
            cast,
            **{
                "occurred_at": moment(on),
                "classification": Classification.ROAD,
                "initial_deaths": dead,
                "initial_serious": 0,
            }
            | fields,
        )


def nothing_happened(cast: Cast, period: Period) -> None:
    """Every unit of the district confirms each month in which it has no accident."""
    for months in zero_months(ACCIDENTS, cast.district, period):
        for month in months:
            if not month.records:
                zero_confirm(
                    ledger="accidents",
                    organisation=month.unit,
                    month=month.period.start,
                    actor=cast.bureau_clerk,
                    note="来电",
                )
