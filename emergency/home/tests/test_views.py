"""Home, to-do and search: for whom, with what, at what cost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock
from emergency.core.tests.query_counts import expected_queries
from emergency.figures.tests.test_identity import some_records
from emergency.home import queries
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", Cast.BUSINESS)
def test_everybody_with_business_has_a_home(cast: Cast, who: str) -> None:
    some_records(cast, 20)
    client = cast.client(who)
    for name in ("home:index", "home:todo", "home:search"):
        assert client.get(reverse(name), {"q": "机械"}).status_code == 200


@pytest.mark.parametrize("who", Cast.ADMINISTRATORS)
def test_an_administrator_is_led_to_the_own_pages(cast: Cast, who: str) -> None:
    client = cast.client(who)
    response = client.get("/")
    assert response.status_code == 302
    assert client.get(response.url).status_code == 200
    assert client.get(reverse("home:search"), {"q": "机械"}).status_code == 403


def test_home_and_search_cost_few_queries(cast: Cast) -> None:
    some_records(cast, 60)
    client = cast.client("officer_a")
    client.get(
        reverse("home:index")
    )  # the first request of a minute renews the session, of a process reads the categories
    for route, params in (("home:index", {}), ("home:todo", {}), ("home:search", {"q": "机械"})):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(route), params).status_code == 200
        assert len(queries) == expected_queries(route), route


def test_search_finds_by_two_characters_and_only_what_is_mine(cast: Cast) -> None:
    some_records(cast, 20)
    url = reverse("home:search")
    assert "东门机械厂" in cast.client("officer_a").get(url, {"q": "机械"}).content.decode()
    assert "东门机械厂" not in cast.client("officer_b").get(url, {"q": "机械"}).content.decode()


@pytest.mark.parametrize("who", ["leader", "section_head", "officer_a"])
def test_to_do_comes_first_then_figures_then_the_chart(cast: Cast, who: str) -> None:
    some_records(cast, 20)
    html = cast.client(who).get("/").content.decode()
    places = [html.index(mark) for mark in ("todo-title", "figures-title", "chart-title")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("who", "desk", "leads"),
    [
        ("leader", "leader", "accidents.count"),
        ("section_head", "head", "accidents.count"),
        ("bureau_clerk", "clerk", "inspections.visits"),
        ("officer_a", "officer", "inspections.visits"),
    ],
)
def test_each_role_reads_other_numbers_first(cast: Cast, who: str, desk: str, leads: str) -> None:
    assert queries.desk_of(cast.person(who)) == desk
    cards = cast.client(who).get("/").context["figures"]
    assert cards[0].value.figure.code == leads
    assert [card.value.figure.code for card in cards] == list(queries.KEY_FIGURES[queries.Desk(desk)])


def test_leaders_read_what_is_red_and_heads_of_section_what_is_missing(cast: Cast) -> None:
    today = clock.today()
    found = today - dt.timedelta(days=40)
    hazard_make(cast, found_on=found, on=found, due_on=today - dt.timedelta(days=9))
    leader = cast.client("leader").get("/").context
    assert [card.value.figure.code for card in leader["red"]] == ["hazards.overdue"] and "gaps" not in leader
    head = cast.client("section_head").get("/").context
    assert head["red"] == [] and any("生产安全事故" in gap for gap in head["gaps"])
    assert "gaps" not in cast.client("bureau_clerk").get("/").context


def test_the_home_of_a_leader_costs_a_known_number_of_queries(cast: Cast) -> None:
    some_records(cast, 60)
    client = cast.client("leader")
    client.get("/")
    with CaptureQueriesContext(connection) as found:
        client.get("/")
    assert len(found) == expected_queries("home:index of a leader")
