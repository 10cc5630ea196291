"""系统管理员: the units from and to Excel."""

from __future__ import annotations

from emergency.core.ledger.pages import ExportView, ImportView
from emergency.organizations.models import Role
from emergency.organizations.scope import AdministratorMixin
from emergency.organizations.views.units import OrganisationList


class OrganisationImport(AdministratorMixin, ImportView):
    administrator = Role.SYSTEM_ADMIN
    kind = "organisations"
    default_keys = ("parent",)


class OrganisationExport(AdministratorMixin, ExportView):
    administrator = Role.SYSTEM_ADMIN
    kind = "organisations"
    listing = OrganisationList
