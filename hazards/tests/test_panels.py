"""To-do, search, menu and the box on an enterprise's page: each shows its reader's rows only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone

from emergency.core import clock, finding, panels
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade, Hazard, Status
from hazards.panels import enterprise_box
from hazards.tests.factories import FOUND_ON, TODAY, hazard_in, hazard_make

pytestmark = pytest.mark.django_db


def found(user: User, term: str, limit: int) -> list[str]:
    """The addresses of what the search over everything finds in this ledger."""
    return [hit.url for one in finding.find(user, term, limit) if one.label == "隐患" for hit in one.hits]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def waiting(cast: Cast, name: str) -> dict[str, list[str]]:
    """Labels and addresses of what waits for somebody."""
    user = cast.person(name)
    found = {}
    for todo in panels.todos():
        if todo.name.startswith("hazards."):
            items = todo.items(user, TODAY, 10)
            assert todo.count(user, TODAY) == len(items)
            if items:
                found[todo.label] = [item.url for item in items]
    return found


def test_each_finds_what_waits_for_them(cast: Cast) -> None:
    review, extension = hazard_in(cast, Status.REVIEW), hazard_in(cast, Status.EXTENSION)
    late, draft, closed = (
        hazard_make(cast, due_on=FOUND_ON),
        hazard_make(cast, draft=True),
        hazard_in(cast, Status.CLOSED),
    )
    url = {one: one.get_absolute_url() for one in (review, extension, late, draft, closed)}
    both = {"待复查": [url[review]], "延期待批": [url[extension]], "逾期未改": [url[late]]}
    assert waiting(cast, "officer_a") == both | {"待下达": [url[draft]]}
    assert waiting(cast, "officer_a2") == both
    assert waiting(cast, "enterprise_user") == {"待整改": [url[late]]}
    for name in ("officer_b", "bureau_clerk", "community_officer", *Cast.ADMINISTRATORS):
        assert waiting(cast, name) == {}, name


def test_who_entered_the_fix_is_not_asked_to_judge_it(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.REVIEW)
    Hazard.objects.filter(pk=hazard.pk).update(rectified_by=cast.officer_a)
    assert waiting(cast, "officer_a") == {}
    assert list(waiting(cast, "officer_a2")) == ["待复查"]


def test_to_do_is_ordered_by_urgency(cast: Cast) -> None:
    later, sooner = hazard_in(cast, Status.REVIEW), hazard_in(cast, Status.REVIEW)
    Hazard.objects.filter(pk=sooner.pk).update(review_due_on=FOUND_ON)
    assert waiting(cast, "officer_a")["待复查"] == [sooner.get_absolute_url(), later.get_absolute_url()]


def test_search_finds_ones_own_rows(cast: Cast) -> None:
    hazard = hazard_make(cast, description="储罐区未设置围堰")
    hazard_make(cast, description="储罐区草稿", draft=True)
    assert found(cast.person("enterprise_user"), "储罐", 10) == [hazard.get_absolute_url()]
    assert len(found(cast.person("bureau_clerk"), "储罐", 10)) == 2
    assert len(found(cast.person("bureau_clerk"), "储罐", 1)) == 1
    assert found(cast.person("officer_a"), hazard.number, 10) == [hazard.get_absolute_url()]
    for name in ("officer_b", *Cast.ADMINISTRATORS):
        assert found(cast.person(name), "储罐", 10) == [], name


def test_the_box_on_an_enterprises_page(cast: Cast) -> None:
    assert enterprise_box(cast.person("officer_a"), cast.enterprise) is None
    review = hazard_in(cast, Status.REVIEW)
    hazard_in(cast, Status.CLOSED)
    box = enterprise_box(cast.person("officer_a"), cast.enterprise)
    assert box is not None and [one for one, _ in box["rows"]] == [review] and box["recheck_url"] and box["new_url"]
    firm = enterprise_box(cast.person("enterprise_user"), cast.enterprise)
    assert firm is not None and not firm["recheck_url"]
    assert enterprise_box(cast.person("officer_b"), cast.enterprise) is None


def test_the_menu_shows_what_may_be_opened(cast: Cast) -> None:
    labels = {
        name: {entry.label for entry in panels.menu_entries(cast.person(name)) if entry.group == "隐患治理"}
        for name in Cast.NAMES
    }
    assert labels["officer_a"] == labels["enterprise_user"] == {"隐患台账", "登记隐患"}
    assert labels["leader"] == {"隐患台账"}
    assert labels["system_admin"] == set()


def test_heads_of_the_bureau_are_told_of_an_undecided_listing(cast: Cast) -> None:
    major = hazard_make(cast, grade=Grade.MAJOR, standard_code="判定标准", standard_item="第三条")
    hazard_make(cast)
    expected = {"挂牌待定": [major.get_absolute_url()]}
    assert waiting(cast, "leader") == expected
    assert waiting(cast, "section_head") == expected
    assert "挂牌待定" not in waiting(cast, "officer_a") | waiting(cast, "bureau_clerk")
