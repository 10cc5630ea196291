"""Numbers counted by hand: published, filed, in force, overdue; drills by row and by count, against the yearly plan."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from emergency.core.periods import Period
from emergency.figures import triggers
from emergency.figures.queries import evaluate, link
from emergency.figures.vocabulary import get
from emergency.organizations.tests.factories import Cast
from emergency.plans.models import Plan
from emergency.plans.services import plans_deem
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

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 30))


def numbers(cast: Cast, codes: list[str], period: Period = MARCH) -> list[object]:
    sheet = evaluate(codes, organisation=cast.district, period=period)
    return [sheet[code].number for code in codes]


def test_plans_are_counted_by_their_own_days(cast: Cast) -> None:
    plan_make(cast, name="编制中")
    ended = filed(cast, plan_make(cast, name="一"))
    filed(cast, plan_make(cast, name="二"))
    submitted(cast, plan_make(cast, name="三"))
    plans_deem(on=dt.date(2026, 3, 18))
    published(cast, office_plan(cast))
    void = published(cast, plan_make(cast, name="重复"))
    step(void, "void", cast.leader)
    step(ended, "repeal", cast.enterprise_user, on=dt.date(2026, 4, 1))
    codes = ["plans.published", "plans.filed", "plans.firms_filed", "plans.firms", "plans.deemed", "plans.in_force"]
    assert numbers(cast, codes) == [4, 3, 3, 1, 1, 4]
    assert numbers(cast, codes, APRIL) == [0, 0, 0, 0, 0, 3]


def test_an_application_is_overdue_after_its_twenty_working_days(cast: Cast) -> None:
    plan = published(cast)
    assert plan.file_by == dt.date(2026, 3, 30)
    code = ["plans.application_overdue"]
    assert numbers(cast, code, Period(dt.date(2026, 3, 1), dt.date(2026, 3, 30))) == [0]
    assert numbers(cast, code) == [1]
    own = published(cast, office_plan(cast, actor=cast.bureau_clerk, owner=cast.bureau, kind="overall"))
    assert own.handler is None and numbers(cast, code) == [1], "what is filed above owes no application here"
    step(plan, "apply", cast.enterprise_user, on=dt.date(2026, 4, 2), applied_on=dt.date(2026, 4, 2))
    assert (numbers(cast, code), numbers(cast, code, APRIL)) == ([1], [0])


def test_drills_are_counted_in_rows_and_in_numbers(cast: Cast) -> None:
    drill_make(cast)
    drill_make(cast, form="field", quantity=12, people=300, held_on=dt.date(2026, 3, 1))
    firm = drill_make(cast, actor=cast.enterprise_user, owner=None, enterprise=cast.enterprise, people=None)
    drill_step(firm, "evaluate", cast.enterprise_user)
    void = drill_make(cast)
    drill_step(void, "void", cast.section_head)
    drill_make(cast, held_on=dt.date(2026, 2, 28))
    codes = ["drills.count", "drills.people", "drills.desk", "drills.field", "drills.evaluated", "drills.firm_drills"]
    assert numbers(cast, codes) == [14, 330, 2, 12, 1, 1]


def test_how_much_of_the_yearly_plan_was_held(cast: Cast) -> None:
    for _ in range(3):
        drill_make(cast, planned_on=TODAY, held_on=None)
    done = drill_make(cast, planned_on=dt.date(2026, 3, 31), held_on=None)
    drill_step(done, "hold", cast.officer_a)
    cancelled = drill_make(cast, planned_on=TODAY, held_on=None)
    drill_step(cancelled, "cancel", cast.officer_a)
    drill_make(cast)
    codes = ["drills.planned", "drills.planned_held", "drills.plan_rate", "drills.count"]
    assert numbers(cast, codes) == [5, 1, Decimal("20.0"), 2]


def test_a_number_opens_its_rows(cast: Cast) -> None:
    filed(cast)
    published(cast, office_plan(cast))
    address = link(get("plans.filed"), organisation=cast.district, period=MARCH)
    page = cast.client("bureau_clerk").get(address).context["page"]
    assert (len(page.rows), page.foot["number"]) == (1, 1)
    drill_make(cast, quantity=3)
    address = link(get("drills.count"), organisation=cast.district, period=MARCH)
    page = cast.client("bureau_clerk").get(address).context["page"]
    assert (len(page.rows), page.foot["number"]) == (1, 3)


def test_every_day_of_an_as_of_number_touches_the_roll_up() -> None:
    """The overdue applications of a month look at the filing and the end as well, beyond what the kind of figure names."""
    (body,) = triggers.touching("plans").values()
    assert all(f"r.{day}" in body for day in ("published_on", "applied_on", "filed_on", "repealed_on"))
    assert Plan.objects.count() == 0
