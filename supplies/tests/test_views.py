"""Pages of supplies: who enters, moving goods in the browser, lists and what they cost, to-do, search and menu."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock, finding, panels
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.models import Role
from emergency.organizations.tests.factories import Cast, client_of, membership_make
from emergency.organizations.tests.planting import plant_many
from supplies.models import Depot, DepotLevel, Holding, Item, Minimum, Movement, MovementKind, Purchase
from supplies.services import minimum_set
from supplies.tests.factories import depot_make, item_make, keeper, receive

pytestmark = pytest.mark.django_db
OFFICES = set(Cast.BUSINESS) - {"enterprise_user"}
AREA_A = {"bureau_clerk", "section_head", "leader", "officer_a", "officer_a2"}
STREETS = {"officer_a", "officer_a2", "officer_b", "community_officer"}
KEEPS_A = {"officer_a", "officer_a2"}
REGISTERS_A = KEEPS_A | {"bureau_clerk", "section_head"}


@pytest.fixture
def tent(cast: Cast) -> Item:
    return item_make(cast)


@pytest.fixture
def town(cast: Cast) -> Depot:
    return depot_make(cast, "东门街道储备点", handler=cast.street_a, area=cast.street_a, level=DepotLevel.STREET)


def received(cast: Cast, town: Depot, tent: Item, quantity: Any = 10, **fields: Any) -> Movement:
    return receive(cast, town, tent, quantity, actor=cast.person("officer_a"), **fields)


# ------------------------------------------------------------------------------------------------ who enters

DOORS = [
    ("list", OFFICES),
    ("day", OFFICES),
    ("movement_list", OFFICES),
    ("depot_list", OFFICES),
    ("item_list", OFFICES),
    ("purchase_list", OFFICES),
    ("export", OFFICES),
    ("new", STREETS),
    ("issue", STREETS),
    ("transfer", STREETS),
    ("import", STREETS | {"bureau_clerk", "section_head"}),
    ("depot_new", STREETS | {"bureau_clerk", "section_head"}),
    ("purchase_new", STREETS | {"bureau_clerk", "section_head"}),
    ("item_new", {"bureau_clerk", "section_head"}),
]


def test_who_opens_which_page(cast: Cast, town: Depot, tent: Item, client: Client) -> None:
    received(cast, town, tent)
    for name in Cast.NAMES:
        browser = cast.client(name)
        for route, allowed in DOORS:
            expected = {200, 302} if name in allowed else {403}
            assert browser.get(reverse(f"supplies:{route}")).status_code in expected, (name, route)
    assert client.get(reverse("supplies:list")).status_code == 302


def test_who_sees_and_acts_on_the_rows_of_a_town(cast: Cast, town: Depot, tent: Item) -> None:
    moved = received(cast, town, tent)
    form = {
        "handler": cast.street_a.pk, "name": "2021年采购", "supplier": "某厂", "signed_on": "2021-03-01",
        "contract_sum": "1000", "money_source": "财政",
    }  # fmt: skip
    assert cast.client("officer_a").post(reverse("supplies:purchase_new"), form).status_code == 302
    bought = Purchase.objects.get()
    pages: list[tuple[str, list[Any], set[str]]] = [
        ("detail", [moved.holding.pk], AREA_A),
        ("act", [moved.holding.pk, "loss"], KEEPS_A),
        ("movement_detail", [moved.pk], AREA_A),
        ("movement_reverse", [moved.pk], KEEPS_A),
        ("depot_detail", [town.pk], AREA_A),
        ("depot_edit", [town.pk], REGISTERS_A),
        ("minimum", [town.pk], REGISTERS_A),
        ("purchase_detail", [bought.pk], AREA_A),
        ("purchase_edit", [bought.pk], REGISTERS_A),
        ("purchase_void", [bought.pk], REGISTERS_A),
    ]
    for name in Cast.NAMES:
        browser = cast.client(name)
        for route, args, allowed in pages:
            status = browser.get(reverse(f"supplies:{route}", args=args)).status_code
            if name in allowed:
                assert status == 200, (name, route)
            elif name in AREA_A or name not in OFFICES:
                assert status == 403, (name, route)
            else:
                assert status in (403, 404), (name, route)
    assert cast.client("officer_a").get(reverse("supplies:act", args=[moved.holding.pk, "receipt"])).status_code == 404


# ------------------------------------------------------------------------------------------------ moving goods


def test_a_day_at_the_depot(cast: Cast, town: Depot, tent: Item) -> None:
    """入库, 出库, 归还 and 冲销 in the browser of a town's officer."""
    browser, today = cast.client("officer_a"), clock.today().isoformat()
    form = {"depot": town.pk, "item": tent.pk, "mode": "physical", "quantity": "10", "moved_on": today, "price": "100"}
    response = browser.post(reverse("supplies:new"), form)
    holding = Holding.objects.get()
    assert response.status_code == 302 and response.url == holding.get_absolute_url()
    out = {
        "depot": town.pk,
        "item": tent.pk,
        "mode": "physical",
        "moved_on": today,
        "receiver": "桥头社区",
        "basis": "调令1号",
    }
    short = browser.post(reverse("supplies:issue"), out | {"quantity": "11"})
    assert short.status_code == 400 and "可用10顶" in short.content.decode()
    assert browser.post(reverse("supplies:issue"), out | {"quantity": "4"}).status_code == 302
    act = reverse("supplies:act", args=[holding.pk, "return"])
    assert browser.post(act, {"quantity": "5", "moved_on": today, "reason": "用毕"}).status_code == 400
    assert browser.post(act, {"quantity": "1", "moved_on": today, "reason": "用毕"}).status_code == 302
    page = browser.get(holding.get_absolute_url()).content.decode()
    assert "7顶" in page and "桥头社区" in page and "折款" in page
    back = Movement.objects.get(kind=MovementKind.RETURN)
    assert browser.post(reverse("supplies:movement_reverse", args=[back.pk]), {"reason": "登错"}).status_code == 302
    assert "已冲销" in browser.get(back.get_absolute_url()).content.decode()
    day = browser.get(reverse("supplies:day"), {"on": today})
    assert [(line.item, line.quantity) for line in day.context["lines"]] == [("单帐篷", 6)]
    assert "折款600元" in day.content.decode()
    assert browser.get(reverse("supplies:day"), {"on": "无"}).status_code == 400


def test_a_depot_the_catalogue_and_what_must_be_there(cast: Cast) -> None:
    browser = cast.client("bureau_clerk")
    depot = {
        "name": "二号库",
        "level": "street",
        "handler": cast.street_a.pk,
        "area": cast.street_a.pk,
        "opened_on": "2021-01-01",
    }
    assert browser.post(reverse("supplies:depot_new"), depot | {"keeper_phone": "13800001234"}).status_code == 302
    one = Depot.objects.get()
    assert (one.owner, one.keeper_phone) == (cast.street_a, "13800001234")
    item = {"name": "铁锹", "unit": "把", "pack_size": "1", "aliases": "铁铲、锹", "active": "on"}
    assert browser.post(reverse("supplies:item_new"), item | {"code": "9"}).status_code == 400
    assert browser.post(reverse("supplies:item_new"), item).status_code == 302
    shovel = Item.objects.get()
    assert shovel.aliases == ["铁铲", "锹"]
    assert (
        browser.post(reverse("supplies:item_edit", args=[shovel.pk]), item | {"specification": "尖头"}).status_code
        == 302
    )
    assert (
        browser.post(reverse("supplies:minimum", args=[one.pk]), {"item": shovel.pk, "quantity": "5"}).status_code
        == 302
    )
    page = browser.get(one.get_absolute_url()).content.decode()
    assert "缺5把" in page and "138****1234" in page and "13800001234" not in page
    edit = {"name": "二号库", "level": "street", "owner": cast.bureau.pk, "keeper": "张三"}
    assert browser.post(reverse("supplies:depot_edit", args=[one.pk]), edit).status_code == 302
    one.refresh_from_db()
    assert (one.keeper, one.keeper_phone, one.owner) == ("张三", "13800001234", cast.bureau)
    assert "铁锹" in browser.get(reverse("supplies:item_list")).content.decode()


def test_a_transfer_needs_two_depots(cast: Cast, town: Depot, tent: Item) -> None:
    browser = cast.client("officer_a")
    assert browser.get(reverse("supplies:transfer")).status_code == 302
    second = depot_make(cast, "二号库", handler=cast.street_a, area=cast.street_a)
    received(cast, town, tent)
    form = {
        "source": town.pk,
        "target": second.pk,
        "item": tent.pk,
        "quantity": "4",
        "moved_on": clock.today().isoformat(),
        "basis": "1号",
    }
    assert browser.get(reverse("supplies:transfer")).status_code == 200
    assert browser.post(reverse("supplies:transfer"), form).url == reverse("supplies:movement_list")
    assert sorted(Holding.objects.values_list("depot__name", "quantity")) == [("东门街道储备点", 6), ("二号库", 4)]


# ------------------------------------------------------------------------------------------------ lists


@pytest.mark.parametrize(
    ("route", "model", "day"),
    [
        ("list", Holding, "received_on"),
        ("movement_list", Movement, "moved_on"),
        ("depot_list", Depot, "opened_on"),
        ("purchase_list", Purchase, "signed_on"),
    ],
)
def test_what_a_list_costs(cast: Cast, route: str, model: Any, day: str) -> None:
    """Measured as the village officer, with more rows than a page."""
    columns = {"handler": cast.community_a, "area": cast.community_a}
    plant_many(model, 60, unit=cast.community_a, user=cast.bureau_clerk, **columns)
    browser = cast.client("community_officer")
    browser.get(reverse(f"supplies:{route}"))
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(reverse(f"supplies:{route}"))
    assert len(page.context["page"].rows) == 50
    assert len(queries) == expected_queries(f"supplies:{route}"), [one["sql"][:150] for one in queries]


def test_filters_of_the_stock(cast: Cast, town: Depot, tent: Item) -> None:
    today = clock.today()
    soon = received(cast, town, tent, 1, expires_on=today + dt.timedelta(days=90), moved_on=today, on=today)
    gone = received(cast, town, tent, 2, expires_on=today - dt.timedelta(days=1), moved_on=today, on=today)
    good = received(cast, town, tent, 3, expires_on=today + dt.timedelta(days=91), moved_on=today, on=today)
    browser = cast.client("officer_a")

    def listed(**query: Any) -> set[int]:
        return {row.pk for row in browser.get(reverse("supplies:list"), query).context["page"].rows}

    assert listed(state="soon") == {soon.holding_id}
    assert listed(state="expired") == {gone.holding_id}
    assert listed(state="held") == {soon.holding_id, gone.holding_id, good.holding_id}
    assert listed(state="gone") == set() == listed(mode="agreement")
    assert listed(depot=town.pk, item=tent.pk, q=good.lot_number) == {good.holding_id}
    movements = browser.get(reverse("supplies:movement_list"), {"kind": "receipt", "moved_from": today.isoformat()})
    assert len(movements.context["page"].rows) == 3


# ------------------------------------------------------------------------------------------------ elsewhere


def test_what_waits_for_a_keeper(cast: Cast, town: Depot, tent: Item) -> None:
    today = clock.today()
    old = received(cast, town, tent, 1, expires_on=today - dt.timedelta(days=3), moved_on=today, on=today)
    soon = received(cast, town, tent, 1, expires_on=today, moved_on=today, on=today)
    minimum_set(actor=cast.person("officer_a"), depot=town, item=tent, quantity=Decimal(5))
    expected = {
        "物资超期": [old.holding.get_absolute_url()],
        "物资临期": [soon.holding.get_absolute_url()],
        "库存不足": [town.get_absolute_url()],
    }
    for name in ("officer_a", "officer_b", "bureau_clerk", "leader", "department_clerk"):
        found = panels.todo_list(cast.person(name), today)
        ours = {
            item.kind: [one.url for one in found.items if one.kind == item.kind]
            for item in found.items
            if item.kind in expected
        }
        assert ours == (expected if name == "officer_a" else {}), name
    received(cast, town, tent, 4, moved_on=today, on=today)
    assert "库存不足" not in {item.kind for item in panels.todo_list(cast.person("officer_a"), today).items}
    assert Minimum.objects.count() == 1


def test_search_and_menu_show_what_the_reader_may_open(cast: Cast, town: Depot, tent: Item) -> None:
    moved = received(cast, town, tent)
    hits = {
        found.label: [hit.url for hit in found.hits] for found in finding.find(cast.person("officer_a"), "单帐篷", 5)
    }
    assert hits == {"物资库存": [moved.holding.get_absolute_url()], "出入库流水": [moved.get_absolute_url()]}
    assert finding.find(cast.person("officer_b"), "单帐篷", 5) == []

    def entries(user: Any) -> set[str]:
        return {one.url_name for one in panels.menu_entries(user) if one.group == "物资保障"}

    assert {"supplies:issue", "supplies:transfer", "supplies:list"} <= entries(keeper(cast))
    assert "supplies:issue" not in entries(cast.person("leader")) and "supplies:day" in entries(cast.person("leader"))
    assert entries(cast.person("enterprise_user")) == set() == entries(cast.person("system_admin"))


def test_a_keeper_of_a_department_keeps_its_depot(cast: Cast, tent: Item) -> None:
    """The bureau decides, the grain and reserve office stores and moves: it sees its depot, and nothing else of the district."""
    depot = depot_make(cast, "粮食和储备局代储库", handler=cast.department, owner=cast.bureau)
    other = depot_make(cast, "区应急物资储备库")
    person = cast.department_clerk
    membership_make(person, Role.STOREKEEPER, cast.department)
    browser = client_of(person)
    form = {
        "depot": depot.pk,
        "item": tent.pk,
        "mode": "physical",
        "quantity": "10",
        "moved_on": clock.today().isoformat(),
    }
    assert browser.post(reverse("supplies:new"), form).status_code == 302
    assert browser.get(depot.get_absolute_url()).status_code == 200
    assert browser.get(other.get_absolute_url()).status_code == 404
    refused = browser.post(reverse("supplies:new"), form | {"depot": other.pk})
    assert refused.status_code == 400 and "depot" in refused.context["form"].errors
