"""应急演练: 年度计划 → 实施 → 评估 (《生产安全事故应急预案管理办法》第三十二条至第三十四条, 《生产安全事故应急条例》第八条)."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError

from emergency.core.lifecycle import Lifecycle, Move, Transition
from emergency.plans.lifecycle.people import DRILL_HEAD, DRILL_KEEPER
from emergency.plans.models import DrillStatus, Grade


def held_by_today(move: Move) -> None:
    """What is registered has taken place."""
    if move.data["held_on"] > move.on:
        raise ValidationError({"held_on": "演练日期不能晚于今天。"})


def evaluated_after_it(move: Move) -> None:
    """第三十四条: the evaluation follows the drill."""
    day: dt.date = move.data["evaluated_on"]
    if day < move.record.held_on:
        raise ValidationError({"evaluated_on": "评估日期不能早于演练日期。"})
    if day > move.on:
        raise ValidationError({"evaluated_on": "评估日期不能晚于今天。"})


def grade_is_known(move: Move) -> None:
    if (move.data.get("grade") or "") not in ("", *Grade.values):
        raise ValidationError({"grade": "请选择评估等次。"})


def hold(move: Move) -> None:
    record, data = move.record, move.data
    record.held_on, record.people = data["held_on"], data.get("people")
    record.quantity = data.get("quantity") or record.quantity
    record.place, record.content = data.get("place") or record.place, data.get("content") or record.content


def evaluate(move: Move) -> None:
    record, data = move.record, move.data
    record.evaluated_on, record.evaluation, record.grade = (
        data["evaluated_on"],
        data["evaluation"],
        data.get("grade") or "",
    )


def cancel(move: Move) -> None:
    move.record.cancel_reason = move.note


def void(move: Move) -> None:
    move.record.void_reason = move.note


DRILL_LIFECYCLE = Lifecycle(
    "drill",
    [
        Transition(
            "hold", "登记实施", (DrillStatus.PLANNED,), DrillStatus.HELD, (DRILL_KEEPER,), required=("held_on",),
            guards=(held_by_today,), apply=hold,
        ),
        Transition(
            "evaluate", "评估", (DrillStatus.HELD,), DrillStatus.EVALUATED, (DRILL_KEEPER,),
            required=("evaluated_on", "evaluation"), guards=(evaluated_after_it, grade_is_known), apply=evaluate, tone="green",
        ),
        Transition(
            "cancel", "取消", (DrillStatus.PLANNED,), DrillStatus.CANCELLED, (DRILL_KEEPER,), required=("reason",),
            apply=cancel, tone="amber",
        ),
        Transition(
            "void", "作废", (DrillStatus.HELD, DrillStatus.EVALUATED), DrillStatus.VOID, (DRILL_HEAD,), required=("reason",),
            apply=void, tone="grey",
        ),
    ],
)  # fmt: skip
