"""The life of a risk point as data: 待管控 → 管控中 → 已消除, with patrols and new assessments on the way.

Sources of the rules: 《安全生产法》(2021) 第四十一条 (风险分级管控), 《突发事件应对法》第三十三条 (调查、登记、风险评估，定期检查),
安委办〔2016〕11号 (逐一落实管控措施和责任; 风险变化时重新评估).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.organizations.scope import FILERS, holds
from hazards.lifecycle import grading
from hazards.lifecycle.guards import handler_is_another_office
from hazards.lifecycle.people import is_bureau_head, works_for_firm
from hazards.models import LIVE_RISKS, RiskPoint, RiskStatus

_FACTORS = ("assessment", "likelihood", "exposure", "severity", "level", "judgement")

# ------------------------------------------------------------------------------------------------ people


def keeps_risk(user: Any, record: RiskPoint) -> bool:
    """Officers of the office that keeps the risk point."""
    return holds(user, FILERS, record.handler)


OFFICER = Who("officer", "监管单位人员", keeps_risk)
FIRM = Who("firm", "企业填报员", works_for_firm)
HEAD = Who("bureau_head", "应急管理局负责人", is_bureau_head)
HEAD_OF_CONTROLLED = Who(
    "bureau_head_controlled", HEAD.label, lambda user, one: one.controlled_on is not None and is_bureau_head(user, one)
)
HEAD_OF_UNCONTROLLED = Who(
    "bureau_head_uncontrolled", HEAD.label, lambda user, one: one.controlled_on is None and is_bureau_head(user, one)
)

# ------------------------------------------------------------------------------------------------ rules


def measures_stand(move: Move) -> None:
    """安委办〔2016〕11号: measures are laid down for each risk one by one."""
    if not move.record.measure_count:
        raise ValidationError("还没有管控措施，请先用“修改”逐条填写。")


def somebody_answers(move: Move) -> None:
    """《安全生产法》第四十一条: 分级管控; a unit or a person answers for each risk."""
    if not move.record.responsible_unit and not move.record.responsible_person:
        raise ValidationError("还没有责任单位或责任人，请先用“修改”填写。")


def _within(move: Move, name: str, label: str) -> None:
    day = move.data.get(name) or move.on
    if day < move.record.identified_on:
        raise ValidationError({name: f"{label}不能早于辨识日期。"})
    if day > move.on:
        raise ValidationError({name: f"{label}不能晚于今天。"})


def controlled_within(move: Move) -> None:
    _within(move, "controlled_on", "管控日期")


def patrolled_within(move: Move) -> None:
    _within(move, "patrolled_on", "巡查日期")
    last = move.record.last_patrol_on
    if last is not None and move.data["patrolled_on"] < last:
        raise ValidationError({"patrolled_on": f"最近一次巡查是{last:%Y-%m-%d}，本次不能早于它。"})


def removed_within(move: Move) -> None:
    _within(move, "removed_on", "消除日期")


def assessed_within(move: Move) -> None:
    _within(move, "assessed_on", "评估日期")


# ------------------------------------------------------------------------------------------------ effects


def control(move: Move) -> None:
    """Patrols are due from the day on which the portal learns of the control: earlier ones it cannot know."""
    record = move.record
    record.controlled_on = move.data["controlled_on"]
    record.next_patrol_on = record.patrol_after(move.on)


def patrol(move: Move) -> None:
    record = move.record
    record.last_patrol_on = move.data["patrolled_on"]
    record.next_patrol_on = record.patrol_after(record.last_patrol_on)


def set_grade(record: RiskPoint, graded: grading.Graded, judgement: str) -> None:
    """Write an assessment into the record."""
    record.assessment, record.level, record.score = graded.assessment, graded.level, graded.score
    record.likelihood, record.exposure, record.severity = graded.likelihood, graded.exposure, graded.severity
    record.judgement = judgement if graded.score is None else ""


def reassess(move: Move) -> None:
    """A new level; the event keeps the old one, the inputs, and where the levels began that day."""
    record, before = move.record, move.record.get_level_display()
    judgement = move.data.get("judgement") or ""
    graded = grading.grade(**{name: move.data[name] for name in _FACTORS if move.data.get(name) not in (None, "")})
    set_grade(record, graded, judgement)
    record.assessed_on = move.data["assessed_on"]
    move.data["change"] = f"{before} → {record.get_level_display()}"
    if graded.score is not None:
        move.data |= {"score": graded.score, "thresholds": list(grading.thresholds(graded.assessment))}
    move.note = f"{move.data['change']}。{move.note}"


def remove(move: Move) -> None:
    record = move.record
    record.removed_on, record.removed_reason = move.data["removed_on"], move.data["reason"]
    record.next_patrol_on = None


def restore(move: Move) -> None:
    """It had not gone after all: patrols begin anew from the day of the correction."""
    record = move.record
    record.removed_on, record.removed_reason = None, ""
    if record.controlled_on is not None:
        record.next_patrol_on = record.patrol_after(move.on)


def release(move: Move) -> None:
    move.record.controlled_on = move.record.next_patrol_on = None


def void(move: Move) -> None:
    record = move.record
    record.void_reason = move.data["reason"]
    record.removed_on = record.next_patrol_on = None


def transfer(move: Move) -> None:
    move.record.handler = move.data["handler"]


RISK_LIFECYCLE = Lifecycle(
    "risk",
    [
        Transition(
            "control", "落实管控", (RiskStatus.IDENTIFIED,), RiskStatus.CONTROLLED, (OFFICER,),
            required=("controlled_on",), guards=(controlled_within, measures_stand, somebody_answers), apply=control,
            tone="green",
        ),
        Transition(
            "patrol", "巡查", (RiskStatus.CONTROLLED,), RiskStatus.CONTROLLED, (OFFICER, FIRM),
            required=("patrolled_on", "result"), guards=(patrolled_within,), apply=patrol,
        ),
        *(
            Transition(
                "reassess", "重新评估", (status,), status, (OFFICER,),
                required=("assessment", "assessed_on", "reason"), guards=(assessed_within,), apply=reassess, tone="amber",
            )
            for status in LIVE_RISKS
        ),
        *(
            Transition(
                "transfer", "移交", (status,), status, (OFFICER, HEAD),
                required=("handler", "reason"), guards=(handler_is_another_office,), apply=transfer, tone="amber",
            )
            for status in LIVE_RISKS
        ),
        Transition(
            "remove", "消除销号", LIVE_RISKS, RiskStatus.REMOVED, (OFFICER,),
            required=("removed_on", "reason"), guards=(removed_within,), apply=remove, tone="green",
        ),
        Transition(
            "release", "更正为待管控", (RiskStatus.CONTROLLED,), RiskStatus.IDENTIFIED, (HEAD,),
            required=("reason",), apply=release, tone="amber",
        ),
        Transition(
            "restore", "更正为管控中", (RiskStatus.REMOVED,), RiskStatus.CONTROLLED, (HEAD_OF_CONTROLLED,),
            required=("reason",), apply=restore, tone="amber",
        ),
        Transition(
            "restore_identified", "更正为待管控", (RiskStatus.REMOVED,), RiskStatus.IDENTIFIED, (HEAD_OF_UNCONTROLLED,),
            required=("reason",), apply=restore, tone="amber",
        ),
        Transition(
            "void", "作废", (*LIVE_RISKS, RiskStatus.REMOVED), RiskStatus.VOID, (HEAD,),
            required=("reason",), apply=void, tone="grey",
        ),
    ],
)  # fmt: skip
