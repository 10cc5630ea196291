"""The steps of a risk point's life as pages: one at a time, and several to void."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.organizations.scope import BusinessMixin, holds
from hazards.forms import FOUND_PROBLEM, RISK_STEP_FORMS, ReasonForm, StepForm, show_faults
from hazards.lifecycle import BUREAU_HEADS, RISK_LIFECYCLE
from hazards.models import RiskPoint
from hazards.services import risk_act, risks_void

_RELATED = ("enterprise", "handler", "area", "street", "district")


class RiskAct(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record, form_class = self.opened(request, pk, action)
        if RISK_LIFECYCLE.find(record.status, action) is None:
            return self.stale(request, record)
        self.ask(request, record, action)
        return self.show(request, record, action, form_class(record=record, user=request.user))

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record, form_class = self.opened(request, pk, action)
        if RISK_LIFECYCLE.find(record.status, action) is None:
            return self.stale(request, record)
        self.ask(request, record, action)
        form = form_class(request.POST, request.FILES, record=record, user=request.user)
        if form.is_valid():
            try:
                done = risk_act(
                    queryset=RiskPoint.objects.visible_to(request.user),
                    pk=pk,
                    action=action,
                    actor=request.user,
                    data=form.values(),
                    photos=form.cleaned_data.get("photos") or [],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                return self.done(request, done, form.cleaned_data.get("result", ""))
        return self.show(request, record, action, form)

    def opened(self, request: HttpRequest, pk: int, action: str) -> tuple[RiskPoint, type[StepForm]]:
        record = get_object_or_404(RiskPoint.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)
        if action not in RISK_STEP_FORMS:
            raise Http404
        return record, RISK_STEP_FORMS[action]

    def ask(self, request: HttpRequest, record: RiskPoint, action: str) -> None:
        if action not in {one.action for one in RISK_LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied

    def stale(self, request: HttpRequest, record: RiskPoint) -> HttpResponse:
        """Somebody was quicker: show how it stands now."""
        messages.warning(request, f"当前状态为{record.get_status_display()}，不能办理该事项，请查看最新情况。")
        return redirect(record)

    def done(self, request: HttpRequest, done: RiskPoint, result: str) -> HttpResponse:
        if result == FOUND_PROBLEM:
            messages.warning(request, "巡查发现的问题请登记为隐患，按隐患整改销号。")
        messages.success(request, f"已办理，{done.get_level_display()}，{done.get_status_display()}。")
        still_mine = RiskPoint.objects.visible_to(request.user).filter(pk=done.pk).exists()
        return redirect(done) if still_mine else redirect("hazards:risk_list")

    def show(self, request: HttpRequest, record: RiskPoint, action: str, form: StepForm) -> HttpResponse:
        transition = RISK_LIFECYCLE.find(record.status, action)
        assert transition is not None
        context = {
            "record": record,
            "measures": list(record.measures.all()) if action in ("control", "patrol") else [],
            "title": transition.label,
            "form": form,
            "intro": form.intro,
            "submit_label": f"确认{transition.label}",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "hazards/risk_act.html", context, status=400 if form.is_bound else 200)


class RiskVoid(BusinessMixin, View):
    """作废 several: the list's selection, then the reason."""

    def chosen(self, request: HttpRequest, values: list[str]) -> list[RiskPoint]:
        if not holds(request.user, BUREAU_HEADS):
            raise PermissionDenied
        keys = [int(value) for value in values if value.isdecimal()]
        return list(RiskPoint.objects.visible_to(request.user).filter(pk__in=keys).order_by("pk")[:200])

    def get(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.GET.getlist("selected"))
        if not records:
            messages.warning(request, "请先在台账中选择要作废的风险点。")
            return redirect("hazards:risk_list")
        return self.show(request, records, ReasonForm(record=records[0], user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.POST.getlist("selected"))
        if not records:
            raise Http404
        form = ReasonForm(request.POST, record=records[0], user=request.user)
        if form.is_valid():
            try:
                risks_void(
                    queryset=RiskPoint.objects.visible_to(request.user),
                    pks=[one.pk for one in records],
                    actor=request.user,
                    reason=form.cleaned_data["reason"],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已作废 {len(records)} 处。")
                return redirect("hazards:risk_list")
        return self.show(request, records, form)

    def show(self, request: HttpRequest, records: list[RiskPoint], form: Any) -> HttpResponse:
        context = {
            "title": "作废风险点",
            "question": f"作废以下 {len(records)} 处风险点。作废后不再计入统计，编号不再使用。",
            "items": [{"label": str(one), "url": one.get_absolute_url()} for one in records],
            "hidden": [("selected", one.pk) for one in records],
            "form": form,
            "submit_label": "确认作废",
            "tone": "red",
            "cancel_url": reverse("hazards:risk_list"),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
