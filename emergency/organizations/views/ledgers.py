"""The doors of import and export pages, for the apps above: core has the pages but knows nobody's rights."""

from __future__ import annotations

from emergency.core.ledger.pages import ExportView, ImportView
from emergency.organizations.models import Organisation
from emergency.organizations.scope import BusinessMixin, RolesMixin, reach


class LedgerImport(RolesMixin, ImportView):
    """For holders of ``roles``; which rows they may bring in the ledger itself decides."""

    def unit(self) -> Organisation | None:
        """The officer's first unit: colleagues share how its tables name their columns."""
        return next((post.organisation for post in reach(self.request.user).posts if post.role in self.roles), None)


class LedgerExport(BusinessMixin, ExportView):
    """For everybody who may open business lists: the rows are those of the list."""
