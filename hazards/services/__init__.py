"""Every write of hazards and risk points: opening, the steps of their lives, and dividing rows that stand for several."""

from hazards.services.acting import hazard_act, hazard_transfer, hazards_recheck, hazards_void
from hazards.services.dividing import hazard_split
from hazards.services.opening import hazard_count_open, hazard_delete, hazard_edit, hazard_open
from hazards.services.risks import MeasureInput, risk_act, risk_edit, risk_register, risks_void

__all__ = [
    "MeasureInput",
    "hazard_act",
    "hazard_count_open",
    "hazard_delete",
    "hazard_edit",
    "hazard_open",
    "hazard_split",
    "hazard_transfer",
    "hazards_recheck",
    "hazards_void",
    "risk_act",
    "risk_edit",
    "risk_register",
    "risks_void",
]
