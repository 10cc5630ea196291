"""检查表: read by every officer, written by section heads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.organizations.scope import BusinessMixin, Guard
from hazards.forms import show_faults
from inspections.forms import ChecklistForm, ItemFormSet, item_initial
from inspections.models import Checklist
from inspections.services import checklist_save, may_edit_checklists


class ChecklistIndex(BusinessMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        lists = Checklist.objects.select_related("industry").annotate(lines=Count("items"))
        context = {
            "lists": lists.order_by("-active", "industry__order", "pk"),
            "may_edit": may_edit_checklists(request.user),
        }
        return render(request, "inspections/checklists.html", context)


class ChecklistDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        checklist = get_object_or_404(Checklist.objects.select_related("industry"), pk=pk)
        context = {
            "checklist": checklist,
            "items": checklist.items.all(),
            "may_edit": may_edit_checklists(request.user),
        }
        return render(request, "inspections/checklist.html", context)


class ChecklistEdit(Guard, View):
    """New without ``pk``."""

    def may_enter(self, user: Any) -> bool:
        return may_edit_checklists(user)

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        checklist = get_object_or_404(Checklist, pk=pk) if pk else None
        rows = item_initial(checklist) if checklist else [{}]
        return self.show(
            request, checklist, ChecklistForm(instance=checklist), ItemFormSet(prefix="items", initial=rows)
        )

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        checklist = get_object_or_404(Checklist, pk=pk) if pk else None
        form = ChecklistForm(request.POST, instance=checklist)
        items = ItemFormSet(request.POST, prefix="items")
        valid = form.is_valid()
        if items.is_valid() and valid:
            lines = [row.line() for row in items.forms if row.cleaned_data]
            try:
                saved = checklist_save(actor=request.user, checklist=checklist, items=lines, **form.cleaned_data)
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"检查表“{saved.name}”已保存，共 {len(lines)} 项。")
                return redirect("inspections:checklist", pk=saved.pk)
        return self.show(request, checklist, form, items)

    def show(self, request: HttpRequest, checklist: Checklist | None, form: ChecklistForm, items: Any) -> HttpResponse:
        context = {
            "title": f"修改检查表“{checklist.name}”" if checklist else "新建检查表",
            "form": form,
            "items": items,
            "cancel_url": reverse("inspections:checklists"),
        }
        return render(request, "inspections/checklist_form.html", context, status=400 if form.is_bound else 200)
