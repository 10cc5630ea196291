"""One accident, one page: its facts, who died later, how fast it was reported, and what may be done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from emergency.core.lifecycle import events_of
from emergency.core.panels import panels_for
from emergency.incidents.forms import STEP_FORMS, DeathForm, StepForm, wan
from emergency.incidents.lifecycle import LIFECYCLE, may_edit
from emergency.incidents.models import LARGER_UP, STATUS_TONES, Accident, AccidentDeath, Status
from emergency.incidents.queries import reporting_of
from emergency.incidents.services import accident_act, death_record, death_void
from emergency.organizations.forms import ReasonForm, attempt
from emergency.organizations.scope import BusinessMixin

_RELATED = ("area__parent", "district", "enterprise", "industry", "department", "created_by")


def find(request: HttpRequest, pk: int) -> Accident:
    """The accident, or 404 where the reader's scope does not hold it."""
    return get_object_or_404(Accident.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)


class AccidentDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = find(request, pk)
        edits = may_edit(request.user, record)
        context = {
            "record": record,
            "larger": record.grade in LARGER_UP,
            "head": {
                "number": record.number,
                "title": record.name,
                "kicker": f"{record.get_classification_display()} · {record.get_grade_display()}事故",
                "status": {"label": record.get_status_display(), "tone": STATUS_TONES[Status(record.status)]},
                "due": record.next_due_on,
                "due_done": record.status != Status.VERIFIED,
            },
            "actions": _buttons(record, request.user, edits),
            "facts": _facts(record),
            "later_deaths": record.later_deaths.select_related("created_by"),
            "edits": edits,
            "events": events_of(record),
            "panels": panels_for("incidents.accident", request.user, record),
        }
        return render(request, "incidents/detail.html", context)


def _buttons(record: Accident, user: Any, edits: bool) -> list[dict[str, Any]]:
    """The rows of the life-cycle that are open to this reader, then reporting more and correcting."""

    def button(action: str, label: str, tone: str, url: str) -> dict[str, Any]:
        return {"action": action, "label": label, "tone": tone, "url": url, "needs_form": True}

    found = [
        button(row.action, row.label, row.tone, reverse("incidents:act", args=[record.pk, row.action]))
        for row in LIFECYCLE.allowed(record, user)
        if _makes_sense(record, row.action)
    ]
    if edits:
        label = "续报" if record.status == Status.FLASH else "更正"
        found.append(button("edit", label, "blue", reverse("incidents:edit", args=[record.pk])))
        found.append(button("death", "补报死亡", "amber", reverse("incidents:death_new", args=[record.pk])))
    return found


def _makes_sense(record: Accident, action: str) -> bool:
    """Whether the investigation has come to this step; the guards refuse the same in words."""
    submitted = record.report_submitted_on is not None
    if action == "extend":
        return not submitted and not record.report_extended
    return submitted if action == "close" else not submitted if action == "submit_report" else True


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> dict[str, Any]:
    if isinstance(value, dt.datetime):
        value = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    elif isinstance(value, dt.date):
        value = value.isoformat()
    return {"label": label, "value": value, "href": href, "whole": whole}


def _number(now: int, first: int) -> str:
    """A number of people, with that of the first count where later deaths have moved it."""
    return f"{now}人" if now == first else f"{now}人（首报{first}人）"


def _facts(record: Accident) -> list[dict[str, Any]]:
    firm = record.enterprise
    what = [
        _item("发生时间", record.occurred_at),
        _item("属地", str(record.area or "未填")),
        _item("发生地点", record.place),
        _item("事故单位", record.unit_name, reverse("enterprises:detail", args=[firm.pk]) if firm else ""),
        _item("行业", str(record.industry or "")),
        _item("行业主管部门", str(record.department or "")),
        _item("事故分类", record.get_classification_display()),
        _item("事故类型", record.get_injury_type_display()),
        _item("简要情况", record.brief, whole=True),
        _item("事故原因", record.cause, whole=True),
    ]
    loss = wan(record.direct_loss)
    hurt = [
        _item("死亡", _number(record.deaths, record.initial_deaths)),
        _item("失踪", _number(record.missing, record.initial_missing)),
        _item("重伤", _number(record.serious_injured, record.initial_serious)),
        _item("轻伤", _number(record.minor_injured, record.initial_minor)),
        _item("直接经济损失", f"{loss}万元" if loss is not None else "未核定"),
        _item("事故等级", f"{record.get_grade_display()}事故"),
        _item("生产经营性", "是" if record.production else "否"),
        _item("纳入统计", "是" if record.counted else f"否（{record.uncounted_reason}）"),
        _item("数据来源", record.data_source),
    ]
    case = [
        *(_item(one.label, one.text) for one in reporting_of(record)),
        _item("核实日期", record.verified_on),
        _item("调查报告期限", record.report_due_on),
        _item("调查已延期", "是" if record.report_extended else ""),
        _item("调查报告提交日期", record.report_submitted_on),
        _item("批复期限", record.reply_due_on),
        _item("批复结案日期", record.approved_on),
        _item("批复文号", record.approval_number),
        _item("原编号", record.original_number),
        _item("登记", f"{record.created_by} {timezone.localtime(record.created_at):%Y-%m-%d %H:%M}"),
        _item("作废原因", record.void_reason, whole=True),
    ]
    groups = [("事故情况", what), ("伤亡和统计", hurt), ("报告和调查", case)]
    return [
        {"title": title, "items": [item for item in items if item["value"] not in (None, "")]}
        for title, items in groups
    ]


# ------------------------------------------------------------------------------------------------ steps


class AccidentAct(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = find(request, pk)
        return self.stale(request, record, action) or self.show(request, record, action, self.form(record, action))

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = find(request, pk)
        if (elsewhere := self.stale(request, record, action)) is not None:
            return elsewhere
        form = self.form(record, action, request.POST)
        if form.is_valid():
            visible = Accident.objects.visible_to(request.user)
            done = attempt(
                form,
                lambda: accident_act(
                    queryset=visible, pk=pk, action=action, actor=request.user, data=form.cleaned_data
                ),
            )
            if done is not None:
                messages.success(request, f"已办理，当前状态为{done.get_status_display()}。")
                return redirect(done)
        return self.show(request, record, action, form)

    def stale(self, request: HttpRequest, record: Accident, action: str) -> HttpResponse | None:
        """404 for no step, 403 for somebody else's; where somebody was quicker, show how it stands now."""
        if action not in STEP_FORMS:
            raise Http404
        if LIFECYCLE.find(record.status, action) is None:
            messages.warning(request, f"当前状态为{record.get_status_display()}，不能办理该事项，请查看最新情况。")
            return redirect(record)
        if action not in {one.action for one in LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied
        return None

    def form(self, record: Accident, action: str, data: Any = None) -> StepForm:
        return STEP_FORMS[action](data, record=record)

    def show(self, request: HttpRequest, record: Accident, action: str, form: StepForm) -> HttpResponse:
        transition = LIFECYCLE.find(record.status, action)
        assert transition is not None
        context = {
            "record": record,
            "title": transition.label,
            "form": form,
            "intro": form.intro,
            "submit_label": f"确认{transition.label}",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "incidents/act.html", context, status=400 if form.is_bound else 200)


# ------------------------------------------------------------------------------------------------ later deaths


class DeathNew(BusinessMixin, View):
    def record(self, request: HttpRequest, pk: int) -> Accident:
        record = find(request, pk)
        if not may_edit(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.record(request, pk), DeathForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = DeathForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            death = attempt(form, lambda: death_record(accident=record, actor=request.user, **data))
            if death is not None:
                if death.counted:
                    messages.success(request, "已补报，计入事故发生日期的死亡人数。")
                else:
                    messages.warning(request, f"已补报，不计入统计：{death.uncounted_because}。")
                return redirect(record)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Accident, form: DeathForm) -> HttpResponse:
        context = {
            "record": record,
            "title": "补报死亡",
            "intro": "自事故发生之日起30日内（道路交通、火灾7日内）死亡的计入统计，超过的留存备查、不计入。",
            "form": form,
            "submit_label": "补报",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "incidents/act.html", context, status=400 if form.is_bound else 200)


class DeathVoid(BusinessMixin, View):
    def death(self, request: HttpRequest, pk: int, death: int) -> AccidentDeath:
        record = find(request, pk)
        if not may_edit(request.user, record):
            raise PermissionDenied
        return get_object_or_404(record.later_deaths.filter(void=False).select_related("accident"), pk=death)

    def get(self, request: HttpRequest, pk: int, death: int) -> HttpResponse:
        return self.show(request, self.death(request, pk, death), ReasonForm())

    def post(self, request: HttpRequest, pk: int, death: int) -> HttpResponse:
        one = self.death(request, pk, death)
        form = ReasonForm(request.POST)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            if attempt(form, lambda: death_void(death=one, actor=request.user, reason=reason)):
                messages.success(request, "已作废，死亡人数已重新计算。")
                return redirect(one.accident)
        return self.show(request, one, form)

    def show(self, request: HttpRequest, one: AccidentDeath, form: ReasonForm) -> HttpResponse:
        context = {
            "title": "作废补报",
            "question": f"“{one.accident.name}”的补报：{one}。误报、重复的才作废。",
            "form": form,
            "submit_label": "确认作废",
            "tone": "grey",
            "cancel_url": one.accident.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
