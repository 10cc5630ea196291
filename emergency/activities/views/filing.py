"""Registering an activity in two steps (first its category, then what the category asks for), correcting it, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.activities.forms import ActivityForm, ReasonForm
from emergency.activities.lifecycle import LIFECYCLE, keeps, may_edit
from emergency.activities.models import Activity, Category, Status
from emergency.activities.queries import open_tree, recent_categories
from emergency.activities.services import (
    activities_void,
    activity_act,
    activity_delete,
    activity_edit,
    activity_file,
)
from emergency.core import clock
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, FILERS, RolesMixin
from hazards.lifecycle import BUREAU_HEADS

_RELATED = ("handler__parent", "area", "district", "category__parent", "enterprise")


def _visible(request: HttpRequest, pk: int) -> Activity:
    return get_object_or_404(Activity.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)


def _chosen_category(request: HttpRequest) -> Category | None:
    """The category in the address; None where there is none, or it takes no entries any more."""
    slug = request.GET.get("category", "")
    found = Category.objects.select_related("parent").filter(slug=slug).first() if slug else None
    return found if found is not None and found.closed_for(clock.today()) is None else None


def _pick(request: HttpRequest, title: str, cancel_url: str) -> HttpResponse:
    """First step: which category. Plain links, so that it works everywhere and takes one tap; the address keeps what it carried."""
    kept = request.GET.copy()
    kept.pop("category", None)
    kept.pop("pick", None)
    context = {
        "title": title,
        "branches": open_tree(clock.today()),
        "recent": recent_categories(request.user, clock.today()),
        "kept": f"&{kept.urlencode()}" if kept else "",
        "cancel_url": cancel_url,
    }
    return render(request, "activities/pick.html", context)


class ActivityNew(RolesMixin, View):
    roles = FILERS
    title = "登记工作纪实"

    def get(self, request: HttpRequest) -> HttpResponse:
        category = _chosen_category(request)
        if category is None:
            return _pick(request, self.title, reverse("activities:list"))
        return self.show(request, self.form(request, category))

    def post(self, request: HttpRequest) -> HttpResponse:
        category = _chosen_category(request)
        if category is None:
            messages.warning(request, "请先选择工作类别。")
            return redirect("activities:new")
        form = self.form(request, category, request.POST, request.FILES)
        if form.is_valid():
            draft = request.POST.get("save") == "draft"
            values = form.values()
            done = attempt(form, lambda: activity_file(actor=request.user, category=category, draft=draft, **values))
            if done is not None:
                messages.success(request, f"{'已存为草稿' if draft else '已登记'}，编号 {done.number}。")
                return redirect(done)
        return self.show(request, form)

    def form(self, request: HttpRequest, category: Category, *data: Any) -> ActivityForm:
        """With the subject and the campaign from whose page somebody came."""
        initial = {"enterprise": request.GET.get("enterprise", ""), "campaigns": request.GET.getlist("campaign")}
        return ActivityForm(*data, user=request.user, category=category, initial=initial)

    def show(self, request: HttpRequest, form: ActivityForm) -> HttpResponse:
        kept = request.GET.copy()
        kept.pop("category", None)
        context = {
            "title": f"登记：{form.category.path}",
            "form": form,
            "pick_url": f"{reverse('activities:new')}{'?' + kept.urlencode() if kept else ''}",
            "submit_label": "登记",
            "cancel_url": reverse("activities:list"),
            "draft": f"activity-{form.category.slug}",
            "may_keep": True,
        }
        return render(request, "activities/form.html", context, status=400 if form.is_bound else 200)


class ActivityEdit(RolesMixin, View):
    """A draft is changed, what was registered is corrected; either may move to another category."""

    roles = BUSINESS_ROLES

    def record(self, request: HttpRequest, pk: int) -> Activity:
        record = _visible(request, pk)
        if not may_edit(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        if "pick" in request.GET:
            return _pick(request, f"更换类别：{record.title}", record.get_absolute_url())
        return self.show(request, record, self.form(request, record))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        form = self.form(request, record, request.POST, request.FILES)
        if form.is_valid():
            values = form.values()
            done = attempt(form, lambda: activity_edit(record=record, actor=request.user, **values))
            if done is not None:
                messages.success(request, "已保存。" if done.status == Status.DRAFT else "已更正。")
                return redirect(done)
        return self.show(request, record, form)

    def form(self, request: HttpRequest, record: Activity, *data: Any) -> ActivityForm:
        category = _chosen_category(request) or record.category
        return ActivityForm(*data, user=request.user, category=category, record=record)

    def show(self, request: HttpRequest, record: Activity, form: ActivityForm) -> HttpResponse:
        draft = record.status == Status.DRAFT
        context = {
            "title": f"{'修改' if draft else '更正'}：{form.category.path}",
            "intro": "" if draft else "更正后统计数字随之改变，更正前后的内容留在办理过程和审计记录中。",
            "form": form,
            "pick_url": "?pick=1",
            "submit_label": "保存" if draft else "确认更正",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "activities/form.html", context, status=400 if form.is_bound else 200)


class ActivityAct(RolesMixin, View):
    """One step of the life-cycle: 登记 a draft at once, 作废 with its reason."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = self.allowed(request, pk, action)
        if isinstance(record, HttpResponseRedirect):
            return record
        return self.show(request, record, action, ReasonForm())

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        record = self.allowed(request, pk, action)
        if isinstance(record, HttpResponseRedirect):
            return record
        form = ReasonForm(request.POST)
        if action == "void" and not form.is_valid():
            return self.show(request, record, action, form)
        try:
            data = form.cleaned_data if action == "void" else {}
            queryset = Activity.objects.visible_to(request.user)
            done = activity_act(queryset=queryset, pk=pk, action=action, actor=request.user, data=data)
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
            return redirect(record)
        messages.success(request, f"已办理，当前状态为{done.get_status_display()}。")
        return redirect(done)

    def allowed(self, request: HttpRequest, pk: int, action: str) -> Activity | HttpResponseRedirect:
        """The record, when this reader may take the step now; back to its page when somebody was quicker."""
        if action not in LIFECYCLE.actions():
            raise Http404
        record = _visible(request, pk)
        if LIFECYCLE.find(record.status, action) is None:
            messages.warning(request, f"当前状态为{record.get_status_display()}，不能办理该事项，请查看最新情况。")
            return redirect(record)
        if action not in {one.action for one in LIFECYCLE.allowed(record, request.user)}:
            raise PermissionDenied
        return record

    def show(self, request: HttpRequest, record: Activity, action: str, form: ReasonForm) -> HttpResponse:
        void = action == "void"
        context = {
            "title": f"{'作废' if void else '登记'}：{record.title}",
            "question": "作废后不再计入统计，编号不再使用。" if void else "登记后计入统计。",
            "items": [{"label": str(record), "url": record.get_absolute_url()}],
            "form": form if void else None,
            "submit_label": "确认作废" if void else "确认登记",
            "tone": "red" if void else "blue",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)


class ActivityDelete(RolesMixin, View):
    """Throw a draft away."""

    roles = BUSINESS_ROLES

    def record(self, request: HttpRequest, pk: int) -> Activity:
        record = _visible(request, pk)
        if record.status != Status.DRAFT or not keeps(request.user, record):
            raise PermissionDenied
        return record

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, pk)
        context = {
            "title": f"删除草稿：{record.title}",
            "question": "草稿删除后不能恢复。",
            "items": [{"label": str(record), "url": record.get_absolute_url()}],
            "submit_label": "删除",
            "tone": "red",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity_delete(record=self.record(request, pk), actor=request.user)
        messages.success(request, "草稿已删除。")
        return redirect("activities:list")


class ActivityVoid(RolesMixin, View):
    """作废 several: the list's selection, then the reason."""

    roles = BUREAU_HEADS

    def chosen(self, request: HttpRequest, values: list[str]) -> list[Activity]:
        keys = [int(value) for value in values if value.isdecimal()]
        return list(Activity.objects.visible_to(request.user).filter(pk__in=keys).order_by("pk")[:200])

    def get(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.GET.getlist("selected"))
        if not records:
            messages.warning(request, "请先在台账中选择要作废的记录。")
            return redirect("activities:list")
        return self.show(request, records, ReasonForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        records = self.chosen(request, request.POST.getlist("selected"))
        if not records:
            raise Http404
        form = ReasonForm(request.POST)
        if form.is_valid():
            done = attempt(
                form,
                lambda: activities_void(
                    queryset=Activity.objects.visible_to(request.user),
                    pks=[one.pk for one in records],
                    actor=request.user,
                    reason=form.cleaned_data["reason"],
                ),
            )
            if done is not None:
                messages.success(request, f"已作废 {len(done)} 条。")
                return redirect("activities:list")
        return self.show(request, records, form)

    def show(self, request: HttpRequest, records: list[Activity], form: ReasonForm) -> HttpResponse:
        context = {
            "title": "作废工作纪实",
            "question": f"作废以下 {len(records)} 条记录。作废后不再计入统计，编号不再使用。",
            "items": [{"label": str(one), "url": one.get_absolute_url()} for one in records],
            "hidden": [("selected", one.pk) for one in records],
            "form": form,
            "submit_label": "确认作废",
            "tone": "red",
            "cancel_url": reverse("activities:list"),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
