"""Which rows are whose: the shapes that a model declares, and the queryset that unites them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import Q

from emergency.core import clock
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.scope.people import admin_role, enterprise_user, is_portal, reach

NOTHING = Q(pk__in=[])


def area_q(unit: Organisation, ids: Sequence[int] | None = None, prefix: str = "") -> Q:
    """Records whose 属地 lies in the unit's subtree; ``ids`` adds the units it succeeded. One plain column."""
    ids = list(ids or [unit.pk])
    if unit.is_root:
        return Q()
    if unit.kind == Kind.AREA_SET:
        return Q(**{f"{prefix}street__in": unit.members.values("pk")})
    column = {Tier.DISTRICT: "district", Tier.STREET: "street", Tier.COMMUNITY: "area"}.get(unit.tier)  # type: ignore[call-overload]
    if column is None:  # a city below a province: the districts under it
        return Q(**{f"{prefix}district__path__startswith": unit.path})
    return Q(**{f"{prefix}{column}": ids[0]}) if len(ids) == 1 else Q(**{f"{prefix}{column}__in": ids})


class Shape:
    """One way in which a row can be somebody's."""

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        raise NotImplementedError  # pragma: no cover - the shapes below are all there are


class Area(Shape):
    """Its 属地 lies in my subtree; ``only`` hides what is not yet for the whole area, such as an office's drafts."""

    def __init__(self, *, only: Q | None = None) -> None:
        self.only = only or Q()

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        mine = reach(user)
        return [area_q(root, mine.with_predecessors(root)) & self.only for root in mine.roots]


class Party(Shape):
    def __init__(self, *columns: str) -> None:
        self.columns = columns

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        units = reach(user).own_units
        if not units:
            return []
        if len(units) == 1:
            return [Q(**{column: units[0]}) for column in self.columns]
        return [Q(**{f"{column}__in": units}) for column in self.columns]


class Downward(Shape):
    """Owned by a unit on the path from my unit up to the root, and published."""

    def __init__(self, owner: str = "owner", *, published: Q | None = None) -> None:
        self.owner = owner
        self.published = published or Q()

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        units: set[int] = set()
        for post in reach(user).posts:
            units.update(int(part) for part in post.organisation.path.strip("/").split("/") if part)
        siblings = Q(**{f"{self.owner}__parent__in": units, f"{self.owner}__kind": Kind.BUREAU})
        return [(Q(**{f"{self.owner}__in": units}) | siblings) & self.published] if units else []


class Subject(Shape):
    """About an enterprise that the user files for; ``only`` hides drafts and internal rows from it."""

    def __init__(self, column: str, *, only: Q | None = None) -> None:
        self.column = column
        self.only = only or Q()

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        if not enterprise_user(user):  # an officer's list has no branch to ask for it
            return []
        related: Any = model if self.column == "pk" else model._meta.get_field(self.column).related_model
        mine = related._default_manager.filter(memberships__in=user.enterprise_memberships.in_force(clock.today()))
        return [Q(**{f"{self.column}__in": mine.values("pk")}) & self.only]


class Addressed(Shape):
    """Among the addressees, rows of the related table ``relation`` that name a unit or an enterprise.

    One branch that asks that table by its index on the addressee: its cost is what this reader has received, however long the
    ledger is. ``only`` hides what was never sent.
    """

    def __init__(
        self, relation: str, *, unit: str = "organisation", firm: str = "enterprise", only: Q | None = None
    ) -> None:
        self.relation, self.unit, self.firm = relation, unit, firm
        self.only = only or Q()

    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        related: Any = model._meta.get_field(self.relation)
        rows, key = related.related_model._base_manager, related.field.name
        received: models.QuerySet
        if units := reach(user).own_units:
            received = rows.filter(**{f"{self.unit}__in": units})
        elif enterprise_user(user):
            posts = user.enterprise_memberships.in_force(clock.today())
            received = rows.filter(**{f"{self.firm}__in": posts.values("enterprise")})
        else:
            return []
        return [Q(pk__in=received.values(key)) & self.only]


class ScopedQuerySet(models.QuerySet):
    """The base of every business queryset. The model names its shapes in ``scope_shapes``."""

    def _conditions(self, user: Any) -> list[Q]:
        if is_portal(user):
            return [Q()]
        if not getattr(user, "is_authenticated", False) or not user.is_active or admin_role(user):
            return []
        found: list[Q] = []
        shapes: Sequence[Shape] = self.model.scope_shapes  # type: ignore[attr-defined]  # every business model has them
        for shape in shapes:
            for condition in shape.conditions(user, self.model):
                if not condition:  # sees all: no other shape can add to it
                    return [Q()]
                found.append(condition)
        return found

    def visible_to(self, user: Any) -> Self:
        """The rows this user may see; of somebody else's row not even the existence shows."""
        conditions = self._conditions(user)
        if not conditions:
            return self.none()
        union = conditions[0]
        for condition in conditions[1:]:
            union |= condition
        return self.filter(union)

    def visible_branches(self, user: Any) -> list[Self]:
        """The same rows as one query per condition, each of which an index can walk in order."""
        return [self.filter(condition) for condition in self._conditions(user)]
