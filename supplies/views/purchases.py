"""Purchases: the contracts by which goods were bought."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core.listing import Column, Empty, ListView, OpenedFigure
from emergency.figures import queries as figures
from emergency.figures.vocabulary import plain
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from supplies.filters import PurchaseFilter
from supplies.forms import PurchaseForm, ReasonForm
from supplies.models import Purchase
from supplies.queries import may_enter
from supplies.services import ENTERERS, keeps_registers, purchase_create, purchase_edit, purchase_void
from supplies.views.registers import form_page
from supplies.views.stock import fact, fact_groups


class PurchaseList(RolesMixin, ListView):
    roles = BUSINESS_ROLES
    title = "采购批次"
    queryset = Purchase.objects.live()
    filterset = PurchaseFilter
    order = "-signed_on"
    related = ("handler",)
    columns = (
        Column("signed_on", "签订日期", lambda one: one.signed_on.isoformat(), align="date", sort="signed_on"),
        Column("name", "采购批次", lambda one: one.name, main=True),
        Column("supplier", "供货单位", lambda one: one.supplier),
        Column("contract_sum", "合同金额（元）", lambda one: plain(one.contract_sum), align="end"),
        Column("money_source", "资金来源", lambda one: one.money_source),
        Column("handler", "采购单位", lambda one: str(one.handler)),
    )
    empty = Empty("这里列出物资采购合同，入库时可注明所属的采购批次。")

    def row_url(self, row: Purchase) -> str:
        return reverse("supplies:purchase_detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, Any]:
        if not may_enter(request.user):
            return {}
        return {"new_url": reverse("supplies:purchase_new"), "new_label": "登记采购"}

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)


def _purchase(request: HttpRequest, pk: int, *, write: bool = True) -> Purchase:
    rows = Purchase.objects.visible_to(request.user).select_related("handler__parent", "created_by")
    one = get_object_or_404(rows, pk=pk)
    if write and not keeps_registers(request.user, one.handler):
        raise PermissionDenied
    return one


class PurchaseDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = _purchase(request, pk, write=False)
        contract = [
            fact("供货单位", one.supplier),
            fact("合同编号", one.contract_number),
            fact("签订日期", one.signed_on),
            fact("合同金额（元）", one.contract_sum),
            fact("资金来源", one.money_source),
            fact("采购单位", one.handler.name),
            fact("说明", one.note, whole=True),
            fact("作废原因", one.void_reason, whole=True),
            fact("登记人", one.created_by.name),
        ]
        status = ("已作废", "grey") if one.void_reason else ("已登记", "green")
        context = {
            "head": {"title": one.name, "kicker": "采购批次", "status": {"label": status[0], "tone": status[1]}},
            "actions": self.actions(request.user, one),
            "facts": fact_groups(("合同", contract)),
            "lots": one.lots.select_related("item").order_by("received_on", "pk"),  # type: ignore[attr-defined]
        }
        return render(request, "supplies/purchase.html", context)

    def actions(self, user: Any, one: Purchase) -> list[dict[str, Any]]:
        if one.void_reason or not keeps_registers(user, one.handler):
            return []
        pages = (("purchase_edit", "修改", "blue"), ("purchase_void", "作废", "grey"))
        return [
            {
                "action": name,
                "label": label,
                "url": reverse(f"supplies:{name}", args=[one.pk]),
                "tone": tone,
                "needs_form": True,
            }
            for name, label, tone in pages
        ]


class PurchaseNew(RolesMixin, View):
    roles = ENTERERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, PurchaseForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PurchaseForm(request.POST, user=request.user)
        if form.is_valid():
            done = attempt(form, lambda: purchase_create(actor=request.user, **form.cleaned_data))
            if done is not None:
                messages.success(request, "采购批次已登记。")
                return redirect("supplies:purchase_detail", done.pk)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: PurchaseForm) -> HttpResponse:
        return form_page(request, form, "登记采购", reverse("supplies:purchase_list"))


class PurchaseEdit(RolesMixin, View):
    roles = ENTERERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = _purchase(request, pk)
        return self.show(request, one, PurchaseForm(user=request.user, purchase=one))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = _purchase(request, pk)
        form = PurchaseForm(request.POST, user=request.user, purchase=one)
        if form.is_valid() and attempt(
            form, lambda: purchase_edit(actor=request.user, purchase=one, **form.cleaned_data)
        ):
            messages.success(request, "已保存。")
            return redirect("supplies:purchase_detail", one.pk)
        return self.show(request, one, form)

    def show(self, request: HttpRequest, one: Purchase, form: PurchaseForm) -> HttpResponse:
        return form_page(request, form, f"修改：{one}", reverse("supplies:purchase_detail", args=[one.pk]))


class PurchaseVoid(RolesMixin, View):
    roles = ENTERERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, _purchase(request, pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = _purchase(request, pk)
        form = ReasonForm(request.POST)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            if attempt(form, lambda: purchase_void(actor=request.user, purchase=one, reason=reason)):
                messages.success(request, "已作废。")
                return redirect("supplies:purchase_list")
        return self.show(request, one, form)

    def show(self, request: HttpRequest, one: Purchase, form: ReasonForm) -> HttpResponse:
        url = reverse("supplies:purchase_detail", args=[one.pk])
        context = {
            "title": f"作废：{one}",
            "question": "作废后不再计入统计，入库时不能再选用。",
            "items": [{"label": one.name, "url": url}],
            "form": form,
            "submit_label": "确认作废",
            "tone": "red",
            "cancel_url": url,
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
