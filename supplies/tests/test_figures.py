"""What supplies count, by hand: what stands on a day, what came and went, reversals, breakdowns, and the goods that are figures."""

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
from emergency.figures import vocabulary
from emergency.figures.queries import evaluate, link, opened
from emergency.figures.services.rolling import roll_up
from emergency.organizations.tests.factories import Cast
from supplies.figures import code_of
from supplies.models import Depot, DepotLevel, Item, Mode, MovementKind
from supplies.services import depot_edit, holding_adjust, movement_reverse, purchase_create, purchase_void, stock_issue
from supplies.tests.factories import DAY, TODAY, depot_make, item_make, keeper, receive

pytestmark = pytest.mark.django_db
NEXT = DAY + dt.timedelta(days=40)
MARCH = Period(dt.date(2021, 3, 1), dt.date(2021, 3, 31))
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        vocabulary.forget()
        yield
        vocabulary.forget()


@pytest.fixture
def goods(cast: Cast) -> tuple[Depot, Item]:
    """March: 10 tents of 2 pieces at 100 yuan come in, 8 by contract; April: 4 are issued, 1 is scrapped."""
    depot, tent = depot_make(cast), item_make(cast, pack_size=Decimal(2), counted=True)
    came = receive(cast, depot, tent, 10, price=Decimal(100))
    receive(cast, depot, tent, 8, price=Decimal(50), mode=Mode.AGREEMENT)
    paper = {"actor": keeper(cast), "moved_on": NEXT, "basis": "调令1号"}
    stock_issue(depot=depot, item=tent, quantity=Decimal(4), receiver="大田乡", **paper)
    holding_adjust(holding=came.holding, kind=MovementKind.SCRAP, quantity=Decimal(1), reason="破损", **paper)
    return depot, tent


def values(cast: Cast, period: Period, *codes: str, **options: Any) -> list[Any]:
    sheet = evaluate(list(codes), organisation=options.pop("unit", cast.district), period=period, **options)
    return [sheet[code].number for code in codes]


CODES = (
    "supplies.pieces",
    "supplies.value",
    "supplies.promised_value",
    "supplies.received_value",
    "supplies.issued_value",
    "supplies.scrapped_value",
)


def test_what_stands_and_what_moved(cast: Cast, goods: tuple[Depot, Item]) -> None:
    assert values(cast, MARCH, *CODES) == [20, 1000, 400, 1000, 0, 0]
    assert values(cast, YEAR, *CODES) == [10, 500, 400, 1000, 400, 100]
    april = Period(dt.date(2021, 4, 1), dt.date(2021, 4, 30))
    assert values(cast, april, *CODES) == [10, 500, 400, 0, 400, 100]
    assert values(cast, YEAR, *CODES, unit=cast.street_b) == [0] * 6
    roll_up()
    assert values(cast, MARCH, *CODES) == [20, 1000, 400, 1000, 0, 0]
    assert values(cast, YEAR, *CODES) == [10, 500, 400, 1000, 400, 100]


def test_a_reversal_counts_on_its_own_day(cast: Cast, goods: tuple[Depot, Item]) -> None:
    depot, tent = goods
    wrong = receive(cast, depot, tent, 5, price=Decimal(100))
    assert values(cast, YEAR, "supplies.value", "supplies.received_value") == [1000, 1500]
    movement_reverse(actor=keeper(cast), movement=wrong, reason="重复登记")
    assert values(cast, YEAR, "supplies.value", "supplies.received_value") == [500, 1000]
    assert values(cast, MARCH, "supplies.value", "supplies.received_value") == [1500, 1500]


def test_goods_of_the_catalogue_are_figures_in_their_own_unit(cast: Cast, goods: tuple[Depot, Item]) -> None:
    tent = goods[1]
    item_make(cast, "铁锹", unit="把")
    vocabulary.forget()
    figure = vocabulary.get(code_of(tent))
    assert (figure.name, figure.unit) == ("单帐篷储备数", "顶")
    assert [one.code for one in vocabulary.every() if one.code.startswith("stock.")] == [figure.code]
    sheet = evaluate([figure.code], organisation=cast.district, period=YEAR)
    assert (sheet[figure.code].number, sheet[figure.code].text_with_unit) == (5, "5顶")


def test_by_depot_and_the_list_behind(cast: Cast, goods: tuple[Depot, Item]) -> None:
    tent = goods[1]
    town = depot_make(cast, "东门街道储备点", handler=cast.street_a, area=cast.street_a, level=DepotLevel.STREET)
    receive(cast, town, tent, 3, price=Decimal(100), actor=cast.person("officer_a"))
    sheet = evaluate(["supplies.value"], organisation=cast.district, period=YEAR, by="depot")
    assert {row.label: row["supplies.value"].number for row in sheet.rows} == {
        "区应急物资储备库": 500,
        "东门街道储备点": 300,
    }
    sheet = evaluate(["supplies.pieces"], organisation=cast.district, period=YEAR, by="supply_item")
    assert {row.label: row["supplies.pieces"].number for row in sheet.rows} == {"单帐篷": 16}
    url = link(vocabulary.get("supplies.value"), organisation=cast.district, period=YEAR)
    found = opened(RequestFactory().get(url).GET, reader=cast.person("leader"))
    assert found is not None and found.number() == 800 and found.records().count() == 4


def test_depots_in_use_and_purchases(cast: Cast) -> None:
    clerk = cast.person("bureau_clerk")
    depot_make(cast)
    closed = depot_make(cast, "旧库")
    depot_edit(actor=clerk, depot=closed, closed_on=NEXT)
    given = {"supplier": "某厂", "money_source": "区本级财政", "signed_on": DAY}
    for name, cost in (("甲", 300), ("乙", 500)):
        one = purchase_create(actor=clerk, handler=cast.bureau, name=name, contract_sum=Decimal(cost), **given)
    assert values(cast, MARCH, "supplies.depots") == [2]
    assert values(cast, YEAR, "supplies.depots", "supplies.purchased") == [1, 800]
    purchase_void(actor=clerk, purchase=one, reason="重复")
    assert values(cast, YEAR, "supplies.purchased") == [300]
