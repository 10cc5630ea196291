"""How grave a risk is, and every status × action × role of a risk point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from emergency.core import attachments, clock
from emergency.core.lifecycle import events_of
from emergency.enterprises.models import RiskLevel
from emergency.organizations.tests.factories import Cast
from hazards.checks import risk_thresholds
from hazards.lifecycle import RISK_LIFECYCLE
from hazards.lifecycle.grading import LEC_EXPOSURE, LEC_LIKELIHOOD, LEC_SEVERITY, grade, level_of
from hazards.models import Assessment, Patrol, RiskPoint, RiskStatus
from hazards.services import risk_act
from hazards.tests.factories import photo
from hazards.tests.risk_factories import IDENTIFIED_ON, TODAY, risk_in, risk_make

DAY = dt.timedelta(days=1)

# ------------------------------------------------------------------------------------------------ grading


@pytest.mark.parametrize(
    ("method", "score", "level"),
    [
        ("lec", "320", "red"), ("lec", "319.9", "orange"), ("lec", "160", "orange"), ("lec", "159.9", "yellow"),
        ("lec", "70", "yellow"), ("lec", "69.9", "blue"), ("lec", "0.05", "blue"),
        ("ls", "25", "red"), ("ls", "20", "red"), ("ls", "16", "orange"), ("ls", "15", "orange"), ("ls", "12", "yellow"),
        ("ls", "9", "yellow"), ("ls", "8", "blue"), ("ls", "1", "blue"),
    ],
)  # fmt: skip
def test_a_level_begins_at_its_least_value(method: str, score: str, level: str) -> None:
    assert level_of(method, Decimal(score)) == level


@given(st.sampled_from(LEC_LIKELIHOOD), st.sampled_from(LEC_EXPOSURE), st.sampled_from(LEC_SEVERITY))
def test_a_graver_factor_never_lowers_the_level(likelihood: Decimal, exposure: Decimal, severity: Decimal) -> None:
    order = list(RiskLevel.values)
    graded = grade(assessment="lec", likelihood=likelihood, exposure=exposure, severity=severity)
    assert graded.score == likelihood * exposure * severity
    for name, grades in (("likelihood", LEC_LIKELIHOOD), ("exposure", LEC_EXPOSURE), ("severity", LEC_SEVERITY)):
        graver: dict[str, Any] = {"likelihood": likelihood, "exposure": exposure, "severity": severity}
        graver[name] = grades[0]
        assert order.index(grade(assessment="lec", **graver).level) <= order.index(graded.level)


@pytest.mark.parametrize(
    ("inputs", "field", "words"),
    [
        ({"assessment": "lec", "likelihood": 10, "severity": 7}, "exposure", "暴露频繁程度"),
        ({"assessment": "lec", "likelihood": 10, "exposure": 6, "severity": 8}, "severity", "100、40、15"),
        ({"assessment": "ls", "likelihood": 6, "severity": 5}, "likelihood", "5、4、3、2、1"),
        ({"assessment": "ls", "likelihood": 5, "severity": 5, "level": "blue"}, "level", "应为重大风险"),
        ({"assessment": "direct"}, "level", "请选择风险等级"),
        ({"assessment": "direct", "level": "red"}, "judgement", "理由"),
    ],
)
def test_an_assessment_is_complete(inputs: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        grade(**inputs)
    assert words in refused.value.message_dict[field][0]


@pytest.mark.parametrize("least", [[], [20, 15], [9, 15, 20], [20, 20, 9], [20, 15, 0]])
def test_thresholds_of_a_site_must_fall(settings: Any, least: list[int]) -> None:
    assert risk_thresholds() == []
    settings.RISK_LS_THRESHOLDS = least
    assert [one.id for one in risk_thresholds()] == ["hazards.E001"]


# ------------------------------------------------------------------------------------------------ the table

HANDLER = {"officer_a", "officer_a2"}
HEADS = {"section_head", "leader"}
#: Who may take each step of a risk point of street A's enterprise, kept by the street.
MAY = {
    "control": HANDLER,
    "patrol": HANDLER | {"enterprise_user"},
    "reassess": HANDLER,
    "transfer": HANDLER | HEADS,
    "remove": HANDLER,
    "release": HEADS,
    "restore": HEADS,
    "restore_identified": set(),  # of one that was under control
    "void": HEADS,
}


@pytest.fixture
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def input_of(cast: Cast, action: str) -> dict[str, Any]:
    """What a step needs to go through."""
    given: dict[str, dict[str, Any]] = {
        "control": {"controlled_on": TODAY},
        "patrol": {"patrolled_on": TODAY, "result": "措施有效"},
        "reassess": {"assessment": "ls", "likelihood": 3, "severity": 5, "assessed_on": TODAY, "reason": "储量减半"},
        "transfer": {"handler": cast.department, "reason": "属行业主管部门职责"},
        "remove": {"removed_on": TODAY, "reason": "储罐已拆除"},
    }
    return given.get(action, {"reason": "登记有误"})


def act(cast: Cast, record: RiskPoint, action: str, name: str = "officer_a", **changes: Any) -> RiskPoint:
    """Take a step with good input, changed as told."""
    user = cast.person(name)
    photos = changes.pop("photos", ())
    data = input_of(cast, action) | changes
    return risk_act(
        queryset=RiskPoint.objects.visible_to(user), pk=record.pk, action=action, actor=user, data=data, photos=photos
    )


def traces(record: RiskPoint) -> tuple[Any, ...]:
    """All that a refused step must leave as it was."""
    row = RiskPoint.objects.filter(pk=record.pk).values().get()
    return row, events_of(record).count(), attachments.for_owner(record).count()


def attempt(cast: Cast, record: RiskPoint, action: str, name: str) -> str:
    try:
        act(cast, record, action, name)
    except RiskPoint.DoesNotExist:
        return "unseen"
    except PermissionDenied:
        return "refused"
    except ValidationError:
        return "invalid"
    return "done"


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize("action", RISK_LIFECYCLE.actions())
@pytest.mark.parametrize("status", RiskStatus.values)
def test_every_status_action_role(cast: Cast, status: str, action: str) -> None:
    known = RISK_LIFECYCLE.find(status, action)
    record = risk_in(cast, status)
    start, before = RiskPoint.objects.filter(pk=record.pk).values().get(), traces(record)
    for name in Cast.NAMES:
        if name in ("officer_b", "community_officer", *Cast.ADMINISTRATORS):
            expected = "unseen"
        elif known is None:
            expected = "invalid"
        else:
            expected = "done" if name in MAY[action] else "refused"
        assert attempt(cast, record, action, name) == expected, name
        if expected == "done":
            assert known is not None
            last = events_of(record).last()
            assert last is not None and (last.action, last.source, last.target) == (action, status, known.target)
            RiskPoint.objects.filter(pk=record.pk).update(
                **{key: value for key, value in start.items() if key != "search_text"}
            )
            before = traces(record)
        else:
            assert traces(record) == before, name


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_the_buttons_are_those_that_may_be_pressed(cast: Cast) -> None:
    assert set(MAY) == set(RISK_LIFECYCLE.actions())
    for status in RiskStatus.values:
        record = risk_in(cast, status)
        known = {one.action for one in RISK_LIFECYCLE.transitions if status in one.sources}
        for name in Cast.BUSINESS:
            buttons = {one.action for one in RISK_LIFECYCLE.allowed(record, cast.person(name))}
            assert buttons == {action for action in known if name in MAY[action]}, (status, name)


# ------------------------------------------------------------------------------------------------ rules, one by one


def assert_refused(
    cast: Cast, record: RiskPoint, action: str, words: str, name: str = "officer_a", **changes: Any
) -> None:
    before = traces(record)
    with pytest.raises(ValidationError, match=words):
        act(cast, record, action, name, **changes)
    assert traces(record) == before


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("action", "status", "field"),
    sorted({(one.action, one.sources[0], field) for one in RISK_LIFECYCLE.transitions for field in one.required}),
)
def test_what_is_required_is_required(cast: Cast, action: str, status: str, field: str) -> None:
    record = risk_in(cast, status)
    if action == "restore_identified":
        RiskPoint.objects.filter(pk=record.pk).update(controlled_on=None)
    name = "officer_a" if "officer_a" in MAY[action] else "section_head"
    assert_refused(cast, record, action, "请填写此项", name, **{field: ""})


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_control_takes_measures_and_somebody_who_answers(cast: Cast) -> None:
    assert_refused(cast, risk_make(cast, measures=()), "control", "还没有管控措施")
    assert_refused(cast, risk_make(cast, responsible_person=""), "control", "还没有责任单位或责任人")
    under = act(cast, risk_make(cast), "control", controlled_on=IDENTIFIED_ON)
    assert (under.controlled_on, under.next_patrol_on) == (IDENTIFIED_ON, TODAY + 7 * DAY)


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("action", "status", "field"),
    [
        ("control", "identified", "controlled_on"),
        ("patrol", "controlled", "patrolled_on"),
        ("remove", "controlled", "removed_on"),
        ("reassess", "controlled", "assessed_on"),
    ],
)
def test_a_step_lies_between_the_finding_and_today(cast: Cast, action: str, status: str, field: str) -> None:
    record = risk_in(cast, status)
    assert_refused(cast, record, action, "早于辨识日期", **{field: IDENTIFIED_ON - DAY})
    assert_refused(cast, record, action, "晚于今天", **{field: TODAY + DAY})


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_patrol_moves_the_next_one_and_keeps_its_photo(cast: Cast) -> None:
    record = risk_in(cast, RiskStatus.CONTROLLED)
    day = TODAY - DAY
    seen = act(cast, record, "patrol", "enterprise_user", patrolled_on=day, note="无渗漏", photos=[photo()])
    assert (seen.last_patrol_on, seen.next_patrol_on) == (day, day + 7 * DAY)
    event = events_of(record).last()
    assert event is not None and event.note == "措施有效：无渗漏"
    assert [one.pk for one in attachments.for_owner(record)] == event.data["photos"]
    assert_refused(cast, record, "patrol", "最近一次巡查", patrolled_on=day - DAY)


@pytest.mark.parametrize(
    ("patrol", "due"),
    [
        (Patrol.DAILY, dt.date(2026, 2, 1)), (Patrol.WEEKLY, dt.date(2026, 2, 7)),
        (Patrol.HALF_MONTHLY, dt.date(2026, 2, 15)), (Patrol.MONTHLY, dt.date(2026, 2, 28)),
        (Patrol.QUARTERLY, dt.date(2026, 4, 30)), (Patrol.HALF_YEARLY, dt.date(2026, 7, 31)),
        (Patrol.YEARLY, dt.date(2027, 1, 31)), ("", None),
    ],
)  # fmt: skip
def test_the_next_patrol_follows_from_the_frequency(patrol: str, due: dt.date | None) -> None:
    assert RiskPoint(patrol=patrol).patrol_after(dt.date(2026, 1, 31)) == due


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_new_assessment_keeps_the_old_level_on_the_timeline(cast: Cast) -> None:
    record = act(cast, risk_in(cast, RiskStatus.CONTROLLED), "reassess")
    assert (record.level, record.score, record.assessment) == (RiskLevel.ORANGE, 15, Assessment.LS)
    assert (record.status, record.judgement) == (RiskStatus.CONTROLLED, "")
    event = events_of(record).last()
    assert event is not None and event.note == "重大风险 → 较大风险。储量减半"
    assert event.data["thresholds"] == [20, 15, 9]
    assert_refused(cast, record, "reassess", "后果严重性", severity=6)


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_wrong_removal_is_put_right_to_where_it_stood(cast: Cast) -> None:
    controlled, identified = risk_in(cast, RiskStatus.CONTROLLED), risk_in(cast, RiskStatus.IDENTIFIED)
    for record in (controlled, identified):
        assert act(cast, record, "remove").removed_on == TODAY
    back = act(cast, controlled, "restore", "leader")
    assert (back.status, back.removed_on, back.next_patrol_on) == (RiskStatus.CONTROLLED, None, TODAY + 7 * DAY)
    with pytest.raises(PermissionDenied):
        act(cast, identified, "restore", "leader")
    open_again = act(cast, identified, "restore_identified", "leader")
    assert (open_again.status, open_again.controlled_on) == (RiskStatus.IDENTIFIED, None)
    released = act(cast, controlled, "release", "leader")
    assert (released.controlled_on, released.next_patrol_on) == (None, None)
