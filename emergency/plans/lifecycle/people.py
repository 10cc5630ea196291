"""Who is who to a plan and to a drill."""

from __future__ import annotations

from typing import Any

from emergency.core import clock
from emergency.core.lifecycle import Who
from emergency.organizations.models import Role
from emergency.organizations.scope import FILERS, holds, is_portal
from emergency.plans.models import Drill, Plan

#: Who receives filings in an office's name and decides on them.
CHECKERS = (
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.ENFORCER,
    Role.STREET_HEAD,
    Role.STREET_OFFICER,
    Role.DEPARTMENT_CLERK,
)
#: Who takes back what was wrong.
HEADS = (Role.HEAD, Role.DEPUTY, Role.SECTION_HEAD, Role.STREET_HEAD)
#: Who registers drills for an office or the enterprises of its area.
DRILL_FILERS = FILERS


def files_for(user: Any, enterprise_id: int | None) -> bool:
    """Whether the user files for this enterprise today."""
    if enterprise_id is None or user is None or not getattr(user, "is_active", False):
        return False
    return user.enterprise_memberships.in_force(clock.today()).filter(enterprise=enterprise_id).exists()


def is_maker(user: Any, record: Plan | Drill) -> bool:
    """The people of the unit, or of the enterprise, that made it."""
    if user is None:
        return False
    if record.owner is not None:
        return holds(user, FILERS, record.owner)
    return files_for(user, record.enterprise_id)


def is_checker(user: Any, record: Plan) -> bool:
    return user is not None and record.handler is not None and holds(user, CHECKERS, record.handler)


def keeps_plan(user: Any, record: Plan) -> bool:
    """Who makes it, or who receives it and enters for the maker what came on paper."""
    return is_maker(user, record) or is_checker(user, record)


def is_head(user: Any, record: Plan) -> bool:
    office = record.handler or record.owner
    return user is not None and office is not None and holds(user, HEADS, office, over=True)


def keeps_drill(user: Any, record: Drill) -> bool:
    """Who held it, or an officer over the place for those who do not enter it themselves."""
    if user is None:
        return False
    return is_maker(user, record) or holds(user, DRILL_FILERS, record.area or record.district, over=True)


MAKER = Who("maker", "编制单位人员", is_maker)
KEEPER = Who("keeper", "编制单位或受理单位人员", keeps_plan)
SENDER = Who("sender", "编制单位或受理单位人员", lambda user, one: one.handler_id is not None and keeps_plan(user, one))
UPWARD = Who("upward", "编制单位人员（报上级备案的）", lambda user, one: one.handler_id is None and is_maker(user, one))
CHECKER = Who("checker", "备案受理单位人员", is_checker)
CLOCK = Who("clock", "系统（期满自动）", lambda user, one: user is None or is_portal(user))
HEAD = Who("head", "受理单位或上级负责人", is_head)
DRILL_KEEPER = Who("drill_keeper", "组织单位或属地工作人员", keeps_drill)
DRILL_HEAD = Who(
    "drill_head",
    "属地单位负责人",
    lambda user, one: user is not None and holds(user, HEADS, one.area or one.district, over=True),
)
