"""Who sees what, and who holds which role over which organisation.

The one door for rows: every page, API, export, figure and paper starts at ``Model.objects.visible_to(user)``. A model declares its
*shapes* once; rows are the union of the shapes over the user's memberships:

- :class:`Area`     the record's 属地 lies in my subtree
- :class:`Party`    my unit is handler, department, sender, receiver …
- :class:`Downward` owned by my unit or one above it, and published: read only
- :class:`Subject`  it is about my enterprise
- :class:`Addressed` my unit or my enterprise is among the addressees, who stand in a table of their own

The three administrators see no business rows. A list never ORs shapes under ORDER BY … LIMIT; it asks
``visible_branches`` for one index-ordered query per shape and unites the first rows of each.
"""

from emergency.organizations.scope.doors import (
    AdministratorMixin,
    BusinessMixin,
    Guard,
    RolesMixin,
    entrance,
)
from emergency.organizations.scope.people import (
    BUREAU_STAFF,
    BUSINESS_ROLES,
    FIELD_STAFF,
    FILERS,
    Post,
    Reach,
    admin_role,
    business_user,
    enterprise_user,
    forget_reach,
    holds,
    is_portal,
    post_at,
    predecessors_of,
    reach,
    require_administrator,
)
from emergency.organizations.scope.rows import (
    NOTHING,
    Addressed,
    Area,
    Downward,
    Party,
    ScopedQuerySet,
    Shape,
    Subject,
    area_q,
)

__all__ = [
    "BUREAU_STAFF",
    "BUSINESS_ROLES",
    "FIELD_STAFF",
    "FILERS",
    "NOTHING",
    "Addressed",
    "AdministratorMixin",
    "Area",
    "BusinessMixin",
    "Downward",
    "Guard",
    "Party",
    "Post",
    "Reach",
    "RolesMixin",
    "ScopedQuerySet",
    "Shape",
    "Subject",
    "admin_role",
    "area_q",
    "business_user",
    "enterprise_user",
    "entrance",
    "forget_reach",
    "holds",
    "is_portal",
    "post_at",
    "predecessors_of",
    "reach",
    "require_administrator",
]
