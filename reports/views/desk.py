"""The report desk: list, new paper, preview of both editions, printing in the background."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, lifecycle, papers
from emergency.core.listing import Cell, Column, Empty, ListView
from emergency.core.papers import Edition
from emergency.figures.queries import readers
from emergency.organizations.scope import RolesMixin, holds
from reports import documents, services
from reports.filters import ReportFilter
from reports.forms import ReportForm
from reports.models import Report
from reports.services import DRAFTERS, PRINTERS, READERS


class ReaderMixin(RolesMixin):
    """For offices that oversee an area; enterprises and administrators stay outside."""

    roles = READERS


class ReportList(ReaderMixin, ListView):
    title = "文书"
    queryset: QuerySet = Report.objects.live()
    filterset = ReportFilter
    related = ("issuer", "area", "created_by")
    empty = Empty("这里还没有文书。选好单位和时段，平台按台账自动生成总结初稿。", "起草文书", "new/")
    columns = (
        Column("title", "标题", lambda row: row.title, main=True),
        Column("kind", "种类", lambda row: row.get_kind_display()),
        Column("period", "统计时段", lambda row: row.period.label(with_year=True)),
        Column("issuer", "署名单位", lambda row: str(row.issuer)),
        Column("by", "拟稿人", lambda row: Cell(str(row.created_by), small=f"{row.created_at:%Y-%m-%d}")),
    )

    def row_url(self, row: Report) -> str:
        return reverse("reports:detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        if not holds(request.user, DRAFTERS):
            return {}
        return {"new_url": reverse("reports:new"), "new_label": "起草文书"}

    def get_empty(self, request: HttpRequest) -> Empty:
        return self.empty if holds(request.user, DRAFTERS) else Empty("这里还没有文书。")


class ReportNew(RolesMixin, View):
    roles = DRAFTERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, ReportForm(organisations=readers.choices(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReportForm(request.POST, organisations=readers.choices(request.user))
        if not form.is_valid():
            return self.page(request, form, status=400)
        report = services.report_create(
            kind=form.cleaned_data["kind"],
            area=form.organisations[form.cleaned_data["area"]],
            period=form.cleaned_data["period"],
            actor=request.user,
        )
        return redirect("reports:detail", pk=report.pk)

    def page(self, request: HttpRequest, form: ReportForm, status: int = 200) -> HttpResponse:
        context = {
            "title": "起草文书",
            "form": form,
            "submit_label": "生成初稿",
            "cancel_url": reverse("reports:list"),
            "intro": "数字全部取自台账，点开即是明细；当时没有填报的会标明“【待补】”，不会写成零。",
        }
        return render(request, "core/form.html", context, status=status)


def visible_report(request: HttpRequest, pk: int) -> Report:
    """The paper, or 404 for somebody else's."""
    reports = Report.objects.live().visible_to(request.user)
    return get_object_or_404(reports.select_related("area__parent", "issuer__parent", "created_by"), pk=pk)


def edition_of(text: str | None) -> Edition:
    return Edition.SUBMISSION if text == "submission" else Edition.CHECKING


class ReportDetail(ReaderMixin, View):
    """The paper as it stands now, on the page; what is missing first."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = visible_report(request, pk)
        edition = edition_of(request.GET.get("edition"))
        document = documents.compose(report, edition)
        context: dict[str, Any] = {
            "report": report,
            "edition": edition,
            "editions": [("checking", Edition.CHECKING), ("submission", Edition.SUBMISSION)],
            "paper": papers.render_html(document),
            "gaps": list(dict.fromkeys(gap.text for gap in papers.gaps(document))),
            "may_draft": services.may_draft(request.user, report.area or report.issuer),
            "may_print": services.may_print(request.user, report),
            "files": attachments.for_owner(report).order_by("-id")[:10],
            "forms": [("pdf", "PDF"), ("docx", "Word")],
            "events": lifecycle.events_of(report).order_by("-at", "-id")[:10],
        }
        return render(request, "reports/detail.html", context)


class ReportPrint(RolesMixin, View):
    """POST: have one edition printed as PDF or Word; who ordered it is led to the progress page."""

    roles = PRINTERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = visible_report(request, pk)
        try:
            job = services.report_print(
                report=report,
                edition=edition_of(request.POST.get("edition")),
                form=request.POST.get("form", ""),
                actor=request.user,
            )
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
            return redirect("reports:detail", pk=pk)
        return redirect("core:job", pk=job.pk)
