"""Who was hurt: the first count, the deaths that came later, and the grade that follows from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import audit, clock, deadlines
from emergency.core.deadlines import DeadlineRule
from emergency.core.lifecycle import note_event
from emergency.incidents.lifecycle import day_of, may_edit, reply_due
from emergency.incidents.models import Accident, AccidentDeath, Classification, Formerly, Status, grade_of

#: From which column a later death is moved into the deaths.
MOVED_FROM = {
    Formerly.SERIOUS: "serious_injured",
    Formerly.MINOR: "minor_injured",
    Formerly.MISSING: "missing",
}
#: The numbers of now, each with its column of the first count.
FIRST = {
    "deaths": "initial_deaths",
    "missing": "initial_missing",
    "serious_injured": "initial_serious",
    "minor_injured": "initial_minor",
}
#: 道路交通事故、火灾事故: seven days instead of thirty.
_SEVEN_DAYS = (Classification.ROAD, Classification.FIRE)


def field_label(name: str) -> str:
    """What a column of the ledger is called on the screen."""
    field: Any = Accident._meta.get_field(name)
    return str(field.verbose_name)


def update_rule(record: Accident) -> DeadlineRule:
    """How long a death still counts: 30 days, 7 on the road and in fires (《生产安全事故报告和调查处理条例》第十三条)."""
    seven = record.classification in _SEVEN_DAYS
    key = "accident.casualty_update_traffic_fire" if seven else "accident.casualty_update"
    return deadlines.find_rule(key, on=day_of(record))


def judge(death: AccidentDeath, *, happened_on: dt.date, rule: DeadlineRule) -> None:
    """Say whether a death counts, and if not, by which clause. The day of the accident is not among the days."""
    death.counted = death.died_on <= deadlines.compute(rule, happened_on).at
    death.uncounted_because = "" if death.counted else f"超过事故发生之日起{rule.number}日（{rule.source}）"


def tally(record: Accident, deaths: Iterable[AccidentDeath]) -> None:
    """Bring the numbers of now and the grade into step with the first count and the later deaths that count. Saves nothing.

    Raises ``ValidationError`` where more of the injured or missing died than there were.
    """
    for now, first in FIRST.items():
        setattr(record, now, getattr(record, first))
    for death in deaths:
        if not death.counted:
            continue
        record.deaths += death.people
        column = MOVED_FROM.get(Formerly(death.formerly))
        if column is not None:
            left = getattr(record, column) - death.people
            if left < 0:
                label = field_label(column)
                raise ValidationError({"people": f"死亡人数超过已登记的{label}人数，请核对人数和此前情形。"})
            setattr(record, column, left)
    record.grade = grade_of(
        deaths=record.deaths, serious_injured=record.serious_injured, direct_loss=record.direct_loss
    )


def settle_and_save(record: Accident) -> None:
    """Judge the later deaths on file anew, tally them, and write what that changes in them and in a stored record."""
    deaths = list(record.later_deaths.select_for_update().filter(void=False))
    if deaths:
        rule = update_rule(record)
        for death in deaths:
            judge(death, happened_on=day_of(record), rule=rule)
    tally(record, deaths)
    if record.report_submitted_on and record.status == Status.VERIFIED:
        record.reply_due_on = reply_due(record)  # a graver accident gives the government more time
    record.clean_fields(exclude=REFERENCES)
    record.validate_constraints()
    record.save()
    for death in deaths:
        death.save(update_fields=["counted", "uncounted_because"])


#: Foreign keys come as records that were read a moment ago; asking for each again costs a query and tells nothing.
REFERENCES = ("number", "area", "street", "district", "enterprise", "industry", "department", "created_by")


def locked_for(record: Accident, actor: Any, what: str) -> Accident:
    locked = Accident.objects.select_for_update(of=("self",)).select_related("area", "district").get(pk=record.pk)
    if locked.status == Status.VOID:
        raise ValidationError("该事故已作废。")
    if not may_edit(actor, locked):
        raise PermissionDenied(f"“{what}”由应急管理局人员办理；核实前，报送的街道（乡镇）也可以办理。")
    return locked


@transaction.atomic
def death_record(
    *,
    accident: Accident,
    actor: Any,
    died_on: dt.date,
    people: int = 1,
    formerly: str = Formerly.SERIOUS,
    note: str = "",
    on: dt.date | None = None,
) -> AccidentDeath:
    """补报: people hurt or missing in the accident have died since. Kept always; counted, on the accident's date, within the clause.

    Raises ``PermissionDenied`` and ``ValidationError`` by field.
    """
    locked = locked_for(accident, actor, "补报死亡")
    if died_on < day_of(locked):
        raise ValidationError({"died_on": "死亡日期不能早于事故发生日期。"})
    if died_on > (on or clock.today()):
        raise ValidationError({"died_on": "死亡日期不能晚于今天。"})
    before = audit.snapshot(locked)
    death = AccidentDeath(
        accident=locked,
        died_on=died_on,
        people=people,
        formerly=formerly,
        note=note.strip(),
        created_by=actor,
        created_at=clock.now(),
    )
    judge(death, happened_on=day_of(locked), rule=update_rule(locked))
    death.full_clean(exclude=["accident", "created_by"])
    death.save()
    settle_and_save(locked)
    told = "计入统计" if death.counted else f"不计入统计：{death.uncounted_because}"
    text = f"{died_on:%Y-%m-%d}死亡{people}人（{death.get_formerly_display()}），{told}"
    note_event(locked, action="death", label="补报死亡", actor=actor, note="。".join(filter(None, [text, death.note])))
    old, new = audit.changes(before, audit.snapshot(locked))
    audit.record("accident.death", target=locked, actor=actor, before=old, after=new, note=text)
    return death


@transaction.atomic
def death_void(*, death: AccidentDeath, actor: Any, reason: str) -> AccidentDeath:
    """A later death that was entered by mistake leaves the numbers; the line stays, with its reason."""
    accident = locked_for(death.accident, actor, "作废")
    locked = AccidentDeath.objects.select_for_update().get(pk=death.pk)
    if locked.void:
        raise ValidationError("这条补报已作废。")
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    before = audit.snapshot(accident)
    locked.void, locked.void_reason = True, reason.strip()
    locked.save(update_fields=["void", "void_reason"])
    settle_and_save(accident)
    note_event(accident, action="death_void", label="作废补报", actor=actor, note=f"{locked}：{locked.void_reason}")
    old, new = audit.changes(before, audit.snapshot(accident))
    audit.record("accident.death_void", target=accident, actor=actor, before=old, after=new, note=locked.void_reason)
    return locked
