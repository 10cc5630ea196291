"""How rows of the stock table are read, and which are refused."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from emergency.core import clock
from emergency.core.ledger import Fault, ImportContext, LedgerError, Row
from supplies.ledger.columns import TEXT_LIMITS
from supplies.lifecycle import edits_catalogue, keeps_registers
from supplies.models import Depot, Holding, Item, Lot, Mode, Purchase
from supplies.services.moving import expiry_of
from supplies.services.numbers import code_of

_CENT = Decimal("0.01")


def depots(rows: Sequence[Row], context: ImportContext) -> None:
    """Put depots in place of their names; “保管单位/储备库” tells two of one name apart."""
    named: dict[str, list[Depot]] = defaultdict(list)
    seen = Depot.objects.visible_to(context.actor).select_related("handler__parent", "area", "street", "district")
    for depot in seen:
        named[depot.name].append(depot)
        named[f"{depot.handler.name}/{depot.name}"].append(depot)
    for row in rows:
        word = row["depot"]
        if not word:
            continue
        found = named.get(str(word).replace(" ", ""), [])
        row["depot"] = found[0] if len(found) == 1 else None
        if not found:
            row.fault("depot", f"没有“{word}”这个储备库，请先登记", word)
        elif len(found) > 1:
            row.fault("depot", f"“{word}”有{len(found)}个，请写作“保管单位/储备库”", word)


def items(rows: Sequence[Row], context: ImportContext) -> None:
    """Set ``row["item"]`` by name or alias and specification. What is new is made, unsaved, for who keeps the catalogue."""
    names = {row["name"] for row in rows if row["name"]}
    known: dict[tuple[str, str], Item] = {}
    for item in Item.objects.filter(Q(name__in=names) | Q(aliases__overlap=sorted(names))):
        for name in (*item.aliases, item.name):
            known[name, item.specification] = item
    makes = edits_catalogue(context.actor)
    for row in rows:
        row["item"] = None
        if not row["name"]:
            continue
        key = (row["name"], row["specification"] or "")
        item = known.get(key)
        if item is None and not makes:
            row.fault(
                "name", f"物资目录中没有“{Item(name=key[0], specification=key[1])}”，请联系应急管理局添加", row["name"]
            )
        elif item is None and row["unit"]:
            item = Item(name=key[0], specification=key[1], code=row["code"] or "", unit=row["unit"])
            if _fits(row, item, {"name": "name", "code": "code", "unit": "unit"}):
                known[key] = item
        if item is not None:
            row["item"] = item
            if row["unit"] and row["unit"] != item.unit:
                row.fault("unit", f"目录中“{item}”的计量单位是{item.unit}，请换算后填写", row["unit"])
            if row["code"] and item.code and row["code"] != item.code:
                row.fault("code", f"目录中“{item}”的编码是{item.code}", row["code"])


def purchases(rows: Sequence[Row], context: ImportContext) -> None:
    """Put purchases in place of their names."""
    names = {row["purchase"] for row in rows if row["purchase"]}
    known: dict[str, list[Purchase]] = defaultdict(list)
    for one in Purchase.objects.live().visible_to(context.actor).filter(name__in=names) if names else ():
        known[one.name].append(one)
    for row in rows:
        word = row["purchase"]
        if word:
            found = known.get(word, [])
            row["purchase"] = found[0] if len(found) == 1 else None
            if len(found) != 1:
                row.fault("purchase", f"采购批次“{word}”{'有多个' if found else '没有登记'}，请先核对", word)


def _fits(row: Row, record: Any, cells: dict[str, str]) -> bool:
    """Say at their cells what is wrong with a record's fields and constraints; whether nothing is."""
    try:
        record.full_clean(exclude=[field.name for field in record._meta.fields if field.name not in cells])
    except ValidationError as fault:
        for field, words in fault.message_dict.items():
            for word in words:
                row.fault(cells.get(field, ""), word.rstrip("。"), "")
        return False
    return True


def check(rows: Sequence[Row], context: ImportContext) -> None:
    """Judge every row and build its lot; ``row["lot"]`` is None where something is wrong."""
    if context.actor is None:
        raise LedgerError(Fault("导入物资库存须写明导入人"))
    on = context.on or clock.today()
    allowed: dict[int, bool] = {}
    for row in rows:
        row["lot"] = None
        for key, limit in TEXT_LIMITS.items():
            if row[key] and len(row[key]) > limit:
                row.fault(key, f"最多{limit}个字，这里有{len(row[key])}个字，请缩短")
        depot = row["depot"]
        if depot is not None:
            _check_depot(row, depot, context.actor, allowed)
        _check_numbers(row, on)
        if row["item"] is not None and depot is not None and row["received_on"] and not row.errors:
            _build(row)
    _doubt_known(rows)


def _check_depot(row: Row, depot: Depot, actor: Any, allowed: dict[int, bool]) -> None:
    if depot.pk not in allowed:
        allowed[depot.pk] = keeps_registers(actor, depot.handler)
    if not allowed[depot.pk]:
        row.fault("depot", f"您不能为{depot.handler}导入库存", depot)
    day = row["received_on"]
    if day and (day < depot.opened_on or (depot.closed_on is not None and day >= depot.closed_on)):
        row.fault("received_on", f"“{depot}”在{day}未启用", day)
    try:
        code_of(depot.district)
    except ValidationError as fault:
        row.fault("depot", fault.messages[0].rstrip("。"), depot)


def _check_numbers(row: Row, on: dt.date) -> None:
    quantity, day = row["quantity"], row["received_on"]
    if quantity is not None and (quantity <= 0 or quantity != Decimal(quantity).quantize(_CENT)):
        row.fault("quantity", "数量应大于0，最多两位小数", quantity)
    if day is not None and day > on:
        row.fault("received_on", "入库日期不能晚于今天", day)


def _build(row: Row) -> None:
    lot = Lot(
        item=row["item"], mode=row["mode"] or Mode.PHYSICAL, purchase=row["purchase"], maker=row["maker"] or "",
        batch_mark=row["batch_mark"] or "", made_on=row["made_on"], price=row["price"], received_on=row["received_on"],
        expires_on=row["expires_on"] or expiry_of(row["item"], row["made_on"]),
    )  # fmt: skip
    cells = {name: name for name in ("made_on", "expires_on", "received_on", "price")}
    if _fits(row, lot, cells):
        row["lot"] = lot


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16 against the ledger: the same goods came to the same depot on the same day already."""
    built = [row for row in rows if row["lot"] is not None and row["item"].pk]
    days = [row["received_on"] for row in built]
    if not built:
        return
    known = Holding.objects.filter(
        depot__in={row["depot"].pk for row in built}, received_on__range=(min(days), max(days))
    ).values_list("depot", "item", "received_on", "lot__made_on")
    keys = set(known.iterator(chunk_size=2_000))
    for row in built:
        if (row["depot"].pk, row["item"].pk, row["received_on"], row["made_on"]) in keys:
            row.doubt("与台账中已有的库存疑似重复")
