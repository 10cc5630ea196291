"""Two ledgers over the turn of a year, and how what the roll-up keeps is compared with what the records say."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

from emergency.core import clock
from emergency.core.periods import Period, add_months, month_end, month_of
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, evaluate, evaluate_over
from emergency.figures.queries.stored import Stored
from emergency.figures.vocabulary import Counted
from emergency.organizations.models import Organisation
from emergency.organizations.services import place
from emergency.organizations.tests.factories import Cast
from hazards.models import EntryMode, Hazard, Status
from inspections.models import Visit, VisitKind

#: Two months on each side of the turn of a year; the clock stands in the last.
MONTHS = [add_months(dt.date(2020, 11, 1), index) for index in range(4)]
NOW = dt.datetime(2021, 2, 20, 9, tzinfo=dt.UTC)
SPANS = [month_of(month) for month in MONTHS] + [
    Period(month.replace(month=1), month_end(month)) for month in MONTHS if month.month > 1
]
LEDGERS = ("hazards", "inspections")
BREAKDOWNS = ("unit", "office", "department", "industry", "grade", "kind", "campaign")


def codes(by: str | None = None) -> list[str]:
    return [
        figure.code
        for figure in vocabulary.every()
        if isinstance(figure, Counted)
        and figure.source.code in LEDGERS
        and (by is None or vocabulary.has_dimension(figure, by))
    ]


@contextlib.contextmanager
def all_live() -> Iterator[None]:
    with mock.patch.object(Stored, "take", return_value=None):
        yield


@contextlib.contextmanager
def nothing_live() -> Iterator[None]:
    """Fails where a number is asked of the records."""

    def refuse(questions: list[Any]) -> list[Any]:
        assert not questions, "asked live"
        return []

    with mock.patch("emergency.figures.queries.evaluate.ask", refuse):
        yield


def again(unit: Organisation) -> Organisation:
    """The unit as the next request reads it: start days and unit changes are kept for the length of one."""
    return Organisation.objects.select_related("parent").get(pk=unit.pk)


def everything(unit: Organisation) -> list[Sheet]:
    home = again(unit)
    sheets = evaluate_over(codes(), organisation=home, periods=SPANS)
    return sheets + [
        evaluate(codes(by), organisation=home, period=span, by=by) for by, span in zip(BREAKDOWNS, SPANS, strict=True)
    ]


def assert_kept_is_live(units: Sequence[Organisation]) -> None:
    for unit in units:
        kept = everything(unit)
        with all_live():
            assert kept == everything(unit), str(unit)


def add_hazard(cast: Cast, area: Organisation | None, found: dt.date, **fields: Any) -> Hazard:
    record = Hazard(
        number=str(uuid.uuid4()),
        entry_mode=EntryMode.COUNT,
        description="消防通道堵塞",
        handler=fields.pop("handler", cast.bureau),
        status=Status.RECTIFYING,
        found_on=found,
        due_on=found + dt.timedelta(days=15),
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
        **fields,
    )
    place(record, area, fallback=record.handler)
    record.save()
    return record


def add_visit(cast: Cast, area: Organisation, day: dt.date, **fields: Any) -> Visit:
    visit = Visit(
        number=str(uuid.uuid4()),
        client_id=uuid.uuid4(),
        kind=VisitKind.DAILY,
        subject_name="路口",
        visited_on=day,
        handler=cast.bureau,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
        **{"place": "路口"} | fields,
    )
    place(visit, area, fallback=visit.handler)
    visit.save()
    return visit


def close(record: Hazard, on: dt.date) -> None:
    Hazard.objects.filter(pk=record.pk).update(status=Status.CLOSED, closed_on=on, rectified_on=on)
