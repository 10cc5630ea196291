"""Who made a plan or held a drill, from the name that a table gives: a unit, an enterprise, or a name that the portal does not know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Model

from emergency.core.ledger import CellError, ImportContext, Row
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import unit_find, units_within
from emergency.organizations.scope import FILERS, holds


def unit_name(unit: Organisation | None) -> str | None:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name


def maker_name(record: Any) -> str:
    """What an export writes: it finds the same maker again."""
    return unit_name(record.owner) or record.maker_name


def find_makers(rows: Sequence[Row], context: ImportContext) -> None:
    """Sets ``owner``, ``enterprise`` and ``maker_name`` of each row, and 属地 where the table gives none; each name is asked once."""
    names = {row["maker"] for row in rows if row["maker"]}
    firms: dict[str, list[Enterprise]] = defaultdict(list)
    known = Enterprise.objects.live()
    if context.actor is not None:
        known = known.filter(pk__in=Enterprise.objects.visible_to(context.actor).values("pk"))
    for one in known.filter(name__in=sorted(names)).select_related("area", "district"):
        firms[one.name].append(one)
    units = {name: _unit(name, context) for name in sorted(names - set(firms))}
    for row in rows:
        row["owner"] = row["enterprise"] = None
        name = row["maker"]
        row["maker_name"] = name or ""
        if not name:
            continue
        if len(firms[name]) > 1:
            row.fault("maker", f"有{len(firms[name])}个同名的监管对象，请在页面上登记", name)
        elif firms[name]:
            row["enterprise"] = firms[name][0]
            row["area"] = row["area"] or firms[name][0].home
        else:
            unit = units[name]
            if isinstance(unit, str):
                if "不止一个" in unit:
                    row.fault("maker", unit, name)
                elif row["area"] is None:
                    row.fault("area", f"“{name}”不是本系统的单位或监管对象，请填写属地")
            else:
                row["owner"], row["maker_name"] = unit, unit.name
                row["area"] = row["area"] or unit.serves


def _unit(name: str, context: ImportContext) -> Organisation | str:
    """The unit, or what is wrong with the name."""
    try:
        return unit_find(name, units_within(context.actor, context.organisation))
    except CellError as fault:
        return str(fault)


def check_right(rows: Sequence[Row], context: ImportContext) -> None:
    """An importer brings in what is of an own unit, of one below it, or lies in its area."""
    if context.actor is None:
        return
    may: dict[int, bool] = {}
    for row in rows:
        unit = row["owner"] or row["area"]
        if unit is None:
            continue
        if unit.pk not in may:
            may[unit.pk] = holds(context.actor, FILERS, unit, over=True)
        if not may[unit.pk]:
            row.fault("maker", "只能导入本单位和本辖区的", row["maker"] or "")


def check_lengths(rows: Sequence[Row], model: type[Model], keys: Sequence[str]) -> None:
    limits: dict[str, int] = {key: getattr(model._meta.get_field(key), "max_length", None) or 0 for key in keys}
    for row in rows:
        for key, limit in limits.items():
            if limit and row[key] and len(row[key]) > limit:
                row.fault(key, f"最多{limit}个字，这里有{len(row[key])}个字，请缩短")


def check_days(rows: Sequence[Row], keys: Sequence[tuple[str, str]], on: Any) -> None:
    """None in the future, and each not before the one that comes before it in life."""
    for row in rows:
        earlier: tuple[Any, str] | None = None
        for key, label in keys:
            day = row[key]
            if day is None:
                continue
            if day > on:
                row.fault(key, "日期在将来，请改正", day)
            elif earlier is not None and day < earlier[0]:
                row.fault(key, f"{label}早于{earlier[1]}，请改正", day)
            earlier = earlier or (day, label)
