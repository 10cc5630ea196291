"""Every status × action × role of the table, and each rule by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core import clock
from emergency.core.lifecycle import events_of
from emergency.incidents.lifecycle import LIFECYCLE
from emergency.incidents.models import Accident, Status
from emergency.incidents.services import accident_act
from emergency.incidents.tests.factories import HAPPENED_ON, TODAY, accident_in, accident_make, moment
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

BUREAU = {"bureau_clerk", "section_head"}
HEADS = {"section_head", "leader"}
MAY = {
    "verify": BUREAU,
    "extend": BUREAU,
    "submit_report": BUREAU,
    "close": BUREAU,
    "reopen": HEADS,
    "void": HEADS,
}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


INPUT: dict[str, dict[str, Any]] = {
    "verify": {"counted": "yes", "opinion": "情况属实"},
    "extend": {"report_due_on": dt.date(2026, 6, 1), "reason": "需作技术鉴定，区政府同意"},
    "submit_report": {"report_submitted_on": dt.date(2026, 4, 18), "cause": "吊具未检查"},
    "close": {"approved_on": dt.date(2026, 4, 19), "approval_number": "南岭府字〔2026〕8号"},
    "reopen": {"reason": "批复尚未下达"},
    "void": {"reason": "重复登记"},
}


def standing(cast: Cast, status: str, action: str) -> Accident:
    """An accident in this status for which the investigation has come as far as the step wants."""
    one = accident_in(cast, status)
    if action in ("extend", "submit_report"):
        Accident.objects.filter(pk=one.pk).update(report_submitted_on=None, reply_due_on=None)
    return Accident.objects.get(pk=one.pk)


def traces(one: Accident) -> tuple[Any, ...]:
    return Accident.objects.values().get(pk=one.pk), events_of(one).count()


def act(cast: Cast, one: Accident, action: str, name: str = "section_head", **changes: Any) -> Accident:
    user = cast.person(name)
    data = INPUT[action] | changes
    visible = Accident.objects.visible_to(user)
    return accident_act(queryset=visible, pk=one.pk, action=action, actor=user, data=data)


def attempt(cast: Cast, one: Accident, action: str, name: str) -> str:
    try:
        act(cast, one, action, name)
    except Accident.DoesNotExist:
        return "unseen"
    except PermissionDenied:
        return "refused"
    except ValidationError:
        return "invalid"
    return "done"


def sees(name: str, status: str) -> bool:
    """Street B, the community and the administrators never; the firm what has been verified."""
    if name in ("officer_b", "community_officer", *Cast.ADMINISTRATORS):
        return False
    return name != "enterprise_user" or status in (Status.VERIFIED, Status.CLOSED)


@pytest.mark.parametrize("action", LIFECYCLE.actions())
@pytest.mark.parametrize("status", Status.values)
def test_every_status_action_role(cast: Cast, status: str, action: str) -> None:
    known = LIFECYCLE.find(status, action)
    one = standing(cast, status, action)
    before = traces(one)
    for name in Cast.NAMES:
        if not sees(name, status):
            expected = "unseen"
        elif known is None:
            expected = "invalid"
        else:
            expected = "done" if name in MAY[action] else "refused"
        assert attempt(cast, one, action, name) == expected, name
        if expected == "done":
            assert known is not None
            one.refresh_from_db()
            last = events_of(one).last()
            assert last is not None and (last.action, last.source, last.target) == (action, status, known.target)
            assert one.status == known.target
            one = standing(cast, status, action)
            before = traces(one)
        else:
            assert traces(one) == before, name


def assert_refused(cast: Cast, one: Accident, action: str, field: str, words: str, **changes: Any) -> None:
    before = traces(one)
    with pytest.raises(ValidationError) as fault:
        act(cast, one, action, **changes)
    assert words in "".join(fault.value.message_dict[field])
    assert traces(one) == before


@pytest.mark.parametrize(
    ("status", "action", "field"),
    [(one.sources[0], one.action, field) for one in LIFECYCLE.transitions for field in one.required],
)
def test_what_is_required_is_required(cast: Cast, status: str, action: str, field: str) -> None:
    assert_refused(cast, standing(cast, status, action), action, field, "请填写此项", **{field: ""})


def test_verifying_decides_on_the_statistics_and_starts_the_clock(cast: Cast) -> None:
    one = accident_make(cast)
    words = "不纳入统计的，请填写原因"
    assert_refused(cast, one, "verify", "uncounted_reason", words, counted="no", uncounted_reason=" ")
    done = act(cast, one, "verify", counted="no", uncounted_reason="自然灾害引发")
    assert (done.counted, done.uncounted_reason, done.verified_on) == (False, "自然灾害引发", TODAY)
    assert done.report_due_on == done.next_due_on == dt.date(2026, 5, 6)  # the first to fifth of May are holidays


def test_what_is_no_business_is_not_counted(cast: Cast) -> None:
    one = accident_make(cast, production=False, counted=False, uncounted_reason="居民自建房")
    assert_refused(cast, one, "verify", "counted", "非生产经营性")


def test_the_investigation_is_prolonged_once_and_not_beyond_sixty_days(cast: Cast) -> None:
    one = standing(cast, Status.VERIFIED, "extend")
    assert_refused(cast, one, "extend", "report_due_on", "须晚于现期限2026-05-06", report_due_on=one.report_due_on)
    longest = dt.date(2026, 7, 6)  # sixty days end on Sunday the fifth of July
    over = longest + dt.timedelta(days=1)
    assert_refused(cast, one, "extend", "report_due_on", "延长最多至2026-07-06", report_due_on=over)
    done = act(cast, one, "extend", report_due_on=longest)
    assert (done.report_due_on, done.report_extended) == (longest, True)
    assert_refused(cast, one, "extend", "__all__", "已经延长过一次", report_due_on=over)


def test_a_case_closes_on_a_report_and_its_reply(cast: Cast) -> None:
    one = standing(cast, Status.VERIFIED, "submit_report")
    assert_refused(cast, one, "close", "__all__", "尚未提交调查报告")
    early, late = HAPPENED_ON - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)
    assert_refused(cast, one, "submit_report", "report_submitted_on", "早于事故", report_submitted_on=early)
    assert_refused(cast, one, "submit_report", "report_submitted_on", "晚于今天", report_submitted_on=late)
    reported = act(cast, one, "submit_report")
    assert (reported.cause, reported.reply_due_on) == ("吊具未检查", dt.date(2026, 5, 6))
    assert_refused(cast, one, "submit_report", "__all__", "已经提交")
    assert_refused(cast, one, "extend", "__all__", "已经提交")
    assert_refused(cast, one, "close", "approved_on", "早于调查报告", approved_on=dt.date(2026, 4, 17))
    assert_refused(cast, one, "close", "approved_on", "晚于今天", approved_on=late)
    closed = act(cast, one, "close")
    assert (closed.status, closed.approval_number) == (Status.CLOSED, "南岭府字〔2026〕8号")
    again = act(cast, one, "reopen", "leader")
    assert (again.status, again.approved_on, again.approval_number) == (Status.VERIFIED, None, "")


def test_the_reply_to_a_gravest_accident_takes_thirty_days(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED, initial_deaths=30)
    Accident.objects.filter(pk=one.pk).update(report_submitted_on=None)
    assert act(cast, one, "submit_report").reply_due_on == dt.date(2026, 5, 18)
