"""The life of an accident as data: 快报 → 已核实 → 已结案.

Source of the rules: 《生产安全事故报告和调查处理条例》(国务院令第493号, below “493号”). Guards bind acts made here; imported history
enters at its state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from emergency.core import deadlines
from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.incidents.models import Accident, Grade, Status
from emergency.organizations.models import Kind, Organisation, Role
from emergency.organizations.scope import holds, is_portal, reach

#: Of the bureau those who register, verify and correct, and those who void: never the clerk whose own figures it moves.
BUREAU_FILERS = (Role.SECTION_HEAD, Role.CLERK, Role.COMMITTEE_OFFICE, Role.ENFORCER, Role.SECRETARY)
BUREAU_HEADS = (Role.HEAD, Role.DEPUTY, Role.SECTION_HEAD)
#: A town reports its own accidents; the bureau verifies them.
STREET_FILERS = (Role.STREET_HEAD, Role.STREET_OFFICER)
REPORTERS = (*BUREAU_FILERS, *STREET_FILERS)


# ------------------------------------------------------------------------------------------------ who


def _bureau_over(user: Any, roles: Iterable[str], unit: Organisation) -> bool:
    return is_portal(user) or any(
        post.role in roles
        and post.organisation.kind == Kind.BUREAU
        and post.root is not None
        and unit.path.startswith(post.root.path)
        for post in reach(user).posts
    )


def is_bureau(user: Any, unit: Organisation) -> bool:
    """Whether the user registers and verifies for the bureau that oversees the place."""
    return _bureau_over(user, BUREAU_FILERS, unit)


def may_register(user: Any, unit: Organisation) -> bool:
    """The bureau for its level, a town for itself: 493号第四条, 事故报告应当及时、准确、完整."""
    return is_bureau(user, unit) or holds(user, STREET_FILERS, unit, over=True)


def may_report(user: Any) -> bool:
    """Whether the user registers accidents anywhere."""
    return holds(user, REPORTERS)


def may_edit(user: Any, record: Accident) -> bool:
    """The bureau always, the town until its report has been verified; what is void stays as it is."""
    if record.status == Status.VOID:
        return False
    return may_register(user, record.home) if record.status == Status.FLASH else is_bureau(user, record.home)


BUREAU = Who("bureau", "应急管理局人员", lambda user, one: is_bureau(user, one.home))
HEADS = Who("heads", "应急管理局负责人", lambda user, one: _bureau_over(user, BUREAU_HEADS, one.home))


# ------------------------------------------------------------------------------------------------ guards


def _refuse(field: str, message: str) -> None:
    raise ValidationError({field: message})


def day_of(record: Accident) -> dt.date:
    """The accident's date; the stored column of a record that was just changed is known only when it is read again."""
    return timezone.localdate(record.occurred_at)


def counted_or_reason(move: Move) -> None:
    """生产安全事故统计调查制度: who leaves an accident out of the statistics says why."""
    if move.data["counted"] == "no" and not str(move.data.get("uncounted_reason") or "").strip():
        _refuse("uncounted_reason", "不纳入统计的，请填写原因。")


def only_production_counts(move: Move) -> None:
    """生产安全事故统计调查制度: counted is what happened in 生产经营活动."""
    if move.data["counted"] == "yes" and not move.record.production:
        _refuse("counted", "非生产经营性事故不纳入统计。")


def report_is_awaited(move: Move) -> None:
    """493号第二十九条: the time for the report is prolonged, and the report handed in, before it is there."""
    if move.record.report_submitted_on is not None:
        _refuse("__all__", "调查报告已经提交。")


def extended_once(move: Move) -> None:
    """493号第二十九条: 延长的期限最长不超过60日, so there is one extension and no chain of them."""
    if move.record.report_extended:
        _refuse("__all__", "调查期限已经延长过一次，不能再延长。")


def within_the_longest(move: Move) -> None:
    """493号第二十九条: 特殊情况下…可以适当延长，但延长的期限最长不超过60日."""
    present, wanted = move.record.report_due_on, move.data["report_due_on"]
    if present is None:
        return
    if wanted <= present:
        _refuse("report_due_on", f"延长后的期限须晚于现期限{present:%Y-%m-%d}。")
    longest = deadlines.due("accident.report_submit", present, state="extension").at
    if wanted > longest:
        _refuse("report_due_on", f"延长最多至{longest:%Y-%m-%d}（《生产安全事故报告和调查处理条例》第二十九条）。")


def submitted_by_now(move: Move) -> None:
    """A report is dated between the accident and today."""
    day = move.data["report_submitted_on"]
    if day < day_of(move.record):
        _refuse("report_submitted_on", "调查报告提交日期不能早于事故发生日期。")
    if day > move.on:
        _refuse("report_submitted_on", "调查报告提交日期不能晚于今天。")


def report_is_in(move: Move) -> None:
    """493号第三十二条: the government replies to a report, so there is one before a case closes."""
    if move.record.report_submitted_on is None:
        _refuse("__all__", "尚未提交调查报告，不能结案。")


def approved_by_now(move: Move) -> None:
    """493号第三十二条: the reply comes after the report and is known when it is entered."""
    day, submitted = move.data["approved_on"], move.record.report_submitted_on
    if submitted is not None and day < submitted:
        _refuse("approved_on", "批复结案日期不能早于调查报告提交日期。")
    if day > move.on:
        _refuse("approved_on", "批复结案日期不能晚于今天。")


# ------------------------------------------------------------------------------------------------ effects


def report_due(record: Accident) -> dt.date:
    """493号第二十九条: within 60 days of the accident."""
    return deadlines.due("accident.report_submit", day_of(record)).at  # type: ignore[return-value]  # counts days


def reply_due(record: Accident) -> dt.date | None:
    """493号第三十二条: within 15 days of the report, 30 where the accident was 特别重大."""
    if record.report_submitted_on is None:
        return None
    level = record.grade if record.grade == Grade.EXTRAORDINARY else ""
    return deadlines.due("accident.reply", record.report_submitted_on, level=level).at  # type: ignore[return-value]


def verify(move: Move) -> None:
    record: Accident = move.record
    record.counted = move.data["counted"] == "yes"
    record.uncounted_reason = "" if record.counted else str(move.data["uncounted_reason"]).strip()
    record.verified_on = move.on
    record.report_due_on = report_due(record)


def extend(move: Move) -> None:
    move.record.report_due_on = move.data["report_due_on"]
    move.record.report_extended = True


def submit_report(move: Move) -> None:
    record: Accident = move.record
    record.report_submitted_on = move.data["report_submitted_on"]
    record.cause = move.data["cause"]
    record.reply_due_on = reply_due(record)


def close(move: Move) -> None:
    move.record.approved_on = move.data["approved_on"]
    move.record.approval_number = move.data["approval_number"]


def reopen(move: Move) -> None:
    move.record.approved_on = None
    move.record.approval_number = ""


def void(move: Move) -> None:
    move.record.void_reason = move.data["reason"]


LIFECYCLE = Lifecycle(
    "accident",
    [
        Transition(
            "verify", "核实", (Status.FLASH,), Status.VERIFIED, (BUREAU,),
            required=("counted", "opinion"), guards=(only_production_counts, counted_or_reason), apply=verify,
        ),
        Transition(
            "extend", "调查延期", (Status.VERIFIED,), Status.VERIFIED, (BUREAU,),
            required=("report_due_on", "reason"), guards=(report_is_awaited, extended_once, within_the_longest),
            apply=extend, tone="amber",
        ),
        Transition(
            "submit_report", "提交报告", (Status.VERIFIED,), Status.VERIFIED, (BUREAU,),
            required=("report_submitted_on", "cause"), guards=(report_is_awaited, submitted_by_now), apply=submit_report,
        ),
        Transition(
            "close", "批复结案", (Status.VERIFIED,), Status.CLOSED, (BUREAU,),
            required=("approved_on", "approval_number"), guards=(report_is_in, approved_by_now), apply=close, tone="green",
        ),
        Transition(
            "reopen", "更正为未结案", (Status.CLOSED,), Status.VERIFIED, (HEADS,),
            required=("reason",), apply=reopen, tone="amber",
        ),
        Transition(
            "void", "作废", (Status.FLASH, Status.VERIFIED, Status.CLOSED), Status.VOID, (HEADS,),
            required=("reason",), apply=void, tone="grey",
        ),
    ],
)  # fmt: skip
