"""What must be true of an activity, one function per rule, for filing, correction and import alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from emergency.activities.models import Activity, Category, Measure
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, holds

#: The units that can be somebody's 属地.
_AREAS = (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)


def may_file(actor: Any, handler: Organisation) -> None:
    """An activity is registered in the name of a unit in which the actor has a post that files."""
    if not holds(actor, FILERS, handler):
        raise PermissionDenied("只能以本人任职单位的名义登记工作纪实。")


def days_are_past(started_on: dt.date, ended_on: dt.date | None, on: dt.date) -> None:
    """What is registered has been done; what goes on has no last day yet."""
    if started_on > on:
        raise ValidationError({"started_on": "日期不能晚于今天。"})
    if ended_on is not None and ended_on > on:
        raise ValidationError({"ended_on": "结束日期不能晚于今天，仍在进行的可以不填。"})
    if ended_on is not None and ended_on < started_on:
        raise ValidationError({"ended_on": "结束日期不能早于开始日期。"})


def enterprise_is_seen(actor: Any, enterprise: Enterprise | None) -> None:
    if enterprise is not None and not Enterprise.objects.live().visible_to(actor).filter(pk=enterprise.pk).exists():
        raise ValidationError({"enterprise": "没有这个监管对象，或不在您的管辖范围内。"})


def default_area(handler: Organisation, enterprise: Enterprise | None) -> Organisation | None:
    """The subject's 属地, else the area for which the unit answers: of a bureau's meeting it is the district (区本级)."""
    if enterprise is not None and enterprise.area is not None:
        return enterprise.area
    return handler.serves if handler.serves.kind in _AREAS else None


def name_category(record: Activity, category: Category) -> None:
    """Set the category with the copies of its codes that figures read."""
    record.category = category
    record.group_slug = category.group.slug
    record.category_slug = category.slug if category.parent_id else ""


def settle_numbers(record: Activity) -> None:
    """Let the numbers fit the category: those it does not keep are refused, the quantity takes its measure word.

    A category without a word for quantities (装备: 台、套、件) lets a row bring its own; such quantities are shown and not counted.
    Raises ``ValidationError`` with every fault at its field.
    """
    category, faults = record.category, {}
    for measure in Measure:
        if record.value(measure) is None or category.word(measure) or measure == Measure.QUANTITY:
            continue
        faults[str(measure)] = f"“{category.path}”不登记{measure.label}，请删去。"
    word = category.quantity_word
    if record.quantity is None:
        record.quantity_unit = ""
    elif not word and not record.quantity_unit:
        faults["quantity_unit"] = "请填写计量单位。"
    elif word and record.quantity_unit not in ("", word):
        faults["quantity_unit"] = f"“{category.path}”的计量单位为“{word}”。"
    else:
        record.quantity_unit = word or record.quantity_unit
    if record.rectified is not None and record.rectified > (record.problems or 0):
        faults.setdefault("rectified", "已整改数不能大于发现问题数。")
    if faults:
        raise ValidationError(faults)  # type: ignore[arg-type]  # a dict of messages
    record.approximate = [
        measure
        for measure in Measure.values
        if measure in set(record.approximate) and record.value(measure) is not None
    ]


def check_shape(record: Activity) -> None:
    """Lengths, digits and choices, with messages at their fields. Foreign keys come as records just read. No query."""
    keys = {field.name for field in record._meta.fields if field.is_relation}
    record.clean_fields(exclude=keys | {"number", "group_slug", "created_at"})


def check(record: Activity) -> None:
    """Shape and constraints of one record."""
    check_shape(record)
    record.validate_constraints(exclude={"number"})
