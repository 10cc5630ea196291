"""Who sees what, and who holds which role over which organisation.

The one door for rows: every page, API, export, figure and paper starts at ``Model.objects.visible_to(user)``. A model declares its
*shapes* once; rows are the union of the shapes over the user's memberships:

- :class:`Area`     the record's 属地 lies in my subtree
- :class:`Party`    my unit is handler, department, sender, receiver …
- :class:`Downward` owned by my unit or one above it, and published: read only
- :class:`Subject`  it is about my enterprise

The three administrators see no business rows. A list never ORs shapes under ORDER BY … LIMIT; it asks
``visible_branches`` for one index-ordered query per shape and unites the first rows of each.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from emergency.core import clock
from emergency.core.lifecycle import Who
from emergency.organizations.models import (
    ADMIN_ROLES,
    Kind,
    Membership,
    Organisation,
    Role,
    Succession,
    Tier,
)

NOTHING = Q(pk__in=[])

#: Roles that belong to an office, by what the office is; used by pages to say who may enter.
BUREAU_STAFF = (
    Role.HEAD,
    Role.DEPUTY,
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.ENFORCER,
    Role.SECRETARY,
)
FIELD_STAFF = (Role.STREET_HEAD, Role.STREET_OFFICER, Role.COMMUNITY_OFFICER)
#: Everybody who files business records for an office.
FILERS = (
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.ENFORCER,
    Role.SECRETARY,
    Role.STREET_HEAD,
    Role.STREET_OFFICER,
    Role.COMMUNITY_OFFICER,
    Role.DEPARTMENT_CLERK,
)
BUSINESS_ROLES = tuple(role for role in Role if role not in ADMIN_ROLES)


def is_portal(user: Any) -> bool:
    """Whether this is the portal itself (``User.is_portal``), which may name every unit and record."""
    return getattr(user, "is_portal", False)


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """One membership in force, with what scope needs of its organisation."""

    organisation: Organisation
    role: str
    root: Organisation | None  # the area that the post oversees; None where it sees only as a party


@dataclasses.dataclass(frozen=True)
class Reach:
    """All that scope needs to know of a user, read once per request."""

    posts: tuple[Post, ...] = ()
    admin_role: str | None = None
    memberships: tuple[Membership, ...] = ()

    @functools.cached_property
    def predecessors(self) -> dict[int, tuple[int, ...]]:
        """The units that those of the posts succeeded; asked when a page first needs rows."""
        units = {post.organisation.pk for post in self.posts} | {post.root.pk for post in self.posts if post.root}
        return predecessors_of(units) if units else {}

    @property
    def roots(self) -> list[Organisation]:
        """Areas overseen, widest first, none inside another."""
        roots = sorted({post.root for post in self.posts if post.root}, key=lambda unit: (len(unit.path), unit.pk))
        kept: list[Organisation] = []
        for unit in roots:
            if not any(unit.path.startswith(wider.path) for wider in kept):
                kept.append(unit)
        return kept

    @property
    def own_units(self) -> list[int]:
        """Units the user acts for, with the units they succeeded."""
        ids = {post.organisation.pk for post in self.posts if post.role != Role.VIEWER}
        for pk in list(ids):
            ids.update(self.predecessors.get(pk, ()))
        return sorted(ids)

    def with_predecessors(self, unit: Organisation) -> list[int]:
        return [unit.pk, *self.predecessors.get(unit.pk, ())]


def _root_of(organisation: Organisation, role: str) -> Organisation | None:
    if organisation.kind == Kind.BUREAU:
        return organisation.parent or organisation
    if organisation.kind in (Kind.DEPARTMENT, Kind.COMMITTEE):
        return None
    return organisation


def predecessors_of(
    units: Iterable[int], successions: Iterable[tuple[int, int]] | None = None
) -> dict[int, tuple[int, ...]]:
    """For each unit the units it succeeded, through any number of changes. One query, or none where the pairs are given."""
    back: dict[int, list[int]] = {}
    if successions is None:
        successions = Succession.objects.values_list("predecessor_id", "successor_id")
    for before, after in successions:
        back.setdefault(after, []).append(before)
    result: dict[int, tuple[int, ...]] = {}
    for unit in units:
        seen: list[int] = []
        todo = list(back.get(unit, ()))
        while todo:
            one = todo.pop()
            if one not in seen and one != unit:
                seen.append(one)
                todo.extend(back.get(one, ()))
        if seen:
            result[unit] = tuple(sorted(seen))
    return result


def reach(user: Any) -> Reach:
    """The user's posts in force today. Cached on the user object, which lives as long as a request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Reach()
    cached: Reach | None = getattr(user, "_reach", None)
    if cached is None:
        memberships = list(
            Membership.objects.in_force(clock.today()).filter(user=user).select_related("organisation__parent")
        )
        posts = tuple(
            Post(one.organisation, one.role, _root_of(one.organisation, one.role))
            for one in memberships
            if one.role not in ADMIN_ROLES
        )
        administrator = next((one.role for one in memberships if one.role in ADMIN_ROLES), None)
        cached = user._reach = Reach(posts, administrator, tuple(memberships))
    return cached


def forget_reach(user: Any) -> None:
    """After a change of memberships within the same request."""
    user.__dict__.pop("_reach", None)
    user.__dict__.pop("_files_for_enterprise", None)


def admin_role(user: Any) -> str | None:
    """Which of the three administrators the user is, if any."""
    return reach(user).admin_role


def require_administrator(actor: Any, role: Role) -> None:
    """Refuse anybody but this administrator; ``None`` is the portal itself (commands, the demonstration).

    Raises ``PermissionDenied``. The pages check the same; this is the lock for everything that goes past them.
    """
    if actor is not None and not is_portal(actor) and admin_role(actor) != role:
        raise PermissionDenied(f"此项由{role.label}办理。")


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
        raise NotImplementedError  # pragma: no cover - the four shapes below are all there are


class Area(Shape):
    def conditions(self, user: Any, model: type[models.Model]) -> list[Q]:
        mine = reach(user)
        return [area_q(root, mine.with_predecessors(root)) for root in mine.roots]


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


def holds(user: Any, roles: Iterable[str], organisation: Organisation | None = None, *, over: bool = False) -> bool:
    """Whether the user holds one of the roles: anywhere, at exactly this organisation, or (``over``) over it from above.

    “Over” means that the post's area contains the organisation; an action on a record always asks for its organisation.
    """
    if is_portal(user):
        return True
    wanted = set(roles)
    mine = reach(user)
    for post in mine.posts:
        if post.role not in wanted:
            continue
        if organisation is None:
            return True
        if post.organisation.pk == organisation.pk or organisation.pk in mine.with_predecessors(post.organisation):
            return True
        if over and post.root is not None and organisation.path.startswith(post.root.path):
            return True
    return False


def business_user(user: Any) -> bool:
    """Whether the user may open business pages at all: holds a post, or files for an enterprise. Never an administrator."""
    mine = reach(user)
    if mine.admin_role is not None:
        return False
    return bool(mine.posts) or enterprise_user(user)


def enterprise_user(user: Any) -> bool:
    """Whether the user files for some enterprise today (企业填报员). Who holds an office may not, so officers are not asked for."""
    if not getattr(user, "is_authenticated", False) or not user.is_active or reach(user).memberships:
        return False
    known: bool | None = getattr(user, "_files_for_enterprise", None)
    if known is None:
        known = user._files_for_enterprise = user.enterprise_memberships.in_force(clock.today()).exists()
    return known


class Guard(LoginRequiredMixin):
    """The door of a page: the anonymous go to the login, those without the right get 403.

    A subclass says who may enter by ``may_enter``; rows are then another matter, of ``visible_to``.
    """

    def may_enter(self, user: Any) -> bool:
        raise NotImplementedError(f"{type(self).__name__} must say who may enter")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not self.may_enter(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class BusinessMixin(Guard):
    """For officers and enterprises; the three administrators stay outside."""

    def may_enter(self, user: Any) -> bool:
        return business_user(user)


class RolesMixin(Guard):
    """For holders of one of ``roles``, anywhere; the action on a record still asks for its organisation."""

    roles: ClassVar[Iterable[str]] = ()

    def may_enter(self, user: Any) -> bool:
        return holds(user, self.roles)


class AdministratorMixin(Guard):
    """For one of the three administrators; each sees only their own pages."""

    administrator: ClassVar[str]

    def may_enter(self, user: Any) -> bool:
        return admin_role(user) == self.administrator


def entrance(
    test: Callable[[Any], bool],
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The same door for a view that is a function: ``@entrance(business_user)``."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not test(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def post_at(name: str, label: str, column: str, roles: Iterable[str], *, over: bool = False) -> Who:
    """A :class:`Who` for life-cycle tables: holders of these roles at the organisation in the record's column."""
    wanted = tuple(roles)

    def test(user: Any, record: Any) -> bool:
        organisation = getattr(record, column)
        return organisation is not None and holds(user, wanted, organisation, over=over)

    return Who(name, label, test)
