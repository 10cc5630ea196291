"""What the rows of an imported workbook mean, and what only this app can refuse. Every fault is named at its cell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from emergency.activities.ledger.columns import TEXT_LIMITS
from emergency.activities.lifecycle import require_number, require_open
from emergency.activities.models import Activity, Category, Measure, Status
from emergency.activities.services import rules
from emergency.activities.services.numbers import SHAPE, code_of
from emergency.core import clock
from emergency.core.ledger import ImportContext, LedgerError, Row
from emergency.core.ledger.rows import Fault
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation
from emergency.organizations.scope import FILERS, holds
from emergency.organizations.services import answers_for, place
from emergency.programmes.models import Programme

#: Columns that go into the field of the same name as they are; blank leaves the field's default.
PLAIN = (
    "started_on", "ended_on", "title", "leader", "leader_post", "times", "people", "quantity", "quantity_unit", "money", "problems",
    "rectified", "enterprise", "industry", "medium", "level", "document_number", "related_task", "document_state", "granted_by",
    "rank", "naming", "content", "void_reason", "original_number",
)  # fmt: skip
_CHUNK = 5_000

# ------------------------------------------------------------------------------------------------ what words mean


def categories(rows: Sequence[Row]) -> None:
    """Put the category in place of 大类 and 小类; a category's name alone is enough where no other bears it."""
    every = list(Category.objects.in_tree())
    by_group = {one.name: one for one in every if one.parent_id is None}
    for row in rows:
        group, name = by_group.get(row["group"] or ""), row["category"]
        row["category"] = None
        if group is None:
            continue
        below = {one.name: one for one in every if one.parent_id == group.pk}
        if not name or name == group.name:
            row["category"] = group
        elif name in below:
            row["category"] = below[name]
        else:
            offered = f"，可填：{'、'.join(below)}" if below else "，请留空"
            row.fault("category", f"“{group.name}”没有“{name}”这个小类{offered}", name)


def enterprises(rows: Sequence[Row], context: ImportContext) -> None:
    """Put the enterprise that a row names (by code or name) in place of its name."""
    names = {row["enterprise"] for row in rows if row["enterprise"]}
    codes = {row["credit_code"] for row in rows if row["credit_code"]}
    by_name: dict[str, list[Enterprise]] = defaultdict(list)
    by_code: dict[str, Enterprise] = {}
    if names or codes:
        seen = Enterprise.objects.live().select_related("area", "industry").visible_to(context.actor)
        for one in seen.filter(Q(name__in=names) | Q(credit_code__in=codes)):
            by_name[one.name].append(one)
            by_code[one.credit_code] = one
    for row in rows:
        name, code = row["enterprise"], row["credit_code"]
        row["enterprise"] = None
        if code:
            row["enterprise"] = by_code.get(code)
            if row["enterprise"] is None:
                row.fault("credit_code", f"监管对象台账中没有代码“{code}”的单位，或不在您的管辖范围内", code)
        elif name:
            row["enterprise"] = _the_one(row, name, by_name.get(name, []))


def _the_one(row: Row, name: str, found: list[Enterprise]) -> Enterprise | None:
    if len(found) > 1 and row["area"] is not None:
        found = [one for one in found if one.area and one.area.path.startswith(row["area"].path)] or found
    if not found:
        row.fault("enterprise", f"监管对象台账中没有“{name}”，请先登记，或改正名称", name)
    elif len(found) > 1:
        row.fault("enterprise", f"“{name}”有{len(found)}家，请填写属地或统一社会信用代码", name)
    return found[0] if len(found) == 1 else None


def industries(rows: Sequence[Row]) -> None:
    """Put the industry in place of its name or of a word that the office uses for it; blank takes the subject's."""
    known = {name: one for one in Industry.objects.all() for name in (one.name, *one.aliases)}
    for row in rows:
        word = row["industry"]
        row["industry"] = known.get(word) if word else None
        if word and row["industry"] is None:
            row.fault("industry", f"没有“{word}”这个行业领域，请按行业领域名称填写", word)
        elif not word and row["enterprise"] is not None:
            row["industry"] = row["enterprise"].industry


def campaigns(rows: Sequence[Row], context: ImportContext) -> None:
    """Put the campaigns in place of their names."""
    names = {name for row in rows for name in row["campaigns"] or ()}
    seen = Programme.objects.campaigns().visible_to(context.actor)
    known = {one.name: one for one in seen.filter(name__in=names)} if names else {}
    for row in rows:
        wanted = row["campaigns"] or ()
        for name in wanted:
            if name not in known:
                row.fault("campaigns", f"没有“{name}”这个专项行动", name)
        row["campaigns"] = list({known[name].pk: known[name] for name in wanted if name in known}.values())


# ------------------------------------------------------------------------------------------------ what is refused


def check(rows: Sequence[Row], context: ImportContext) -> None:
    """Judge every row by the rules of a page, and build its record; ``row["record"]`` is None where something is wrong."""
    if context.actor is None:
        raise LedgerError(Fault("导入工作纪实须写明导入人"))
    on = context.on or clock.today()
    allowed: dict[int, bool] = {}
    lies_within: dict[tuple[int, int | None], bool] = {}
    for row in rows:
        row["record"] = None
        _check_rights(row, context.actor, allowed)
        for key, limit in TEXT_LIMITS.items():
            if row[key] and len(row[key]) > limit:
                row.fault(key, f"最多{limit}个字，这里有{len(row[key])}个字，请缩短")
        if row["status"] == Status.VOID and not row["void_reason"]:
            row.fault("void_reason", "已作废的须填写作废原因")
        if (
            row["category"] is not None
            and row["handler"] is not None
            and row["started_on"] is not None
            and row["title"]
        ):
            _build(row, on, lies_within)
    _check_taken(rows)
    _doubt_known(rows)


def _check_rights(row: Row, actor: Any, allowed: dict[int, bool]) -> None:
    """Who imports files for the unit itself or for one above it."""
    handler: Organisation | None = row["handler"]
    if handler is None:
        return
    if handler.pk not in allowed:
        allowed[handler.pk] = holds(actor, FILERS, handler, over=True)
    if not allowed[handler.pk]:
        row.fault("handler", f"您不能为{handler}导入工作纪实", handler)


def _build(row: Row, on: dt.date, lies_within: dict[tuple[int, int | None], bool]) -> None:
    """The record of a row by the same rules as on the page; the constraints of the table stand behind them unasked."""
    record = Activity(handler=row["handler"], status=row["status"] or Status.FILED)
    rules.name_category(record, row["category"])
    for key in PLAIN:
        if row[key] is not None:
            setattr(record, key, row[key])
    if record.times is None and record.category.times_word:
        record.times = 1
    record.approximate = sorted(set(row.approximate) & set(Measure.values))
    area = row["area"] or rules.default_area(row["handler"], row["enterprise"])
    pair = (row["handler"].pk, area.pk if area else None)
    if pair not in lies_within:
        lies_within[pair] = answers_for(row["handler"], area)
    if not lies_within[pair]:
        row.fault("area", f"{area}不在{row['handler']}的管辖范围内", area)
        return
    place(record, area, fallback=row["handler"])
    if not code_of(record.district):
        row.fault("handler", f"{record.district}没有区划代码，不能编号，请联系系统管理员")
    rules_of_row: list[Callable[[], None]] = [
        lambda: rules.days_are_past(record.started_on, record.ended_on, on),
        lambda: rules.settle_numbers(record),
        lambda: rules.check_shape(record),
    ]
    if record.status == Status.FILED:
        rules_of_row += [
            lambda: require_open(record.category, record.started_on),
            lambda: require_number(record),
        ]
    for rule in rules_of_row:
        try:
            rule()
        except ValidationError as fault:
            _name(row, fault)
    if not row.errors:
        row["record"] = record


def _name(row: Row, fault: ValidationError) -> None:
    """A rule's messages at the cells of its fields; what two rules say alike is said once."""
    known = set(row)
    found = fault.message_dict if hasattr(fault, "error_dict") else {"": fault.messages}
    said = {one.message for one in row.errors}
    for field, words in found.items():
        for message in words:
            if (text := message.rstrip("。")) not in said:
                row.fault(field if field in known else "", text)
                said.add(text)


def _check_taken(rows: Sequence[Row]) -> None:
    """An official number stands for one row only, whether as our number or as the one it came with."""
    wanted = {row["number"]: row for row in rows if row["number"]}
    handlers = {row["handler"].pk for row in rows if row["handler"]}
    theirs = Activity.objects.filter(handler__in=handlers)
    for column, known in (("number", Activity.objects.all()), ("original_number", theirs)):
        for keys in _chunks(list(wanted)):
            for taken in known.filter(**{f"{column}__in": keys}).values_list(column, flat=True).distinct():
                wanted[taken].fault("number", f"编号“{taken}”已在台账中，请删去这一行或改正编号", taken)


def _chunks(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16 against the ledger: the same unit, day, category and title is there already."""
    records = [row["record"] for row in rows if row["record"] is not None]
    if not records:
        return
    days = [one.started_on for one in records]
    known = Activity.objects.exclude(status=Status.VOID).filter(
        handler__in={one.handler_id for one in records}, started_on__range=(min(days), max(days))
    )
    keys = set(known.values_list("handler", "started_on", "category", "title").iterator(chunk_size=_CHUNK))
    for row in rows:
        one = row["record"]
        if one is not None and (one.handler_id, one.started_on, one.category_id, one.title) in keys:
            row.doubt("与台账中已有的记录疑似重复")


def is_ours(number: str | None, record: Activity) -> bool:
    """Whether a given number has our own form for this district and year, and so is kept."""
    match = SHAPE.fullmatch(number or "")
    return match is not None and match[1] == code_of(record.district) and int(match[2]) == record.started_on.year
