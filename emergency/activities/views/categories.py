"""分类管理: the tree of categories, and the figures that each of them makes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.activities.forms import CategoryForm
from emergency.activities.lifecycle import may_edit_categories
from emergency.activities.models import Category
from emergency.activities.queries import tree
from emergency.activities.services import category_create, category_update
from emergency.organizations.forms import attempt
from emergency.organizations.scope import Guard


class CategoryView(Guard, View):
    def may_enter(self, user: Any) -> bool:
        return may_edit_categories(user)

    def page(self, request: HttpRequest, form: CategoryForm, title: str) -> HttpResponse:
        context = {"title": title, "form": form, "cancel_url": reverse("activities:categories")}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class CategoryList(CategoryView):
    """Some forty rows, so all on one page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "activities/categories.html", {"branches": tree()})


class CategoryNew(CategoryView):
    def get(self, request: HttpRequest) -> HttpResponse:
        parent = Category.objects.groups().filter(slug=request.GET.get("group", "")).first()
        last = Category.objects.filter(parent=parent).order_by("-order").first()
        initial = {"parent": parent.pk if parent else None, "order": last.order + 10 if last else 10}
        return self.page(request, CategoryForm(initial=initial), "新增工作类别")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CategoryForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            if attempt(form, lambda: category_create(actor=request.user, **data)) is not None:
                messages.success(request, "已新增，登记后即有相应的统计指标。")
                return redirect("activities:categories")
        return self.page(request, form, "新增工作类别")


class CategoryEdit(CategoryView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        category = get_object_or_404(Category, pk=pk)
        return self.page(request, CategoryForm(category=category), f"修改工作类别：{category}")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        category = get_object_or_404(Category, pk=pk)
        form = CategoryForm(request.POST, category=category)
        if form.is_valid():
            data = form.cleaned_data
            if attempt(form, lambda: category_update(category=category, actor=request.user, **data)) is not None:
                messages.success(request, "已保存。")
                return redirect("activities:categories")
        return self.page(request, form, f"修改工作类别：{category}")
