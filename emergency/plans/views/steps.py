"""The steps of a plan and of a drill as pages, the next version, and the printing of a certificate."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from emergency.core.lifecycle import Lifecycle
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BusinessMixin
from emergency.plans.forms import DRILL_FORMS, PLAN_FORMS, ReviseForm, StepForm
from emergency.plans.lifecycle import DRILL_LIFECYCLE, LIFECYCLE, keeps_plan
from emergency.plans.models import Drill, Plan, Status
from emergency.plans.services import drill_act, plan_act, plan_print, plan_revise
from emergency.plans.views.drills import visible_drill
from emergency.plans.views.register import visible_plan


class Step(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    lifecycle: Lifecycle
    forms: dict[str, type[StepForm]]

    def record(self, request: HttpRequest, pk: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say whose step it is")

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how the step is taken")

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return self.answer(request, pk, action, None)

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return self.answer(request, pk, action, request.POST)

    def answer(self, request: HttpRequest, pk: int, action: str, data: Any) -> HttpResponse:
        record = self.record(request, pk)
        if action not in self.forms:
            raise Http404
        if self.lifecycle.find(record.status, action) is None:
            messages.warning(request, "该事项已经办理，请查看最新情况。")
            return redirect(record)
        if action not in {one.action for one in self.lifecycle.allowed(record, request.user)}:
            raise PermissionDenied
        form = self.forms[action](data, request.FILES if data is not None else None, record=record)
        if data is not None and form.is_valid():
            done = attempt(form, lambda: self.perform(request, pk, action, form))
            if done is not None:
                messages.success(request, f"已办理，当前状态为{done.get_status_display()}。")
                return redirect(done)
        return self.show(request, record, action, form)

    def show(self, request: HttpRequest, record: Any, action: str, form: StepForm) -> HttpResponse:
        transition = self.lifecycle.find(record.status, action)
        assert transition is not None
        context = {
            "title": f"{transition.label}：{record}",
            "form": form,
            "intro": form.intro,
            "submit_label": f"确认{transition.label}",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class PlanAct(Step):
    lifecycle = LIFECYCLE
    forms = PLAN_FORMS

    def record(self, request: HttpRequest, pk: int) -> Plan:
        return visible_plan(request, pk)

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> Plan:
        return plan_act(
            queryset=Plan.objects.visible_to(request.user),
            pk=pk,
            action=action,
            actor=request.user,
            data=form.values(),
            files=form.cleaned_data.get("files") or [],
        )


class DrillAct(Step):
    lifecycle = DRILL_LIFECYCLE
    forms = DRILL_FORMS

    def record(self, request: HttpRequest, pk: int) -> Drill:
        return visible_drill(request, pk)

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> Drill:
        return drill_act(
            queryset=Drill.objects.visible_to(request.user),
            pk=pk,
            action=action,
            actor=request.user,
            data=form.values(),
            findings=(form.cleaned_data.get("findings") or "").splitlines(),
            due_on=form.cleaned_data.get("due_on"),
            files=form.cleaned_data.get("files") or [],
        )


class PlanRevise(BusinessMixin, View):
    """The next version, as a plan of its own beside the present one."""

    def plan(self, request: HttpRequest, pk: int) -> Plan:
        plan = visible_plan(request, pk)
        if not keeps_plan(request.user, plan) or plan.status not in (Status.PUBLISHED, Status.FILED, Status.DEEMED):
            raise PermissionDenied
        return plan

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.plan(request, pk), ReviseForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self.plan(request, pk)
        form = ReviseForm(request.POST)
        if form.is_valid():
            new = attempt(form, lambda: plan_revise(plan=plan, actor=request.user, **form.cleaned_data))
            if new is not None:
                messages.success(request, f"已建立第{new.version}版，公布后替代现行版。")
                return redirect(new)
        return self.show(request, plan, form)

    def show(self, request: HttpRequest, plan: Plan, form: ReviseForm) -> HttpResponse:
        context = {
            "title": f"修订：{plan}",
            "intro": "新版公布前，现行版继续有效。修订涉及组织指挥体系与职责、处置程序、主要措施、响应分级的，公布后重新备案。",
            "form": form,
            "submit_label": "开始修订",
            "cancel_url": plan.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class PlanPrint(BusinessMixin, View):
    """POST: have the certificate printed as PDF or Word; the reader is led to the progress page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("handler"), pk=pk)
        try:
            job = plan_print(plan=plan, form=request.POST.get("form", ""), actor=request.user)
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
            return redirect(plan)
        return redirect("core:job", pk=job.pk)
