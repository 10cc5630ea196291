"""Goods come in, go out, go elsewhere, come back. Every change is a movement; a wrong one is answered by its opposite.

Whoever moves goods first locks the depots concerned in the order of their keys, then takes numbers, then writes: so nobody's view of
what is there is out of date, and no two writers wait for each other.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit, clock
from emergency.core.periods import add_months
from supplies.lifecycle import must_move
from supplies.models import Depot, Holding, Item, Lot, Mode, Movement, MovementKind, Purchase
from supplies.models.stock import OUTWARD
from supplies.queries import available, still_out, usable
from supplies.services.numbers import number_lots, number_movements

#: What is entered at a single holding, beside the stream of receipts, issues and transfers.
ADJUSTMENTS = (
    MovementKind.RETURN,
    MovementKind.SCRAP,
    MovementKind.LOSS,
    MovementKind.SURPLUS,
    MovementKind.SHORTAGE,
)
_CENT, _PIECE = Decimal("0.01"), Decimal("0.001")
_KEEPER = ("handler__parent", "area", "street", "district")


@dataclasses.dataclass(frozen=True, slots=True)
class Why:
    """What a movement says of itself besides its goods."""

    receiver: str = ""
    basis: str = ""
    reason: str = ""


@transaction.atomic
def stock_receive(
    *,
    actor: Any,
    depot: Depot,
    item: Item,
    quantity: Decimal,
    moved_on: dt.date,
    mode: str = Mode.PHYSICAL,
    made_on: dt.date | None = None,
    expires_on: dt.date | None = None,
    price: Decimal | None = None,
    purchase: Purchase | None = None,
    maker: str = "",
    batch_mark: str = "",
    position: str = "",
    basis: str = "",
    reason: str = "",
    on: dt.date | None = None,
) -> Movement:
    """入库: a lot of its own and its first movement. The day of expiry follows from the shelf life where it is not given.

    ``quantity`` in the item's unit, ``price`` in yuan a unit. Raises ``PermissionDenied`` for others than the depot's keeper,
    ``ValidationError`` for what contradicts itself.
    """
    must_move(actor, depot)
    (locked,) = _lock(depot)
    _check_day(moved_on, on or clock.today(), locked)
    _check_quantity(quantity)
    if not item.active:
        raise ValidationError({"item": f"“{item}”已停用，请在目录中另选。"})
    lot = Lot(
        item=item, mode=mode, purchase=purchase, maker=maker, batch_mark=batch_mark, made_on=made_on, price=price,
        expires_on=expires_on or expiry_of(item, made_on), received_on=moved_on,
        created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    lot.clean_fields(exclude=["number"])
    lot.validate_constraints()
    number_lots([(lot, locked.district)])
    lot.save()
    holding = holding_of(locked, lot, position)
    holding.save()
    moved = movement_of(holding, MovementKind.RECEIPT, quantity, moved_on, Why(maker, basis, reason))
    return _write([moved], actor)[0]


@transaction.atomic
def stock_issue(
    *,
    actor: Any,
    depot: Depot,
    item: Item,
    quantity: Decimal,
    moved_on: dt.date,
    receiver: str,
    basis: str,
    mode: str = Mode.PHYSICAL,
    reason: str = "",
    on: dt.date | None = None,
) -> list[Movement]:
    """出库 to ``receiver`` by the order ``basis``: the first to expire first, one movement for each lot that is drawn on.

    Raises ``PermissionDenied`` for others than the keeper, ``ValidationError`` where there is not enough that is still good.
    """
    must_move(actor, depot)
    (locked,) = _lock(depot)
    _check_day(moved_on, on or clock.today(), locked)
    _require(receiver=receiver, basis=basis)
    why = Why(receiver.strip(), basis.strip(), reason.strip())
    drawn = _draw(locked, item, mode, quantity, moved_on)
    return _write([movement_of(one, MovementKind.ISSUE, -part, moved_on, why) for one, part in drawn], actor)


@transaction.atomic
def stock_transfer(
    *,
    actor: Any,
    source: Depot,
    target: Depot,
    item: Item,
    quantity: Decimal,
    moved_on: dt.date,
    basis: str,
    reason: str = "",
    on: dt.date | None = None,
) -> list[Movement]:
    """移库 on one day between two depots of the same keeper: what leaves the one comes to the other, lot by lot.

    Raises ``PermissionDenied`` for who does not keep both, ``ValidationError`` as :func:`stock_issue`.
    """
    if source.pk == target.pk:
        raise ValidationError({"target": "调出和调入不能是同一个储备库。"})
    must_move(actor, source, target)
    giving, taking = _lock(source, target)
    for depot in (giving, taking):
        _check_day(moved_on, on or clock.today(), depot)
    _require(basis=basis)
    out = []
    for one, part in _draw(giving, item, Mode.PHYSICAL, quantity, moved_on):
        why = Why(taking.name, basis.strip(), reason.strip())
        out.append(movement_of(one, MovementKind.TRANSFER_OUT, -part, moved_on, why))
    sent = _write(out, actor)
    arrived = []
    for left in sent:
        lot = left.holding.lot
        holding = Holding.objects.filter(depot=taking, lot=lot).first() or holding_of(taking, lot)
        if holding.pk is None:
            holding.save()
        why = Why(giving.name, basis.strip(), reason.strip())
        came = movement_of(holding, MovementKind.TRANSFER_IN, -left.quantity, moved_on, why, item=item, lot=lot)
        came.other_side = left
        arrived.append(came)
    return [*sent, *_write(arrived, actor)]


@transaction.atomic
def holding_adjust(
    *,
    actor: Any,
    holding: Holding,
    kind: str,
    quantity: Decimal,
    moved_on: dt.date,
    reason: str,
    basis: str = "",
    on: dt.date | None = None,
) -> Movement:
    """归还, 报废, 损耗, 盘盈, 盘亏 of one lot in one depot; ``quantity`` is always positive.

    报废 needs the paper that approved it; no more comes back than was issued. Raises ``PermissionDenied``, ``ValidationError``,
    and ``ValueError`` for a kind that is none of :data:`ADJUSTMENTS`.
    """
    if kind not in ADJUSTMENTS:
        raise ValueError(f"{kind} is not entered at a holding")
    must_move(actor, holding.depot)
    (depot,) = _lock(holding.depot)
    _check_day(moved_on, on or clock.today(), depot)
    _check_quantity(quantity)
    _require(reason=reason)
    if kind == MovementKind.SCRAP:
        _require(basis=basis)
    fresh = _fresh(holding.pk)
    if moved_on < fresh.received_on:
        raise ValidationError({"moved_on": f"这批物资{fresh.received_on}入库，日期不能更早。"})
    outward = kind in OUTWARD
    free = available([fresh], moved_on)[fresh.pk] if outward else None
    if free is not None and free < quantity:
        raise ValidationError({"quantity": f"该批次可用{_plain(free)}{fresh.item.unit}，不足{_plain(quantity)}。"})
    if kind == MovementKind.RETURN and (out := still_out(fresh)) < quantity:
        raise ValidationError({"quantity": f"该批次尚未归还的有{_plain(out)}{fresh.item.unit}，不能归还更多。"})
    moved = movement_of(
        fresh, kind, -quantity if outward else quantity, moved_on, Why("", basis.strip(), reason.strip())
    )
    return _write([moved], actor)[0]


@transaction.atomic
def movement_reverse(*, actor: Any, movement: Movement, reason: str, on: dt.date | None = None) -> list[Movement]:
    """冲销: the opposite of a movement, dated today, so that past days stay as they were reported. Both sides of a transfer at once.

    Raises ``PermissionDenied`` for others than the keeper, ``ValidationError`` where the goods have gone on, or it was reversed before.
    """
    on = on or clock.today()
    pair = _both_sides(movement)
    must_move(actor, *(one.depot for one in pair))
    _lock(*(one.depot for one in pair))
    _require(reason=reason)
    opposite = []
    for one in pair:
        if one.reverses_id is not None:
            raise ValidationError("冲销记录不能再冲销，请重新登记。")
        if Movement.objects.filter(reverses=one).exists():
            raise ValidationError("该流水已冲销。")
        holding = _fresh(one.holding_id)
        if one.quantity > 0 and available([holding], on)[holding.pk] < one.quantity:
            raise ValidationError("这批物资已部分出库，不能冲销，请先冲销其后的流水。")
        if one.kind == MovementKind.ISSUE and still_out(holding) < -one.quantity:
            raise ValidationError("出库的物资已登记归还，请先冲销归还。")
        back = movement_of(holding, one.kind, -one.quantity, on, Why(one.receiver, one.basis, reason.strip()))
        back.pieces, back.amount = -one.pieces, None if one.amount is None else -one.amount
        back.reverses = one
        opposite.append(back)
    return _write(opposite, actor, verb="movement.reverse")


def _both_sides(movement: Movement) -> list[Movement]:
    """A movement with the other side of its transfer, the sending one first."""
    rows = Movement.objects.select_related("depot__handler__parent", "other_side__depot__handler__parent")
    one = rows.get(pk=movement.pk)
    if one.other_side is not None:
        return [one.other_side, one]
    arrival = rows.filter(other_side=one).first()
    return [one, arrival] if arrival else [one]


# ------------------------------------------------------------------------------------------------ what all share


def expiry_of(item: Item, made_on: dt.date | None) -> dt.date | None:
    """When goods made on a day expire by the catalogue; None where it does not say."""
    return add_months(made_on, item.shelf_life_months) if made_on and item.shelf_life_months else None


def holding_of(depot: Depot, lot: Lot, position: str = "") -> Holding:
    """A holding of a lot in a depot, unsaved and empty."""
    return Holding(
        depot=depot, lot=lot, item=lot.item, handler=depot.handler, area=depot.area, street=depot.street, district=depot.district,
        mode=lot.mode, number=lot.number, title=str(lot.item), received_on=lot.received_on, expires_on=lot.expires_on,
        position=position,
    )  # fmt: skip


def movement_of(
    holding: Holding,
    kind: str,
    quantity: Decimal,
    moved_on: dt.date,
    why: Why,
    *,
    item: Item | None = None,
    lot: Lot | None = None,
) -> Movement:
    """A movement of a holding, unsaved and without number; ``quantity`` is signed."""
    item, lot = item or holding.item, lot or holding.lot
    worth = None if lot.price is None else (quantity * lot.price).quantize(_CENT, ROUND_HALF_UP)
    return Movement(
        kind=kind, moved_on=moved_on, holding=holding, depot_id=holding.depot_id, item=item, handler_id=holding.handler_id,
        area_id=holding.area_id, street_id=holding.street_id, district=holding.district, mode=holding.mode,
        lot_number=holding.number, title=holding.title, quantity=quantity, amount=worth,
        pieces=(quantity * item.pack_size).quantize(_PIECE, ROUND_HALF_UP),
        receiver=why.receiver, basis=why.basis, reason=why.reason,
    )  # fmt: skip


def _write(movements: Sequence[Movement], actor: Any, verb: str = "movement.create") -> list[Movement]:
    """Number, check, store and log them; the holdings follow by trigger."""
    number_movements(movements)
    for one in movements:
        one.created_by, one.created_at = actor, clock.now()
        one.clean_fields(exclude=["search_text", "outgoing"])
        one.validate_constraints()
        one.save(force_insert=True)
        audit.record(verb, target=one, actor=actor, after=audit.snapshot(one))
    return list(movements)


def _lock(*depots: Depot) -> list[Depot]:
    """The depots, locked in the order of their keys and given back in the order asked for."""
    rows = Depot.objects.select_for_update(of=("self",), no_key=True).select_related(*_KEEPER)
    locked = {one.pk: one for one in rows.filter(pk__in=[depot.pk for depot in depots]).order_by("pk")}
    return [locked[depot.pk] for depot in depots]


def _fresh(pk: int) -> Holding:
    """A holding as it is now that its depot is locked."""
    return Holding.objects.select_related("item", "lot", "district").get(pk=pk)


def _draw(depot: Depot, item: Item, mode: str, quantity: Decimal, moved_on: dt.date) -> list[tuple[Holding, Decimal]]:
    """Which lots give how much, the first to expire first. Raises ``ValidationError`` where they do not suffice."""
    _check_quantity(quantity)
    holdings = [one for one in usable(depot, item, mode, moved_on) if one.received_on <= moved_on]
    free = available(holdings, moved_on)
    if (there := sum(free.values(), Decimal(0))) < quantity:
        word = f"{moved_on}可用{_plain(there)}{item.unit}，不足{_plain(quantity)}{item.unit}，超过有效期的不能出库。"
        raise ValidationError({"quantity": f"“{depot}”的{item}{word}"})
    drawn, wanted = [], quantity
    for one in holdings:
        part = min(free[one.pk], wanted)
        if part > 0:
            drawn.append((one, part))
            wanted -= part
    return drawn


def _check_day(moved_on: dt.date, on: dt.date, depot: Depot) -> None:
    if moved_on > on:
        raise ValidationError({"moved_on": "日期不能晚于今天。"})
    if moved_on < depot.opened_on or (depot.closed_on is not None and moved_on >= depot.closed_on):
        raise ValidationError({"moved_on": f"“{depot}”在{moved_on}未启用。"})


def _check_quantity(quantity: Decimal) -> None:
    if quantity <= 0 or quantity != quantity.quantize(_CENT):
        raise ValidationError({"quantity": "数量应大于0，最多两位小数。"})


def _require(**texts: str) -> None:
    missing = [name for name, text in texts.items() if not text.strip()]
    if missing:
        raise ValidationError(dict.fromkeys(missing, "请填写此项。"))


def _plain(number: Decimal) -> str:
    """“30”, “2.5”: a quantity as people write it."""
    return f"{number.normalize():f}"
