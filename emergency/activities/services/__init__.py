"""Every write of activities: registering, correcting, taking back; and the tree of categories."""

from emergency.activities.services.categories import category_create, category_update
from emergency.activities.services.filing import (
    activities_void,
    activity_act,
    activity_delete,
    activity_edit,
    activity_file,
)

__all__ = [
    "activities_void",
    "activity_act",
    "activity_delete",
    "activity_edit",
    "activity_file",
    "category_create",
    "category_update",
]
