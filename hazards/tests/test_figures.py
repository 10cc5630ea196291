"""What the figures count of hazards that went through the services; the identity of number and list is tested with the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from emergency.core import clock
from emergency.core.periods import Period
from emergency.enterprises.tests.factories import industry_make
from emergency.figures import queries as figures
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade, Hazard, RiskPoint, RiskStatus, Source, Status
from hazards.services import hazard_act, hazard_count_open, hazard_split, hazard_transfer
from hazards.tests.factories import FOUND_ON, TODAY, count_make, hazard_in, hazard_make
from hazards.tests.risk_factories import risk_in, risk_make

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


# ------------------------------------------------------------------------------------------------ risk points

DAY = dt.timedelta(days=1)


def risks(cast: Cast, period: Period = MARCH, unit: str = "district") -> dict[str, Any]:
    codes = [
        "identified", "controlled", "rate", "uncontrolled", "key_points", "key_industries", "key_measures", "standing", "removed",
    ]  # fmt: skip
    sheet = figures.evaluate([f"risks.{code}" for code in codes], organisation=getattr(cast, unit), period=period)
    return {code: sheet[f"risks.{code}"].number for code in codes}


def test_risk_points_at_the_edges_of_a_period(cast: Cast) -> None:
    """Five identified in March (one voided), one in February; control and removal on its last day and the day after."""
    february = dt.date(2026, 2, 28)
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    risk_make(cast, identified_on=february)
    risk_make(cast, identified_on=MARCH.start, key=True)
    in_time, too_late = (risk_make(cast, key=True, enterprise=None) for _ in range(2))
    RiskPoint.objects.filter(pk=in_time.pk).update(status="controlled", controlled_on=MARCH.end)
    RiskPoint.objects.filter(pk=too_late.pk).update(status="controlled", controlled_on=MARCH.end + DAY)
    gone = risk_in(cast, RiskStatus.REMOVED)
    RiskPoint.objects.filter(pk=gone.pk).update(controlled_on=None, removed_on=MARCH.end)
    risk_in(cast, RiskStatus.VOID)
    assert risks(cast) == {
        "identified": 4, "controlled": 1, "rate": Decimal(25), "uncontrolled": 2, "key_points": 3, "key_industries": 1,
        "key_measures": 6, "standing": 4, "removed": 1,
    }  # fmt: skip
    before = Period(dt.date(2026, 3, 1), MARCH.end - DAY)
    assert (risks(cast, before)["standing"], risks(cast, before)["uncontrolled"]) == (5, 4)
    assert risks(cast, unit="street_b")["identified"] == 0


def test_risk_points_by_colour(cast: Cast) -> None:
    for level in ("red", "blue", "blue"):
        risk_make(cast, level=level)
    sheet = figures.evaluate(["risks.identified"], organisation=cast.district, period=MARCH, by="level")
    assert {row.label: row["risks.identified"].number for row in sheet.rows} == {
        "重大风险": 1, "较大风险": 0, "一般风险": 0, "低风险": 2,
    }  # fmt: skip
