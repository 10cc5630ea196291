"""A total that is divided comes out again, whatever the weights."""

import datetime as dt
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.demo.services.splitting import apportion, draw_weighted, months_of

WEIGHTS = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=60).filter(lambda one: sum(one) > 0)


@given(st.integers(0, 10**6), WEIGHTS)
def test_the_parts_are_the_total(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    assert min(parts) >= 0


@given(st.integers(0, 10**6), WEIGHTS)
def test_no_part_is_further_than_one_from_its_share(total: int, weights: list[float]) -> None:
    whole = sum(weights)
    for part, weight in zip(apportion(total, weights), weights, strict=True):
        assert abs(part - total * weight / whole) < 1 + 1e-6


def test_what_weighs_nothing_gets_nothing() -> None:
    assert apportion(7, [0, 3, 0, 4]) == [0, 3, 0, 4]


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (3, [1, -1]), (3, [0, 0]), (1, [])])
def test_what_cannot_be_divided_is_refused(total: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="divide"):
        apportion(total, weights)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)), st.integers(0, 900))
def test_months_cover_a_period_without_gap(start: dt.date, days: int) -> None:
    end = start + dt.timedelta(days=days)
    months = months_of(start, end, [1] * 12)
    assert months[0].start == start
    assert months[-1].end == end
    for earlier, later in itertools.pairwise(months):
        assert later.start == earlier.end + dt.timedelta(days=1)
        assert earlier.start.month == earlier.end.month
    assert all(month.workdays for month in months)
    assert all(month.start <= day <= month.end for month in months for day in month.workdays)


def test_a_month_cut_by_the_period_weighs_less() -> None:
    january, february = months_of(dt.date(2022, 1, 1), dt.date(2022, 2, 14), [1] * 12)
    assert january.weight == 1
    assert february.weight == 0.5


@given(st.lists(st.integers(), min_size=1, max_size=50), st.data())
def test_a_draw_takes_each_once(items: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(items)))
    places = list(range(len(items)))
    drawn = draw_weighted(places, [1 + abs(one) % 5 for one in items], count, random.Random(1))
    assert len(drawn) == len(set(drawn)) == count


def test_a_draw_of_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="3 wanted of 2"):
        draw_weighted([1, 2], [1, 1], 3, random.Random(1))
