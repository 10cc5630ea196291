"""The ledgers of plans and of drills as Excel tables."""

from emergency.plans.ledger.drills import DRILLS
from emergency.plans.ledger.plans import PLANS

__all__ = ["DRILLS", "PLANS"]
