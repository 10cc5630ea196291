"""启用日期: which ledger speaks for which unit from when. Kept by the bureau's section heads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views import View

from emergency.figures import vocabulary
from emergency.figures.forms import LedgerStartForm
from emergency.figures.models import LedgerStart
from emergency.figures.queries import readers
from emergency.figures.services import STARTERS, ledger_start_set
from emergency.organizations.forms import attempt
from emergency.organizations.models import Organisation
from emergency.organizations.scope import holds


class LedgerStartsView(LoginRequiredMixin, View):
    """What is set, and the form that sets it; 修改 on a line fills the form with that line."""

    roles = STARTERS

    def organisations(self, request: HttpRequest) -> list[Organisation]:
        if not holds(request.user, self.roles):
            raise PermissionDenied("启用日期由科室负责人设置。")
        return readers.choices(request.user)

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {key: request.GET[key] for key in ("ledger", "organisation") if key in request.GET}
        return self.page(request, LedgerStartForm(initial=initial, organisations=self.organisations(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LedgerStartForm(request.POST, organisations=self.organisations(request))
        if form.is_valid():
            start = attempt(form, lambda: ledger_start_set(actor=request.user, **form.cleaned_data))
            if start is not None:
                messages.success(request, "启用日期已保存。")
                return redirect("figures:starts")
        return self.page(request, form, status=400)

    def page(self, request: HttpRequest, form: LedgerStartForm, status: int = 200) -> HttpResponse:
        labels = {source.code: source.label for source in vocabulary.sources()}
        units = self.organisations(request)
        rows = LedgerStart.objects.filter(organisation__in=units).select_related("organisation__parent")
        starts: list[dict[str, Any]] = [
            {
                "ledger": labels.get(one.ledger, one.ledger),
                "unit": one.organisation,
                "on": one.started_on,
                "url": _change_url(one),
            }
            for one in rows
        ]
        return render(request, "figures/starts.html", {"form": form, "starts": starts}, status=status)


def _change_url(one: LedgerStart) -> str:
    """The form filled with a line of the table."""
    query: dict[str, Any] = {"ledger": one.ledger, "organisation": one.organisation_id}
    return f"{reverse('figures:starts')}?{urlencode(query)}#start"
