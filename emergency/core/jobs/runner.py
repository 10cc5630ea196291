"""Doing background work: one worker per job, alive or replaced, and its effect at most once."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F
from django.utils import timezone

from emergency.core import audit, clock
from emergency.core.jobs.models import Job, Status

logger = logging.getLogger(__name__)

HEARTBEAT_EVERY = 10.0  # seconds
PROGRESS_EVERY = 1.0  # seconds; the page looks every two


class JobFailed(Exception):
    """The work cannot be done, for a reason that the officer understands."""


class ClaimLost(Exception):
    """Somebody else has this job now; what this worker has not committed must not count."""


class Progress(Protocol):
    def __call__(self, done: int, total: int, message: str = "") -> None: ...


Function = Callable[[Job, Progress], dict[str, Any] | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Handler:
    function: Function
    atomic: bool


_handlers: dict[str, Handler] = {}


def handler(kind: str, *, atomic: bool = True) -> Callable[[Function], Function]:
    """Name the function that does jobs of a kind: it takes the job and a progress call, and returns the result as
    plain JSON.

    By default its writes and the job's 已完成 are one transaction, so that a worker killed at any point leaves
    nothing behind and the rerun does nothing twice. ``atomic=False`` is for work in many commits, each of which may
    be repeated.
    """

    def decorate(function: Function) -> Function:
        known = _handlers.setdefault(kind, Handler(function, atomic))
        if known.function is not function:
            raise ValueError(f"two handlers for jobs of kind {kind}")
        return function

    return decorate


def run(job_id: int) -> bool:
    """Take the job and do it; False when it is not to be had: taken, done, or not there (yet)."""
    claim = uuid.uuid4()
    # Liveness goes by the machine's time, also where the portal's clock stands still for a demonstration.
    taken = Job.objects.filter(pk=job_id, status=Status.QUEUED).update(
        status=Status.RUNNING,
        claim=claim,
        attempts=F("attempts") + 1,
        started_at=clock.now(),
        heartbeat_at=timezone.now(),
        error="",
    )
    if not taken:
        return False
    job = Job.objects.select_related("created_by").get(pk=job_id)
    with audit.origin(actor=job.created_by), _alive(job, claim) as progress:
        try:
            _work(job, claim, progress)
        except ClaimLost:
            logger.warning("job %s: another worker has taken over", job.pk)
        except (ValidationError, PermissionDenied, JobFailed) as error:
            _fail(job, claim, _words(error))
        except Exception:
            logger.exception("job %s (%s) failed", job.pk, job.kind)
            _fail(job, claim, f"系统处理出错，编号{job.pk}，请联系系统管理员。")
    return True


def run_now(job: Job) -> Job:
    """Do the job here and now, for commands; returns it as it stands afterwards. What fails is told by its status."""
    run(job.pk)
    job.refresh_from_db()
    return job


def _work(job: Job, claim: uuid.UUID, progress: Pulse) -> None:
    known = _handlers.get(job.kind)
    if known is None:
        raise LookupError(f"no handler for jobs of kind {job.kind}")
    with transaction.atomic() if known.atomic else contextlib.nullcontext():
        result = known.function(job, progress)
        progress.stop()  # its last word must not wait for the row that the next line locks
        done = Job.objects.filter(pk=job.pk, claim=claim, status=Status.RUNNING).update(
            status=Status.DONE,
            result=result or {},
            file=job.file_id,
            done=progress.total,
            total=progress.total,
            message=progress.message,
            finished_at=clock.now(),
            claim=None,
        )
        if not done:
            raise ClaimLost


def _fail(job: Job, claim: uuid.UUID, words: str) -> None:
    Job.objects.filter(pk=job.pk, claim=claim, status=Status.RUNNING).update(
        status=Status.FAILED, error=words, finished_at=clock.now(), claim=None
    )


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "\n".join(error.messages)
    return str(error) or "没有办理该事项的权限。"


@contextlib.contextmanager
def _alive(job: Job, claim: uuid.UUID) -> Iterator[Pulse]:
    pulse = Pulse(job.pk, claim)
    # Inside a transaction of the caller nobody else can see the row, so nobody can take it away either.
    if not connection.in_atomic_block:
        pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()


class Pulse:
    """Writes heartbeat and progress from a thread with a connection of its own.

    The handler's transaction may be open for minutes: written on its connection, progress would show only at its end.
    """

    def __init__(self, job_id: int, claim: uuid.UUID) -> None:
        self.job_id, self.claim = job_id, claim
        self.done, self.total, self.message = 0, 0, ""
        self._lost = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is. Raises :class:`ClaimLost` when it is no longer ours, which ends the handler."""
        self.done, self.total, self.message = done, total, message[:200]
        if self._lost:
            raise ClaimLost

    def start(self) -> None:
        self._thread = threading.Thread(target=self._beat, name=f"job-{self.job_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _beat(self) -> None:
        written: tuple[int, int, str] = (0, 0, "")
        beaten = time.monotonic()
        while not self._ended.wait(PROGRESS_EVERY):
            present = (self.done, self.total, self.message)
            if present == written and time.monotonic() - beaten < HEARTBEAT_EVERY:
                continue
            try:
                ours = Job.objects.filter(pk=self.job_id, claim=self.claim, status=Status.RUNNING).update(
                    done=present[0], total=present[1], message=present[2], heartbeat_at=timezone.now()
                )
            except (DatabaseError, InterfaceError):
                logger.exception("job %s: heartbeat not written, trying again", self.job_id)
                connection.close()
                continue
            written, beaten = present, time.monotonic()
            if not ours:
                self._lost = True
                break
        connection.close()
