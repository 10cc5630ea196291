"""更换统计时段: choose, see each changed sentence, confirm."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from emergency.core import periods
from emergency.core.periods import Period
from reports import queries, services
from reports.forms import PeriodForm
from reports.models import Report
from reports.views.text import DrafterMixin


class ReportPeriod(DrafterMixin, View):
    """GET with dates shows what would change; POST of the same dates changes it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.report(request, pk)
        form = PeriodForm(request.GET if "span" in request.GET else None)
        return self.page(request, report, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.report(request, pk)
        form = PeriodForm(request.POST)
        if not form.is_valid():
            return self.page(request, report, form, status=400)
        try:
            seen = periods.parse(request.POST.get("seen", ""))
            services.report_redate(report=report, period=form.cleaned_data["period"], seen=seen, actor=request.user)
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
            return redirect("reports:period", pk=pk)
        messages.success(request, "统计时段已更换。")
        return redirect("reports:text", pk=pk)

    def page(self, request: HttpRequest, report: Report, form: PeriodForm, status: int = 200) -> HttpResponse:
        period: Period | None = form.cleaned_data.get("period") if form.is_bound and form.is_valid() else None
        if period == report.period:
            form.add_error(None, "新的统计时段与现在的相同。")
            period = None
        context = {
            "report": report,
            "form": form,
            "period": period,
            "label": period.label(with_year=True) if period else "",
            "was": report.period.label(with_year=True),
            "changes": queries.changes(report, period) if period else [],
        }
        return render(request, "reports/period.html", context, status=status)
