"""Registering and changing risk points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises.models import RiskLevel
from emergency.enterprises.tests.factories import industry_make
from emergency.organizations.tests.factories import Cast
from hazards.models import Patrol, RiskMeasure, RiskPoint, RiskStatus
from hazards.services import MeasureInput, risk_edit, risk_register, risks_void
from hazards.tests.risk_factories import IDENTIFIED_ON, TODAY, risk_in, risk_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def test_a_new_one_takes_what_its_enterprise_tells(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("危险化学品")
    cast.enterprise.save()
    first, second = risk_make(cast), risk_make(cast)
    assert (first.number, second.number) == ("369901-FX-00001", "369901-FX-00002")
    assert (first.area, first.street, first.district) == (cast.street_a, cast.street_a, cast.district)
    assert (first.industry.name, first.department, first.status) == ("危险化学品", cast.department, "identified")
    assert list(first.measures.values_list("order", "text", "owner", "frequency")) == [
        (1, "每班检查液位计", "钱厂长", "每班一次"),
        (2, "设置围堰", "", ""),
    ]
    assert first.measure_count == 2
    assert list(events_of(first).values_list("action", flat=True)) == ["register"]


def test_inputs_make_the_level_and_control_may_follow_at_once(cast: Cast) -> None:
    record = risk_make(
        cast, assessment="lec", likelihood=6, exposure=6, severity=15, level="", judgement="", controlled_on=TODAY
    )
    assert (record.score, record.level, record.status) == (540, RiskLevel.RED, RiskStatus.CONTROLLED)
    assert record.next_patrol_on == TODAY + dt.timedelta(days=7)
    with pytest.raises(ValidationError, match="还没有管控措施"):
        risk_make(cast, measures=(), controlled_on=TODAY)
    assert RiskPoint.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"identified_on": TODAY + dt.timedelta(days=1)}, "辨识日期不能晚于今天"),
        ({"name": " "}, "此字段不能为空"),
        ({"judgement": ""}, "直接判定"),
        ({"enterprise": None}, "属地|管辖"),
        ({"measures": [MeasureInput("长" * 301)]}, "300"),
        ({"measures": [MeasureInput("措施")] * 201}, "最多200条"),
    ],
)
def test_what_is_wrong_is_refused_whole(cast: Cast, fields: dict[str, Any], words: str) -> None:
    if "enterprise" in fields:
        fields = fields | {"area": cast.street_b}
    with pytest.raises(ValidationError, match=words):
        risk_make(cast, **fields)
    assert not RiskPoint.objects.exists() and not RiskMeasure.objects.exists()


def test_nobody_registers_for_another_unit(cast: Cast) -> None:
    for name in ("officer_b", "leader", "enterprise_user"):
        with pytest.raises(PermissionDenied):
            risk_make(cast, actor=cast.person(name))


def test_a_change_is_told_and_its_measures_replaced(cast: Cast) -> None:
    record = risk_in(cast, RiskStatus.CONTROLLED)
    changed = risk_edit(
        record=record,
        actor=cast.person("officer_a2"),
        measures=[MeasureInput("安装泄漏报警", "李工"), MeasureInput(" ")],
        patrol=Patrol.MONTHLY,
        responsible_phone="13907970001",
    )
    assert changed.measure_count == 1 and changed.next_patrol_on == dt.date(2026, 4, 5)
    assert list(record.measures.values_list("order", "text")) == [(1, "安装泄漏报警")]
    event = events_of(record).last()
    assert event is not None and event.note == "责任人电话、巡查频次、管控措施"
    entry = AuditEntry.objects.get(verb="risk.edit")
    assert "13907970001" not in str(entry.after) and entry.after["measures"] == ["安装泄漏报警｜李工"]
    risk_edit(record=record, actor=cast.officer_a, name=record.name)
    assert AuditEntry.objects.filter(verb="risk.edit").count() == 1, "what changed nothing leaves no trace"


def test_who_may_change_what(cast: Cast) -> None:
    record = risk_in(cast, RiskStatus.CONTROLLED)
    with pytest.raises(PermissionDenied):
        risk_edit(record=record, actor=cast.person("bureau_clerk"), name="新名称")
    with pytest.raises(ValidationError, match="至少要有一条"):
        risk_edit(record=record, actor=cast.officer_a, measures=[])
    with pytest.raises(ValidationError, match="管辖范围"):
        risk_edit(record=record, actor=cast.officer_a, area=cast.street_b)
    with pytest.raises(TypeError):
        risk_edit(record=record, actor=cast.officer_a, level="blue")
    gone = risk_in(cast, RiskStatus.REMOVED)
    with pytest.raises(ValidationError, match="不能修改"):
        risk_edit(record=gone, actor=cast.officer_a, name="新名称")
    assert record.measures.count() == 2


def test_the_bureau_registers_what_lies_in_no_street(cast: Cast) -> None:
    record = risk_register(
        actor=cast.bureau_clerk, handler=cast.bureau, name="河堤险段", identified_on=IDENTIFIED_ON, level="yellow",
        judgement="历年多次管涌", on=TODAY,
    )  # fmt: skip
    assert (record.area, record.street, record.district) == (None, None, cast.district)


def test_voiding_is_all_or_none(cast: Cast) -> None:
    here, gone = risk_make(cast), risk_in(cast, RiskStatus.VOID)
    everything = RiskPoint.objects.all()
    with pytest.raises(ValidationError):
        risks_void(queryset=everything, pks=[here.pk, gone.pk], actor=cast.person("leader"), reason="重复")
    assert RiskPoint.objects.get(pk=here.pk).status == RiskStatus.IDENTIFIED
    risks_void(queryset=everything, pks=[here.pk], actor=cast.person("leader"), reason="重复")
    assert RiskPoint.objects.get(pk=here.pk).void_reason == "重复"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "controlled"},
        {"controlled_on": IDENTIFIED_ON},
        {"status": "controlled", "controlled_on": IDENTIFIED_ON - dt.timedelta(days=1)},
        {"status": "removed", "removed_reason": "拆除"},
        {"status": "removed", "removed_on": TODAY},
        {"removed_on": TODAY},
        {"status": "void"},
        {"assessment": "lec"},
        {"score": 3},
        {"judgement": ""},
    ],
    ids=str,
)
def test_the_database_holds_the_rules_too(cast: Cast, changes: dict[str, Any]) -> None:
    record = risk_make(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskPoint.objects.filter(pk=record.pk).update(**changes)
