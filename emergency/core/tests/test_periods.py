"""Periods: what they contain, what they compare with, how they are named and read."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from emergency.core import clock
from emergency.core.periods import Period, add_months, month_end, month_of, parse, whole_year, year_to_date

DATES = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
PERIODS = st.tuples(DATES, DATES).map(lambda pair: Period(*sorted(pair)))
MONTHS = st.tuples(DATES, DATES).map(lambda pair: Period(min(pair).replace(day=1), month_end(max(pair))))


def period(start: str, end: str) -> Period:
    return Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(ValidationError, match="结束日期不能早于开始日期"):
        period("2021-02-01", "2021-01-31")


def test_a_period_is_made_of_dates():
    moment = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(TypeError):
        Period(moment, moment)


@given(PERIODS, DATES)
def test_contains_and_days_agree(one: Period, date: dt.date):
    assert (date in one) == (one.start <= date <= one.end)
    assert one.days == sum(1 for _ in range((one.end - one.start).days + 1))


@given(PERIODS)
def test_months_cover_the_period_without_gap_or_overlap(one: Period):
    pieces = one.months()
    assert sum(piece.days for piece in pieces) == one.days
    assert (pieces[0].start, pieces[-1].end) == (one.start, one.end)
    assert all(month_of(piece.start) == month_of(piece.end) for piece in pieces)
    assert all(piece.is_whole_months for piece in pieces[1:-1])
    assert len(pieces) == one.month_count


@given(MONTHS)
def test_whole_months_compare_with_whole_months(one: Period):
    assert one.previous_year().is_whole_months
    assert one.previous_year().month_count == one.month_count
    before = one.previous_month()
    assert before.is_whole_months and before.month_count == one.month_count
    assert before.end + dt.timedelta(days=1) == one.start


@given(PERIODS)
def test_the_year_before_has_the_same_months(one: Period):
    before = one.previous_year()
    assert (before.start.month, before.end.month) == (one.start.month, one.end.month)
    assert (one.start.year - before.start.year, one.end.year - before.end.year) == (1, 1)


@pytest.mark.parametrize(
    ("given_period", "expected"),
    [
        (period("2021-01-01", "2021-02-28"), period("2020-01-01", "2020-02-29")),
        (period("2020-01-01", "2020-02-29"), period("2019-01-01", "2019-02-28")),
        (period("2020-01-15", "2020-02-29"), period("2019-01-15", "2019-02-28")),
        (period("2021-01-15", "2021-02-28"), period("2020-01-15", "2020-02-28")),
        (period("2021-01-01", "2021-06-13"), period("2020-01-01", "2020-06-13")),
    ],
)
def test_previous_year(given_period: Period, expected: Period):
    assert given_period.previous_year() == expected


def test_previous_month_of_a_month_and_of_a_quarter():
    assert period("2021-03-01", "2021-03-31").previous_month() == period("2021-02-01", "2021-02-28")
    assert period("2021-01-01", "2021-03-31").previous_month() == period("2020-10-01", "2020-12-31")
    with pytest.raises(ValueError, match="whole months"):
        period("2021-03-02", "2021-03-31").previous_month()


LABELS = [
    ("2021-01-01", "2021-11-30", "1—11月", "2021年1—11月"),
    ("2021-01-01", "2021-06-30", "上半年", "2021年上半年"),
    ("2021-07-01", "2021-12-31", "下半年", "2021年下半年"),
    ("2021-01-01", "2021-12-31", "全年", "2021年全年"),
    ("2021-11-01", "2021-11-30", "11月份", "2021年11月份"),
    ("2021-01-01", "2021-06-13", "截至6月13日", "截至2021年6月13日"),
    ("2021-03-05", "2021-06-13", "2021年3月5日至6月13日", "2021年3月5日至6月13日"),
    ("2020-12-05", "2021-01-13", "2020年12月5日至2021年1月13日", "2020年12月5日至2021年1月13日"),
    ("2020-11-01", "2021-03-31", "2020年11月—2021年3月", "2020年11月—2021年3月"),
    ("2021-06-13", "2021-06-13", "2021年6月13日", "2021年6月13日"),
    ("2021-01-01", "2021-01-01", "2021年1月1日", "2021年1月1日"),
]


@pytest.mark.parametrize(("start", "end", "short", "long"), LABELS)
def test_label(start: str, end: str, short: str, long: str):
    one = period(start, end)
    assert (one.label(), one.label(with_year=True)) == (short, long)


@given(PERIODS)
def test_what_is_written_is_read_back(one: Period):
    assert parse(str(one)) == one
    assert parse(one.label(with_year=True)) == one
    assert parse(one.label(), year=one.start.year) == one


@given(MONTHS)
def test_whole_months_are_read_back(one: Period):
    assert parse(one.label(with_year=True)) == one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021", whole_year(2021)),
        ("2021年", whole_year(2021)),
        ("2021-11", period("2021-11-01", "2021-11-30")),
        ("2021-01 ~ 2021-11", period("2021-01-01", "2021-11-30")),
        ("2021-01-01至2021-11-30", period("2021-01-01", "2021-11-30")),
        ("2021年元至11月份", period("2021-01-01", "2021-11-30")),
        ("2021年1月-11月", period("2021-01-01", "2021-11-30")),
        ("2021年第二季度", period("2021-04-01", "2021-06-30")),
        ("2021年一季度", period("2021-01-01", "2021-03-31")),
        ("2021年截至6月13日", year_to_date(dt.date(2021, 6, 13))),
        ("2020年2月29日", period("2020-02-29", "2020-02-29")),
    ],
)
def test_parse(text: str, expected: Period):
    assert parse(text) == expected


def test_words_without_a_year_mean_the_present_one():
    with clock.at(dt.datetime(2021, 12, 31, 17, tzinfo=dt.UTC)):  # already 2022 in China
        assert parse("1—3月") == period("2022-01-01", "2022-03-31")


@pytest.mark.parametrize(
    "text", ["", "  ", "昨天", "2021-13", "2021年13月", "2021年2月30日", "2021-02-30", "2021年11—1月", "截至", "0000"]
)
def test_what_is_no_period_is_refused(text: str):
    with pytest.raises(ValidationError):
        parse(text)


@given(DATES, st.integers(-500, 500))
def test_add_months_keeps_the_day_or_takes_the_last(date: dt.date, count: int):
    moved = add_months(date, count)
    assert (moved.year * 12 + moved.month) - (date.year * 12 + date.month) == count
    assert moved.day == min(date.day, month_end(moved).day)
