"""Is the portal well: database, worker and every entry of the timetable. Silence counts as illness.

`live` answers machines (a supervisor, a monitor) without saying more than yes or no; the status page of the system
administrator shows `parts()`.
"""

import datetime as dt
from dataclasses import dataclass

from celery.schedules import BaseSchedule, crontab, schedule
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from emergency.core import clock
from emergency.core.jobs.models import Heartbeat, ScheduledRun

WORKER_SILENCE = dt.timedelta(seconds=120)  # the heartbeat task comes each 30 s
INTERVAL_GRACE = dt.timedelta(seconds=60)  # beside two further intervals
CRONTAB_GRACE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Part:
    """One line of the status page. `ok` is None while nothing can be said yet; `at` is the last success."""

    label: str
    ok: bool | None
    detail: str
    at: dt.datetime | None = None


def parts() -> list[Part]:
    """The state of everything that works by itself, worker first."""
    return [
        worker(),
        *(scheduled(entry["task"], entry["label"], entry["schedule"]) for entry in settings.TIMETABLE.values()),
    ]


def worker() -> Part:
    """The background worker, by its last heartbeat."""
    last = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    if last is None:
        return Part("后台处理", False, "没有心跳")
    silent = clock.now() - last > WORKER_SILENCE
    return Part("后台处理", not silent, "心跳中断" if silent else "正常", last)


def scheduled(task: str, label: str, timing: crontab | float) -> Part:
    """An entry of the timetable, by its last successful run (rows of ScheduledRun carry the task's name)."""
    if task == "core.heartbeat":  # leaves a heartbeat, not a row for each 30 s
        last = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    else:
        runs = ScheduledRun.objects.filter(name=task, ok=True)
        last = runs.order_by("-started_at").values_list("started_at", flat=True).first()
    if last is None:
        return Part(label, None, "尚无成功记录")
    late = clock.now() > latest_next(last, timing)
    return Part(label, not late, "超过时间未成功" if late else "正常", last)


def latest_next(last: dt.datetime, timing: crontab | float) -> dt.datetime:
    """The moment by which a run after `last` must have succeeded."""
    if isinstance(timing, crontab):
        start, wait, _now = timing.remaining_delta(last)
        return start + wait + CRONTAB_GRACE
    every: BaseSchedule = schedule(dt.timedelta(seconds=timing))
    return last + 3 * every.run_every + INTERVAL_GRACE


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 when the web server reaches the database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("unavailable", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
