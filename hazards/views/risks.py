"""Risk points: the register, a new one, and the page of one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, clock, lifecycle
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.organizations.scope import FILERS, BusinessMixin, RolesMixin, holds, reach
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport
from hazards.filters import RiskFilter
from hazards.forms import MeasureFormSet, RiskEditForm, RiskForm, measure_initial, show_faults
from hazards.lifecycle import BUREAU_HEADS, RISK_LIFECYCLE, keeps_risk, works_for_firm
from hazards.models import LIVE_RISKS, RISK_TONES, RiskPoint, RiskStatus
from hazards.services import risk_edit, risk_register
from hazards.services.risks import EDITABLE

_RELATED = ("enterprise", "handler", "department", "industry", "area", "street", "district", "created_by")


def _level(record: RiskPoint) -> Cell:
    return Cell(record.get_level_display(), tone=f"risk-{record.level}")


def _patrol(record: RiskPoint) -> Cell | str:
    """When the next patrol is due, in red with its days once it is late."""
    if record.status != RiskStatus.CONTROLLED or record.next_patrol_on is None:
        return ""
    late = (clock.today() - record.next_patrol_on).days
    if late > 0:
        return Cell(f"逾期 {late} 天", tone="red", small=record.next_patrol_on.isoformat())
    return record.next_patrol_on.isoformat()


class RiskList(BusinessMixin, ListView):
    title = "风险点台账"
    queryset = RiskPoint.objects.all()
    filterset = RiskFilter
    order = "-identified_on"
    related = ("area", "enterprise")
    columns = (
        Column("number", "编号", lambda one: one.number, align="number"),
        Column("name", "风险点", lambda one: Cell(one.name, small="重点" if one.key else ""), main=True),
        Column("level", "风险等级", _level, align="tight"),
        Column("subject", "单位或位置", lambda one: one.enterprise.name if one.enterprise else one.place),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column(
            "responsible",
            "责任单位",
            lambda one: Cell(one.responsible_unit or one.responsible_person, small=one.responsible_unit and one.responsible_person),
        ),
        Column("measures", "措施（条）", lambda one: str(one.measure_count), align="right", wide_only=True),
        Column("identified_on", "辨识日期", lambda one: one.identified_on.isoformat(), align="date", sort="identified_on"),
        Column("patrol", "下次巡查", _patrol, align="date"),
        Column("status", "状态", lambda one: Cell(one.get_status_display(), tone=RISK_TONES[one.status]), align="tight"),
    )  # fmt: skip
    empty = Empty("这里列出辨识出的风险点、等级和管控情况。")

    def row_url(self, row: RiskPoint) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("hazards:risk_export")}
        if holds(request.user, FILERS):
            links |= {
                "import_url": reverse("hazards:risk_import"),
                "new_url": reverse("hazards:risk_new"),
                "new_label": "登记风险点",
            }
        if holds(request.user, BUREAU_HEADS):
            links["actions"] = [{"label": "作废", "url": reverse("hazards:risk_void"), "tone": "grey"}]
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if holds(request.user, FILERS):
            return Empty(self.empty.text, "登记风险点", reverse("hazards:risk_new"))
        return self.empty


class RiskImport(LedgerImport):
    kind = "risk_points"
    roles = FILERS
    default_keys = ("area", "handler", "industry")


class RiskExport(LedgerExport):
    kind = "risk_points"
    listing = RiskList


def _show(request: HttpRequest, title: str, form: RiskForm, measures: Any, cancel: str, submit: str) -> HttpResponse:
    context = {"title": title, "form": form, "measures": measures, "cancel_url": cancel, "submit_label": submit}
    return render(request, "hazards/risk_form.html", context, status=400 if form.is_bound else 200)


class RiskNew(RolesMixin, View):
    """登记风险点, with its measures."""

    roles = FILERS

    def get(self, request: HttpRequest) -> HttpResponse:
        form = RiskForm(user=request.user, initial={"enterprise": request.GET.get("enterprise", "")})
        return self.show(request, form, MeasureFormSet(initial=measure_initial([]), prefix="measures"))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RiskForm(request.POST, user=request.user)
        measures = MeasureFormSet(request.POST, prefix="measures")
        if all([form.is_valid(), measures.is_valid()]):
            try:
                record = risk_register(actor=request.user, measures=measures.measures(), **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已登记，编号 {record.number}，{record.get_level_display()}。")
                return redirect(record)
        return self.show(request, form, measures)

    def show(self, request: HttpRequest, form: RiskForm, measures: Any) -> HttpResponse:
        return _show(request, "登记风险点", form, measures, reverse("hazards:risk_list"), "登记")


class RiskEdit(BusinessMixin, View):
    def record(self, request: HttpRequest, pk: int) -> RiskPoint:
        record = get_object_or_404(RiskPoint.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)
        if record.status not in LIVE_RISKS or not keeps_risk(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        initial = {name: getattr(record, name) for name in EDITABLE} | {"area": record.area_id}
        initial |= {name: getattr(record, f"{name}_id") for name in ("enterprise", "industry")}
        form = RiskEditForm(user=request.user, record=record, initial=initial)
        rows = MeasureFormSet(initial=measure_initial(list(record.measures.all())), prefix="measures")
        return self.show(request, record, form, rows)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = RiskEditForm(request.POST, user=request.user, record=record)
        measures = MeasureFormSet(request.POST, prefix="measures")
        if all([form.is_valid(), measures.is_valid()]):
            try:
                risk_edit(record=record, actor=request.user, measures=measures.measures(), **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, "修改已保存。")
                return redirect(record)
        return self.show(request, record, form, measures)

    def show(self, request: HttpRequest, record: RiskPoint, form: RiskForm, measures: Any) -> HttpResponse:
        return _show(request, f"修改风险点 {record.number}", form, measures, record.get_absolute_url(), "保存")


# ------------------------------------------------------------------------------------------------ the page of a risk point


class RiskDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        record = get_object_or_404(RiskPoint.objects.visible_to(user).select_related(*_RELATED), pk=pk)
        phone = bool(reach(user).posts) or works_for_firm(user, record)
        context = {
            "record": record,
            "measures": list(record.measures.all()),
            "head": {
                "number": record.number,
                "title": record.name,
                "kicker": f"风险点 · {record.get_category_display()}",
                "status": {"label": record.get_status_display(), "tone": RISK_TONES[RiskStatus(record.status)]},
            },
            "actions": self.actions(record, user),
            "facts": _facts(record, phone=phone),
            "events": _timeline(record),
            "panels": panels_for("hazards.risk", user, record),
        }
        return render(request, "hazards/risk_detail.html", context)

    def actions(self, record: RiskPoint, user: Any) -> list[dict[str, Any]]:
        actions = [
            {
                "action": one.action,
                "label": one.label,
                "tone": one.tone,
                "url": reverse("hazards:risk_act", args=[record.pk, one.action]),
                "needs_form": True,
            }
            for one in RISK_LIFECYCLE.allowed(record, user)
        ]
        if record.status in LIVE_RISKS and keeps_risk(user, record):
            url = reverse("hazards:risk_edit", args=[record.pk])
            actions.insert(1, {"action": "edit", "label": "修改", "tone": "blue", "url": url, "needs_form": True})
        return actions


def _timeline(record: RiskPoint) -> list[lifecycle.Event]:
    """The events with the photos that each brought along."""
    by_key = {one.pk: one for one in attachments.for_owner(record)}
    events = list(lifecycle.events_of(record))
    for event in events:
        keys = event.data.get("photos", [])
        event.photos = [by_key[key] for key in keys if key in by_key]  # type: ignore[attr-defined]  # for the template
    return events


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> dict[str, Any]:
    if isinstance(value, dt.date):
        value = value.isoformat()
    return {"label": label, "value": value, "href": href, "whole": whole}


def _assessment(record: RiskPoint) -> str:
    """How the level came about: “10 × 6 × 7 = 420”."""
    if record.score is None:
        return record.judgement
    factors = [one for one in (record.likelihood, record.exposure, record.severity) if one is not None]
    return f"{' × '.join(f'{one.normalize():f}' for one in factors)} = {record.score.normalize():f}"


def _facts(record: RiskPoint, *, phone: bool) -> list[dict[str, Any]]:
    enterprise = record.enterprise
    place = [one for one in (record.longitude, record.latitude) if one is not None]
    groups = [
        ("风险点", [
            _item("监管对象", enterprise.name if enterprise else "",
                  reverse("enterprises:detail", args=[enterprise.pk]) if enterprise else ""),
            _item("位置", record.place),
            _item("属地", str(record.area or "未填")),
            _item("行业", record.industry.name if record.industry else ""),
            _item("行业主管部门", record.department.name if record.department else ""),
            _item("类别", " · ".join(one for one in (record.get_category_display(), record.category_name) if one)),
            _item("辨识日期", record.identified_on),
            _item("经度、纬度", "，".join(f"{one:f}" for one in place) if len(place) == 2 else ""),
            _item("风险特征", record.features, whole=True),
            _item("可能后果", record.consequences, whole=True),
            _item("原编号", record.original_number),
        ]),
        ("评估", [
            _item("评估方法", record.get_assessment_display()),
            _item("取值和风险值" if record.score is not None else "直接判定理由", _assessment(record)),
            _item("评估日期", record.assessed_on),
        ]),
        ("管控责任", [
            _item("监管单位", record.handler.name),
            _item("管控层级", record.get_control_level_display()),
            _item("责任单位", record.responsible_unit),
            _item("责任人", record.responsible_person),
            _item("责任人电话", record.responsible_phone if phone else ""),
            _item("管控日期", record.controlled_on),
            _item("巡查频次", record.get_patrol_display()),
            _item("最近巡查", record.last_patrol_on),
            _item("消除日期", record.removed_on),
            _item("消除原因", record.removed_reason, whole=True),
            _item("作废原因", record.void_reason, whole=True),
        ]),
    ]  # fmt: skip
    shown = [
        {"title": title, "items": [one for one in items if one["value"] not in (None, "")]} for title, items in groups
    ]
    return [group for group in shown if group["items"]]
