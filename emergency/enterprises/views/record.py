"""One subject, one page: its facts, what other apps know of it, its timeline, and what may be done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views import View

from emergency.core import clock, panels
from emergency.core.ledger.export import mask
from emergency.core.lifecycle import Transition, events_of
from emergency.enterprises.forms import StateForm
from emergency.enterprises.lifecycle import KEEPER, LIFECYCLE, OFFICE, may_read_phone
from emergency.enterprises.models import Enterprise
from emergency.enterprises.services import enterprise_act, enterprise_void, phone_unmask
from emergency.organizations.forms import ReasonForm, attempt
from emergency.organizations.scope import BusinessMixin

_RELATED = ("area__parent", "district", "industry", "department", "created_by")


def find(request: HttpRequest, pk: int) -> Enterprise:
    """The subject, or 404 where the reader's scope does not hold it."""
    visible = Enterprise.objects.live().visible_to(request.user)
    return get_object_or_404(visible.select_related(*_RELATED), pk=pk)


def _fact(label: str, value: Any, whole: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "whole": whole}


def _until(day: dt.date | None) -> str:
    """A last day of validity, said to be over when it is."""
    if day is None:
        return ""
    return f"{day.isoformat()}（已过期）" if day < clock.today() else day.isoformat()


def _place(one: Enterprise) -> str:
    area = one.area
    if area is None:
        return ""
    return f"{area.parent} / {area}" if area.parent and area.parent_id != area.district_id else area.name


def facts_of(one: Enterprise, phone: str) -> list[dict[str, Any]]:
    """The facts in groups, as ``partials/facts.html`` shows them."""
    where = f"{one.longitude.normalize():f}, {one.latitude.normalize():f}" if one.longitude and one.latitude else ""
    changed = f"{one.state_changed_on.isoformat()} {one.state_reason}" if one.state_changed_on else ""
    basic = [
        _fact("信用代码", one.credit_code or (f"无（{one.no_code_reason}）" if one.no_code_reason else "")),
        _fact("对象类别", one.get_kind_display()),
        _fact("属地", _place(one)),
        _fact("地址", one.address),
        _fact("经纬度", where),
        _fact("建档", f"{one.registered_on.isoformat()} {one.created_by}"),
    ]
    if one.former_names:
        basic.append(_fact("曾用名", "、".join(one.former_names), whole=True))
    if changed:
        basic.append(_fact("状态变更", changed, whole=True))
    return [
        {"title": "基本情况", "items": basic},
        {
            "title": "行业与监管",
            "items": [
                _fact("行业领域", one.industry),
                _fact("行业主管部门", one.department),
                _fact("规模", one.get_scale_display()),
                _fact("从业人数", f"{one.staff_count}人" if one.staff_count is not None else ""),
                _fact("重点监管", "是" if one.key_supervised else "否"),
                _fact("标准化等级", one.get_standard_grade_display()),
                _fact("标准化定级日期", one.standard_graded_on),
                _fact("标准化有效期", _until(one.standard_expires_on)),
                _fact("安责险到期", _until(one.insured_until)),
            ],
        },
        {
            "title": "人员与联系",
            "items": [
                _fact("法定代表人", one.legal_person),
                _fact("安全负责人", one.safety_officer),
                _fact("联系电话", phone),
            ],
        },
    ]


def _buttons(user: Any, one: Enterprise) -> list[dict[str, Any]]:
    """Editing first, then the rows of the life-cycle that are open to this reader, then voiding."""

    def button(action: str, label: str, tone: str, url: str) -> dict[str, Any]:
        return {"action": action, "label": label, "tone": tone, "url": url, "needs_form": True}

    def act(action: str) -> str:
        return reverse("enterprises:act", args=[one.pk, action])

    found = []
    if KEEPER.test(user, one):
        found.append(button("edit", "修改", "blue", reverse("enterprises:edit", args=[one.pk])))
    found += [button(row.action, row.label, row.tone, act(row.action)) for row in LIFECYCLE.allowed(one, user)]
    if OFFICE.test(user, one):
        found.append(button("void", "作废", "grey", act("void")))
    return found


def _page(request: HttpRequest, one: Enterprise, phone: str | None = None) -> HttpResponse:
    """``phone`` is the number in full, shown this once; else it is masked."""
    own = phone is None and may_read_phone(request.user, one)
    shown = one.phone if own else mask(one.phone) if phone is None else phone
    masked = bool(one.phone) and phone is None and not own
    context = {
        "enterprise": one,
        "head": {
            "title": one.name,
            "kicker": "监管对象",
            "number": one.credit_code,
            "status": {"label": one.get_state_display(), "tone": one.state_tone},
        },
        "actions": _buttons(request.user, one),
        "facts": facts_of(one, shown),
        "events": events_of(one),
        "panels": panels.panels_for("enterprises.enterprise", request.user, one),
        "can_unmask": masked and KEEPER.test(request.user, one),
        "unmasked": phone is not None,
    }
    return render(request, "enterprises/detail.html", context)


class EnterpriseDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _page(request, find(request, pk))


class EnterprisePhone(BusinessMixin, View):
    """查看电话: asks for the reason, then shows the page once with the number in full; nobody may keep that answer."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, self._find(request, pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._find(request, pk)
        form = ReasonForm(request.POST)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            phone = attempt(form, lambda: phone_unmask(enterprise=one, actor=request.user, reason=reason))
            if phone is not None:
                response = _page(request, one, phone)
                add_never_cache_headers(response)
                return response
        return self._ask(request, one, form)

    def _find(self, request: HttpRequest, pk: int) -> Enterprise:
        one = find(request, pk)
        if not KEEPER.test(request.user, one):
            raise PermissionDenied
        return one

    def _ask(self, request: HttpRequest, one: Enterprise, form: Form) -> HttpResponse:
        context = {
            "title": "查看联系电话",
            "question": f"查看“{one.name}”的联系电话。查看人、时间和原因记入审计记录。",
            "form": form,
            "submit_label": "查看",
            "cancel_url": reverse("enterprises:detail", args=[one.pk]),
        }
        return render(request, "core/confirm.html", context)


class EnterpriseAct(BusinessMixin, View):
    """A change of state by the life-cycle table, or voiding."""

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        one = find(request, pk)
        return self._ask(request, one, action, self._form(request, one, action))

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        one = find(request, pk)
        form = self._form(request, one, action)
        if form.is_valid():
            data = form.cleaned_data
            if action == "void":
                done = attempt(form, lambda: enterprise_void(enterprise=one, actor=request.user, **data))
                if done is not None:
                    messages.success(request, "已作废。")
                    return redirect("enterprises:list")
            elif attempt(form, lambda: enterprise_act(enterprise=one, action=action, actor=request.user, **data)):
                messages.success(request, "状态已变更。")
                return redirect("enterprises:detail", pk=pk)
        return self._ask(request, one, action, form)

    def _form(self, request: HttpRequest, one: Enterprise, action: str) -> Form:
        data = request.POST if request.method == "POST" else None
        if action == "void":
            if not OFFICE.test(request.user, one):
                raise PermissionDenied
            return ReasonForm(data)
        if action not in LIFECYCLE.actions():
            raise Http404
        row = LIFECYCLE.find(one.state, action)
        if row is not None and not any(who.test(request.user, one) for who in row.who):
            raise PermissionDenied
        return StateForm(data)

    def _ask(self, request: HttpRequest, one: Enterprise, action: str, form: Form) -> HttpResponse:
        row: Transition | None = LIFECYCLE.find(one.state, action)
        if action == "void":
            label, tone = "作废", "red"
            question = f"“{one.name}”是误登或重复登记的才作废；已关闭、搬迁的，请变更状态。"
        elif row is None:
            messages.warning(request, f"当前状态为“{one.get_state_display()}”，不能办理该事项。")
            return redirect("enterprises:detail", pk=one.pk)
        else:
            label, tone = row.label, row.tone
            question = f"“{one.name}”现为“{one.get_state_display()}”。"
            if action in ("close", "ban", "move"):
                question += "办理后不再计入在册监管对象，已有检查和隐患记录保留。"
        context = {
            "title": f"{label}：{one.name}",
            "question": question,
            "form": form,
            "submit_label": label,
            "tone": tone,
            "cancel_url": reverse("enterprises:detail", args=[one.pk]),
        }
        return render(request, "core/confirm.html", context)
