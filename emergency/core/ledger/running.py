"""One import from file to outcome: read, resolve, check, save; all or nothing unless only the good rows are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from .corrections import error_workbook
from .reading import Sheet, read
from .rows import Fault, ImportContext, ImportOptions, LedgerError, Notice, Question, Row
from .sources import File, content_of
from .table import Ledger, suspected_duplicates


@dataclass(slots=True)
class Outcome:
    """What an import came to.

    `ok` says that nothing wanted is left undone: all rows (or, with `only_good`, the good ones) were saved, or would be
    (`dry_run`). `read` counts data rows, `good` those without fault, `saved` is the app's own count. `digest` is the
    SHA-256 of the file. `error_workbook` is there whenever rows or the file have faults and a table was found.
    """

    ok: bool
    digest: str
    read: int = 0
    good: int = 0
    saved: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    error_workbook: bytes | None = None
    sheet: str = ""
    unknown: list[str] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)
    hidden_rows: int = 0
    skipped_totals: int = 0
    dry_run: bool = False


class _Undone(Exception):
    """Rolls back what a ledger saved before it refused."""


def run_import(
    ledger: Ledger,
    file: File,
    context: ImportContext,
    *,
    dry_run: bool = False,
    only_good: bool = False,
    strict: bool = False,
    hidden: str = "ask",
    duplicates: str = "ask",
    sheet: str = "",
    told: Callable[[str, int], None] | None = None,
) -> Outcome:
    """Import a workbook into a ledger.

    Nothing is stored when there is any fault or unanswered question; with `only_good` faulty rows are handed back in the
    error workbook and the others stored, unless the fault concerns the whole file. `strict` refuses unknown columns,
    `hidden` and `duplicates` (ask, include, skip) answer the questions of that name. `told` hears of each stage, "check"
    and "save", with the number of rows. The audit entry is the caller's. Raises no error for bad input.
    """
    told = told or (lambda stage, rows: None)
    options = ImportOptions(sheet=sheet, hidden=hidden, duplicates=duplicates, strict=strict)
    try:
        data = content_of(file)
    except LedgerError as error:
        return Outcome(False, "", faults=error.faults, dry_run=dry_run)
    digest = hashlib.sha256(data).hexdigest()
    try:
        found = read(data, ledger, context, options)
    except LedgerError as error:
        return Outcome(False, digest, faults=error.faults, dry_run=dry_run)
    told("check", len(found.rows))
    _check(found, context, options)
    saved: dict[str, int] = {}
    done = False
    rows = [row for row in found.rows if not row.errors]
    if not found.faults and (only_good or len(rows) == len(found.rows)):
        if dry_run or not rows:
            done = True
        else:
            told("save", len(rows))
            done, saved = _save(found, rows, context)
        done = done and (bool(rows) or not found.all_faults)
    return _outcome(found, done, saved, digest, only_good=only_good, dry_run=dry_run)


def _check(found: Sheet, context: ImportContext, options: ImportOptions) -> None:
    ledger, rows = found.ledger, found.rows
    if not rows:
        return
    ledger.resolve(rows, context)
    for key in ledger.unique_keys:
        for first, second in suspected_duplicates(rows, [key]):
            place = first.cell(key) or f"第{first.number}行"
            second.fault(key, f"与 {place} 重复，请改正或删去一行", second[key])
    ledger.check(rows, context)
    if ledger.duplicate_keys:
        for first, second in suspected_duplicates(rows, ledger.duplicate_keys):
            second.doubt(f"与第{first.number}行疑似重复")
    _judge_doubts(found, options)


def _judge_doubts(found: Sheet, options: ImportOptions) -> None:
    doubted = [row for row in found.rows if row.doubts and not row.errors]
    if not doubted:
        return
    if options.duplicates == "skip":
        left_out = {id(row) for row in doubted}
        found.rows = [row for row in found.rows if id(row) not in left_out]
    if options.duplicates == "ask":
        message = f"有 {len(doubted)} 行疑似重复，请核对后选定是否导入"
        found.questions.append(Question("duplicates", message, ("include", "skip")))
        for row in doubted:
            row.fault("", "；".join(row.doubts) + "，请删去这一行，或在导入时选定照样导入")
    else:
        done = "没有导入" if options.duplicates == "skip" else "照样导入"
        for row in doubted:
            found.notices.append(Notice(f"第{row.number}行" + "；".join(row.doubts) + f"，{done}", row=row.number))


def _save(found: Sheet, rows: Sequence[Row], context: ImportContext) -> tuple[bool, dict[str, int]]:
    try:
        with transaction.atomic():
            saved = found.ledger.save(rows, context)
            if any(row.errors for row in rows):
                raise _Undone
    except _Undone:
        return False, {}
    except LedgerError as error:
        found.faults.extend(error.faults)
        return False, {}
    return True, saved


def _outcome(
    found: Sheet, done: bool, saved: dict[str, int], digest: str, *, only_good: bool, dry_run: bool
) -> Outcome:
    faults = found.all_faults
    good = sum(not row.errors for row in found.rows)
    workbook = None
    if faults and found.header is not None:
        workbook = error_workbook(found, only_faulty=only_good and done)
    return Outcome(
        ok=done,
        digest=digest,
        read=len(found.rows),
        good=good,
        saved=saved,
        faults=faults,
        notices=found.notices,
        questions=found.questions,
        error_workbook=workbook,
        sheet=found.name,
        unknown=found.unknown,
        proposals=found.proposals,
        hidden_rows=found.hidden_rows,
        skipped_totals=found.skipped_totals,
        dry_run=dry_run,
    )
