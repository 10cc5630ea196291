"""Plans and drills for tests, made through the services like everywhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.organizations.tests.factories import Cast
from emergency.plans.models import Drill, Plan
from emergency.plans.services import drill_act, drill_register, plan_act, plan_draft

#: A Monday without a holiday near it.
PUBLISHED_ON = dt.date(2026, 3, 2)
TODAY = dt.date(2026, 3, 10)
ALL = ["form", "text", "survey"]
#: Good input of every step.
INPUT: dict[str, dict[str, Any]] = {
    "publish": {"published_on": PUBLISHED_ON, "document_number": "东机〔2026〕1号"},
    "apply": {"applied_on": TODAY, "materials": ALL},
    "correct": {"missing": ["survey"]},
    "complete": {"received_on": TODAY, "materials": ["survey"]},
    "file": {},
    "deem": {},
    "file_above": {"number": "市备2026-7", "filed_on": TODAY},
    "evaluate": {"evaluated_on": TODAY, "conclusion": "keep"},
    "repeal": {"reason": "企业停产"},
    "void": {"reason": "重复登记"},
}


def plan_make(cast: Cast, **fields: Any) -> Plan:
    """A comprehensive plan of the firm, entered by the firm itself."""
    values: dict[str, Any] = {"actor": cast.enterprise_user, "name": "东门机械厂综合应急预案", "kind": "comprehensive"}
    if "owner" not in fields:
        values["enterprise"] = cast.enterprise
    return plan_draft(**values | fields)


def office_plan(cast: Cast, **fields: Any) -> Plan:
    """A street's plan, entered by its officer."""
    values: dict[str, Any] = {
        "actor": cast.officer_a,
        "owner": cast.street_a,
        "kind": "street",
        "name": "东门街道应急预案",
    }
    return plan_make(cast, **values | fields)


def step(plan: Plan, action: str, actor: Any, *, on: dt.date = TODAY, **data: Any) -> Plan:
    """One step with good input, changed as told."""
    return plan_act(
        queryset=Plan.objects.all(), pk=plan.pk, action=action, actor=actor, data=INPUT[action] | data, on=on
    )


def published(cast: Cast, plan: Plan | None = None, **data: Any) -> Plan:
    plan = plan or plan_make(cast)
    return step(plan, "publish", plan.created_by, **data)


def submitted(cast: Cast, plan: Plan | None = None, on: dt.date = TODAY, **data: Any) -> Plan:
    plan = published(cast, plan)
    return step(plan, "apply", plan.created_by, on=on, **{"applied_on": on} | data)


def filed(cast: Cast, plan: Plan | None = None, on: dt.date = TODAY) -> Plan:
    return step(submitted(cast, plan, on), "file", cast.bureau_clerk, on=on)


def drill_make(cast: Cast, **fields: Any) -> Drill:
    """A table-top drill that street A held on TODAY."""
    values: dict[str, Any] = {
        "actor": cast.officer_a,
        "owner": cast.street_a,
        "name": "防汛桌面演练",
        "form": "desk",
        "held_on": TODAY,
        "people": 30,
        "on": TODAY,
    }
    return drill_register(**values | fields)


def drill_step(drill: Drill, action: str, actor: Any, **data: Any) -> Drill:
    usual: dict[str, dict[str, Any]] = {
        "hold": {"held_on": TODAY, "people": 20},
        "evaluate": {"evaluated_on": TODAY, "evaluation": "达到目的"},
        "cancel": {"reason": "汛期改期"},
        "void": {"reason": "重复登记"},
    }
    more = {name: data.pop(name) for name in ("findings", "due_on") if name in data}
    return drill_act(
        queryset=Drill.objects.all(),
        pk=drill.pk,
        action=action,
        actor=actor,
        data=usual[action] | data,
        on=TODAY,
        **more,
    )
