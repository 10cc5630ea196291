"""What the figures count of hazards that went through the services; the identity of number and list is tested with the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from emergency.core import clock
from emergency.core.periods import Period
from emergency.figures import queries as figures
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade, Hazard, Source, Status
from hazards.services import hazard_act, hazard_count_open, hazard_split, hazard_transfer
from hazards.tests.factories import FOUND_ON, TODAY, count_make, hazard_in, hazard_make

pytestmark = pytest.mark.django_db

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
CODES = ["found", "rectified", "unrectified", "major_found", "closed", "open", "self_found"]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def numbers(cast: Cast, unit: str = "district", period: Period = MARCH, codes: list[str] = CODES) -> dict[str, Any]:
    sheet = figures.evaluate([f"hazards.{code}" for code in codes], organisation=getattr(cast, unit), period=period)
    return {code: sheet[f"hazards.{code}"].number for code in codes}


def test_drafts_and_void_rows_never_were(cast: Cast) -> None:
    hazard_make(cast)
    before = numbers(cast)
    hazard_make(cast, draft=True)
    hazard_in(cast, Status.VOID)
    assert numbers(cast) == before and before["found"] == 1


def test_what_officers_found_and_what_firms_found_are_counted_apart(cast: Cast) -> None:
    hazard_in(cast, Status.CLOSED)
    hazard_make(cast, grade=Grade.MAJOR)
    hazard_make(cast, actor=cast.enterprise_user, source=Source.SELF)
    assert numbers(cast) == {
        "found": 2, "rectified": 1, "unrectified": 1, "major_found": 1, "closed": 1, "open": 1, "self_found": 1,
    }  # fmt: skip


def test_a_row_of_several_counts_its_quantity_however_it_is_split(cast: Cast) -> None:
    hazard_count_open(
        actor=cast.officer_a,
        handler=cast.street_a,
        area=cast.street_a,
        found_on=FOUND_ON,
        quantity=9,
        rectified=4,
        on=TODAY,
    )
    before = numbers(cast)
    assert (before["found"], before["rectified"], before["open"]) == (9, 4, 5)
    row = Hazard.objects.get(status=Status.RECTIFYING)
    hazard_split(queryset=Hazard.objects.all(), pk=row.pk, quantity=2, actor=cast.officer_a)
    hazard_split(
        queryset=Hazard.objects.all(),
        pk=row.pk,
        quantity=1,
        actor=cast.officer_a,
        entry_mode="item",
        description="线路老化",
    )
    assert numbers(cast) == before


def test_a_transfer_moves_no_figure_by_area(cast: Cast) -> None:
    hazard = hazard_make(cast)
    count_make(cast, 3)
    before = numbers(cast, "street_a")
    hazard_transfer(
        queryset=Hazard.objects.all(), pk=hazard.pk, actor=cast.leader, handler=cast.street_b, reason="跨界"
    )
    assert numbers(cast, "street_a") == before
    assert set(numbers(cast, "street_b").values()) == {0}


def test_a_correction_moves_the_live_figure_back(cast: Cast) -> None:
    closed = hazard_in(cast, Status.CLOSED)
    assert numbers(cast)["rectified"] == 1
    data = {"reason": "复核发现未整改", "due_on": TODAY + dt.timedelta(days=9)}
    hazard_act(queryset=Hazard.objects.all(), pk=closed.pk, action="reopen", actor=cast.leader, data=data)
    assert (numbers(cast)["rectified"], numbers(cast)["unrectified"]) == (0, 1)


@pytest.mark.parametrize(
    ("status", "due_on", "overdue"),
    [
        (Status.RECTIFYING, TODAY, 0),
        (Status.RECTIFYING, TODAY - dt.timedelta(days=1), 1),
        (Status.EXTENSION, TODAY - dt.timedelta(days=1), 1),
        (Status.REVIEW, TODAY - dt.timedelta(days=1), 0),
        (Status.CLOSED, TODAY - dt.timedelta(days=1), 0),
    ],
)
def test_overdue_is_not_submitted_and_due_before_the_day(
    cast: Cast, status: str, due_on: dt.date, overdue: int
) -> None:
    hazard = hazard_in(cast, status, due_on=FOUND_ON)
    Hazard.objects.filter(pk=hazard.pk).update(due_on=due_on)
    period = Period(dt.date(2026, 3, 1), TODAY)
    assert numbers(cast, period=period, codes=["overdue"]) == {"overdue": overdue}
    assert Hazard.objects.overdue(TODAY).count() == overdue
