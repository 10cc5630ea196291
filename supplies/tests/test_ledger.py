"""The Excel table of stock: goods by name or alias, new ones by the bureau's office, every fault by its cell, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.tests.ledger_samples import workbook
from emergency.organizations.tests.factories import Cast
from supplies.ledger import STOCK
from supplies.ledger.columns import COLUMNS
from supplies.models import Depot, DepotLevel, Holding, Item, Lot, Mode, Movement, MovementKind
from supplies.tests.factories import DAY, TODAY, depot_make, item_make, receive

pytestmark = pytest.mark.django_db
HEAD = ("储备库", "物资名称", "规格", "计量单位", "数量", "入库日期")
GOOD = ("区应急物资储备库", "单帐篷", "12㎡", "顶", "30", "2021.3.5")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


@pytest.fixture
def depot(cast: Cast) -> Depot:
    return depot_make(cast)


def load(
    cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "bureau_clerk", **options: Any
) -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(STOCK, workbook([head, *rows]), context, **options)


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def test_rows_become_lots_with_their_receipts(cast: Cast, depot: Depot) -> None:
    item_make(cast, "棉大衣", unit="件", aliases=["军大衣"], shelf_life_months=12)
    head = (*HEAD, "生产日期", "单价（元）", "储备方式")
    rows = [
        (*GOOD, "", "850.5", ""),
        ("区应急物资储备库", "军大衣", "", "件", "200", "2021-3-5", "2021-1-31", "", "协议"),
    ]
    outcome = load(cast, rows, head)
    assert outcome.ok and outcome.saved == {"新增": 2, "新增目录": 1}, faults(outcome)
    tent, coat = Holding.objects.order_by("pk")
    assert (tent.title, tent.quantity, tent.number, tent.lot.price) == (
        "单帐篷（12㎡）",
        30,
        "369901-WZ2021-00001",
        Decimal("850.5"),
    )
    assert (coat.title, coat.mode, coat.expires_on) == ("棉大衣", Mode.AGREEMENT, dt.date(2022, 1, 31))
    kinds = Movement.objects.order_by("pk").values_list("kind", "quantity", "number", "moved_on")
    assert list(kinds) == [
        (MovementKind.RECEIPT, 30, "369901-LS2021-00001", DAY),
        (MovementKind.RECEIPT, 200, "369901-LS2021-00002", DAY),
    ]


BAD: list[tuple[dict[str, str], str]] = [
    ({"储备库": "无名库"}, "A2（储备库）：没有“无名库”这个储备库"),
    ({"物资名称": ""}, "B2（物资名称）"),
    ({"计量单位": "床"}, "D2（计量单位）：目录中“棉被”的计量单位是条"),
    ({"数量": "0"}, "E2（数量）"),
    ({"数量": "1.234"}, "E2（数量）：数量应大于0，最多两位小数"),
    ({"入库日期": "2021-12-2"}, "F2（入库日期）：入库日期不能晚于今天"),
    ({"入库日期": "2019-12-31"}, "F2（入库日期）：“区应急物资储备库”在2019-12-31未启用"),
    ({"储备方式": "借用"}, "G2（储备方式）"),
    ({"物资编码": "2010101"}, "G2（物资编码）：目录中“棉被”的编码是1010101"),
    ({"采购批次": "无此批次"}, "G2（采购批次）：采购批次“无此批次”没有登记"),
    ({"生产日期": "2021-3-6"}, "入库日期不能早于生产日期"),
    ({"有效期至": "2021-3-5", "生产日期": "2021-3-6", "入库日期": "2021-3-7"}, "有效期不能早于生产日期"),
]


@pytest.mark.parametrize(("cells", "words"), BAD, ids=lambda part: "".join(part)[:20])
def test_a_fault_is_named_by_its_cell_and_nothing_is_stored(
    cast: Cast, depot: Depot, cells: dict[str, str], words: str
) -> None:
    item_make(cast, "棉被", unit="条", code="1010101")
    good = ("区应急物资储备库", "棉被", "", "条", "30", "2021.3.5")
    head = (*HEAD, *(name for name in cells if name not in HEAD))
    row = [cells.get(name, value) for name, value in zip(head, (*good, "", ""), strict=False)]
    outcome = load(cast, [row, [*good[:4], "31", "2021-3-6"]], head)
    assert not outcome.ok and any(words in text for text in faults(outcome)), faults(outcome)
    assert not Lot.objects.exists() and Item.objects.count() == 1


def test_who_imports_what(cast: Cast, depot: Depot) -> None:
    depot_make(cast, "东门街道储备点", handler=cast.street_a, area=cast.street_a, level=DepotLevel.STREET)
    item_make(cast, "单帐篷", specification="12㎡")
    own = ("东门街道储备点", *GOOD[1:])
    assert load(cast, [own], name="officer_a").ok
    # What somebody does not see is not there; what they see and do not keep is refused; the catalogue is the bureau's.
    assert "没有“区应急物资储备库”" in faults(load(cast, [GOOD], name="officer_a"))[0]
    assert "您不能为" in faults(load(cast, [own], name="leader"))[0]
    assert (
        "请联系应急管理局添加"
        in faults(load(cast, [("东门街道储备点", "铁锹", "", "把", "1", "2021-3-5")], name="officer_a"))[0]
    )


def test_what_is_there_already_is_asked(cast: Cast, depot: Depot) -> None:
    assert load(cast, [GOOD]).ok
    again = load(cast, [GOOD])
    assert not again.ok and Holding.objects.count() == 1


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_export_and_import_give_the_same_stock(cast: Cast, depot: Depot, fmt: str) -> None:
    tent = item_make(cast, specification="12㎡", code="1010101")
    receive(
        cast,
        depot,
        tent,
        30,
        price=Decimal("850.5"),
        expires_on=TODAY,
        made_on=DAY,
        maker="某厂",
        batch_mark="B-1",
        position="A区",
    )
    receive(cast, depot, tent, "2.5", mode=Mode.CAPACITY)
    rows = list(STOCK.records(Holding.objects.order_by("pk")))
    second = depot_make(cast, "二号库")
    moved = [(second.name, *row[1:]) for row in rows]
    file = b"".join(excel.export_rows(STOCK, moved, fmt=fmt))
    outcome = excel.run_import(STOCK, file, ImportContext(actor=cast.person("bureau_clerk"), on=TODAY))
    assert outcome.ok, faults(outcome)
    assert list(STOCK.records(Holding.objects.filter(depot=second).order_by("pk"))) == moved
    assert len(rows[0]) == len(COLUMNS)
