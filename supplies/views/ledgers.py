"""Stock from and to Excel."""

from __future__ import annotations

from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from supplies.services import ENTERERS
from supplies.views.stock import HoldingList


class StockImport(LedgerImport):
    kind = "stock"
    roles = ENTERERS
    default_keys = ("depot", "received_on")


class StockExport(RolesMixin, LedgerExport):
    kind = "stock"
    roles = BUSINESS_ROLES
    listing = HoldingList
