"""The Excel table: categories by name, defaults, every fault by its cell, doubts, numbers, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from emergency.activities.ledger import ACTIVITIES
from emergency.activities.ledger.columns import COLUMNS
from emergency.activities.models import Activity, Category, Status
from emergency.activities.services import activity_act
from emergency.activities.tests.factories import DAY, activity_make
from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.numbering import Counter
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme

pytestmark = pytest.mark.django_db
TODAY = dt.date(2021, 12, 1)
HEAD = ("日期", "单位", "大类", "小类", "标题")
GOOD = ("2021.3.5", "东门街道", "培训", "安全员培训", "第一期安全员培训班")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def load(cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "officer_a", **options: Any) -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(ACTIVITIES, workbook([head, *rows]), context, **options)


def faults(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def campaign_make(cast: Cast, name: str) -> Programme:
    return Programme.objects.create(
        name=name, owner=cast.bureau, start=dt.date(2021, 1, 1), created_by=cast.bureau_clerk, created_at=clock.now()
    )


def test_a_plain_row_takes_its_defaults(cast: Cast) -> None:
    outcome = load(cast, [GOOD])
    assert outcome.ok and outcome.saved == {"新增": 1}, faults(outcome)
    one = Activity.objects.get()
    assert (one.number, one.status, one.started_on, one.title) == ("369901-GZ2021-0001", Status.FILED, DAY, GOOD[4])
    assert (one.group_slug, one.category_slug, one.times) == ("training", "training_safety_officer", 1)
    assert (one.handler, one.area, one.street) == (cast.street_a, cast.street_a, cast.street_a)
    assert list(events_of(one).values_list("action", "actor_name")) == [("import", "周安全员")]


def test_numbers_as_offices_write_them(cast: Cast) -> None:
    head = (*HEAD, "数量", "计量单位", "保费（万元）")
    rows = [
        ("2021-6-1", "南岭区应急管理局", "宣传", "张贴海报", "张贴举报电话海报", "约20", "张", ""),
        ("2021-6-1", "区应急局", "保险", "农村住房保险", "农房保险", "", "", "31"),
        ("2021-6-1", "区应急局", "制度文件", "", "安全生产约谈办法", "", "", ""),
    ]
    outcome = load(cast, rows, head, "bureau_clerk")
    assert outcome.ok, faults(outcome)
    poster, housing, paper = Activity.objects.order_by("pk")
    assert (poster.quantity, poster.quantity_unit, poster.approximate, poster.times) == (20, "张", ["quantity"], None)
    assert (housing.money, paper.category_slug, paper.times) == (Decimal(310_000), "", 1)
    assert poster.area == cast.district


BAD = [
    ({"日期": "2021-13-5"}, "A2（日期）"),
    ({"日期": "2021-12-5"}, "A2（日期）：日期不能晚于今天"),
    ({"单位": "西坪街道"}, "B2（单位）"),
    ({"大类": "娱乐"}, "C2（大类）"),
    ({"小类": "驾驶培训"}, "D2（小类）：“培训”没有“驾驶培训”这个小类，可填：安全员培训、企业负责人培训、干部培训"),
    ({"大类": "法制"}, "D2（小类）：“法制”没有“安全员培训”这个小类，请留空"),
    ({"标题": ""}, "E2（标题）：必填"),
    ({"标题": "长" * 161}, "E2（标题）：最多160个字"),
    ({"结束日期": "2021-3-4"}, "F2（结束日期）：结束日期不能早于开始日期"),
    ({"金额(元)": "500"}, "F2（金额(元)）：“培训 · 安全员培训”不登记金额"),
    ({"已整改": "3"}, "F2（已整改）：“培训 · 安全员培训”不登记已整改"),
    ({"次数": "0"}, "F2（次数）"),
    ({"监管对象": "无名厂"}, "F2（监管对象）：监管对象台账中没有“无名厂”"),
    ({"统一社会信用代码": "91360704MA35"}, "F2（统一社会信用代码）"),
    ({"行业": "航天"}, "F2（行业）：没有“航天”"),
    ({"专项行动": "百日行动"}, "F2（专项行动）：没有“百日行动”"),
    ({"级别": "宇宙级"}, "F2（级别）"),
    ({"属地": "西坪街道"}, "F2（属地）"),
    ({"状态": "已作废"}, "已作废的须填写作废原因"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "words"), BAD, ids=lambda part: "".join(part)[:20])
def test_a_fault_is_named_by_its_cell_and_nothing_is_stored(cast: Cast, cells: dict[str, str], words: str) -> None:
    head = (*HEAD, *(name for name in cells if name not in HEAD))
    row = [cells.get(name, value) for name, value in zip(head, (*GOOD, ""), strict=False)]
    outcome = load(cast, [row, [*GOOD[:4], "另一期"]], head)
    assert not outcome.ok and any(words in text for text in faults(outcome)), faults(outcome)
    assert outcome.error_workbook and not Activity.objects.exists()
    assert not Counter.objects.filter(key__startswith="activity:").exists()


def test_three_faults_are_named_at_once(cast: Cast) -> None:
    head = (*HEAD, "发现问题", "已整改", "数量")
    rows = [("2021-7-1", "东门街道", "督查", "防汛督查", "汛前督查", "20", "21", ""),
            ("2021-7-1", "东门街道", "宣传", "张贴海报", "海报", "", "", "")]  # fmt: skip
    outcome = load(cast, [*rows, ("2021-7-1", "火星街道", "宣传", "", "海报", "", "", "")], head)
    assert [text.split("：")[0] for text in faults(outcome)] == ["G2（已整改）", "H3（数量）", "B4（单位）"]


def test_a_closed_category_takes_only_what_was_done_before(cast: Cast) -> None:
    Category.objects.filter(slug="training").update(closed_on=DAY)
    assert "自2021-03-05起不再在这里登记" in faults(load(cast, [GOOD]))[0]
    assert load(cast, [("2021-3-4", *GOOD[1:])]).ok


def test_numbers_of_our_form_are_kept_others_become_the_original(cast: Cast) -> None:
    head = ("编号", *HEAD)
    rows = [(number, *GOOD[:4], f"第{index}期") for index, number in
            enumerate(("369901-GZ2021-0007", "AW-3", "369901-GZ2020-0001", ""), start=1)]  # fmt: skip
    assert load(cast, rows, head).ok
    assert list(Activity.objects.order_by("title").values_list("title", "number", "original_number")) == [
        ("第1期", "369901-GZ2021-0007", ""),
        ("第2期", "369901-GZ2021-0008", "AW-3"),
        ("第3期", "369901-GZ2021-0009", "369901-GZ2020-0001"),
        ("第4期", "369901-GZ2021-0010", ""),
    ]
    again = load(cast, [("AW-3", *GOOD[:4], "甲"), ("369901-GZ2021-0008", *GOOD[:4], "乙")], head)
    assert [text.split("：")[0] for text in faults(again)] == ["A2（编号）", "A3（编号）"]


def test_suspected_duplicates_are_asked_about(cast: Cast) -> None:
    assert load(cast, [GOOD]).ok
    asked = load(cast, [GOOD])
    assert not asked.ok and [one.kind for one in asked.questions] == ["duplicates"]
    assert load(cast, [GOOD], duplicates="skip").saved == {}
    assert load(cast, [GOOD], duplicates="include").ok and Activity.objects.count() == 2


def test_one_of_two_enterprises_of_one_name(cast: Cast) -> None:
    enterprise_make(name=cast.enterprise.name, area=cast.street_b, created_by=cast.bureau_clerk)
    head = (*HEAD, "监管对象", "属地")
    row = ("2021-3-5", "区应急局", "技术改造", "", "改造", cast.enterprise.name)
    assert "有2家" in faults(load(cast, [(*row, "")], head, "bureau_clerk"))[0]
    assert load(cast, [(*row, "东门街道", "1")], (*head, "数量"), "bureau_clerk").ok
    assert Activity.objects.get().enterprise == cast.enterprise


def filled(cast: Cast) -> None:
    """Activities of many sorts, with every field in use somewhere."""
    cast.enterprise.industry = industry_make("危险化学品")
    cast.enterprise.credit_code = "91360704MA35XYQH4T"
    cast.enterprise.save()
    clerk, campaigns = (
        cast.person("bureau_clerk"),
        [campaign_make(cast, "百日、清零行动"), campaign_make(cast, "集中整治")],
    )
    make = {"actor": clerk, "handler": cast.bureau}
    activity_make(
        **make, slug="supervision_rounds", title="=第一轮督查", ended_on=dt.date(2021, 3, 9), leader="李区长", leader_post="副区长",
        people=120, quantity=12, problems=9, rectified=7, approximate=["people"], campaigns=campaigns, content="一\n二",
        related_task="工作要点第3条",
    )  # fmt: skip
    activity_make(
        **make, slug="upgrade", title="改造", quantity=1, money=Decimal("12345.60"), enterprise=cast.enterprise
    )
    activity_make(**make, slug="publicity_media", title="报道", medium="赣南日报", level="city")
    activity_make(**make, slug="award", title="先进集体", granted_by="市应急管理局", rank=1, naming="named")
    activity_make(**make, slug="document", title="办法", document_number="南应急〔2021〕3号", document_state="in_force")
    activity_make(
        **make, slug="investment_equipment", title="装备", money=100, quantity=Decimal("2.5"), quantity_unit="吨"
    )
    activity_make(actor=cast.person("officer_a"), handler=cast.street_a, area=cast.community_a, draft=True)
    gone = activity_make(actor=cast.person("officer_a"), handler=cast.street_a, title="重复的")
    activity_act(
        queryset=Activity.objects.all(), pk=gone.pk, action="void", actor=cast.person("leader"), data={"reason": "重复"}
    )
    Activity.objects.filter(pk=gone.pk).update(original_number="AW-3")


def rows_of() -> list[tuple[Any, ...]]:
    return sorted(ACTIVITIES.records(Activity.objects.all()), key=lambda row: row[0])


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    filled(cast)
    before = rows_of()
    keys = [one.key for one in COLUMNS]
    used = {key for row in before for key, value in zip(keys, row, strict=True) if value not in (None, "", [])}
    assert used == set(keys)
    file = b"".join(excel.export_rows(ACTIVITIES, ACTIVITIES.records(Activity.objects.order_by("pk")), fmt=fmt))
    Activity.campaigns.through.objects.all().delete()
    Activity.objects.all().delete()
    outcome = excel.run_import(ACTIVITIES, file, ImportContext(actor=cast.person("bureau_clerk"), on=TODAY))
    assert outcome.ok, faults(outcome)
    assert rows_of() == before


def test_the_template_reads_back(cast: Cast) -> None:
    columns = {one.header for one in COLUMNS}
    assert {"日期", "单位", "大类", "标题", "金额(元)"} <= columns
    assert {one.key for one in COLUMNS if one.required} == {"started_on", "handler", "group", "title"}
