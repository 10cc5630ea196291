"""Who keeps the registers, and who moves goods: the bureau decides what there is to be, the keeper of the depot moves it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from emergency.organizations.models import Kind, Organisation, Role
from emergency.organizations.scope import holds, is_portal, reach
from supplies.models import Depot

#: Who enters depots, purchases and minimums for a unit, and imports its stock.
OFFICE = (Role.SECTION_HEAD, Role.CLERK)
#: Who signs for goods: at a town or village without a keeper of its own its officers do.
KEEPERS = (Role.STOREKEEPER, Role.STREET_HEAD, Role.STREET_OFFICER, Role.COMMUNITY_OFFICER)
ENTERERS = (*OFFICE, *KEEPERS)


def moves(user: Any, depot: Depot) -> bool:
    """Whether the user moves goods of a depot: keepers of exactly the unit that keeps it."""
    return holds(user, KEEPERS, depot.handler)


def keeps_registers(user: Any, unit: Organisation) -> bool:
    """Whether the user keeps the registers of a unit: the bureau's office over its area, and the unit's own keepers."""
    return holds(user, OFFICE, unit, over=True) or holds(user, KEEPERS, unit)


def edits_catalogue(user: Any) -> bool:
    """The catalogue is one for all units; the bureau's office keeps it."""
    if is_portal(user):
        return True
    return any(post.role in OFFICE and post.organisation.kind == Kind.BUREAU for post in reach(user).posts)


def must_move(user: Any, *depots: Depot) -> None:
    """Refuse whoever is not the keeper of every depot concerned. Raises ``PermissionDenied``."""
    for depot in depots:
        if not moves(user, depot):
            raise PermissionDenied(f"“{depot}”的出入库由{depot.handler}的储备保管员办理。")


def must_register(user: Any, unit: Organisation) -> None:
    """Refuse whoever does not keep the registers of a unit. Raises ``PermissionDenied``."""
    if not keeps_registers(user, unit):
        raise PermissionDenied(f"由{unit}的储备保管员或应急管理局科室人员登记。")
