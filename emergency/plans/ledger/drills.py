"""The ledger of drills as an Excel table: single ones, or a number of them in one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import CellError, Column, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.queries import read_area
from emergency.organizations.services import place
from emergency.plans.ledger.makers import (
    check_days,
    check_lengths,
    check_right,
    find_makers,
    maker_name,
    unit_name,
)
from emergency.plans.models import Drill, DrillFinding, DrillForm, DrillStatus, Grade, Plan

_BATCH = 1_000
#: Between the parts of a finding: what, until when, mended on, how.
_BAR = "|"


def read_findings(value: Any, context: ImportContext) -> tuple[DrillFinding, ...]:
    """One finding a line: “问题 | 整改期限 | 整改完成日期 | 整改情况”, the last two where it is mended. Raises ``CellError``."""
    return tuple(_finding(line) for line in str(value).replace("｜", _BAR).splitlines() if line.strip())


def _finding(line: str) -> DrillFinding:
    parts = [part.strip() for part in line.split(_BAR)]
    if len(parts) not in (2, 4) or not all(parts):
        raise CellError(f"“{line.strip()}”请写成：问题 | 整改期限，已整改的再加 | 整改完成日期 | 整改情况")
    try:
        days = [dt.date.fromisoformat(part) for part in parts[1:3]]
    except ValueError as fault:
        raise CellError(f"“{line.strip()}”中的日期请写成2026-04-01") from fault
    if len(parts[0]) > 300 or len(parts[-1]) > 300:
        raise CellError("每条问题和整改情况最多300个字")
    done = {"done_on": days[1], "note": parts[3]} if len(parts) == 4 else {}
    return DrillFinding(text=parts[0], due_on=days[0], **done)


def _written(one: DrillFinding) -> str:
    parts = [one.text.replace("\n", " ").replace(_BAR, "／"), one.due_on.isoformat()]
    if one.done_on:
        parts += [one.done_on.isoformat(), one.note.replace("\n", " ").replace(_BAR, "／")]
    return f" {_BAR} ".join(parts)


COLUMNS = (
    Column("演练名称", "name", required=True, synonyms=("名称", "演练项目")),
    Column("组织单位", "maker", required=True, synonyms=("演练单位", "单位名称", "企业名称", "主办单位"), help="单位或监管对象的名称"),
    Column("演练日期", "held_on", excel.DATE, synonyms=("演练时间", "开展日期"), help="已开展的必填"),
    Column("形式", "form", excel.CHOICE, required=True, choices=DrillForm.choices, synonyms=("演练形式", "演练方式"),
           aliases={"桌面": DrillForm.DESK, "桌面推演": DrillForm.DESK, "实战": DrillForm.FIELD, "现场演练": DrillForm.FIELD,
                    "双盲": DrillForm.BLIND}),
    Column("场次", "quantity", excel.INTEGER, minimum=1, maximum=100_000, synonyms=("次数", "场数"), help="不填为1", total=True),
    Column("参演人数", "people", excel.INTEGER, minimum=0, synonyms=("参加人数", "人数", "人次"), total=True),
    Column("关联预案", "plan", synonyms=("预案名称",), help="组织单位的预案名称"),
    Column("评估结论", "evaluation", synonyms=("演练评估", "评估意见")),
    Column("计划日期", "planned_on", excel.DATE, help="列入年度计划的填写"),
    Column("状态", "status", excel.CHOICE, choices=DrillStatus.choices, help="不填按日期判定"),
    Column("评估日期", "evaluated_on", excel.DATE, help="有评估结论的不填为演练日期"),
    Column("评估等次", "grade", excel.CHOICE, choices=Grade.choices),
    Column("演练地点", "place", synonyms=("地点",)),
    Column("演练内容", "content", synonyms=("内容", "演练科目")),
    Column("存在问题", "findings", resolve=read_findings, help="一行一条：问题 | 整改期限 | 整改完成日期 | 整改情况"),
    Column("属地", "area", excel.UNIT, resolve=read_area, help="不填按组织单位的属地"),
    Column("取消原因", "cancel_reason"),
    Column("作废原因", "void_reason"),
)  # fmt: skip
_TEXTS = ("evaluation", "grade", "place", "content", "cancel_reason", "void_reason")


class DrillLedger(Ledger):
    kind = "drills"
    label = "应急演练"
    columns = COLUMNS
    duplicate_keys = ("maker", "name", "held_on", "planned_on")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        find_makers(rows, context)
        _find_plans(rows, context)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        check_right(rows, context)
        check_lengths(rows, Drill, ("name", "place", "cancel_reason", "void_reason"))
        check_days(rows, (("held_on", "演练日期"), ("evaluated_on", "评估日期")), on)
        for row in rows:
            if row["evaluation"] and row["evaluated_on"] is None:
                row["evaluated_on"] = row["held_on"]
            row["status"] = row["status"] or _status(row)
            _check_state(row)
            row["record"] = _record(row) if not row.errors and row["area"] is not None else None
        _doubt_known(rows)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        records: list[Drill] = [row["record"] for row in rows]
        for record in records:
            record.created_by, record.created_at, record.import_id = context.actor, now, import_id
        Drill.objects.bulk_create(records, batch_size=_BATCH)
        findings = [
            DrillFinding(drill=row["record"], text=one.text, due_on=one.due_on, done_on=one.done_on, note=one.note)
            for row in rows
            for one in row["findings"] or ()
        ]
        DrillFinding.objects.bulk_create(findings, batch_size=_BATCH)
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[Drill], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns. The table has no personal column."""
        special = {
            "maker": maker_name,
            "area": lambda one: unit_name(one.area),
            "plan": lambda one: one.plan.name if one.plan else None,
            "findings": lambda one: "\n".join(_written(finding) for finding in one.findings.all()) or None,
        }
        wanted = queryset.select_related("owner__parent", "area__parent", "plan").prefetch_related("findings")
        for record in wanted.iterator(chunk_size=2_000):
            yield tuple(
                special[column.key](record) if column.key in special else getattr(record, column.key)
                for column in COLUMNS
            )


def _find_plans(rows: Sequence[Row], context: ImportContext) -> None:
    """The maker's plan of this name, its newest version; a name that nobody knows is a fault, because nothing would be tied to it."""
    names = sorted({row["plan"] for row in rows if row["plan"]})
    known: dict[tuple[str, str], Plan] = {}
    plans = Plan.objects.all() if context.actor is None else Plan.objects.visible_to(context.actor)
    for one in plans.filter(name__in=names).order_by("version", "pk"):
        known[one.name, one.maker_name] = one
    for row in rows:
        name = row["plan"]
        row["plan_record"] = known.get((name, row["maker_name"])) if name else None
        if name and row["plan_record"] is None:
            row.fault("plan", f"没有{row['maker_name']}的“{name}”", name)


def _status(row: Row) -> str:
    if row["void_reason"]:
        return DrillStatus.VOID
    if row["held_on"]:
        return DrillStatus.EVALUATED if row["evaluation"] else DrillStatus.HELD
    return DrillStatus.CANCELLED if row["cancel_reason"] else DrillStatus.PLANNED


def _check_state(row: Row) -> None:
    if row["held_on"] is None and row["planned_on"] is None and not row.errors:
        row.fault("held_on", "请填写演练日期；还没有开展的填写计划日期")
    if row["findings"] and not row["evaluation"]:
        row.fault("evaluation", "有存在问题的，请填写评估结论")


def _record(row: Row) -> Drill | None:
    """The drill as it will be stored; None where a constraint refuses it, which is then named."""
    drill = Drill(
        name=row["name"], form=row["form"], status=row["status"], maker_name=row["maker_name"], owner=row["owner"],
        enterprise=row["enterprise"], plan=row["plan_record"], quantity=row["quantity"] or 1, people=row["people"],
        planned_on=row["planned_on"], held_on=row["held_on"], evaluated_on=row["evaluated_on"],
        **{key: row[key] or "" for key in _TEXTS},
    )  # fmt: skip
    place(drill, row["area"])
    try:
        drill.validate_constraints()
    except ValidationError as fault:
        row.fault("status", "；".join(fault.messages).rstrip("。"), DrillStatus(row["status"]).label)
        return None
    return drill


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16: the same drill of the same maker on the same day is there already."""
    names = sorted({row["name"] for row in rows if row["name"]})
    known = set(
        Drill.objects.exclude(status=DrillStatus.VOID)
        .filter(name__in=names)
        .values_list("name", "maker_name", "held_on", "planned_on")
    )
    for row in rows:
        if (row["name"], row["maker_name"], row["held_on"], row["planned_on"]) in known:
            row.doubt("与已登记的演练疑似重复")


DRILLS = excel.register(DrillLedger())
