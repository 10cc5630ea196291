"""Every write of supplies."""

from supplies.lifecycle import ENTERERS, KEEPERS, OFFICE, edits_catalogue, keeps_registers, moves
from supplies.services.moving import (
    ADJUSTMENTS,
    holding_adjust,
    movement_reverse,
    stock_issue,
    stock_receive,
    stock_transfer,
)
from supplies.services.registers import (
    depot_create,
    depot_edit,
    item_create,
    item_edit,
    minimum_set,
    purchase_create,
    purchase_edit,
    purchase_void,
)

__all__ = [
    "ADJUSTMENTS",
    "ENTERERS",
    "KEEPERS",
    "OFFICE",
    "depot_create",
    "depot_edit",
    "edits_catalogue",
    "holding_adjust",
    "item_create",
    "item_edit",
    "keeps_registers",
    "minimum_set",
    "movement_reverse",
    "moves",
    "purchase_create",
    "purchase_edit",
    "purchase_void",
    "stock_issue",
    "stock_receive",
    "stock_transfer",
]
