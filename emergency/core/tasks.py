"""Celery shells of core."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from emergency.core.attachments import services as attachments
from emergency.core.jobs import handler, runner, services
from emergency.core.jobs.services import scheduled
from emergency.core.ledger import exporting
from emergency.core.ledger import services as ledgers

handler(ledgers.IMPORT)(ledgers.import_run)
handler(exporting.EXPORT)(exporting.export_run)

#: A message of the timetable that waited longer than this is dropped; the next one says the same.
STALE = 60


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    runner.run(job_id)


@shared_task(name="core.sweep_jobs", expires=STALE)
@scheduled("core.sweep_jobs", keep=timedelta(days=1))
def sweep_jobs() -> dict[str, int]:
    return services.sweep()


@shared_task(name="core.sweep_uploads")
@scheduled("core.sweep_uploads")
def sweep_uploads() -> dict[str, int]:
    now = timezone.now()
    return {
        "results": services.drop_old_results(now),
        "tables": ledgers.drop_old_uploads(now),
        "uploads": attachments.sweep(now),
    }


@shared_task(name="core.heartbeat", expires=STALE)
def heartbeat() -> None:
    services.beat("worker")
