"""Asking for background work, and keeping watch over it."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from emergency.core import attachments, audit, clock
from emergency.core.attachments.models import Attachment
from emergency.core.jobs.models import FINAL, Heartbeat, Job, ScheduledRun, Status, Trigger

logger = logging.getLogger(__name__)

SILENCE = dt.timedelta(seconds=60)  # a running job without a heartbeat for so long has lost its worker
RESEND_AFTER = dt.timedelta(seconds=30)  # a queued job that no worker took for so long is sent again
MAX_ATTEMPTS = 3
RUNS_KEPT = dt.timedelta(days=90)
RESULTS_KEPT = dt.timedelta(days=30)
BROKEN_MESSAGE = "处理过程中断了{attempts}次，已停止重试。请重新发起；如再次中断，请联系系统管理员，编号{number}。"

Function = TypeVar("Function", bound=Callable[..., Any])


def enqueue(
    *,
    kind: str,
    params: Mapping[str, Any],
    actor: Any,
    title: str,
    organisation: Any = None,
    trigger: str = Trigger.PAGE,
) -> Job:
    """Write the job within the caller's transaction; it is sent once that commits, and never if it does not.

    ``params`` must be plain JSON. The kind's handler need not be loaded here.
    """
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            title=title[:200],
            params=dict(params),
            created_by=actor,
            organisation_id=getattr(organisation, "pk", organisation),
            trigger=trigger,
            created_at=clock.now(),
        )
        audit.record("job.enqueue", target=job, actor=actor, after={"kind": kind, "params": params})
        # A broker that is down must not undo the business: the sweep sends what was never sent.
        transaction.on_commit(lambda: send(job.pk), robust=True)
    return job


def send(job_id: int) -> None:
    """Tell a worker. Nothing is lost when the message is, and nothing happens twice when it comes twice."""
    current_app.send_task("core.run_job", args=[job_id], retry=False)


def keep_result(job: Job, *, data: bytes, name: str, content_type: str) -> Attachment:
    """Store a file as the job's download; for handlers. The job row itself is written when the handler has ended."""
    job.file = attachments.keep(
        data=data, name=name, content_type=content_type, owner=job, kind="job_result", actor=job.created_by
    )
    return job.file


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """Put back jobs whose worker died, at most three attempts in all, and send again what was never taken.

    ``now`` is the machine's time and not the portal's clock: it is compared with heartbeats.
    """
    now = now or timezone.now()
    silent = Q(status=Status.RUNNING, heartbeat_at__lt=now - SILENCE)
    broken = 0
    for job in Job.objects.filter(silent, attempts__gte=MAX_ATTEMPTS):
        reason = BROKEN_MESSAGE.format(attempts=job.attempts, number=job.pk)
        broken += Job.objects.filter(silent, pk=job.pk, claim=job.claim).update(
            status=Status.BROKEN, error=reason, finished_at=clock.now(), claim=None
        )
    requeued = Job.objects.filter(silent, attempts__lt=MAX_ATTEMPTS).update(
        status=Status.QUEUED, claim=None, heartbeat_at=None, done=0, message="上次处理中断，正在重新开始"
    )
    # While a job waits, heartbeat_at says when it was last sent, so that a long queue is not sent anew by each sweep.
    waiting = Job.objects.filter(
        Q(heartbeat_at=None, created_at__lt=now - RESEND_AFTER) | Q(heartbeat_at__lt=now - RESEND_AFTER),
        status=Status.QUEUED,
    )
    sent = 0
    for pk in waiting.values_list("pk", flat=True):
        if Job.objects.filter(pk=pk, status=Status.QUEUED).update(heartbeat_at=now):
            send(pk)
            sent += 1
    return {"broken": broken, "requeued": requeued, "sent": sent}


def drop_old_results(now: dt.datetime) -> int:
    """Delete the downloads of jobs that ended a month ago; the rows stay as a record. Returns how many."""
    old = Job.objects.filter(status__in=FINAL, file__isnull=False, finished_at__lt=now - RESULTS_KEPT)
    return Attachment.objects.filter(pk__in=old.values("file"), owner_type=Job._meta.label_lower).delete()[0]


def beat(name: str) -> None:
    """A process says that it lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now()})


def scheduled(name: str, *, keep: dt.timedelta = RUNS_KEPT) -> Callable[[Function], Function]:
    """Leave a row for each run of an entry of the timetable, named as its task, and drop rows older than ``keep``.

    What the function returns is the row's detail. An exception marks the run as failed and goes on to the worker's
    log.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            started = clock.now()
            ScheduledRun.objects.filter(name=name, started_at__lt=started - keep).delete()
            row = ScheduledRun.objects.create(name=name, started_at=started)
            finished = False
            try:
                result = function(*args, **kwargs)
                finished = True
            finally:
                row.ok, row.finished_at = finished, clock.now()
                row.detail = str(result) if finished and result is not None else ""
                row.save(update_fields=["ok", "finished_at", "detail"])
            return result

        return run  # type: ignore[return-value]

    return decorate
