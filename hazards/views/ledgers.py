"""The ledger of hazards from and to Excel."""

from __future__ import annotations

from emergency.organizations.scope import FILERS
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from hazards.views.register import HazardList


class HazardImport(LedgerImport):
    kind = "hazards"
    roles = FILERS
    default_keys = ("handler", "area", "campaigns", "source")


class HazardExport(LedgerExport):
    kind = "hazards"
    listing = HazardList
