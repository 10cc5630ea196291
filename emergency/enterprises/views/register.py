"""The register: the list, and the forms by which a subject gets in and is changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.enterprises.filters import EnterpriseFilter
from emergency.enterprises.forms import EnterpriseForm, EnterpriseNewForm, QuickForm
from emergency.enterprises.lifecycle import KEEPER
from emergency.enterprises.models import Enterprise
from emergency.enterprises.queries import enterprise_likenesses
from emergency.enterprises.services import enterprise_create, enterprise_quick, enterprise_update
from emergency.figures.queries import opened
from emergency.organizations.forms import attempt
from emergency.organizations.scope import FILERS, BusinessMixin, RolesMixin, holds
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport


def _name(one: Enterprise) -> Cell:
    former = f"曾用名：{'、'.join(one.former_names)}" if one.former_names else ""
    return Cell(one.name, small="快速建档，待完善" if one.quick else former)


class EnterpriseList(BusinessMixin, ListView):
    title = "监管对象台账"
    queryset: QuerySet = Enterprise.objects.live()
    filterset = EnterpriseFilter
    order = "-id"
    related = ("area", "industry", "department")
    columns = (
        Column("name", "单位名称", _name, main=True),
        Column("kind", "对象类别", lambda one: one.get_kind_display()),
        Column("credit_code", "信用代码", lambda one: one.credit_code or Cell("", small=one.no_code_reason)),
        Column("area", "属地", lambda one: str(one.area or "")),
        Column("industry", "行业", lambda one: str(one.industry or "")),
        Column("department", "行业主管部门", lambda one: str(one.department or "")),
        Column("scale", "规模", lambda one: one.get_scale_display()),
        Column("key", "重点监管", lambda one: "重点" if one.key_supervised else ""),
        Column("state", "状态", lambda one: Cell(one.get_state_display(), one.state_tone)),
    )

    def row_url(self, row: Enterprise) -> str:
        return reverse("enterprises:detail", args=[row.pk])

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return opened(request.GET, reader=request.user)

    def links(self, request: HttpRequest) -> dict[str, str]:
        found = {"export_url": reverse("enterprises:export")}
        if holds(request.user, FILERS):
            found |= {
                "new_url": reverse("enterprises:new"),
                "new_label": "登记",
                "import_url": reverse("enterprises:import"),
            }
        return found

    def get_empty(self, request: HttpRequest) -> Empty:
        if holds(request.user, FILERS):
            return Empty(
                "这里是辖区内的企业、场所、村、学校等监管对象，还没有登记。", "登记监管对象", reverse("enterprises:new")
            )
        return Empty("这里是您可以查看的监管对象，还没有登记。")


class EnterpriseImport(LedgerImport):
    kind, roles, default_keys = "enterprises", FILERS, ("area", "industry", "department")


class EnterpriseExport(LedgerExport):
    kind, listing = "enterprises", EnterpriseList


class Filing(RolesMixin, View):
    """Doors of the forms: who files for an office. The place and the record are asked again when saving."""

    roles = FILERS


def _show(request: HttpRequest, form: BaseForm, title: str, cancel: str, **more: Any) -> HttpResponse:
    context = {"title": title, "form": form, "cancel_url": cancel, **more}
    return render(request, "enterprises/form.html", context)


class EnterpriseNew(Filing):
    """登记. A likeness of a known subject is shown once before another is made."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = EnterpriseNewForm(actor=request.user, initial={"name": request.GET.get("name", "")[:120]})
        return self._page(request, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = EnterpriseNewForm(request.POST, actor=request.user)
        if form.is_valid():
            data = dict(form.cleaned_data)
            data.pop("confirmed")
            alike = enterprise_likenesses(user=request.user, name=data["name"], credit_code=data["credit_code"])
            if not form.ask_about(alike):
                made = attempt(form, lambda: enterprise_create(actor=request.user, **data))
                if made is not None:
                    messages.success(request, "已登记。")
                    return redirect("enterprises:detail", pk=made.pk)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: EnterpriseNewForm) -> HttpResponse:
        form.keep_question()
        return _show(
            request, form, "登记监管对象", reverse("enterprises:list"), submit_label="登记", draft="enterprise-form"
        )


class EnterpriseQuick(Filing):
    """快速建档, for the phone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, QuickForm(actor=request.user, initial={"name": request.GET.get("name", "")[:120]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = QuickForm(request.POST, actor=request.user)
        if form.is_valid():
            data = dict(form.cleaned_data)
            data.pop("confirmed")
            if not form.ask_about(enterprise_likenesses(user=request.user, name=data["name"])):
                made = attempt(form, lambda: enterprise_quick(actor=request.user, **data))
                if made is not None:
                    messages.success(request, "已建档，请回办公室后补充信用代码、行业等信息。")
                    return redirect("enterprises:detail", pk=made.pk)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: QuickForm) -> HttpResponse:
        form.keep_question()
        context = {"submit_label": "建档", "locate": True, "intro": "先登记名称和地点，其他信息以后补充。"}
        return _show(request, form, "快速建档", reverse("enterprises:list"), **context)


class EnterpriseEdit(Filing):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        enterprise = self._get(request, pk)
        return self._page(request, enterprise, EnterpriseForm(instance=enterprise, actor=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        enterprise = self._get(request, pk)
        form = EnterpriseForm(request.POST, instance=enterprise, actor=request.user)
        if form.is_valid():
            data = form.cleaned_data
            saved = attempt(form, lambda: enterprise_update(enterprise=enterprise, actor=request.user, **data))
            if saved is not None:
                messages.success(request, "已保存。")
                return redirect("enterprises:detail", pk=pk)
        return self._page(request, enterprise, form)

    def _get(self, request: HttpRequest, pk: int) -> Enterprise:
        enterprise = get_object_or_404(Enterprise.objects.live().visible_to(request.user), pk=pk)
        if not KEEPER.test(request.user, enterprise):
            raise PermissionDenied
        return enterprise

    def _page(self, request: HttpRequest, enterprise: Enterprise, form: EnterpriseForm) -> HttpResponse:
        return _show(request, form, f"修改：{enterprise.name}", reverse("enterprises:detail", args=[enterprise.pk]))
