"""Risk points on other pages: to-do, search, menu and the box on an enterprise's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone

from emergency.core import clock, finding, panels
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast
from hazards.models import RiskPoint, RiskStatus
from hazards.panels import enterprise_risks
from hazards.tests.risk_factories import TODAY, risk_in, risk_make

pytestmark = pytest.mark.django_db


def found(user: User, term: str, limit: int) -> list[str]:
    """The addresses of what the search over everything finds in this ledger."""
    return [hit.url for one in finding.find(user, term, limit) if one.label == "风险点" for hit in one.hits]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def waiting(cast: Cast, name: str) -> dict[str, list[str]]:
    user = cast.person(name)
    found = {}
    for todo in panels.todos():
        if todo.name.startswith("risks."):
            items = todo.items(user, TODAY, 10)
            assert todo.count(user, TODAY) == len(items)
            if items:
                found[todo.label] = [item.url for item in items]
    return found


def test_each_finds_what_waits_for_them(cast: Cast) -> None:
    due, late, later = (risk_in(cast, RiskStatus.CONTROLLED) for _ in range(3))
    for record, days in ((due, 0), (late, -3), (later, 1)):
        RiskPoint.objects.filter(pk=record.pk).update(next_patrol_on=TODAY + dt.timedelta(days=days))
    fresh = risk_make(cast)
    risk_in(cast, RiskStatus.REMOVED)
    patrols = [late.get_absolute_url(), due.get_absolute_url()]
    assert waiting(cast, "officer_a") == {"风险点巡查": patrols, "待管控风险点": [fresh.get_absolute_url()]}
    assert waiting(cast, "enterprise_user") == {"风险点巡查": patrols}
    for name in ("officer_b", "bureau_clerk", "community_officer", *Cast.ADMINISTRATORS):
        assert waiting(cast, name) == {}, name


def test_search_finds_ones_own_rows(cast: Cast) -> None:
    record = risk_make(cast)
    for name, seen in (("officer_a", True), ("enterprise_user", True), ("officer_b", False), ("auditor", False)):
        assert found(cast.person(name), "液氨", 5) == [record.get_absolute_url()] * seen, name


def test_the_box_on_an_enterprises_page_shows_the_gravest_first(cast: Cast) -> None:
    assert enterprise_risks(cast.person("officer_a"), cast.enterprise) is None
    low, high = risk_make(cast, level="blue"), risk_make(cast, level="orange")
    risk_in(cast, RiskStatus.REMOVED)
    box = enterprise_risks(cast.person("officer_a"), cast.enterprise)
    assert box is not None and [one for one, _ in box["rows"]] == [high, low] and box["new_url"]
    firm = enterprise_risks(cast.person("enterprise_user"), cast.enterprise)
    assert firm is not None and not firm["new_url"]
    assert enterprise_risks(cast.person("officer_b"), cast.enterprise) is None
    page = cast.client("officer_a").get(f"/enterprises/{cast.enterprise.pk}/").content.decode()
    assert "登记风险点" in page and "badge risk-orange" in page


def test_the_menu_shows_what_may_be_opened(cast: Cast) -> None:
    labels = {
        name: {entry.label for entry in panels.menu_entries(cast.person(name)) if entry.group == "风险管控"}
        for name in Cast.NAMES
    }
    assert labels["officer_a"] == {"风险点台账", "登记风险点"}
    assert labels["leader"] == labels["enterprise_user"] == {"风险点台账"}
    assert labels["system_admin"] == set()
