"""The roll-up says what the records say, whatever happened to them and to it."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from emergency.core import clock
from emergency.core.periods import Period, month_end, month_of
from emergency.enterprises.models import Industry
from emergency.figures import vocabulary
from emergency.figures.models import FigureTouch, MonthlyFigure, RolledMonth
from emergency.figures.queries import evaluate, evaluate_over
from emergency.figures.services import rolling
from emergency.figures.services.rolling import roll_up
from emergency.figures.tests.rolling_samples import (
    LEDGERS,
    MONTHS,
    NOW,
    SPANS,
    add_hazard,
    add_visit,
    again,
    all_live,
    assert_kept_is_live,
    close,
    codes,
    nothing_live,
)
from emergency.organizations.models import Organisation
from emergency.organizations.services import place
from emergency.organizations.tests.factories import Cast, cast_make
from emergency.programmes.models import Programme
from emergency.programmes.tests.factories import campaign_make
from hazards.models import Grade, Hazard, Status
from inspections.models import Visit

# ------------------------------------------------------------------------------------------------ the law


class Killed(Exception):
    """What a process that is killed half-way looks like from inside the database: its transaction is gone."""


class Ledgers(RuleBasedStateMachine):
    """Two ledgers of a district while people register, correct, move and void, and the roll-up runs, or dies, in between."""

    cast: Cast
    DAYS = st.dates(MONTHS[0], month_end(MONTHS[-1]))

    @initialize()
    def begin(self) -> None:
        self.mark = transaction.savepoint()
        cast = self.cast
        self.places = [cast.street_a, cast.street_b, cast.community_a, cast.district, None]
        self.industry = Industry.objects.create(name="甲行业", order=900)
        self.parent = campaign_make(cast, "三年行动")
        self.child = campaign_make(cast, "危化攻坚", parent=self.parent)
        add_hazard(cast, cast.street_a, MONTHS[0])
        add_visit(cast, cast.street_b, MONTHS[0], enterprise=cast.enterprise, place="")

    def hazard(self, index: int) -> Hazard:
        found = list(Hazard.objects.order_by("pk"))
        return found[index % len(found)]

    @rule(day=DAYS, place=st.integers(0, 4), quantity=st.integers(1, 5), major=st.booleans())
    def register(self, day: dt.date, place: int, quantity: int, major: bool) -> None:
        grade = Grade.MAJOR if major else Grade.GENERAL
        add_hazard(self.cast, self.places[place], day, quantity=quantity, grade=grade)

    @rule(day=DAYS, place=st.integers(0, 3), named=st.booleans())
    def visit(self, day: dt.date, place: int, named: bool) -> None:
        enterprise = self.cast.enterprise if named else None
        area = self.places[place]
        assert area is not None
        add_visit(self.cast, area, day, enterprise=enterprise, place="" if named else "路口")

    @rule(index=st.integers(0), days=st.integers(0, 70))
    def close(self, index: int, days: int) -> None:
        record = self.hazard(index)
        close(record, record.found_on + dt.timedelta(days=days))

    @rule(index=st.integers(0))
    def void(self, index: int) -> None:
        Hazard.objects.filter(pk=self.hazard(index).pk).update(status=Status.VOID, closed_on=None, void_reason="重复")

    @rule(index=st.integers(0), day=DAYS)
    def correct_the_day(self, index: int, day: dt.date) -> None:
        record = self.hazard(index)
        Hazard.objects.filter(pk=record.pk).update(
            found_on=day, due_on=day, status=Status.REVIEW, closed_on=None, rectified_on=day, industry=self.industry
        )

    @rule(index=st.integers(0), area=st.integers(0, 4))
    def move(self, index: int, area: int) -> None:
        record = self.hazard(index)
        place(record, self.places[area], fallback=record.handler)
        record.save()

    @rule(index=st.integers(0), which=st.integers(0, 3))
    def tag(self, index: int, which: int) -> None:
        chosen = [[], [self.parent], [self.child], [self.parent, self.child]][which]
        self.hazard(index).campaigns.set(chosen)

    @rule(index=st.integers(0))
    def delete(self, index: int) -> None:
        if Hazard.objects.count() > 1:
            record = self.hazard(index)
            record.campaigns.clear()
            record.delete()

    @rule()
    def hang_the_campaign_elsewhere(self) -> None:
        now = Programme.objects.get(pk=self.child.pk).parent_id
        Programme.objects.filter(pk=self.child.pk).update(parent=None if now else self.parent)

    @rule()
    def change_all_at_once(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE hazards_hazard SET quantity = quantity + 1, found_on = found_on - 1, due_on = NULL")
        Visit.objects.update(visited_on=F("visited_on") + dt.timedelta(days=31))

    @rule()
    def roll(self) -> None:
        roll_up()

    @rule(months=st.integers(0, 6))
    def roll_and_die(self, months: int) -> None:
        write, left = rolling._month_write, iter(range(months))

        def dying(*arguments: Any) -> None:
            write(*arguments)
            if next(left, None) is None:
                raise Killed  # after the rows were written, before the month is committed

        with mock.patch.object(rolling, "_month_write", dying), contextlib.suppress(Killed):
            roll_up()

    @rule(unit=st.sampled_from(["district", "street_a"]), span=st.sampled_from(SPANS))
    def ask(self, unit: str, span: Period) -> None:
        """At any moment, rolled up or not, what is read is what the records say."""
        organisation = getattr(self.cast, unit)
        kept = evaluate(codes(), organisation=again(organisation), period=span)
        with all_live():
            assert kept == evaluate(codes(), organisation=again(organisation), period=span)

    def teardown(self) -> None:
        try:
            roll_up()
            assert not FigureTouch.objects.exists()
            with nothing_live():
                evaluate_over(codes(), organisation=again(self.cast.district), periods=SPANS)
            cast = self.cast
            assert_kept_is_live([cast.city, cast.district, cast.street_a, cast.street_b, cast.community_a])
            assert roll_up().written == 0
        finally:
            transaction.savepoint_rollback(self.mark)


@pytest.mark.django_db
def test_whatever_happens_the_roll_up_says_what_the_records_say(cast: Cast) -> None:
    Ledgers.cast = cast
    limits = settings(max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    ledgers = [source for source in vocabulary.sources() if source.code in LEDGERS]
    with (
        clock.at(NOW),
        mock.patch.object(rolling, "MOST_MONTHS", len(MONTHS)),
        mock.patch.object(vocabulary, "sources", lambda: ledgers),
    ):
        run_state_machine_as_test(Ledgers, settings=limits)


# ------------------------------------------------------------------------------------------------ several processes


class Beside:
    """Work on a connection of its own, in a thread that has been waited for when the block ends."""

    def __init__(self, work: Any) -> None:
        self.work, self.failed, self.backend = work, None, 0
        self.connected = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor, clock.at(NOW):
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
                self.connected.set()
                self.work()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.failed = error
        finally:
            self.connected.set()
            connections.close_all()

    def __enter__(self) -> Beside:
        self.thread.start()
        assert self.connected.wait(20)
        return self

    def __exit__(self, *error: object) -> None:
        self.thread.join(30)
        assert not self.thread.is_alive()


def lock_month(ledger: str, month: dt.date) -> None:
    source = next(one for one in vocabulary.sources() if one.code == ledger)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", rolling._lock(source, month))


def wait_for_lock(backend: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(400):
            cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [backend])
            if cursor.fetchone() == ("Lock",):
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("it did not come to the lock")


@pytest.fixture
def stopped() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.mark.services
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_late_commit_keeps_its_touch(stopped: None) -> None:
    cast = cast_make()
    add_hazard(cast, cast.street_a, MONTHS[1])
    written, go_on = threading.Event(), threading.Event()

    def register_slowly() -> None:
        with transaction.atomic():
            add_hazard(cast, cast.street_a, MONTHS[1], quantity=3)
            written.set()
            assert go_on.wait(20)

    with Beside(register_slowly):
        assert written.wait(20)
        add_hazard(cast, cast.street_b, MONTHS[1])  # a higher number, committed before
        assert roll_up().touches
        assert not FigureTouch.objects.exists()
        go_on.set()
    assert FigureTouch.objects.exists()
    assert_kept_is_live([cast.district, cast.street_a, cast.street_b])
    roll_up()
    assert_kept_is_live([cast.district, cast.street_a, cast.street_b])
    december = MonthlyFigure.objects.get(
        figure="hazards.found", tier="district", organisation=cast.district, month=MONTHS[1], dimension=""
    )
    assert december.value == 5


@pytest.mark.services
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_killed_half_way_the_next_run_does_the_rest(stopped: None) -> None:
    cast = cast_make()
    for month in MONTHS:
        add_hazard(cast, cast.street_a, month)
    with transaction.atomic():
        lock_month("hazards", MONTHS[2])
        with Beside(roll_up) as other:
            wait_for_lock(other.backend)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [other.backend])
    assert isinstance(other.failed, OperationalError)
    done = set(RolledMonth.objects.filter(source="hazards", month__gte=MONTHS[0]).values_list("month", flat=True))
    assert done == set(MONTHS[:2])
    assert FigureTouch.objects.filter(source="hazards").exists()
    assert_kept_is_live([cast.district, cast.street_a])
    roll_up()
    with nothing_live():
        assert_sum(cast.district, 4)
    assert_kept_is_live([cast.district, cast.street_a])


def assert_sum(unit: Organisation, number: int) -> None:
    months = evaluate_over(["hazards.found"], organisation=again(unit), periods=[month_of(month) for month in MONTHS])
    assert sum(sheet.number("hazards.found") for sheet in months) == number


@pytest.mark.services
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_write_the_same_rows(stopped: None) -> None:
    """The first waits in the middle of its work while the second, and a change, overtake it."""
    cast = cast_make()
    add_hazard(cast, cast.street_a, MONTHS[0])
    ended = threading.Event()

    def hold_the_last_month() -> None:
        with transaction.atomic():
            lock_month("hazards", MONTHS[-1])
            assert ended.wait(20)

    with Beside(hold_the_last_month), Beside(roll_up) as first:
        wait_for_lock(first.backend)
        add_hazard(cast, cast.street_a, MONTHS[1], quantity=2)
        with Beside(roll_up) as second:
            wait_for_lock(second.backend)
            ended.set()
    assert (first.failed, second.failed) == (None, None)
    assert not FigureTouch.objects.exists()
    with nothing_live():
        assert_sum(cast.district, 3)
    assert_kept_is_live([cast.district, cast.street_a])
    assert roll_up(everything=True).written == 0
