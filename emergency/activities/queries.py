"""Reads behind the pages of activities."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from emergency.activities.models import Activity, Category, Measure, Status
from emergency.figures.vocabulary import money, plain
from emergency.organizations.models import Organisation
from emergency.organizations.scope import FILERS, holds, reach

RECENT = 6


def may_register(user: Any) -> bool:
    """Who files activities for some office."""
    return holds(user, FILERS)


def reads(user: Any) -> bool:
    """Every office reads; enterprises have no part in the work record of offices."""
    return bool(reach(user).posts)


def filing_units(user: Any) -> list[Organisation]:
    """The units in whose name the user files, each once."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in FILERS}
    return list(units.values())


@dataclasses.dataclass(frozen=True, slots=True)
class Branch:
    """A group with the categories below it."""

    group: Category
    categories: list[Category]


def tree(categories: Iterable[Category] | None = None) -> list[Branch]:
    """The categories in their order, each under its group. One query."""
    branches: dict[int, Branch] = {}
    for one in categories if categories is not None else Category.objects.in_tree():
        if one.parent_id is None:
            branches[one.pk] = Branch(one, [])
        elif one.parent_id in branches:
            branches[one.parent_id].categories.append(one)
    return list(branches.values())


def open_tree(on: dt.date) -> list[Branch]:
    """What may be chosen for something that was done on a day."""
    return tree(one for one in Category.objects.in_tree() if one.closed_for(on) is None)


def recent_categories(user: Any, on: dt.date, limit: int = RECENT) -> list[Category]:
    """Under what the user registered last: most people file the same few things."""
    mine = Activity.objects.filter(created_by=user).values("category").annotate(last=Max("pk")).order_by("-last")
    keys = [row["category"] for row in mine[: 2 * limit]]
    known = Category.objects.select_related("parent").in_bulk(keys)
    return [known[pk] for pk in keys if known[pk].closed_for(on) is None][:limit]


def number_text(value: int | Decimal, unit: str, *, about: bool = False) -> str:
    """“约20张”, “65.25万元”."""
    text = money(value) if unit == "元" else f"{plain(value)}{unit}"
    return f"约{text}" if about else text


def numbers_text(record: Activity) -> str:
    """All numbers in one line; problems are named, because their measure word alone says nothing: “1轮，12组，发现问题41个，已整改39个”."""
    named = (Measure.PROBLEMS, Measure.RECTIFIED)
    return "，".join(f"{measure.label}{text}" if measure in named else text for measure, text in numbers_of(record))


def numbers_of(record: Activity) -> list[tuple[Measure, str]]:
    """The numbers that a row carries, in order, each with its unit."""
    return [
        (measure, number_text(value, record.unit_of(measure), about=measure in record.approximate))
        for measure in Measure
        if (value := record.value(measure)) is not None
    ]


def sums_of(category: Category, rows: QuerySet[Activity]) -> dict[str, Any]:
    """The foot of a list under one category: “期数 34期，人次 560人次”, and how many rows there are. Only registered rows add up."""
    filed = Q(status=Status.FILED)
    sums = {str(measure): Sum(str(measure), filter=filed) for measure in category.measures}
    found = rows.aggregate(rows=Count("pk"), **sums)
    parts = [
        f"{category.money_word if measure == Measure.MONEY else measure.label} {number_text(total, unit)}"
        for measure in category.measures
        if (total := found[str(measure)]) is not None
        for unit in ["元" if measure == Measure.MONEY else category.word(measure)]
    ]
    text = f"“{category.path}”合计：{'，'.join(parts)}" if parts else f"“{category.path}”没有已登记的数字"
    return {"text": text, "rows": found["rows"]}


def activities_of(rows: QuerySet[Activity], limit: int) -> tuple[Sequence[Activity], int]:
    """The newest of some visible activities, and how many there are."""
    found = list(rows.select_related("handler", "category__parent").order_by("-started_on", "-pk")[: limit + 1])
    return found[:limit], len(found) if len(found) <= limit else rows.count()
