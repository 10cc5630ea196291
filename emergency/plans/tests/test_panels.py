"""To-do, search, menu and box: each shows its reader's rows only."""

from __future__ import annotations

import datetime as dt

import pytest

from emergency.core import finding, panels
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast
from emergency.plans.models import Plan
from emergency.plans.panels import enterprise_box
from emergency.plans.tests.factories import (
    TODAY,
    drill_make,
    drill_step,
    filed,
    office_plan,
    plan_make,
    published,
    step,
    submitted,
)

pytestmark = pytest.mark.django_db


def waiting(cast: Cast, name: str, on: dt.date = TODAY) -> dict[str, int]:
    """Labels and numbers of what of plans and drills waits for somebody."""
    user = cast.person(name)
    found = {}
    for todo in panels.todos():
        if todo.name.startswith(("plans.", "drills.")):
            items = todo.items(user, on, 10)
            assert todo.count(user, on) == len(items)
            if items:
                found[todo.label] = len(items)
    return found


def hits(user: User, term: str) -> list[str]:
    return [
        hit.url for one in finding.find(user, term, 10) if one.label in ("应急预案", "应急演练") for hit in one.hits
    ]


def test_each_finds_what_waits_for_them(cast: Cast) -> None:
    published(cast)
    submitted(cast, plan_make(cast, name="二"))
    step(submitted(cast, plan_make(cast, name="三")), "correct", cast.bureau_clerk)
    published(cast, office_plan(cast))
    drill_make(cast, planned_on=dt.date(2026, 4, 9), held_on=None)
    drill_make(cast, planned_on=dt.date(2026, 4, 10), held_on=None)
    drill = drill_make(cast, actor=cast.enterprise_user, owner=None, enterprise=cast.enterprise)
    drill_step(drill, "evaluate", cast.enterprise_user, findings=["路线不熟"], due_on=dt.date(2026, 3, 20))
    assert waiting(cast, "enterprise_user") == {"预案待申报备案": 1, "预案待补正": 1, "演练问题待整改": 1}
    assert waiting(cast, "officer_a") == waiting(cast, "officer_a2") == {"预案待申报备案": 1, "演练待开展": 1}
    assert waiting(cast, "bureau_clerk") == {"预案待核对": 1}
    for name in ("officer_b", "leader", "community_officer", "department_clerk", *Cast.ADMINISTRATORS):
        assert waiting(cast, name) == {}, name


def test_an_evaluation_is_reminded_of_ninety_days_ahead(cast: Cast) -> None:
    plan = filed(cast)
    assert plan.evaluate_by == dt.date(2029, 3, 2)
    assert waiting(cast, "enterprise_user", dt.date(2028, 12, 1)) == {}
    assert waiting(cast, "enterprise_user", dt.date(2028, 12, 2)) == {"预案待评估": 1}
    Plan.objects.update(status="repealed", repealed_on=TODAY)
    assert waiting(cast, "enterprise_user", dt.date(2029, 3, 2)) == {}


def test_search_finds_ones_own_rows(cast: Cast) -> None:
    plan, drill = filed(cast), drill_make(cast)
    assert hits(cast.person("enterprise_user"), plan.number) == [plan.get_absolute_url()]
    assert hits(cast.person("officer_a"), "防汛桌面") == [drill.get_absolute_url()]
    assert hits(cast.person("bureau_clerk"), "东门机械厂综合") == [plan.get_absolute_url()]
    for name in ("officer_b", *Cast.ADMINISTRATORS):
        assert hits(cast.person(name), "东门") == [], name


def test_the_box_shows_plans_and_drills_and_the_way_to_enter_one(cast: Cast) -> None:
    plan = filed(cast)
    drill = drill_make(cast, actor=cast.enterprise_user, owner=None, enterprise=cast.enterprise)
    for name in ("enterprise_user", "officer_a", "bureau_clerk"):
        box = enterprise_box(cast.person(name), cast.enterprise)
        assert box is not None and [one for one, _ in box["plans"]] == [plan]
        assert [one for one, _ in box["drills"]] == [drill] and box["new_plan_url"]
    assert enterprise_box(cast.person("leader"), cast.enterprise)["new_plan_url"] == ""  # type: ignore[index]
    other = enterprise_box(cast.person("officer_b"), cast.enterprise)
    assert other is not None and other["plans"] == [] and other["drills"] == []


def test_the_menu_shows_what_may_be_opened(cast: Cast) -> None:
    seen = {label: {n for n in Cast.NAMES if label in {one.label for one in panels.menu_entries(cast.person(n))}}
            for label in ("应急预案", "应急演练", "本半年未演练")}  # fmt: skip
    offices = set(Cast.BUSINESS) - {"enterprise_user"}
    assert seen == {"应急预案": set(Cast.BUSINESS), "应急演练": set(Cast.BUSINESS), "本半年未演练": offices}
