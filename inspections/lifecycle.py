"""The life of a measure as data: 未执行 → 已执行, with part of it and the court on the way; publication runs beside it.

Sources of the rules: 《行政处罚法》(2021), 《安全生产法》(2021), 《行政强制法》(2011). Guards bind acts made here; imported history enters at
its state, under the row rules of the ledger.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.organizations.models import Role
from emergency.organizations.scope import FILERS, holds
from hazards.lifecycle import is_bureau_head
from inspections.models import LIVE_STATUSES, Measure, MeasureKind, MeasureStatus

#: Who registers and carries out measures: those who file for an office; village staff have no power to punish.
MEASURERS = tuple(role for role in FILERS if role != Role.COMMUNITY_OFFICER)


def is_measurer(user: Any, record: Measure) -> bool:
    return holds(user, MEASURERS, record.handler)


MEASURER = Who("measurer", "实施单位人员", is_measurer)
HEAD = Who("head", "应急管理局负责人", is_bureau_head)
PUBLISHER = Who("publisher", "实施单位人员", lambda user, one: one.awaits_publication and is_measurer(user, one))
EXEMPTER = Who("exempter", "应急管理局负责人", lambda user, one: one.awaits_publication and is_bureau_head(user, one))
ACCEPTOR = Who(
    "acceptor",
    "实施单位人员",
    lambda user, one: one.kind == MeasureKind.SUSPENSION and one.resumed_on is None and is_measurer(user, one),
)


# ------------------------------------------------------------------------------------------------ guards


def _within(move: Move, name: str) -> None:
    """The day of a step lies between the decision and today."""
    day: dt.date = move.data[name]
    label = move.record._meta.get_field(name).verbose_name
    if day < move.record.decided_on:
        raise ValidationError({name: f"{label}不能早于决定日期{move.record.decided_on:%Y-%m-%d}。"})
    if day > move.on:
        raise ValidationError({name: f"{label}不能晚于今天。"})


def executed_within(move: Move) -> None:
    """《行政处罚法》第六十六条: a decision is carried out after it was made."""
    _within(move, "executed_on")


def published_within(move: Move) -> None:
    """《安全生产法》第七十八条: what is published is a decision that was made."""
    _within(move, "published_on")


def resumed_within(move: Move) -> None:
    """《安全生产法》第六十五条: work is taken up again after the danger is removed and the office has agreed (经审查同意)."""
    _within(move, "resumed_on")


# ------------------------------------------------------------------------------------------------ effects


def executed(move: Move) -> None:
    move.record.executed_on = move.data["executed_on"]


def reopened(move: Move) -> None:
    move.record.executed_on = None


def published(move: Move) -> None:
    move.record.published_on = move.data["published_on"]


def exempted(move: Move) -> None:
    move.record.unpublished_reason = move.data["reason"]


def resumed(move: Move) -> None:
    move.record.resumed_on = move.data["resumed_on"]


def voided(move: Move) -> None:
    move.record.void_reason = move.data["reason"]


_PENDING, _PARTIAL, _COURT = MeasureStatus.PENDING, MeasureStatus.PARTIAL, MeasureStatus.COURT

LIFECYCLE = Lifecycle(
    "measure",
    [
        Transition(
            "execute_part", "部分执行", (_PENDING, _PARTIAL, _COURT), _PARTIAL, (MEASURER,),
            required=("executed_on", "note"), guards=(executed_within,), apply=executed, tone="amber",
        ),
        Transition(
            "ask_court", "申请强制执行", (_PENDING, _PARTIAL), _COURT, (MEASURER,),
            required=("executed_on",), guards=(executed_within,), apply=executed, tone="amber",
        ),
        Transition(
            "execute", "执行完毕", (_PENDING, _PARTIAL, _COURT), MeasureStatus.DONE, (MEASURER,),
            required=("executed_on",), guards=(executed_within,), apply=executed, tone="green",
        ),
        *(
            Transition(
                "resume", "复产验收", (status,), status, (ACCEPTOR,),
                required=("resumed_on", "opinion"), guards=(resumed_within,), apply=resumed, tone="green",
            )
            for status in LIVE_STATUSES
        ),
        *(
            Transition(
                "publish", "公示", (status,), status, (PUBLISHER,),
                required=("published_on",), guards=(published_within,), apply=published,
            )
            for status in LIVE_STATUSES
        ),
        *(
            Transition(
                "exempt", "不予公示", (status,), status, (EXEMPTER,),
                required=("reason",), apply=exempted, tone="amber",
            )
            for status in LIVE_STATUSES
        ),
        Transition(
            "reopen", "更正为未执行", (_PARTIAL, _COURT, MeasureStatus.DONE), _PENDING, (HEAD,),
            required=("reason",), apply=reopened, tone="amber",
        ),
        Transition(
            "void", "作废", LIVE_STATUSES, MeasureStatus.VOID, (HEAD,), required=("reason",), apply=voided, tone="grey",
        ),
    ],
)  # fmt: skip
