"""Risk points in Excel: an office's own list comes in, every fault is named by its cell, and what goes out comes back equal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.models import RiskLevel
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.organizations.services import system_user
from emergency.organizations.tests.factories import Cast
from hazards.ledger import RISKS
from hazards.ledger.risk_columns import COLUMNS, PATROL_WORDS
from hazards.models import Assessment, Patrol, RiskCategory, RiskMeasure, RiskPoint, RiskStatus
from hazards.tests.risk_factories import IDENTIFIED_ON, TODAY, risk_in, risk_make

pytestmark = pytest.mark.django_db

HEAD = ("名称", "属地", "类别", "风险等级", "是否管控", "辨识日期")
GOOD = ["二号储罐", "东门街道", "设备设施", "重大", "是", "2026.3.2"]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def load(cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "officer_a", **options: Any) -> Outcome:
    context = ImportContext(actor=cast.person(name), organisation=options.pop("organisation", None), on=TODAY)
    return excel.run_import(RISKS, workbook([head, *rows]), context, **options)


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def only() -> RiskPoint:
    return RiskPoint.objects.get()


def test_the_least_row_is_enough(cast: Cast) -> None:
    outcome = load(cast, [GOOD])
    assert outcome.ok and outcome.saved == {"新增": 1}, faults(outcome)
    one = only()
    assert (one.level, one.assessment, one.category, one.status) == (
        RiskLevel.RED, Assessment.DIRECT, RiskCategory.EQUIPMENT, RiskStatus.CONTROLLED,
    )  # fmt: skip
    assert (one.identified_on, one.controlled_on, one.handler) == (IDENTIFIED_ON, IDENTIFIED_ON, cast.street_a)
    assert (one.number, one.key, one.measure_count) == ("369901-FX-00001", False, 0)
    assert list(events_of(one).values_list("action", flat=True)) == ["import"]


@pytest.mark.parametrize(
    ("unit", "place", "handler"),
    [("district", "东门街道", "street_a"), ("district", "南岭区", "bureau"), ("street_a", "东门街道", "street_a")],
)
def test_an_office_keeps_what_the_file_gives_to_nobody(cast: Cast, unit: str, place: str, handler: str) -> None:
    """The operator's import for a whole district names no office: each place is kept by its own."""
    context = ImportContext(actor=system_user(), organisation=getattr(cast, unit), on=TODAY)
    outcome = excel.run_import(RISKS, workbook([HEAD, [GOOD[0], place, *GOOD[2:]]]), context)
    assert outcome.ok, faults(outcome)
    assert only().handler == getattr(cast, handler)


def test_the_bureaus_clerk_keeps_what_the_bureau_imports(cast: Cast) -> None:
    assert load(cast, [GOOD], name="bureau_clerk").ok
    assert (only().handler, only().area) == (cast.bureau, cast.street_a)


def test_measures_stand_one_a_line(cast: Cast) -> None:
    cells = "1.每班检查、记录液位｜钱厂长｜每班一次\n2、护栏1.5米\n设置围堰|李工"
    assert load(cast, [[*GOOD, cells]], (*HEAD, "管控措施")).ok
    assert list(RiskMeasure.objects.values_list("order", "text", "owner", "frequency")) == [
        (1, "每班检查、记录液位", "钱厂长", "每班一次"),
        (2, "护栏1.5米", "", ""),
        (3, "设置围堰", "李工", ""),
    ]
    assert only().measure_count == 3


def test_names_find_their_records(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("危险化学品")
    cast.enterprise.save()
    rows = [[*GOOD, cast.enterprise.name], ["山塘", *GOOD[1:], "石坑水库"]]
    assert load(cast, rows, (*HEAD, "监管对象")).ok
    tank, pond = RiskPoint.objects.order_by("number")
    assert (tank.enterprise, tank.industry.name, tank.department) == (cast.enterprise, "危险化学品", cast.department)
    assert (pond.enterprise, pond.place, pond.industry) == (None, "石坑水库", None)


def test_the_words_of_the_offices_are_understood(cast: Cast) -> None:
    head = (*HEAD, "是否重点", "管控层级", "巡查频次", "可能性", "后果严重性")
    rows = [
        ["一", "东门街道", "设备设施类", "红色", "√", "2026-3-2", "是", "镇级", "1次/周", "5", "4"],
        ["二", "东门街道", "地质灾害点", "蓝", "否", "2026-3-2", "", "企业", "每天一次", "", ""],
    ]
    outcome = load(cast, rows, head)
    assert outcome.ok, faults(outcome)
    first, second = RiskPoint.objects.order_by("number")
    assert (first.assessment, first.score, first.key, first.control_level, first.patrol) == (
        Assessment.LS, 20, True, "street", Patrol.WEEKLY,
    )  # fmt: skip
    assert first.next_patrol_on == TODAY + dt.timedelta(days=7), "patrols before the ledger are unknown"
    assert (second.category, second.category_name, second.patrol) == (RiskCategory.OTHER, "地质灾害点", Patrol.DAILY)
    assert (second.status, second.controlled_on, second.next_patrol_on) == (RiskStatus.IDENTIFIED, None, None)


def test_a_word_for_a_frequency_means_one() -> None:
    assert PATROL_WORDS["每周一次"] == Patrol.WEEKLY and PATROL_WORDS["1次/季"] == Patrol.QUARTERLY
    assert PATROL_WORDS["半年"] == Patrol.HALF_YEARLY and PATROL_WORDS["每个月"] == Patrol.MONTHLY


BAD = [
    ({"属地": "火星街道"}, "B2（属地）：没有“火星街道”这个单位"),
    ({"属地": "西坪街道"}, "B2（属地）"),
    ({"风险等级": "特大"}, "D2（风险等级）"),
    ({"是否管控": ""}, "E2（是否管控）：必填"),
    ({"辨识日期": "2026-4-1"}, "F2（辨识日期）：日期在将来"),
    ({"行业": "航天"}, "G2（行业）：没有这个行业"),
    ({"管控日期": "2026-3-1"}, "G2（管控日期）：管控日期早于辨识日期"),
    ({"是否管控": "否", "管控日期": "2026-3-3"}, "E2（是否管控）：有管控日期"),
    ({"状态": "已消除"}, "消除日期"),
    ({"消除日期": "2026-3-3"}, "消除原因"),
    ({"状态": "管控中", "消除日期": "2026-3-3"}, "H2（消除日期）：未消除"),
    ({"状态": "待管控"}, "G2（状态）：状态为待管控"),
    ({"是否管控": "否", "状态": "管控中"}, "G2（状态）：状态为管控中"),
    ({"状态": "已作废"}, "作废原因"),
    ({"可能性": "6", "暴露频繁程度": "6", "后果严重性": "7"}, "D2（风险等级）：按所填取值风险值为252，应为较大风险"),
    ({"评估方法": "LS", "可能性": "6", "后果严重性": "5"}, "H2（可能性）：可能性（L）请填"),
    ({"管控措施": "长" * 301}, "G2（管控措施）"),
    ({"责任人": "长" * 61}, "G2（责任人）：最多60个字"),
    ({"监管单位": "西坪街道"}, "G2（监管单位）"),
    ({"类别": "怪类", "分类名称": "怪"}, "C2（类别）：可填"),
]


@pytest.mark.parametrize(("changes", "words"), BAD, ids=str)
def test_a_fault_is_named_by_its_cell_and_nothing_is_stored(cast: Cast, changes: dict[str, str], words: str) -> None:
    cells = dict(zip(HEAD, GOOD, strict=True)) | changes
    good = {**dict.fromkeys(cells, ""), **dict(zip(HEAD, ["别处", *GOOD[1:]], strict=True))}
    outcome = load(cast, [list(cells.values()), list(good.values())], tuple(cells))
    assert not outcome.ok and any(words in text for text in faults(outcome)), faults(outcome)
    assert not RiskPoint.objects.exists()


def test_who_keeps_what(cast: Cast) -> None:
    head = (*HEAD, "监管单位")
    beside = load(cast, [[*GOOD, "西坪街道"]], head, name="bureau_clerk")
    assert "G2（监管单位）：东门街道不在西坪街道的管辖范围内" in faults(beside)[0]
    assert load(cast, [[*GOOD, "东门街道"]], head, name="bureau_clerk").ok
    above = load(cast, [[*GOOD, "东门街道"]], head, name="leader")
    assert "不能替这个单位导入" in faults(above)[0]


def test_numbers_kept_taken_and_foreign(cast: Cast) -> None:
    head = ("风险点编号", *HEAD)
    rows = [["369901-FX-00007", "一", *GOOD[1:]], ["FX-3", "二", *GOOD[1:]]]
    assert load(cast, rows, head).ok
    found = RiskPoint.objects.order_by("name").values_list("name", "number", "original_number")
    assert set(found) == {("一", "369901-FX-00007", ""), ("二", "369901-FX-00008", "FX-3")}
    again = load(cast, [["369901-FX-00007", "三", *GOOD[1:]]], head)
    assert "A2（风险点编号）：这个编号已在台账中" in faults(again)[0]


def test_two_enterprises_of_one_name_need_the_area(cast: Cast) -> None:
    enterprise_make(name=cast.enterprise.name, area=cast.street_b, created_by=cast.bureau_clerk)
    assert load(cast, [[*GOOD, cast.enterprise.name]], (*HEAD, "监管对象"), name="bureau_clerk").ok
    assert only().enterprise == cast.enterprise


def filled(cast: Cast) -> None:
    """Risk points of every state, with every field in use somewhere."""
    cast.enterprise.industry = industry_make("危险化学品")
    cast.enterprise.save()
    for status in RiskStatus.values:
        risk_in(cast, status)
    risk_make(
        cast, name="三号釜", area=cast.community_a, place="二车间", category="process", category_name="聚合", key=True,
        features="高温高压", consequences="爆炸、火灾", assessment="lec", likelihood=3, exposure=6, severity=40, level="",
        judgement="", control_level="firm", responsible_unit="生产部", responsible_phone="13907970001",
        longitude="115.012345", latitude="25.812345", assessed_on=TODAY,
    )  # fmt: skip
    under = risk_in(cast, RiskStatus.CONTROLLED, measures=())
    RiskPoint.objects.filter(pk=under.pk).update(last_patrol_on=TODAY, original_number="FX-3")


def rows_of(queryset: Any) -> list[tuple[Any, ...]]:
    return sorted(RISKS.records(queryset), key=lambda row: row[[one.key for one in COLUMNS].index("number")])


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    filled(cast)
    before = rows_of(RiskPoint.objects.all())
    keys = [one.key for one in COLUMNS]
    used = {key for row in before for key, value in zip(keys, row, strict=True) if value not in (None, "", False, [])}
    assert used == set(keys)
    file = b"".join(excel.export_rows(RISKS, RISKS.records(RiskPoint.objects.order_by("pk")), fmt=fmt, unmask=True))
    RiskPoint.objects.all().delete()
    context = ImportContext(actor=cast.person("bureau_clerk"), on=TODAY)
    outcome = excel.run_import(RISKS, file, context, duplicates="include")
    assert outcome.ok, faults(outcome)
    assert rows_of(RiskPoint.objects.all()) == before
