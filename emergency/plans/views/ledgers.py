"""The ledgers of plans and drills from and to Excel."""

from __future__ import annotations

from emergency.organizations.scope import FILERS
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from emergency.plans.views.drills import DrillList
from emergency.plans.views.register import PlanList


class PlanImport(LedgerImport):
    kind = "plans"
    roles = FILERS
    default_keys = ("maker", "kind")


class PlanExport(LedgerExport):
    kind = "plans"
    listing = PlanList


class DrillImport(LedgerImport):
    kind = "drills"
    roles = FILERS
    default_keys = ("maker", "form")


class DrillExport(LedgerExport):
    kind = "drills"
    listing = DrillList
