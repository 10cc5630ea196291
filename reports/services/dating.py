"""更换统计时段: the whole text over other dates, in one step."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import audit, lifecycle
from emergency.core.periods import Period
from reports import documents
from reports.models import Report
from reports.queries import changes
from reports.services.desk import require_drafter
from reports.services.storing import text_store


@transaction.atomic
def report_redate(*, report: Report, period: Period, seen: Period, actor: Any) -> Report:
    """Change the period of a paper: one event, one audit entry. Edited paragraphs keep their words and get the new numbers.

    ``seen`` is the period that the page showed. Raises ``PermissionDenied``, and ``ValidationError`` when somebody else has changed the
    period meanwhile or the new one is the same.
    """
    locked = Report.objects.live().select_for_update(of=("self",)).select_related("area__parent", "issuer__parent")
    report = locked.get(pk=report.pk)
    require_drafter(actor, report)
    if report.period != seen:
        raise ValidationError(f"统计时段已由他人改为{report.period.label(with_year=True)}，请重新核对。")
    if period == seen:
        raise ValidationError("新的统计时段与现在的相同。")
    changed = [change for change in changes(report, period) if change.sentences]
    before = audit.snapshot(report)
    if report.title == "".join(documents.title_of(report.issuer, seen)):
        report.title = "".join(documents.title_of(report.issuer, period))
    report.start, report.end = period.start, period.end
    report.full_clean(exclude=["district", "street"])
    report.save(update_fields=["title", "start", "end"])
    text_store(report)
    told = f"{seen.label(with_year=True)}改为{period.label(with_year=True)}，{len(changed)}段文字随之变动"
    lifecycle.note_event(report, action="redate", label="更换统计时段", actor=actor, note=told)
    old, new = audit.changes(before, audit.snapshot(report))
    audit.record("report.redate", target=report, actor=actor, before=old, after=new, organisation=report.issuer)
    return report
