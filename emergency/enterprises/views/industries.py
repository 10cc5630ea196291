"""行业领域: the list by which records are sorted, and the words that workbooks use for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.enterprises.forms import IndustryForm
from emergency.enterprises.models import Industry
from emergency.enterprises.services import industry_create, industry_update
from emergency.enterprises.services.industries import may_edit_industries
from emergency.organizations.forms import attempt
from emergency.organizations.scope import Guard


class IndustryView(Guard, View):
    def may_enter(self, user: Any) -> bool:
        return may_edit_industries(user)

    def page(self, request: HttpRequest, form: IndustryForm, title: str) -> HttpResponse:
        context = {"title": title, "form": form, "cancel_url": reverse("enterprises:industry_list")}
        return render(request, "core/form.html", context)


class IndustryList(IndustryView):
    """Some thirty rows, so all on one page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "enterprises/industry_list.html", {"rows": Industry.objects.all()})


class IndustryNew(IndustryView):
    def get(self, request: HttpRequest) -> HttpResponse:
        last = Industry.objects.order_by("-order").first()
        return self.page(request, IndustryForm(initial={"order": last.order + 10 if last else 10}), "新增行业领域")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = IndustryForm(request.POST)
        if form.is_valid():
            made = attempt(form, lambda: industry_create(actor=request.user, **form.cleaned_data))
            if made is not None:
                messages.success(request, "已新增。")
                return redirect("enterprises:industry_list")
        return self.page(request, form, "新增行业领域")


class IndustryEdit(IndustryView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        industry = get_object_or_404(Industry, pk=pk)
        return self.page(request, IndustryForm(instance=industry), f"修改行业领域：{industry}")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        industry = get_object_or_404(Industry, pk=pk)
        form = IndustryForm(request.POST, instance=industry)
        if form.is_valid():
            data = form.cleaned_data
            if attempt(form, lambda: industry_update(industry=industry, actor=request.user, **data)):
                messages.success(request, "已保存。")
                return redirect("enterprises:industry_list")
        return self.page(request, form, f"修改行业领域：{industry}")
