"""The steps of a hazard's life as pages: one at a time, a part of a row, a sweep through one enterprise, several to void."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments
from emergency.organizations.scope import BusinessMixin, holds
from hazards.forms import STEP_FORMS, ReasonForm, SplitForm, StepForm, SweepForm, VerdictForm, show_faults
from hazards.lifecycle import BUREAU_HEADS, LIFECYCLE, may_split
from hazards.models import Hazard, PhotoKind, Status
from hazards.services import hazard_act, hazard_split, hazards_recheck, hazards_void

_RELATED = ("enterprise", "handler", "area", "street", "district")


def _visible(request: HttpRequest, pk: int) -> Hazard:
    return get_object_or_404(Hazard.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)


class HazardAct(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = _visible(request, pk)
        form_class = self.form_class(action)
        if LIFECYCLE.find(record.status, action) is None:
            return self.stale(request, record)
        if action not in {one.action for one in LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied
        return self.show(request, record, action, form_class(record=record, user=request.user))

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = _visible(request, pk)
        form = self.form_class(action)(request.POST, request.FILES, record=record, user=request.user)
        if LIFECYCLE.find(record.status, action) is None:
            return self.stale(request, record)
        if action not in {one.action for one in LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied
        if form.is_valid():
            try:
                done = hazard_act(
                    queryset=Hazard.objects.visible_to(request.user),
                    pk=pk,
                    action=action,
                    actor=request.user,
                    data=form.values(),
                    photos=form.cleaned_data.get("photos") or [],
                    before_photos=form.cleaned_data.get("before_photos") or [],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已办理，当前状态为{done.get_status_display()}。")
                still_mine = Hazard.objects.visible_to(request.user).filter(pk=done.pk).exists()
                return redirect(done) if still_mine else redirect("hazards:list")
        return self.show(request, record, action, form)

    def form_class(self, action: str) -> type[StepForm]:
        if action not in STEP_FORMS:
            raise Http404
        return STEP_FORMS[action]

    def stale(self, request: HttpRequest, record: Hazard) -> HttpResponse:
        """Somebody was quicker: show how it stands now."""
        messages.warning(request, f"当前状态为{record.get_status_display()}，不能办理该事项，请查看最新情况。")
        return redirect(record)

    def show(self, request: HttpRequest, record: Hazard, action: str, form: StepForm) -> HttpResponse:
        transition = LIFECYCLE.find(record.status, action)
        assert transition is not None
        context = {
            "record": record,
            "title": transition.label,
            "form": form,
            "intro": form.intro,
            "submit_label": f"确认{transition.label}",
            "cancel_url": record.get_absolute_url(),
            "before_photos": attachments.for_owner(record, PhotoKind.BEFORE),
            "after_photos": attachments.for_owner(record, PhotoKind.AFTER),
        }
        return render(request, "hazards/act.html", context, status=400 if form.is_bound else 200)


class HazardSplit(BusinessMixin, View):
    """Part of a row that stands for several."""

    def record(self, request: HttpRequest, pk: int) -> Hazard:
        record = _visible(request, pk)
        if not may_split(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.record(request, pk), SplitForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = SplitForm(request.POST)
        if form.is_valid():
            try:
                part = hazard_split(
                    queryset=Hazard.objects.visible_to(request.user), pk=pk, actor=request.user, **form.cleaned_data
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已拆分，编号 {part.number}。")
                return redirect(part)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Hazard, form: SplitForm) -> HttpResponse:
        context = {
            "title": f"拆分 {record.number}",
            "intro": f"这一行共 {record.quantity} 条。拆出的部分另行编号，总数不变。",
            "form": form,
            "submit_label": "拆分",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class HazardSweep(BusinessMixin, View):
    """集中复查: all hazards of one enterprise that wait for a re-check and that this reader may judge."""

    def waiting(self, request: HttpRequest) -> list[Hazard]:
        enterprise = request.GET.get("enterprise", "")
        if not enterprise.isdecimal():
            raise Http404
        found = (
            Hazard.objects.visible_to(request.user)
            .filter(enterprise=int(enterprise), status=Status.REVIEW)
            .select_related(*_RELATED)
            .order_by("found_on", "pk")[:50]
        )
        return [one for one in found if any(step.action == "pass" for step in LIFECYCLE.allowed(one, request.user))]

    def lines(self, records: list[Hazard], data: Any = None) -> list[dict[str, Any]]:
        photos = attachments.for_owners(records)
        return [
            {
                "record": one,
                "form": VerdictForm(data, prefix=f"hazard-{one.pk}"),
                "before": [photo for photo in photos[one.pk] if photo.kind == PhotoKind.BEFORE],
                "after": [photo for photo in photos[one.pk] if photo.kind == PhotoKind.AFTER],
            }
            for one in records
        ]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, self.lines(self.waiting(request)), SweepForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        lines = self.lines(self.waiting(request), request.POST)
        form = SweepForm(request.POST, request.FILES)
        if all([form.is_valid(), *(line["form"].is_valid() for line in lines)]):
            verdicts = {
                line["record"].pk: line["form"].cleaned_data for line in lines if line["form"].cleaned_data["action"]
            }
            try:
                done = hazards_recheck(
                    queryset=Hazard.objects.visible_to(request.user),
                    verdicts=verdicts,
                    actor=request.user,
                    photos=form.cleaned_data["photos"] or [],
                    signed_by=form.cleaned_data["signed_by"],
                    signature=form.cleaned_data["signature"] or [],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                closed = sum(one.status == Status.CLOSED for one in done)
                messages.success(
                    request, f"已复查 {len(done)} 条，合格销号 {closed} 条，退回整改 {len(done) - closed} 条。"
                )
                return redirect(f"{reverse('hazards:list')}?enterprise={request.GET['enterprise']}")
        return self.show(request, lines, form)

    def show(self, request: HttpRequest, lines: list[dict[str, Any]], form: SweepForm) -> HttpResponse:
        context = {
            "title": "集中复查",
            "lines": lines,
            "subject": lines[0]["record"].subject_name if lines else "",
            "form": form,
            "forms": [form, *(line["form"] for line in lines)],
            "cancel_url": reverse("hazards:list"),
        }
        return render(request, "hazards/sweep.html", context, status=400 if form.is_bound else 200)


class HazardVoid(BusinessMixin, View):
    """作废 several: the list's selection, then the reason."""

    def chosen(self, request: HttpRequest, values: list[str]) -> list[Hazard]:
        if not holds(request.user, BUREAU_HEADS):
            raise PermissionDenied
        keys = [int(value) for value in values if value.isdecimal()]
        return list(
            Hazard.objects.visible_to(request.user).filter(pk__in=keys).select_related("handler").order_by("pk")[:200]
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.GET.getlist("selected"))
        if not records:
            messages.warning(request, "请先在台账中选择要作废的隐患。")
            return redirect("hazards:list")
        return self.show(request, records, ReasonForm(record=records[0], user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.POST.getlist("selected"))
        if not records:
            raise Http404
        form = ReasonForm(request.POST, record=records[0], user=request.user)
        if form.is_valid():
            try:
                hazards_void(
                    queryset=Hazard.objects.visible_to(request.user),
                    pks=[one.pk for one in records],
                    actor=request.user,
                    reason=form.cleaned_data["reason"],
                )
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已作废 {len(records)} 条。")
                return redirect("hazards:list")
        return self.show(request, records, form)

    def show(self, request: HttpRequest, records: list[Hazard], form: ReasonForm) -> HttpResponse:
        context = {
            "title": "作废隐患",
            "question": f"作废以下 {len(records)} 条隐患。作废后不再计入统计，编号不再使用。",
            "items": [{"label": str(one), "url": one.get_absolute_url()} for one in records],
            "hidden": [("selected", one.pk) for one in records],
            "form": form,
            "submit_label": "确认作废",
            "tone": "red",
            "cancel_url": reverse("hazards:list"),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
