"""The register: list, first report, correction, and the ledger from and to Excel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.figures import queries as figures
from emergency.incidents.filters import AccidentFilter
from emergency.incidents.forms import AccidentForm
from emergency.incidents.lifecycle import REPORTERS, may_edit, may_report
from emergency.incidents.models import LARGER_UP, STATUS_TONES, Accident, Status
from emergency.incidents.services import accident_correct, accident_register
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BusinessMixin, RolesMixin
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport


def _when(one: Accident) -> Cell:
    return Cell(one.occurred_on.isoformat(), small=f"{timezone.localtime(one.occurred_at):%H:%M}")


def _grade(one: Accident) -> Cell:
    return Cell(one.get_grade_display(), tone="red" if one.grade in LARGER_UP else "")


def _status(one: Accident) -> Cell:
    small = "" if one.counted else "不纳入统计"
    return Cell(one.get_status_display(), tone=STATUS_TONES[Status(one.status)], small=small)


class AccidentList(BusinessMixin, ListView):
    title = "事故台账"
    queryset = Accident.objects.all()
    filterset = AccidentFilter
    order = "-occurred_on"
    related = ("area",)
    columns = (
        Column("number", "编号", lambda one: one.number, align="number", wide_only=True),
        Column("occurred_on", "发生时间", _when, align="date", sort="occurred_on"),
        Column("name", "事故名称", lambda one: Cell(one.name, small=one.unit_name), main=True),
        Column("classification", "分类", lambda one: one.get_classification_display(), align="tight"),
        Column("grade", "等级", _grade, align="tight"),
        Column("deaths", "死亡", lambda one: str(one.deaths), align="right"),
        Column("serious", "重伤", lambda one: str(one.serious_injured), align="right"),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column("status", "状态", _status, align="tight"),
    )
    empty = Empty("这里列出发生的事故：快报、核实、调查、结案。")

    def row_url(self, row: Accident) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links = {"export_url": reverse("incidents:export")}
        if may_report(request.user):
            links |= {
                "new_url": reverse("incidents:new"),
                "new_label": "登记事故",
                "import_url": reverse("incidents:import"),
            }
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_report(request.user):
            return Empty(self.empty.text, "登记事故", reverse("incidents:new"))
        return self.empty


class Reporting(RolesMixin, View):
    """Doors of the forms: who reports for the bureau or a town. The place and the record are asked again when saving."""

    roles = REPORTERS


class AccidentNew(Reporting):
    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"enterprise": request.GET.get("enterprise", "")}
        return self.show(request, AccidentForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AccidentForm(request.POST, user=request.user)
        if form.is_valid():
            made = attempt(form, lambda: accident_register(actor=request.user, **form.values()))
            if made is not None:
                messages.success(request, f"已登记，编号 {made.number}，{made.get_grade_display()}事故。")
                return redirect(made)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: AccidentForm) -> HttpResponse:
        context = {
            "title": "登记事故",
            "intro": "先报已知的，情况变化时续报。事故等级由伤亡人数和直接经济损失自动判定。",
            "form": form,
            "submit_label": "登记",
            "cancel_url": reverse("incidents:list"),
            "draft": "accident-new",
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class AccidentEdit(Reporting):
    """续报 of a 快报, 更正 of what has been verified."""

    def record(self, request: HttpRequest, pk: int) -> Accident:
        visible = Accident.objects.visible_to(request.user).select_related("area", "district")
        record = get_object_or_404(visible, pk=pk)
        if not may_edit(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        return self.show(request, record, AccidentForm(user=request.user, record=record))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = AccidentForm(request.POST, user=request.user, record=record)
        if form.is_valid():
            saved = attempt(form, lambda: accident_correct(record=record, actor=request.user, **form.values()))
            if saved is not None:
                messages.success(request, "已保存。")
                return redirect(saved)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Accident, form: AccidentForm) -> HttpResponse:
        verb = "续报" if record.status == Status.FLASH else "更正"
        later = "伤亡人数为首次报告的人数，补报的死亡另行累加。" if record.deaths != record.initial_deaths else ""
        context = {
            "title": f"{verb}：{record.name}",
            "intro": later,
            "form": form,
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class AccidentImport(LedgerImport):
    kind, roles, default_keys = "accidents", REPORTERS, ("area", "classification", "data_source")


class AccidentExport(LedgerExport):
    kind, listing = "accidents", AccidentList
