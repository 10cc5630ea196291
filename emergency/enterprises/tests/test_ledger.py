"""The Excel table: tolerant words, every fault by its cell, nobody else's place, and the way back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.ledger import COLUMNS, ENTERPRISES
from emergency.enterprises.models import (
    Enterprise,
    EnterpriseMembership,
    Industry,
    RiskLevel,
    Scale,
    StandardGrade,
    State,
    SubjectKind,
)
from emergency.enterprises.tests.factories import credit_code_make
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 9)
HEAD = ("企业名称", "信用代码", "所属街道", "所属行业")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def load(cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, who: str = "officer_a", **options: Any) -> Outcome:
    return excel.run_import(
        ENTERPRISES, workbook([head, *rows]), ImportContext(actor=cast.person(who), on=TODAY), **options
    )


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def test_a_workbook_in_the_words_of_a_street(cast: Cast) -> None:
    code = credit_code_make(1)
    head = (
        *HEAD,
        "对象类别",
        "主管部门",
        "企业规模",
        "是否重点",
        "风险等级",
        "标准化等级",
        "状态",
        "状态变更日期",
        "法人",
        "手机",
    )
    row = ["新光化工厂", code.lower(), "桥头社区", "危化", "公司", "区工信局", "规模以上", "√", "红色", "三级达标", "停业",
           "2026.2.1", "李四", "13812345678"]  # fmt: skip
    outcome = load(cast, [row], head)
    assert faults(outcome) == []
    assert outcome.saved == {"新增": 1}
    one = Enterprise.objects.get(credit_code=code)
    assert (one.area, one.street, one.district) == (cast.community_a, cast.street_a, cast.district)
    assert (one.industry, one.department) == (Industry.objects.get(name="危险化学品"), cast.department)
    assert (one.kind, one.scale, one.key_supervised) == (SubjectKind.ENTERPRISE, Scale.ABOVE, True)
    assert (one.risk_level, one.standard_grade, one.state) == (RiskLevel.RED, StandardGrade.THIRD, State.SUSPENDED)
    assert (one.registered_on, one.created_by, one.ended_on) == (TODAY, cast.officer_a, None)
    assert [event.label for event in events_of(one)] == ["导入"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"信用代码": "91420202MA49000028"}, "B2（统一社会信用代码）：统一社会信用代码校验位不符"),
        ({"信用代码": ""}, "B2（统一社会信用代码）：请填写统一社会信用代码"),
        ({"所属街道": "西坪街道"}, "C2（属地）：没有“西坪街道”这个单位，或不在您的管辖范围内"),
        ({"所属街道": ""}, "C2（属地）：必填"),
        ({"所属行业": "卖瓜"}, "D2（行业）：没有“卖瓜”这个行业"),
        ({"所属行业": ""}, "D2（行业）：请填写行业"),
        ({"状态": "关闭"}, "（状态变更日期）：请填写状态变更日期"),
        ({"联系电话": "打电话"}, "F2（联系电话）：电话号码只能是数字"),
        ({"联系电话": "138****5678"}, "F2（联系电话）"),
        ({"建档日期": "2026-03-10"}, "G2（建档日期）：日期不能晚于今天"),
        ({"企业名称": "长" * 121}, "A2（单位名称）：最多120个字"),
        ({"经度": "115.2"}, "H2（经度）：经度和纬度须同时填写"),
    ],
)
def test_every_fault_is_named_by_its_cell(cast: Cast, change: dict[str, str], words: str) -> None:
    head = (*HEAD, "状态", "联系电话", "建档日期", "经度")
    right = dict(zip(HEAD, ("新光厂", credit_code_make(1), "东门街道", "工贸"), strict=True))
    row = {**dict.fromkeys(head, ""), **right, **change}
    before = Enterprise.objects.count()
    outcome = load(cast, [[row[name] for name in head]], head)
    told = "\n".join(faults(outcome))
    assert words in told, told
    assert len(outcome.faults) == 1
    assert Enterprise.objects.count() == before


def test_a_known_code_is_a_fault_by_cell_and_its_name_is_told_to_who_may_see_it(cast: Cast) -> None:
    here, there = credit_code_make(1), credit_code_make(2)
    load(cast, [["本街厂", here, "东门街道", "工贸"]])
    load(cast, [["外街厂", there, "西坪街道", "工贸"]], who="officer_b")
    outcome = load(cast, [["甲", here, "东门街道", "工贸"], ["乙", there, "东门街道", "工贸"]])
    assert faults(outcome) == [
        "B2（统一社会信用代码）：该统一社会信用代码已登记为“本街厂”，请在原档案上修改",
        "B3（统一社会信用代码）：该统一社会信用代码已登记，请在原档案上修改",
    ]


def test_one_code_twice_in_a_file_is_a_fault(cast: Cast) -> None:
    code = credit_code_make(1)
    outcome = load(cast, [["甲", code, "东门街道", "工贸"], ["乙", code.lower(), "东门街道", "工贸"]])
    assert faults(outcome) == ["B3（统一社会信用代码）：与 B2 重复，请改正或删去一行"]


def test_the_same_name_under_another_spelling_is_asked_about(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(name="东门机械厂（东门店）")
    rows = [["东门机械厂 (东门店)", credit_code_make(1), "东门街道", "工贸"]]
    outcome = load(cast, rows)
    assert [question.kind for question in outcome.questions] == ["duplicates"]
    assert load(cast, rows, duplicates="include").saved == {"新增": 1}


@pytest.mark.parametrize("who", ["leader", "enterprise_user", "system_admin", "department_clerk"])
def test_who_has_no_post_over_the_place_brings_nothing_in(cast: Cast, who: str) -> None:
    before = Enterprise.objects.count()
    outcome = load(cast, [["新光厂", credit_code_make(1), "东门街道", "工贸"]], who=who)
    assert not outcome.ok
    assert outcome.faults[0].cell == "C2"
    assert Enterprise.objects.count() == before


def content() -> list[dict[str, Any]]:
    """All that a table carries of the register, the same whatever the keys of the rows are."""
    left_out = ("id", "import_id", "created_at", "created_by_id")
    return [{k: v for k, v in row.items() if k not in left_out} for row in Enterprise.objects.order_by("name").values()]


def there_and_back(cast: Cast, fmt: str) -> None:
    before = content()
    rows = ENTERPRISES.records(Enterprise.objects.order_by("pk"), user=cast.bureau_clerk)
    file = b"".join(excel.export_rows(ENTERPRISES, rows, fmt=fmt, unmask=True))
    EnterpriseMembership.objects.all().delete()
    Enterprise.objects.all().delete()
    context = ImportContext(actor=cast.person("bureau_clerk"), on=TODAY)
    outcome = excel.run_import(ENTERPRISES, file, context, duplicates="include")
    assert faults(outcome) == []
    assert content() == before


NAMES = st.text("东西南北光明机械化工厂店（）-A1", min_size=1, max_size=12)
#: Without list marks such as 1） or -, which reading takes off the beginning of each line of a cell.
FORMER_NAMES = st.text("东西南北光明机械化工厂店A", min_size=1, max_size=12)
DAYS = st.none() | st.dates(dt.date(2015, 1, 1), TODAY)


@st.composite
def subjects(draw: Any) -> dict[str, Any]:
    """An entry as the register may hold it, with any optional column filled or blank."""
    number = draw(st.integers(1, 9_999_999))
    coded, quick = draw(st.booleans()), draw(st.booleans())
    state = draw(st.sampled_from(State.values))
    ended = state in State.ended()
    day = draw(st.dates(dt.date(2020, 1, 2), TODAY)) if ended else draw(DAYS)
    placed = draw(st.booleans())
    return {
        "name": f"{draw(NAMES)}{number}",
        "former_names": draw(st.lists(FORMER_NAMES, max_size=2, unique=True)),
        "kind": draw(st.sampled_from(SubjectKind.values)),
        "credit_code": credit_code_make(number) if coded else "",
        "no_code_reason": "" if coded or quick else "未办照",
        "quick": quick and not coded,
        "scale": draw(st.sampled_from(["", *Scale.values])),
        "staff_count": draw(st.none() | st.integers(0, 5000)),
        "address": draw(st.sampled_from(["", "东门路1号", "1-2号，北侧"])),
        "longitude": Decimal("115.123456") if placed else None,
        "latitude": Decimal("25.1") if placed else None,
        "legal_person": draw(st.sampled_from(["", "李四"])),
        "phone": draw(st.sampled_from(["", "13812345678", "0797-4431234"])),
        "key_supervised": draw(st.booleans()),
        "risk_level": draw(st.sampled_from(["", *RiskLevel.values])),
        "standard_grade": draw(st.sampled_from(["", *StandardGrade.values])),
        "standard_graded_on": draw(DAYS),
        "insured_until": draw(DAYS),
        "state": state,
        "state_changed_on": day,
        "ended_on": day if ended else None,
        "registered_on": draw(st.dates(dt.date(2015, 1, 1), dt.date(2020, 1, 1))),
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(subjects(), min_size=1, max_size=6, unique_by=lambda row: row["credit_code"] or row["name"]),
    fmt=st.sampled_from(["xlsx", "csv"]),
)
def test_what_goes_out_comes_back_equal(cast: Cast, rows: list[dict[str, Any]], fmt: str) -> None:
    EnterpriseMembership.objects.all().delete()
    Enterprise.objects.all().delete()
    industry = Industry.objects.get(name="工贸")
    for place, row in enumerate(rows):
        area = cast.community_a if place % 2 else cast.street_b
        Enterprise.objects.create(
            area=area, street=area.street, district=cast.district, department=cast.department, industry=industry,
            created_by=cast.bureau_clerk, created_at=clock.now(), **row,
        )  # fmt: skip
    there_and_back(cast, fmt)


def test_the_table_carries_every_field_that_is_not_the_portals_own() -> None:
    own = {
        "id", "street", "district", "ended_on", "void", "void_reason", "import_id", "created_by", "created_at",
        "search_text", "name_key",
    }  # fmt: skip
    assert {column.key for column in COLUMNS} == {field.name for field in Enterprise._meta.concrete_fields} - own


def test_an_export_masks_the_telephone(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(phone="13812345678")
    rows = ENTERPRISES.records(Enterprise.objects.all())
    text = b"".join(excel.export_rows(ENTERPRISES, rows, fmt="csv")).decode()
    assert "138****5678" in text
    assert "13812345678" not in text


def test_ten_thousand_rows_come_in_within_ten_seconds(cast: Cast) -> None:
    rows = [[f"企业{n}", credit_code_make(n), "桥头社区" if n % 2 else "东门街道", "化工"] for n in range(10_000)]
    file = workbook([HEAD, *rows])
    context = ImportContext(actor=cast.person("officer_a"), on=TODAY)
    start = time.process_time()  # what the work itself costs, whatever else the machine does
    outcome = excel.run_import(ENTERPRISES, file, context)
    assert outcome.saved == {"新增": 10_000}
    assert time.process_time() - start < 10
