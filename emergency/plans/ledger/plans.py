"""The library of plans as an Excel table. The state follows from the dates unless the table tells it."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from emergency.core import clock, deadlines, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import CellError, Column, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.models import Organisation
from emergency.organizations.queries import read_area, read_unit
from emergency.organizations.services import place
from emergency.plans.ledger.makers import (
    check_days,
    check_lengths,
    check_right,
    find_makers,
    maker_name,
    unit_name,
)
from emergency.plans.lifecycle.plans import day_of, next_number, number_key
from emergency.plans.models import FIRM_KINDS, Conclusion, Kind, Material, Plan, RevisionReason, Status
from emergency.plans.services.plans import usual_handler

_BATCH = 1_000
_SHAPE = re.compile(r"(\d{6})-(\d{4})-(\d{4,9})")


def read_materials(value: Any, context: ImportContext) -> tuple[str, ...]:
    """The materials by their names, a line each. Raises ``CellError`` with the names that there are."""
    words = [word.strip() for word in re.split(r"[\n、；;]", str(value)) if word.strip()]
    known = {str(one.label): one.value for one in Material}
    odd = next((word for word in words if word not in known), None)
    if odd is not None:
        raise CellError(f"没有“{odd}”这种材料，可填：{'、'.join(known)}")
    return tuple(one.value for one in Material if one.label in words)


COLUMNS = (
    Column("预案名称", "name", required=True, synonyms=("应急预案名称", "名称")),
    Column("编制单位", "maker", required=True, synonyms=("单位名称", "企业名称", "发布单位"), help="单位或监管对象的名称"),
    Column("预案类别", "kind", excel.CHOICE, required=True, choices=Kind.choices, synonyms=("类别", "预案类型"),
           aliases={"综合": Kind.COMPREHENSIVE, "综合预案": Kind.COMPREHENSIVE, "专项": Kind.SPECIAL, "专项预案": Kind.SPECIAL,
                    "现场": Kind.ON_SITE, "总体应急预案": Kind.OVERALL, "总体预案": Kind.OVERALL, "部门预案": Kind.DEPARTMENT}),
    Column("状态", "status", excel.CHOICE, choices=Status.choices, help="不填按日期判定"),
    Column("公布日期", "published_on", excel.DATE, synonyms=("发布日期", "印发日期")),
    Column("申报日期", "applied_on", excel.DATE, synonyms=("申请日期",)),
    Column("备案日期", "filed_on", excel.DATE, synonyms=("备案时间",)),
    Column("备案编号", "number", excel.CODE, synonyms=("备案号",), help="已备案的不填由系统编号"),
    Column("属地", "area", excel.UNIT, resolve=read_area, help="不填按编制单位的属地"),
    Column("备案受理单位", "handler", excel.UNIT, resolve=read_unit, help="不填为本级应急管理局，村（社区）的为街道（乡镇）"),
    Column("版次", "version", excel.INTEGER, minimum=1, maximum=99, help="不填为1"),
    Column("修订原因", "revision_reason", excel.CHOICE, choices=RevisionReason.choices),
    Column("须经评审", "needs_review", excel.BOOLEAN, help="不填为否"),
    Column("评审（论证）日期", "reviewed_on", excel.DATE, synonyms=("评审日期", "论证日期")),
    Column("公布文号", "document_number", excel.CODE, synonyms=("文号", "发文号")),
    Column("签署人", "signer"),
    Column("适用范围和主要内容", "summary", synonyms=("主要内容", "适用范围")),
    Column("已交材料", "materials", resolve=read_materials, help="一行一种"),
    Column("告知补正的材料", "told", resolve=read_materials, help="一行一种"),
    Column("收到材料日期", "received_on", excel.DATE, help="补正过的填写"),
    Column("视为备案", "deemed", excel.BOOLEAN, help="不填为否"),
    Column("最近评估日期", "evaluated_on", excel.DATE, synonyms=("评估日期",)),
    Column("评估结论", "conclusion", excel.CHOICE, choices=Conclusion.choices),
    Column("废止日期", "repealed_on", excel.DATE),
    Column("废止原因", "repeal_reason"),
    Column("作废原因", "void_reason"),
)  # fmt: skip

_TEXTS = ("document_number", "signer", "summary", "repeal_reason", "void_reason", "revision_reason", "conclusion")
_DAYS = (
    ("published_on", "公布日期"),
    ("applied_on", "申报日期"),
    ("received_on", "收到材料日期"),
    ("filed_on", "备案日期"),
    ("evaluated_on", "评估日期"),
    ("repealed_on", "废止日期"),
)


class PlanLedger(Ledger):
    kind = "plans"
    label = "应急预案"
    columns = COLUMNS
    duplicate_keys = ("maker", "name", "version", "published_on")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        find_makers(rows, context)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        check_right(rows, context)
        check_lengths(rows, Plan, ("name", "number", "document_number", "signer", "repeal_reason", "void_reason"))
        check_days(rows, _DAYS, context.on or clock.today())
        clocks = _Clocks()
        for row in rows:
            row["status"] = row["status"] or _status(row)
            _check_state(row)
            row["record"] = _record(row, clocks) if not row.errors and row["area"] is not None else None
        _check_numbers([row for row in rows if row["record"] is not None])
        _doubt_known(rows)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        records: list[Plan] = [row["record"] for row in rows]
        for record in records:
            record.created_by, record.created_at, record.import_id = context.actor, now, import_id
        _give_numbers(records)
        Plan.objects.bulk_create(records, batch_size=_BATCH)
        _link_versions(records)
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[Plan], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns. The table has no personal column."""
        special = {
            "maker": maker_name,
            "area": lambda one: unit_name(one.area),
            "handler": lambda one: unit_name(one.handler),
            "materials": lambda one: _names(one.materials),
            "told": lambda one: _names(one.told),
            "received_on": lambda one: one.received_on if one.received_on != one.applied_on else None,
        }
        related = ("owner__parent", "area__parent", "handler__parent")
        for record in queryset.select_related(*related).iterator(chunk_size=2_000):
            yield tuple(
                special[column.key](record) if column.key in special else getattr(record, column.key)
                for column in COLUMNS
            )


def _names(materials: Sequence[str]) -> str:
    return "\n".join(Material(one).label for one in materials)


# ------------------------------------------------------------------------------------------------ a row


def _status(row: Row) -> str:
    if row["void_reason"]:
        return Status.VOID
    if row["repealed_on"]:
        return Status.REPEALED
    if row["filed_on"]:
        return Status.DEEMED if row["deemed"] else Status.FILED
    if row["applied_on"]:
        return Status.CORRECTING if row["told"] and not row["received_on"] else Status.SUBMITTED
    if row["published_on"]:
        return Status.PUBLISHED
    return Status.REVISING if (row["version"] or 1) > 1 else Status.DRAFTING


#: What a state cannot do without, by the keys of the columns.
_NEEDS = {
    Status.PUBLISHED: ("published_on",),
    Status.SUBMITTED: ("published_on", "applied_on"),
    Status.CORRECTING: ("published_on", "applied_on", "told"),
    Status.FILED: ("published_on", "filed_on"),
    Status.DEEMED: ("published_on", "filed_on"),
    Status.REPEALED: ("published_on", "repealed_on"),
    Status.VOID: ("void_reason",),
}


def _check_state(row: Row) -> None:
    """The dates that the state needs. Of what was told and not brought nothing is filed by hand: the state says what happened."""
    for key in _NEEDS.get(Status(row["status"]), ()):
        if not row[key] and not any(fault.column == _label(key) for fault in row.errors):
            row.fault(key, f"状态为{Status(row['status']).label}，请填写{_label(key)}")
    if row["repealed_on"] and row["status"] not in (Status.REPEALED, Status.VOID):
        row.fault("repealed_on", "有废止日期的，状态应为已废止", row["repealed_on"])
    if row["enterprise"] is not None and row["kind"] is not None and row["kind"] not in FIRM_KINDS:
        row.fault("kind", "企业的预案为综合应急预案、专项应急预案或现场处置方案", Kind(row["kind"]).label)


def _label(key: str) -> str:
    return next(column.header for column in COLUMNS if column.key == key)


class _Clocks:
    """The days that follow from a date, and the usual receiver, each asked once for a whole table."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, dt.date], dt.date] = {}
        self._handlers: dict[tuple[str, int, int | None], Organisation | None] = {}

    def due(self, key: str, start: dt.date) -> dt.date:
        if (key, start) not in self._days:
            self._days[key, start] = day_of(deadlines.due(key, start))
        return self._days[key, start]

    def handler(self, plan: Plan) -> Organisation | None:
        key = (plan.kind, plan.district_id, plan.owner_id)
        if key not in self._handlers:
            self._handlers[key] = usual_handler(kind=plan.kind, district_id=plan.district_id, owner=plan.owner)
        return self._handlers[key]


def _record(row: Row, clocks: _Clocks) -> Plan | None:
    """The plan as it will be stored; None where a constraint refuses it, which is then named."""
    plan = Plan(
        name=row["name"], kind=row["kind"], status=row["status"], maker_name=row["maker_name"], owner=row["owner"],
        enterprise=row["enterprise"], version=row["version"] or 1, needs_review=bool(row["needs_review"]),
        number=row["number"] or "", materials=list(row["materials"] or ()), told=list(row["told"] or ()),
        deemed=bool(row["deemed"]) or row["status"] == Status.DEEMED,
        **{key: row[key] or "" for key in _TEXTS},
        **{key: row[key] for key in ("published_on", "applied_on", "filed_on", "reviewed_on", "evaluated_on", "repealed_on")},
    )  # fmt: skip
    place(plan, row["area"])
    plan.handler = row["handler"] or clocks.handler(plan)
    if plan.published_on:
        plan.file_by = clocks.due("plan.ent_file" if plan.of_firm else "plan.gov_file", plan.published_on)
        plan.evaluate_by = clocks.due("plan.evaluate", plan.evaluated_on or plan.published_on)
    if plan.applied_on:
        plan.received_on = row["received_on"] or plan.applied_on
        plan.accept_by = clocks.due("plan.ent_accept", plan.received_on)
    try:
        numbered = {"plan_number_unique", "plan_filed_has_number"}  # numbers are given, and looked for, all at once
        for constraint in plan._meta.constraints:
            if constraint.name not in numbered | {"plan_one_revision"}:
                constraint.validate(Plan, plan)
    except ValidationError as fault:
        row.fault("status", "；".join(fault.messages).rstrip("。"), Status(row["status"]).label)
        return None
    return plan


def _check_numbers(rows: Sequence[Row]) -> None:
    """A number stands once in a district, in the table and in the portal."""
    seen: dict[tuple[int, str], Row] = {}
    for row in rows:
        key = (row["record"].district_id, row["record"].number)
        if key[1] and key in seen:
            row.fault("number", "备案编号与本表另一行重复", key[1])
        seen.setdefault(key, row)
    numbers = sorted({number for _, number in seen if number})
    taken = set(Plan.objects.filter(number__in=numbers).values_list("district_id", "number"))
    for key in taken & set(seen):
        seen[key].fault("number", "这个备案编号已经用过", key[1])


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16: the same version of the same maker's plan is there already."""
    names = sorted({row["name"] for row in rows if row["name"]})
    known = set(
        Plan.objects.exclude(status=Status.VOID)
        .filter(name__in=names)
        .values_list("name", "maker_name", "version", "published_on")
    )
    for row in rows:
        if (row["name"], row["maker_name"], row["version"] or 1, row["published_on"]) in known:
            row.doubt("与已登记的预案疑似重复")


# ------------------------------------------------------------------------------------------------ storing


def _give_numbers(plans: Sequence[Plan]) -> None:
    """A paper's own number stays and takes its place in the row where it has our form; a filed plan without one gets the next, in the
    order of the days of filing."""
    highest: dict[str, int] = defaultdict(int)
    for plan in plans:
        if (found := _SHAPE.fullmatch(plan.number)) is not None:
            key = number_key(found[1], int(found[2]))
            highest[key] = max(highest[key], int(found[3]))
    for key in sorted(highest):
        numbering.raise_to(key, highest[key])
    waiting = [plan for plan in plans if plan.filed_on and not plan.number and plan.status != Status.VOID]
    for plan in sorted(waiting, key=lambda one: (one.filed_on, one.maker_name, one.name)):
        assert plan.filed_on is not None
        plan.number = next_number(plan, plan.filed_on.year)


def _link_versions(plans: Sequence[Plan]) -> None:
    """A later version follows the one before it of the same name and maker, where that is known and has no follower yet."""
    later = [plan for plan in plans if plan.version > 1 and plan.status != Status.VOID]
    if not later:
        return
    names = sorted({plan.name for plan in later})
    known: dict[tuple[str, str, int], Plan] = {}
    for one in Plan.objects.filter(name__in=names, revisions=None).exclude(status=Status.VOID).order_by("pk"):
        known.setdefault((one.name, one.maker_name, one.version), one)
    linked = []
    for plan in later:
        before = known.pop((plan.name, plan.maker_name, plan.version - 1), None)
        if before is not None:
            plan.previous = before
            linked.append(plan)
    Plan.objects.bulk_update(linked, ["previous"], batch_size=_BATCH)


PLANS = excel.register(PlanLedger())
