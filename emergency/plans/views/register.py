"""The library of plans: list, drafting, a plan's page."""

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
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.organizations.forms import attempt
from emergency.organizations.scope import FILERS, BusinessMixin, holds
from emergency.plans import documents
from emergency.plans.filters import PlanFilter
from emergency.plans.forms import PlanForm
from emergency.plans.lifecycle import LIFECYCLE, keeps_plan
from emergency.plans.models import STATUS_TONES, Drill, Material, Plan, Status
from emergency.plans.queries import may_register
from emergency.plans.services import plan_delete, plan_draft, plan_edit

RELATED = ("owner", "enterprise", "handler", "area", "district", "created_by", "previous")
DRAFTS = (Status.DRAFTING, Status.REVISING)


def _status(plan: Plan) -> Cell:
    return Cell(plan.get_status_display(), tone=STATUS_TONES[Status(plan.status)])


def _due(plan: Plan) -> Cell | str:
    """The day that the present state waits for, in red with its days once it has gone by; else the next evaluation when it is late."""
    today = clock.today()
    if plan.due_on is not None:
        late = (today - plan.due_on).days
        if late > 0:
            return Cell(f"逾期 {late} 天", tone="red", small=plan.due_on.isoformat())
        return plan.due_on.isoformat()
    standing = plan.status in (Status.FILED, Status.DEEMED, Status.PUBLISHED)
    if standing and plan.evaluate_by is not None and plan.evaluate_by < today:
        return Cell("应评估", tone="red", small=plan.evaluate_by.isoformat())
    return ""


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


class PlanList(BusinessMixin, ListView):
    title = "应急预案"
    queryset: QuerySet = Plan.objects.all()
    filterset = PlanFilter
    order = "-id"
    columns = (
        Column("name", "预案名称", lambda one: Cell(str(one), title=one.summary[:100]), main=True),
        Column("maker_name", "编制单位", lambda one: one.maker_name),
        Column("kind", "预案类别", lambda one: one.get_kind_display(), align="tight"),
        Column("status", "状态", _status, align="tight"),
        Column("due_on", "期限", _due, align="date"),
        Column("published_on", "公布日期", lambda one: _iso(one.published_on), align="date", wide_only=True),
        Column("filed_on", "备案日期", lambda one: _iso(one.filed_on), align="date"),
        Column("number", "备案编号", lambda one: one.number, align="number"),
    )
    empty = Empty("这里列出各单位和企业的应急预案，从编制、公布、申报备案到评估、修订。")

    def row_url(self, row: Plan) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("plans:export")}
        if holds(request.user, FILERS):
            links |= {"import_url": reverse("plans:import")}
        if may_register(request.user):
            links |= {"new_url": reverse("plans:new"), "new_label": "登记预案"}
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_register(request.user):
            return Empty(self.empty.text, "登记预案", reverse("plans:new"))
        return self.empty


class PlanNew(BusinessMixin, View):
    """``?enterprise=`` comes from the enterprise's page."""

    def may_enter(self, user: Any) -> bool:
        return may_register(user)

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"enterprise": request.GET.get("enterprise", "")}
        return self.show(request, PlanForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlanForm(request.POST, user=request.user)
        if form.is_valid():
            plan = attempt(form, lambda: plan_draft(actor=request.user, **form.cleaned_data))
            if plan is not None:
                messages.success(request, "预案已登记为编制中，公布后点“公布”。")
                return redirect(plan)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: PlanForm) -> HttpResponse:
        context = {
            "title": "登记预案",
            "form": form,
            "submit_label": "登记",
            "cancel_url": reverse("plans:list"),
            "draft": "plan-new",
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def visible_plan(request: HttpRequest, pk: int) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def _draft(request: HttpRequest, pk: int) -> Plan:
    plan = visible_plan(request, pk)
    if plan.status not in DRAFTS or not keeps_plan(request.user, plan):
        raise PermissionDenied
    return plan


class PlanEdit(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = _draft(request, pk)
        return self.show(request, plan, PlanForm(user=request.user, plan=plan))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = _draft(request, pk)
        form = PlanForm(request.POST, user=request.user, plan=plan)
        if form.is_valid() and self.changed(request, plan, form):
            messages.success(request, "已保存。")
            return redirect(plan)
        return self.show(request, plan, form)

    def changed(self, request: HttpRequest, plan: Plan, form: PlanForm) -> Plan | None:
        return attempt(form, lambda: plan_edit(plan=plan, actor=request.user, **form.cleaned_data))

    def show(self, request: HttpRequest, plan: Plan, form: PlanForm) -> HttpResponse:
        context = {"title": "修改预案", "form": form, "cancel_url": plan.get_absolute_url()}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class PlanDelete(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = _draft(request, pk)
        context = {
            "title": "删除预案",
            "question": f"删除尚未公布的“{plan}”，删除后不能恢复。",
            "submit_label": "删除",
            "tone": "red",
            "cancel_url": plan.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan_delete(plan=_draft(request, pk), actor=request.user)
        messages.success(request, "已删除。")
        return redirect("plans:list")


# ------------------------------------------------------------------------------------------------ the page of a plan


class PlanDetail(BusinessMixin, View):
    """What it is, how far its filing is, its versions, its drills, and what happened."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        plan = visible_plan(request, pk)
        drills = Drill.objects.visible_to(user).filter(plan=plan).order_by("-day", "-pk")[:10]
        context = {
            "plan": plan,
            "head": {
                "number": plan.number,
                "title": str(plan),
                "kicker": f"{plan.get_kind_display()} · {plan.maker_name}",
                "status": {"label": plan.get_status_display(), "tone": STATUS_TONES[Status(plan.status)]},
                "due": plan.due_on,
                "due_done": False,
            },
            "actions": _actions(plan, user),
            "facts": _facts(plan),
            "versions": _versions(plan, user),
            "drills": drills,
            "new_drill_url": f"{reverse('plans:drill_new')}?plan={plan.pk}" if may_register(user) else "",
            "files": list(attachments.for_owner(plan).order_by("-id")[:20]),
            "forms": [("pdf", "PDF"), ("docx", "Word")] if documents.has_certificate(plan) else [],
            "certificate": documents.title_of(plan),
            "events": events_of(plan),
            "panels": panels_for("plans.plan", user, plan),
        }
        return render(request, "plans/detail.html", context)


def _actions(plan: Plan, user: Any) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = [
        {"action": one.action, "label": one.label, "tone": one.tone, "needs_form": True,
         "url": reverse("plans:act", args=[plan.pk, one.action])}
        for one in LIFECYCLE.allowed(plan, user)
    ]  # fmt: skip
    more: list[tuple[str, str, str]] = []
    if keeps_plan(user, plan):
        if plan.status in DRAFTS:
            more = [("edit", "修改", "blue"), ("delete", "删除", "grey")]
        elif plan.status in (Status.PUBLISHED, Status.FILED, Status.DEEMED):
            more = [("revise", "修订", "blue")]
    actions += [
        {"action": name, "label": label, "tone": tone, "needs_form": True,
         "url": reverse(f"plans:{name}", args=[plan.pk])}
        for name, label, tone in more
    ]  # fmt: skip
    return actions


def _versions(plan: Plan, user: Any) -> list[Plan]:
    """The versions next to this one, which are as visible as it is."""
    near = [plan.previous_id] if plan.previous_id else []
    later = Plan.objects.visible_to(user).filter(previous=plan).exclude(status=Status.VOID)
    return [*Plan.objects.visible_to(user).filter(pk__in=near), *later]


def _item(label: str, value: Any, *, whole: bool = False, href: str = "") -> dict[str, Any]:
    return {
        "label": label,
        "value": value.isoformat() if isinstance(value, dt.date) else value,
        "whole": whole,
        "href": href,
    }


def _names(materials: list[str]) -> str:
    return "、".join(Material(one).label for one in materials)


def _facts(plan: Plan) -> list[dict[str, Any]]:
    made = [
        _item("编制单位", plan.maker_name),
        _item("属地", str(plan.area or "未填")),
        _item("版次", f"第{plan.version}版"),
        _item("修订原因", plan.get_revision_reason_display()),
        _item("评审（论证）日期", plan.reviewed_on),
        _item("公布日期", plan.published_on),
        _item("公布文号", plan.document_number),
        _item("签署人", plan.signer),
        _item("适用范围和主要内容", plan.summary, whole=True),
    ]
    filed = [
        _item("备案受理单位", plan.handler.name if plan.handler else "报上级备案"),
        _item("申报期限", plan.file_by if plan.handler_id else None),
        _item("申报日期", plan.applied_on),
        _item("已交材料", _names(plan.materials), whole=True),
        _item("告知补正的材料", _names(plan.told), whole=True),
        _item("收到材料日期", plan.received_on if plan.told else None),
        _item("核对期限", plan.accept_by),
        _item("备案编号", plan.number),
        _item("备案日期", plan.filed_on),
        _item("说明", "五个工作日核对期满未答复，视为备案。" if plan.deemed else "", whole=True),
    ]
    later = [
        _item("最近评估日期", plan.evaluated_on),
        _item("评估结论", plan.get_conclusion_display()),
        _item("下次评估期限", plan.evaluate_by),
        _item("废止日期", plan.repealed_on),
        _item("废止原因", plan.repeal_reason, whole=True),
        _item("作废原因", plan.void_reason, whole=True),
    ]
    groups = [("编制和公布", made), ("备案", filed), ("评估和废止", later)]
    kept = [(title, [item for item in items if item["value"] not in (None, "")]) for title, items in groups]
    return [{"title": title, "items": items} for title, items in kept if items]
