"""专项行动: the list, the form, and a campaign's page with its figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock, panels
from emergency.core.lifecycle import events_of
from emergency.core.listing import Cell, Column, Empty, ListView
from emergency.figures.views import Order, shown, table
from emergency.figures.vocabulary import get
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from emergency.programmes.filters import ProgrammeFilter
from emergency.programmes.forms import CampaignForm
from emergency.programmes.models import Programme
from emergency.programmes.queries import campaign_sheet, fits_a_column
from emergency.programmes.services import ORGANISERS, campaign_create, campaign_update, may_organise, organising_units


def _stage(one: Programme) -> Cell:
    return Cell(*one.stage(clock.today()))


class ProgrammeList(RolesMixin, ListView):
    """Campaigns of one's own level and of those above it."""

    roles = BUSINESS_ROLES
    title = "专项行动"
    queryset: QuerySet = Programme.objects.campaigns()
    filterset = ProgrammeFilter
    order = "-start"
    related = ("owner", "parent")
    columns = (
        Column("name", "名称", lambda one: one.name, main=True),
        Column("owner", "组织单位", lambda one: str(one.owner)),
        Column("parent", "上级行动", lambda one: one.parent.name if one.parent else ""),
        Column("start", "开始日期", lambda one: one.start.isoformat(), align="date", sort="start"),
        Column("end", "结束日期", lambda one: one.end.isoformat() if one.end else "", align="date"),
        Column("stage", "状态", _stage),
    )

    def row_url(self, row: Programme) -> str:
        return reverse("programmes:detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        if organising_units(request.user):
            return {"new_url": reverse("programmes:new"), "new_label": "登记"}
        return {}

    def get_empty(self, request: HttpRequest) -> Empty:
        text = "这里是本级和上级组织的专项行动。登记后，检查和隐患可以归入某个行动，统一统计。"
        if organising_units(request.user):
            return Empty(text, "登记专项行动", reverse("programmes:new"))
        return Empty(text)


def _find(request: HttpRequest, pk: int) -> Programme:
    visible = Programme.objects.campaigns().visible_to(request.user)
    return get_object_or_404(visible.select_related("owner", "parent", "created_by"), pk=pk)


class ProgrammeDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = _find(request, pk)
        label, tone = programme.stage(clock.today())
        actions = []
        if may_organise(request.user, programme.owner):
            edit = reverse("programmes:edit", args=[pk])
            actions.append({"action": "edit", "label": "修改", "tone": "blue", "url": edit, "needs_form": True})
        context = {
            "programme": programme,
            "head": {"title": programme.name, "kicker": "专项行动", "status": {"label": label, "tone": tone}},
            "actions": actions,
            "facts": self._facts(request, programme),
            "events": events_of(programme),
            "children": Programme.objects.visible_to(request.user).filter(parent=programme),
            "panels": panels.panels_for("programmes.programme", request.user, programme),
            **self._figures(request, programme),
        }
        return render(request, "programmes/detail.html", context)

    def _facts(self, request: HttpRequest, programme: Programme) -> list[dict[str, Any]]:
        """The campaign above is named, and opened only for who sees it: another office's draft stays a name."""
        above = programme.parent
        opens = above is not None and Programme.objects.visible_to(request.user).filter(pk=above.pk).exists()
        items = [
            {"label": "组织单位", "value": programme.owner},
            {
                "label": "上级行动",
                "value": above.name if above else "无",
                "href": reverse("programmes:detail", args=[above.pk]) if above and opens else "",
            },
            {"label": "开始日期", "value": programme.start.isoformat()},
            {"label": "结束日期", "value": programme.end.isoformat() if programme.end else "未定"},
        ]
        if programme.note:
            items.append({"label": "说明", "value": programme.note, "whole": True})
        return [{"title": "基本情况", "items": items}]

    def _figures(self, request: HttpRequest, programme: Programme) -> dict[str, Any]:
        """The totals as cards and the units as a table, each number opening its records."""
        sheet = campaign_sheet(programme=programme, user=request.user, on=clock.today())
        if sheet is None:
            return {"sheet": None}
        columns = [figure for code in sheet.totals if fits_a_column(figure := get(code))]
        return {
            "sheet": sheet,
            "cards": [
                shown(value, organisation=sheet.organisation, period=sheet.period, within=sheet.within)
                for value in sheet.totals.values()
            ],
            "table": table(sheet, columns, Order()) if len(sheet.rows) > 1 else None,
        }


class Organising(RolesMixin, View):
    roles = ORGANISERS


def _form_page(request: HttpRequest, form: CampaignForm, title: str, cancel: str) -> HttpResponse:
    return render(request, "core/form.html", {"title": title, "form": form, "cancel_url": cancel})


class ProgrammeNew(Organising):
    """A department's section head has the role but no office that organises, hence the second question."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, CampaignForm(actor=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CampaignForm(request.POST, actor=request.user)
        if form.is_valid():
            made = attempt(form, lambda: campaign_create(actor=request.user, **form.cleaned_data))
            if made is not None:
                messages.success(request, "已登记。")
                return redirect("programmes:detail", pk=made.pk)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: CampaignForm) -> HttpResponse:
        if not organising_units(request.user):
            raise PermissionDenied
        return _form_page(request, form, "登记专项行动", reverse("programmes:list"))


class ProgrammeEdit(Organising):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = self._find(request, pk)
        return self._page(request, programme, CampaignForm(instance=programme, actor=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = self._find(request, pk)
        form = CampaignForm(request.POST, instance=programme, actor=request.user)
        if form.is_valid():
            data = form.cleaned_data
            if attempt(form, lambda: campaign_update(programme=programme, actor=request.user, **data)):
                messages.success(request, "已保存。")
                return redirect("programmes:detail", pk=pk)
        return self._page(request, programme, form)

    def _find(self, request: HttpRequest, pk: int) -> Programme:
        programme = _find(request, pk)
        if not may_organise(request.user, programme.owner):
            raise PermissionDenied
        return programme

    def _page(self, request: HttpRequest, programme: Programme, form: CampaignForm) -> HttpResponse:
        return _form_page(request, form, f"修改：{programme.name}", reverse("programmes:detail", args=[programme.pk]))
