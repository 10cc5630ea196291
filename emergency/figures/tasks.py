"""Celery shells of the figures."""

from __future__ import annotations

from celery import shared_task

from emergency.core.jobs import handler, scheduled
from emergency.core.jobs.models import Trigger
from emergency.figures.services import rolling

# In many commits: a month that is done stays done, and whoever comes after does the rest.
handler(rolling.JOB, atomic=False)(rolling.roll_up_run)


@shared_task(name="figures.roll_up")
@scheduled("figures.roll_up")
def roll_up() -> str:
    """A job like one that a person asks for: a worker that dies over it is replaced, and the row says how it ended."""
    return f"任务{rolling.roll_up_ask(actor=None, trigger=Trigger.SCHEDULE).pk}"
