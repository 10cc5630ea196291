"""系统管理员: the units, as a list, as a tree, and who succeeded whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from emergency.core import clock
from emergency.core.ledger.pages import ExportView, ImportView
from emergency.core.listing import Cell, Column, Empty
from emergency.organizations import services
from emergency.organizations.filters import OrganisationFilter
from emergency.organizations.forms import OrganisationForm, SuccessionForm, attempt
from emergency.organizations.models import Kind, Organisation, Role, Succession
from emergency.organizations.scope import AdministratorMixin
from emergency.organizations.views.common import AdminList, fact
from emergency.organizations.views.users import SystemAdminView


def _state(unit: Organisation) -> Cell:
    on = clock.today()
    if unit.exists_on(on):
        return Cell("在用", "green")
    return Cell("已撤销", "grey") if unit.valid_to is not None and unit.valid_to < on else Cell("未启用", "blue")


class OrganisationList(AdminList):
    administrator = Role.SYSTEM_ADMIN
    title = "单位"
    queryset: QuerySet = Organisation.objects.all()
    filterset = OrganisationFilter
    order = "path"
    related = ("parent",)
    template = "organizations/unit_list.html"
    columns = (
        Column("name", "单位名称", lambda unit: Cell(unit.name, small=unit.short_name), main=True),
        Column("kind", "类别", lambda unit: unit.get_kind_display()),
        Column("tier", "层级", lambda unit: unit.get_tier_display()),
        Column("parent", "上级单位", lambda unit: unit.parent.name if unit.parent else ""),
        Column("code", "区划代码", lambda unit: unit.division_code),
        Column("population", "常住人口", lambda unit: unit.population or "", align="right"),
        Column("state", "状态", _state),
    )
    empty = Empty("这里列出本级和下级全部单位，可以逐个登记，也可以用表格导入。")

    def row_url(self, row: Organisation) -> str:
        return reverse("organizations:detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        return {
            "new_url": reverse("organizations:new"),
            "new_label": "登记单位",
            "import_url": reverse("organizations:import"),
            "export_url": reverse("organizations:export"),
        }


class OrganisationImport(AdministratorMixin, ImportView):
    administrator = Role.SYSTEM_ADMIN
    kind = "organisations"


class OrganisationExport(AdministratorMixin, ExportView):
    administrator = Role.SYSTEM_ADMIN
    kind = "organisations"
    listing = OrganisationList


class Tree(SystemAdminView):
    """All units in force, each under the one above it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units = list(Organisation.objects.in_force(clock.today()))
        below: dict[int | None, list[Organisation]] = {}
        for unit in units:
            below.setdefault(unit.parent_id, []).append(unit)
        return render(request, "organizations/tree.html", {"nodes": _branch(below, None), "count": len(units)})


def _branch(below: dict[int | None, list[Organisation]], pk: int | None) -> list[dict[str, Any]]:
    return [{"unit": unit, "nodes": _branch(below, unit.pk)} for unit in below.get(pk, ())]


class OrganisationDetail(SystemAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(Organisation.objects.select_related("parent"), pk=pk)
        state = _state(unit)
        above = reverse("organizations:detail", args=[unit.parent_id]) if unit.parent_id else ""
        people = f"{unit.population}人（{unit.population_year or '年份未填'}）" if unit.population is not None else ""
        own = [
            fact("类别", unit.get_kind_display()),
            fact("层级", unit.get_tier_display()),
            fact("上级单位", unit.parent.name if unit.parent else "无", above),
            fact("区划代码", unit.division_code),
            fact("简称", unit.short_name),
            fact("曾用名", "、".join(unit.former_names)),
            fact("启用日期", unit.valid_from),
            fact("撤销日期", unit.valid_to),
        ]
        if unit.kind == Kind.AREA_SET:
            own.append(fact("所含单位", "、".join(one.name for one in unit.members.all()), whole=True))
        more = [
            fact("常住人口", people),
            fact("人口来源", unit.population_source),
            fact("面积（公顷）", unit.land_area),
            fact("联系人", unit.contact),
            fact("联系电话", unit.phone),
        ]
        edit = {"action": "edit", "label": "修改", "tone": "blue", "needs_form": True}
        context = {
            "head": {"title": unit.name, "status": {"label": state.text, "tone": state.tone}, "kicker": "单位"},
            "actions": [edit | {"url": reverse("organizations:edit", args=[pk])}],
            "facts": [{"title": "基本情况", "items": own}, {"title": "人口与联系", "items": more}],
            "children": unit.children.in_force(clock.today()),
            "before": Succession.objects.filter(successor=unit).select_related("predecessor"),
            "after": Succession.objects.filter(predecessor=unit).select_related("successor"),
        }
        return render(request, "organizations/unit_detail.html", context)


@transaction.atomic
def _create(actor: Any, data: dict[str, Any]) -> Organisation:
    members = data.pop("members")
    if members and data["kind"] != Kind.AREA_SET:
        raise ValidationError({"members": "只有片区可以指定所含单位。"})
    unit = services.organisation_create(actor=actor, **data)
    if members:
        services.area_set_fill(unit=unit, members=members, actor=actor)
    return unit


@transaction.atomic
def _save(actor: Any, unit: Organisation, data: dict[str, Any]) -> Organisation:
    members, parent, valid_to = data.pop("members", None), data.pop("parent", None), data.pop("valid_to")
    services.organisation_update(unit=unit, actor=actor, **data)
    if parent is not None and parent.pk != unit.parent_id:
        services.organisation_move(unit=unit, parent=parent, actor=actor)
    if members is not None:
        services.area_set_fill(unit=unit, members=members, actor=actor)
    if valid_to != unit.valid_to:
        services.organisation_close(unit=unit, on=valid_to, actor=actor)
    return unit


class OrganisationNew(SystemAdminView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, OrganisationForm(initial={"parent": request.GET.get("parent")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrganisationForm(request.POST)
        if form.is_valid():
            unit = attempt(form, lambda: _create(request.user, dict(form.cleaned_data)))
            if unit is not None:
                messages.success(request, "单位已登记。")
                return redirect("organizations:detail", pk=unit.pk)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: OrganisationForm) -> HttpResponse:
        cancel = reverse("organizations:list")
        return render(request, "core/form.html", {"title": "登记单位", "form": form, "cancel_url": cancel})


class OrganisationEdit(SystemAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(Organisation, pk=pk)
        return self._page(request, unit, OrganisationForm(unit=unit))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(Organisation, pk=pk)
        form = OrganisationForm(request.POST, unit=unit)
        if form.is_valid() and attempt(form, lambda: _save(request.user, unit, dict(form.cleaned_data))) is not None:
            messages.success(request, "已保存。")
            return redirect("organizations:detail", pk=pk)
        return self._page(request, unit, form)

    def _page(self, request: HttpRequest, unit: Organisation, form: OrganisationForm) -> HttpResponse:
        cancel = reverse("organizations:detail", args=[unit.pk])
        return render(
            request, "core/form.html", {"title": f"修改单位：{unit.name}", "form": form, "cancel_url": cancel}
        )


class SuccessionList(SystemAdminView):
    """Few and for good, so one page with all of them; entered under 登记承接."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Succession.objects.select_related("predecessor", "successor").order_by("-on", "-pk")
        return render(request, "organizations/succession_list.html", {"rows": rows})


class SuccessionNew(SystemAdminView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, SuccessionForm(initial={"predecessor": request.GET.get("predecessor")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SuccessionForm(request.POST)
        if form.is_valid():
            done = attempt(form, lambda: services.succession_record(actor=request.user, **form.cleaned_data))
            if done is not None:
                messages.success(request, "单位承接已登记。")
                return redirect("organizations:succession_list")
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: SuccessionForm) -> HttpResponse:
        context = {
            "title": "登记单位承接",
            "form": form,
            "intro": "单位撤并、拆分或改名后，登记由谁承接。承接单位能看到原单位的全部记录，历史数据仍记在原单位名下。",
            "cancel_url": reverse("organizations:succession_list"),
        }
        return render(request, "core/form.html", context)
