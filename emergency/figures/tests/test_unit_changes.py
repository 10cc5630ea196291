"""Streets that merge and split on 1 July 2021: what figures and lists say right before, on and after the day.

Records keep the unit of their day. A period prints the units in force on its last day: who went on in one unit is folded into it, for
the year before too; what was divided among several keeps a row of its own, because nobody can say which part is whose.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import RequestFactory

from emergency.core import clock
from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import evaluate, evaluate_over, link, opened
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.services import organisation_create, place, succession_record
from emergency.organizations.tests.factories import Cast, fresh
from hazards.models import Hazard, Status

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 7, 1)
LAST = DAY - dt.timedelta(days=1)
FOUND = "hazards.found"
CODES = [FOUND, "hazards.found.yoy"]
HALF = Period(dt.date(2021, 1, 1), LAST)
ON_THE_DAY = Period(dt.date(2021, 1, 1), DAY)
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))


def hazard(cast: Cast, area: Organisation, found_on: dt.date, quantity: int) -> Hazard:
    record = Hazard(
        number=f"T-{Hazard.objects.count()}",
        entry_mode="count",
        quantity=quantity,
        status=Status.RECTIFYING,
        handler=cast.bureau,
        description="消防通道堵塞",
        found_on=found_on,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
    )
    place(record, area, fallback=cast.bureau)
    record.save()
    return record


def street(cast: Cast, name: str) -> Organisation:
    return organisation_create(
        name=name, kind=Kind.STREET, tier=Tier.STREET, parent=cast.district, valid_from=DAY, actor=cast.system_admin
    )


def rows(area: Organisation, period: Period) -> dict[str, tuple[str, str]]:
    """Label → (found, change in words), only rows with something in them."""
    sheet = evaluate(CODES, organisation=area, period=period, by="unit")
    assert sum(row[FOUND].number or 0 for row in sheet.rows) == sheet[FOUND].number
    return {
        row.label: (row[FOUND].text, row["hazards.found.yoy"].text)
        for row in sheet.rows
        if row[FOUND].number or row["hazards.found.yoy"].number
    }


def number(area: Organisation, period: Period) -> object:
    return evaluate([FOUND], organisation=area, period=period)[FOUND].number


def listed(cast: Cast, area: Organisation, period: Period, unit: Organisation | None = None) -> object:
    """What the list behind the number adds up to."""
    within = {"unit": str(unit.pk)} if unit else None
    address = link(vocabulary.get(FOUND), organisation=area, period=period, within=within)
    found = opened(RequestFactory().get(address).GET, reader=fresh(cast.bureau_clerk))
    assert found is not None
    return found.number()


@pytest.fixture
def planted(cast: Cast) -> Cast:
    """The year before and the first half by the old streets: A 10 and 6, B 4 and 3."""
    for area, before, now in ((cast.street_a, 10, 6), (cast.street_b, 4, 3)):
        hazard(cast, area, dt.date(2020, 3, 5), before)
        hazard(cast, area, dt.date(2021, 6, 30), now)
    return cast


@pytest.fixture
def merged(planted: Cast) -> tuple[Cast, Organisation]:
    new = street(planted, "新桥街道")
    for old in (planted.street_a, planted.street_b):
        succession_record(predecessor=old, successor=new, on=DAY, actor=planted.system_admin)
    hazard(planted, new, DAY, 2)
    return planted, new


def test_before_a_merger_the_old_streets_stand_for_themselves(merged: tuple[Cast, Organisation]) -> None:
    cast, _ = merged
    assert rows(cast.district, HALF) == {
        str(cast.street_a): ("6", "减少4条、下降40%"),
        str(cast.street_b): ("3", "减少1条、下降25%"),
    }
    assert number(cast.street_a, HALF) == listed(cast, cast.street_a, HALF) == 6


@pytest.mark.parametrize("period", [ON_THE_DAY, YEAR], ids=["on the day", "after it"])
def test_from_the_day_on_the_new_street_speaks_for_both_and_for_their_year_before(
    merged: tuple[Cast, Organisation], period: Period
) -> None:
    cast, new = merged
    assert rows(cast.district, period) == {str(new): ("11", "减少3条、下降21.4%")}
    assert number(new, period) == listed(cast, new, period) == listed(cast, cast.district, period, new) == 11
    assert number(cast.district, period) == 11


def test_a_street_that_takes_in_another_is_itself_until_the_day(planted: Cast) -> None:
    succession_record(predecessor=planted.street_b, successor=planted.street_a, on=DAY, actor=planted.system_admin)
    assert rows(planted.district, HALF) == {
        str(planted.street_a): ("6", "减少4条、下降40%"),
        str(planted.street_b): ("3", "减少1条、下降25%"),
    }
    assert number(planted.street_a, HALF) == listed(planted, planted.street_a, HALF) == 6
    assert listed(planted, planted.district, HALF, planted.street_a) == 6
    assert rows(planted.district, ON_THE_DAY) == {str(planted.street_a): ("9", "减少5条、下降35.7%")}
    assert number(planted.street_a, ON_THE_DAY) == listed(planted, planted.street_a, ON_THE_DAY) == 9


def test_months_of_one_chart_each_count_the_units_of_their_own_last_day(planted: Cast) -> None:
    succession_record(predecessor=planted.street_b, successor=planted.street_a, on=DAY, actor=planted.system_admin)
    hazard(planted, planted.street_a, dt.date(2021, 7, 2), 1)
    months = evaluate_over([FOUND], organisation=planted.street_a, periods=YEAR.months()[5:7])
    assert [sheet[FOUND].number for sheet in months] == [6, 1]
    so_far = [Period(YEAR.start, month.end) for month in YEAR.months()[5:7]]
    assert [sheet[FOUND].number for sheet in evaluate_over([FOUND], organisation=planted.street_a, periods=so_far)] == [
        6,
        10,
    ]


@pytest.fixture
def divided(planted: Cast) -> tuple[Cast, Organisation, Organisation]:
    """B became 东桥 and 西桥."""
    east, west = street(planted, "东桥街道"), street(planted, "西桥街道")
    for new in (east, west):
        succession_record(predecessor=planted.street_b, successor=new, on=DAY, actor=planted.system_admin)
    hazard(planted, east, DAY, 5)
    hazard(planted, west, dt.date(2021, 8, 1), 7)
    return planted, east, west


def test_before_a_split_nothing_changes(divided: tuple[Cast, Organisation, Organisation]) -> None:
    cast, _, _ = divided
    assert rows(cast.district, HALF) == {
        str(cast.street_a): ("6", "减少4条、下降40%"),
        str(cast.street_b): ("3", "减少1条、下降25%"),
    }


def test_after_a_split_the_divided_street_keeps_its_row_and_nobody_counts_it_twice(
    divided: tuple[Cast, Organisation, Organisation],
) -> None:
    cast, east, west = divided
    assert rows(cast.district, YEAR) == {
        str(cast.street_a): ("6", "减少4条、下降40%"),
        # The two are younger than the base: their year before is not known, and not zero.
        str(east): ("5", "【待补】"),
        str(west): ("7", "【待补】"),
        f"{cast.street_b.name}（已撤销）": ("3", "减少1条、下降25%"),
    }
    assert number(cast.district, YEAR) == 21
    for unit, own in ((east, 5), (west, 7)):
        assert listed(cast, cast.district, YEAR, unit) == own
        after = Period(DAY, YEAR.end)
        assert number(unit, after) == listed(cast, unit, after) == own


def test_a_street_from_a_split_has_no_numbers_of_its_own_before_the_day(
    divided: tuple[Cast, Organisation, Organisation],
) -> None:
    _, east, _ = divided
    value = evaluate([FOUND], organisation=east, period=HALF)[FOUND]
    assert value.number is None
    assert value.gap == "【待补：2021年上半年排查隐患】"
    a_year_on = evaluate(CODES, organisation=east, period=Period(dt.date(2022, 8, 1), dt.date(2022, 8, 31)))
    assert a_year_on["hazards.found.yoy"].known


def test_officers_of_the_new_street_see_the_rows_of_the_old_one_from_the_day_on(
    merged: tuple[Cast, Organisation],
) -> None:
    cast, new = merged
    row = Hazard.objects.get(street=cast.street_b, found_on=LAST)
    officer = cast.person("officer_a")
    membership = officer.memberships.get()
    membership.organisation = new
    membership.save()
    for moment, seen in ((LAST, False), (DAY, True), (YEAR.end, True)):
        with clock.at(dt.datetime.combine(moment, dt.time(9), tzinfo=clock.now().tzinfo)):
            assert Hazard.objects.visible_to(fresh(officer)).filter(pk=row.pk).exists() is seen, moment
    assert Hazard.objects.visible_to(fresh(cast.person("officer_b"))).filter(pk=row.pk).exists()
