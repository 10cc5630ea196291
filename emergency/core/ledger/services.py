"""Imports as jobs: every look at a file and every import is one job, whose number the stored rows carry as ``import_id``.

A page or command begins with :func:`import_begin`, which keeps the file beside its job; looking again with answers, and
taking the rows in, are further jobs on the same file (:func:`import_again`). core/tasks.py names the work to the worker.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse

from emergency.core import attachments, audit, clock
from emergency.core.attachments import files
from emergency.core.attachments.models import Attachment
from emergency.core.jobs import JobFailed, Progress, enqueue, keep_result, run_now
from emergency.core.jobs.models import Job, Status, Trigger

from . import table
from .models import ColumnMapping
from .rows import ImportContext
from .running import Outcome, run_import
from .sources import Book

IMPORT = "ledger.import"
UPLOAD = "import_source"  # the kind of attachment that an uploaded table is
UPLOADS_KEPT = dt.timedelta(days=30)

CHECK, ALL, GOOD = "check", "all", "good"  # look only; all rows or none; the good rows
DIRECT_ROWS = 500  # up to so many rows the officer waits for the answer
DIRECT_BYTES = 1024 * 1024  # above, not even the rows are counted before the job is queued
SHOWN_FAULTS = 200  # on a page; the error workbook lists them all
_STAGES = {"check": (1, "正在检查 {rows} 行"), "save": (2, "正在保存 {rows} 行")}
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """What the officer has decided about one file; see ``ImportContext`` and ``ImportOptions``.

    ``mapping`` leads from a header of the file to a column's key, "" to leave that column out.
    """

    year: int | None = None
    defaults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    sheet: str = ""
    hidden: str = "ask"
    duplicates: str = "ask"
    strict: bool = False


def small(data: bytes, book: Book) -> bool:
    """Whether a table is short enough to be read while the officer waits. Raises ``LedgerError`` for a damaged sheet."""
    if len(data) > DIRECT_BYTES:
        return False
    rows = 0
    for name in book.sheet_names:
        rows += sum(1 for _row in islice(book.grid(name).rows(), DIRECT_ROWS + 1))
    return rows <= DIRECT_ROWS


@transaction.atomic
def import_begin(
    *,
    kind: str,
    data: bytes,
    name: str,
    actor: Any,
    answers: Answers,
    mode: str = CHECK,
    unit: models.Model | None = None,
    within: models.Model | None = None,
    route: str = "",
    trigger: str = Trigger.PAGE,
    now: bool = False,
    faults: int = SHOWN_FAULTS,
) -> Job:
    """Keep a file and ask for it to be read into the ledger of this kind.

    ``unit`` is whose columns are remembered, ``within`` the unit in whose area names are looked up (None: all that the
    actor may name), ``route`` the name of the page that shows the result, ``faults`` how many of them the result lists.
    With ``now`` the work is done before this returns, in the same transaction.
    """
    params: dict[str, Any] = {
        "ledger": kind,
        "name": files.clean_name(name),
        "mode": mode,
        "answers": dataclasses.asdict(answers),
        "within": [within._meta.label_lower, within.pk] if within is not None else None,
        "route": route,
        "faults": faults,
    }
    job = enqueue(
        kind=IMPORT,
        params=params,
        actor=actor,
        title=_title(kind, mode, params["name"]),
        organisation=unit,
        trigger=trigger,
    )
    attachments.keep(
        data=data, name=params["name"], content_type="application/octet-stream", owner=job, kind=UPLOAD, actor=actor
    )
    return run_now(job) if now else job


@transaction.atomic
def import_again(*, job: Job, actor: Any, mode: str, answers: Answers | None = None, now: bool = False) -> Job:
    """Another job on the file of ``job``, with new answers or the same ones.

    New answers about columns are remembered for the unit. Asked twice to take the same look's rows in, it returns the
    import that is under way or done, so that nothing comes in twice.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if mode != CHECK and (already := _import_of(job)) is not None:
        return already
    params = job.params | {"mode": mode, "file_of": job.params.get("file_of", job.pk), "after": job.pk}
    if answers is not None:
        params["answers"] = dataclasses.asdict(answers)
        _remember(params["ledger"], job.organisation_id, answers.mapping)
    again = enqueue(
        kind=IMPORT,
        params=params,
        actor=actor,
        title=_title(params["ledger"], mode, params["name"]),
        organisation=job.organisation_id,
    )
    return run_now(again) if now else again


def _import_of(job: Job) -> Job | None:
    """The import that followed this look and has not failed."""
    following = Job.objects.filter(created_by=job.created_by, kind=IMPORT, pk__gt=job.pk, params__after=job.pk)
    for one in following.exclude(params__mode=CHECK).filter(status__in=[Status.QUEUED, Status.RUNNING, Status.DONE]):
        if not one.is_final or one.result.get("ok"):
            return one
    return None


def remembered(kind: str, unit_id: int | None) -> dict[str, str]:
    """What this unit has told us about its headers: header → column key, "" for one left out."""
    known = ColumnMapping.objects.filter(ledger=kind, organisation_id=unit_id)
    return dict(known.values_list("header", "column"))


def _remember(kind: str, unit_id: int | None, mapping: Mapping[str, str]) -> None:
    for header, column in mapping.items():
        ColumnMapping.objects.update_or_create(
            ledger=kind, organisation_id=unit_id, header=header[:200], defaults={"column": column}
        )


def _title(kind: str, mode: str, name: str) -> str:
    return f"{'导入前检查' if mode == CHECK else '导入'}{table.get(kind).label}：{name}"


# ---------------------------------------------------------------------------------------------------- the work


def import_run(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of one job: read, check and, unless it is only a look, store. Returns what the result page shows.

    Rows, audit entry and the job's end are one transaction (``jobs.handler``). Faults of the file are a result and no
    failure. Raises ``JobFailed`` when the uploaded file is gone.
    """
    params, mode = job.params, job.params["mode"]
    ledger, answers = table.get(params["ledger"]), Answers(**params["answers"])
    data = _uploaded(params.get("file_of", job.pk))
    mapping = remembered(ledger.kind, job.organisation_id) | dict(answers.mapping)
    names = {column.key: column.name for column in ledger.columns}
    context = ImportContext(
        actor=job.created_by,
        organisation=_within(params["within"]),
        year=answers.year,
        defaults=answers.defaults,
        units=answers.units,
        mapping={header: names.get(key, "") for header, key in mapping.items() if not key or key in names},
        import_id=job.pk,
        on=clock.today(),
    )

    def told(stage: str, rows: int) -> None:
        done, message = _STAGES[stage]
        progress(done, 3, message.format(rows=rows))

    progress(0, 3, "正在读取表格")
    outcome = run_import(
        ledger,
        data,
        context,
        dry_run=mode == CHECK,
        only_good=mode == GOOD,
        strict=answers.strict,
        hidden=answers.hidden,
        duplicates=answers.duplicates,
        sheet=answers.sheet,
        told=told,
    )
    if outcome.error_workbook is not None:
        name = f"{PurePath(params['name']).stem}.错误.xlsx"
        keep_result(job, data=outcome.error_workbook, name=name, content_type=XLSX_TYPE)
    if mode != CHECK and outcome.ok:
        after = {"digest": outcome.digest, "read": outcome.read, "rows": outcome.good, "saved": outcome.saved}
        audit.record(f"{ledger.kind}.import", target=job, actor=job.created_by, after=after, note=params["name"])
    progress(3, 3, summary(outcome, mode))
    url = reverse(params["route"], args=[job.pk]) if params["route"] else ""
    return as_result(outcome, params["faults"]) | {"url": url, "mapping": mapping}


def summary(outcome: Outcome, mode: str) -> str:
    """What came of it in one line, as the list of jobs shows it."""
    wrong = f"{len(outcome.faults)} 处需要改正" if outcome.faults else ""
    if mode == CHECK:
        return f"读到 {outcome.read} 行，{wrong or '没有发现错误，尚未导入'}"
    if not outcome.ok:
        return f"没有导入：{wrong}"
    saved = "，".join(f"{name} {count}" for name, count in outcome.saved.items())
    left = outcome.read - outcome.good
    return f"已导入 {outcome.good} 行，{saved}" + (f"，退回 {left} 行" if left else "")


def as_result(outcome: Outcome, listed: int) -> dict[str, Any]:
    """An outcome as plain JSON for the job row, with at most ``listed`` faults; ``whole`` says that one concerns the file."""
    faults = [
        {"cell": one.cell or (f"第{one.row}行" if one.row else "全表"), "column": one.column, "value": one.value[:100],
         "message": one.message, "text": one.text}
        for one in outcome.faults[:listed]
    ]  # fmt: skip
    return {
        "ok": outcome.ok,
        "digest": outcome.digest,
        "read": outcome.read,
        "good": outcome.good,
        "saved": outcome.saved,
        "sheet": outcome.sheet,
        "faults": faults,
        "fault_count": len(outcome.faults),
        "whole": any(one.row is None for one in outcome.faults),
        "notices": [one.message for one in outcome.notices],
        "questions": [dataclasses.asdict(one) for one in outcome.questions],
        "unknown": outcome.unknown,
        "proposals": outcome.proposals,
    }


def _uploaded(job_id: int) -> bytes:
    kept = Attachment.objects.filter(owner_type=Job._meta.label_lower, owner_id=job_id, kind=UPLOAD).first()
    path = files.path_of(kept.digest) if kept is not None else None
    if path is None or not path.exists():
        raise JobFailed("上传的表格已过期清理，请重新上传。")
    return path.read_bytes()


def _within(named: list[Any] | None) -> Any:
    return None if named is None else apps.get_model(named[0])._default_manager.get(pk=named[1])


def drop_old_uploads(now: dt.datetime) -> int:
    """Delete uploaded tables a month old: they hold what is in the ledgers by then, or what was never let in."""
    old = Attachment.objects.filter(owner_type=Job._meta.label_lower, kind=UPLOAD, created_at__lt=now - UPLOADS_KEPT)
    return old.delete()[0]
