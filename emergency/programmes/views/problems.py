"""问题与建议: list, form, page, 作废, and the Excel table."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock
from emergency.core.lifecycle import events_of
from emergency.core.listing import Cell, Column, Empty, ListView
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin, holds
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from emergency.programmes.filters import ProblemFilter
from emergency.programmes.forms import ProblemForm, VoidForm
from emergency.programmes.models import Problem
from emergency.programmes.services import (
    REPORTERS,
    may_report,
    problem_create,
    problem_update,
    problem_void,
    reporting_units,
)


def _short(text: str, most: int = 40) -> Cell:
    return Cell(text if len(text) <= most else f"{text[: most - 1]}…", title=text)


class ProblemList(RolesMixin, ListView):
    """The problems of one's own area and office; void ones stand in grey."""

    roles = BUSINESS_ROLES
    title = "问题与建议"
    queryset: QuerySet = Problem.objects.all()
    filterset = ProblemFilter
    order = "-year"
    related = ("owner", "area")
    columns = (
        Column("year", "年度", lambda one: str(one.year), align="tight", sort="year"),
        Column("problem", "问题", lambda one: _short(one.problem), main=True),
        Column("owner", "提出单位", lambda one: str(one.owner)),
        Column("showing", "主要表现", lambda one: _short(one.showing)),
        Column("remedy", "对策建议", lambda one: _short(one.remedy), wide_only=True),
        Column("state", "状态", lambda one: Cell("已作废", tone="grey") if one.void_reason else "在用", align="tight"),
    )

    def row_url(self, row: Problem) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, str]:
        links = {"export_url": reverse("programmes:problem_export")}
        if reporting_units(request.user):
            links |= {"new_url": reverse("programmes:problem_new"), "new_label": "登记"}
        if holds(request.user, REPORTERS):
            links["import_url"] = reverse("programmes:problem_import")
        return links

    def get_empty(self, request: HttpRequest) -> Empty:
        text = "这里登记本年度的问题、表现、原因和对策建议，起草工作总结时写入第三部分。"
        if reporting_units(request.user):
            return Empty(text, "登记问题", reverse("programmes:problem_new"))
        return Empty(text)


def _find(request: HttpRequest, pk: int) -> Problem:
    visible = Problem.objects.visible_to(request.user).select_related("owner__parent", "area", "created_by")
    return get_object_or_404(visible, pk=pk)


class ProblemDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = _find(request, pk)
        void = bool(record.void_reason)
        steps = [("edit", "修改", "blue"), ("void", "作废", "grey")]
        items = [
            ("年度", str(record.year)),
            ("提出单位", record.owner.name),
            ("属地", str(record.area or "未填")),
            ("排序", record.order),
        ]
        texts = [
            ("主要表现", "showing"),
            ("原因分析", "cause"),
            ("对策建议", "remedy"),
            ("来源文件", "source"),
            ("作废原因", "void_reason"),
        ]
        facts = [{"label": label, "value": value} for label, value in items]
        facts += [
            {"label": label, "value": value, "whole": True} for label, name in texts if (value := getattr(record, name))
        ]
        context = {
            "head": {
                "title": record.problem,
                "kicker": "问题与建议",
                "status": {"label": "已作废", "tone": "grey"} if void else None,
            },
            "actions": [
                {"action": name, "label": label, "tone": tone, "needs_form": True,
                 "url": reverse(f"programmes:problem_{name}", args=[pk])}
                for name, label, tone in steps
                if not void and may_report(request.user, record.owner)
            ],
            "facts": [{"title": "基本情况", "items": facts}],
            "events": events_of(record),
        }  # fmt: skip
        return render(request, "core/detail_base.html", context)


class Reporting(RolesMixin, View):
    roles = REPORTERS


class ProblemNew(Reporting):
    """A department's section head has the role but no unit that reports here, hence the second question."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, ProblemForm(actor=request.user, initial={"year": clock.today().year}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProblemForm(request.POST, actor=request.user)
        if form.is_valid():
            made = attempt(form, lambda: problem_create(actor=request.user, **form.cleaned_data))
            if made is not None:
                messages.success(request, "已登记。")
                return redirect(made)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: ProblemForm) -> HttpResponse:
        if not reporting_units(request.user):
            raise PermissionDenied
        context = {"title": "登记问题与建议", "form": form, "cancel_url": reverse("programmes:problem_list")}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class _Own(Reporting):
    """A step on a problem of the reader's own unit."""

    def record(self, request: HttpRequest, pk: int) -> Problem:
        record = _find(request, pk)
        if record.void_reason or not may_report(request.user, record.owner):
            raise PermissionDenied
        return record


class ProblemEdit(_Own):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        initial = {name: getattr(record, name) for name in ProblemForm.base_fields if name not in ("owner", "area")}
        return self.show(request, record, ProblemForm(actor=request.user, record=record, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = ProblemForm(request.POST, actor=request.user, record=record)
        if form.is_valid() and attempt(
            form, lambda: problem_update(record=record, actor=request.user, **form.cleaned_data)
        ):
            messages.success(request, "已保存。")
            return redirect(record)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Problem, form: ProblemForm) -> HttpResponse:
        context = {"title": "修改问题与建议", "form": form, "cancel_url": record.get_absolute_url()}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class ProblemVoid(_Own):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.record(request, pk), VoidForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = VoidForm(request.POST)
        if form.is_valid() and attempt(
            form, lambda: problem_void(record=record, actor=request.user, **form.cleaned_data)
        ):
            messages.success(request, "已作废。")
            return redirect(record)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Problem, form: VoidForm) -> HttpResponse:
        context = {
            "title": "作废问题与建议",
            "question": f"作废“{record.problem}”。作废后不再写入工作总结。",
            "form": form,
            "submit_label": "确认作废",
            "tone": "grey",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)


class ProblemImport(LedgerImport):
    kind = "problems"
    roles = REPORTERS
    default_keys = ("owner", "year")


class ProblemExport(RolesMixin, LedgerExport):
    """Offices only, as the list."""

    kind = "problems"
    listing = ProblemList
    roles = BUSINESS_ROLES
