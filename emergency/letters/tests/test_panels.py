"""To-do, search, menu and boxes: each shows its reader's rows only."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from emergency.core import finding, panels
from emergency.letters.models import Letter
from emergency.letters.panels import enterprise_box, matter_box
from emergency.letters.services import letter_act
from emergency.letters.tests.factories import TODAY, answer, letter_make, letter_sent
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def waiting(cast: Cast, name: str) -> dict[str, list[str]]:
    """Labels and addresses of what waits for somebody."""
    user = cast.person(name)
    found = {}
    for todo in panels.todos():
        if todo.name.startswith("letters."):
            items = todo.items(user, TODAY, 10)
            assert todo.count(user, TODAY) == len(items)
            if items:
                found[todo.label] = [item.url for item in items]
    return found


def found(user: User, term: str, limit: int) -> list[str]:
    """The addresses of what the search over everything finds in this ledger."""
    return [hit.url for one in finding.find(user, term, limit) if one.label == "督办文书" for hit in one.hits]


def test_each_finds_what_waits_for_them(cast: Cast) -> None:
    letter_make(cast)
    later = letter_sent(cast, units=[cast.street_a, cast.department], enterprises=[cast.enterprise])
    sooner = letter_sent(cast, due_on=dt.date(2026, 3, 8))
    answered = letter_sent(cast)
    answer(cast, answered.addressees.get(), "reply")
    ended = letter_sent(cast)
    letter_act(
        queryset=Letter.objects.all(), pk=ended.pk, action="end", actor=cast.leader, data={"reason": "已办"}, on=TODAY
    )
    urls = {
        name: one.get_absolute_url() for name, one in (("later", later), ("sooner", sooner), ("answered", answered))
    }
    assert waiting(cast, "officer_a") == waiting(cast, "officer_a2")
    assert waiting(cast, "officer_a") == {"督办待回复": [urls["sooner"], urls["later"]]}
    assert waiting(cast, "department_clerk") == waiting(cast, "enterprise_user") == {"督办待回复": [urls["later"]]}
    assert waiting(cast, "bureau_clerk") == waiting(cast, "section_head") == {"回复待核查": [urls["answered"]]}
    for name in ("officer_b", "leader", "community_officer", *Cast.ADMINISTRATORS):
        assert waiting(cast, name) == {}, name


def test_search_finds_ones_own_rows(cast: Cast) -> None:
    letter = letter_sent(cast)
    letter_make(cast)
    assert found(cast.person("officer_a"), "南门市场", 10) == [letter.get_absolute_url()]
    assert found(cast.person("officer_a"), letter.number, 10) == [letter.get_absolute_url()]
    assert len(found(cast.person("bureau_clerk"), "东门街道", 10)) == 2
    for name in ("officer_b", "enterprise_user", *Cast.ADMINISTRATORS):
        assert found(cast.person(name), "南门市场", 10) == [], name


def test_the_boxes_show_letters_and_the_way_to_write_one(cast: Cast) -> None:
    letter = letter_sent(cast, units=[], enterprises=[cast.enterprise], about=[cast.enterprise])
    for box in (enterprise_box, matter_box):
        shown = box(cast.person("officer_a"), cast.enterprise)
        assert shown is not None and [row[0] for row in shown["rows"]] == [letter]
        assert shown["new_url"].startswith(reverse("letters:new"))
        firm = box(cast.person("enterprise_user"), cast.enterprise)
        assert firm is not None and len(firm["rows"]) == 1 and not firm["new_url"]
        assert box(cast.person("community_officer"), cast.enterprise) is None


def test_the_menu_shows_what_may_be_opened(cast: Cast) -> None:
    seen = {name for name in Cast.NAMES if "督办文书" in {one.label for one in panels.menu_entries(cast.person(name))}}
    assert seen == set(Cast.BUSINESS)
