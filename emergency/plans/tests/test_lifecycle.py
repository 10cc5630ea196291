"""Every status × action × person of both tables, and the sentences of the regulations as examples."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.organizations.tests.factories import Cast
from emergency.plans.lifecycle import DRILL_LIFECYCLE, LIFECYCLE
from emergency.plans.models import Drill, DrillStatus, Plan, Status
from emergency.plans.services import plan_revise
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

FIRM = {"enterprise_user"}
CHECKERS = {"bureau_clerk", "section_head"}
HEADS = {"section_head", "leader"}
#: Who takes each step of a firm's plan that the bureau receives.
WHO: dict[str, set[str]] = {
    **dict.fromkeys(("publish", "apply", "complete", "evaluate", "repeal"), FIRM | CHECKERS),
    "correct": CHECKERS,
    "file": CHECKERS,
    "deem": set(),
    "file_above": set(),
    "void": HEADS,
}


def in_status(cast: Cast, status: str) -> Plan:
    """A firm's plan that has come so far by real steps."""
    plan = plan_make(cast)
    if status == Status.REVISING:
        Plan.objects.filter(pk=plan.pk).update(status=status)
    elif status != Status.DRAFTING:
        plan = published(cast, plan)
        if status in (Status.SUBMITTED, Status.CORRECTING, Status.FILED):
            plan = step(plan, "apply", cast.enterprise_user)
            if status != Status.SUBMITTED:
                step(plan, "correct" if status == Status.CORRECTING else "file", cast.bureau_clerk)
        elif status == Status.DEEMED:
            step(plan, "apply", cast.enterprise_user)
            step(plan, "deem", None, on=dt.date(2026, 3, 18))
        elif status != Status.PUBLISHED:
            step(plan, "void" if status == Status.VOID else "repeal", cast.section_head)
    return Plan.objects.get(pk=plan.pk)


@pytest.mark.parametrize("status", Status.values)
def test_every_step_is_taken_by_whom_the_table_names_and_by_nobody_else(cast: Cast, status: str) -> None:
    plan = in_status(cast, status)
    before = Plan.objects.filter(pk=plan.pk).values().get()
    for action in LIFECYCLE.actions():
        known = LIFECYCLE.find(status, action)
        for name in Cast.NAMES:
            person = cast.person(name)
            allowed = known is not None and name in WHO[action]
            assert (action in {one.action for one in LIFECYCLE.allowed(plan, person)}) == allowed, (action, name)
            if not allowed:
                with pytest.raises((PermissionDenied, ValidationError)):
                    step(plan, action, person)
    assert Plan.objects.filter(pk=plan.pk).values().get() == before


@pytest.mark.parametrize("status", DrillStatus.values)
def test_every_step_of_a_drill_is_taken_by_whom_the_table_names(cast: Cast, status: str) -> None:
    drill = drill_make(cast, planned_on=TODAY, held_on=None)
    if status in (DrillStatus.HELD, DrillStatus.EVALUATED, DrillStatus.VOID):
        drill = drill_step(drill, "hold", cast.officer_a)
    for wanted, action in (
        (DrillStatus.EVALUATED, "evaluate"),
        (DrillStatus.CANCELLED, "cancel"),
        (DrillStatus.VOID, "void"),
    ):
        if status == wanted:
            drill = drill_step(drill, action, cast.section_head)
    own = {"officer_a", "officer_a2", "bureau_clerk", "section_head"}
    before = Drill.objects.filter(pk=drill.pk).values().get()
    for action in DRILL_LIFECYCLE.actions():
        known = DRILL_LIFECYCLE.find(status, action)
        for name in Cast.NAMES:
            allowed = known is not None and name in (HEADS if action == "void" else own)
            found = {one.action for one in DRILL_LIFECYCLE.allowed(drill, cast.person(name))}
            assert (action in found) == allowed, (action, name)
            if not allowed:
                with pytest.raises((PermissionDenied, ValidationError)):
                    drill_step(drill, action, cast.person(name))
    assert Drill.objects.filter(pk=drill.pk).values().get() == before


def test_an_offices_plan_is_filed_with_the_bureau_and_the_bureaus_own_above(cast: Cast) -> None:
    street = step(submitted(cast, office_plan(cast), materials=["text", "note"]), "file", cast.bureau_clerk)
    assert (street.handler, street.number, street.area) == (cast.bureau, "369901-2026-0001", cast.street_a)
    village = office_plan(cast, actor=cast.community_officer, owner=cast.community_a, kind="community")
    assert village.handler == cast.street_a
    own = published(cast, office_plan(cast, actor=cast.bureau_clerk, owner=cast.bureau, kind="overall"))
    assert own.handler is None and own.due_on is None
    done = step(own, "file_above", cast.bureau_clerk)
    assert (done.number, done.filed_on, done.status) == ("市备2026-7", TODAY, Status.FILED)


# What is refused, at which field; the state before, the step, the input.
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("drafting", "publish", {"published_on": None}, "published_on"),
    ("drafting", "publish", {"published_on": dt.date(2026, 3, 11)}, "published_on"),
    ("drafting", "publish", {"reviewed_on": dt.date(2026, 3, 5)}, "reviewed_on"),
    ("published", "apply", {"materials": []}, "materials"),
    ("published", "apply", {"applied_on": dt.date(2026, 3, 1)}, "applied_on"),
    ("published", "apply", {"applied_on": dt.date(2026, 3, 11)}, "applied_on"),
    ("submitted", "correct", {"missing": []}, "missing"),
    ("submitted", "correct", {"missing": ["note"]}, "missing"),
    ("correcting", "complete", {"received_on": dt.date(2026, 3, 9)}, "received_on"),
    ("published", "evaluate", {"evaluated_on": dt.date(2026, 3, 1)}, "evaluated_on"),
    ("published", "evaluate", {"conclusion": "nothing"}, "conclusion"),
    ("filed", "repeal", {"reason": ""}, "reason"),
]


@pytest.mark.parametrize(("status", "action", "data", "field"), REFUSED)
def test_what_breaks_a_rule_is_refused_at_its_field(
    cast: Cast, status: str, action: str, data: dict[str, Any], field: str
) -> None:
    plan = in_status(cast, status)
    with pytest.raises(ValidationError) as fault:
        step(plan, action, cast.section_head, **data)
    assert set(fault.value.message_dict) == {field}
    assert Plan.objects.get(pk=plan.pk).status == status


def test_a_plan_that_must_be_reviewed_is_not_published_without(cast: Cast) -> None:
    plan = plan_make(cast, needs_review=True)
    with pytest.raises(ValidationError, match="评审日期"):
        published(cast, plan)
    plan = published(cast, plan, reviewed_on=dt.date(2026, 3, 1))
    assert [one.value for one in plan.required] == ["form", "review", "text", "survey"]
    plan = step(plan, "apply", cast.enterprise_user)
    with pytest.raises(ValidationError, match="还缺评审意见"):
        step(plan, "file", cast.bureau_clerk)


def test_what_is_missing_is_told_once(cast: Cast) -> None:
    """第二十八条: a second time nothing new can be asked for; what was told and did not come can."""
    plan = submitted(cast, materials=["form"])
    plan = step(plan, "correct", cast.bureau_clerk, missing=["survey", "text"])
    assert plan.told == ["text", "survey"] and plan.accept_by == dt.date(2026, 3, 17)
    plan = step(plan, "complete", cast.enterprise_user, on=dt.date(2026, 3, 12), received_on=dt.date(2026, 3, 12))
    assert (plan.materials, plan.accept_by) == (["form", "survey"], dt.date(2026, 3, 19))
    with pytest.raises(ValidationError, match="须一次性告知"):
        step(plan, "correct", cast.bureau_clerk, missing=["form"])
    again = step(plan, "correct", cast.bureau_clerk, missing=["text"])
    assert (again.status, again.told) == (Status.CORRECTING, ["text", "survey"])
    last = step(
        again,
        "complete",
        cast.enterprise_user,
        materials=["text"],
        received_on=dt.date(2026, 3, 12),
        on=dt.date(2026, 3, 12),
    )
    assert step(last, "file", cast.bureau_clerk, on=dt.date(2026, 3, 13)).status == Status.FILED


def test_after_the_days_of_check_nobody_answers_a_firm_any_more(cast: Cast) -> None:
    plan = submitted(cast)
    assert plan.accept_by == dt.date(2026, 3, 17)
    for action in ("file", "correct"):
        with pytest.raises(ValidationError, match="视为备案"):
            step(plan, action, cast.bureau_clerk, on=dt.date(2026, 3, 18))
    with pytest.raises(ValidationError, match="未满"):
        step(plan, "deem", None, on=dt.date(2026, 3, 17))
    assert step(plan, "file", cast.bureau_clerk, on=dt.date(2026, 3, 17)).filed_on == dt.date(2026, 3, 17)
    office = submitted(cast, office_plan(cast), materials=["text", "note"])
    assert step(office, "file", cast.bureau_clerk, on=dt.date(2026, 4, 1)).status == Status.FILED


def test_an_officer_acts_in_the_makers_name(cast: Cast) -> None:
    plan = published(cast)
    step(plan, "apply", cast.bureau_clerk)
    assert events_of(plan).filter(action="apply").get().acted_for == cast.enterprise.name
    assert events_of(plan).filter(action="publish").get().acted_for == ""


def test_a_new_version_ends_the_one_before_it_when_it_is_published(cast: Cast) -> None:
    old = filed(cast)
    new = plan_revise(plan=old, actor=cast.enterprise_user, reason="risk")
    assert (new.version, new.status, new.previous) == (2, Status.REVISING, old)
    assert Plan.objects.get(pk=old.pk).status == Status.FILED
    with pytest.raises(ValidationError, match="已有新的版次"):
        plan_revise(plan=old, actor=cast.enterprise_user, reason="law")
    published(cast, new, published_on=TODAY)
    before = Plan.objects.get(pk=old.pk)
    assert (before.status, before.repealed_on, before.repeal_reason) == (Status.REPEALED, TODAY, "由第2版替代")
    assert AuditEntry.objects.get(verb="plan.supersede").target_id == old.pk
    assert events_of(before).last().action == "superseded"  # type: ignore[union-attr]
