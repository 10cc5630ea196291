"""The accident ledger as an Excel table. The grade is never read from a cell: it follows from the casualties and the loss.

Imported rows enter at their state, with the one event 导入 and under row rules of their own; the guards of the life-cycle bind acts
made here (house.md, habit 5).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Ledger, Row
from emergency.enterprises.models import Enterprise, Industry
from emergency.incidents.ledger import deaths, storing, writing
from emergency.incidents.ledger.columns import COLUMNS, TEXT_LIMITS
from emergency.incidents.lifecycle import is_bureau, may_register
from emergency.incidents.models import Accident, Status
from emergency.incidents.services.registering import usual_name

_CHUNK = 5_000


class AccidentLedger(Ledger):
    kind = "accidents"
    label = "事故台账"
    columns = COLUMNS
    unique_keys = ("number",)
    duplicate_keys = ("area", "occurred_at", "unit_name", "classification")

    # -- names become records --

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Enterprises and industries by name, one query each; then what is left blank takes its default."""
        names = {row["enterprise"] or row["unit_name"] for row in rows if row["enterprise"] or row["unit_name"]}
        enterprises = _enterprises(names, context.actor)
        industries = {name: one for one in Industry.objects.all() for name in (one.name, *one.aliases)}
        for row in rows:
            enterprise = _choose(row, enterprises)
            row["enterprise_record"] = enterprise
            if row["industry"]:
                known = industries.get(row["industry"])
                if known is None:
                    names_known = "、".join(dict.fromkeys(one.name for one in industries.values()))
                    row.fault("industry", f"没有这个行业，可填：{names_known}", row["industry"])
                row["industry"] = known
            elif enterprise is not None:
                row["industry"] = enterprise.industry
            row["department"] = row["department"] or (enterprise.department if enterprise else None)
            row["unit_name"] = row["unit_name"] or (enterprise.name if enterprise else None)

    # -- rules of a row --

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        rights: dict[int, tuple[bool, bool]] = {}
        for row in rows:
            area, actor = row["area"], context.actor
            if area is not None and area.pk not in rights:
                rights[area.pk] = (True, True) if actor is None else (may_register(actor, area), is_bureau(actor, area))
            files, verifies = rights[area.pk] if area is not None else (True, True)
            if not files:
                row.fault("area", "只能导入本区县或本街道（乡镇）的事故", area)
            for key, limit in TEXT_LIMITS.items():
                if (text := row[key]) and len(text) > limit:
                    row.fault(key, f"最多{limit}个字，这里有{len(text)}个字，请缩短")
            _settle_status(row, verifies=verifies)
            _check_statistics(row)
            _check_days(row, on)
            deaths.read(row, on)
            if row["name"] is None and area is not None and row["occurred_at"] and row["classification"]:
                row["name"] = usual_name(area, row["occurred_at"], row["classification"])
        _check_numbers(rows)
        _doubt_known(rows)

    # -- storing, and the way back --

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store in batches: accidents, their later deaths, and the one event 导入 of each."""
        return storing.store(rows, context)

    def records(self, queryset: QuerySet[Accident], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns."""
        return writing.records(queryset)


# ------------------------------------------------------------------------------------------------ resolving


def _enterprises(names: set[str], actor: Any) -> dict[str, list[Enterprise]]:
    found: dict[str, list[Enterprise]] = defaultdict(list)
    known = Enterprise.objects.live()
    if actor is not None:
        known = known.filter(pk__in=Enterprise.objects.visible_to(actor).values("pk"))
    ordered = sorted(names)
    for start in range(0, len(ordered), _CHUNK):
        chunk = known.filter(name__in=ordered[start : start + _CHUNK])
        for one in chunk.select_related("area", "industry", "department"):
            found[one.name].append(one)
    return found


def _choose(row: Row, known: dict[str, list[Enterprise]]) -> Enterprise | None:
    """The enterprise of the ledger that the row names; of several of one name the one in the row's area."""
    told = row["enterprise"]
    candidates = known.get(told or row["unit_name"] or "", [])
    if len(candidates) > 1 and row["area"] is not None:
        prefix = row["area"].path
        candidates = [one for one in candidates if one.area is not None and one.area.path.startswith(prefix)]
    if told and not candidates:
        row.fault("enterprise", "监管对象台账中没有这个名称，请改正，或只填事故单位", told)
    elif told and len(candidates) > 1:
        row.fault("enterprise", "有多个同名的监管对象，请改填事故单位，登记后再选定", told)
    return candidates[0] if len(candidates) == 1 else None


# ------------------------------------------------------------------------------------------------ rules


def _settle_status(row: Row, *, verifies: bool) -> None:
    """The state follows from the dates; a town brings in 快报 only, the bureau verifies them."""
    if row["status"] is None:
        known = Status.CLOSED if row["approved_on"] else Status.VERIFIED
        row["status"] = known if verifies else Status.FLASH
    status = row["status"]
    if not verifies and status != Status.FLASH:
        row.fault("status", "街道（乡镇）只能导入快报，由应急管理局核实", Status(status).label)
    if status == Status.CLOSED and row["approved_on"] is None:
        row.fault("approved_on", "已结案的事故须有批复结案日期，请补上")
    if status in (Status.FLASH, Status.VERIFIED) and row["approved_on"] is not None:
        row.fault("status", "有批复结案日期的事故应为已结案，请改正状态或日期", Status(status).label)
    if status == Status.VOID and not row["void_reason"]:
        row.fault("void_reason", "已作废的事故须填写作废原因")


def _check_statistics(row: Row) -> None:
    if row["counted"] is True and row["production"] is False:
        row.fault("counted", "非生产经营性事故不纳入统计，请填否并写明原因", "是")
    if row["counted"] is False and not row["uncounted_reason"]:
        row.fault("uncounted_reason", "不纳入统计的，请填写原因")


def _check_days(row: Row, on: dt.date) -> None:
    moments = {key: row[key] for key in ("occurred_at", "reported_at", "passed_on_at")}
    days = {key: row[key] for key in ("verified_on", "report_submitted_on", "approved_on")}
    days |= {key: timezone.localdate(value) for key, value in moments.items() if value is not None}
    for key, day in days.items():
        if day is not None and day > on:
            row.fault(key, "日期在将来，请改正", row[key])
    happened = moments["occurred_at"]
    if happened is None:
        return
    reported = moments["reported_at"]
    if reported is not None and reported < happened:
        row.fault("reported_at", "事故单位报告时间早于发生时间，请改正", reported)
    if moments["passed_on_at"] is not None and moments["passed_on_at"] < (reported or happened):
        row.fault("passed_on_at", "向上级报告时间早于事故单位报告时间或发生时间，请改正", moments["passed_on_at"])
    submitted, approved = row["report_submitted_on"], row["approved_on"]
    if submitted is not None and submitted < timezone.localdate(happened):
        row.fault("report_submitted_on", "调查报告提交日期早于发生时间，请改正", submitted)
    if approved is not None and approved < (submitted or timezone.localdate(happened)):
        row.fault("approved_on", "批复结案日期早于调查报告提交日期或发生时间，请改正", approved)


def _check_numbers(rows: Sequence[Row]) -> None:
    """An official number stands for one accident only, whether as our number or as the one it came with."""
    wanted = {row["number"]: row for row in rows if row["number"]}
    districts = {row["area"].district_id or row["area"].pk for row in rows if row["area"]}
    ours, theirs = Accident.objects.all(), Accident.objects.filter(district__in=districts)
    for column, known in (("number", ours), ("original_number", theirs)):
        for taken in known.filter(**{f"{column}__in": list(wanted)}).values_list(column, flat=True).distinct():
            wanted[taken].fault("number", "这个编号已在台账中，请删去这一行或改正编号", taken)


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16: an accident of that place, moment and class that is registered already."""
    keyed = defaultdict(list)
    for row in rows:
        if row["area"] and row["occurred_at"] and row["classification"]:
            keyed[row["area"].pk, row["occurred_at"], row["classification"]].append(row)
    moments = {key[1] for key in keyed}
    known = Accident.objects.live().filter(occurred_at__in=moments) if moments else Accident.objects.none()
    for area, moment, classification, number in known.values_list("area", "occurred_at", "classification", "number"):
        for row in keyed.get((area, moment, classification), ()):
            row.doubt(f"与台账中的{number}疑似重复")


ACCIDENTS = excel.register(AccidentLedger())
