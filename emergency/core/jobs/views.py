"""处理进度: what I have set going, and how far it is."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from emergency.core.jobs.models import Job

PER_PAGE = 50


@require_safe
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first, by key: ``?before=`` the number of the last one seen."""
    mine = Job.objects.visible_to(request.user).select_related("file")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        mine = mine.filter(pk__lt=int(before))
    rows = list(mine[: PER_PAGE + 1])
    jobs = rows[:PER_PAGE]
    next_url = f"?before={jobs[-1].pk}" if len(rows) > PER_PAGE else ""
    return render(request, "core/jobs.html", {"jobs": jobs, "next_url": next_url})


@require_safe
@login_required
@never_cache
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; asked by its own progress bar, the bar alone."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("file"), pk=pk)
    template = "partials/progress.html" if request.headers.get("HX-Request") == "true" else "core/job.html"
    return render(request, template, {"job": job})
