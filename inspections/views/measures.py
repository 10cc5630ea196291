"""执法处置: the register, the page of a measure, 登记, 更正 and the steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, clock, lifecycle
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.figures.vocabulary import plain
from emergency.organizations.scope import BusinessMixin, RolesMixin
from hazards.forms import show_faults
from inspections.filters import MeasureFilter
from inspections.forms import MEASURE_FORMS, MeasureEditForm, MeasureForm, MeasureStepForm
from inspections.lifecycle import LIFECYCLE, MEASURERS
from inspections.models import MEASURE_TONES, Measure, MeasureFile, MeasureKind, MeasureStatus, Visit
from inspections.queries import may_measure
from inspections.services import may_correct, measure_act, measure_correct, measure_register

RELATED = ("enterprise", "handler", "department", "industry", "area", "street", "district", "visit", "created_by")


def _status(record: Measure) -> Cell:
    return Cell(record.get_status_display(), tone=MEASURE_TONES[MeasureStatus(record.status)])


def _publication(record: Measure) -> Cell | str:
    """Where publication stands, in red with its days once it is late."""
    if not record.awaits_publication:
        day = record.published_on.isoformat() if record.published_on else ""
        return Cell(record.publication_label, small=day)
    assert record.publish_due_on is not None
    late = (clock.today() - record.publish_due_on).days
    if late > 0:
        return Cell(f"逾期 {late} 天", tone="red", small=record.publish_due_on.isoformat())
    return Cell("待公示", small=record.publish_due_on.isoformat())


def _kind(record: Measure) -> Cell:
    halted = record.kind == MeasureKind.SUSPENSION and record.resumed_on is None
    return Cell(record.get_kind_display(), small="尚未复产验收" if halted else "")


class MeasureList(BusinessMixin, ListView):
    title = "执法处置台账"
    queryset = Measure.objects.live()
    filterset = MeasureFilter
    order = "-decided_on"
    related = ("area", "handler")
    columns = (
        Column("number", "编号", lambda one: one.number, align="number", wide_only=True),
        Column("decided_on", "决定日期", lambda one: one.decided_on.isoformat(), align="date", sort="decided_on"),
        Column("party", "当事人", lambda one: one.party, main=True),
        Column("kind", "处置类型", _kind),
        Column("amount", "金额（元）", lambda one: plain(one.amount) if one.amount is not None else "", align="right"),
        Column("document_number", "文号", lambda one: one.document_number, wide_only=True),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column("handler", "实施单位", lambda one: str(one.handler)),
        Column("status", "执行情况", _status, align="tight"),
        Column("publication", "公示", _publication, align="tight"),
    )
    empty = Empty("这里列出警告、罚款、停产整顿等执法处置及其执行、公示情况。")

    def row_url(self, row: Measure) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("inspections:measure_export")}
        if may_measure(request.user):
            links["import_url"] = reverse("inspections:measure_import")
            links |= {"new_url": reverse("inspections:measure_new"), "new_label": "登记处置"}
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_measure(request.user):
            return Empty(self.empty.text, "登记处置", reverse("inspections:measure_new"))
        return self.empty


# ------------------------------------------------------------------------------------------------ registering and correcting


class MeasureNew(RolesMixin, View):
    """登记处置. ``?visit=`` registers what came of a visit, ``?enterprise=`` chooses the party."""

    roles = MEASURERS

    def get(self, request: HttpRequest) -> HttpResponse:
        initial: dict[str, Any] = {"enterprise": request.GET.get("enterprise", "")}
        if (pk := request.GET.get("visit", "")).isdecimal():
            visit = get_object_or_404(Visit.objects.live().visible_to(request.user), pk=pk)
            initial = {"visit": visit.pk, "enterprise": visit.enterprise_id, "area": visit.area_id}
        return self.show(request, MeasureForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MeasureForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            try:
                made = measure_register(actor=request.user, **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, _told(made))
                return redirect(made[0])
        return self.show(request, form)

    def show(self, request: HttpRequest, form: MeasureForm) -> HttpResponse:
        chosen = str(form["visit"].value() or "")
        visit = Visit.objects.live().visible_to(request.user).filter(pk=chosen).first() if chosen.isdecimal() else None
        intro = f"依据检查 {visit.number}（{visit.visited_on:%Y-%m-%d}，{visit.subject}）登记。" if visit else ""
        context = {
            "title": "登记执法处置",
            "intro": intro,
            "form": form,
            "submit_label": "登记",
            # What was typed for one visit must not come back on the form of another.
            "draft": "" if visit else "measure-new",
            "cancel_url": visit.get_absolute_url() if visit else reverse("inspections:measure_list"),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def _told(made: list[Measure]) -> str:
    """What was registered, and the day by which it is to be published."""
    words = f"已登记{'、'.join(one.get_kind_display() for one in made)}，编号 {'、'.join(one.number for one in made)}。"
    days = [one.publish_due_on for one in made if one.publish_due_on is not None]
    return words + (f"请在 {min(days):%Y-%m-%d} 前公示。" if days else "")


def _visible(request: HttpRequest, pk: int) -> Measure:
    return get_object_or_404(Measure.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


class MeasureEdit(BusinessMixin, View):
    def record(self, request: HttpRequest, pk: int) -> Measure:
        record = _visible(request, pk)
        if not may_correct(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        return self.show(request, record, MeasureEditForm(measure=record, user=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = MeasureEditForm(request.POST, request.FILES, measure=record, user=request.user)
        if form.is_valid():
            try:
                measure_correct(measure=record, actor=request.user, **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, "执法处置已更正。")
                return redirect(record)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Measure, form: MeasureEditForm) -> HttpResponse:
        context = {
            "title": f"更正 {record.party}：{record.get_kind_display()}",
            "intro": "当事人、处置类型、实施单位不能改；填错的请作废后重新登记。",
            "form": form,
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class MeasureAct(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record, form_class = _visible(request, pk), self.form_class(action)
        return self.refused(request, record, action) or self.show(request, record, action, form_class())

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record, form_class = _visible(request, pk), self.form_class(action)
        if (answer := self.refused(request, record, action)) is not None:
            return answer
        form = form_class(request.POST, request.FILES)
        if form.is_valid():
            try:
                done = measure_act(
                    queryset=Measure.objects.visible_to(request.user),
                    pk=pk,
                    action=action,
                    actor=request.user,
                    data=form.values(),
                    files=form.cleaned_data.get("files") or [],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已办理，执行情况为{done.get_status_display()}。")
                return redirect(done)
        return self.show(request, record, action, form)

    def form_class(self, action: str) -> type[MeasureStepForm]:
        if action not in MEASURE_FORMS:
            raise Http404
        return MEASURE_FORMS[action]

    def refused(self, request: HttpRequest, record: Measure, action: str) -> HttpResponse | None:
        """Somebody was quicker: show how it stands now. Raises ``PermissionDenied`` for who may not."""
        if LIFECYCLE.find(record.status, action) is None:
            messages.warning(request, f"执行情况为{record.get_status_display()}，不能办理该事项，请查看最新情况。")
            return redirect(record)
        if action not in {one.action for one in LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied
        return None

    def show(self, request: HttpRequest, record: Measure, action: str, form: MeasureStepForm) -> HttpResponse:
        transition = LIFECYCLE.find(record.status, action)
        assert transition is not None
        context = {
            "record": record,
            "title": transition.label,
            "intro": form.intro,
            "form": form,
            "submit_label": f"确认{transition.label}",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "inspections/measure_act.html", context, status=400 if form.is_bound else 200)


# ------------------------------------------------------------------------------------------------ the page of a measure


class MeasureDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, record = request.user, _visible(request, pk)
        context = {
            "record": record,
            "head": {
                "number": record.number,
                "title": record.party,
                "kicker": f"执法处置 · {record.get_kind_display()}",
                "status": {"label": record.get_status_display(), "tone": MEASURE_TONES[MeasureStatus(record.status)]},
            },
            "actions": self.actions(record, user),
            "facts": _facts(record, user),
            "events": lifecycle.events_of(record),
            "files": [(MeasureFile(one.kind).label, one) for one in attachments.for_owner(record).order_by("pk")],
            "siblings": _siblings(record, user),
            "panels": panels_for("inspections.measure", user, record),
        }
        return render(request, "inspections/measure_detail.html", context)

    def actions(self, record: Measure, user: Any) -> list[dict[str, Any]]:
        steps = [(one.action, one.label, one.tone) for one in LIFECYCLE.allowed(record, user)]
        actions = [
            {"action": action, "label": label, "tone": tone, "needs_form": True,
             "url": reverse("inspections:measure_act", args=[record.pk, action])}
            for action, label, tone in steps
        ]  # fmt: skip
        if may_correct(user, record):
            url = reverse("inspections:measure_edit", args=[record.pk])
            actions.append({"action": "edit", "label": "更正", "tone": "blue", "needs_form": True, "url": url})
        return actions


def _siblings(record: Measure, user: Any) -> Iterable[Measure]:
    """The other measures of the same decision."""
    if not record.document_number:
        return []
    same = (
        Measure.objects.live()
        .visible_to(user)
        .filter(handler=record.handler_id, document_number=record.document_number)
    )
    return same.exclude(pk=record.pk).order_by("pk")[:20]


Item = dict[str, Any]


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> Item:
    if isinstance(value, dt.date):
        value = value.isoformat()
    return {"label": label, "value": value, "href": href, "whole": whole}


def _facts(record: Measure, user: Any) -> list[dict[str, Any]]:
    """The facts in groups; a group of blanks is left out."""
    enterprise_url = reverse("enterprises:detail", args=[record.enterprise_id]) if record.enterprise_id else ""
    visit = Visit.objects.visible_to(user).filter(pk=record.visit_id).first() if record.visit_id else None
    decision = [
        _item("当事人", record.party, enterprise_url),
        _item("处置类型", record.get_kind_display()),
        _item("金额", f"{plain(record.amount)} 元" if record.amount is not None else ""),
        _item("决定日期", record.decided_on),
        _item("文号", record.document_number),
        _item("案由", record.cause, whole=True),
        _item("处置依据", record.legal_basis, whole=True),
        _item("来源检查", visit.number if visit else "", visit.get_absolute_url() if visit else ""),
        _item("专项行动", "、".join(one.name for one in record.campaigns.all())),
    ]
    place = [
        _item("属地", str(record.area or "未填")),
        _item("实施单位", record.handler.name),
        _item("行业", record.industry.name if record.industry else ""),
        _item("行业主管部门", record.department.name if record.department else ""),
        _item("登记人", record.created_by.name),
    ]
    after = [
        _item("执行日期", record.executed_on),
        _item("复产验收日期", record.resumed_on),
        _item("公示期限", record.publish_due_on),
        _item("公示日期", record.published_on),
        _item("不予公示理由", record.unpublished_reason, whole=True),
        _item("作废原因", record.void_reason, whole=True),
    ]
    groups = [("处置决定", decision), ("归属", place), ("执行和公示", after)]
    shown = [
        {"title": title, "items": [one for one in items if one["value"] not in (None, "")]} for title, items in groups
    ]
    return [group for group in shown if group["items"]]
