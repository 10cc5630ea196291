"""What the rows of an imported workbook mean, and what only this app can refuse. Every fault is named at its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from emergency.core import clock
from emergency.core.ledger import ImportContext, LedgerError, Row
from emergency.core.ledger.rows import Fault
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, holds
from emergency.organizations.services import answers_for
from emergency.programmes.models import Programme
from inspections.models import Checklist, EntryMode, Visit
from inspections.services.numbers import SHAPE, code_of

COUNTS = ("found", "major_found", "rectified", "major_rectified")
#: Text columns with the field whose length bounds them.
_BOUNDED = {
    "place": "place",
    "signed_by": "signed_by",
    "unsigned_reason": "unsigned_reason",
    "original_number": "original_number",
    "number": "original_number",
}
_LENGTHS: dict[str, int] = {
    key: Visit._meta.get_field(name).max_length  # type: ignore[misc,union-attr]  # all are CharFields with a length
    for key, name in _BOUNDED.items()
}

# ------------------------------------------------------------------------------------------------ what words mean


def enterprises(rows: Sequence[Row], context: ImportContext) -> None:
    """Put the enterprise that a row names (by code, name or former name) in place of its name."""
    by_name, by_code = known_enterprises(
        {row["enterprise"] for row in rows if row["enterprise"]},
        {row["credit_code"] for row in rows if row["credit_code"]},
        context,
    )
    for row in rows:
        name, code = row["enterprise"], row["credit_code"]
        row["enterprise"] = find_enterprise(row, "enterprise", name, code, by_name, by_code)
        if name and not code and row["enterprise"] is None and name not in by_name:
            row.fault("enterprise", f"监管对象台账中没有“{name}”，请先登记，或把名称写到“检查地点”列", name)


def known_enterprises(
    names: set[str], codes: set[str], context: ImportContext
) -> tuple[dict[str, list[Enterprise]], dict[str, Enterprise]]:
    """The enterprises in the importer's sight by name, present or else former, and by code."""
    by_name: dict[str, list[Enterprise]] = {}
    by_code: dict[str, Enterprise] = {}
    if not names and not codes:
        return by_name, by_code
    live = Enterprise.objects.live().select_related("area", "industry", "department")
    if context.actor is not None:
        live = live.visible_to(context.actor)
    for one in live.filter(Q(name__in=names) | Q(credit_code__in=codes)):
        by_name.setdefault(one.name, []).append(one)
        by_code[one.credit_code] = one
    if missing := names - by_name.keys():
        for one in live.filter(former_names__has_any_keys=list(missing)):
            for name in missing.intersection(one.former_names):
                by_name.setdefault(name, []).append(one)
    return by_name, by_code


def find_enterprise(
    row: Row,
    key: str,
    name: str | None,
    code: str | None,
    by_name: dict[str, list[Enterprise]],
    by_code: dict[str, Enterprise],
) -> Enterprise | None:
    """The one that a row means; the area tells those of one name apart. A name that nobody has is no fault here."""
    if code:
        if code not in by_code:
            row.fault("credit_code", f"监管对象台账中没有代码“{code}”的单位，或不在您的管辖范围内", code)
        return by_code.get(code)
    found = by_name.get(name or "", [])
    area = row["area"]
    if len(found) > 1 and area is not None:
        found = [one for one in found if one.area is not None and one.area.path.startswith(area.path)] or found
    if len(found) > 1:
        places = "、".join(str(one.area or "未填属地") for one in found[:5])
        row.fault(key, f"“{name}”有{len(found)}家（{places}），请填写属地或统一社会信用代码", name or "")
        return None
    return found[0] if found else None


def campaigns(rows: Sequence[Row], context: ImportContext) -> None:
    """Put the campaigns in place of their names."""
    names = {name for row in rows for name in row["campaigns"] or ()}
    seen = Programme.objects.campaigns()
    if context.actor is not None:
        seen = seen.visible_to(context.actor)
    known = {one.name: one for one in seen.filter(name__in=names)} if names else {}
    for row in rows:
        wanted = row["campaigns"] or ()
        for name in wanted:
            if name not in known:
                row.fault("campaigns", f"没有“{name}”这个专项行动", name)
        row["campaigns"] = tuple(known[name] for name in wanted if name in known)


def checklists(rows: Sequence[Row]) -> None:
    names = {row["checklist"] for row in rows if row["checklist"]}
    known = {one.name: one for one in Checklist.objects.filter(name__in=names)} if names else {}
    for row in rows:
        name = row["checklist"]
        row["checklist"] = known.get(name) if name else None
        if name and row["checklist"] is None:
            row.fault("checklist", f"没有“{name}”这张检查表", name)


# ------------------------------------------------------------------------------------------------ what is refused


def check(rows: Sequence[Row], context: ImportContext) -> None:
    if context.actor is None:
        raise LedgerError(Fault("导入检查台账须写明导入人"))
    today = context.on or clock.today()
    for row in rows:
        _settle_mode(row)
        settle_area(row)
        _check_dates(row, today)
        _check_numbers(row)
        for key, length in _LENGTHS.items():
            if row[key] and len(row[key]) > length:
                row.fault(key, f"不能超过{length}个字")
        if row["officers"] and len("、".join(row["officers"])) > 300:
            row.fault("officers", "人员太多，不能超过300个字")
        if row["enterprise"] is not None and row["industry"] is None:
            row["industry"] = row["enterprise"].industry
        if row["enterprise"] is not None and row["department"] is None:
            row["department"] = row["enterprise"].department
    check_rights(rows, context.actor, FILERS, "检查记录")
    check_codes(rows)
    _check_taken(rows)
    _doubt_known(rows)


def _settle_mode(row: Row) -> None:
    """A row that names an enterprise, or a place without numbers, is one visit; everything else is 汇总填报."""
    if row["entry_mode"] is None:
        numbers = row["quantity"] not in (None, 1) or any(row[key] for key in COUNTS)
        single = row["enterprise"] is not None or bool(row["place"] and not numbers)
        row["entry_mode"] = EntryMode.ITEM if single else EntryMode.BULK
    if row["entry_mode"] == EntryMode.ITEM:
        if row["enterprise"] is None and not row["place"] and not row.errors:
            row.fault("enterprise", "逐次登记的检查须填写受检单位或检查地点")
        if row["quantity"] not in (None, 1):
            row.fault("quantity", "已写明受检单位的，家次只能为1；汇总填报请不写受检单位", row["quantity"])
        for key in COUNTS:
            if row[key]:
                row.fault(key, "已写明受检单位的，隐患请在隐患台账逐条登记，这里不填；汇总填报请不写受检单位", row[key])
        row["quantity"] = 1
    else:
        if row["enterprise"] is not None:
            row.fault("enterprise", "汇总填报不写受检单位；写明单位的请逐次登记")
        if row["quantity"] is None and not row.errors:
            row.fault("quantity", "请填写家次，或写明受检单位")


def settle_area(row: Row) -> None:
    """属地 from the subject, else from the acting unit when it is a town or village; else 未填 (None)."""
    if row["area"] is None and row["enterprise"] is not None:
        row["area"] = row["enterprise"].area
    handler = row["handler"]
    if row["area"] is None and handler is not None and handler.kind in (Kind.STREET, Kind.COMMUNITY):
        row["area"] = handler


def check_rights(rows: Sequence[Row], actor: Any, roles: Sequence[str], what: str) -> None:
    """Who imports files for the unit itself or for one above it, and each row lies in the area that its unit answers for."""
    allowed: dict[int, bool] = {}
    ours: dict[tuple[int, int], bool] = {}
    for row in rows:
        handler: Organisation | None = row["handler"]
        if handler is None:
            continue
        if handler.pk not in allowed:
            allowed[handler.pk] = holds(actor, roles, handler, over=True)
        if not allowed[handler.pk]:
            row.fault("handler", f"您不能为{handler}导入{what}", handler)
        if (area := row["area"]) is not None:
            if (handler.pk, area.pk) not in ours:
                ours[handler.pk, area.pk] = answers_for(handler, area)
            if not ours[handler.pk, area.pk]:
                row.fault("area", f"{area}不在实施单位{handler}的管辖范围内，请改正属地或实施单位", area)


def _check_dates(row: Row, today: dt.date) -> None:
    if row["visited_on"] is not None and row["visited_on"] > today:
        row.fault("visited_on", "检查日期不能晚于今天", row["visited_on"])
    if row["started_at"] and row["ended_at"] and row["ended_at"] < row["started_at"]:
        row.fault("ended_at", "结束时间不能早于开始时间")


def _check_numbers(row: Row) -> None:
    """The same that the table's constraint says, at the cell that is wrong."""
    found, major = row.get("found", 0), row.get("major_found", 0)
    fixed, major_fixed = row.get("rectified", 0), row.get("major_rectified", 0)
    if major > found:
        row.fault("major_found", f"重大隐患数{major}大于发现隐患数{found}")
    if fixed > found:
        row.fault("rectified", f"已整改数{fixed}大于发现隐患数{found}")
    if major_fixed > major:
        row.fault("major_rectified", f"重大已整改数{major_fixed}大于重大隐患数{major}")
    elif fixed <= found and major <= found and not 0 <= fixed - major_fixed <= found - major:
        row.fault("rectified", "已整改数与重大已整改数对不上，请核对")


def check_codes(rows: Sequence[Row]) -> None:
    """A unit without a division code cannot number its records."""
    units = {row["handler"] for row in rows if row["handler"] is not None}
    lacking = {unit for unit in units if not code_of(unit, required=False)}
    for row in rows:
        if row["handler"] in lacking:
            row.fault("handler", f"{row['handler']}没有区划代码，不能编号，请联系系统管理员")


def _check_taken(rows: Sequence[Row]) -> None:
    """A number of our own shape that is in use already; others become 原编号."""
    own = [row["number"] for row in rows if row["number"] and SHAPE.fullmatch(row["number"])]
    taken = set(Visit.objects.filter(number__in=own).values_list("number", flat=True)) if own else set()
    for row in rows:
        if row["number"] in taken:
            row.fault("number", f"检查编号“{row['number']}”已在台账中", row["number"])


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16 against the ledger: the same unit, day, kind and subject (or number of 家次) is there already."""
    days = {row["visited_on"] for row in rows if row["visited_on"]}
    units = {row["handler"].pk for row in rows if row["handler"]}
    if not days or not units:
        return
    known = set(
        Visit.objects.live()
        .filter(handler__in=units, visited_on__gte=min(days), visited_on__lte=max(days))
        .values_list("handler", "visited_on", "kind", "area", "enterprise", "place", "quantity", "industry", "found")
        .iterator(chunk_size=10_000)
    )
    for row in rows:
        if row.errors:
            continue
        key = (
            row["handler"].pk,
            row["visited_on"],
            row["kind"],
            row["area"].pk if row["area"] else None,
            row["enterprise"].pk if row["enterprise"] else None,
            row["place"] or "",
            row["quantity"],
            row["industry"].pk if row["industry"] else None,
            row["found"] or 0,
        )
        if key in known:
            row.doubt("与台账中已有的检查疑似重复")
