"""应急预案: 《生产安全事故应急预案管理办法》(应急管理部令第2号) for enterprises, 国办发〔2024〕5号 for offices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from emergency.core import audit, deadlines, numbering
from emergency.core.deadlines import Due
from emergency.core.lifecycle import Guard, Lifecycle, Move, Transition, note_event
from emergency.plans.lifecycle.people import CHECKER, CLOCK, HEAD, KEEPER, SENDER, UPWARD
from emergency.plans.models import Conclusion, Material, Plan, Status


def _refuse(field: str, message: str) -> None:
    raise ValidationError({field: message})


def _labels(materials: Sequence[str]) -> str:
    return "、".join(Material(one).label for one in materials)


def day_of(due: Due) -> dt.date:
    assert not isinstance(due.at, dt.datetime), "the clocks of plans count days"
    return due.at


# ------------------------------------------------------------------------------------------------ guards


def past_day(name: str, label: str) -> Guard:
    """What is registered has happened: the day is not after today."""

    def guard(move: Move) -> None:
        if move.data[name] > move.on:
            _refuse(name, f"{label}不能晚于今天。")

    return guard


def is_reviewed(move: Move) -> None:
    """第二十一条: mines, metal smelting, building, hazardous goods … have their plans reviewed (评审), others argued (论证), before
    第二十四条 lets the head sign and publish them."""
    if move.record.needs_review and not move.data.get("reviewed_on"):
        _refuse("reviewed_on", "须经评审的预案，填写评审日期后才能公布。")
    reviewed = move.data.get("reviewed_on")
    if reviewed and reviewed > move.data["published_on"]:
        _refuse("reviewed_on", "评审（论证）日期不能晚于公布日期。")


def after_publication(move: Move) -> None:
    """第二十六条: the filing follows the publication."""
    if move.data["applied_on"] < move.record.published_on:
        _refuse("applied_on", "申报日期不能早于公布日期。")


def not_before_last_receipt(move: Move) -> None:
    """The materials that were asked for come after those that came first."""
    if move.data["received_on"] < move.record.received_on:
        _refuse("received_on", "补正日期不能早于上次收到材料的日期。")


def within_check_days(move: Move) -> None:
    """第二十八条: after five working days without an answer an enterprise's plan is deemed to be filed; nobody can answer any more."""
    record = move.record
    if record.of_firm and record.accept_by is not None and move.on > record.accept_by:
        _refuse("__all__", f"核对期限{record.accept_by.isoformat()}已过，按规定视为备案，由系统记录。")


def told_at_once(move: Move) -> None:
    """第二十八条: what is missing is told once and for all (一次性告知); later only what was told then can still be missing."""
    told, now = set(move.record.told), list(move.data["missing"])
    new = [one for one in now if told and one not in told]
    if new:
        _refuse("missing", f"{_labels(new)}未在首次告知时列出，须一次性告知，不能再要求。")


def is_asked(move: Move) -> None:
    """第二十七条: only what the regulation names can be asked for."""
    odd = [one for one in move.data["missing"] if one not in move.record.required]
    if odd:
        _refuse("missing", f"这份预案不要求提交{_labels(odd)}。")


def is_complete(move: Move) -> None:
    """第二十八条: filed when the materials are complete."""
    if move.record.missing:
        _refuse("__all__", f"还缺{_labels(move.record.missing)}，不能备案；请一次性告知补正。")


def days_are_over(move: Move) -> None:
    """第二十八条: deemed filed when the days are over, and never before; offices' plans are under no such rule."""
    record = move.record
    if not record.of_firm or record.accept_by is None or move.on <= record.accept_by:
        _refuse("__all__", "核对期限未满，不能视为备案。")


def number_is_free(move: Move) -> None:
    taken = Plan.objects.filter(district=move.record.district_id, number=move.data["number"])
    if taken.exclude(pk=move.record.pk).exists():
        _refuse("number", "这个备案编号已经用过。")


def filed_after_publication(move: Move) -> None:
    if move.data["filed_on"] < move.record.published_on:
        _refuse("filed_on", "备案日期不能早于公布日期。")


def evaluated_after_publication(move: Move) -> None:
    if move.data["evaluated_on"] < move.record.published_on:
        _refuse("evaluated_on", "评估日期不能早于公布日期。")


def conclusion_is_known(move: Move) -> None:
    """第三十五条: an evaluation says whether the plan has to be revised."""
    if move.data["conclusion"] not in Conclusion.values:
        _refuse("conclusion", "请选择评估结论。")


# ------------------------------------------------------------------------------------------------ effects


def publish(move: Move) -> None:
    """The clocks of filing and of evaluation begin; the version before it ends on the same day."""
    record, data = move.record, move.data
    record.published_on, record.reviewed_on = data["published_on"], data.get("reviewed_on")
    record.document_number, record.signer = data.get("document_number") or "", data.get("signer") or ""
    start_clocks(record)
    if record.previous_id:
        supersede(move)


def start_clocks(record: Plan) -> None:
    """The days that follow from the publication: 20 working days to file, three years to the next evaluation.

    Raises ``MissingRule`` where the table of deadlines has none, ``ValueError`` before the publication.
    """
    if record.published_on is None:
        raise ValueError("the clocks of a plan start with its publication")
    key = "plan.ent_file" if record.of_firm else "plan.gov_file"
    record.file_by = day_of(deadlines.due(key, record.published_on))
    record.evaluate_by = day_of(deadlines.due("plan.evaluate", record.evaluated_on or record.published_on))


def supersede(move: Move) -> None:
    """The older version is no longer what anybody acts by."""
    old = Plan.objects.select_for_update().get(pk=move.record.previous_id)
    if old.status in (Status.REPEALED, Status.VOID):
        return
    former, before = old.status, audit.snapshot(old)
    old.status, old.repealed_on = Status.REPEALED, max(move.record.published_on, old.published_on)
    old.repeal_reason = f"由第{move.record.version}版替代"
    old.save(update_fields=["status", "repealed_on", "repeal_reason"])
    note_event(
        old, action="superseded", label="被新版替代", actor=move.actor, source=former, target=old.status,
        note=old.repeal_reason,
    )  # fmt: skip
    gone, new = audit.changes(before, audit.snapshot(old))
    audit.record("plan.supersede", target=old, actor=move.actor, before=gone, after=new, note=old.repeal_reason)


def _receive(record: Plan, day: dt.date, materials: Sequence[str]) -> None:
    """Each receipt begins the five working days anew: what was incomplete could not be checked."""
    record.received_on = day
    record.accept_by = day_of(deadlines.due("plan.ent_accept", day))
    record.materials = [one for one in Material.values if one in {*record.materials, *materials}]


def apply_for_filing(move: Move) -> None:
    move.record.applied_on = move.data["applied_on"]
    move.record.materials = []
    _receive(move.record, move.data["applied_on"], move.data["materials"])


def complete(move: Move) -> None:
    _receive(move.record, move.data["received_on"], move.data["materials"])


def tell(move: Move) -> None:
    """What is missing is taken off the list of what came, so that the register says the same as the letter."""
    record, missing = move.record, set(move.data["missing"])
    record.told = record.told or [one for one in Material.values if one in missing]
    record.materials = [one for one in record.materials if one not in missing]


def next_number(record: Plan, year: int) -> str:
    """``{区划码}-{year}-{serial}``, one row a district and year (备案登记表 of 《生产安全事故应急预案管理办法》)."""
    code = record.district.division_code[:6]
    if not code:
        raise ValidationError(f"{record.district}没有区划代码，不能编号，请联系系统管理员。")
    return f"{code}-{year}-{numbering.take_one(number_key(code, year)):04d}"


def number_key(code: str, year: int) -> str:
    return f"plan:{code}:{year}"


def file(move: Move) -> None:
    move.record.filed_on = move.on
    move.record.number = next_number(move.record, move.on.year)


def deem(move: Move) -> None:
    """On the first day after the days of check, whenever the portal got to write it down: a day missed moves nothing."""
    record = move.record
    record.filed_on, record.deemed = record.accept_by + dt.timedelta(days=1), True
    record.number = next_number(record, record.filed_on.year)


def note_filing_above(move: Move) -> None:
    move.record.number, move.record.filed_on = move.data["number"], move.data["filed_on"]


def evaluate(move: Move) -> None:
    record = move.record
    record.evaluated_on, record.conclusion = move.data["evaluated_on"], move.data["conclusion"]
    record.evaluate_by = day_of(deadlines.due("plan.evaluate", record.evaluated_on))


def repeal(move: Move) -> None:
    move.record.repealed_on, move.record.repeal_reason = move.on, move.note


def void(move: Move) -> None:
    move.record.void_reason = move.note


LIFECYCLE = Lifecycle(
    "plan",
    [
        Transition(
            "publish", "公布", (Status.DRAFTING, Status.REVISING), Status.PUBLISHED, (KEEPER,), required=("published_on",),
            guards=(past_day("published_on", "公布日期"), is_reviewed), apply=publish,
        ),
        Transition(
            "apply", "申报备案", (Status.PUBLISHED,), Status.SUBMITTED, (SENDER,), required=("materials", "applied_on"),
            guards=(past_day("applied_on", "申报日期"), after_publication), apply=apply_for_filing,
        ),
        Transition(
            "correct", "一次性告知补正", (Status.SUBMITTED,), Status.CORRECTING, (CHECKER,), required=("missing",),
            guards=(within_check_days, is_asked, told_at_once), apply=tell, tone="amber",
        ),
        Transition(
            "complete", "补正材料", (Status.CORRECTING,), Status.SUBMITTED, (SENDER,), required=("materials", "received_on"),
            guards=(past_day("received_on", "补正日期"), not_before_last_receipt), apply=complete,
        ),
        Transition(
            "file", "予以备案", (Status.SUBMITTED,), Status.FILED, (CHECKER,), guards=(within_check_days, is_complete),
            apply=file, tone="green",
        ),
        Transition(
            "deem", "视为备案", (Status.SUBMITTED,), Status.DEEMED, (CLOCK,), guards=(days_are_over,), apply=deem,
            tone="amber",
        ),
        Transition(
            "file_above", "登记上级备案", (Status.PUBLISHED,), Status.FILED, (UPWARD,), required=("number", "filed_on"),
            guards=(past_day("filed_on", "备案日期"), filed_after_publication, number_is_free),
            apply=note_filing_above, tone="green",
        ),
        *(
            Transition(
                "evaluate", "登记评估", (status,), status, (KEEPER,), required=("evaluated_on", "conclusion"),
                guards=(past_day("evaluated_on", "评估日期"), evaluated_after_publication, conclusion_is_known),
                apply=evaluate,
            )
            for status in (Status.PUBLISHED, Status.FILED, Status.DEEMED)
        ),
        Transition(
            "repeal", "废止", (Status.PUBLISHED, Status.FILED, Status.DEEMED), Status.REPEALED, (KEEPER,), required=("reason",),
            apply=repeal, tone="amber",
        ),
        Transition(
            "void", "作废", tuple(one for one in Status if one not in (Status.VOID, Status.DRAFTING, Status.REVISING)), Status.VOID,
            (HEAD,), required=("reason",), apply=void, tone="grey",
        ),
    ],
)  # fmt: skip
