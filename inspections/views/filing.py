"""登记检查, 汇总填报, 修改 and 作废."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.enterprises.models import Enterprise
from emergency.organizations.scope import FILERS, BusinessMixin, RolesMixin
from hazards.forms import show_faults
from hazards.models import Hazard, Status
from inspections.forms import (
    FINDING_FIELDS,
    BulkForm,
    FindingFormSet,
    VisitEditForm,
    VisitForm,
    VoidForm,
    marks_in,
    marks_name,
)
from inspections.models import Checklist, Result, Visit
from inspections.queries import last_visit, open_hazards
from inspections.services import (
    FindingRefused,
    may_edit,
    may_void,
    visit_bulk_file,
    visit_edit,
    visit_file,
    visit_void,
)
from inspections.services.correcting import live_hazards, touched
from inspections.views.register import RELATED

#: Rows for findings that a browser without script may ask for.
MOST_PLAIN_ROWS = 10


class VisitNew(RolesMixin, View):
    """One visit: five short steps on a phone, one page on a desk. ``?enterprise=`` chooses the subject, ``?again=`` repeats a visit."""

    roles = FILERS

    def get(self, request: HttpRequest) -> HttpResponse:
        form = VisitForm(user=request.user, initial=self.initial(request))
        wanted = request.GET.get("rows", "")
        rows = [{} for _ in range(min(int(wanted), MOST_PLAIN_ROWS))] if wanted.isdecimal() else []
        return self.show(request, form, FindingFormSet(prefix="findings", initial=rows))

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Defaults from last time; the subject from the address."""
        user = request.user
        last = last_visit(user)
        initial: dict[str, Any] = {"officers": [user.pk]}
        if last is not None:
            initial |= {"kind": last.kind, "handler": last.handler_id, "checklist": last.checklist_id}
            initial["officers"] = list(last.officers.values_list("pk", flat=True)) or [user.pk]
        if (again := request.GET.get("again", "")).isdecimal():
            visit = get_object_or_404(Visit.objects.visible_to(user), pk=again)
            initial |= {
                "enterprise": visit.enterprise_id,
                "place": visit.place,
                "checklist": visit.checklist_id,
                "kind": visit.kind,
            }
        elif enterprise := request.GET.get("enterprise", ""):
            initial["enterprise"] = enterprise
        return initial

    def post(self, request: HttpRequest) -> HttpResponse:
        if (earlier := _sent_already(request)) is not None:
            messages.info(request, f"这次检查已经登记过，编号 {earlier.number}。")
            return redirect(earlier)
        form = VisitForm(request.POST, request.FILES, user=request.user)
        findings = FindingFormSet(request.POST, request.FILES, prefix="findings")
        valid = form.is_valid()
        if findings.is_valid() and valid:
            visit = self.file(request, form, findings)
            if visit is not None:
                found = visit.findings.count()
                told = f"，登记隐患 {found} 条" if found else "，未发现隐患"
                messages.success(request, f"检查已登记，编号 {visit.number}{told}。")
                return redirect(visit)
        return self.show(request, form, findings)

    def file(self, request: HttpRequest, form: VisitForm, findings: Any) -> Visit | None:
        """The visit, or None where a service refused; its words then stand at their fields."""
        filled = [row for row in findings.forms if row.cleaned_data]
        try:
            return visit_file(
                actor=request.user,
                results=marks_in(request.POST, form.cleaned_data["checklist"]),
                findings=[row.finding() for row in filled],
                **form.values(),
            )
        except FindingRefused as fault:
            _show_finding_faults(filled[fault.index], fault)
        except ValidationError as fault:
            show_faults(form, fault)
        return None

    def show(self, request: HttpRequest, form: VisitForm, findings: Any) -> HttpResponse:
        chosen = form["enterprise"].value()
        enterprise = None
        if str(chosen or "").isdecimal():
            enterprise = Enterprise.objects.live().visible_to(request.user).filter(pk=chosen).first()
        hazards, count = open_hazards(request.user, enterprise) if enterprise else ([], 0)
        context = {
            "form": form,
            "findings": findings,
            "checklists": _checklists(form, request),
            "enterprise": enterprise,
            "open_hazards": hazards,
            "open_count": count,
            "recheck_url": _recheck_url(enterprise, hazards),
            "cancel_url": reverse("inspections:list"),
        }
        return render(request, "inspections/new.html", context, status=400 if form.is_bound else 200)


def _recheck_url(enterprise: Enterprise | None, hazards: list[Hazard]) -> str:
    """The sweep of everything that waits for a re-check; "" where nothing does."""
    waiting = any(one.status == Status.REVIEW for one in hazards)
    return f"{reverse('hazards:recheck')}?enterprise={enterprise.pk}" if enterprise and waiting else ""


def _sent_already(request: HttpRequest) -> Visit | None:
    """The visit that this very form made when it was sent before; asked first, since its own 快速建档 would now look like a duplicate."""
    try:
        client_id = uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return None
    return Visit.objects.filter(client_id=client_id, created_by=request.user).first()


def _checklists(form: VisitForm, request: HttpRequest) -> list[dict[str, Any]]:
    """Every active list with its lines and what was marked, so that choosing one needs no network."""
    chosen = str(form["checklist"].value() or "")
    lists = Checklist.objects.filter(active=True).prefetch_related("items")
    return [
        {
            "checklist": one,
            "chosen": str(one.pk) == chosen,
            "lines": [
                {"item": item, "name": marks_name(item.pk), "mark": request.POST.get(marks_name(item.pk), "")}
                for item in one.items.all()
            ],
            "results": Result.choices,
        }
        for one in lists
    ]


def _show_finding_faults(row: BaseForm, fault: FindingRefused) -> None:
    found = fault.message_dict if hasattr(fault, "error_dict") else {NON_FIELD_ERRORS: fault.messages}
    for name, words in found.items():
        name = FINDING_FIELDS.get(name, name)
        row.add_error(name if name in row.fields else None, words)


class VisitBulkNew(RolesMixin, View):
    roles = FILERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, BulkForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BulkForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                visit = visit_bulk_file(actor=request.user, **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已登记检查 {visit.quantity} 家次，编号 {visit.number}。")
                return redirect(visit)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: BulkForm) -> HttpResponse:
        context = {
            "title": "汇总填报",
            "intro": "只有数量、没有逐家记录的检查在这里填报。写明受检单位的请逐次登记。",
            "form": form,
            "submit_label": "提交",
            "draft": "visit-bulk",
            "cancel_url": reverse("inspections:list"),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def _visit(request: HttpRequest, pk: int) -> Visit:
    return get_object_or_404(Visit.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


class VisitEdit(BusinessMixin, View):
    def visit(self, request: HttpRequest, pk: int) -> Visit:
        visit = _visit(request, pk)
        if not may_edit(request.user, visit):
            raise PermissionDenied
        return visit

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        visit = self.visit(request, pk)
        return self.show(request, visit, VisitEditForm(visit=visit, user=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        visit = self.visit(request, pk)
        form = VisitEditForm(request.POST, request.FILES, visit=visit, user=request.user)
        if form.is_valid():
            try:
                visit_edit(visit=visit, actor=request.user, **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, "检查记录已修改。")
                return redirect(visit)
        return self.show(request, visit, form)

    def show(self, request: HttpRequest, visit: Visit, form: VisitEditForm) -> HttpResponse:
        context = {
            "title": f"修改检查 {visit.subject}",
            "intro": "受检单位、实施单位和日期不能改；填错的请作废后重新登记。",
            "form": form,
            "cancel_url": visit.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class VisitAct(BusinessMixin, View):
    """作废, the one step that a filed visit knows."""

    def visit(self, request: HttpRequest, pk: int, action: str) -> Visit:
        visit = _visit(request, pk)
        if action != "void":
            raise Http404
        if not may_void(request.user, visit):
            raise PermissionDenied
        return visit

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return self.show(request, self.visit(request, pk, action), VoidForm())

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        visit = self.visit(request, pk, action)
        form = VoidForm(request.POST)
        if form.is_valid():
            try:
                visit_void(visit=visit, actor=request.user, **form.cleaned_data)
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"检查 {visit.number} 已作废。")
                return redirect(visit)
        return self.show(request, visit, form)

    def show(self, request: HttpRequest, visit: Visit, form: VoidForm) -> HttpResponse:
        hazards = live_hazards(visit)
        later = {one.pk for one in touched(hazards)}
        if not hazards:
            del form.fields["with_hazards"]
        context = {
            "title": f"作废检查 {visit.number}",
            "question": "作废后不再计入台账和统计，编号保留。"
            + ("本次检查登记了以下隐患，须先作废或一并作废：" if hazards else ""),
            "items": [
                {"label": f"{one.number} {one.description[:40]}{'（已有后续办理）' if one.pk in later else ''}",
                 "url": one.get_absolute_url()}
                for one in hazards
            ],
            "form": form,
            "submit_label": "作废",
            "tone": "red",
            "cancel_url": visit.get_absolute_url(),
        }  # fmt: skip
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
