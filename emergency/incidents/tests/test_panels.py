"""To-do, search, menu and the box on an enterprise's page: each shows its reader's rows only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from emergency.core import clock, finding, panels
from emergency.incidents.models import Accident, Status
from emergency.incidents.panels import enterprise_box
from emergency.incidents.tests.factories import TODAY, accident_in, accident_make, moment
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def found(user: User, term: str, limit: int) -> list[str]:
    """The addresses of what the search over everything finds in this ledger."""
    return [hit.url for one in finding.find(user, term, limit) if one.label == "事故" for hit in one.hits]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


def waiting(cast: Cast, name: str) -> dict[str, list[tuple[str, dt.date | None]]]:
    """What waits for somebody, with the day it is due."""
    user = cast.person(name)
    result = {}
    for todo in panels.todos():
        if todo.name.startswith("incidents."):
            items = todo.items(user, TODAY, 10)
            assert todo.count(user, TODAY) == len(items)
            if items:
                result[todo.label] = [(item.url, item.due_on) for item in items]
    return result


def test_the_bureau_is_told_what_to_verify_and_to_close(cast: Cast) -> None:
    flash, investigated = accident_make(cast), accident_in(cast, Status.VERIFIED)
    reported = accident_in(cast, Status.VERIFIED)
    accident_in(cast, Status.CLOSED)
    Accident.objects.filter(pk=investigated.pk).update(report_submitted_on=None, report_due_on=dt.date(2026, 4, 30))
    expected = {
        "事故待核实": [(flash.get_absolute_url(), None)],
        "事故待结案": [
            (investigated.get_absolute_url(), dt.date(2026, 4, 30)),
            (reported.get_absolute_url(), dt.date(2026, 4, 27)),
        ],
    }
    assert waiting(cast, "bureau_clerk") == waiting(cast, "section_head") == expected
    for name in sorted(set(Cast.NAMES) - {"bureau_clerk", "section_head"}):
        assert waiting(cast, name) == {}, name


def test_search_finds_ones_own_rows(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED, brief="液氨储罐泄漏")
    accident_make(cast, brief="液氨快报")
    assert found(cast.person("enterprise_user"), "液氨", 10) == [one.get_absolute_url()]
    assert len(found(cast.person("bureau_clerk"), "液氨", 10)) == 2
    assert len(found(cast.person("bureau_clerk"), "液氨", 1)) == 1
    for name in ("officer_b", *Cast.ADMINISTRATORS):
        assert found(cast.person(name), "液氨", 10) == [], name


def test_the_box_on_an_enterprises_page(cast: Cast) -> None:
    assert enterprise_box(cast.person("officer_a"), cast.enterprise) is None
    one = accident_make(cast)
    accident_in(cast, Status.VOID)
    box = enterprise_box(cast.person("officer_a"), cast.enterprise)
    assert box is not None and [row for row, _ in box["rows"]] == [one] and not box["more"]
    assert enterprise_box(cast.person("enterprise_user"), cast.enterprise) is None
    assert enterprise_box(cast.person("officer_b"), cast.enterprise) is None
    for _ in range(5):
        accident_make(cast)
    box = enterprise_box(cast.person("officer_a"), cast.enterprise)
    assert box is not None and box["more"] and len(box["rows"]) == 5


def test_the_menu_shows_what_may_be_opened(cast: Cast) -> None:
    labels = {
        name: {entry.label for entry in panels.menu_entries(cast.person(name)) if entry.group == "事故灾情"}
        for name in Cast.NAMES
    }
    assert labels["officer_a"] == labels["bureau_clerk"] == {"事故台账", "登记事故"}
    assert labels["leader"] == labels["community_officer"] == labels["enterprise_user"] == {"事故台账"}
    assert labels["auditor"] == set()
