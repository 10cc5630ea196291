"""The Excel table of visits: what is read, refused and stored, and the way back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import pytest

from emergency.core import clock
from emergency.core.ledger import ImportContext, Outcome, export_rows, get, run_import, template
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from hazards.models import Hazard
from inspections.models import EntryMode, Finding, Visit, VisitKind
from inspections.tests.factories import bulk_make, visit_make

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 3, 5)
LEDGER = get("inspections")
HEAD = ("检查日期", "实施单位", "检查类型", "受检单位", "检查地点", "属地", "家次")
COUNTS = ("发现隐患", "其中重大", "已整改", "重大已整改", "文书(份)")


def bring(
    cast: Cast, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, actor: str = "bureau_clerk", **options: Any
) -> Outcome:
    context = ImportContext(actor=cast.person(actor), on=dt.date(2021, 12, 1), import_id=7)
    return run_import(LEDGER, workbook([head, *rows]), context, **options)


def row(*more: Any, unit: str = "东门街道", kind: str = "日常检查", **cells: Any) -> list[Any]:
    given = {"date": "2021.3.5", "subject": None, "place": None, "area": None, "quantity": None} | cells
    return [given["date"], unit, kind, given["subject"], given["place"], given["area"], given["quantity"], *more]


def faults(outcome: Outcome) -> dict[str, str]:
    assert not outcome.ok
    return {fault.cell: fault.message for fault in outcome.faults}


@pytest.fixture
def campaign(cast: Cast) -> Programme:
    return Programme.objects.create(
        name="百日攻坚", owner=cast.bureau, start=DAY, created_by=cast.bureau_clerk, created_at=clock.now()
    )


# ------------------------------------------------------------------------------------------------ reading


def test_an_itemised_row_takes_its_place_from_the_enterprise(cast: Cast) -> None:
    outcome = bring(cast, [row("张三、李四", subject="东门机械厂", unit="区应急局")], (*HEAD, "检查人员"))
    assert outcome.ok, outcome.faults
    visit = Visit.objects.get()
    assert (visit.entry_mode, visit.quantity, visit.import_id) == (EntryMode.ITEM, 1, 7)
    assert (visit.enterprise, visit.area, visit.department) == (cast.enterprise, cast.street_a, cast.department)
    assert visit.officer_names == "张三、李四"
    assert visit.number == f"369901-{cast.bureau_clerk.pk}-20210305-001-00"
    assert [event.label for event in events_of(visit)] == ["导入"]


def test_a_bulk_row_opens_count_hazards_linked_to_it(cast: Cast, campaign: Programme) -> None:
    outcome = bring(cast, [row(12, 2, 9, 1, 3, "百日攻坚", quantity="约４０")], (*HEAD, *COUNTS, "专项行动"))
    assert outcome.ok, outcome.faults
    assert outcome.saved == {"新增检查": 1, "家次": 40, "新增隐患": 12}
    visit = Visit.objects.get()
    assert (visit.entry_mode, visit.quantity, visit.quantity_is_about) == (EntryMode.BULK, 40, True)
    assert (visit.area, visit.papers) == (cast.street_a, 3)
    rows = Hazard.objects.order_by("grade", "status").values_list("grade", "status", "quantity", "closed_on")
    assert list(rows) == [
        ("general", "closed", 8, DAY),
        ("general", "rectifying", 2, None),
        ("major", "closed", 1, DAY),
        ("major", "rectifying", 1, None),
    ]
    assert Finding.objects.filter(visit=visit).count() == 4
    for hazard in Hazard.objects.all():
        assert list(hazard.campaigns.all()) == [campaign]
        assert (hazard.street, hazard.import_id) == (cast.street_a, 7)
        assert [event.label for event in events_of(hazard)] == ["导入"]
    assert len(set(Hazard.objects.values_list("number", flat=True))) == 4


def test_the_bureaus_row_without_area_stays_open_and_the_district_is_its_own(cast: Cast) -> None:
    assert bring(cast, [row(unit="区应急局", quantity=5), row(unit="区应急局", quantity=6, area="南岭区")]).ok
    first, second = Visit.objects.order_by("quantity")
    assert (first.area, first.street, first.district) == (None, None, cast.district)
    assert (second.area, second.street, second.district) == (cast.district, None, cast.district)


def test_a_place_without_numbers_is_one_visit(cast: Cast) -> None:
    assert bring(cast, [row(place="桥头菜市场"), row(place="全街道烟花零售点", quantity=30)]).ok
    assert list(Visit.objects.order_by("quantity").values_list("entry_mode", "subject_name")) == [
        ("item", "桥头菜市场"),
        ("bulk", "全街道烟花零售点"),
    ]


def test_a_former_name_and_a_code_find_the_enterprise(cast: Cast) -> None:
    cast.enterprise.former_names = ["东门农机厂"]
    cast.enterprise.credit_code = "91360704MA35UNQD0F"
    cast.enterprise.save()
    head = (*HEAD, "统一社会信用代码")
    rows = [row(None, subject="东门农机厂"), row("91360704MA35UNQD0F", kind="专项检查")]
    outcome = bring(cast, rows, head)
    assert outcome.ok, outcome.faults
    assert {visit.enterprise for visit in Visit.objects.all()} == {cast.enterprise}


def test_two_firms_of_one_name_are_told_apart_by_area(cast: Cast) -> None:
    other = enterprise_make(name="东门机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    assert "有2家" in faults(bring(cast, [row(subject="东门机械厂", unit="区应急局")]))["D2"]
    assert bring(cast, [row(subject="东门机械厂", unit="区应急局", area="西坪街道")]).ok
    assert Visit.objects.get().enterprise == other


def test_numbers_that_fit_stay_and_others_become_the_original(cast: Cast) -> None:
    own = f"369901001-{cast.bureau_clerk.pk}-20210305-007-00"
    rows = [
        [own, *row(subject="东门机械厂")],
        ["检字第12号", *row(place="菜市场")],
        [None, *row(place="车站")],
    ]
    assert bring(cast, rows, ("检查编号", *HEAD)).ok
    assert dict(Visit.objects.values_list("subject_name", "number")) == {
        "东门机械厂": own,
        "菜市场": f"369901001-{cast.bureau_clerk.pk}-20210305-008-00",
        "车站": f"369901001-{cast.bureau_clerk.pk}-20210305-009-00",
    }
    assert Visit.objects.get(subject_name="菜市场").original_number == "检字第12号"
    again = bring(cast, [[own, *row(subject="东门机械厂", kind="复查")]], ("检查编号", *HEAD))
    assert "已在台账中" in faults(again)["A2"]


# ------------------------------------------------------------------------------------------------ refusing


@pytest.mark.parametrize(
    ("cells", "more", "cell", "message"),
    [
        ({"subject": "东门机械厂"}, (3, None, None, None, None), "H2", "隐患台账逐条登记"),
        ({"subject": "东门机械厂", "quantity": 4}, (), "G2", "家次只能为1"),
        ({"subject": "无名厂"}, (), "D2", "请先登记"),
        ({}, (), "G2", "请填写家次"),
        ({"quantity": 3, "date": "2021-12-2"}, (), "A2", "不能晚于今天"),
        ({"quantity": 3, "unit": "无名镇"}, (), "B2", "没有“无名镇”这个单位"),
        ({"quantity": 3, "kind": "随便看看"}, (), "C2", "没有“随便看看”这一项"),
        ({"quantity": 3, "area": "无名村"}, (), "F2", "没有“无名村”这个单位"),
        ({"quantity": 3}, (2, 3, None, None, None), "I2", "大于发现隐患数2"),
        ({"quantity": 3}, (2, None, 3, None, None), "J2", "大于发现隐患数2"),
        ({"quantity": 3}, (5, 1, 2, 2, None), "K2", "大于重大隐患数1"),
        ({"quantity": 3}, (5, 4, 3, 1, None), "J2", "对不上"),
        ({"quantity": 0}, (), "G2", "不能小于 1"),
        ({"place": "长" * 161}, (), "E2", "不能超过160个字"),
    ],
)
def test_a_fault_is_named_at_its_cell_and_nothing_is_stored(
    cast: Cast, cells: dict[str, Any], more: tuple[Any, ...], cell: str, message: str
) -> None:
    outcome = bring(cast, [row(*more, **cells), row(quantity=9)], (*HEAD, *COUNTS[: len(more)]))
    assert message in faults(outcome)[cell]
    assert outcome.error_workbook
    assert not Visit.objects.exists()
    assert not Hazard.objects.exists()


def test_all_faults_come_at_once(cast: Cast) -> None:
    outcome = bring(cast, [row(unit="无名镇"), row(kind="随便"), row(date="2021.3", quantity=2)])
    assert {"B2", "C3", "A4"} <= set(faults(outcome))


def test_the_good_rows_alone(cast: Cast) -> None:
    assert bring(cast, [row(quantity=2), row(subject="无名厂")], only_good=True).ok
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("actor", "unit", "allowed"),
    [
        ("bureau_clerk", "西坪街道", True),
        ("officer_a", "东门街道", True),
        ("officer_a", "桥头社区", True),
        ("officer_a", "西坪街道", False),
        ("officer_a", "区应急局", False),
        ("department_clerk", "区工信局", True),
        ("department_clerk", "东门街道", False),
        ("enterprise_user", "东门街道", False),
        ("leader", "东门街道", False),
        ("system_admin", "东门街道", False),
    ],
)
def test_who_imports_for_whom(cast: Cast, actor: str, unit: str, allowed: bool) -> None:
    outcome = bring(cast, [row(quantity=2, unit=unit)], actor=actor)
    assert outcome.ok is allowed, outcome.faults
    assert Visit.objects.count() == int(allowed)
    if not allowed:
        assert set(faults(outcome)) == {"B2"}


def test_a_repeated_row_is_asked_about(cast: Cast) -> None:
    rows = [row(subject="东门机械厂")]
    assert bring(cast, rows).ok
    asked = bring(cast, rows)
    assert [question.kind for question in asked.questions] == ["duplicates"]
    assert bring(cast, rows, duplicates="include").ok
    twice = bring(cast, [row(place="车站"), row(place="车站")])
    assert [question.kind for question in twice.questions] == ["duplicates"]
    assert Visit.objects.count() == 2


# ------------------------------------------------------------------------------------------------ the way back

_IGNORED = {"id", "client_id", "import_id", "created_at", "created_by", "search_text"}


def facts() -> list[dict[str, Any]]:
    """Everything that an export carries, of all visits."""
    names = [field.name for field in Visit._meta.concrete_fields if field.name not in _IGNORED]
    visits = Visit.objects.order_by("number")
    return [
        {name: getattr(visit, name) for name in names} | {"campaigns": list(visit.campaigns.all())} for visit in visits
    ]


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_is_exported_comes_back_equal(cast: Cast, campaign: Programme, fmt: str) -> None:
    officer, clerk = cast.person("officer_a"), cast.person("bureau_clerk")
    with clock.at(dt.datetime(2021, 3, 5, 10, 0, tzinfo=dt.UTC)):
        visit_make(
            actor=officer,
            handler=cast.street_a,
            on=DAY,
            enterprise=cast.enterprise,
            started_at=dt.datetime(2021, 3, 5, 1, 30, tzinfo=dt.UTC),
            ended_at=dt.datetime(2021, 3, 5, 2, 10, tzinfo=dt.UTC),
            officers=[cast.officer_a, cast.officer_a2],
            campaigns=[campaign],
            industry=industry_make(),
            summary="=公式开头的文字\n第二行",
            signed_by="钱厂长",
            unsigned_reason="负责人不在场",
            papers=2,
        )
        visit_make(
            actor=cast.person("community_officer"),
            handler=cast.community_a,
            on=DAY,
            place="桥头菜市场",
        )
        bulk_make(
            actor=officer, handler=cast.street_a, on=DAY, groups=2, person_times=6, found=5, major_found=1, rectified=3
        )
        bulk_make(actor=clerk, handler=cast.bureau, on=DAY)
    Visit.objects.filter(entry_mode="bulk", area=None).update(quantity_is_about=True, original_number="旧12")
    Visit.objects.filter(entry_mode="item", enterprise=None).update(
        longitude="114.912345", latitude="25.812345", accuracy=8
    )
    before, hazards = facts(), sorted(Hazard.objects.values_list("grade", "status", "quantity", "due_on"))
    data = b"".join(export_rows(LEDGER, LEDGER.records(Visit.objects.order_by("pk")), fmt=fmt))
    Finding.objects.all().delete()
    Hazard.objects.all().delete()
    Visit.campaigns.through.objects.all().delete()
    Visit.officers.through.objects.all().delete()
    Visit.objects.all().delete()
    outcome = run_import(LEDGER, io.BytesIO(data), ImportContext(actor=clerk, on=dt.date(2021, 12, 1)))
    assert outcome.ok, outcome.faults
    assert facts() == before
    assert sorted(Hazard.objects.values_list("grade", "status", "quantity", "due_on")) == hazards


def test_every_column_is_exported(cast: Cast) -> None:
    visit_make(actor=cast.person("officer_a"), handler=cast.street_a, on=DAY, enterprise=cast.enterprise)
    (exported,) = LEDGER.records(Visit.objects.all())
    assert len(exported) == len(LEDGER.columns)


def test_the_template_is_read_back(cast: Cast) -> None:
    outcome = run_import(LEDGER, template(LEDGER), ImportContext(actor=cast.person("bureau_clerk")))
    assert not outcome.faults or all(not fault.cell for fault in outcome.faults)


def test_import_costs_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    kinds = [VisitKind(kind).label for kind in (VisitKind.DAILY, VisitKind.SPECIAL)]
    rows = [row(None, kind=kinds[n % 2], quantity=n + 1) for n in range(300)]
    with django_assert_max_num_queries(45):
        assert bring(cast, rows, (*HEAD, "发现隐患")).ok
    assert Visit.objects.count() == 300
