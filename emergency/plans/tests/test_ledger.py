"""The Excel tables: states from dates, numbers, faults by their cells, and the way back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.organizations.tests.factories import Cast
from emergency.plans.ledger import DRILLS, PLANS
from emergency.plans.models import Drill, Plan, Status
from emergency.plans.services import plan_revise, plans_deem
from emergency.plans.tests.factories import (
    TODAY,
    drill_make,
    drill_step,
    filed,
    office_plan,
    plan_make,
    published,
    step,
    submitted,
)

pytestmark = pytest.mark.django_db

HEAD = ("预案名称", "编制单位", "预案类别", "公布日期", "申报日期", "备案日期", "备案编号")


def load(cast: Cast, ledger: Any, rows: list[Any], head: tuple[str, ...], name: str = "bureau_clerk") -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(ledger, workbook([head, *rows]), context)


def texts(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def test_the_state_and_the_clocks_follow_from_the_dates(cast: Cast) -> None:
    rows = [
        ["甲", "东门机械厂", "综合应急预案", "", "", "", ""],
        ["乙", "东门机械厂", "专项", "2026-3-2", "", "", ""],
        ["丙", "东门机械厂", "现场处置方案", "2026-3-2", "2026-3-9", "", ""],
        ["丁", "东门街道", "乡镇（街道）应急预案", "2026.3.2", "2026.3.3", "2026.3.6", "369901-2026-0007"],
        ["戊", "东门机械厂", "综合", "2025-3-3", "", "2026-3-9", ""],
    ]
    outcome = load(cast, PLANS, rows, HEAD)
    assert outcome.ok and outcome.saved == {"新增": 5}, texts(outcome)
    found = {one.name: one for one in Plan.objects.all()}
    assert {name: one.status for name, one in found.items()} == {
        "甲": "drafting", "乙": "published", "丙": "submitted", "丁": "filed", "戊": "filed",
    }  # fmt: skip
    assert found["乙"].file_by == dt.date(2026, 3, 30) and found["丙"].accept_by == dt.date(2026, 3, 16)
    assert (found["丁"].owner, found["丁"].enterprise, found["丁"].handler) == (cast.street_a, None, cast.bureau)
    assert (found["甲"].enterprise, found["甲"].area) == (cast.enterprise, cast.street_a)
    assert found["戊"].number == "369901-2026-0008", "the numbers go on after those that came in"
    assert list(events_of(found["丁"]).values_list("action", "actor_name")) == [("import", "陈科员")]


def test_faults_are_named_at_once_by_cell_and_nothing_is_half_written(cast: Cast) -> None:
    published(cast, plan_make(cast, name="旧"))
    filed(cast)
    rows = [
        ["甲", "东门机械厂", "政府总体应急预案", "2026-3-2", "", "", ""],
        ["乙", "没有的厂", "综合", "2026-3-2", "", "", ""],
        ["丙", "东门机械厂", "综合", "2026-3-2", "2026-3-1", "", ""],
        ["丁", "东门机械厂", "综合", "2026-3-2", "", "2026-3-9", "369901-2026-0001"],
        ["戊", "东门机械厂", "综合", "", "", "2026-3-12", ""],
    ]
    outcome = load(cast, PLANS, rows, HEAD)
    assert not outcome.ok and Plan.objects.count() == 2
    cells = [text.split("：")[0] for text in texts(outcome)]
    assert cells[:1] == ["C2（预案类别）"] and {"E4（申报日期）", "G5（备案编号）", "F6（备案日期）"} <= set(cells)
    assert any("属地" in text for text in texts(outcome)) and len(cells) >= 5


def test_an_officer_brings_in_the_own_area_alone(cast: Cast) -> None:
    row = [["甲", "东门街道", "乡镇（街道）应急预案", "2026-3-2", "", "", ""]]
    assert load(cast, PLANS, row, HEAD, "officer_a").ok
    Plan.objects.all().delete()
    assert not load(cast, PLANS, row, HEAD, "officer_b").ok
    assert not Plan.objects.exists()


def plain(record: Any, *skipped: str) -> dict[str, Any]:
    own = {"id", "import_id", "created_by_id", "created_at", "search_text", "previous_id", "plan_id", *skipped}
    return {
        field.attname: getattr(record, field.attname)
        for field in record._meta.concrete_fields
        if field.attname not in own
    }


def exported(ledger: Any, model: Any) -> tuple[tuple[str, ...], list[list[Any]]]:
    head = tuple(column.header for column in ledger.columns)
    labels = [dict(column.choice_pairs()) if column.kind == excel.CHOICE else {} for column in ledger.columns]
    rows = [
        [_cell(value, known) for value, known in zip(row, labels, strict=True)]
        for row in ledger.records(model.objects.order_by("pk"))
    ]
    return head, rows


def _cell(value: Any, labels: dict[Any, str]) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    return labels.get(value, "" if value is None else value)


def test_plans_that_go_out_come_back_equal(cast: Cast) -> None:
    old = filed(cast, plan_make(cast, summary="火灾、爆炸", needs_review=False))
    new = plan_revise(plan=old, actor=cast.enterprise_user, reason="law")
    published(cast, new, published_on=TODAY, signer="钱厂长", reviewed_on=dt.date(2026, 3, 9))
    step(submitted(cast, plan_make(cast, name="二")), "correct", cast.bureau_clerk)
    submitted(cast, plan_make(cast, name="三"))
    plans_deem(on=dt.date(2026, 3, 18))
    Plan.objects.filter(status=Status.DEEMED).update(filed_on=TODAY)
    step(published(cast, office_plan(cast)), "evaluate", cast.officer_a)
    void = published(cast, plan_make(cast, name="五"))
    step(void, "void", cast.leader)
    before = [plain(one) for one in Plan.objects.order_by("pk")]
    head, rows = exported(PLANS, Plan)
    Plan.objects.filter(previous__isnull=False).delete()
    Plan.objects.all().delete()
    outcome = load(cast, PLANS, rows, head)
    assert outcome.ok, texts(outcome)
    assert [plain(one) for one in Plan.objects.order_by("pk")] == before
    assert Plan.objects.get(version=2).previous == Plan.objects.get(version=1, name=old.name)


def test_drills_that_go_out_come_back_equal(cast: Cast) -> None:
    plan = filed(cast)
    drill = drill_make(cast, actor=cast.enterprise_user, owner=None, plan=plan, planned_on=TODAY, quantity=3)
    drill = drill_step(
        drill, "evaluate", cast.enterprise_user, grade="good", findings=["路线不熟、慢", "通信"], due_on=TODAY
    )
    drill.findings.filter(text="通信").update(done_on=TODAY, note="已换电台")
    cancelled = drill_make(cast, planned_on=dt.date(2026, 5, 1), held_on=None)
    drill_step(cancelled, "cancel", cast.officer_a)
    before = [plain(one) for one in Drill.objects.order_by("pk")]
    findings = list(drill.findings.order_by("pk").values_list("text", "due_on", "done_on", "note"))
    head, rows = exported(DRILLS, Drill)
    Drill.objects.all().delete()
    outcome = load(cast, DRILLS, rows, head)
    assert outcome.ok, texts(outcome)
    assert [plain(one) for one in Drill.objects.order_by("pk")] == before
    back = Drill.objects.get(plan=plan)
    assert sorted(back.findings.values_list("text", "due_on", "done_on", "note")) == sorted(findings)


def test_drills_by_count_and_what_is_wrong_with_others(cast: Cast) -> None:
    head = ("演练名称", "组织单位", "演练日期", "形式", "场次", "参演人数", "评估结论", "存在问题")
    good = ["防汛演练", "东门街道", "2026-3-5", "桌面推演", "12场", "300", "达到目的", "路线不熟 | 2026-04-01"]
    outcome = load(cast, DRILLS, [good], head)
    assert outcome.ok, texts(outcome)
    one = Drill.objects.get()
    assert (one.quantity, one.people, one.status, one.evaluated_on) == (12, 300, "evaluated", dt.date(2026, 3, 5))
    assert one.findings.get().due_on == dt.date(2026, 4, 1)
    rows = [
        ["甲", "东门街道", "2026-3-11", "桌面", "", "", "", ""],
        ["乙", "东门街道", "", "桌面", "", "", "", ""],
        ["丙", "东门街道", "2026-3-5", "空中", "", "", "", ""],
        ["丁", "东门街道", "2026-3-5", "桌面", "", "", "好", "没有期限"],
    ]
    outcome = load(cast, DRILLS, rows, head)
    assert not outcome.ok and Drill.objects.count() == 1
    assert [text.split("：")[0] for text in texts(outcome)] == [
        "C2（演练日期）", "C3（演练日期）", "D4（形式）", "H5（存在问题）",
    ]  # fmt: skip
