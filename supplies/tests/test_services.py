"""Goods come in, go out and come back: who may, the first to expire first, what is refused, and that past days stay what they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.organizations.tests.factories import Cast
from supplies.models import Depot, DepotLevel, Holding, Item, Lot, Minimum, Mode, Movement, MovementKind
from supplies.queries import short, stock_on
from supplies.services import (
    depot_create,
    depot_edit,
    holding_adjust,
    item_create,
    item_edit,
    minimum_set,
    movement_reverse,
    purchase_create,
    purchase_void,
    stock_issue,
    stock_receive,
    stock_transfer,
)
from supplies.tests.factories import DAY, OPENED, TODAY, depot_make, item_make, keeper, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


@pytest.fixture
def depot(cast: Cast) -> Depot:
    return depot_make(cast)


@pytest.fixture
def tent(cast: Cast) -> Item:
    return item_make(cast, pack_size=Decimal(2), shelf_life_months=96)


def issue(cast: Cast, depot: Depot, item: Item, quantity: Any, **fields: Any) -> list[Movement]:
    given = {"moved_on": TODAY, "receiver": "大田乡", "basis": "区应急调〔2021〕3号"} | fields
    return stock_issue(actor=keeper(cast), depot=depot, item=item, quantity=Decimal(quantity), **given)


def adjust(cast: Cast, holding: Holding, kind: str, quantity: Any, **fields: Any) -> Movement:
    given = {"moved_on": TODAY, "reason": "清点", "basis": "区应急批〔2021〕1号"} | fields
    return holding_adjust(actor=keeper(cast), holding=holding, kind=kind, quantity=Decimal(quantity), **given)


def held() -> list[Decimal]:
    return list(Holding.objects.order_by("pk").values_list("quantity", flat=True))


# ------------------------------------------------------------------------------------------------ in


def test_a_receipt_is_a_lot_a_holding_and_a_movement(cast: Cast, depot: Depot, tent: Item) -> None:
    made = dt.date(2021, 1, 31)
    moved = receive(cast, depot, tent, "30", made_on=made, price=Decimal("850.50"), position="A区", basis="验收单1号")
    holding, lot = moved.holding, moved.holding.lot
    assert (lot.number, moved.number) == ("369901-WZ2021-00001", "369901-LS2021-00001")
    assert lot.expires_on == holding.expires_on == dt.date(2029, 1, 31)
    assert (moved.quantity, moved.pieces, moved.amount) == (30, 60, Decimal("25515.00"))
    assert (moved.district, moved.area, moved.handler, moved.title) == (
        cast.district,
        cast.district,
        cast.bureau,
        "单帐篷",
    )
    holding.refresh_from_db()
    assert (holding.quantity, holding.position, holding.state(TODAY)[0]) == (30, "A区", "在库")
    entry = AuditEntry.objects.get(verb="movement.create")
    assert (entry.target_id, entry.organisation_name) == (moved.pk, str(cast.bureau))


def test_only_the_keeper_moves_goods(cast: Cast, depot: Depot, tent: Item) -> None:
    town = depot_make(cast, "东门街道储备点", handler=cast.street_a, area=cast.street_a, level=DepotLevel.STREET)
    receive(cast, town, tent, 5, actor=cast.person("officer_a"))
    for name in sorted(set(Cast.NAMES) - {"officer_a", "officer_a2"}):
        with pytest.raises(PermissionDenied):
            receive(cast, town, tent, 5, actor=cast.person(name))
    for name in Cast.NAMES:
        with pytest.raises(PermissionDenied):
            receive(cast, depot, tent, 5, actor=cast.person(name))
    assert Movement.objects.count() == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"quantity": 0}, "quantity"),
    ({"quantity": "1.005"}, "quantity"),
    ({"moved_on": TODAY + dt.timedelta(days=1)}, "moved_on"),
    ({"moved_on": OPENED - dt.timedelta(days=1)}, "moved_on"),
    ({"made_on": DAY + dt.timedelta(days=1)}, "__all__"),
    ({"made_on": DAY, "expires_on": DAY - dt.timedelta(days=1)}, "__all__"),
    ({"price": Decimal(-1)}, "__all__"),
]


@pytest.mark.parametrize(("fields", "field"), REFUSED)
def test_a_receipt_that_contradicts_itself(
    cast: Cast, depot: Depot, tent: Item, fields: dict[str, Any], field: str
) -> None:
    given = {"quantity": 5} | fields
    with pytest.raises(ValidationError) as fault:
        receive(cast, depot, tent, given.pop("quantity"), **given)
    assert list(fault.value.message_dict) == [field]
    assert not Movement.objects.exists() and not Lot.objects.exists()


def test_what_is_out_of_use_takes_nothing(cast: Cast, depot: Depot, tent: Item) -> None:
    clerk = cast.person("bureau_clerk")
    item_edit(actor=clerk, item=tent, active=False)
    with pytest.raises(ValidationError, match="已停用"):
        receive(cast, depot, Item.objects.get(), 5)
    item_edit(actor=clerk, item=tent, active=True)
    depot_edit(actor=clerk, depot=depot, closed_on=DAY)
    with pytest.raises(ValidationError, match="未启用"):
        receive(cast, depot, Item.objects.get(), 5)


# ------------------------------------------------------------------------------------------------ out


def test_the_first_to_expire_goes_first_and_what_has_expired_stays(cast: Cast, depot: Depot, tent: Item) -> None:
    for number, expires in (
        (4, None),
        (3, TODAY + dt.timedelta(days=400)),
        (2, TODAY + dt.timedelta(days=30)),
        (9, TODAY - dt.timedelta(days=1)),
    ):
        receive(cast, depot, tent, number, expires_on=expires)
    moved = issue(cast, depot, tent, 6)
    assert [one.quantity for one in moved] == [-2, -3, -1]
    assert held() == [3, 0, 0, 9]
    with pytest.raises(ValidationError, match="可用3顶，不足4顶"):
        issue(cast, depot, tent, 4)
    labels = [one.state(TODAY)[0] for one in Holding.objects.order_by("pk")]
    assert labels == ["在库", "已出清", "已出清", "超期"]


def test_an_order_needs_receiver_and_paper(cast: Cast, depot: Depot, tent: Item) -> None:
    receive(cast, depot, tent, 5)
    for missing in ("receiver", "basis"):
        with pytest.raises(ValidationError) as fault:
            issue(cast, depot, tent, 1, **{missing: " "})
        assert list(fault.value.message_dict) == [missing]
    assert held() == [5]


def test_something_entered_late_takes_nothing_that_was_used_since(cast: Cast, depot: Depot, tent: Item) -> None:
    receive(cast, depot, tent, 10, moved_on=DAY)
    issue(cast, depot, tent, 8, moved_on=DAY + dt.timedelta(days=10))
    receive(cast, depot, tent, 5, moved_on=DAY + dt.timedelta(days=20))
    with pytest.raises(ValidationError, match="可用2顶"):
        issue(cast, depot, tent, 3, moved_on=DAY + dt.timedelta(days=5))
    with pytest.raises(ValidationError, match="可用0顶"):
        issue(cast, depot, tent, 1, moved_on=DAY - dt.timedelta(days=1))
    issue(cast, depot, tent, 2, moved_on=DAY + dt.timedelta(days=5))
    assert held() == [0, 5]


def test_promised_reserves_are_apart(cast: Cast, depot: Depot, tent: Item) -> None:
    receive(cast, depot, tent, 100, mode=Mode.AGREEMENT, maker="某超市")
    with pytest.raises(ValidationError, match="可用0顶"):
        issue(cast, depot, tent, 1)
    issue(cast, depot, tent, 40, mode=Mode.AGREEMENT)
    assert held() == [60]


def test_between_two_depots_of_one_keeper(cast: Cast, depot: Depot, tent: Item) -> None:
    second = depot_make(cast, "二号库")
    foreign = depot_make(cast, "东门街道储备点", handler=cast.street_a, area=cast.street_a, level=DepotLevel.STREET)
    receive(cast, depot, tent, 5, expires_on=TODAY, price=Decimal(3))
    receive(cast, depot, tent, 5)
    given = {"item": tent, "moved_on": TODAY, "basis": "调令1号"}
    moved = stock_transfer(actor=keeper(cast), source=depot, target=second, quantity=Decimal(7), **given)
    assert [(one.kind, one.quantity) for one in moved] == [
        (MovementKind.TRANSFER_OUT, -5),
        (MovementKind.TRANSFER_OUT, -2),
        (MovementKind.TRANSFER_IN, 5),
        (MovementKind.TRANSFER_IN, 2),
    ]
    assert held() == [0, 3, 5, 2]
    there = Holding.objects.get(depot=second, expires_on=TODAY)
    assert (there.lot, there.handler) == (moved[0].holding.lot, cast.bureau)
    with pytest.raises(PermissionDenied):
        stock_transfer(actor=keeper(cast), source=depot, target=foreign, quantity=Decimal(1), **given)
    with pytest.raises(ValidationError, match="同一个储备库"):
        stock_transfer(actor=keeper(cast), source=depot, target=depot, quantity=Decimal(1), **given)


# ------------------------------------------------------------------------------------------------ at one lot


def test_returns_losses_scrap_and_counts(cast: Cast, depot: Depot, tent: Item) -> None:
    holding = receive(cast, depot, tent, 10).holding
    issue(cast, depot, tent, 6)
    with pytest.raises(ValidationError, match="尚未归还的有6顶"):
        adjust(cast, holding, MovementKind.RETURN, 7)
    for kind, quantity in (
        (MovementKind.RETURN, 4),
        (MovementKind.SCRAP, 2),
        (MovementKind.LOSS, 1),
        (MovementKind.SHORTAGE, 1),
        (MovementKind.SURPLUS, 3),
    ):
        adjust(cast, holding, kind, quantity)
    assert held() == [7]
    with pytest.raises(ValidationError, match="可用7顶"):
        adjust(cast, holding, MovementKind.LOSS, 8)
    with pytest.raises(ValidationError) as fault:
        adjust(cast, holding, MovementKind.SCRAP, 1, basis="")
    assert list(fault.value.message_dict) == ["basis"]
    with pytest.raises(ValidationError, match="入库，日期不能更早"):
        adjust(cast, holding, MovementKind.SURPLUS, 1, moved_on=DAY - dt.timedelta(days=1))
    with pytest.raises(ValueError, match="not entered at a holding"):
        adjust(cast, holding, MovementKind.RECEIPT, 1)


# ------------------------------------------------------------------------------------------------ put right


def test_a_wrong_movement_is_answered_by_its_opposite(cast: Cast, depot: Depot, tent: Item) -> None:
    came = receive(cast, depot, tent, 10, price=Decimal(2))
    (went,) = issue(cast, depot, tent, 6, moved_on=DAY + dt.timedelta(days=1))
    with pytest.raises(ValidationError, match="已部分出库"):
        movement_reverse(actor=keeper(cast), movement=came, reason="重复登记")
    (back,) = movement_reverse(actor=keeper(cast), movement=went, reason="领用取消")
    assert (back.kind, back.quantity, back.amount, back.moved_on, back.reverses) == (went.kind, 6, 12, TODAY, went)
    for wrong in (went, back):
        with pytest.raises(ValidationError):
            movement_reverse(actor=keeper(cast), movement=wrong, reason="再来一次")
    with pytest.raises(PermissionDenied):
        movement_reverse(actor=cast.person("leader"), movement=came, reason="重复登记")
    with pytest.raises(ValidationError):
        movement_reverse(actor=keeper(cast), movement=came, reason=" ")
    movement_reverse(actor=keeper(cast), movement=came, reason="重复登记")
    assert held() == [0] and Movement.objects.count() == 4
    # What was reported of a past day stays as it was.
    assert [line.quantity for line in stock_on(Movement.objects.all(), DAY + dt.timedelta(days=1))] == [4]
    assert stock_on(Movement.objects.all(), TODAY) == []


def test_an_issue_whose_goods_came_back_is_not_reversed(cast: Cast, depot: Depot, tent: Item) -> None:
    holding = receive(cast, depot, tent, 10).holding
    (went,) = issue(cast, depot, tent, 6)
    adjust(cast, holding, MovementKind.RETURN, 1)
    with pytest.raises(ValidationError, match="先冲销归还"):
        movement_reverse(actor=keeper(cast), movement=went, reason="领用取消")
    assert held() == [5]


def test_both_sides_of_a_transfer_are_reversed_together(cast: Cast, depot: Depot, tent: Item) -> None:
    second = depot_make(cast, "二号库")
    receive(cast, depot, tent, 10)
    given = {"item": tent, "moved_on": TODAY, "basis": "调令1号"}
    sent, came = stock_transfer(actor=keeper(cast), source=depot, target=second, quantity=Decimal(4), **given)
    done = movement_reverse(actor=keeper(cast), movement=came, reason="调错")
    assert [one.reverses for one in done] == [sent, came]
    assert held() == [10, 0]


# ------------------------------------------------------------------------------------------------ the database itself


def test_movements_are_written_once_and_alone_write_stock(cast: Cast, depot: Depot, tent: Item) -> None:
    moved = receive(cast, depot, tent, 10)
    attempts = (
        lambda: Movement.objects.filter(pk=moved.pk).update(quantity=9),
        lambda: Movement.objects.filter(pk=moved.pk).delete(),
        lambda: Holding.objects.update(quantity=99),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    moved.pk, moved.number, moved.kind, moved.quantity, moved.amount = (
        None,
        "X-1",
        MovementKind.LOSS,
        Decimal(-11),
        None,
    )
    with pytest.raises(IntegrityError, match="holding_not_negative"), transaction.atomic():
        moved.save(force_insert=True)
    moved.quantity = Decimal(1)
    with pytest.raises(IntegrityError, match="movement_sign"), transaction.atomic():
        moved.save(force_insert=True)
    assert (
        held()
        == [10]
        == list(Movement.objects.values_list("holding").annotate(s=Sum("quantity")).values_list("s", flat=True))
    )


# ------------------------------------------------------------------------------------------------ registers and alarms


def test_who_keeps_the_registers(cast: Cast, depot: Depot) -> None:
    place = {"handler": cast.street_a, "area": cast.street_a, "opened_on": DAY, "level": DepotLevel.STREET}
    depot_create(actor=cast.person("officer_a"), name="甲", **place)
    depot_create(actor=cast.person("section_head"), name="乙", **place)
    for name in ("leader", "officer_b", "community_officer", "department_clerk", "system_admin"):
        with pytest.raises(PermissionDenied):
            depot_create(actor=cast.person(name), name="丙", **place)
        with pytest.raises(PermissionDenied):
            item_create(actor=cast.person(name), name="铁锹", unit="把")
    with pytest.raises(PermissionDenied):
        item_create(actor=cast.person("officer_a"), name="铁锹", unit="把")
    with pytest.raises(ValidationError, match="管辖范围"):
        depot_create(actor=cast.person("officer_a"), name="丁", **(place | {"area": cast.street_b}))
    with pytest.raises(ValidationError, match="同名"):
        depot_create(actor=cast.person("officer_a"), name="甲", **place)


def test_a_depot_closes_when_it_is_empty(cast: Cast, depot: Depot, tent: Item) -> None:
    receive(cast, depot, tent, 1)
    with pytest.raises(ValidationError, match="还有物资"):
        depot_edit(actor=cast.person("bureau_clerk"), depot=depot, closed_on=TODAY)
    issue(cast, depot, tent, 1)
    assert depot_edit(actor=cast.person("bureau_clerk"), depot=depot, closed_on=TODAY).closed_on == TODAY


def test_the_unit_of_what_came_in_stays(cast: Cast, depot: Depot, tent: Item) -> None:
    receive(cast, depot, tent, 1)
    with pytest.raises(ValidationError, match="计量单位不能修改"):
        item_edit(actor=cast.person("bureau_clerk"), item=tent, unit="件")
    with pytest.raises(ValidationError, match="首位为1、2或3"):
        item_edit(actor=cast.person("bureau_clerk"), item=tent, code="4010101")
    assert item_edit(actor=cast.person("bureau_clerk"), item=tent, code="1010101").code == "1010101"


def test_a_purchase_from_which_goods_came_is_not_taken_back(cast: Cast, depot: Depot, tent: Item) -> None:
    clerk = cast.person("bureau_clerk")
    given = {"supplier": "某厂", "signed_on": DAY, "contract_sum": Decimal(100), "money_source": "区本级财政"}
    used, idle = (purchase_create(actor=clerk, handler=cast.bureau, name=name, **given) for name in ("甲", "乙"))
    receive(cast, depot, tent, 1, purchase=used)
    assert purchase_void(actor=clerk, purchase=idle, reason="重复").void_reason == "重复"
    with pytest.raises(ValidationError, match="已有物资"):
        purchase_void(actor=clerk, purchase=used, reason="重复")
    with pytest.raises(ValidationError, match="不能晚于今天"):
        purchase_create(
            actor=clerk, handler=cast.bureau, name="丙", **(given | {"signed_on": TODAY + dt.timedelta(days=1)})
        )


def test_what_is_less_than_it_must_be(cast: Cast, depot: Depot, tent: Item) -> None:
    clerk = cast.person("bureau_clerk")
    minimum_set(actor=clerk, depot=depot, item=tent, quantity=Decimal(5))
    assert [(one.item, one.held) for one in short(TODAY)] == [(tent, 0)]
    receive(cast, depot, tent, 100, mode=Mode.CAPACITY)
    receive(cast, depot, tent, 4)
    assert [one.held for one in short(TODAY, cast.person("leader"))] == [4]
    assert not short(TODAY, cast.person("officer_b")).exists()
    receive(cast, depot, tent, 1)
    assert not short(TODAY).exists()
    # What has expired does not help anybody.
    receive(cast, depot, tent, 50, expires_on=DAY)
    minimum_set(actor=clerk, depot=depot, item=tent, quantity=Decimal(6))
    assert [one.held for one in short(TODAY)] == [5]
    minimum_set(actor=clerk, depot=depot, item=tent, quantity=None)
    assert not Minimum.objects.exists()


def test_stock_of_any_past_day(cast: Cast, depot: Depot, tent: Item) -> None:
    shovel = item_make(cast, "铁锹", unit="把")
    receive(cast, depot, tent, 10, moved_on=DAY, price=Decimal(2))
    receive(cast, depot, shovel, 50, moved_on=DAY + dt.timedelta(days=1))
    issue(cast, depot, tent, 4, moved_on=DAY + dt.timedelta(days=2))

    def on(days: int) -> list[tuple[str, Decimal, Decimal | None]]:
        lines = stock_on(Movement.objects.all(), DAY + dt.timedelta(days=days))
        return [(one.item, one.quantity, one.worth) for one in lines]

    assert on(-1) == []
    assert on(0) == [("单帐篷", 10, 20)]
    assert sorted(on(1)) == [("单帐篷", 10, 20), ("铁锹", 50, None)]
    assert sorted(on(2)) == [("单帐篷", 6, 12), ("铁锹", 50, None)]


def test_the_keeper_of_a_village_is_its_officer(cast: Cast, tent: Item) -> None:
    point = depot_make(
        cast, "桥头社区储备点", handler=cast.community_a, area=cast.community_a, level=DepotLevel.COMMUNITY
    )
    moved = stock_receive(
        actor=cast.person("community_officer"), depot=point, item=tent, quantity=Decimal(3), moved_on=DAY
    )
    assert (moved.street, moved.handler) == (cast.street_a, cast.community_a)
