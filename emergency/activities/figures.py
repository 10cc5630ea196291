"""What the activities count: for every group and category one figure for each measure that it keeps.

The categories are a table that each site extends, so the figures are a family: they are read from it, and follow it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from emergency.activities.models import Activity, Category, Measure
from emergency.figures.vocabulary import CAMPAIGN, INDUSTRY, OFFICE, UNIT, Dimension, Source, TotalFigure, family

CATEGORY = Dimension("activity_category", "工作类别", "category")
PREFIX = "activities."
_FIRST = 900

ACTIVITIES = Source(
    code="activities",
    label="工作纪实台账",
    records=lambda: Activity.objects.counted(),
    date="started_on",
    list_url="activities:list",
    dimensions=(UNIT, OFFICE, INDUSTRY, CATEGORY, CAMPAIGN),
    quantity="",
)


def code_of(category: Category, measure: str) -> str:
    return f"{PREFIX}{category.slug}.{measure}"


def counted_as(category: Category, measure: Measure) -> str:
    """What a measure of a category is called where its unit stands beside it: “期数”, “人次”, “保费”, “发现问题数”."""
    word = category.word(measure)
    if measure == Measure.PROBLEMS:
        return "发现问题数"
    if measure == Measure.RECTIFIED:
        return "已整改问题数"
    return word if measure == Measure.MONEY or (len(word) > 1 and word.endswith("次")) else f"{word}数"


def _meaning(category: Category, measure: Measure) -> str:
    """The 口径 in one sentence: which records, by which date, what is left out."""
    within = "（含各小类）" if category.parent_id is None and category.children.all() else ""
    apart = "，不计入隐患" if measure in (Measure.PROBLEMS, Measure.RECTIFIED) else ""
    what = f"“{category.path}”{within}工作纪实中的{counted_as(category, measure)}合计{apart}"
    return f"期内登记的{what}，按开始日期统计，草稿和作废的不计。"


def _figure(category: Category, measure: Measure, order: int) -> TotalFigure:
    slug = "category_slug" if category.parent_id else "group_slug"
    return TotalFigure(
        code=code_of(category, measure),
        name=f"{category.name}{counted_as(category, measure)}",
        unit="元" if measure == Measure.MONEY else category.word(measure),
        meaning=_meaning(category, measure),
        source=ACTIVITIES,
        where=Q(**{slug: category.slug}),
        field=str(measure),
        zero="不写",
        order=order,
    )


def figures() -> Iterator[TotalFigure]:
    """The figures of the tree as it stands, in its order. Two queries."""
    order = _FIRST
    for category in Category.objects.in_tree().prefetch_related("children"):
        for measure in category.measures:
            yield _figure(category, measure, order)
            order += 1


family(PREFIX, figures, sources=[ACTIVITIES])
