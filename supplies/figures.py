"""What supplies count: depots, what stands in them on a day in pieces and in money, what came in and went out, what was bought.

Numbers of different goods do not add up, so the sums are in 件 (by 折件系数) and in yuan; of goods that the catalogue marks, the stock
is a figure of its own, in their own unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from emergency.figures.vocabulary import (
    OFFICE,
    UNIT,
    Dimension,
    LevelFigure,
    Source,
    StockFigure,
    TotalFigure,
    declare,
    family,
)
from supplies.models import Depot, Item, Mode, Movement, MovementKind, Purchase

PREFIX = "stock."
DEPOT = Dimension("depot", "储备库", "depot")
ITEM = Dimension("supply_item", "物资名称", "item")
_FIRST = 1_900

MOVEMENTS = Source(
    code="stock",
    label="出入库流水",
    records=lambda: Movement.objects.all(),
    date="moved_on",
    list_url="supplies:movement_list",
    dimensions=(UNIT, OFFICE, DEPOT, ITEM),
    quantity="",
)
DEPOTS = Source(
    code="depots",
    label="储备库",
    records=lambda: Depot.objects.all(),
    date="opened_on",
    list_url="supplies:depot_list",
    dimensions=(UNIT, OFFICE),
    quantity="",
)
PURCHASES = Source(
    code="purchases",
    label="采购批次",
    records=lambda: Purchase.objects.live(),
    date="signed_on",
    list_url="supplies:purchase_list",
    dimensions=(UNIT, OFFICE),
    quantity="",
)

PHYSICAL = Q(mode=Mode.PHYSICAL)
PROMISED = Q(mode__in=[Mode.AGREEMENT, Mode.CAPACITY])
_NET = "冲销的按相反数计入冲销当日"

declare(
    StockFigure(
        code="supplies.depots",
        name="物资储备库",
        unit="座",
        meaning="期末最后一天在用的储备库、村级储备点和代储点数量，按启用日期和停用日期统计。",
        source=DEPOTS,
        closed="closed_on",
        zero="不写",
        order=1_800,
    ),
    LevelFigure(
        code="supplies.pieces",
        name="储备物资件数",
        unit="件",
        meaning=f"期末最后一天实物储备的折件数：截至当日全部出入库流水按折件系数相加，{_NET}，不含协议储备和产能储备。",
        source=MOVEMENTS,
        where=PHYSICAL,
        field="pieces",
        zero="不写",
        order=1_801,
    ),
    LevelFigure(
        code="supplies.value",
        name="储备物资折款",
        unit="元",
        meaning=f"期末最后一天实物储备按入库单价计算的金额，{_NET}，未登记单价的不计。",
        source=MOVEMENTS,
        where=PHYSICAL,
        field="amount",
        zero="不写",
        order=1_802,
    ),
    LevelFigure(
        code="supplies.promised_value",
        name="协议和产能储备折款",
        unit="元",
        meaning=f"期末最后一天协议储备和产能储备按约定单价计算的金额，{_NET}，未登记单价的不计。",
        source=MOVEMENTS,
        where=PROMISED,
        field="amount",
        zero="不写",
        order=1_803,
    ),
    TotalFigure(
        code="supplies.received_value",
        name="入库物资折款",
        unit="元",
        meaning=f"期内实物储备入库的金额，按入库日期统计，{_NET}，调拨和归还不计。",
        source=MOVEMENTS,
        where=PHYSICAL & Q(kind=MovementKind.RECEIPT),
        field="amount",
        zero="不写",
        order=1_804,
    ),
    TotalFigure(
        code="supplies.issued_value",
        name="出库物资折款",
        unit="元",
        meaning=f"期内实物储备出库领用的金额，按出库日期统计，{_NET}，调拨、报废和盘亏不计，归还的不扣减。",
        source=MOVEMENTS,
        where=PHYSICAL & Q(kind=MovementKind.ISSUE),
        field="outgoing",
        zero="不写",
        order=1_805,
    ),
    TotalFigure(
        code="supplies.scrapped_value",
        name="报废物资折款",
        unit="元",
        meaning=f"期内实物储备报废的金额，按报废日期统计，{_NET}。",
        source=MOVEMENTS,
        where=PHYSICAL & Q(kind=MovementKind.SCRAP),
        field="outgoing",
        zero="不写",
        order=1_806,
    ),
    TotalFigure(
        code="supplies.purchased",
        name="物资采购金额",
        unit="元",
        meaning="期内签订的物资采购合同金额合计，按签订日期统计，作废的不计。",
        source=PURCHASES,
        field="contract_sum",
        zero="不写",
        order=1_807,
    ),
)


def code_of(item: Item) -> str:
    return f"{PREFIX}{item.slug}"


def figures() -> Iterator[LevelFigure]:
    """The stock of each item that the catalogue marks as a figure. One query."""
    for index, item in enumerate(Item.objects.filter(counted=True).order_by("code", "name", "specification", "pk")):
        yield LevelFigure(
            code=code_of(item),
            name=f"{item}储备数",
            unit=item.unit,
            meaning=f"期末最后一天{item}的实物储备数量：截至当日全部出入库流水相加，{_NET}。",
            source=MOVEMENTS,
            where=PHYSICAL & Q(item=item.pk),
            field="quantity",
            zero="不写",
            order=_FIRST + index,
        )


family(PREFIX, figures, sources=[MOVEMENTS])
