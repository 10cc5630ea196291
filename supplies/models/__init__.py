"""物资保障: where goods are kept, what they are called, how they were bought, and every movement of them."""

from supplies.models.catalogue import Depot, DepotLevel, Item, Minimum, Purchase
from supplies.models.stock import (
    INWARD,
    MODE_TONES,
    OUTWARD,
    SOON_DAYS,
    Holding,
    HoldingQuerySet,
    Lot,
    Mode,
    Movement,
    MovementKind,
)

__all__ = [
    "INWARD",
    "MODE_TONES",
    "OUTWARD",
    "SOON_DAYS",
    "Depot",
    "DepotLevel",
    "Holding",
    "HoldingQuerySet",
    "Item",
    "Lot",
    "Minimum",
    "Mode",
    "Movement",
    "MovementKind",
    "Purchase",
]
