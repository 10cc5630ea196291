"""Every write of hazards: opening, the steps of their life, and dividing rows that stand for several."""

from hazards.services.acting import hazard_act, hazard_transfer, hazards_recheck, hazards_void
from hazards.services.dividing import hazard_split
from hazards.services.opening import hazard_count_open, hazard_delete, hazard_edit, hazard_open

__all__ = [
    "hazard_act",
    "hazard_count_open",
    "hazard_delete",
    "hazard_edit",
    "hazard_open",
    "hazard_split",
    "hazard_transfer",
    "hazards_recheck",
    "hazards_void",
]
