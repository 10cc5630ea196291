"""The Excel table: defaults, state from the dates, numbers, duplicates, every fault by its cell, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.numbering import Counter
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from hazards.ledger import HAZARDS
from hazards.ledger.columns import COLUMNS
from hazards.models import EntryMode, Grade, Hazard, Source, Status
from hazards.services import hazard_open
from hazards.tests.factories import TODAY, count_make, hazard_in

pytestmark = pytest.mark.django_db

HEAD = ("发现日期", "受检单位或地点", "隐患描述")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def load(cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "officer_a", **options: Any) -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(HAZARDS, workbook([head, *rows]), context, **options)


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def only() -> Hazard:
    return Hazard.objects.get()


def campaign_make(cast: Cast, name: str) -> Programme:
    return Programme.objects.create(
        name=name, owner=cast.bureau, start=dt.date(2026, 1, 1), created_by=cast.bureau_clerk, created_at=clock.now()
    )


def test_a_plain_row_takes_its_defaults_from_the_subject(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    outcome = load(cast, [["2026.3.2", cast.enterprise.name, "灭火器过期"]])
    assert outcome.ok and outcome.saved == {"新增": 1}, faults(outcome)
    one = only()
    assert (one.source, one.grade, one.entry_mode, one.quantity) == (
        Source.INSPECTION,
        Grade.GENERAL,
        EntryMode.ITEM,
        1,
    )
    assert (one.enterprise, one.area, one.street) == (cast.enterprise, cast.street_a, cast.street_a)
    assert (one.industry.name, one.department, one.handler) == ("工贸", cast.department, cast.street_a)
    assert (one.status, one.number) == (Status.RECTIFYING, "369901-20260302-0001")
    assert list(events_of(one).values_list("action", "actor_name")) == [("import", "周安全员")]


def test_a_place_without_enterprise_lies_with_the_handling_street(cast: Cast) -> None:
    assert load(cast, [["2026-3-2", "南门市场东侧", "通道堵塞"]]).ok
    assert (only().enterprise, only().place, only().area) == (None, "南门市场东侧", cast.street_a)


def test_the_bureaus_own_place_stays_without_area(cast: Cast) -> None:
    assert load(cast, [["2026-3-2", "河堤", "护栏缺失"]], name="bureau_clerk").ok
    assert (only().area, only().street, only().district, only().handler) == (None, None, cast.district, cast.bureau)


@pytest.mark.parametrize(
    ("rectified", "reviewed", "status", "closed", "silent"),
    [
        ("", "", Status.RECTIFYING, None, False),
        ("2026-3-3", "", Status.CLOSED, dt.date(2026, 3, 3), True),
        ("2026-3-3", "2026-3-4", Status.CLOSED, dt.date(2026, 3, 4), False),
    ],
)
def test_the_state_follows_from_the_dates(
    cast: Cast, rectified: str, reviewed: str, status: str, closed: dt.date | None, silent: bool
) -> None:
    row = ["2026-3-2", "甲厂", "通道堵塞", rectified, reviewed]
    assert load(cast, [row], (*HEAD, "整改完成日期", "复查日期")).ok
    assert (only().status, only().closed_on, only().closed_without_review) == (status, closed, silent)


def test_a_number_of_our_form_is_kept_and_others_become_the_original(cast: Cast) -> None:
    rows = [
        ["369901-20260302-0007", "2026-3-2", "甲厂", "一"],
        ["AJ-15", "2026-3-2", "甲厂", "二"],
        ["360000-20260302-0009", "2026-3-2", "甲厂", "三"],
        ["369901-20260303-0001", "2026-3-2", "甲厂", "四"],
        ["", "2026-3-2", "甲厂", "五"],
    ]
    assert load(cast, rows, ("隐患编号", *HEAD)).ok
    found = list(Hazard.objects.order_by("description").values_list("description", "number", "original_number"))
    assert sorted(found) == sorted([
        ("一", "369901-20260302-0007", ""),
        ("二", "369901-20260302-0008", "AJ-15"),
        ("三", "369901-20260302-0009", "360000-20260302-0009"),
        ("四", "369901-20260302-0010", "369901-20260303-0001"),
        ("五", "369901-20260302-0011", ""),
    ])  # fmt: skip
    assert Counter.objects.get(key="hazard:369901:20260302").value == 11


def test_numbers_taken_are_named_by_cell(cast: Cast) -> None:
    assert load(cast, [["AJ-15", "2026-3-2", "甲厂", "一"], ["", "2026-3-2", "甲厂", "二"]], ("隐患编号", *HEAD)).ok
    ours = Hazard.objects.get(description="二").number
    rows = [["AJ-15", "2026-3-2", "甲厂", "三"], [ours, "2026-3-2", "甲厂", "四"], ["B-1", "2026-3-2", "甲厂", "五"]]
    rows += [["B-1", "2026-3-2", "甲厂", "六"]]
    outcome = load(cast, rows, ("隐患编号", *HEAD))
    assert not outcome.ok and Hazard.objects.count() == 2
    assert [text.split("：")[0] for text in faults(outcome)] == ["A2（隐患编号）", "A3（隐患编号）", "A5（隐患编号）"]


def test_suspected_duplicates_are_asked_about(cast: Cast) -> None:
    row = ["2026-3-2", "甲厂", "通道堵塞"]
    assert load(cast, [row]).ok
    asked = load(cast, [["2026-3-2", "甲厂", "通道 堵塞"], ["2026-3-2", "甲厂", "别的"]])
    assert not asked.ok and [one.kind for one in asked.questions] == ["duplicates"]
    assert only().number in faults(asked)[0]
    assert load(cast, [row], duplicates="skip").saved == {}
    assert load(cast, [row], duplicates="include").ok and Hazard.objects.count() == 2


def test_nobodys_row_lies_in_a_neighbours_area(cast: Cast) -> None:
    """The bureau imports for both streets, but what a street handled lies in that street."""
    head = (*HEAD, "属地", "承办单位")
    rows = [["2026-3-2", "甲厂", "一", "西坪街道", "东门街道"], ["2026-3-2", "甲厂", "二", "西坪街道", "西坪街道"]]
    outcome = load(cast, rows, head, name="section_head")
    assert [text.split("，")[0] for text in faults(outcome)] == ["D2（属地）：西坪街道不在承办单位东门街道的管辖范围内"]
    assert not Hazard.objects.exists()


BAD = [
    (["2026-13-2", "甲厂", "一"], HEAD, "A2（发现日期）"),
    (["2026-4-2", "甲厂", "一"], HEAD, "A2（发现日期）：日期在将来"),
    (["2026-3-2", "", "一"], HEAD, "B2（受检单位或地点）：必填"),
    (["2026-3-2", "甲厂", "一", "火星街道"], (*HEAD, "属地"), "D2（属地）：没有“火星街道”这个单位"),
    (["2026-3-2", "甲厂", "一", "西坪街道"], (*HEAD, "属地"), "D2（属地）：没有“西坪街道”这个单位，或不在您的管辖范围内"),
    (["2026-3-2", "甲厂", "一", "2026-3-1"], (*HEAD, "整改期限"), "D2（整改期限）：整改期限早于发现日期"),
    (["2026-3-2", "甲厂", "一", "2026-3-1"], (*HEAD, "整改完成日期"), "D2（整改完成日期）：整改完成日期早于发现日期"),
    (["2026-3-2", "甲厂", "一", "2026-3-3"], (*HEAD, "复查日期"), "没有整改完成日期"),
    (["2026-3-2", "甲厂", "一", "2026-3-4", "2026-3-3"], (*HEAD, "整改完成日期", "复查日期"), "E2（复查日期）：复查日期早于"),
    (["2026-3-2", "甲厂", "一", "逐条", "3"], (*HEAD, "登记方式", "数量"), "E2（数量）：逐条登记"),
    (["2026-3-2", "甲厂", "一", "0"], (*HEAD, "数量"), "D2（数量）"),
    (["2026-3-2", "甲厂", "一", "特大"], (*HEAD, "隐患等级"), "D2（隐患等级）"),
    (["2026-3-2", "甲厂", "一", "航天"], (*HEAD, "行业"), "D2（行业）：没有这个行业"),
    (["2026-3-2", "甲厂", "一", "百日行动"], (*HEAD, "专项行动"), "D2（专项行动）：没有这个专项行动"),
    (["2026-3-2", "甲厂", "一", "长" * 61], (*HEAD, "整改责任人"), "D2（整改责任人）：最多60个字"),
    (["2026-3-2", "甲厂", "一", "待整改", "2026-3-3"], (*HEAD, "状态", "整改完成日期"), "D2（状态）"),
    (["2026-3-2", "甲厂", "一", "待复查"], (*HEAD, "状态"), "D2（状态）"),
    (["2026-3-2", "甲厂", "一", "延期待批"], (*HEAD, "状态"), "申请延期至"),
    (["2026-3-2", "甲厂", "一", "已作废"], (*HEAD, "状态"), "作废原因"),
    (["2026-3-2", "甲厂", "一", "已销号"], (*HEAD, "状态"), "整改完成日期"),
    (["2026-3-2", "甲厂", "一", "直接督促整改"], (*HEAD, "挂牌决定"), "不挂牌理由"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "head", "words"), BAD)
def test_a_fault_is_named_by_its_cell_and_nothing_is_stored(
    cast: Cast, row: list[str], head: tuple[str, ...], words: str
) -> None:
    good = ["2026-3-2", "乙厂", "二"]
    outcome = load(cast, [row, good], head)
    assert not outcome.ok and any(words in text for text in faults(outcome)), faults(outcome)
    assert outcome.error_workbook and not Hazard.objects.exists()
    assert not Counter.objects.filter(key__startswith="hazard:").exists()
    assert load(cast, [row, good], head, only_good=True).saved == {"新增": 1}


def test_nobody_imports_for_a_unit_beside_or_above(cast: Cast) -> None:
    head = (*HEAD, "承办单位")
    assert "承办单位" in faults(load(cast, [["2026-3-2", "甲厂", "一", "西坪街道"]], head))[0]
    assert load(cast, [["2026-3-2", "甲厂", "一", "西坪街道"]], head, name="bureau_clerk").ok
    assert "请填写承办单位" in faults(load(cast, [["2026-3-2", "甲厂", "二"]], name="enterprise_user"))[0]


def test_two_enterprises_of_one_name_need_the_area(cast: Cast) -> None:
    enterprise_make(name=cast.enterprise.name, area=cast.street_b, created_by=cast.bureau_clerk)
    head = (*HEAD, "属地")
    assert "同名" in faults(load(cast, [["2026-3-2", cast.enterprise.name, "一", ""]], head, name="bureau_clerk"))[0]
    assert load(cast, [["2026-3-2", cast.enterprise.name, "一", "东门街道"]], head, name="bureau_clerk").ok
    assert only().enterprise == cast.enterprise


def filled(cast: Cast) -> None:
    """Hazards of every state, with every field in use somewhere."""
    cast.enterprise.industry = industry_make("危险化学品")
    cast.enterprise.save()
    campaigns = [campaign_make(cast, "百日、清零行动"), campaign_make(cast, "集中整治")]
    for status in Status.values:
        hazard_in(cast, status).campaigns.set(campaigns)
    hazard_in(cast, Status.REVIEW, grade=Grade.MAJOR, area=cast.community_a, place="二号仓库", internal_note="注意隐私")
    closed = hazard_in(cast, Status.CLOSED)
    Hazard.objects.filter(pk=closed.pk).update(
        cost=Decimal("12345.60"), reviewer_name="吴安全员", original_number="AJ-15", rejections=2, extensions=1,
        order_number="（南岭）应急责改〔2026〕001号", listed=True, listing_decision="direct", listing_reason="期限内可完成",
        duty="厂长", steps="更换\n加固", funds="3万元", time_limit="4月底", contingency="已备案", legal_basis="=公式开头",
    )  # fmt: skip
    count_make(cast, 12)
    hazard_open(
        actor=cast.bureau_clerk,
        handler=cast.bureau,
        area=None,
        place="河堤",
        found_on=TODAY,
        description="护栏缺失",
        on=TODAY,
    )


def rows_of(queryset: Any) -> list[tuple[Any, ...]]:
    return sorted(HAZARDS.records(queryset), key=lambda row: row[0])


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    filled(cast)
    before = rows_of(Hazard.objects.all())
    used = {
        key
        for row in before
        for key, value in zip([one.key for one in COLUMNS], row, strict=True)
        if value not in (None, "", 0, False, [])
    }
    assert used == {one.key for one in COLUMNS} - {"closed_without_review"}
    file = b"".join(excel.export_rows(HAZARDS, HAZARDS.records(Hazard.objects.order_by("pk")), fmt=fmt))
    Hazard.campaigns.through.objects.all().delete()
    Hazard.objects.all().delete()
    context = ImportContext(actor=cast.person("bureau_clerk"), on=TODAY)
    outcome = excel.run_import(HAZARDS, file, context, duplicates="include")
    assert outcome.ok, faults(outcome)
    assert rows_of(Hazard.objects.all()) == before


def test_the_firm_gets_no_internal_notes(cast: Cast) -> None:
    filled(cast)
    place = [one.key for one in COLUMNS].index("internal_note")
    user = cast.person("enterprise_user")
    visible = Hazard.objects.visible_to(user)
    assert {row[place] for row in HAZARDS.records(visible, user=user)} == {None}
    assert "注意隐私" in {row[place] for row in HAZARDS.records(visible, user=cast.person("officer_a"))}


def test_an_import_costs_no_query_per_row(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rows = [["2026-3-2", cast.enterprise.name, f"隐患{number}"] for number in range(300)]
    with django_assert_max_num_queries(40):
        assert load(cast, rows).ok
