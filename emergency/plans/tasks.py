"""Background work of plans: the clock of the filing, and the printing of certificates."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from emergency.core.jobs import scheduled
from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import JobFailed, handler
from emergency.plans import documents, services
from emergency.plans.models import Plan


@shared_task(name="plans.deem")
@scheduled("plans.deem")
def deem() -> str:
    return f"视为备案{services.plans_deem()}件"


@handler("plans.print")
def print_certificate(job: Job, progress: Any) -> dict[str, Any]:
    """Compose, render, keep. Rights, and the plan itself, may have changed since the paper was asked for."""
    mine = Plan.objects.visible_to(job.created_by).select_related("handler", "enterprise")
    plan = mine.filter(pk=job.params["plan"]).first()
    if plan is None or not documents.has_certificate(plan):
        raise JobFailed("这份预案已作废，或您已无权查看。")
    form = job.params["form"]
    progress(0, 2, "正在排版")
    data = services.render(documents.compose(plan), form)
    progress(1, 2, "正在保存")
    job.file = services.plan_keep(plan=plan, form=form, data=data, actor=job.created_by)
    return {"plan": plan.pk}
