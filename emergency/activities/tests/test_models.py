"""The tree that the house delivers, what the database itself refuses, and which index a list walks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from emergency.activities.models import Activity, Category, Measure
from emergency.activities.queries import open_tree, tree
from emergency.activities.tests.factories import activity_make, category
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def test_the_delivered_tree_has_two_levels_and_every_line_counts_something() -> None:
    branches = tree()
    assert [branch.group.name for branch in branches] == [
        "会议", "会商", "培训", "宣传", "督查", "制度文件", "法制", "表彰考核", "示范创建", "投入", "保险", "普查", "技术改造",
    ]  # fmt: skip
    assert sum(len(branch.categories) for branch in branches) + len(branches) == Category.objects.count()
    assert all(one.measures for one in Category.objects.all())
    assert [one.name for one in branches[2].categories] == ["安全员培训", "企业负责人培训", "干部培训"]
    assert category("supervision_rounds").labels == [
        "次数（轮）",
        "人次",
        "数量（组）",
        "发现问题（个）",
        "已整改（个）",
    ]
    assert category("meeting").labels == ["次数", "人次"]
    assert category("insurance_liability").labels == ["人数（人）", "保费（元）"]
    assert category("insurance_housing").labels == ["数量（户）", "保费（元）"]


@pytest.mark.parametrize("change", [{"slug": "meetings"}, {"parent": None}], ids=["slug", "parent"])
def test_a_categorys_code_and_place_never_change(change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(slug="meeting_party").update(**change)
    assert Category.objects.filter(slug="meeting_party").update(name="专题会议") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"rectified": 1},
        {"problems": 2, "rectified": 3},
        {"times": 0},
        {"quantity": -1},
        {"money": -1},
        {"ended_on": dt.date(2021, 3, 4)},
        {"status": "void"},
        {"group_slug": ""},
        {"category_slug": "training"},
    ],
)
def test_the_database_refuses_what_cannot_be(cast: Cast, fields: dict[str, Any]) -> None:
    record = activity_make(actor=cast.officer_a, handler=cast.street_a)
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=record.pk).update(**fields)


def test_a_closed_group_closes_its_categories_from_its_day_on() -> None:
    day = dt.date(2022, 1, 1)
    Category.objects.filter(slug="meeting").update(closed_on=day)
    before, after = day - dt.timedelta(days=1), day
    assert category("meeting_party").closed_for(before) is None
    assert category("meeting_party").closed_for(after) == day
    assert open_tree(before)[0].group.slug == "meeting"
    assert open_tree(after)[0].group.slug == "consult"


def test_words_and_units(cast: Cast) -> None:
    record = activity_make(
        actor=cast.bureau_clerk, handler=cast.bureau, slug="investment_equipment", title="装备", money="2530000",
        quantity=12, quantity_unit="台",
    )  # fmt: skip
    assert record.unit_of(Measure.MONEY) == "元"
    assert record.unit_of(Measure.QUANTITY) == "台"
    assert record.unit_of(Measure.TIMES) == ""


@pytest.mark.parametrize(
    ("column", "index"),
    [
        ("street", "activity_street"),
        ("district", "activity_district"),
        ("area", "activity_area"),
        ("handler", "activity_handler"),
    ],
)
def test_each_branch_of_a_list_has_its_index(cast: Cast, column: str, index: str) -> None:
    query = Activity.objects.filter(**{column: cast.street_a}).order_by("-started_on", "-pk")[:51]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert index in query.explain()
