"""What a change touches, what it costs to roll up, when kept numbers are read, and who may start it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from emergency.core import clock
from emergency.core.jobs import run_now
from emergency.core.jobs.models import Job, ScheduledRun
from emergency.core.jobs.models import Status as JobStatus
from emergency.core.periods import month_of
from emergency.figures import tasks, triggers, vocabulary
from emergency.figures.models import FigureTouch, MonthlyFigure, RolledMonth
from emergency.figures.queries import evaluate
from emergency.figures.services import rolling
from emergency.figures.services.rolling import roll_up, roll_up_ask
from emergency.figures.tests.rolling_samples import (
    MONTHS,
    NOW,
    SPANS,
    add_hazard,
    again,
    assert_kept_is_live,
    close,
    codes,
    nothing_live,
)
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from emergency.programmes.tests.factories import campaign_make
from hazards.models import Hazard


@pytest.fixture
def stopped() -> Iterator[None]:
    with clock.at(NOW):
        yield


# ------------------------------------------------------------------------------------------------ touches


def sources() -> list[str]:
    return sorted(source.code for source in vocabulary.sources())


def source_of(code: str) -> vocabulary.Source:
    return next(source for source in vocabulary.sources() if source.code == code)


@pytest.mark.django_db
@pytest.mark.parametrize("code", sources())
def test_the_triggers_know_every_date_that_a_figure_counts_by(code: str) -> None:
    source = source_of(code)
    model = source.records().model
    dates = {column for figure in rolling.figures_of(source) for column in figure.date_columns()}
    tables = {model._meta.db_table}
    for dimension in source.dimensions:
        if dimension.overlap:
            tables.add(model._meta.get_field(dimension.column).remote_field.through._meta.db_table)
    installed = triggers.touching(code)
    assert set(installed) == tables
    for table, body in installed.items():
        assert {column for column in dates if f"(r.{column})" in body} == dates, table


@pytest.mark.django_db
@pytest.mark.parametrize("code", sources())
def test_a_figure_looks_at_its_own_table_only(code: str) -> None:
    """A condition on another table would change a number without a touch."""
    source = source_of(code)
    for figure in rolling.figures_of(source):
        for span in SPANS[:1]:
            rows = source.records().filter(figure.condition(span))
            rows.query.sql_with_params()
            joined = {table for table, count in rows.query.alias_refcount.items() if count}
            assert joined <= {source.records().model._meta.db_table}, figure.code


@pytest.mark.django_db
def test_a_statement_touches_what_was_and_what_is_in_every_month_of_its_dates(cast: Cast) -> None:
    record = add_hazard(cast, cast.street_a, dt.date(2020, 11, 5))
    close(record, dt.date(2021, 1, 9))
    FigureTouch.objects.all().delete()
    Hazard.objects.filter(pk=record.pk).update(
        street=cast.street_b, area=cast.street_b, found_on=dt.date(2020, 12, 1), due_on=None
    )
    november, december, january = MONTHS[:3]
    assert touches() == {
        ("hazards", november, cast.street_a.pk),
        ("hazards", january, cast.street_a.pk),
        ("hazards", december, cast.street_b.pk),
        ("hazards", january, cast.street_b.pk),
    }
    FigureTouch.objects.all().delete()
    campaign = campaign_make(cast)
    record.campaigns.add(campaign)
    assert touches() == {("hazards", december, cast.street_b.pk), ("hazards", january, cast.street_b.pk)}
    FigureTouch.objects.all().delete()
    Programme.objects.filter(pk=campaign.pk).update(parent=campaign_make(cast, "三年行动"))
    assert touches() >= {("hazards", None, None), ("inspections", None, None)}


@pytest.mark.django_db
def test_an_emptied_table_touches_everything(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE inspections_visit CASCADE")
    assert ("inspections", None, None) in touches()


def touches() -> set[tuple[str, dt.date | None, int | None]]:
    return set(FigureTouch.objects.values_list("source", "month", "street"))


# ------------------------------------------------------------------------------------------------ cost and reading


@pytest.fixture
def rolled(cast: Cast, stopped: None) -> Cast:
    """A dozen hazards, all rolled up."""
    for index in range(12):
        add_hazard(cast, (cast.street_a, cast.street_b)[index % 2], MONTHS[index % 4], quantity=index + 1)
    roll_up()
    return cast


@pytest.mark.django_db
def test_the_cost_follows_what_changed(rolled: Cast) -> None:
    whole = roll_up(everything=True)
    assert whole.written == whole.removed == 0  # what is right stays as it is
    kept = MonthlyFigure.objects.count()
    add_hazard(rolled, rolled.street_a, MONTHS[-1])
    one = roll_up()
    assert one.months == 1 < whole.months
    assert 0 < one.written < kept / 4
    add_hazard(rolled, rolled.street_a, dt.date(2020, 12, 31))
    two = roll_up()
    assert two.months == 3, "December, and what is open at the end of January and of February"
    others = MonthlyFigure.objects.filter(organisation=rolled.street_b, tier="street")
    assert others.exists()


@pytest.mark.django_db
def test_a_closed_month_is_read_in_two_queries(rolled: Cast, django_assert_num_queries: Any) -> None:
    unit = again(rolled.district)
    evaluate(["hazards.found"], organisation=unit, period=month_of(MONTHS[0]))  # start days, kept with the unit
    with nothing_live(), django_assert_num_queries(2):
        evaluate(["hazards.found", "hazards.rate", "hazards.overdue"], organisation=unit, period=month_of(MONTHS[1]))


@pytest.mark.django_db
def test_a_change_elsewhere_leaves_a_street_its_kept_numbers(rolled: Cast) -> None:
    add_hazard(rolled, rolled.street_b, MONTHS[1])
    with nothing_live():
        evaluate(codes("grade"), organisation=again(rolled.street_a), period=month_of(MONTHS[1]))
    with pytest.raises(AssertionError, match="asked live"), nothing_live():
        evaluate(codes("grade"), organisation=again(rolled.district), period=month_of(MONTHS[1]))


@pytest.mark.django_db
def test_a_figure_that_means_something_else_now_is_asked_live_until_it_is_rolled_up(rolled: Cast) -> None:
    meanwhile = mock.patch("emergency.figures.queries.stored.declared", return_value="new")
    with meanwhile, pytest.raises(AssertionError, match="asked live"), nothing_live():
        evaluate(["hazards.found"], organisation=again(rolled.district), period=month_of(MONTHS[0]))
    RolledMonth.objects.update(declared="old")
    assert roll_up().months == RolledMonth.objects.count()


@pytest.mark.django_db
def test_one_month_answers_only_the_touches_that_speak_for_it_alone(rolled: Cast) -> None:
    add_hazard(rolled, rolled.street_a, MONTHS[0])
    assert roll_up(month=MONTHS[0]).touches == 0, "what is open at the end of later months has changed too"
    assert_kept_is_live([rolled.district])
    add_hazard(rolled, rolled.street_a, MONTHS[-1])
    assert roll_up(month=MONTHS[-1]).touches == 1
    assert roll_up(month=dt.date(2035, 1, 1)).months == 0


# ------------------------------------------------------------------------------------------------ who may start it


@pytest.mark.django_db
def test_the_button_is_the_section_heads(cast: Cast) -> None:
    url = reverse("figures:roll_up")
    for who in ("officer_a", "bureau_clerk", "leader", "system_admin"):
        assert cast.client(who).post(url).status_code == 403
        assert "重新汇总" not in cast.client(who).get(reverse("figures:list")).content.decode()
    assert not Job.objects.exists()
    client = cast.client("section_head")
    assert "重新汇总" in client.get(reverse("figures:list")).content.decode()
    response = client.post(url)
    job = Job.objects.get()
    assert response.url == job.get_absolute_url()
    client.post(url)
    assert Job.objects.count() == 1, "one that waits is enough"
    with clock.at(NOW):
        add_hazard(cast, cast.street_a, MONTHS[0])
        assert run_now(job).status == JobStatus.DONE
    assert job.result["touches"] and not FigureTouch.objects.exists()


@pytest.mark.django_db
def test_the_timetable_and_the_command(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    tasks.roll_up()
    job = Job.objects.get()
    assert ScheduledRun.objects.get(name="figures.roll_up").detail == f"任务{job.pk}"
    with clock.at(NOW):
        add_hazard(cast, cast.street_a, MONTHS[-1])
        call_command("roll_up", month=MONTHS[-1])
        call_command("roll_up", everything=True, verbosity=2)
    said = capsys.readouterr().out
    assert "已汇总" in said and "隐患治理台账2021年01月" in said


@pytest.mark.django_db
def test_nobody_else_asks_by_the_service(cast: Cast) -> None:
    with pytest.raises(Exception, match="科室负责人"):
        roll_up_ask(actor=cast.officer_a)
