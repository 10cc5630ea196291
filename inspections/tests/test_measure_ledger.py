"""The Excel table of measures: what is read, refused and stored, and the way back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from emergency.core import clock
from emergency.core.ledger import ImportContext, Outcome, export_rows, get, run_import, template
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.enterprises.tests.factories import enterprise_make, industry_make
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from inspections.models import Measure, MeasureKind, MeasureStatus
from inspections.tests.factories import measure_make, visit_make

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 3, 5)
LEDGER = get("measures")
HEAD = ("决定日期", "实施单位", "当事人", "户数", "属地", "处置类型", "罚款金额(元)", "文号")


def bring(
    cast: Cast, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, actor: str = "bureau_clerk", **options: Any
) -> Outcome:
    context = ImportContext(actor=cast.person(actor), on=dt.date(2021, 12, 1), import_id=7)
    return run_import(LEDGER, workbook([head, *rows]), context, **options)


def row(
    *more: Any, unit: str = "东门街道", party: Any = None, households: Any = None, area: Any = None,
    kind: str = "责令停产整顿", amount: Any = None, document: Any = None, day: Any = "2021.3.5",
) -> list[Any]:  # fmt: skip
    return [day, unit, party, households, area, kind, amount, document, *more]


def faults(outcome: Outcome) -> dict[str, str]:
    assert not outcome.ok
    return {fault.cell: fault.message for fault in outcome.faults}


# ------------------------------------------------------------------------------------------------ reading


def test_a_party_of_the_register_is_linked_and_brings_its_place(cast: Cast) -> None:
    cast.enterprise.former_names = ["东门农机厂"]
    cast.enterprise.save()
    rows = [
        row(party="东门机械厂", unit="区应急局"),
        row(party="东门农机厂", kind="警告"),
        row(party="王某", kind="取缔"),
    ]
    outcome = bring(cast, rows)
    assert outcome.ok, outcome.faults
    assert outcome.saved == {"新增处置": 3}
    first, second, third = Measure.objects.order_by("pk")
    assert (first.enterprise, first.area, first.department) == (cast.enterprise, cast.street_a, cast.department)
    assert (second.enterprise, second.party_name) == (cast.enterprise, "东门农机厂")
    assert first.party_key == second.party_key
    assert (third.enterprise, third.kind, third.area) == (None, MeasureKind.CLOSURE, cast.street_a)
    assert (first.number, second.number) == ("369901-2021-处0001", "369901001-2021-处0001")
    assert (first.publish_due_on, first.import_id) == (dt.date(2021, 3, 16), 7)
    assert [event.label for event in events_of(first)] == ["导入"]


def test_a_fine_beside_another_measure_is_a_row_of_its_own(cast: Cast) -> None:
    outcome = bring(
        cast, [row(party="东门机械厂", amount="2万元", document="罚1号"), row(party="王某", kind="罚款", amount=500)]
    )
    assert outcome.ok, outcome.faults
    assert list(Measure.objects.order_by("pk").values_list("kind", "amount", "document_number")) == [
        ("suspension", None, "罚1号"), ("fine", Decimal(20000), "罚1号"), ("fine", Decimal(500), ""),
    ]  # fmt: skip


def test_households_without_names(cast: Cast) -> None:
    assert bring(cast, [row(households="约３０户", kind="关闭取缔")]).ok
    measure = Measure.objects.get()
    assert (measure.quantity, measure.quantity_is_about, measure.party_key) == (30, True, None)
    assert (measure.area, measure.publish_due_on) == (cast.street_a, None)


def test_the_state_follows_from_what_is_told(cast: Cast) -> None:
    head = (*HEAD, "执行情况", "执行日期", "公示日期", "不予公示理由")
    rows = [
        row("已缴纳", None, "2021-3-8", None, party="甲厂", kind="罚款", amount=1),
        row(None, "2021-3-9", None, "涉密", party="乙厂"),
        row("强制执行", "2021-3-9", None, None, party="丙厂"),
        row(None, None, None, None, party="丁厂"),
    ]
    outcome = bring(cast, rows, head)
    assert outcome.ok, outcome.faults
    assert list(Measure.objects.order_by("pk").values_list("status", "executed_on", "published_on")) == [
        ("done", None, dt.date(2021, 3, 8)), ("done", dt.date(2021, 3, 9), None), ("court", dt.date(2021, 3, 9), None),
        ("pending", None, None),
    ]  # fmt: skip
    assert [one.party_name for one in Measure.objects.to_publish().order_by("pk")] == ["丙厂", "丁厂"]


# ------------------------------------------------------------------------------------------------ refusing


def test_every_fault_is_named_at_its_cell_and_nothing_is_written(cast: Cast) -> None:
    enterprise_make(name="东门机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    head = (*HEAD, "执行情况", "执行日期", "公示日期", "复产验收日期", "处置编号", "不予公示理由")
    rows = [
        row(party="东门机械厂", unit="区应急局"),
        row(party="甲厂", kind="罚款"),
        row(party="甲厂", households=3),
        row(),
        row("未执行", "2021-3-6", "2021-3-1", None, "旧字1号", "涉密", party="甲厂"),
        row(None, "2022-1-1", None, "2021-3-9", party="甲厂", kind="警告"),
        row(party="甲厂", area="西坪街道"),
        row(party="甲厂", unit="桥头社区"),
    ]
    found = faults(bring(cast, rows, head))
    assert {cell: words[:6] for cell, words in found.items()} == {
        "C2": "“东门机械厂", "G3": "罚款须填写金", "D4": "写明当事人的", "C5": "请填写当事人", "J6": "未执行的不填",
        "K6": "公示日期不能", "M6": "处置编号由系", "N6": "已公示的不填", "J7": "执行日期不能", "L7": "只有责令停产",
        "E8": "西坪街道不在", "B9": "社区（村）不",
    }  # fmt: skip
    assert not Measure.objects.exists()


def test_a_document_holds_a_kind_against_a_party_once(cast: Cast) -> None:
    assert bring(cast, [row(party="东门机械厂", document="罚1号")]).ok
    again = bring(
        cast, [row(party="东门机械厂", document="罚1号", day="2021.4.1", amount=5), row(party="乙", document="罚1号")]
    )
    assert list(faults(again)) == ["H2"]
    twice = [row(party="丙", document="罚2号"), row(party="丙", document="罚2号", day="2021.4.1")]
    assert list(faults(bring(cast, twice))) == ["H3"]


def test_who_imports_for_whom(cast: Cast) -> None:
    assert list(faults(bring(cast, [row(party="甲厂")], actor="officer_b"))) in (["B2"], ["B2", "E2"])
    assert "B2" in faults(bring(cast, [row(party="甲厂")], actor="community_officer"))
    assert bring(cast, [row(party="甲厂")], actor="officer_a").ok


def test_suspected_duplicates_are_asked(cast: Cast) -> None:
    rows = [row(party="甲厂"), row(party="乙厂", kind="罚款", amount=5)]
    assert bring(cast, rows).ok
    asked = bring(cast, rows)
    assert [question.kind for question in asked.questions] == ["duplicates"]
    assert Measure.objects.count() == 2


def test_a_number_of_ours_stays_and_is_never_given_out_again(cast: Cast) -> None:
    head = (*HEAD, "处置编号")
    assert bring(cast, [row("369901001-2021-处0005", party="甲厂")], head).ok
    assert bring(cast, [row(None, party="乙厂")], head).ok
    assert list(Measure.objects.order_by("pk").values_list("number", flat=True)) == [
        "369901001-2021-处0005", "369901001-2021-处0006",
    ]  # fmt: skip
    assert "已在台账中" in faults(bring(cast, [row("369901001-2021-处0005", party="丙厂")], head))["I2"]


# ------------------------------------------------------------------------------------------------ the way back

_IGNORED = {"id", "import_id", "created_at", "created_by", "search_text"}


def facts() -> list[dict[str, Any]]:
    """Everything that an export carries, of all measures."""
    names = [field.name for field in Measure._meta.concrete_fields if field.name not in _IGNORED]
    return [
        {name: getattr(one, name) for name in names} | {"campaigns": list(one.campaigns.all())}
        for one in Measure.objects.order_by("number")
    ]


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_is_exported_comes_back_equal(cast: Cast, fmt: str) -> None:
    with clock.at(dt.datetime(2021, 3, 5, 10, 0, tzinfo=dt.UTC)):
        campaign = Programme.objects.create(
            name="百日攻坚", owner=cast.bureau, start=DAY, created_by=cast.bureau_clerk, created_at=clock.now()
        )
        cast.enterprise.credit_code = "91360704MA35UNQD0F"
        cast.enterprise.save()
        visit = visit_make(actor=cast.officer_a, handler=cast.street_a, on=DAY, enterprise=cast.enterprise)
        measure_make(
            cast, on=DAY, amount=Decimal("1234.56"), visit=visit, document_number="（东门）罚〔2021〕1号", campaigns=[campaign],
            industry=industry_make(), cause="=公式开头的文字\n第二行", legal_basis="《安全生产法》第九十七条", enterprise=cast.enterprise,
        )  # fmt: skip
        measure_make(cast, on=DAY, kind=MeasureKind.CONFISCATION, party_name="王某")
        halted = measure_make(cast, on=DAY, kind=MeasureKind.SUSPENSION, party_name="李某")
        measure_make(cast, on=DAY, kind=MeasureKind.CLOSURE, quantity=12)
        measure_make(cast, on=DAY, kind=MeasureKind.JOINT, actor=cast.bureau_clerk, handler=cast.bureau, party_name="丙公司", area=cast.district)  # fmt: skip
    day = dt.date(2021, 4, 1)
    Measure.objects.filter(pk=halted.pk).update(
        status=MeasureStatus.DONE, executed_on=day, resumed_on=day, published_on=day, publish_due_on=day
    )
    Measure.objects.filter(kind=MeasureKind.CLOSURE).update(quantity_is_about=True)
    Measure.objects.filter(kind=MeasureKind.CONFISCATION).update(unpublished_reason="涉及未成年人")
    before = facts()
    data = b"".join(export_rows(LEDGER, LEDGER.records(Measure.objects.order_by("pk")), fmt=fmt))
    Measure.campaigns.through.objects.all().delete()
    Measure.objects.all().delete()
    outcome = run_import(
        LEDGER, io.BytesIO(data), ImportContext(actor=cast.person("bureau_clerk"), on=dt.date(2021, 12, 1))
    )
    assert outcome.ok, outcome.faults
    assert facts() == before


def test_every_column_is_exported_and_the_template_is_read_back(cast: Cast) -> None:
    measure_make(cast)
    (exported,) = LEDGER.records(Measure.objects.all())
    assert len(exported) == len(LEDGER.columns)
    outcome = run_import(LEDGER, template(LEDGER), ImportContext(actor=cast.person("bureau_clerk")))
    assert all(not fault.cell for fault in outcome.faults)


def test_import_costs_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rows = [row(party=f"企业{number}", day=f"2021.{number % 9 + 1}.5") for number in range(300)]
    with django_assert_max_num_queries(60):
        assert bring(cast, rows).ok
    assert Measure.objects.count() == 300
