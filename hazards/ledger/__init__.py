"""The hazard ledger as an Excel table: what officers keep of past years comes in, what a list shows goes out.

Imported rows enter at the state that their dates tell, with the one event 导入 and under row rules of their own; the guards of the
life-cycle bind acts made here (house.md, habit 5).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, holds, reach
from emergency.organizations.services import answers_for, place
from emergency.programmes.models import Programme
from hazards.ledger import writing
from hazards.ledger.columns import COLUMNS, TEXT_LIMITS
from hazards.ledger.resolving import choose, chunks, enterprises_named, own_unit
from hazards.ledger.risks import RISKS
from hazards.models import EntryMode, Hazard, ListingDecision, Status
from hazards.services.opening import number_key, number_of

_NUMBER = re.compile(r"(\d{6})-(\d{8})-(\d{4,9})")
_BATCH = 1_000

#: Columns that go into the field of the same name as they are; blank leaves the field's default.
_PLAIN = (
    "category", "source", "description", "grade", "standard_item", "legal_basis", "rectification", "rectifier", "rectified_on",
    "reviewed_on", "reviewer_name", "cost", "original_number", "standard_code", "order_number", "issued_on",
    "requested_due_on", "extensions", "review_due_on", "rejections", "duty", "steps", "funds", "time_limit", "contingency",
    "listing_decision", "listing_reason", "void_reason", "internal_note", "measure",
)  # fmt: skip


class HazardLedger(Ledger):
    kind = "hazards"
    label = "隐患台账"
    columns = COLUMNS
    unique_keys = ("number",)
    duplicate_keys = ("handler", "found_on", "subject", "description")

    # -- names become records --

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Enterprises, industries and campaigns by name, one query each; then what is left blank takes its default."""
        enterprises = enterprises_named({row["subject"] for row in rows if row["subject"]}, context.actor)
        industries = {name: one for one in Industry.objects.all() for name in (one.name, *one.aliases)}
        programmes = Programme.objects.campaigns()
        if context.actor is not None:
            programmes = programmes.visible_to(context.actor)
        campaigns = {one.name: one for one in programmes} if any(row["campaigns"] for row in rows) else {}
        own = own_unit(context)
        for row in rows:
            enterprise = choose(row, "subject", enterprises.get(row["subject"] or "", []))
            row["enterprise"] = enterprise
            if row["industry"]:
                known = industries.get(row["industry"])
                if known is None:
                    row.fault(
                        "industry",
                        f"没有这个行业，可填：{'、'.join(dict.fromkeys(one.name for one in industries.values()))}",
                        row["industry"],
                    )
                row["industry"] = known
            elif enterprise is not None:
                row["industry"] = enterprise.industry
            row["department"] = row["department"] or (enterprise.department if enterprise else None)
            row["handler"] = row["handler"] or own
            row["area"] = row["area"] or _default_area(enterprise, row["handler"])
            row["campaign_records"] = []
            for name in row["campaigns"] or ():
                if name in campaigns:
                    row["campaign_records"].append(campaigns[name])
                else:
                    row.fault("campaigns", "没有这个专项行动，请先登记，或改正名称", name)

    # -- rules of a row --

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        may_file: dict[int, bool] = {}
        ours: dict[tuple[int, int], bool] = {}
        for row in rows:
            handler = row["handler"]
            if handler is None:
                if not any(fault.column == "承办单位" for fault in row.errors):
                    row.fault("handler", "请填写承办单位，或在导入时选定")
            elif context.actor is not None:
                if handler.pk not in may_file:
                    may_file[handler.pk] = holds(context.actor, FILERS, handler, over=True)
                if not may_file[handler.pk]:
                    row.fault("handler", "不能替这个单位导入，只能导入本单位和下级单位承办的隐患", handler)
            if handler is not None and (area := row["area"]) is not None:
                if (handler.pk, area.pk) not in ours:
                    ours[handler.pk, area.pk] = answers_for(handler, area)
                if not ours[handler.pk, area.pk]:
                    row.fault("area", f"{area}不在承办单位{handler}的管辖范围内，请改正属地或承办单位", area)
            for key, limit in TEXT_LIMITS.items():
                if (text := row[key]) and len(text) > limit:
                    row.fault(key, f"最多{limit}个字，这里有{len(text)}个字，请缩短")
            _settle_mode(row)
            _check_dates(row, on)
            _settle_status(row)
        self._check_numbers(rows)
        self._doubt_known(rows)

    def _check_numbers(self, rows: Sequence[Row]) -> None:
        """An official number stands for one hazard only, whether as our number or as the one it came with."""
        wanted = {row["number"]: row for row in rows if row["number"]}
        handlers = {row["handler"].pk for row in rows if row["handler"]}
        ours, theirs = Hazard.objects.all(), Hazard.objects.filter(handler__in=handlers)
        for column, known in (("number", ours), ("original_number", theirs)):
            for chunk in chunks(list(wanted)):
                for taken in known.filter(**{f"{column}__in": chunk}).values_list(column, flat=True).distinct():
                    wanted[taken].fault("number", "这个编号已在台账中，请删去这一行或改正编号", taken)

    def _doubt_known(self, rows: Sequence[Row]) -> None:
        """Rule 16: same unit, date, subject and description as a hazard already registered."""
        keyed: dict[tuple, list[Row]] = defaultdict(list)
        for row in rows:
            if row["handler"] and row["found_on"] and row["subject"] and row["description"]:
                keyed[row["handler"].pk, row["found_on"], row["subject"], _bare(row["description"])].append(row)
        if not keyed:
            return
        days = [key[1] for key in keyed]
        known = Hazard.objects.counted().filter(
            handler__in={key[0] for key in keyed}, found_on__range=(min(days), max(days))
        )
        for handler, found_on, subject, description, number in (
            known.order_by().values_list("handler", "found_on", "subject_name", "description", "number").iterator(5_000)
        ):
            for row in keyed.get((handler, found_on, subject, _bare(description)), ()):
                row.doubt(f"与台账中的{number}疑似重复")

    # -- storing --

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store in batches: hazards, their campaigns, and the one event 导入 of each."""
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        records = [_record(row, context.actor, now, import_id) for row in rows]
        _number(records, rows)
        Hazard.objects.bulk_create(records, batch_size=_BATCH)
        through = Hazard.campaigns.through
        through.objects.bulk_create(
            [
                through(hazard_id=record.pk, programme_id=campaign.pk)
                for record, row in zip(records, rows, strict=True)
                for campaign in {one.pk: one for one in row["campaign_records"]}.values()
            ],
            batch_size=_BATCH,
        )
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    # -- going out --

    def records(self, queryset: QuerySet[Hazard], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns; an enterprise gets no internal notes."""
        internal = user is None or bool(reach(user).posts)
        return writing.records(queryset, internal=internal)


def _default_area(enterprise: Enterprise | None, handler: Organisation | None) -> Organisation | None:
    """属地 from the subject, else a street's or community's own; what a bureau handled elsewhere stays 未填."""
    if enterprise is not None:
        return enterprise.area
    return handler if handler is not None and handler.kind in (Kind.STREET, Kind.COMMUNITY) else None


# ------------------------------------------------------------------------------------------------ rules


def _settle_mode(row: Row) -> None:
    quantity = row["quantity"] or 1
    mode = row["entry_mode"] or (EntryMode.COUNT if quantity > 1 else EntryMode.ITEM)
    if mode == EntryMode.ITEM and quantity != 1:
        row.fault("quantity", "逐条登记的隐患数量只能为1，多条的请选按数量登记", quantity)
    row["quantity"], row["entry_mode"] = quantity, mode


def _check_dates(row: Row, on: dt.date) -> None:
    found_on, rectified_on, reviewed_on = row["found_on"], row["rectified_on"], row["reviewed_on"]
    for key in ("found_on", "rectified_on", "reviewed_on", "closed_on"):
        if row[key] is not None and row[key] > on:
            row.fault(key, "日期在将来，请改正", row[key])
    if found_on is not None:
        for key, name in (("due_on", "整改期限"), ("rectified_on", "整改完成日期"), ("closed_on", "销号日期")):
            if row[key] is not None and row[key] < found_on:
                row.fault(key, f"{name}早于发现日期，请改正", row[key])
    if reviewed_on is not None and rectified_on is None:
        row.fault("rectified_on", "有复查日期而没有整改完成日期，请补上")
    elif reviewed_on is not None and reviewed_on < rectified_on:
        row.fault("reviewed_on", "复查日期早于整改完成日期，请改正", reviewed_on)


def _settle_status(row: Row) -> None:
    """The state follows from the dates; where the column 状态 tells it, the two must agree."""
    told, submitted = row["status"], row["rectified_on"] is not None
    checked = row["reviewed_on"] is not None or row["closed_on"] is not None
    status = told or (Status.CLOSED if submitted or checked else Status.RECTIFYING)
    if status == Status.CLOSED:
        row["closed_on"] = row["closed_on"] or row["reviewed_on"] or row["rectified_on"]
        if row["closed_on"] is None:
            row.fault("rectified_on", "已销号的隐患须有整改完成日期，请补上")
        row["closed_without_review"] = row["reviewed_on"] is None and row["closed_without_review"] is not False
    else:
        row["closed_without_review"] = False
        if row["closed_on"] is not None:
            row.fault("closed_on", "未销号的隐患不应有销号日期，请改正状态或日期", row["closed_on"])
    if status in (Status.RECTIFYING, Status.EXTENSION) and submitted:
        row.fault("status", "有整改完成日期的隐患不应是待整改，请改正状态或日期", Status(status).label)
    if status == Status.REVIEW and (not submitted or row["reviewed_on"] is not None):
        row.fault("status", "待复查的隐患须有整改完成日期，且没有复查日期", Status(status).label)
    if status == Status.EXTENSION and row["requested_due_on"] is None:
        row.fault("requested_due_on", "延期待批的隐患须填写申请延期至")
    if status == Status.VOID and not row["void_reason"]:
        row.fault("void_reason", "已作废的隐患须填写作废原因")
    if row["listing_decision"] == ListingDecision.DIRECT and not row["listing_reason"]:
        row.fault("listing_reason", "不挂牌督办须填写理由")
    row["status"] = status


# ------------------------------------------------------------------------------------------------ storing


def _record(row: Row, actor: Any, now: dt.datetime, import_id: int) -> Hazard:
    enterprise: Enterprise | None = row["enterprise"]
    item = row["entry_mode"] == EntryMode.ITEM
    record = Hazard(
        entry_mode=row["entry_mode"],
        quantity=row["quantity"],
        status=row["status"],
        enterprise=enterprise,
        place=row["place"] or ("" if enterprise or not item else row["subject"]),
        subject_name=row["subject"],
        handler=row["handler"],
        department=row["department"],
        industry=row["industry"],
        found_on=row["found_on"],
        due_on=row["due_on"],
        closed_on=row["closed_on"],
        closed_without_review=row["closed_without_review"],
        listed=bool(row["listed"]),
        import_id=import_id,
        created_by=actor,
        created_at=now,
        **{key: value for key in _PLAIN if (value := row[key]) is not None},
    )
    place(record, row["area"], fallback=row["handler"])
    return record


def _number(records: Sequence[Hazard], rows: Sequence[Row]) -> None:
    """A number of our own form, for this district and day, is kept and the counter raised; any other becomes 原编号."""
    districts = {one.pk: one for one in Organisation.objects.filter(pk__in={record.district_id for record in records})}
    highest: dict[str, int] = {}
    waiting: dict[tuple[str, dt.date], list[Hazard]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        code = districts[record.district_id].division_code[:6]
        if not code:
            row.fault("area", f"{districts[record.district_id]}没有区划代码，不能编号，请联系系统管理员")
            continue
        fitting = _NUMBER.fullmatch(row["number"] or "")
        if fitting and fitting[1] == code and fitting[2] == f"{record.found_on:%Y%m%d}":
            record.number = row["number"]
            key = number_key(code, record.found_on)
            highest[key] = max(highest.get(key, 0), int(fitting[3]))
        else:
            if row["number"] and record.original_number:
                row.fault("number", "编号不是本系统的编号，而原编号已另填，请删去其中一个", row["number"])
            record.original_number = record.original_number or row["number"] or ""
            waiting[code, record.found_on].append(record)
    for key in sorted(highest):
        numbering.raise_to(key, highest[key])
    for (code, day), group in sorted(waiting.items(), key=lambda item: item[0]):
        for record, serial in zip(group, numbering.take(number_key(code, day), len(group)), strict=True):
            record.number = number_of(code, day, serial)


def _bare(text: str) -> str:
    return "".join(text.split())


HAZARDS = excel.register(HazardLedger())

__all__ = ["HAZARDS", "RISKS", "HazardLedger"]
