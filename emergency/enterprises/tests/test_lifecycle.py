"""Every state × action × person of the table, and what a refused one leaves behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import Event
from emergency.enterprises.lifecycle import LIFECYCLE
from emergency.enterprises.models import Enterprise, State
from emergency.enterprises.services import enterprise_act
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 9)
REASON = "市场原因"
OFFICERS = {"bureau_clerk", "section_head", "officer_a", "officer_a2"}
#: Who may, by action, for the enterprise of the cast: in street A itself and under the department.
MAY = {
    "suspend": OFFICERS | {"department_clerk"},
    "resume": OFFICERS | {"department_clerk"},
    "close": OFFICERS,
    "ban": OFFICERS,
    "move": OFFICERS,
    "reopen": OFFICERS,
}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def put(enterprise: Enterprise, state: str) -> None:
    ended = state in State.ended()
    day = None if state == State.OPERATING else dt.date(2026, 1, 5)
    Enterprise.objects.filter(pk=enterprise.pk).update(
        state=state, state_changed_on=day, ended_on=day if ended else None
    )


def act(cast: Cast, name: str, action: str, day: dt.date = TODAY, reason: str = REASON) -> Enterprise:
    return enterprise_act(
        enterprise=cast.enterprise, action=action, actor=cast.person(name), state_changed_on=day, state_reason=reason
    )


@pytest.mark.parametrize("name", Cast.NAMES)
def test_every_state_and_action(cast: Cast, name: str) -> None:
    for state in State.values:
        for action in LIFECYCLE.actions():
            put(cast.enterprise, state)
            row = LIFECYCLE.find(state, action)
            events = Event.objects.count()
            before = Enterprise.objects.values().get(pk=cast.enterprise.pk)
            if row is not None and name in MAY[action]:
                changed = act(cast, name, action)
                assert (changed.state, changed.state_changed_on, changed.state_reason) == (row.target, TODAY, REASON)
                assert changed.ended_on == (TODAY if row.target in State.ended() else None)
                assert Event.objects.count() == events + 1
            else:
                with pytest.raises((PermissionDenied, ValidationError, Enterprise.DoesNotExist)):
                    act(cast, name, action)
                assert Enterprise.objects.values().get(pk=cast.enterprise.pk) == before
                assert Event.objects.count() == events


def test_every_action_is_offered_to_exactly_those_who_may(cast: Cast) -> None:
    for state in State.values:
        put(cast.enterprise, state)
        record = Enterprise.objects.get(pk=cast.enterprise.pk)
        for name in Cast.NAMES:
            offered = {row.action for row in LIFECYCLE.allowed(record, cast.person(name))}
            assert offered == {
                action for action in LIFECYCLE.actions() if LIFECYCLE.find(state, action) and name in MAY[action]
            }


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        (dt.date(2026, 3, 10), REASON, "state_changed_on"),
        (dt.date(2019, 12, 31), REASON, "state_changed_on"),
        (TODAY, " ", "state_reason"),
    ],
)
def test_a_change_of_state_has_a_day_that_makes_sense_and_a_reason(
    cast: Cast, day: dt.date, reason: str, field: str
) -> None:
    with pytest.raises(ValidationError) as fault:
        act(cast, "officer_a", "close", day, reason)
    assert list(fault.value.message_dict) == [field]


def test_days_go_forward(cast: Cast) -> None:
    act(cast, "officer_a", "suspend", dt.date(2026, 3, 1))
    with pytest.raises(ValidationError, match="不能早于上一次变更"):
        act(cast, "officer_a", "resume", dt.date(2026, 2, 28))
    assert act(cast, "officer_a", "resume", dt.date(2026, 3, 1)).state == State.OPERATING


def test_the_log_keeps_state_and_day(cast: Cast) -> None:
    act(cast, "officer_a", "close")
    entry = AuditEntry.objects.filter(verb="enterprise.close").get()
    assert entry.after is not None
    assert (entry.after["state"], entry.after["ended_on"]) == ("closed", "2026-03-09")
