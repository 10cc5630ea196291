"""Who acts for which unit: posts in force, the three administrators, and whether somebody holds a role over an organisation."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from emergency.core import clock
from emergency.core.lifecycle import Who
from emergency.organizations.models import ADMIN_ROLES, Kind, Membership, Organisation, Role, Succession

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
    """For each unit those that it succeeded until today, through any number of changes.

    One query, or none where the pairs (predecessor, successor) are given.
    """
    back: dict[int, list[int]] = {}
    if successions is None:
        # A change that is entered ahead of its day leaves everybody's rows where they are until then.
        successions = Succession.objects.filter(on__lte=clock.today()).values_list("predecessor_id", "successor_id")
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


def post_at(name: str, label: str, column: str, roles: Iterable[str], *, over: bool = False) -> Who:
    """A :class:`Who` for life-cycle tables: holders of these roles at the organisation in the record's column."""
    wanted = tuple(roles)

    def test(user: Any, record: Any) -> bool:
        organisation = getattr(record, column)
        return organisation is not None and holds(user, wanted, organisation, over=over)

    return Who(name, label, test)
