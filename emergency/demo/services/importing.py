"""Workbooks come into the ledgers by the door that officers and ``import_ledger`` use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emergency.core.jobs.models import Job, Status, Trigger
from emergency.core.ledger.services import ALL, Answers, import_begin
from emergency.organizations.models import Organisation


class WorkbookRefused(Exception):
    """The importer found faults; the message lists the first of them by cell."""


def workbook_import(
    *, kind: str, path: Path, actor: Any, within: Organisation | None = None, duplicates: str = "ask"
) -> Job:
    """Import one workbook, all rows or none; ``duplicates`` answers what to do with 疑似重复 rows. Raises ``WorkbookRefused``."""
    job = import_begin(
        kind=kind,
        data=path.read_bytes(),
        name=path.name,
        actor=actor,
        answers=Answers(duplicates=duplicates),
        mode=ALL,
        within=within,
        trigger=Trigger.COMMAND,
        now=True,
    )
    job.refresh_from_db()
    if job.status != Status.DONE or not job.result.get("ok"):
        faults = [one["text"] for one in job.result.get("faults", ())[:10]]
        raise WorkbookRefused(f"{path.name}没有导入：{'；'.join(faults) or job.error or job.result}")
    return job
