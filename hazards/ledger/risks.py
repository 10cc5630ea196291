"""Risk points as an Excel table. Imported rows enter at the state that their cells tell, with the one event 导入."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, holds
from emergency.organizations.services import answers_for, place
from hazards.ledger import risk_writing
from hazards.ledger.resolving import choose, chunks, enterprises_named, own_unit
from hazards.ledger.risk_columns import CATEGORY_WORDS, COLUMNS, TEXT_LIMITS
from hazards.lifecycle.grading import Graded, grade
from hazards.lifecycle.risks import set_grade
from hazards.models import Assessment, RiskCategory, RiskMeasure, RiskPoint, RiskStatus
from hazards.services.risks import (
    MOST_MEASURES,
    MeasureInput,
    measures_made,
    risk_number_key,
    risk_number_of,
)

_NUMBER = re.compile(r"(\d{6})-FX-(\d{5,9})")
_SIGN = re.compile(r"\s*[｜|]\s*")
_BATCH = 1_000

#: Columns that go into the field of the same name as they are; blank leaves the field's default.
_PLAIN = (
    "name", "industry", "department", "category", "category_name", "features", "consequences", "control_level",
    "responsible_unit", "responsible_person", "responsible_phone", "patrol", "last_patrol_on", "identified_on",
    "controlled_on", "removed_on", "removed_reason", "void_reason", "longitude", "latitude", "assessed_on",
    "original_number", "place", "status",
)  # fmt: skip
_DAYS = ("identified_on", "controlled_on", "removed_on", "assessed_on", "last_patrol_on")


class RiskLedger(Ledger):
    kind = "risk_points"
    label = "风险点台账"
    columns = COLUMNS
    unique_keys = ("number",)
    duplicate_keys = ("area", "name", "enterprise", "place")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Enterprises, industries and offices by name; then what is left blank takes its default."""
        enterprises = enterprises_named({row["enterprise"] for row in rows if row["enterprise"]}, context.actor)
        industries = {name: one for one in Industry.objects.all() for name in (one.name, *one.aliases)}
        keepers = _Keepers(own_unit(context))
        for row in rows:
            name = row["enterprise"]
            found = choose(row, "enterprise", enterprises.get(name or "", []))
            if name and found is None and not row["place"]:
                row["place"] = name
            row["firm"] = found
            if row["industry"]:
                known = industries.get(row["industry"])
                if known is None:
                    names = "、".join(dict.fromkeys(one.name for one in industries.values()))
                    row.fault("industry", f"没有这个行业，可填：{names}", row["industry"])
                row["industry"] = known
            elif found is not None:
                row["industry"] = found.industry
            row["department"] = row["department"] or (found.department if found else None)
            row["handler"] = row["handler"] or keepers.of(row["area"])
            _settle_category(row)
            row["measure_rows"] = _measures(row)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        asked: dict[tuple[int, int], str] = {}
        for row in rows:
            handler, area = row["handler"], row["area"]
            if area is not None and handler is None:
                row.fault("handler", "请填写监管单位，或在导入时选定")
            if handler is not None and area is not None:
                pair = (handler.pk, area.pk)
                if pair not in asked:
                    asked[pair] = _refusal(context.actor, handler, area)
                if asked[pair]:
                    row.fault("handler", asked[pair], handler)
            for key, limit in TEXT_LIMITS.items():
                if (text := row[key]) and len(text) > limit:
                    row.fault(key, f"最多{limit}个字，这里有{len(text)}个字，请缩短")
            _check_dates(row, on)
            _settle_status(row)
            row["graded"] = _graded(row)
        self._check_numbers(rows)

    def _check_numbers(self, rows: Sequence[Row]) -> None:
        wanted = {row["number"]: row for row in rows if row["number"]}
        for chunk in chunks(list(wanted)):
            for taken in RiskPoint.objects.filter(number__in=chunk).values_list("number", flat=True):
                wanted[taken].fault("number", "这个编号已在台账中，请删去这一行或改正编号", taken)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store in batches: risk points, their measures, and the one event 导入 of each."""
        import_id = context.import_id or numbering.take_one("import")
        now, on = clock.now(), context.on or clock.today()
        records = [_record(row, context.actor, now, on, import_id) for row in rows]
        _number(records, rows)
        RiskPoint.objects.bulk_create(records, batch_size=_BATCH)
        measures = [
            one for record, row in zip(records, rows, strict=True) for one in measures_made(record, row["measure_rows"])
        ]
        RiskMeasure.objects.bulk_create(measures, batch_size=_BATCH)
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[RiskPoint], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns."""
        return risk_writing.records(queryset)


# ------------------------------------------------------------------------------------------------ resolving


class _Keepers:
    """The office that keeps a risk point where the file names none: the importer's own where the place is its to keep, else the
    street or community of the place, for a place of the whole district its bureau."""

    def __init__(self, own: Organisation | None) -> None:
        self.own = own
        self._known: dict[int, Organisation | None] = {}

    def of(self, area: Organisation | None) -> Organisation | None:
        if area is None:
            return None
        if area.pk not in self._known:
            self._known[area.pk] = self._find(area)
        return self._known[area.pk]

    def _find(self, area: Organisation) -> Organisation | None:
        if self.own is not None and answers_for(self.own, area):
            return self.own
        if area.kind in (Kind.STREET, Kind.COMMUNITY):
            return area
        return Organisation.objects.filter(parent=area, kind=Kind.BUREAU).first()


def _settle_category(row: Row) -> None:
    """A word that is none of ours is kept as 分类名称 of 其他."""
    word = row["category"]
    if not word:
        return
    found = CATEGORY_WORDS.get(word) or CATEGORY_WORDS.get(word.removesuffix("类"))
    if found is None and row["category_name"]:
        row.fault("category", f"可填：{'、'.join(RiskCategory.labels)}", word)
    elif found is None:
        row["category_name"] = word
    row["category"] = found or RiskCategory.OTHER


def _measures(row: Row) -> list[MeasureInput]:
    """“措施｜责任人｜频次”, one a line; the last two may be left out."""
    found = [MeasureInput(*parts[:3]) for line in row["measures"] or () if (parts := _SIGN.split(line))[0]]
    if len(found) > MOST_MEASURES:
        row.fault("measures", f"最多{MOST_MEASURES}条")
    for one in found:
        for text, field in zip(one, MeasureInput._fields, strict=True):
            limit = RiskMeasure._meta.get_field(field).max_length or 0
            if len(text) > limit:
                row.fault("measures", f"“{text[:12]}…”最多{limit}个字，请缩短")
    return found


# ------------------------------------------------------------------------------------------------ rules


def _refusal(actor: Any, handler: Organisation, area: Organisation) -> str:
    if actor is not None and not holds(actor, FILERS, handler, over=True):
        return "不能替这个单位导入，只能导入本单位和下级单位的风险点"
    return "" if answers_for(handler, area) else f"{area}不在{handler}的管辖范围内，请改正属地或监管单位"


def _check_dates(row: Row, on: dt.date) -> None:
    identified_on = row["identified_on"]
    for key in _DAYS:
        if row[key] is not None and row[key] > on:
            row.fault(key, "日期在将来，请改正", row[key])
    if identified_on is not None:
        for key, name in (("controlled_on", "管控日期"), ("removed_on", "消除日期")):
            if row[key] is not None and row[key] < identified_on:
                row.fault(key, f"{name}早于辨识日期，请改正", row[key])


def _settle_status(row: Row) -> None:
    """The state follows from 是否管控 and 消除日期; where the column 状态 tells it, they must agree."""
    if row["controlled"]:
        row["controlled_on"] = row["controlled_on"] or row["identified_on"]
    elif row["controlled_on"] is not None:
        row.fault("controlled", "有管控日期而是否管控填否，请改正", "否")
    told = row["status"]
    if told == RiskStatus.REMOVED or (told is None and row["removed_on"]):
        row["status"] = RiskStatus.REMOVED
        if row["removed_on"] is None:
            row.fault("removed_on", "已消除的风险点须填写消除日期")
        if not row["removed_reason"]:
            row.fault("removed_reason", "已消除的风险点须填写消除原因")
        return
    if row["removed_on"] is not None:
        row.fault("removed_on", "未消除的风险点不应有消除日期，请改正状态或日期", row["removed_on"])
    row["status"] = told or (RiskStatus.CONTROLLED if row["controlled"] else RiskStatus.IDENTIFIED)
    if row["status"] == RiskStatus.VOID and not row["void_reason"]:
        row.fault("void_reason", "已作废的风险点须填写作废原因")
    if row["status"] == RiskStatus.CONTROLLED and row["controlled"] is False:
        row.fault("status", "状态为管控中而是否管控填否，请改正", "管控中")
    if row["status"] == RiskStatus.IDENTIFIED and row["controlled"]:
        row.fault("status", "状态为待管控而是否管控填是，请改正", "待管控")


def _graded(row: Row) -> Graded | None:
    """The assessment behind the level; inputs without a method tell it themselves."""
    factors = {key: row[key] for key in ("likelihood", "exposure", "severity") if row[key] is not None}
    method = row["assessment"]
    if method is None:
        method = {3: Assessment.LEC, 2: Assessment.LS}.get(len(factors), Assessment.DIRECT)
    if not row["level"]:
        return None
    try:
        return grade(assessment=method, level=row["level"], judgement=row["judgement"] or "", imported=True, **factors)
    except ValidationError as refused:
        for key, messages in refused.message_dict.items():
            row.fault(key, messages[0].rstrip("。"), row[key])
        return None


# ------------------------------------------------------------------------------------------------ storing


def _record(row: Row, actor: Any, now: dt.datetime, on: dt.date, import_id: int) -> RiskPoint:
    record = RiskPoint(
        enterprise=row["firm"],
        handler=row["handler"],
        key=bool(row["key"]),
        measure_count=len(row["measure_rows"]),
        import_id=import_id,
        created_by=actor,
        created_at=now,
        **{key: value for key in _PLAIN if (value := row[key]) is not None},
    )
    set_grade(record, row["graded"], row["judgement"] or "")
    if record.status == RiskStatus.CONTROLLED:
        record.next_patrol_on = row["next_patrol_on"] or record.patrol_after(record.last_patrol_on or on)
    place(record, row["area"], fallback=row["handler"])
    return record


def _number(records: Sequence[RiskPoint], rows: Sequence[Row]) -> None:
    """A number of our own form and district is kept and the counter raised; any other becomes 原编号."""
    districts = {one.pk: one for one in Organisation.objects.filter(pk__in={record.district_id for record in records})}
    highest: dict[str, int] = {}
    waiting: dict[str, list[RiskPoint]] = defaultdict(list)
    for record, row in zip(records, rows, strict=True):
        code = districts[record.district_id].division_code[:6]
        if not code:
            row.fault("area", f"{districts[record.district_id]}没有区划代码，不能编号，请联系系统管理员")
            continue
        fitting = _NUMBER.fullmatch(row["number"] or "")
        if fitting and fitting[1] == code:
            record.number = row["number"]
            highest[code] = max(highest.get(code, 0), int(fitting[2]))
        else:
            if row["number"] and record.original_number:
                row.fault("number", "编号不是本系统的编号，而原编号已另填，请删去其中一个", row["number"])
            record.original_number = record.original_number or row["number"] or ""
            waiting[code].append(record)
    for code in sorted(highest):
        numbering.raise_to(risk_number_key(code), highest[code])
    for code in sorted(waiting):
        serials = numbering.take(risk_number_key(code), len(waiting[code]))
        for record, serial in zip(waiting[code], serials, strict=True):
            record.number = risk_number_of(code, serial)


RISKS = excel.register(RiskLedger())
