"""Who may do what with a hazard: each group of people by its relation to the record."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from emergency.core import clock
from emergency.core.lifecycle import Who
from emergency.organizations.models import Kind, Membership, Role
from emergency.organizations.scope import FILERS, enterprise_user, holds, reach
from hazards.models import OPEN_STATUSES, EntryMode, Hazard, RiskPoint, Source

#: Who corrects and voids: never the officers whose own figures it moves.
BUREAU_HEADS = (Role.HEAD, Role.DEPUTY, Role.SECTION_HEAD)


def works_for_firm(user: Any, record: Hazard | RiskPoint, *, acceptor: bool = False) -> bool:
    """Whether the user files for the enterprise of the hazard or risk point (企业填报员), or accepts its repairs (企业验收人)."""
    if record.enterprise_id is None or not user.is_active:
        return False
    posts = user.enterprise_memberships.in_force(clock.today()).filter(enterprise=record.enterprise_id)
    return (posts.filter(acceptor=True) if acceptor else posts).exists()


def is_handlers_officer(user: Any, record: Hazard) -> bool:
    return holds(user, FILERS, record.handler)


def is_officer_above(user: Any, record: Hazard) -> bool:
    """Officers of a unit whose area contains the handler, other than the handler's own."""
    return not is_handlers_officer(user, record) and holds(user, FILERS, record.handler, over=True)


def is_bureau_head(user: Any, record: Any) -> bool:
    """Heads of the bureau that oversees the handler."""
    return any(
        post.role in BUREAU_HEADS
        and post.organisation.kind == Kind.BUREAU
        and post.root is not None
        and record.handler.path.startswith(post.root.path)
        for post in reach(user).posts
    )


def fixed_it(user: Any, record: Hazard) -> bool:
    """Who fixed the hazard, or entered the fix for the firm, may not judge it."""
    return user.pk == record.rectified_by_id or (bool(record.rectifier) and user.name == record.rectifier)


def may_judge(user: Any, record: Hazard) -> bool:
    """复查回避: neither who fixed it nor, where the site has set 发现人回避, who found it."""
    found_it = settings.HAZARD_FINDER_MAY_NOT_REVIEW and user.pk == record.found_by_id
    return not fixed_it(user, record) and not found_it


def handler_has_another(record: Hazard, *barred: int | None) -> bool:
    """Whether the handling unit has an officer in post besides those who are barred."""
    officers = Membership.objects.in_force(clock.today()).filter(
        organisation=record.handler_id, role__in=FILERS, user__is_active=True
    )
    return officers.exclude(user__in=[pk for pk in barred if pk]).exclude(user__name=record.rectifier or None).exists()


def _reviews(user: Any, record: Hazard) -> bool:
    return is_handlers_officer(user, record) and may_judge(user, record)


def _reviews_from_above(user: Any, record: Hazard) -> bool:
    if not is_officer_above(user, record) or not may_judge(user, record):
        return False
    finder = record.found_by_id if settings.HAZARD_FINDER_MAY_NOT_REVIEW else None
    return not handler_has_another(record, record.rectified_by_id, finder)


def _accepts(user: Any, record: Hazard) -> bool:
    """企业自查 general hazards: the acceptor, and another person than the fixer where the firm has one."""
    if not record.is_own_check or not works_for_firm(user, record, acceptor=True):
        return False
    if not fixed_it(user, record):
        return True
    assert record.enterprise is not None
    others = record.enterprise.memberships.in_force(clock.today()).filter(acceptor=True, user__is_active=True)
    return not others.exclude(user=user).exists()


def _decides_extension(user: Any, record: Hazard) -> bool:
    return is_handlers_officer(user, record) and user.pk != record.requested_by_id


def _decides_extension_from_above(user: Any, record: Hazard) -> bool:
    return is_officer_above(user, record) and not handler_has_another(record, record.requested_by_id)


def may_register(user: Any) -> bool:
    """Officers who file for some office, and enterprises for themselves."""
    return holds(user, FILERS) or enterprise_user(user)


def may_split(user: Any, record: Hazard) -> bool:
    """A row that stands for several, while it is open: by its handler's officers, and by the firm that hands in a part."""
    divisible = record.entry_mode == EntryMode.COUNT and record.status in OPEN_STATUSES
    return divisible and (is_handlers_officer(user, record) or works_for_firm(user, record))


FIRM = Who("firm", "企业填报员", works_for_firm)
OFFICER = Who("officer", "承办单位人员", is_handlers_officer)
BUREAU_HEAD = Who("bureau_head", "应急管理局负责人", is_bureau_head)
OWN_CHECKER = Who(
    "own_checker", "企业填报员（企业自查）", lambda user, one: one.source == Source.SELF and works_for_firm(user, one)
)
REVIEWER = Who("reviewer", "承办单位未参与整改填报的人员", _reviews)
REVIEWER_ABOVE = Who("reviewer_above", "上级单位人员（承办单位无其他人员时）", _reviews_from_above)
ACCEPTOR = Who("acceptor", "企业验收人（企业自查的一般隐患）", _accepts)
DECIDER = Who("decider", "承办单位未代为申请的人员", _decides_extension)
DECIDER_ABOVE = Who("decider_above", "上级单位人员（承办单位无其他人员时）", _decides_extension_from_above)
MAJOR_FIRM = Who("major_firm", "企业填报员", lambda user, one: one.is_major and works_for_firm(user, one))
MAJOR_OFFICER = Who("major_officer", "承办单位人员", lambda user, one: one.is_major and is_handlers_officer(user, one))
MAJOR_HEAD = Who("major_head", "应急管理局负责人", lambda user, one: one.is_major and is_bureau_head(user, one))
