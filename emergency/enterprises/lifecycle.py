"""Who may do what to a subject of supervision, and how its state moves: 在营, 停产, and out of supervision by 关闭, 取缔, 搬迁."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.enterprises.models import Enterprise, State
from emergency.organizations.models import Organisation, Role
from emergency.organizations.scope import BUREAU_STAFF, FILERS, enterprise_user, holds

#: Offices that answer for an area: the bureau for its level, a street for itself.
OFFICE_ROLES = (*BUREAU_STAFF, Role.STREET_HEAD, Role.STREET_OFFICER)
#: Of the bureau those who file and decide; leaders read.
_FILING_OFFICE = tuple(role for role in OFFICE_ROLES if role in FILERS)
_DEPARTMENT_ROLES = (Role.SECTION_HEAD, Role.DEPARTMENT_CLERK)


def may_register(user: Any, area: Organisation, department: Organisation | None = None) -> bool:
    """Whether the user may enter a subject at this place: officers over the place, and the department that it is to fall under.

    A department acts within the level that it serves.
    """
    if holds(user, FILERS, area, over=True):
        return True
    if department is None or not holds(user, _DEPARTMENT_ROLES, department):
        return False
    return area.path.startswith(department.serves.path)


def _keeps(user: Any, record: Enterprise) -> bool:
    return may_register(user, record.home, record.department)


def _answers_for(user: Any, record: Enterprise) -> bool:
    return holds(user, _FILING_OFFICE, record.home, over=True)


KEEPER = Who("keeper", "应急局、属地街道（乡镇）、社区（村）或行业主管部门", _keeps)
OFFICE = Who("office", "应急局或属地街道（乡镇）", _answers_for)


def may_read_phone(user: Any, record: Enterprise) -> bool:
    """Who files for the enterprise reads its own number in full; officers ask for it with a reason (see ``phone_unmask``)."""
    return enterprise_user(user) and Enterprise.objects.filter(pk=record.pk, memberships__user=user).exists()


def not_in_the_future(move: Move) -> None:
    """A state is recorded when it has come about."""
    if move.data["state_changed_on"] > move.on:
        raise ValidationError({"state_changed_on": "状态变更日期不能晚于今天。"})


def after_what_is_known(move: Move) -> None:
    """Days go forward: not before the subject was registered, nor before its last change of state."""
    day = move.data["state_changed_on"]
    if day < move.record.registered_on:
        raise ValidationError({"state_changed_on": "状态变更日期不能早于建档日期。"})
    last = move.record.state_changed_on
    if last is not None and day < last:
        raise ValidationError({"state_changed_on": f"状态变更日期不能早于上一次变更（{last.isoformat()}）。"})


def note_state(move: Move) -> None:
    """Write day and reason of the change, and with them whether the subject still counts as supervised."""
    record: Enterprise = move.record
    record.state_changed_on = move.data["state_changed_on"]
    record.state_reason = move.data["state_reason"].strip()
    record.ended_on = record.state_changed_on if record.state in State.ended() else None


def _row(
    action: str, label: str, sources: tuple[State, ...], target: State, who: Who, tone: str = "blue"
) -> Transition:
    return Transition(
        action=action,
        label=label,
        sources=tuple(source.value for source in sources),
        target=target.value,
        who=(who,),
        required=("state_changed_on", "state_reason"),
        guards=(not_in_the_future, after_what_is_known),
        apply=note_state,
        tone=tone,
    )


_SUPERVISED = (State.OPERATING, State.SUSPENDED)

LIFECYCLE = Lifecycle(
    "enterprise",
    (
        _row("suspend", "停产", (State.OPERATING,), State.SUSPENDED, KEEPER, "amber"),
        _row("resume", "恢复生产", (State.SUSPENDED,), State.OPERATING, KEEPER, "green"),
        _row("close", "关闭", _SUPERVISED, State.CLOSED, OFFICE, "red"),
        _row("ban", "取缔", _SUPERVISED, State.BANNED, OFFICE, "red"),
        _row("move", "搬迁", _SUPERVISED, State.MOVED, OFFICE, "red"),
        _row("reopen", "重新纳入监管", State.ended(), State.OPERATING, OFFICE, "green"),
    ),
    field="state",
)
