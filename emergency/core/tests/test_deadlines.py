"""Deadlines: which rule holds, and what it yields."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from emergency.core.deadlines import DeadlineRule, MissingRule, due

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rule(**values) -> DeadlineRule:
    return DeadlineRule.objects.create(**{"key": "test", "name": "试验", "number": 10, "unit": "day"} | values)


@pytest.mark.parametrize(
    ("key", "level", "start", "expected"),
    [
        ("hazard.rectify", "street", "2021-11-01", "2021-11-16"),
        ("hazard.rectify", "district", "2021-11-01", "2021-12-01"),
        ("hazard.rectify", "community", "2021-11-01", "2021-11-16"),
        ("hazard.review", "", "2021-11-20", "2021-11-30"),
        ("hidden.major_onsite_review", "", "2021-09-22", "2021-10-08"),  # 2 October rolls over the holiday
        ("penalty.publish", "", "2021-09-29", "2021-10-14"),
        ("court_enforce.apply", "", "2021-11-30", "2022-02-28"),
        ("accident.rectify_eval", "", "2020-02-29", "2021-03-01"),  # 28 February 2021 is a Sunday
    ],
)
def test_rules_of_the_seed(key: str, level: str, start: str, expected: str):
    result = due(key, dt.date.fromisoformat(start), level=level)
    assert (result.at, result.provisional) == (dt.date.fromisoformat(expected), False)
    assert result.rule.source


def test_hours_run_through_holidays():
    heard = dt.datetime(2021, 10, 1, 23, 30, tzinfo=SHANGHAI)
    assert due("accident.unit_to_bureau", heard).at == dt.datetime(2021, 10, 2, 0, 30, tzinfo=SHANGHAI)


def test_hours_need_a_time():
    with pytest.raises(TypeError, match="needs a time"):
        due("accident.unit_to_bureau", dt.date(2021, 10, 1))


def test_days_count_from_the_date_in_china():
    early = dt.datetime(2021, 11, 19, 17, tzinfo=dt.UTC)  # one o'clock on the 20th
    assert due("hazard.review", early).at == dt.date(2021, 11, 30)


def test_a_year_without_published_holidays_is_provisional():
    assert due("penalty.publish", dt.date(2098, 12, 30)).provisional
    assert not due("hazard.review", dt.date(2098, 12, 30)).provisional  # calendar days that do not roll are sure


def test_missing_rule_says_which():
    with pytest.raises(MissingRule, match=r"“hazard\.nothing，street”"):
        due("hazard.nothing", dt.date(2021, 1, 1), level="street")


def test_the_rule_in_force_on_the_day_holds():
    rule(number=10)
    rule(number=5, valid_from=dt.date(2021, 9, 1))
    rule(number=1, valid_from=dt.date(2021, 10, 1), active=False)
    assert due("test", dt.date(2021, 8, 31)).at == dt.date(2021, 9, 10)
    assert due("test", dt.date(2021, 9, 1)).at == dt.date(2021, 9, 6)
    assert due("test", dt.date(2021, 12, 1), on=dt.date(2021, 8, 1)).at == dt.date(2021, 12, 11)
    assert due("test", dt.date(2021, 12, 1)).at == dt.date(2021, 12, 6)


def test_the_narrower_rule_comes_first():
    rule(number=1)
    rule(number=2, level="street")
    rule(number=3, state="extension")
    rule(number=4, state="extension", level="street")
    numbers = [
        due("test", dt.date(2021, 1, 1), level=level, state=state).rule.number
        for level, state in [("", ""), ("street", ""), ("city", "extension"), ("street", "extension"), ("city", "")]
    ]
    assert numbers == [1, 2, 3, 4, 1]


@pytest.mark.parametrize("values", [{}, {"valid_from": dt.date(2021, 1, 1)}])
def test_one_rule_per_case_and_day(values: dict):
    rule(**values)
    with pytest.raises(IntegrityError):
        rule(**values)


def test_hours_never_roll():
    with pytest.raises(IntegrityError):
        rule(unit="hour", roll=True)
