"""The Excel table: defaults, grade and first count from the cells, later deaths, every fault by its cell, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.numbering import Counter
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.incidents.ledger import ACCIDENTS
from emergency.incidents.ledger.columns import COLUMNS
from emergency.incidents.models import Accident, AccidentDeath, Grade, Status
from emergency.incidents.services import accident_correct, death_record, death_void
from emergency.incidents.tests.factories import HAPPENED_ON, TODAY, accident_in, accident_make, moment
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

HEAD = ("发生时间", "属地", "事故分类", "生产经营性", "纳入统计", "死亡", "重伤")
ROW = ("2026-3-2 9:30", "东门街道", "工矿商贸", "是", "是", "1", "2")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


def load(
    cast: Cast, rows: list[Any], more: tuple[str, ...] = (), name: str = "bureau_clerk", **options: Any
) -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(ACCIDENTS, workbook([(*HEAD, *more), *rows]), context, **options)


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def row(**changes: str) -> list[str]:
    return [changes.get(name, value) for name, value in zip(HEAD, ROW, strict=True)]


def only() -> Accident:
    return Accident.objects.get()


def test_a_plain_row_of_the_fields_own_columns(cast: Cast) -> None:
    outcome = load(cast, [row()])
    assert outcome.ok and outcome.saved == {"新增": 1}, faults(outcome)
    one = only()
    assert (one.occurred_at, one.area, one.street) == (moment(HAPPENED_ON), cast.street_a, cast.street_a)
    assert (one.name, one.number) == ("东门街道“3·2”工矿商贸事故", "369901-SG20260302-01")
    assert (one.deaths, one.initial_deaths, one.serious_injured, one.missing) == (1, 1, 2, 0)
    assert (one.status, one.report_due_on, one.direct_loss) == (Status.VERIFIED, None, None)
    assert [(event.action, event.actor_name) for event in events_of(one)] == [("import", "陈科员")]


def test_the_grade_and_the_loss_are_reckoned(cast: Cast) -> None:
    assert load(cast, [[*row(), "1000"]], ("直接经济损失(万元)",)).ok
    assert (only().direct_loss, only().grade) == (Decimal(10_000_000), Grade.LARGER)


def test_the_unit_finds_its_enterprise(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    assert load(cast, [[*row(), "东门机械厂"], [*row(死亡="0"), "过路货车"]], ("事故单位",)).ok
    known, unknown = Accident.objects.order_by("-deaths")
    assert (known.enterprise, known.industry.name, known.department) == (cast.enterprise, "工贸", cast.department)
    assert (unknown.enterprise, unknown.unit_name, unknown.department) == (None, "过路货车", None)


def test_two_enterprises_of_one_name_are_told_apart_by_the_area(cast: Cast) -> None:
    enterprise_make(name="东门机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    assert load(cast, [[*row(), "东门机械厂"]], ("监管对象",)).ok
    assert only().enterprise == cast.enterprise
    enterprise_make(name="东门机械厂", area=cast.street_a, created_by=cast.bureau_clerk)
    assert "多个同名" in faults(load(cast, [[*row(死亡="0"), "东门机械厂"]], ("监管对象",)))[0]
    assert load(cast, [[*row(死亡="0"), "东门机械厂"]], ("事故单位",), duplicates="include").ok
    assert Accident.objects.get(deaths=0).enterprise is None


def test_the_number_of_now_holds_the_later_deaths_that_count(cast: Cast) -> None:
    lines = "2026-3-20 1人 原重伤 医院通报\n2026-4-1 1人 原重伤\n2026-4-2 2人"
    assert load(cast, [[*row(死亡="3", 重伤="2"), lines]], ("后续死亡",)).ok
    one = only()
    assert (one.deaths, one.initial_deaths, one.serious_injured, one.initial_serious) == (3, 1, 2, 4)
    assert one.grade == Grade.LARGER
    told = list(one.later_deaths.values_list("died_on", "people", "counted", "note"))
    assert told == [
        (dt.date(2026, 3, 20), 1, True, "医院通报"),
        (dt.date(2026, 4, 1), 1, True, ""),
        (dt.date(2026, 4, 2), 2, False, ""),
    ]


def test_a_town_brings_in_first_reports_only(cast: Cast) -> None:
    assert load(cast, [row()], name="officer_a").ok
    assert only().status == Status.FLASH
    told = faults(load(cast, [[*row(死亡="0"), "已核实"]], ("状态",), name="officer_a"))
    assert told and "只能导入快报" in told[0]
    assert "不在您的管辖范围" in faults(load(cast, [row(属地="西坪街道")], name="officer_a"))[0]
    assert "只能导入本区县" in faults(load(cast, [row(属地="桥头社区")], name="community_officer"))[0]


def test_a_number_of_our_form_is_kept_and_others_become_the_original(cast: Cast) -> None:
    rows = [[*row(死亡=str(place)), number] for place, number in enumerate(("369901-SG20260302-07", "AJ-15", ""))]
    assert load(cast, rows, ("事故编号",), duplicates="include").ok
    assert list(Accident.objects.order_by("deaths").values_list("number", "original_number")) == [
        ("369901-SG20260302-07", ""),
        ("369901-SG20260302-08", "AJ-15"),
        ("369901-SG20260302-09", ""),
    ]
    assert Counter.objects.get(key="accident:369901:20260302").value == 9
    again = load(cast, [[*row(死亡="5"), "AJ-15"], [*row(死亡="6"), "369901-SG20260302-07"]], ("事故编号",))
    assert [text.split("：")[0] for text in faults(again) if "已在台账" in text] == ["H2（事故编号）", "H3（事故编号）"]


def test_suspected_duplicates_are_asked_about(cast: Cast) -> None:
    assert load(cast, [row()]).ok
    asked = load(cast, [row(死亡="0")])
    assert not asked.ok and [one.kind for one in asked.questions] == ["duplicates"]
    assert only().number in faults(asked)[0]


BAD = [
    ({"发生时间": "2026-13-2"}, (), (), "A2（发生时间）"),
    ({"发生时间": "2026-4-21"}, (), (), "A2（发生时间）：日期在将来"),
    ({"属地": "火星街道"}, (), (), "B2（属地）：没有“火星街道”这个单位"),
    ({"事故分类": "航天"}, (), (), "C2（事故分类）"),
    ({"事故分类": ""}, (), (), "C2（事故分类）：必填"),
    ({"死亡": ""}, (), (), "F2（死亡）：必填"),
    ({"重伤": "-1"}, (), (), "G2（重伤）"),
    ({"生产经营性": "否"}, (), (), "E2（纳入统计）：非生产经营性事故不纳入统计"),
    ({"纳入统计": "否"}, (), (), "请填写原因"),
    ({}, ("行业",), ("航天",), "H2（行业）：没有这个行业"),
    ({}, ("监管对象",), ("无此单位",), "H2（监管对象）：监管对象台账中没有这个名称"),
    ({}, ("批复文号",), ("长" * 61,), "H2（批复文号）：最多60个字"),
    ({}, ("状态",), ("已结案",), "批复结案日期"),
    ({}, ("状态", "批复结案日期"), ("快报", "2026-4-1"), "H2（状态）：有批复结案日期"),
    ({}, ("状态",), ("已作废",), "作废原因"),
    ({}, ("批复结案日期",), ("2026-3-1",), "H2（批复结案日期）：批复结案日期早于"),
    ({}, ("调查报告提交日期",), ("2026-3-1",), "H2（调查报告提交日期）：调查报告提交日期早于"),
    ({}, ("事故单位报告时间",), ("2026-3-2 9:00",), "H2（事故单位报告时间）"),
    ({}, ("向上级报告时间",), ("2026-3-2 9:00",), "H2（向上级报告时间）"),
    ({}, ("后续死亡",), ("去世一人",), "H2（后续死亡）：请写成"),
    ({}, ("后续死亡",), ("2026-3-9 1人 原健康",), "“原健康”看不懂"),
    ({}, ("后续死亡",), ("2026-3-9 0人",), "人数至少为1"),
    ({}, ("后续死亡",), ("2026-3-1 1人",), "死亡日期须在事故发生之后"),
    ({}, ("后续死亡",), ("2026-3-9 2人",), "F2（死亡）：死亡人数少于后续死亡"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "more", "values", "words"), BAD)
def test_a_fault_is_named_by_its_cell_and_nothing_is_stored(
    cast: Cast, changes: dict[str, str], more: tuple[str, ...], values: tuple[str, ...], words: str
) -> None:
    good = [*row(发生时间="2026-3-3 8:00"), *("" for _ in more)]
    outcome = load(cast, [[*row(**changes), *values], good], more)
    assert not outcome.ok and any(words in text for text in faults(outcome)), faults(outcome)
    assert outcome.error_workbook and not Accident.objects.exists()
    assert load(cast, [[*row(**changes), *values], good], more, only_good=True).saved == {"新增": 1}


def test_a_district_without_a_code_is_a_fault_of_the_row(cast: Cast) -> None:
    cast.district.division_code = ""
    cast.district.save()
    assert "没有区划代码" in faults(load(cast, [row()]))[0]
    assert not Accident.objects.exists()


def filled(cast: Cast) -> None:
    """Accidents of every state, with every field in use somewhere."""
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    for status in Status.values:
        accident_in(cast, status)
    one = accident_in(
        cast, Status.CLOSED, area=cast.community_a, initial_missing=2, initial_minor=3, direct_loss=Decimal("2236500.55"),
        injury_type="lifting", place="二号车间", data_source="统计联网直报系统", reported_at=moment(HAPPENED_ON, 10),
        passed_on_at=moment(HAPPENED_ON, 11, 5), brief="=公式开头",
    )  # fmt: skip
    Accident.objects.filter(pk=one.pk).update(report_extended=True, original_number="AJ-15")
    one.refresh_from_db()
    for days, formerly in ((3, "serious"), (30, "missing"), (31, "serious")):
        died_on = HAPPENED_ON + dt.timedelta(days=days)
        death_record(accident=one, actor=cast.section_head, died_on=died_on, formerly=formerly, note="医院通报、核对")
    gone = death_record(accident=one, actor=cast.section_head, died_on=HAPPENED_ON, formerly="minor")
    death_void(death=gone, actor=cast.section_head, reason="误报")
    uncounted = {"counted": False, "production": False, "uncounted_reason": "居民自建房"}
    accident_make(cast, actor=cast.bureau_clerk, area=cast.district, enterprise=None, unit_name="张某", **uncounted)
    accident_correct(record=one, actor=cast.section_head, reason="核对", cause="吊具未检查\n无人监护")


def rows_of(queryset: Any) -> list[tuple[Any, ...]]:
    return sorted(ACCIDENTS.records(queryset), key=lambda row: row[0])


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    filled(cast)
    before = rows_of(Accident.objects.all())
    kept = list(Accident.objects.order_by("number").values_list("number", "initial_deaths", "initial_serious", "grade"))
    keys = [one.key for one in COLUMNS]
    used = {
        key for row in before for key, value in zip(keys, row, strict=True) if value not in (None, "", 0, False, [])
    }
    assert used == set(keys)
    file = b"".join(excel.export_rows(ACCIDENTS, ACCIDENTS.records(Accident.objects.order_by("pk")), fmt=fmt))
    AccidentDeath.objects.all().delete()
    Accident.objects.all().delete()
    context = ImportContext(actor=cast.person("bureau_clerk"), on=TODAY)
    outcome = excel.run_import(ACCIDENTS, file, context, duplicates="include")
    assert outcome.ok, faults(outcome)
    assert rows_of(Accident.objects.all()) == before
    again = Accident.objects.order_by("number")
    assert list(again.values_list("number", "initial_deaths", "initial_serious", "grade")) == kept


def test_an_import_costs_no_query_per_row(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rows = [row(发生时间=f"2026-3-2 {number // 60}:{number % 60:02}") for number in range(200)]
    with django_assert_max_num_queries(40):
        assert load(cast, rows).ok
