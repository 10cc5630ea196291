"""Drills: list, registering, a drill's page with its findings, and who owes one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, clock
from emergency.core.lifecycle import events_of
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.enterprises.filters import EnterpriseFilter
from emergency.enterprises.models import Enterprise
from emergency.figures import queries as figures
from emergency.organizations.forms import attempt
from emergency.organizations.scope import FILERS, BusinessMixin, holds
from emergency.plans.filters import DrillFilter
from emergency.plans.forms import DrillNewForm, FindingForm
from emergency.plans.lifecycle import DRILL_LIFECYCLE, keeps_drill
from emergency.plans.models import DRILL_TONES, Drill, DrillFinding, DrillStatus
from emergency.plans.queries import half_year, may_register, owing, reads, units_owing
from emergency.plans.services import drill_register, finding_close

RELATED = ("owner", "enterprise", "plan", "area", "district", "created_by")


def _status(drill: Drill) -> Cell:
    if drill.status == DrillStatus.PLANNED and drill.planned_on is not None and drill.planned_on < clock.today():
        return Cell("逾期未开展", tone="red")
    return Cell(drill.get_status_display(), tone=DRILL_TONES[DrillStatus(drill.status)])


class DrillList(BusinessMixin, ListView):
    title = "应急演练"
    queryset: QuerySet = Drill.objects.all()
    filterset = DrillFilter
    order = "-day"
    columns = (
        Column("day", "日期", lambda one: one.day.isoformat(), align="date", sort="day"),
        Column("name", "演练名称", lambda one: Cell(one.name, title=one.content[:100]), main=True),
        Column("maker_name", "组织单位", lambda one: one.maker_name),
        Column("form", "形式", lambda one: one.get_form_display(), align="tight"),
        Column("status", "状态", _status, align="tight"),
        Column("quantity", "场次", lambda one: str(one.quantity), align="right"),
        Column("people", "参演人数", lambda one: "" if one.people is None else str(one.people), align="right"),
        Column("grade", "评估等次", lambda one: one.get_grade_display(), align="tight", wide_only=True),
    )
    empty = Empty("这里列出年度演练计划和已经开展的应急演练。")

    def row_url(self, row: Drill) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("plans:drill_export")}
        if holds(request.user, FILERS):
            links |= {"import_url": reverse("plans:drill_import")}
        if may_register(request.user):
            links |= {"new_url": reverse("plans:drill_new"), "new_label": "登记演练"}
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_register(request.user):
            return Empty(self.empty.text, "登记演练", reverse("plans:drill_new"))
        return self.empty


class DrillNew(BusinessMixin, View):
    """``?plan=`` and ``?enterprise=`` come from the pages of a plan and of an enterprise."""

    def may_enter(self, user: Any) -> bool:
        return may_register(user)

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {name: request.GET.get(name, "") for name in ("enterprise", "plan")}
        return self.show(request, DrillNewForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DrillNewForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            drill = attempt(form, lambda: drill_register(actor=request.user, **form.cleaned_data))
            if drill is not None:
                messages.success(request, "演练已登记。" if drill.held_on else "已列入演练计划。")
                return redirect(drill)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: DrillNewForm) -> HttpResponse:
        plan = form.data.get("plan") or form.initial.get("plan") or ""
        about = (
            form.fields["plan"].queryset.filter(pk=plan).first() if "plan" in form.fields and plan.isdecimal() else None
        )  # type: ignore[attr-defined]
        context = {
            "title": "登记演练",
            "intro": f"关联预案：{about}。组织单位不选的，为该预案的编制单位。" if about else "",
            "form": form,
            "submit_label": "登记",
            "cancel_url": reverse("plans:drill_list"),
            "draft": "drill-new",
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def visible_drill(request: HttpRequest, pk: int) -> Drill:
    return get_object_or_404(Drill.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


class DrillDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        drill = visible_drill(request, pk)
        actions: list[dict[str, Any]] = [
            {"action": one.action, "label": one.label, "tone": one.tone, "needs_form": True,
             "url": reverse("plans:drill_act", args=[drill.pk, one.action])}
            for one in DRILL_LIFECYCLE.allowed(drill, user)
        ]  # fmt: skip
        status = _status(drill)
        context = {
            "drill": drill,
            "head": {
                "title": drill.name,
                "kicker": f"{drill.get_form_display()} · {drill.maker_name}",
                "status": {"label": status.text, "tone": status.tone},
                "due": drill.planned_on if drill.status == DrillStatus.PLANNED else None,
                "due_done": False,
            },
            "actions": actions,
            "facts": _facts(drill),
            "findings": list(drill.findings.all()),
            "may_close": keeps_drill(user, drill) and drill.status != DrillStatus.VOID,
            "files": list(attachments.for_owner(drill).order_by("-id")[:20]),
            "events": events_of(drill),
        }
        return render(request, "plans/drill_detail.html", context)


def _facts(drill: Drill) -> list[dict[str, Any]]:
    values: list[tuple[str, Any, bool]] = [
        ("组织单位", drill.maker_name, False),
        ("属地", str(drill.area or "未填"), False),
        ("关联预案", str(drill.plan) if drill.plan else "", False),
        ("计划日期", drill.planned_on, False),
        ("演练日期", drill.held_on, False),
        ("场次", f"{drill.quantity}场", False),
        ("参演人数", f"{drill.people}人" if drill.people is not None else "", False),
        ("演练地点", drill.place, False),
        ("演练内容", drill.content, True),
        ("评估日期", drill.evaluated_on, False),
        ("评估等次", drill.get_grade_display(), False),
        ("评估结论", drill.evaluation, True),
        ("取消原因", drill.cancel_reason, True),
        ("作废原因", drill.void_reason, True),
    ]
    items = [
        {"label": label, "value": value.isoformat() if isinstance(value, dt.date) else value, "whole": whole}
        for label, value, whole in values
        if value not in (None, "")
    ]
    return [{"title": "演练情况", "items": items}]


class FindingDone(BusinessMixin, View):
    """What a drill showed is mended."""

    def finding(self, request: HttpRequest, pk: int) -> DrillFinding:
        rows = DrillFinding.objects.visible_to(request.user)
        row = get_object_or_404(rows.select_related("drill__owner", "drill__area", "drill__district"), pk=pk)
        if not keeps_drill(request.user, row.drill):
            raise PermissionDenied
        return row

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.finding(request, pk)
        if row.done_on is not None:
            messages.warning(request, "该问题已经整改。")
            return redirect(row.drill)
        return self.show(request, row, FindingForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.finding(request, pk)
        form = FindingForm(request.POST)
        if form.is_valid():
            rows = DrillFinding.objects.visible_to(request.user)
            if attempt(form, lambda: finding_close(queryset=rows, pk=pk, actor=request.user, **form.cleaned_data)):
                messages.success(request, "已登记整改。")
                return redirect(row.drill)
        return self.show(request, row, form)

    def show(self, request: HttpRequest, row: DrillFinding, form: FindingForm) -> HttpResponse:
        context = {
            "title": "演练问题整改",
            "intro": row.text,
            "form": form,
            "submit_label": "确认整改",
            "cancel_url": row.drill.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class OwingList(BusinessMixin, ListView):
    """Who must drill every half-year and has not; above it the units without a drill in two years."""

    title = "本半年未演练"
    filterset = EnterpriseFilter
    order = "-id"
    related = ("area", "industry")
    template = "plans/owing.html"
    columns = (
        Column("name", "单位名称", lambda one: one.name, main=True),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column("industry", "行业", lambda one: str(one.industry or "未填")),
        Column("key", "重点监管", lambda one: "是" if one.key_supervised else "", align="tight"),
        Column("safety_officer", "安全负责人", lambda one: one.safety_officer, wide_only=True),
    )
    empty = Empty("应当演练的单位本半年都已演练。")

    def may_enter(self, user: Any) -> bool:
        return reads(user)

    @property
    def queryset(self) -> QuerySet:  # type: ignore[override]  # the half-year moves, so it is asked anew
        return owing(clock.today())

    def row_url(self, row: Enterprise) -> str:
        return reverse("enterprises:detail", args=[row.pk])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As every list, with the units above it; what the filters exchange is the list alone."""
        if getattr(request, "htmx", None):
            return super().get(request, *args, **kwargs)
        on = clock.today()
        period = half_year(on)
        context = {
            "page": self.page(request),
            "half": f"{on.year}年{'上' if period.start.month == 1 else '下'}半年",
            "units": list(units_owing(request.user, on)),
        }
        return render(request, self.template, context)
