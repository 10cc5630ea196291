"""Background work of home."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.core import papers
from emergency.core.jobs import keep_result
from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import JobFailed, handler
from emergency.home import documents, queries


@handler("home.town")
def print_town(job: Job, progress: Any) -> dict[str, Any]:
    """Compose, render, keep. Rights may have changed since the sheet was asked for."""
    on = dt.date.fromisoformat(job.params["on"])
    unit = queries.towns_of(job.created_by, on).filter(pk=job.params["unit"]).first()
    if unit is None:
        raise JobFailed("您已无权查看这个乡镇（街道）。")
    progress(0, 2, "正在统计")
    town = queries.town(job.created_by, unit, on)
    progress(1, 2, "正在排版")
    try:
        data = documents.town_sheet(town)
    except (papers.UnprintableText, papers.TypefaceMissing) as fault:
        raise JobFailed(str(fault)) from fault
    keep_result(job, data=data, name=f"{unit.name}一页纸{on:%Y%m%d}.pdf", content_type="application/pdf")
    return {"unit": unit.pk}
