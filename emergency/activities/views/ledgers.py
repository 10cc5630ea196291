"""The ledger of activities from and to Excel."""

from __future__ import annotations

from emergency.activities.views.register import ActivityList
from emergency.organizations.scope import BUSINESS_ROLES, FILERS, RolesMixin
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport


class ActivityImport(LedgerImport):
    kind = "activities"
    roles = FILERS
    default_keys = ("handler", "group", "category", "campaigns")


class ActivityExport(RolesMixin, LedgerExport):
    kind = "activities"
    roles = BUSINESS_ROLES
    listing = ActivityList
