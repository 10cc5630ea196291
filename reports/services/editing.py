"""Changes of the text by officers: write, take back, add, remove, move. Nobody's words are overwritten unseen."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from emergency.core import audit, clock
from reports.models import Paragraph, Report
from reports.queries import OWN, brief_of
from reports.sections import outlines
from reports.sections.writing import coded, faults
from reports.services.desk import require_drafter
from reports.services.storing import text_store

#: More than any paper has: a slip of the clipboard should not become a part of one.
LONGEST, MOST = 5000, 50
LONGEST_HEADING = 60

Rows = dict[tuple[str, str], Paragraph]


class Conflict(ValidationError):
    """Somebody else has changed the paragraph since it was opened. ``row`` is what they made of it."""

    def __init__(self, row: Paragraph) -> None:
        self.row = row
        at = f"{timezone.localtime(row.at):%H:%M}" if row.at else "刚才"
        super().__init__(f"{row.author or '同事'}已在{at}改过这一段。您写的还在下面，请对照后再保存。", code="conflict")


def _locked(report: Report, actor: Any) -> tuple[Report, Rows]:
    """The paper, locked until the transaction ends, and all its rows as they stand. Raises ``PermissionDenied``."""
    locked = Report.objects.live().select_for_update(of=("self",)).select_related("area__parent", "issuer__parent")
    report = locked.get(pk=report.pk)
    require_drafter(actor, report)
    return report, text_store(report)


def _row(rows: Rows, section: str, key: str, version: int | None) -> Paragraph:
    row = rows.get((section, key))
    if row is None:
        raise ValidationError("这一段已经不在文稿中，请刷新后再改。")
    if version is not None and row.version != version:
        raise Conflict(row)
    return row


def _kept(row: Paragraph, *, verb: str, before: dict[str, Any], actor: Any) -> Paragraph:
    """Write a changed row with who, when, version and audit."""
    row.version += 1
    row.author, row.at = actor, clock.now()
    row.full_clean(exclude=["report"])
    row.save()
    old, new = audit.changes(before, audit.snapshot(row))
    audit.record(verb, target=row, actor=actor, before=old, after=new, organisation=row.report.issuer)
    return row


@transaction.atomic
def paragraph_write(*, report: Report, section: str, key: str, text: str, version: int, actor: Any) -> Paragraph:
    """Replace the words of a paragraph; from now on they stay, while the numbers of their tokens follow.

    Raises ``PermissionDenied``; ``ValidationError`` for tokens that cannot be read, with their places; :class:`Conflict` when somebody
    else was quicker.
    """
    report, rows = _locked(report, actor)
    row = _row(rows, section, key, version)
    before = audit.snapshot(row)
    first, *rest = _paragraphs(report, text)
    if first == coded(row.text) and not rest and not row.removed:
        return row
    row.text, row.edited, row.removed = first, True, False
    _kept(row, verb="paragraph.write", before=before, actor=actor)
    _insert(rows, row, rest, level=0, actor=actor)
    return row


def _paragraphs(report: Report, text: str) -> list[str]:
    """A typed text line by line, each a paragraph of its own. Raises ``ValidationError`` for nothing, too much, and unreadable tokens."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValidationError("段落不能为空；不要这一段请用“删除”。")
    if len(lines) > MOST or max(map(len, lines)) > LONGEST:
        raise ValidationError(f"一次不超过{MOST}段，一段不超过{LONGEST}字，请分开保存。")
    brief = brief_of(report)
    found = [fault.line for line in lines for fault in faults(line, brief)]
    if found:
        raise ValidationError(found)
    return [coded(line) for line in lines]


def _insert(rows: Rows, before: Paragraph, lines: list[str], *, level: int, actor: Any) -> list[Paragraph]:
    """New rows of an officer's own behind ``before``, each with its own entry in the audit."""
    report, section = before.report, before.section
    taken = {key for place, key in rows if place == section}
    free = (key for key in (f"{OWN}{n}" for n in count(1)) if key not in taken)
    return [
        _kept(
            Paragraph(
                report=report,
                section=section,
                key=next(free),
                order=before.order + place,
                level=level,
                text=line,
                edited=True,
            ),
            verb="paragraph.add",
            before={},
            actor=actor,
        )
        for place, line in enumerate(lines, start=1)
    ]


@transaction.atomic
def paragraph_restore(*, report: Report, section: str, key: str, version: int, actor: Any) -> Paragraph:
    """恢复系统文稿: let a paragraph follow the figures again. Raises ``ValidationError`` where the portal has nothing to say."""
    report, rows = _locked(report, actor)
    row = _row(rows, section, key, version)
    drafts = {draft.key: draft for draft in outlines.section_of(section).drafts(brief_of(report))}
    draft = drafts.get(key)
    if draft is None:
        raise ValidationError("这一段没有系统文稿；不要这一段请用“删除”。")
    before = audit.snapshot(row)
    row.text, row.lead, row.level, row.generated = draft.text, draft.lead, draft.level, draft.text
    row.edited = row.removed = False
    return _kept(row, verb="paragraph.restore", before=before, actor=actor)


@transaction.atomic
def paragraph_remove(*, report: Report, section: str, key: str, version: int, actor: Any) -> Paragraph:
    """Leave a paragraph out of the paper. Its words are kept until it is put back."""
    report, rows = _locked(report, actor)
    row = _row(rows, section, key, version)
    before = audit.snapshot(row)
    row.removed = True
    return _kept(row, verb="paragraph.remove", before=before, actor=actor)


@transaction.atomic
def paragraph_put_back(*, report: Report, section: str, key: str, version: int, actor: Any) -> Paragraph:
    """Take a removed paragraph into the paper again, as it was."""
    report, rows = _locked(report, actor)
    row = _row(rows, section, key, version)
    before = audit.snapshot(row)
    row.removed = False
    return _kept(row, verb="paragraph.put_back", before=before, actor=actor)


@transaction.atomic
def paragraph_add(
    *, report: Report, section: str, after: str, text: str, actor: Any, heading: bool = False
) -> Paragraph:
    """Add paragraphs, one a line, or a sub-heading behind the paragraph ``after`` of a section ("" is its beginning)."""
    report, rows = _locked(report, actor)
    level = min(outlines.section_of(section).level + 1, 4) if heading else 0
    lines = _paragraphs(report, text)
    if heading and (len(lines) > 1 or len(lines[0]) > LONGEST_HEADING):
        raise ValidationError(f"小标题写一行，不超过{LONGEST_HEADING}字。")
    before = rows.get((section, after)) or Paragraph(report=report, section=section, order=0)
    return _insert(rows, before, lines, level=level, actor=actor)[0]


@transaction.atomic
def paragraph_move(*, report: Report, section: str, key: str, up: bool, actor: Any) -> Paragraph:
    """Move a paragraph one place up or down within its section; at the end of the way nothing happens."""
    report, rows = _locked(report, actor)
    row = _row(rows, section, key, None)
    mine = [one for (place, _), one in rows.items() if place == section]
    here = mine.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(mine):
        return row
    before = audit.snapshot(row)
    other = mine[there]
    row.order, other.order = other.order, row.order
    other.save(update_fields=["order"])
    return _kept(row, verb="paragraph.move", before=before, actor=actor)
