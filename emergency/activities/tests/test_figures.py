"""What the ledger counts, by hand: the edges of a period, drafts and void rows, groups, breakdowns, and the table of the manual."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from emergency.activities.figures import ACTIVITIES, figures
from emergency.activities.models import Activity, Category, Status
from emergency.activities.services import activity_act
from emergency.activities.tests.factories import activity_make
from emergency.core import clock
from emergency.core.periods import Period
from emergency.enterprises.tests.factories import industry_make
from emergency.figures import vocabulary
from emergency.figures.queries import evaluate, link, opened
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme

pytestmark = pytest.mark.django_db
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))


@pytest.fixture(autouse=True)
def tree_as_delivered() -> Any:
    """Another test may have left a site's own categories in the process's memory."""
    vocabulary.forget()
    yield
    vocabulary.forget()


def make(cast: Cast, slug: str, **fields: Any) -> Activity:
    handler = fields.pop("handler", cast.bureau)
    actor = {cast.bureau.pk: "bureau_clerk", cast.street_a.pk: "officer_a"}[handler.pk]
    given = {"title": "某项工作"} | fields
    return activity_make(actor=cast.person(actor), handler=handler, slug=slug, **given)


def values(cast: Cast, *codes: str, **options: Any) -> list[Any]:
    sheet = evaluate([f"activities.{code}" for code in codes], organisation=cast.district, period=YEAR, **options)
    return [sheet[f"activities.{code}"].number for code in codes]


def test_a_district_in_2021(cast: Cast) -> None:
    """The numbers of a real summary, each from its rows."""
    for number, groups in enumerate((12, 10, 11, 11, 10), start=1):
        make(cast, "supervision_rounds", title=f"第{number}轮督查", quantity=groups)
    make(cast, "meeting_secretary", times=4)
    make(cast, "supervision_flood", times=4, problems=21, rectified=21)
    make(cast, "publicity_poster", quantity=20, approximate=["quantity"])
    make(cast, "insurance_housing", money=310_000)
    make(cast, "insurance_liability", money=652_500)
    assert values(
        cast, "supervision_rounds.times", "supervision_rounds.quantity", "meeting_secretary.times", "supervision_flood.times",
        "supervision_flood.problems", "supervision_flood.rectified", "publicity_poster.quantity",
    ) == [5, 54, 4, 4, 21, 21, 20]  # fmt: skip
    # A group sums its categories, each under its own word.
    assert values(cast, "supervision.times", "supervision.problems", "insurance.money") == [9, 21, 962_500]
    sheet = evaluate(["hazards.found", "activities.insurance.money"], organisation=cast.district, period=YEAR)
    assert sheet.number("hazards.found") == 0
    assert sheet["activities.insurance.money"].text_with_unit == "96.25万元"


def test_edges_of_the_period_drafts_and_void_rows(cast: Cast) -> None:
    for day in (YEAR.start, YEAR.end):
        make(cast, "consult_flood", started_on=day)
    for day in (YEAR.start - dt.timedelta(days=1), YEAR.end + dt.timedelta(days=1)):
        make(cast, "consult_flood", started_on=day)
    make(cast, "consult_flood", draft=True)
    gone = make(cast, "consult_flood")
    activity_act(
        queryset=Activity.objects.all(), pk=gone.pk, action="void", actor=cast.person("leader"), data={"reason": "重复"}
    )
    assert Activity.objects.get(pk=gone.pk).status == Status.VOID
    assert values(cast, "consult_flood.times", "consult.times", "consult_forest_fire.times") == [2, 2, 0]


def test_by_unit_industry_and_category_and_the_list_behind(cast: Cast) -> None:
    machines, chemicals = industry_make("工贸"), industry_make("危险化学品")
    for industry, count in ((machines, 1), (machines, 1), (chemicals, 2)):
        make(cast, "upgrade", quantity=count, industry=industry)
    make(cast, "training_cadre", handler=cast.street_a, people=30)
    make(cast, "training_enterprise", people=50)
    sheet = evaluate(["activities.upgrade.quantity"], organisation=cast.district, period=YEAR, by="industry")
    assert {row.label: row["activities.upgrade.quantity"].number for row in sheet.rows} == {"工贸": 2, "危险化学品": 2}
    code = "activities.training.people"
    sheet = evaluate([code], organisation=cast.district, period=YEAR, by="unit")
    assert {row.label: row[code].number for row in sheet.rows if row[code].number} == {"东门街道": 30, "区本级": 50}
    sheet = evaluate([code], organisation=cast.district, period=YEAR, by="activity_category")
    assert {row.label: row[code].number for row in sheet.rows} == {"干部培训": 30, "企业负责人培训": 50}
    url = link(vocabulary.get(code), organisation=cast.district, period=YEAR)
    found = opened(RequestFactory().get(url).GET, reader=cast.person("leader"))
    assert found is not None and found.number() == 80
    assert {one.category.slug for one in found.records()} == {"training_cadre", "training_enterprise"}


def test_a_campaign_counts_its_activities(cast: Cast) -> None:
    campaign = Programme.objects.create(
        name="安全生产月", owner=cast.bureau, start=YEAR.start, created_by=cast.bureau_clerk, created_at=clock.now()
    )
    make(cast, "publicity_event", people=100, campaigns=[campaign])
    make(cast, "publicity_event", people=60)
    assert values(cast, "publicity_event.people", within={"campaign": str(campaign.pk)}) == [100]


def test_the_family_is_read_in_two_queries_and_every_code_is_found() -> None:
    with CaptureQueriesContext(connection) as captured:
        family = list(figures())
    assert len(captured) == 2
    assert len({one.code for one in family}) == len(family) == sum(len(one.measures) for one in Category.objects.all())
    assert all(vocabulary.get(one.code) == one for one in family)
    assert ACTIVITIES in vocabulary.sources()
    assert [one for one in vocabulary.every() if one.code.startswith("activities.")] == family


def test_the_manual_tells_the_meaning_of_every_figure() -> None:
    text = (Path(settings.BASE_DIR) / "docs/manual/activities.md").read_text().partition("## 口径表")[2]
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert table[1:] == [[one.name, one.unit, one.meaning] for one in figures()]
