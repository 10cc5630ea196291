"""Background work: asked for with the business, done once, seen by its owner, never silent."""

import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock, tasks
from emergency.core.attachments.models import Attachment
from emergency.core.audit import AuditEntry
from emergency.core.jobs import runner, services
from emergency.core.jobs.models import Heartbeat, Job, ScheduledRun, Status
from emergency.core.jobs.runner import ClaimLost, JobFailed, handler, run, run_now
from emergency.core.jobs.services import enqueue, scheduled, sweep
from emergency.core.numbering import Counter, take_one
from emergency.organizations.tests.factories import client_of, user_make

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2021, 11, 30, 8, tzinfo=dt.UTC)


@pytest.fixture
def officer():
    return user_make("zhou", "周安全员")


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The numbers of the jobs that were sent to the broker."""
    numbers: list[int] = []
    monkeypatch.setattr(services, "send", numbers.append)
    return numbers


@pytest.fixture
def kinds(monkeypatch) -> dict:
    """Handlers of this test only."""
    known: dict = {}
    monkeypatch.setattr(runner, "_handlers", known)
    return known


def ask(officer, **values) -> Job:
    return enqueue(**{"kind": "test", "params": {"n": 3}, "actor": officer, "title": "导出隐患台账"} | values)


# ------------------------------------------------------------------------------------------------ asking


def test_a_job_is_sent_with_the_commit(officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(officer)
        assert sent == []
    assert sent == [job.pk]
    assert (job.status, job.percent, job.tone) == (Status.QUEUED, 0, "blue")
    assert AuditEntry.objects.get(verb="job.enqueue").target_id == job.pk


def test_a_job_goes_with_the_business_that_was_rolled_back(officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValidationError), transaction.atomic():
        ask(officer)
        raise ValidationError("登记不成立")
    assert sent == []
    assert not Job.objects.exists()


def test_a_dead_broker_does_not_undo_the_business(officer, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(job_id: int) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(services, "send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(officer)
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED


# ------------------------------------------------------------------------------------------------ doing


def test_a_job_is_done_once_and_tells_its_result(officer, kinds):
    @handler("test")
    def work(job, progress):
        progress(job.params["n"], 3, "正在写入")
        services.keep_result(job, data=b"x", name="隐患台账.xlsx", content_type="application/x")
        return {"rows": job.params["n"]}

    job = run_now(ask(officer))
    assert (job.status, job.result, job.percent, job.attempts) == (Status.DONE, {"rows": 3}, 100, 1)
    assert (job.done, job.total, job.message, job.claim) == (3, 3, "正在写入", None)
    assert job.file.name == "隐患台账.xlsx" and job.file.belongs_to(job)
    assert job.started_at <= job.finished_at
    assert run(job.pk) is False
    assert run(0) is False


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValidationError(["第3行：日期不对", "第5行：缺少单位"]), "第3行：日期不对\n第5行：缺少单位"),
        (JobFailed("文件里没有数据。"), "文件里没有数据。"),
        (PermissionDenied(), "没有办理该事项的权限。"),
    ],
)
def test_what_the_officer_can_mend_is_said(officer, kinds, error, words):
    @handler("test")
    def work(job, progress):
        Counter.objects.create(key="half", value=1)
        raise error

    job = run_now(ask(officer))
    assert (job.status, job.error, job.tone) == (Status.FAILED, words, "red")
    assert not Counter.objects.exists()


@pytest.mark.parametrize("atomic", [True, False])
def test_what_is_our_fault_is_logged_and_named_by_number(officer, kinds, caplog, atomic):
    @handler("test", atomic=atomic)
    def work(job, progress):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        job = run_now(ask(officer))
    assert job.error == f"系统处理出错，编号{job.pk}，请联系系统管理员。"
    assert f"job {job.pk} (test) failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_an_unknown_kind_fails_loudly(officer, kinds, caplog):
    job = run_now(ask(officer, kind="nobody.knows"))
    assert job.status == Status.FAILED
    assert "no handler for jobs of kind nobody.knows" in caplog.text


def test_two_handlers_of_one_kind_are_a_mistake(kinds):
    handler("test")(lambda job, progress: None)
    with pytest.raises(ValueError, match="two handlers"):
        handler("test")(lambda job, progress: None)


def test_work_is_audited_under_who_asked(officer, kinds):
    from emergency.core import audit

    @handler("test")
    def work(job, progress):
        audit.record("test.write")

    run_now(ask(officer))
    assert AuditEntry.objects.get(verb="test.write").actor_name == "周安全员"


def test_who_lost_the_claim_leaves_nothing(officer, kinds):
    @handler("test")
    def work(job, progress):
        Counter.objects.create(key="zombie", value=1)
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000001")

    job = run_now(ask(officer))
    assert not Counter.objects.exists()
    assert job.status == Status.RUNNING  # as the rollback left it: the other one's business


# ------------------------------------------------------------------------------------------------ watching


def running(officer, *, silent: float, attempts: int) -> Job:
    return Job.objects.create(
        kind="test",
        title="汇总",
        created_by=officer,
        created_at=NOW,
        status=Status.RUNNING,
        claim="00000000-0000-0000-0000-000000000002",
        heartbeat_at=timezone.now() - dt.timedelta(seconds=silent),
        attempts=attempts,
        done=5,
    )


def test_a_silent_job_is_sent_again_three_times_in_all(officer, sent):
    alive, dead, hopeless = (
        running(officer, silent=50, attempts=1),
        running(officer, silent=70, attempts=2),
        running(officer, silent=70, attempts=3),
    )
    assert sweep() == {"broken": 1, "requeued": 1, "sent": 1}
    for job in (alive, dead, hopeless):
        job.refresh_from_db()
    assert alive.status == Status.RUNNING
    assert (dead.status, dead.claim, dead.done) == (Status.QUEUED, None, 0)
    assert sent == [dead.pk]
    assert (hopeless.status, hopeless.tone) == (Status.BROKEN, "red")
    assert "中断了3次" in hopeless.error and str(hopeless.pk) in hopeless.error


def test_what_was_never_taken_is_sent_again_but_not_by_every_sweep(officer, sent):
    job = ask(officer)
    created = job.created_at
    assert sweep(created + dt.timedelta(seconds=29))["sent"] == 0
    assert sweep(created + dt.timedelta(seconds=31))["sent"] == 1
    assert sweep(created + dt.timedelta(seconds=51))["sent"] == 0
    assert sweep(created + dt.timedelta(seconds=62))["sent"] == 1
    assert sent == [job.pk, job.pk]


def test_downloads_go_after_a_month(officer, kinds):
    @handler("test")
    def work(job, progress):
        services.keep_result(job, data=b"x", name="a.xlsx", content_type="application/x")

    job = run_now(ask(officer))
    assert services.drop_old_results(job.finished_at + dt.timedelta(days=29)) == 0
    assert services.drop_old_results(job.finished_at + dt.timedelta(days=31)) == 1
    job.refresh_from_db()
    assert job.file is None and not Attachment.objects.exists()


def test_every_scheduled_run_leaves_a_row_and_old_ones_go():
    ScheduledRun.objects.create(name="test.nightly", started_at=NOW - dt.timedelta(days=91))
    ScheduledRun.objects.create(name="test.nightly", started_at=NOW - dt.timedelta(days=89))
    ScheduledRun.objects.create(name="test.other", started_at=NOW - dt.timedelta(days=91))

    @scheduled("test.nightly")
    def nightly(fail: bool) -> str:
        if fail:
            raise ZeroDivisionError
        return "3行"

    with clock.at(NOW):
        assert nightly(fail=False) == "3行"
        with pytest.raises(ZeroDivisionError):
            nightly(fail=True)
    rows = ScheduledRun.objects.filter(name="test.nightly").order_by("id").values_list("ok", "detail", "finished_at")
    assert list(rows) == [(None, "", None), (True, "3行", NOW), (False, "", NOW)]
    assert ScheduledRun.objects.filter(name="test.other").count() == 1


def test_the_tasks_of_the_timetable(officer, sent, settings):
    for entry in settings.TIMETABLE.values():
        if entry["task"].startswith("core."):
            tasks.__dict__[entry["task"].removeprefix("core.")]()
    assert Heartbeat.objects.get().name == "worker"
    assert set(ScheduledRun.objects.filter(ok=True).values_list("name", flat=True)) >= {
        "core.sweep_jobs",
        "core.sweep_uploads",
    }


# ------------------------------------------------------------------------------------------------ real processes

KILLED = """
    import sys, time, django
    django.setup()
    from django.conf import settings
    from django.db import connection
    connection.settings_dict["NAME"] = sys.argv[1]
    from emergency.core.jobs import runner
    from emergency.core.numbering import Counter, take_one

    @runner.handler("test.kill", atomic=sys.argv[3] == "atomic")
    def work(job, progress):
        Counter.objects.create(key="effect", value=1)
        progress(1, 2, "写了一半")
        print("half", flush=True)
        time.sleep(600)

    runner.run(int(sys.argv[2]))
"""


@pytest.mark.services
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_twice(officer, sent, kinds):
    job = ask(officer, kind="test.kill")
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), connection.settings_dict["NAME"], str(job.pk), "atomic"],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
        text=True,
    )
    with child:
        assert child.stdout is not None and child.stdout.readline() == "half\n"
        until(lambda: Job.objects.get(pk=job.pk).message == "写了一半")  # shown while its transaction is open
        assert run(job.pk) is False  # taken
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    until(lambda: not Counter.objects.exists())
    assert sweep()["requeued"] == 0  # it may still be alive
    assert sweep(timezone.now() + dt.timedelta(seconds=61))["requeued"] == 1

    @handler("test.kill")
    def work(job, progress):
        return {"effect": take_one("effect")}

    again = run_now(job)
    assert (again.status, again.attempts, again.result) == (Status.DONE, 2, {"effect": 1})
    assert Counter.objects.get().value == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_pulse_is_written_beside_an_open_transaction_and_notices_the_loss(officer, sent, kinds, monkeypatch):
    monkeypatch.setattr(runner, "PROGRESS_EVERY", 0.05)
    monkeypatch.setattr(runner, "HEARTBEAT_EVERY", 0.1)
    seen: list[tuple[int, str]] = []

    @handler("test", atomic=False)
    def work(job, progress):
        progress(1, 2, "一半")
        until(lambda: Job.objects.get(pk=job.pk).done == 1)
        first = Job.objects.get(pk=job.pk)
        seen.append((first.percent, first.tone))
        until(lambda: Job.objects.get(pk=job.pk).heartbeat_at > first.heartbeat_at)
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000003")
        for _ in range(200):
            time.sleep(0.02)
            progress(1, 2)
        raise AssertionError("the loss was not noticed")

    job = run_now(ask(officer))
    assert seen == [(50, "amber")]
    assert job.status == Status.RUNNING
    assert str(job.claim).endswith("3")


def test_progress_after_the_loss_ends_the_handler():
    pulse = runner.Pulse(1, "00000000-0000-0000-0000-000000000003")
    pulse(1, 2)
    pulse._lost = True
    with pytest.raises(ClaimLost):
        pulse(2, 2)


def until(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


# ------------------------------------------------------------------------------------------------ the pages


def test_everybody_sees_their_own_jobs(officer, django_assert_max_num_queries):
    other = user_make("zheng", "郑安全员")
    jobs = [ask(officer, title=f"第{number}次导出") for number in range(52)]
    ask(other, title="别人的导出")
    page = client_of(officer).get(reverse("core:jobs"))
    assert page.status_code == 200
    assert [job.pk for job in page.context["jobs"]] == [job.pk for job in reversed(jobs[2:])]
    assert "别人的导出" not in page.content.decode()
    rest = client_of(officer).get(reverse("core:jobs") + page.context["next_url"])
    assert [job.pk for job in rest.context["jobs"]] == [jobs[1].pk, jobs[0].pk]
    assert client_of(other).get(jobs[0].get_absolute_url()).status_code == 404


def test_the_progress_bar_alone(officer):
    job = ask(officer)
    client = client_of(officer)
    whole = client.get(job.get_absolute_url()).content.decode()
    bar = client.get(job.get_absolute_url(), headers={"HX-Request": "true", "X-Polling": "1"}).content.decode()
    assert "<html" in whole and "导出隐患台账" in whole
    assert "<html" not in bar and "排队中" in bar and "hx-get" in bar
    Job.objects.filter(pk=job.pk).update(status=Status.FAILED, error="文件里没有数据。")
    ended = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in ended and "文件里没有数据。" in ended


def test_watching_does_not_keep_anybody_signed_in(officer):
    job = ask(officer)
    client = client_of(officer)
    client.get(job.get_absolute_url())
    seen = client.session["_seen"]
    session = client.session
    session["_seen"] = seen - 600
    session.save()
    client.get(job.get_absolute_url(), headers={"HX-Request": "true", "X-Polling": "1"})
    assert client.session["_seen"] == seen - 600
    client.get(job.get_absolute_url())
    assert client.session["_seen"] >= seen
