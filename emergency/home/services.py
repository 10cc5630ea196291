"""Asking for the paper of a town."""

from __future__ import annotations

from typing import Any

from emergency.core import clock
from emergency.core.jobs import services as jobs
from emergency.core.jobs.models import Job
from emergency.organizations.models import Organisation


def town_print(*, unit: Organisation, actor: Any) -> Job:
    """Have the page of a town printed as one sheet of A4; the file is the job's result. As of today."""
    return jobs.enqueue(
        kind="home.town",
        params={"unit": unit.pk, "on": clock.today().isoformat()},
        actor=actor,
        title=f"{unit.name}一页纸（PDF）",
        organisation=unit,
    )
