"""Working days: three sources, and what is computed from them."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core.workdays import HolidayOverride, add_workdays, is_workday, roll_forward

pytestmark = pytest.mark.django_db

DATES = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
COUNTS = st.integers(0, 60)
#: The database is only read here, so examples do not disturb each other.
reading = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2021-11-30", True),
        ("2021-11-28", False),  # Sunday
        ("2021-10-07", False),  # 国庆节
        ("2021-10-09", True),  # a Saturday worked instead
        ("2026-02-23", False),  # 春节
        ("2026-02-28", True),
    ],
)
def test_published_years(day: str, works: bool):
    assert is_workday(dt.date.fromisoformat(day)) == (works, False)


@pytest.mark.parametrize(
    ("day", "works"),
    [("2003-06-02", True), ("2099-01-01", False), ("2099-10-02", False), ("2099-01-03", False), ("2099-01-05", True)],
)
def test_other_years_are_guessed_and_say_so(day: str, works: bool):
    assert is_workday(dt.date.fromisoformat(day)) == (works, True)


def test_the_offices_own_days_come_first():
    HolidayOverride.objects.create(date=dt.date(2021, 11, 30), is_workday=False, note="防汛调休")
    HolidayOverride.objects.create(date=dt.date(2099, 1, 1), is_workday=True)
    assert is_workday(dt.date(2021, 11, 30)) == (False, False)
    assert is_workday(dt.date(2099, 1, 1)) == (True, False)
    assert add_workdays(dt.date(2021, 11, 29), 1).date == dt.date(2021, 12, 1)


def test_the_start_is_not_counted():
    assert add_workdays(dt.date(2021, 9, 30), 1).date == dt.date(2021, 10, 8)
    assert add_workdays(dt.date(2021, 10, 8), -1).date == dt.date(2021, 9, 30)
    assert add_workdays(dt.date(2021, 10, 2), 0).date == dt.date(2021, 10, 2)


def test_crossing_into_a_year_not_announced_is_provisional():
    assert add_workdays(dt.date(2026, 12, 31), 1) == (dt.date(2027, 1, 4), True)
    assert roll_forward(dt.date(2099, 1, 1)) == (dt.date(2099, 1, 2), True)


@reading
@given(DATES, COUNTS)
def test_as_many_working_days_lie_between(start: dt.date, count: int):
    end = add_workdays(start, count)
    days = [start + dt.timedelta(days=offset) for offset in range(1, (end.date - start).days + 1)]
    assert sum(is_workday(day).workday for day in days) == count
    assert count == 0 or is_workday(end.date).workday


@reading
@given(DATES, COUNTS, COUNTS)
def test_counting_in_two_steps_is_the_same(start: dt.date, first: int, second: int):
    assert add_workdays(add_workdays(start, first).date, second).date == add_workdays(start, first + second).date


@reading
@given(DATES)
def test_rolling_ends_on_a_working_day_and_skips_none(date: dt.date):
    rolled = roll_forward(date).date
    assert is_workday(rolled).workday
    between = [date + dt.timedelta(days=offset) for offset in range((rolled - date).days)]
    assert not any(is_workday(day).workday for day in between)
    assert roll_forward(rolled).date == rolled


def test_one_query_each(django_assert_num_queries):
    with django_assert_num_queries(1):
        add_workdays(dt.date(2021, 1, 1), 200)
    with django_assert_num_queries(1):
        roll_forward(dt.date(2021, 10, 1))
