"""How numbers are rounded and worded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import RequestFactory

from emergency.core import clock
from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import evaluate, evaluate_over, link, opened
from emergency.figures.queries.values import Value
from emergency.figures.services import ledger_start_set
from emergency.figures.vocabulary import percent, plain
from emergency.organizations.services import place, succession_record
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard, Status

FOUND = vocabulary.get("hazards.found")
CHANGE = vocabulary.get("hazards.found.yoy")
RATE_CHANGE = vocabulary.get("hazards.rate.yoy")
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))


@pytest.mark.parametrize(
    ("over", "under", "expected"),
    [
        (5713, 5985, "95.5"),
        (9, 9, "100.0"),
        (0, 7, "0.0"),
        (9999, 10000, "99.9"),
        (1, 10000, "0.1"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),  # half up: 6.25
        (10001, 10000, "100.1"),
    ],
)
def test_a_ratio_has_one_decimal_and_shows_the_ends_only_when_exact(over: int, under: int, expected: str) -> None:
    assert percent(over, under) == Decimal(expected)


def test_nothing_over_nothing_is_a_dash() -> None:
    assert percent(0, 0) is None
    assert Value(vocabulary.get("hazards.rate"), None, parts=(0, 0)).text == "—"


@pytest.mark.parametrize(("number", "text"), [(Decimal("223.65"), "223.65"), (Decimal("50.0"), "50"), (18985, "18985")])
def test_prose_has_no_separators_and_no_trailing_zeros(number: Decimal | int, text: str) -> None:
    assert plain(number) == text


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (4, 8, "减少4条、下降50%"),
        (5, 6, "减少1条、下降16.7%"),
        (512, 476, "增加36条、上升7.6%"),
        (7, 7, "持平"),
        (3, 0, "增加3条（上年同期为零）"),
        (0, 0, "持平"),
    ],
)
def test_a_change_is_worded_absolute_first(now: int, before: int, words: str) -> None:
    assert Value(CHANGE, now - before, parts=(now, before)).text == words


def test_the_difference_of_two_ratios_is_in_percentage_points() -> None:
    value = Value(RATE_CHANGE, Decimal("-1.2"), parts=(Decimal("94.3"), Decimal("95.5")))
    assert value.text == "下降1.2个百分点"


def hazard(cast: Cast, area: object, found_on: dt.date, quantity: int = 1) -> Hazard:
    record = Hazard(
        number=f"T-{Hazard.objects.count()}",
        entry_mode="count",
        quantity=quantity,
        status=Status.RECTIFYING,
        handler=cast.bureau,
        description="消防通道堵塞",
        found_on=found_on,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
    )
    place(record, area, fallback=cast.bureau)
    record.save()
    return record


@pytest.mark.django_db
def test_a_ledger_without_records_is_missing_and_never_zero(cast: Cast) -> None:
    sheet = evaluate(["hazards.found", "hazards.rate"], organisation=cast.district, period=YEAR)
    assert sheet["hazards.found"].number is None
    assert sheet["hazards.found"].gap == "【待补：2021年1—11月排查隐患】"
    assert sheet["hazards.rate"].text == "【待补】"


@pytest.mark.django_db
def test_the_year_before_the_first_record_is_missing(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 12)
    sheet = evaluate(["hazards.found", "hazards.found.yoy"], organisation=cast.district, period=YEAR)
    assert sheet["hazards.found"].text == "12"
    assert sheet["hazards.found.yoy"].text == "【待补】"
    assert "0" not in sheet["hazards.found.yoy"].gap.replace("2020", "")


@pytest.mark.django_db
def test_a_declared_start_makes_an_empty_year_a_true_zero(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 12)
    ledger_start_set(
        ledger="hazards", organisation=cast.district, started_on=dt.date(2020, 1, 1), actor=cast.section_head
    )
    sheet = evaluate(["hazards.found.yoy"], organisation=cast.district, period=YEAR)
    assert sheet["hazards.found.yoy"].text == "增加12条（上年同期为零）"


@pytest.mark.django_db
def test_a_unit_inherits_the_start_of_its_district(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5))
    assert evaluate(["hazards.found"], organisation=cast.street_b, period=YEAR)["hazards.found"].number == 0


@pytest.mark.django_db
def test_rows_by_unit_add_up_with_own_and_blank(cast: Cast) -> None:
    for area, quantity in ((cast.street_a, 5), (cast.community_a, 2), (cast.district, 3), (None, 1)):
        hazard(cast, area, dt.date(2021, 3, 5), quantity)
    sheet = evaluate(["hazards.found"], organisation=cast.bureau, period=YEAR, by="unit")
    rows = {row.label: row["hazards.found"].number for row in sheet.rows}
    assert rows == {str(cast.street_a): 7, str(cast.street_b): 0, "区本级": 3, "未填": 1}
    assert sheet["hazards.found"].number == 11
    below = evaluate(["hazards.found"], organisation=cast.street_a, period=YEAR, by="unit")
    assert {row.label: row["hazards.found"].number for row in below.rows} == {
        str(cast.community_a): 2,
        "本级": 5,
        "未填": 0,
    }


@pytest.mark.django_db
def test_a_merged_unit_is_folded_into_its_successor(cast: Cast) -> None:
    hazard(cast, cast.street_b, dt.date(2021, 3, 5), 4)
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 1)
    succession_record(predecessor=cast.street_b, successor=cast.street_a, on=dt.date(2021, 7, 1))
    before = evaluate(
        ["hazards.found"], organisation=cast.district, period=Period(YEAR.start, dt.date(2021, 6, 30)), by="unit"
    )
    after = evaluate(["hazards.found"], organisation=cast.district, period=YEAR, by="unit")
    assert {row.label: row["hazards.found"].number for row in after.rows}[str(cast.street_a)] == 5
    assert str(cast.street_b) not in {row.label for row in after.rows}
    assert {row.label for row in before.rows} >= {str(cast.street_a), str(cast.street_b)}
    assert evaluate(["hazards.found"], organisation=cast.street_a, period=YEAR)["hazards.found"].number == 5


@pytest.mark.django_db
def test_several_periods_cost_one_query_for_a_source(cast: Cast, django_assert_max_num_queries: Any) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 4)
    with django_assert_max_num_queries(5):
        sheets = evaluate_over(["hazards.found", "hazards.rate"], organisation=cast.district, periods=YEAR.months())
    assert [sheet["hazards.found"].number for sheet in sheets] == [0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.django_db
def test_a_void_record_leaves_every_figure(cast: Cast) -> None:
    record = hazard(cast, cast.street_a, dt.date(2021, 3, 5), 4)
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 1)
    Hazard.objects.filter(pk=record.pk).update(status=Status.VOID, void_reason="重复登记")
    assert evaluate(["hazards.found"], organisation=cast.district, period=YEAR)["hazards.found"].number == 1


@pytest.mark.django_db
def test_a_department_counts_what_it_handles_or_answers_for(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 4)
    for column in ("department", "handler"):
        record = hazard(cast, cast.street_b, dt.date(2021, 3, 5), 2)
        Hazard.objects.filter(pk=record.pk).update(**{column: cast.department})
    codes = ["hazards.found", "enterprises.registered"]
    sheet = evaluate(codes, organisation=cast.department, period=YEAR, by="unit")
    assert sheet["hazards.found"].number == 4
    assert {row.label: row["hazards.found"].number for row in sheet.rows}[str(cast.street_b)] == 4
    address = link(FOUND, organisation=cast.department, period=YEAR)
    found = opened(RequestFactory().get(address).GET, reader=cast.person("department_clerk"))
    assert found is not None and found.number() == 4
