"""Background work of the report desk."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from emergency.core import papers
from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import JobFailed, handler
from reports import documents, services
from reports.models import Report


@handler("reports.print")
def print_report(job: Job, progress: Any) -> dict[str, Any]:
    """Compose, render, keep. A rerun makes the file again and keeps it once more; nothing else is written."""
    # Rights may have changed since the paper was asked for.
    mine = Report.objects.live().visible_to(job.created_by)
    report = mine.select_related("area__parent", "issuer__parent").filter(pk=job.params["report"]).first()
    if report is None:
        raise JobFailed("这份文书已作废，或您已无权查看。")
    edition = papers.Edition(job.params["edition"])
    progress(0, 3, "正在汇总指标")
    document = documents.compose(report, edition)
    progress(1, 3, "正在排版")
    data = services.render(document, job.params["form"], site=settings.SITE_URL)
    progress(2, 3, "正在保存")
    kept = services.report_keep(
        report=report, edition=edition, form=job.params["form"], data=data, actor=job.created_by
    )
    job.file = kept
    return {"report": report.pk, "gaps": [gap.text for gap in papers.gaps(document)]}
