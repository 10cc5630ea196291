"""The columns of the stock table."""

from __future__ import annotations

from emergency.core import ledger as excel
from emergency.core.ledger import Column
from supplies.models import Holding, Item, Lot, Mode

COLUMNS = (
    Column("储备库", "depot", required=True, synonyms=("库点", "仓库", "储备点"), help="须已登记；重名的写作“保管单位/储备库”。"),
    Column("物资名称", "name", required=True, synonyms=("品名", "名称"), help="按物资目录的名称或别名填写。", example="12㎡单帐篷"),
    Column("物资编码", "code", excel.CODE, help="GB/T 38565 的7位编码。"),
    Column("规格", "specification", synonyms=("规格型号", "型号")),
    Column("计量单位", "unit", required=True, synonyms=("单位",), example="顶"),
    Column("数量", "quantity", excel.DECIMAL, required=True, minimum=0, synonyms=("库存数量", "库存"), total=False),
    Column("储备方式", "mode", excel.CHOICE, choices=Mode.choices, aliases={"实物": Mode.PHYSICAL, "协议": Mode.AGREEMENT, "产能": Mode.CAPACITY}, help="不填为实物储备。"),
    Column("生产日期", "made_on", excel.DATE),
    Column("有效期至", "expires_on", excel.DATE, synonyms=("有效期", "到期日期"), help="不填时按目录的保质期推算。"),
    Column("入库日期", "received_on", excel.DATE, required=True, example="2021-3-5"),
    Column("单价", "price", excel.MONEY, unit="元", minimum=0, total=False),
    Column("采购批次", "purchase", help="须已登记。"),
    Column("批号", "batch_mark", excel.CODE, synonyms=("产品批号",)),
    Column("生产(协议)单位", "maker", synonyms=("生产厂家", "产地", "生产单位", "协议单位")),
    Column("存放位置", "position", synonyms=("货位", "存放")),
)  # fmt: skip

#: Longest text of each column, as the database holds it.
TEXT_LIMITS = {
    key: limit
    for model, keys in (
        (Item, ("name", "specification", "unit")),
        (Lot, ("batch_mark", "maker")),
        (Holding, ("position",)),
    )
    for key in keys
    for limit in [model._meta.get_field(key).max_length]
    if limit is not None
}
