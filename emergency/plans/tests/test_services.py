"""The clocks over holidays and year ends, deeming once and on its day, drills with their findings, the certificate."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.core import attachments, papers, workdays
from emergency.core.audit import AuditEntry
from emergency.core.jobs.models import ScheduledRun
from emergency.core.jobs.runner import JobFailed
from emergency.core.lifecycle import Event, Move, Transition, events_of
from emergency.organizations.models import Organisation
from emergency.organizations.tests.factories import Cast
from emergency.plans import documents
from emergency.plans.lifecycle import LIFECYCLE
from emergency.plans.lifecycle.plans import apply_for_filing
from emergency.plans.models import DrillFinding, DrillStatus, Plan, Status
from emergency.plans.queries import half_year, owing, units_owing
from emergency.plans.services import (
    finding_close,
    plan_delete,
    plan_draft,
    plan_edit,
    plan_print,
    plans_deem,
)
from emergency.plans.tasks import deem, print_certificate
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

APPLY: Transition = LIFECYCLE.find(Status.PUBLISHED, "apply")  # type: ignore[assignment]  # the table has it

# Published and applied, then the last day to apply, the last day of check, and the day of filing when nobody answered.
CLOCKS = [
    (dt.date(2026, 3, 2), dt.date(2026, 3, 30), dt.date(2026, 3, 9)),
    # The National Day holiday of 2025: 1 to 8 October rest, 28 September and 11 October (Saturdays or Sundays) are worked.
    (dt.date(2025, 9, 25), dt.date(2025, 10, 29), dt.date(2025, 10, 9)),
    # Over the end of a year: 1 to 3 January 2026 rest, 4 January (a Sunday) is worked.
    (dt.date(2025, 12, 29), dt.date(2026, 1, 27), dt.date(2026, 1, 6)),
]


@pytest.mark.parametrize(("start", "file_by", "accept_by"), CLOCKS)
def test_the_clocks_count_working_days(cast: Cast, start: dt.date, file_by: dt.date, accept_by: dt.date) -> None:
    plan = published(cast, published_on=start)
    assert plan.file_by == file_by
    assert plan.evaluate_by == start.replace(year=start.year + 3)
    plan = step(plan, "apply", cast.enterprise_user, applied_on=start)
    assert plan.accept_by == accept_by


def test_deemed_on_the_first_day_after_the_days_of_check_and_once(cast: Cast) -> None:
    plan = submitted(cast)
    office = submitted(cast, office_plan(cast), materials=["text"])
    assert plans_deem(on=dt.date(2026, 3, 17)) == 0
    assert plans_deem(on=dt.date(2026, 3, 18)) == 1
    done = Plan.objects.get(pk=plan.pk)
    assert (done.status, done.filed_on, done.deemed) == (Status.DEEMED, dt.date(2026, 3, 18), True)
    assert done.number == "369901-2026-0001"
    assert [one.actor_name for one in events_of(done).filter(action="deem")] == ["系统"]
    assert plans_deem(on=dt.date(2026, 3, 19)) == 0
    assert Event.objects.filter(action="deem").count() == 1
    assert Plan.objects.get(pk=office.pk).status == Status.SUBMITTED, "no rule deems an office's plan filed"


def test_a_job_that_missed_its_days_writes_down_the_right_ones(cast: Cast) -> None:
    """Two filings whose days end on either side of a new year, and a portal that stood still for a week."""
    late = submitted(cast, plan_make(cast, name="乙"), materials=["form"])
    early = submitted(cast, plan_make(cast, name="甲"), materials=["form"])
    for plan, last in ((early, dt.date(2026, 12, 30)), (late, dt.date(2026, 12, 31))):
        Plan.objects.filter(pk=plan.pk).update(accept_by=last)
    assert plans_deem(on=dt.date(2027, 1, 7)) == 2
    found = dict(Plan.objects.values_list("name", "filed_on"))
    assert found == {"甲": dt.date(2026, 12, 31), "乙": dt.date(2027, 1, 1)}
    assert dict(Plan.objects.values_list("name", "number")) == {"甲": "369901-2026-0001", "乙": "369901-2027-0001"}


def test_one_filing_without_a_number_keeps_back_no_other(cast: Cast) -> None:
    submitted(cast)
    Organisation.objects.filter(pk=cast.district.pk).update(division_code="")
    with pytest.raises(ExceptionGroup):
        plans_deem(on=dt.date(2026, 4, 1))
    assert Plan.objects.get().status == Status.SUBMITTED


def test_the_timetable_leaves_a_row_for_each_run(cast: Cast) -> None:
    submitted(cast)
    deem()
    run = ScheduledRun.objects.get(name="plans.deem")
    assert run.ok and run.detail == "视为备案0件"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_runs_of_the_clock_at_once_file_a_plan_once(cast: Cast) -> None:
    """Three runs together: the row is filed by one of them, with one number and one event."""
    plan = submitted(cast)
    done: list[int] = []

    def run() -> None:
        try:
            done.append(plans_deem(on=dt.date(2026, 3, 18)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 1]
    assert events_of(plan).filter(action="deem").count() == 1


@settings(max_examples=25, deadline=None)
@given(start=st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)))
def test_five_days_are_worked_between_the_receipt_and_the_last_day_of_check(start: dt.date) -> None:
    """Whatever the day of receipt; it does not count itself, and the last of the five is a working day."""
    plan = Plan(kind="special", status=Status.PUBLISHED, published_on=start)
    apply_for_filing(Move(plan, {"applied_on": start, "materials": ["form"]}, None, start, APPLY))
    assert plan.accept_by is not None
    days = [start + dt.timedelta(days=n) for n in range(1, (plan.accept_by - start).days + 1)]
    worked = [day for day in days if workdays.is_workday(day).workday]
    assert len(worked) == 5 and worked[-1] == plan.accept_by


# ------------------------------------------------------------------------------------------------ drafting


def test_nobody_enters_a_plan_for_somebody_elses_unit(cast: Cast) -> None:
    for actor in (cast.officer_b, cast.leader, cast.system_admin):
        with pytest.raises(PermissionDenied):
            plan_make(cast, actor=actor)
        with pytest.raises(PermissionDenied):
            office_plan(cast, actor=actor)
    with pytest.raises(ValidationError, match="企业的预案"):
        plan_make(cast, kind="overall")
    with pytest.raises(ValidationError, match="编制单位"):
        plan_draft(actor=cast.bureau_clerk, name="无主", kind="special")
    assert not Plan.objects.exists()
    assert plan_make(cast, actor=cast.bureau_clerk).handler == cast.bureau


def test_a_draft_is_changed_and_thrown_away_and_a_published_plan_is_neither(cast: Cast) -> None:
    plan = plan_make(cast)
    plan_edit(plan=plan, actor=cast.enterprise_user, name="新名", kind="special")
    assert Plan.objects.get().name == "新名"
    with pytest.raises(PermissionDenied):
        plan_edit(plan=plan, actor=cast.officer_b, name="别人的")
    with pytest.raises(PermissionDenied):
        plan_delete(plan=plan, actor=cast.officer_b)
    published(cast, plan)
    with pytest.raises(ValidationError):
        plan_edit(plan=plan, actor=cast.enterprise_user, name="改")
    with pytest.raises(ValidationError):
        plan_delete(plan=plan, actor=cast.enterprise_user)
    other = plan_make(cast)
    plan_delete(plan=other, actor=cast.enterprise_user)
    assert not Plan.objects.filter(pk=other.pk).exists()
    assert AuditEntry.objects.filter(verb="plan.delete").count() == 1


# ------------------------------------------------------------------------------------------------ drills


def test_a_drill_from_the_plan_to_the_last_finding(cast: Cast) -> None:
    plan = filed(cast)
    drill = drill_make(cast, actor=cast.enterprise_user, owner=None, plan=plan, planned_on=TODAY, held_on=None)
    assert (drill.status, drill.enterprise, drill.area) == (DrillStatus.PLANNED, cast.enterprise, cast.street_a)
    drill = drill_step(drill, "hold", cast.enterprise_user, quantity=2)
    assert (drill.held_on, drill.quantity, drill.people) == (TODAY, 2, 20)
    with pytest.raises(ValidationError, match="整改期限"):
        drill_step(drill, "evaluate", cast.enterprise_user, findings=["疏散路线不熟"])
    drill = drill_step(
        drill, "evaluate", cast.enterprise_user, findings=["疏散路线不熟", " ", "通信不畅"], due_on=dt.date(2026, 3, 20)
    )
    first, second = drill.findings.order_by("pk")
    assert (first.text, second.text, second.due_on) == ("疏散路线不熟", "通信不畅", dt.date(2026, 3, 20))
    assert list(DrillFinding.objects.overdue(dt.date(2026, 3, 20))) == []
    assert DrillFinding.objects.overdue(dt.date(2026, 3, 21)).count() == 2
    rows = DrillFinding.objects.all()
    with pytest.raises(PermissionDenied):
        finding_close(queryset=rows, pk=first.pk, actor=cast.officer_b, done_on=TODAY, note="已演练", on=TODAY)
    with pytest.raises(ValidationError):
        finding_close(queryset=rows, pk=first.pk, actor=cast.enterprise_user, done_on=TODAY, note=" ", on=TODAY)
    finding_close(queryset=rows, pk=first.pk, actor=cast.enterprise_user, done_on=TODAY, note="已重新演练", on=TODAY)
    with pytest.raises(ValidationError, match="已经整改"):
        finding_close(queryset=rows, pk=first.pk, actor=cast.enterprise_user, done_on=TODAY, note="再次", on=TODAY)
    assert list(DrillFinding.objects.open()) == [second]
    assert events_of(drill).filter(action="finding").count() == 1


def test_who_owes_a_drill_this_half_year(cast: Cast) -> None:
    """A firm that files a plan owes one each half-year, another does not; a drill of the other half does not count."""
    assert (half_year(dt.date(2026, 6, 30)).end, half_year(dt.date(2026, 7, 1)).start) == (
        dt.date(2026, 6, 30),
        dt.date(2026, 7, 1),
    )
    assert list(owing(TODAY)) == []
    published(cast, plan_make(cast, name="未申报"))
    assert list(owing(TODAY)) == []
    submitted(cast)
    assert list(owing(TODAY)) == [cast.enterprise]
    about = {"actor": cast.enterprise_user, "owner": None, "enterprise": cast.enterprise}
    drill_make(cast, **about, held_on=dt.date(2025, 12, 31))
    drill_make(cast, **about, held_on=None, planned_on=TODAY)
    assert list(owing(TODAY)) == [cast.enterprise]
    drill_make(cast, **about, held_on=dt.date(2026, 1, 1))
    assert list(owing(TODAY)) == []
    assert list(owing(dt.date(2026, 7, 1))) == [cast.enterprise]


def test_which_units_have_not_drilled_in_two_years(cast: Cast) -> None:
    drill_make(cast, held_on=dt.date(2024, 3, 11))
    clerk = cast.person("bureau_clerk")
    assert set(units_owing(clerk, TODAY)) == {cast.bureau, cast.department, cast.street_b}
    assert cast.street_a in set(units_owing(clerk, dt.date(2026, 3, 12)))
    assert set(units_owing(cast.person("officer_b"), TODAY)) == {cast.street_b}


# ------------------------------------------------------------------------------------------------ the certificate


def test_the_certificate_says_what_was_filed(cast: Cast) -> None:
    plan = Plan.objects.select_related("handler", "enterprise").get(pk=filed(cast).pk)
    text = papers.render_html(documents.compose(plan))
    for word in (
        "369901-2026-0001",
        cast.enterprise.name,
        "综合应急预案",
        "材料齐全",
        "2026年3月10日",
        cast.bureau.name,
    ):
        assert word in text, word
    assert documents.name_of(plan).endswith("生产安全事故应急预案备案登记表")
    late = submitted(cast, plan_make(cast, name="另一份"))
    with pytest.raises(ValidationError, match="备案后"):
        plan_print(plan=late, form="pdf", actor=cast.bureau_clerk)
    plans_deem(on=dt.date(2026, 3, 18))
    deemed = Plan.objects.select_related("handler", "enterprise").get(pk=late.pk)
    assert "视为已经备案" in papers.render_html(documents.compose(deemed))


def test_the_certificate_is_printed_and_kept(cast: Cast) -> None:
    plan = filed(cast)
    with pytest.raises(ValidationError):
        plan_print(plan=plan, form="odt", actor=cast.bureau_clerk)
    job = plan_print(plan=plan, form="pdf", actor=cast.bureau_clerk)
    assert (job.kind, job.params) == ("plans.print", {"plan": plan.pk, "form": "pdf"})
    print_certificate(job, lambda *told: None)
    (kept,) = attachments.for_owner(plan)
    assert job.file == kept and kept.name.startswith("东门机械厂生产安全事故应急预案备案登记表")
    step(plan, "void", cast.leader)
    with pytest.raises(JobFailed, match="已作废"):
        print_certificate(job, lambda *told: None)
