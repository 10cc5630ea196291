"""What the figures count of measures, by hand at the edges; and that coverage is a part of the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from emergency.core import clock
from emergency.core.periods import Period
from emergency.enterprises.models import Enterprise, Industry
from emergency.enterprises.tests.factories import enterprise_make
from emergency.figures import queries as figures
from emergency.figures import vocabulary
from emergency.figures.services.rolling import roll_up
from emergency.figures.vocabulary import Counted
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from inspections.models import Measure, MeasureKind, MeasureStatus, Visit, VisitKind
from inspections.tests.factories import DECIDED_ON, measure_in, measure_make, visit_make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 4, 20)
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
OURS = [one.code for one in vocabulary.declared() if one.code.startswith("measures.")]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def numbers(cast: Cast, *codes: str, unit: str = "district", period: Period = MARCH, **options: Any) -> list[Any]:
    found = figures.evaluate(list(codes), organisation=getattr(cast, unit), period=period, **options)
    return [found[code].number for code in codes]


def at_edges(cast: Cast) -> None:
    """Halts of production on the edges of March: the same firm twice, under another name, a void one, households."""
    halt = MeasureKind.SUSPENSION
    measure_make(cast, kind=halt, on=MARCH.start)
    measure_make(cast, kind=halt, on=MARCH.end)
    measure_make(cast, kind=halt, on=MARCH.start - dt.timedelta(days=1), party_name="二月厂")
    measure_make(cast, kind=halt, on=MARCH.end + dt.timedelta(days=1), party_name="四月厂")
    measure_make(cast, kind=halt, party_name="宏发（东门）木业")
    measure_make(cast, kind=halt, party_name="宏发(东门) 木业")
    measure_make(cast, kind=halt, quantity=7)
    measure_in(cast, MeasureStatus.VOID, kind=halt, party_name="错录厂")
    measure_make(
        cast, kind=halt, actor=cast.bureau_clerk, handler=cast.bureau, area=cast.district, party_name="区属公司"
    )


def test_parties_count_once_and_households_are_said(cast: Cast) -> None:
    at_edges(cast)
    sheet = figures.evaluate(["measures.suspended", "measures.all"], organisation=cast.district, period=MARCH)
    assert (sheet["measures.suspended"].number, sheet["measures.suspended"].note) == (3, "另有7户未逐户登记")
    assert sheet["measures.all"].number == 5 + 7
    assert numbers(cast, "measures.suspended", "measures.all", unit="street_a") == [2, 11]
    assert numbers(cast, "measures.suspended", unit="street_b") == [0]
    assert numbers(cast, "measures.suspended", period=Period(MARCH.start, MARCH.start)) == [1]


def test_by_unit_with_the_district_itself(cast: Cast) -> None:
    at_edges(cast)
    sheet = figures.evaluate(
        ["measures.suspended", "measures.all"], organisation=cast.district, period=MARCH, by="unit"
    )
    assert [(row.label, row.values["measures.suspended"].number) for row in sheet.rows] == [
        ("东门街道", 2), ("西坪街道", 0), ("区本级", 1), ("未填", 0),
    ]  # fmt: skip
    assert sheet["measures.all"].number == 12


def test_money_and_kinds(cast: Cast) -> None:
    measure_make(cast, amount=Decimal("15000.50"))
    measure_in(cast, MeasureStatus.DONE, party_name="王某", amount=Decimal(500))
    measure_make(cast, kind=MeasureKind.CONFISCATION, amount=Decimal(90))
    measure_make(cast, kind=MeasureKind.CLOSURE, party_name="黑作坊")
    measure_make(cast, kind=MeasureKind.JOINT)
    codes = (
        "fines",
        "fined",
        "confiscated",
        "confiscated_money",
        "closed_down",
        "joint_punishment",
        "warnings",
        "executed",
    )
    assert numbers(cast, *(f"measures.{code}" for code in codes)) == [Decimal("15500.50"), 2, 1, 90, 1, 1, 0, 1]
    sheet = figures.evaluate(["measures.execution_rate"], organisation=cast.district, period=MARCH)
    assert sheet["measures.execution_rate"].number == Decimal(20)
    rows = figures.evaluate(["measures.all"], organisation=cast.district, period=MARCH, by="measure_kind").rows
    assert {row.label: row.values["measures.all"].number for row in rows if row.values["measures.all"].number} == {
        "罚款": 2, "没收违法所得": 1, "关闭取缔": 1, "联合惩戒": 1,
    }  # fmt: skip


def test_a_figure_for_each_kind(cast: Cast) -> None:
    """None of the kinds is forgotten: one measure of each, and every count of the period grows by it."""
    for kind in MeasureKind:
        measure_make(cast, kind=kind)
    counted = [
        one
        for one in vocabulary.every()
        if isinstance(one, Counted) and one.code.startswith("measures.") and one.kind in ("count", "distinct")
    ]
    ones = [one.code for one in counted if one.code not in ("measures.all", "measures.executed")]
    assert len(ones) == len(MeasureKind)
    assert numbers(cast, *ones) == [1] * len(ones)


def test_late_publication_stands_at_the_end_of_the_day(cast: Cast) -> None:
    """Due on Tuesday 17 March: late from the end of the 18th on; published on the 20th it is late until then."""
    measure = measure_make(cast)
    measure_make(cast, kind=MeasureKind.JOINT)
    exempt = measure_make(cast, party_name="某未成年人")
    Measure.objects.filter(pk=exempt.pk).update(unpublished_reason="涉及未成年人")

    def late(day: int) -> int:
        period = Period(MARCH.start, dt.date(2026, 3, day))
        (number,) = numbers(cast, "measures.publish_overdue", period=period)
        assert Measure.objects.publication_overdue(period.end).count() == number or measure.published_on
        return number

    assert measure.publish_due_on == dt.date(2026, 3, 17)
    assert [late(17), late(18), late(31)] == [0, 1, 1]
    Measure.objects.filter(pk=measure.pk).update(published_on=dt.date(2026, 3, 20))
    measure.refresh_from_db()
    assert [late(18), late(19), late(20), late(31)] == [1, 1, 0, 0]


def test_taken_up_again_is_a_part_of_those_halted(cast: Cast) -> None:
    measure = measure_make(cast, kind=MeasureKind.SUSPENSION)
    Measure.objects.filter(pk=measure.pk).update(resumed_on=dt.date(2026, 4, 2))
    assert numbers(cast, "measures.resumed") == [0]
    assert numbers(cast, "measures.resumed", period=Period(MARCH.start, TODAY)) == [1]


@pytest.mark.parametrize("by", [None, "unit", "office", "department", "industry", "measure_kind", "campaign"])
def test_every_number_is_the_sum_over_its_list(cast: Cast, by: str | None) -> None:
    at_edges(cast)
    industry = Industry.objects.create(name="木材加工", order=900)
    parent = _campaign(cast, "百日攻坚")
    measure_make(
        cast, party_name="甲厂", industry=industry, campaigns=[parent, _campaign(cast, "木业整治", parent=parent)]
    )
    measure_in(cast, MeasureStatus.DONE, kind=MeasureKind.FINE, party_name="乙厂")
    reader = cast.person("leader")
    codes = [code for code in OURS if isinstance(vocabulary.get(code), Counted)]
    sheet = figures.evaluate(codes, organisation=cast.district, period=MARCH, by=by)
    lines = [({by: row.key}, row.values) for row in sheet.rows] if by else [({}, {code: sheet[code] for code in codes})]
    nonzero = 0
    for within, values in lines:
        for code in codes:
            url = figures.link(vocabulary.get(code), organisation=cast.district, period=MARCH, within=within)
            opened = figures.opened(RequestFactory().get(url).GET, reader=reader)
            assert opened is not None
            assert opened.number() == values[code].number, (code, within)
            nonzero += bool(values[code].number)
    assert nonzero > 3


def _campaign(cast: Cast, name: str, **fields: Any) -> Programme:
    return Programme.objects.create(
        name=name, owner=cast.bureau, start=MARCH.start, created_by=cast.bureau_clerk, created_at=clock.now(), **fields
    )


# ------------------------------------------------------------------------------------------------ coverage


def test_coverage_is_a_part_of_the_register_in_every_row(cast: Cast) -> None:
    """A firm that has ended, one that moved to the other street, and a kind of visit that does not count: never above 100 %."""
    ended, moved = (
        enterprise_make(name=name, area=cast.street_a, created_by=cast.bureau_clerk) for name in ("关停厂", "迁址厂")
    )
    Enterprise.objects.update(registered_on=dt.date(2026, 1, 1))
    for one in (ended, moved, cast.enterprise):
        for _ in range(2):
            visit_make(
                actor=cast.officer_a, handler=cast.street_a, on=DECIDED_ON, enterprise=one, kind=VisitKind.SERVICE
            )
    Enterprise.objects.filter(pk=ended.pk).update(state="closed", ended_on=MARCH.end)
    Enterprise.objects.filter(pk=moved.pk).update(area=cast.street_b, street=cast.street_b)
    codes = ["inspections.enterprises", "inspections.covered", "enterprises.registered", "inspections.coverage"]
    assert numbers(cast, *codes) == [3, 2, 2, Decimal(100)]
    rows = figures.evaluate(codes, organisation=cast.district, period=MARCH, by="unit").rows
    assert [row.values["inspections.coverage"].number for row in rows[:2]] == [Decimal(100), Decimal(100)]
    patrolled = enterprise_make(name="巡查厂", area=cast.street_b, created_by=cast.bureau_clerk)
    Enterprise.objects.filter(pk=patrolled.pk).update(registered_on=dt.date(2026, 1, 1))
    visit_make(actor=cast.officer_b, handler=cast.street_b, on=DECIDED_ON, enterprise=patrolled, kind=VisitKind.PATROL)
    assert numbers(cast, *codes[1:]) == [2, 3, Decimal("66.7")]
    roll_up(everything=True)  # a visit touches nothing of the register, so the roll-up must not keep this number
    Visit.objects.filter(enterprise=moved).update(void=True, void_reason="重复登记")
    assert numbers(cast, *codes[1:]) == [1, 3, Decimal("33.3")]
    Visit.objects.update(void=False, void_reason="")
    figure = vocabulary.get("inspections.covered")
    opened = figures.records(figure, organisation=cast.district, period=MARCH)
    assert set(opened) == {moved, cast.enterprise}
