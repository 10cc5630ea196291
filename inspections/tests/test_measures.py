"""Measures: registering, every status × action × role of the table, each rule by itself, and putting right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import attachments, clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises.models import NAME_SIGNS
from emergency.enterprises.tests.factories import enterprise_make
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import photo
from inspections.lifecycle import LIFECYCLE
from inspections.models import Measure, MeasureFile, MeasureKind, MeasureStatus, party_key
from inspections.services import measure_act, measure_correct, measure_register
from inspections.tests.factories import DECIDED_ON, measure_in, measure_make, visit_make

pytestmark = pytest.mark.django_db
TODAY = DECIDED_ON + dt.timedelta(days=20)

OFFICERS = {"officer_a", "officer_a2"}
HEADS = {"section_head", "leader"}
#: Who may take each step of a measure of street A.
MAY = {
    "execute_part": OFFICERS,
    "ask_court": OFFICERS,
    "execute": OFFICERS,
    "resume": OFFICERS,
    "publish": OFFICERS,
    "exempt": HEADS,
    "reopen": HEADS,
    "void": HEADS,
}
DATA: dict[str, dict[str, Any]] = {
    "execute_part": {"executed_on": TODAY, "note": "已缴纳2000元"},
    "ask_court": {"executed_on": TODAY},
    "execute": {"executed_on": TODAY},
    "resume": {"resumed_on": TODAY, "opinion": "隐患已排除，同意恢复生产"},
    "publish": {"published_on": TODAY},
    "exempt": {"reason": "涉及未成年人"},
    "reopen": {"reason": "缴款凭证有误"},
    "void": {"reason": "重复登记"},
}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def act(cast: Cast, measure: Measure, action: str, name: str = "officer_a", **data: Any) -> Measure:
    user = cast.person(name)
    return measure_act(
        queryset=Measure.objects.visible_to(user), pk=measure.pk, action=action, actor=user, data=DATA[action] | data
    )


def register(cast: Cast, **fields: Any) -> list[Measure]:
    values: dict[str, Any] = {"actor": cast.person("officer_a"), "handler": cast.street_a, "decided_on": DECIDED_ON}
    return measure_register(**values | {"kinds": {MeasureKind.WARNING: None}, "enterprise": cast.enterprise} | fields)


# ------------------------------------------------------------------------------------------------ the table


def attempt(cast: Cast, measure: Measure, action: str, name: str) -> str:
    """What the step came to; what it did is taken back."""
    try:
        with transaction.atomic():
            act(cast, measure, action, name)
            transaction.set_rollback(True)
    except Measure.DoesNotExist:
        return "unseen"
    except PermissionDenied:
        return "refused"
    except ValidationError:
        return "invalid"
    return "done"


def traces(measure: Measure) -> tuple[Any, ...]:
    """All that a refused step must leave as it was."""
    return Measure.objects.filter(pk=measure.pk).values().get(), events_of(measure).count()


@pytest.mark.parametrize("status", MeasureStatus.values)
def test_every_status_action_role(cast: Cast, status: str) -> None:
    measure = measure_in(cast, status, kind=MeasureKind.SUSPENSION)
    unseen = {"officer_b", "community_officer", *Cast.ADMINISTRATORS}
    for name in Cast.NAMES:
        for action in LIFECYCLE.actions():
            before = traces(measure)
            known = LIFECYCLE.find(status, action) is not None
            expected = (
                "unseen" if name in unseen else "invalid" if not known else "done" if name in MAY[action] else "refused"
            )
            assert attempt(cast, measure, action, name) == expected, (name, action)
            if expected != "done":
                assert traces(measure) == before


def test_a_measure_goes_its_way(cast: Cast) -> None:
    measure = measure_make(cast)
    assert (measure.status, measure.number) == (MeasureStatus.PENDING, "369901001-2026-处0001")
    act(cast, measure, "execute_part")
    act(cast, measure, "ask_court")
    done = measure_act(
        queryset=Measure.objects.all(), pk=measure.pk, action="execute", actor=cast.person("officer_a2"),
        data=DATA["execute"], files=[photo("缴款书.png")],
    )  # fmt: skip
    assert (done.status, done.executed_on) == (MeasureStatus.DONE, TODAY)
    assert [one.kind for one in attachments.for_owner(done)] == [MeasureFile.PROOF]
    act(cast, measure, "publish")
    act(cast, measure, "reopen", "leader")
    measure.refresh_from_db()
    assert (measure.status, measure.executed_on, measure.published_on) == (MeasureStatus.PENDING, None, TODAY)
    assert [(one.label, one.note) for one in events_of(measure)] == [
        ("登记", ""), ("部分执行", "已缴纳2000元"), ("申请强制执行", ""), ("执行完毕", ""), ("公示", ""), ("更正为未执行", "缴款凭证有误"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "field"), [("execute", "executed_on"), ("publish", "published_on"), ("resume", "resumed_on")]
)
def test_a_step_lies_between_the_decision_and_today(cast: Cast, action: str, field: str) -> None:
    measure = measure_make(cast, kind=MeasureKind.SUSPENSION)
    for day in (DECIDED_ON - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        with pytest.raises(ValidationError) as caught:
            act(cast, measure, action, **{field: day})
        assert list(caught.value.message_dict) == [field]
    for day in (DECIDED_ON, TODAY):
        assert attempt(cast, measure, action, "officer_a") == "done"
        assert getattr(act(cast, measure_make(cast, kind=MeasureKind.SUSPENSION), action, **{field: day}), field) == day


def test_what_is_asked_for_once_only(cast: Cast) -> None:
    fine, halted = measure_make(cast), measure_make(cast, kind=MeasureKind.SUSPENSION)
    assert attempt(cast, fine, "resume", "officer_a") == "refused"  # only a halt of production is taken back
    for action in ("publish", "resume"):
        act(cast, halted, action)
        assert attempt(cast, halted, action, "officer_a") == "refused"
    act(cast, fine, "exempt", "section_head")
    assert attempt(cast, fine, "publish", "officer_a") == "refused"
    assert not Measure.objects.to_publish().exists()


# ------------------------------------------------------------------------------------------------ registering


def test_a_decision_with_several_measures_is_a_row_each(cast: Cast) -> None:
    visit = visit_make(actor=cast.officer_a, handler=cast.street_a, on=DECIDED_ON, enterprise=cast.enterprise)
    made = register(
        cast,
        kinds={MeasureKind.FINE: Decimal("20000.50"), MeasureKind.SUSPENSION: None},
        enterprise=None,
        visit=visit,
        document_number=" （东门）罚〔2026〕1号 ",
        cause="未按规定设置安全警示标志",
        files=[photo("决定书.png")],
    )
    assert [(one.kind, one.amount, one.enterprise, one.party_name) for one in made] == [
        (MeasureKind.SUSPENSION, None, cast.enterprise, "东门机械厂"),
        (MeasureKind.FINE, Decimal("20000.50"), cast.enterprise, "东门机械厂"),
    ]
    for one in made:
        assert (one.area, one.department, one.visit) == (cast.street_a, cast.department, visit)
        assert one.document_number == "（东门）罚〔2026〕1号"
        assert [file.kind for file in attachments.for_owner(one)] == [MeasureFile.DECISION]
    entry = AuditEntry.objects.get(verb="measure.create", target_id=str(made[1].pk))
    assert entry.actor_id == cast.officer_a.pk


@pytest.mark.parametrize(
    ("kind", "days"),
    [(MeasureKind.FINE, 11), (MeasureKind.WARNING, 11), (MeasureKind.SEIZURE, 28), (MeasureKind.JOINT, None)],
)
def test_the_clock_of_publication_counts_working_days(cast: Cast, kind: str, days: int | None) -> None:
    """《安全生产法》第七十八条: 7 working days from Friday 6 March end on Tuesday 17; other decisions have 20, to 3 April."""
    measure = measure_make(cast, kind=kind)
    assert measure.publish_due_on == (DECIDED_ON + dt.timedelta(days=days) if days else None)
    assert measure.awaits_publication == (days is not None)


def test_households_have_no_decision_to_publish(cast: Cast) -> None:
    measure = measure_make(cast, kind=MeasureKind.CLOSURE, quantity=12)
    assert (measure.party, measure.publish_due_on, measure.area) == ("12户（未逐户登记）", None, cast.street_a)
    measure.refresh_from_db()
    assert measure.party_key is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kinds": {}}, "kinds"),
        ({"kinds": {"nothing": None}}, "kinds"),
        ({"decided_on": TODAY + dt.timedelta(days=1)}, "decided_on"),
        ({"kinds": {MeasureKind.FINE: None}}, "__all__"),
        ({"kinds": {MeasureKind.FINE: Decimal(0)}}, "__all__"),
        ({"kinds": {MeasureKind.WARNING: Decimal(5)}}, "__all__"),
        ({"quantity": 3}, "__all__"),
        ({"enterprise": None, "quantity": 0}, "__all__"),
    ],
)
def test_what_contradicts_itself_is_refused(cast: Cast, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        register(cast, **fields)
    assert list(caught.value.message_dict) == [field]
    assert not Measure.objects.exists()


def test_who_registers_and_for_whom(cast: Cast) -> None:
    for name in ("leader", "community_officer", "officer_b", "enterprise_user", "system_admin"):
        with pytest.raises(PermissionDenied):
            register(cast, actor=cast.person(name))
    with pytest.raises(ValidationError) as caught:
        register(cast, actor=cast.person("officer_b"), handler=cast.street_b)
    assert "enterprise" in caught.value.message_dict or "area" in caught.value.message_dict
    with pytest.raises(ValidationError):
        register(cast, enterprise=None, party_name="外地公司", area=cast.street_b)
    assert not Measure.objects.exists()
    (made,) = register(cast, actor=cast.person("department_clerk"), handler=cast.department)
    assert made.number.startswith("369901-2026-处")


def test_a_town_without_delegated_power_registers_no_penalty(cast: Cast, settings: Any) -> None:
    settings.STREETS_MAY_INSPECT = False
    with pytest.raises(ValidationError, match="未获委托执法"):
        register(cast)
    assert register(cast, kinds={MeasureKind.REFERRAL: None})
    assert register(cast, actor=cast.person("bureau_clerk"), handler=cast.bureau)


def test_the_visit_fits_the_decision(cast: Cast) -> None:
    other = enterprise_make(name="东门木器厂", area=cast.street_a, created_by=cast.bureau_clerk)
    later = DECIDED_ON + dt.timedelta(days=1)
    visit = visit_make(actor=cast.officer_a, handler=cast.street_a, on=later, enterprise=other)
    with pytest.raises(ValidationError, match="不能早于检查日期"):
        register(cast, visit=visit, enterprise=None)
    with pytest.raises(ValidationError, match="东门木器厂"):
        register(cast, visit=visit, decided_on=later)
    with pytest.raises(ValidationError, match="没有这次检查"):
        register(cast, actor=cast.person("officer_b"), handler=cast.street_b, visit=visit, decided_on=later)


# ------------------------------------------------------------------------------------------------ what the database holds


def test_a_kind_against_a_party_stands_once_under_a_document(cast: Cast) -> None:
    first = measure_make(cast, document_number="罚1号")
    with pytest.raises(ValidationError, match="已登记同一当事人"):
        register(cast, kinds={MeasureKind.FINE: Decimal(1)}, document_number="罚1号")
    register(cast, document_number="罚1号")  # another kind
    register(cast, document_number="罚1号", enterprise=None, party_name="王某")  # another party
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.bulk_create([_copy(first, number="另1")])
    act(cast, first, "void", "section_head")
    register(cast, kinds={MeasureKind.FINE: Decimal(1)}, document_number="罚1号")


def _copy(measure: Measure, **changes: Any) -> Measure:
    columns = [one for one in Measure._meta.concrete_fields if not (one.primary_key or one.generated)]
    return Measure(**{one.attname: getattr(measure, one.attname) for one in columns} | changes)


@pytest.fixture
def sample(cast: Cast) -> Measure:
    return measure_make(cast, kind=MeasureKind.OTHER)


@given(name=st.text(alphabet="甲乙Ａａ（）() -·.，,0０", max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_column_and_the_function_tell_parties_apart_alike(sample: Measure, name: str) -> None:
    measure = _copy(sample, enterprise_id=None, party_name=name, number="试")
    with transaction.atomic():
        Measure.objects.bulk_create([measure])
        key = Measure.objects.values_list("party_key", flat=True).get(number="试")
        transaction.set_rollback(True)
    assert key == party_key(None, name)
    assert key is None or not set(key) & set(NAME_SIGNS)


def test_an_enterprise_is_its_own_key(cast: Cast) -> None:
    measure = measure_make(cast)
    measure.refresh_from_db()
    assert measure.party_key == party_key(cast.enterprise.pk, "") == f"#{cast.enterprise.pk}"


# ------------------------------------------------------------------------------------------------ putting right


def test_the_author_corrects_on_the_day_and_the_clock_follows(cast: Cast) -> None:
    measure = measure_make(cast)
    earlier = DECIDED_ON - dt.timedelta(days=4)
    changed = measure_correct(
        measure=measure, actor=cast.person("officer_a"), decided_on=earlier, amount=Decimal(800), cause=" 未培训上岗 "
    )
    assert (changed.amount, changed.cause) == (Decimal(800), "未培训上岗")
    assert changed.publish_due_on == dt.date(2026, 3, 11)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        measure_correct(measure=measure, actor=cast.person("officer_a"), decided_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(ValidationError):
        measure_correct(measure=measure, actor=cast.person("officer_a"), amount=None)
    with pytest.raises(TypeError):
        measure_correct(measure=measure, actor=cast.person("officer_a"), kind=MeasureKind.WARNING)
    for name in ("officer_a2", "bureau_clerk", "enterprise_user"):
        with pytest.raises(PermissionDenied):
            measure_correct(measure=measure, actor=cast.person(name), cause="改")


def test_later_the_heads_correct_with_a_reason(cast: Cast) -> None:
    measure = measure_make(cast)
    act(cast, measure, "publish")
    Measure.objects.filter(pk=measure.pk).update(created_at=clock.now() - dt.timedelta(days=1))
    with pytest.raises(PermissionDenied):
        measure_correct(measure=measure, actor=cast.person("officer_a"), cause="改")
    with pytest.raises(ValidationError, match="请填写更正原因"):
        measure_correct(measure=measure, actor=cast.person("section_head"), cause="改")
    before = measure.publish_due_on
    day = DECIDED_ON - dt.timedelta(days=4)
    measure_correct(measure=measure, actor=cast.person("section_head"), decided_on=day, reason="日期录错")
    measure.refresh_from_db()
    assert (measure.decided_on, measure.publish_due_on) == (day, before)  # what is published has no clock left
    assert events_of(measure).last().note == "日期录错"
    act(cast, measure, "void", "leader")
    with pytest.raises(PermissionDenied):
        measure_correct(measure=measure, actor=cast.person("section_head"), cause="改", reason="改")


def test_a_name_is_linked_to_the_register_once(cast: Cast) -> None:
    measure = measure_make(cast, kind=MeasureKind.WARNING, party_name="东门机械厂二车间")
    other = enterprise_make(name="西坪木器厂", area=cast.street_b, created_by=cast.bureau_clerk)
    with pytest.raises(ValidationError, match="没有这个监管对象"):
        measure_correct(measure=measure, actor=cast.person("officer_a"), enterprise=other)
    linked = measure_correct(measure=measure, actor=cast.person("officer_a"), enterprise=cast.enterprise)
    assert (linked.enterprise, linked.party_name, linked.department) == (
        cast.enterprise, "东门机械厂二车间", cast.department,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="不能改为别家"):
        measure_correct(measure=measure, actor=cast.person("section_head"), enterprise=other, reason="改")
