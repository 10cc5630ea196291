"""待办 of all ledgers together: the most urgent first, exact counts, and one statement however many ledgers there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from emergency.core import clock, panels
from emergency.core.todo import TodoRows, gather
from emergency.letters.tests.factories import letter_sent
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard, Status
from hazards.tests.factories import TODAY, hazard_in, hazard_make
from hazards.tests.risk_factories import risk_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def rows() -> list[TodoRows]:
    return [one for one in panels.todos() if isinstance(one, TodoRows)]


@pytest.fixture
def waiting(cast: Cast) -> list[str]:
    """Four things for the officer of a street, in the order of their dates."""
    day = dt.timedelta(days=1)
    late, soon = (hazard_make(cast, due_on=TODAY - count * day) for count in (3, 2))
    review = hazard_in(cast, Status.REVIEW)
    Hazard.objects.filter(pk=review.pk).update(review_due_on=TODAY + day)
    letter = letter_sent(cast, due_on=TODAY + 2 * day)
    point = risk_make(cast)
    return [one.get_absolute_url() for one in (late, soon, review, letter, point)]


def test_all_ledgers_in_one_order_and_one_statement(cast: Cast, waiting: list[str]) -> None:
    user = cast.person("officer_a")
    panels.todo_list(user, TODAY)  # reads who the person is
    with CaptureQueriesContext(connection) as queries:
        found = gather(rows(), user, TODAY, 50)
    assert len(queries) == 1
    assert [item.url for item in found.items] == waiting
    assert found.counts == [("待复查", 1), ("逾期未改", 2), ("待管控风险点", 1), ("督办待回复", 1)]
    assert found.total == 5


def test_a_limit_bounds_the_items_and_not_the_counts(cast: Cast, waiting: list[str]) -> None:
    found = gather(rows(), cast.person("officer_a"), TODAY, 1)
    assert [item.url for item in found.items] == waiting[:1]
    assert dict(found.counts)["逾期未改"] == 2


@pytest.mark.parametrize("who", [*Cast.BUSINESS, *Cast.ADMINISTRATORS])
def test_together_they_say_what_each_says_alone(cast: Cast, waiting: list[str], who: str) -> None:
    user = cast.person(who)
    alone = [item for source in rows() for item in source.items(user, TODAY, 50)]
    found = gather(rows(), user, TODAY, 50)
    assert sorted(found.items, key=repr) == sorted(alone, key=repr)
    assert found.total == sum(source.count(user, TODAY) for source in rows())
