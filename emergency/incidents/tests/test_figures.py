"""What the figures count of accidents that went through the services; the identity of number and list is tested with the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from emergency.core import clock
from emergency.core.periods import Period
from emergency.figures import queries as figures
from emergency.figures import vocabulary
from emergency.incidents.figures import ACCIDENTS
from emergency.incidents.models import Accident, Status
from emergency.incidents.services import accident_act, accident_correct, death_record
from emergency.incidents.tests.factories import HAPPENED_ON, TODAY, accident_in, accident_make, moment
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
CODES = ["count", "deaths", "serious_injured", "loss", "larger", "larger_deaths", "industrial", "industrial_deaths"]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


def numbers(cast: Cast, period: Period = MARCH, unit: str = "district", codes: list[str] = CODES) -> list[Any]:
    named = [f"accidents.{code}" for code in codes]
    sheet = figures.evaluate(named, organisation=getattr(cast, unit), period=period)
    return [sheet[code].number for code in named]


def test_counted_by_hand(cast: Cast) -> None:
    accident_make(cast, direct_loss=Decimal(1_200_000))
    accident_make(cast, classification="road", initial_deaths=3, initial_serious=0, area=cast.community_a)
    accident_in(cast, Status.CLOSED, initial_deaths=0, initial_serious=1, direct_loss=Decimal("0.5"))
    accident_in(cast, Status.VOID, initial_deaths=9)
    accident_make(cast, counted=False, uncounted_reason="自然灾害引发", initial_deaths=9)
    accident_make(cast, production=False, counted=False, uncounted_reason="非生产经营性", initial_deaths=9)
    assert numbers(cast) == [3, 4, 3, Decimal("1200000.50"), 1, 3, 2, 1]
    assert numbers(cast, unit="street_a") == numbers(cast, unit="district")
    assert numbers(cast, unit="street_b", codes=["count", "deaths"]) == [0, 0]


@pytest.mark.parametrize(
    ("day", "hour", "counted"),
    [
        (dt.date(2026, 2, 28), 23, 0),
        (dt.date(2026, 3, 1), 0, 1),
        (dt.date(2026, 3, 31), 23, 1),
        (dt.date(2026, 4, 1), 0, 0),
    ],
)
def test_the_edges_of_the_period_are_those_of_the_clocks_here(
    cast: Cast, day: dt.date, hour: int, counted: int
) -> None:
    accident_make(cast, occurred_at=moment(day, hour))
    assert numbers(cast, codes=["count"]) == [counted]


def test_a_later_death_counts_on_the_day_of_the_accident(cast: Cast) -> None:
    one = accident_make(cast, initial_deaths=2)
    april = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    death_record(accident=one, actor=cast.officer_a, died_on=HAPPENED_ON + dt.timedelta(days=30))
    assert numbers(cast, codes=["deaths", "larger", "larger_deaths"]) == [3, 1, 3]
    death_record(accident=one, actor=cast.officer_a, died_on=HAPPENED_ON + dt.timedelta(days=31))
    assert numbers(cast, codes=["deaths", "larger", "larger_deaths"]) == [3, 1, 3]
    assert numbers(cast, april, codes=["count", "deaths"]) == [0, 0]


def test_corrections_and_voids_move_the_live_figure(cast: Cast) -> None:
    one = accident_make(cast)
    assert numbers(cast, codes=["count", "industrial"]) == [1, 1]
    accident_correct(record=one, actor=cast.officer_a, classification="fire")
    assert numbers(cast, codes=["count", "industrial"]) == [1, 0]
    verdict = {"counted": "no", "uncounted_reason": "居民火灾", "opinion": "核实"}
    everything = Accident.objects.all()
    accident_act(queryset=everything, pk=one.pk, action="verify", actor=cast.bureau_clerk, data=verdict)
    assert numbers(cast, codes=["count"]) == [0]
    accident_correct(record=one, actor=cast.bureau_clerk, counted=True, reason="系经营场所")
    assert numbers(cast, codes=["count"]) == [1]
    accident_act(queryset=everything, pk=one.pk, action="void", actor=cast.leader, data={"reason": "重复"})
    assert numbers(cast, codes=["count"]) == [0]


def test_open_cases_at_the_end_of_a_day(cast: Cast) -> None:
    accident_in(cast, Status.CLOSED)
    accident_make(cast)
    before, on = (Period(dt.date(2026, 1, 1), dt.date(2026, 4, day)) for day in (14, 15))
    assert numbers(cast, before, codes=["open"]) == [2]
    assert numbers(cast, on, codes=["open"]) == [1]


def test_against_the_year_before_and_years_in_a_row(cast: Cast) -> None:
    for year, count in ((2023, 4), (2024, 3), (2025, 2)):
        for _ in range(count):
            accident_make(cast, occurred_at=moment(dt.date(year, 3, 2)))
    accident_make(cast)
    assert numbers(cast, codes=["count.yoy", "deaths.yoy"]) == [-1, -1]
    assert numbers(cast, codes=["both_falling_years"]) == [3]


def test_by_class_and_by_grade(cast: Cast) -> None:
    accident_make(cast, classification="road")
    accident_make(cast, classification="road", initial_deaths=3)
    accident_make(cast)
    for by, expected in (
        ("classification", {"道路运输": 2, "工矿商贸": 1}),
        ("accident_grade", {"一般": 2, "较大": 1}),
    ):
        sheet = figures.evaluate(["accidents.count"], organisation=cast.district, period=MARCH, by=by)
        found = {row.label: row.values["accidents.count"].number for row in sheet.rows}
        assert {label: number for label, number in found.items() if number} == expected


def test_nothing_happened_is_for_somebody_to_say() -> None:
    assert ACCIDENTS.zero_confirmed
    given = {one.code for one in vocabulary.declared() if one.kind == "given"}
    assert given >= {"fires.count", "fires.loss", "committee.professional"}
