"""The ledgers of visits and measures from and to Excel."""

from __future__ import annotations

from emergency.organizations.scope import FILERS
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from inspections.lifecycle import MEASURERS
from inspections.views.measures import MeasureList
from inspections.views.register import VisitList


class VisitImport(LedgerImport):
    kind = "inspections"
    roles = FILERS
    default_keys = ("handler", "area", "kind", "campaigns")


class VisitExport(LedgerExport):
    kind = "inspections"
    listing = VisitList


class MeasureImport(LedgerImport):
    kind = "measures"
    roles = MEASURERS
    default_keys = ("handler", "area", "kind", "campaigns")


class MeasureExport(LedgerExport):
    kind = "measures"
    listing = MeasureList
