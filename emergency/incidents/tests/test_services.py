"""Registering, correcting, later deaths: what is stored, what follows from it, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises.tests.factories import industry_make
from emergency.incidents.models import (
    Accident,
    AccidentDeath,
    Classification,
    Formerly,
    Grade,
    Status,
    grade_of,
)
from emergency.incidents.services import accident_act, accident_correct, accident_register, death_record, death_void
from emergency.incidents.services.casualties import update_rule
from emergency.incidents.tests.factories import HAPPENED_ON, TODAY, accident_in, accident_make, moment
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


def read(one: Accident) -> Accident:
    return Accident.objects.get(pk=one.pk)


def traces() -> tuple[Any, ...]:
    """All that a refused attempt must leave as it was."""
    return list(Accident.objects.values()), list(AccidentDeath.objects.values()), AuditEntry.objects.count()


# ------------------------------------------------------------------------------------------------ the grade

YI = 100_000_000


@pytest.mark.parametrize(
    ("deaths", "serious", "loss", "grade"),
    [
        (0, 0, None, "general"),
        (2, 9, 9_999_999, "general"),
        (3, 0, None, "larger"),
        (0, 10, 0, "larger"),
        (0, 0, 10_000_000, "larger"),
        (9, 49, 49_999_999, "larger"),
        (10, 0, 0, "major"),
        (0, 50, 0, "major"),
        (0, 0, 50_000_000, "major"),
        (29, 99, YI - 1, "major"),
        (30, 0, 0, "extraordinary"),
        (0, 100, 0, "extraordinary"),
        (0, 0, YI, "extraordinary"),
        (1, 0, YI, "extraordinary"),
    ],
)
def test_the_grade_takes_its_lower_bound_in(deaths: int, serious: int, loss: int | None, grade: str) -> None:
    amount = None if loss is None else Decimal(loss)
    assert grade_of(deaths=deaths, serious_injured=serious, direct_loss=amount) == grade


#: From the words of the article: 造成3人以上10人以下死亡，或者10人以上50人以下重伤，或者1000万元以上5000万元以下直接经济损失 …
GRADES = [Grade.GENERAL, Grade.LARGER, Grade.MAJOR, Grade.EXTRAORDINARY]


def rank(value: Decimal | int, bounds: tuple[int, int, int]) -> int:
    return sum(value >= bound for bound in bounds)


people = st.one_of(st.integers(0, 120), st.sampled_from([2, 3, 9, 10, 29, 30, 49, 50, 99, 100]))
money = st.one_of(st.none(), st.decimals(0, 2 * YI, places=2, allow_nan=False))


@given(deaths=people, serious=people, loss=money)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_gravest_of_three_and_the_database_agrees(
    cast: Cast, deaths: int, serious: int, loss: Decimal | None
) -> None:
    one = Accident.objects.first() or accident_make(cast)
    grade = grade_of(deaths=deaths, serious_injured=serious, direct_loss=loss)
    worst = max(rank(deaths, (3, 10, 30)), rank(serious, (10, 50, 100)), rank(loss or 0, (10_000_000, 50_000_000, YI)))
    assert grade == GRADES[worst]
    changes = {"initial_deaths": 0, "deaths": deaths, "serious_injured": serious, "direct_loss": loss}
    rows = Accident.objects.filter(pk=one.pk)
    assert rows.update(**changes, grade=grade) == 1
    wrong = GRADES[(worst + 1) % 4]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(grade=wrong)


# ------------------------------------------------------------------------------------------------ registering


def test_a_town_reports_and_what_follows_is_filled_in(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    one = accident_make(cast)
    assert (one.status, one.number, one.occurred_on) == (Status.FLASH, "369901-SG20260302-01", HAPPENED_ON)
    assert one.name == "东门街道“3·2”工矿商贸事故"
    assert (one.unit_name, one.industry.name, one.department) == ("东门机械厂", "工贸", cast.department)
    assert (one.street, one.district, one.grade) == (cast.street_a, cast.district, Grade.GENERAL)
    assert (one.deaths, one.serious_injured) == (1, 2)
    assert [(event.action, event.actor_name) for event in events_of(one)] == [("register", "周安全员")]
    assert accident_make(cast).number == "369901-SG20260302-02"


@pytest.mark.parametrize(("hour", "day"), [(0, HAPPENED_ON), (7, HAPPENED_ON), (23, HAPPENED_ON)])
def test_the_day_is_that_of_the_clocks_here(cast: Cast, hour: int, day: dt.date) -> None:
    assert accident_make(cast, occurred_at=moment(HAPPENED_ON, hour)).occurred_on == day


@pytest.mark.parametrize(
    ("name", "area", "may"),
    [
        ("bureau_clerk", "street_b", True),
        ("section_head", "district", True),
        ("officer_a", "street_a", True),
        ("officer_a", "community_a", True),
        ("officer_a", "street_b", False),
        ("officer_a", "district", False),
        ("leader", "street_a", False),
        ("community_officer", "community_a", False),
        ("department_clerk", "street_a", False),
        ("enterprise_user", "street_a", False),
        ("system_admin", "street_a", False),
    ],
)
def test_who_registers_where(cast: Cast, name: str, area: str, may: bool) -> None:
    values = {"actor": cast.person(name), "area": getattr(cast, area)}
    if may:
        assert accident_make(cast, **values).area == getattr(cast, area)
        return
    before = traces()
    with pytest.raises(PermissionDenied):
        accident_make(cast, **values)
    assert traces() == before


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"occurred_at": moment(TODAY, 9, 31)}, "occurred_at", "不能晚于现在"),
        ({"reported_at": moment(TODAY, 12)}, "reported_at", "不能晚于现在"),
        ({"reported_at": moment(HAPPENED_ON, 9, 0)}, "__all__", "事故单位报告时间不能早于事故发生时间"),
        ({"passed_on_at": moment(HAPPENED_ON, 9, 0)}, "__all__", "向上级报告时间不能早于"),
        ({"classification": "rail"}, "classification", "rail"),
        ({"counted": False}, "__all__", "不纳入统计的，请填写原因"),
        ({"production": False}, "__all__", "非生产经营性事故不纳入统计"),
        ({"direct_loss": Decimal(-1)}, "__all__", "不能小于零"),
        ({"initial_deaths": -1}, "initial_deaths", ""),
        ({"name": "长" * 121}, "name", "120"),
    ],
)
def test_what_is_refused_leaves_nothing(cast: Cast, changes: dict[str, Any], field: str, words: str) -> None:
    before = traces()
    with pytest.raises(ValidationError) as fault:
        accident_make(cast, **changes)
    assert words in "".join(fault.value.message_dict[field])
    assert traces() == before


def test_a_district_without_a_code_cannot_number(cast: Cast) -> None:
    cast.district.division_code = ""
    cast.district.save()
    with pytest.raises(ValidationError, match="没有区划代码"):
        accident_make(cast)


# ------------------------------------------------------------------------------------------------ later deaths


def last_day(classification: str) -> int:
    return 7 if classification in (Classification.ROAD, Classification.FIRE) else 30


@given(
    classification=st.sampled_from(Classification.values),
    after=st.one_of(st.integers(0, 49), st.sampled_from([0, 6, 7, 8, 29, 30, 31])),
    hour=st.integers(0, 23),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_death_counts_within_thirty_days_or_seven(cast: Cast, classification: str, after: int, hour: int) -> None:
    """《条例》第十三条: 自事故发生之日起30日内, 道路交通事故、火灾事故7日内; the last day itself counts, whatever the hour."""
    with transaction.atomic():
        one = accident_make(cast, classification=classification, occurred_at=moment(HAPPENED_ON, hour))
        died_on = HAPPENED_ON + dt.timedelta(days=after)
        death = death_record(accident=one, actor=cast.bureau_clerk, died_on=died_on)
        inside = after <= last_day(classification)
        now = read(one)
        assert death.counted is inside
        assert (now.deaths, now.serious_injured) == ((2, 1) if inside else (1, 2))
        assert (now.initial_deaths, now.initial_serious, now.occurred_on) == (1, 2, HAPPENED_ON)
        if not inside:
            assert f"超过事故发生之日起{last_day(classification)}日" in death.uncounted_because
            assert "《生产安全事故报告和调查处理条例》第十三条" in death.uncounted_because
        transaction.set_rollback(True)


def test_the_rule_is_the_one_of_the_table(cast: Cast) -> None:
    rule = update_rule(accident_make(cast))
    assert (rule.key, rule.number) == ("accident.casualty_update", 30)
    assert update_rule(accident_make(cast, classification="road")).number == 7


@pytest.mark.parametrize(
    ("formerly", "left"),
    [
        (Formerly.SERIOUS, (2, 3, 1, 4)),
        (Formerly.MISSING, (2, 2, 2, 4)),
        (Formerly.MINOR, (2, 3, 2, 3)),
        (Formerly.UNCOUNTED, (2, 3, 2, 4)),
    ],
)
def test_who_dies_is_no_longer_hurt_or_missed(cast: Cast, formerly: str, left: tuple[int, ...]) -> None:
    one = accident_make(cast, initial_missing=3, initial_minor=4)
    death_record(accident=one, actor=cast.officer_a, died_on=HAPPENED_ON, formerly=formerly)
    now = read(one)
    assert (now.deaths, now.missing, now.serious_injured, now.minor_injured) == left


def test_later_deaths_raise_the_grade_and_the_time_for_the_reply(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED, initial_deaths=29, initial_serious=3)
    assert one.grade == Grade.MAJOR
    death_record(accident=one, actor=cast.bureau_clerk, died_on=HAPPENED_ON + dt.timedelta(days=30), note="医院通报")
    now = read(one)
    assert (now.grade, now.deaths) == (Grade.EXTRAORDINARY, 30)
    assert now.reply_due_on == dt.date(2026, 5, 11)  # thirty days, and the tenth of May is a Sunday
    last = events_of(one).last()
    assert last is not None and last.label == "补报死亡" and "计入统计。医院通报" in last.note
    entry = AuditEntry.objects.filter(verb="accident.death").get()
    assert (entry.before["deaths"], entry.after["deaths"]) == (29, 30)


@pytest.mark.parametrize(
    ("died_on", "people", "words"),
    [
        (HAPPENED_ON - dt.timedelta(days=1), 1, "不能早于事故发生日期"),
        (TODAY + dt.timedelta(days=1), 1, "不能晚于今天"),
        (HAPPENED_ON, 3, "死亡人数超过已登记的重伤人数"),
        (HAPPENED_ON, 0, "人数至少为1"),
    ],
)
def test_a_later_death_that_cannot_be(cast: Cast, died_on: dt.date, people: int, words: str) -> None:
    one = accident_make(cast)
    before = traces()
    with pytest.raises(ValidationError, match=words):
        death_record(accident=one, actor=cast.officer_a, died_on=died_on, people=people)
    assert traces() == before


def test_a_later_death_entered_by_mistake_goes_again(cast: Cast) -> None:
    one = accident_make(cast)
    death = death_record(accident=one, actor=cast.officer_a, died_on=HAPPENED_ON)
    with pytest.raises(ValidationError, match="作废原因"):
        death_void(death=death, actor=cast.officer_a, reason=" ")
    death_void(death=death, actor=cast.officer_a, reason="同名误报")
    assert (read(one).deaths, read(one).serious_injured) == (1, 2)
    with pytest.raises(ValidationError, match="已作废"):
        death_void(death=death, actor=cast.officer_a, reason="再次")
    assert [event.action for event in events_of(one)] == ["register", "death", "death_void"]


@pytest.mark.parametrize(
    ("status", "name", "may"),
    [
        (Status.FLASH, "officer_a", True),
        (Status.FLASH, "bureau_clerk", True),
        (Status.FLASH, "officer_b", False),
        (Status.FLASH, "leader", False),
        (Status.VERIFIED, "officer_a", False),
        (Status.VERIFIED, "section_head", True),
        (Status.CLOSED, "bureau_clerk", True),
        (Status.CLOSED, "enterprise_user", False),
    ],
)
def test_who_adds_and_corrects_when(cast: Cast, status: str, name: str, may: bool) -> None:
    one, actor = accident_in(cast, status), cast.person(name)
    if may:
        death_record(accident=one, actor=actor, died_on=HAPPENED_ON)
        accident_correct(record=one, actor=actor, reason="核对", brief="补充")
        assert (read(one).deaths, read(one).brief) == (2, "补充")
        return
    before = traces()
    with pytest.raises(PermissionDenied):
        death_record(accident=one, actor=actor, died_on=HAPPENED_ON)
    with pytest.raises(PermissionDenied):
        accident_correct(record=one, actor=actor, reason="核对", brief="补充")
    assert traces() == before


# ------------------------------------------------------------------------------------------------ correcting


def test_a_correction_settles_everything_anew(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED, initial_serious=12)
    assert one.grade == Grade.LARGER
    tenth = HAPPENED_ON + dt.timedelta(days=10)
    death_record(accident=one, actor=cast.bureau_clerk, died_on=tenth)
    assert (read(one).deaths, read(one).serious_injured, read(one).grade) == (2, 11, Grade.LARGER)
    road = {"classification": Classification.ROAD, "initial_serious": 3}
    accident_correct(record=one, actor=cast.bureau_clerk, reason="系道路交通事故", **road)
    now = read(one)
    assert (now.deaths, now.serious_injured, now.grade) == (1, 3, Grade.GENERAL)
    death = AccidentDeath.objects.get()
    assert not death.counted and "7日" in death.uncounted_because
    last = events_of(one).last()
    assert last is not None and (last.label, last.note) == ("更正", "系道路交通事故")
    assert set(last.data["fields"]) == {"classification", "initial_serious", "deaths", "serious_injured", "grade"}


def test_a_new_date_moves_a_clock_that_still_runs(cast: Cast) -> None:
    one = accident_make(cast)
    verdict = {"counted": "yes", "opinion": "属实"}
    accident_act(queryset=Accident.objects.all(), pk=one.pk, action="verify", actor=cast.bureau_clerk, data=verdict)
    assert read(one).report_due_on == dt.date(2026, 5, 6)  # the sixtieth day falls into the holidays of May
    correction = {"occurred_at": moment(dt.date(2026, 3, 12)), "reason": "报告有误"}
    accident_correct(record=one, actor=cast.bureau_clerk, **correction)
    assert (read(one).occurred_on, read(one).report_due_on) == (dt.date(2026, 3, 12), dt.date(2026, 5, 11))


def test_a_correction_needs_its_reason_once_verified(cast: Cast) -> None:
    one = accident_make(cast)
    accident_correct(record=one, actor=cast.officer_a, brief="续报内容", name="", unit_name="")
    assert (read(one).brief, read(one).name, read(one).unit_name) == ("续报内容", one.name, one.unit_name)
    verified = accident_in(cast, Status.VERIFIED)
    with pytest.raises(ValidationError, match="更正须填写原因"):
        accident_correct(record=verified, actor=cast.bureau_clerk, brief="改")
    with pytest.raises(TypeError, match="status"):
        accident_correct(record=verified, actor=cast.bureau_clerk, reason="改", status=Status.CLOSED)
    void = accident_in(cast, Status.VOID)
    with pytest.raises(ValidationError, match="已作废"):
        accident_correct(record=void, actor=cast.bureau_clerk, reason="改", brief="改")


def test_nothing_changed_is_nothing_written(cast: Cast) -> None:
    one = accident_make(cast)
    accident_correct(record=one, actor=cast.officer_a, brief=one.brief)
    assert events_of(one).count() == 1 and not AuditEntry.objects.filter(verb="accident.update").exists()


def test_a_town_does_not_move_its_accident_next_door(cast: Cast) -> None:
    one = accident_make(cast)
    with pytest.raises(ValidationError, match="辖区"):
        accident_correct(record=one, actor=cast.officer_a, area=cast.street_b)
    accident_correct(record=one, actor=cast.bureau_clerk, area=cast.street_b)
    assert (read(one).area, read(one).street) == (cast.street_b, cast.street_b)


def test_counted_again_forgets_why_it_was_not(cast: Cast) -> None:
    one = accident_make(cast, counted=False, uncounted_reason="正在认定")
    accident_correct(record=one, actor=cast.officer_a, counted=True)
    assert (read(one).counted, read(one).uncounted_reason) == (True, "")


def test_a_class_without_a_name_of_its_own_reads_well(cast: Cast) -> None:
    one = accident_register(
        actor=cast.bureau_clerk, area=cast.street_b, occurred_at=moment(HAPPENED_ON), classification="other"
    )
    assert (one.name, one.unit_name, one.deaths) == ("西坪街道“3·2”其他类事故", "", 0)
