"""Depots with what they must hold, and the catalogue."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock
from emergency.core.ledger.export import mask
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.figures.vocabulary import plain
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from supplies.filters import DepotFilter
from supplies.forms import DepotForm, ItemForm, MinimumForm
from supplies.models import Depot, Item, Movement
from supplies.queries import latest_movements, may_enter, short, stock_on
from supplies.services import (
    ENTERERS,
    OFFICE,
    depot_create,
    depot_edit,
    edits_catalogue,
    item_create,
    item_edit,
    keeps_registers,
    minimum_set,
)
from supplies.views.stock import fact, fact_groups, movement_rows

SHOWN = 10


def form_page(request: HttpRequest, form: Any, title: str, cancel_url: str, **more: Any) -> HttpResponse:
    context = {"title": title, "form": form, "submit_label": "保存", "cancel_url": cancel_url} | more
    return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def _use(one: Depot) -> Cell:
    closed = one.closed_on is not None and one.closed_on <= clock.today()
    return Cell("停用", tone="grey") if closed else Cell("在用", tone="green")


# ------------------------------------------------------------------------------------------------ depots


class DepotList(RolesMixin, ListView):
    roles = BUSINESS_ROLES
    title = "储备库"
    queryset = Depot.objects.all()
    filterset = DepotFilter
    order = "-opened_on"
    related = ("handler", "area")
    columns = (
        Column("name", "储备库", lambda one: one.name, main=True),
        Column("level", "级别", lambda one: one.get_level_display()),
        Column("area", "属地", lambda one: str(one.area or "")),
        Column("handler", "保管单位", lambda one: str(one.handler)),
        Column("keeper", "保管员", lambda one: one.keeper, wide_only=True),
        Column("opened_on", "启用日期", lambda one: one.opened_on.isoformat(), align="date", sort="opened_on"),
        Column("state", "状态", _use, align="tight"),
    )
    empty = Empty("这里列出各级储备库、村级储备点和代储点。")

    def row_url(self, row: Depot) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        if not may_enter(request.user):
            return {}
        return {"new_url": reverse("supplies:depot_new"), "new_label": "登记储备库"}

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)


class DepotDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        rows = Depot.objects.visible_to(user).select_related("handler__parent", "owner", "area", "created_by")
        one = get_object_or_404(rows, pk=pk)
        status = _use(one)
        movements = Movement.objects.visible_to(user)
        latest = latest_movements(user, one, SHOWN)
        context = {
            "record": one,
            "head": {
                "title": one.name,
                "kicker": f"{one.get_level_display()} · {one.handler}",
                "status": {"label": status.text, "tone": status.tone},
            },
            "actions": self.actions(user, one),
            "facts": _depot_facts(one),
            "lines": stock_on(movements.filter(depot=one), clock.today()),
            "stock_url": f"{reverse('supplies:list')}?depot={one.pk}&state=held",
            "minimums": self.minimums(one),
            "latest": movement_rows(latest),
            "latest_url": f"{reverse('supplies:movement_list')}?depot={one.pk}",
            "panels": panels_for("supplies.depot", user, one),
        }
        return render(request, "supplies/depot.html", context)

    def minimums(self, one: Depot) -> list[tuple[str, str, str]]:
        """(item, at least, what is missing or "")."""
        lacking = {rule.pk: rule for rule in short(clock.today()).filter(depot=one)}
        lines = []
        for rule in one.minimums.select_related("item").order_by("item__name", "pk"):  # type: ignore[attr-defined]
            found = lacking.get(rule.pk)
            gap = f"缺{plain(rule.quantity - found.held)}{rule.item.unit}" if found else ""  # type: ignore[attr-defined]
            lines.append((str(rule.item), f"{plain(rule.quantity)}{rule.item.unit}", gap))
        return lines

    def actions(self, user: Any, one: Depot) -> list[dict[str, Any]]:
        if not keeps_registers(user, one.handler):
            return []
        pages = (("depot_edit", "修改"), ("minimum", "设置最低库存"))
        return [
            {
                "action": name,
                "label": label,
                "url": reverse(f"supplies:{name}", args=[one.pk]),
                "tone": "blue",
                "needs_form": True,
            }
            for name, label in pages
        ]


def _depot_facts(one: Depot) -> list[dict[str, Any]]:
    place = f"{one.longitude}，{one.latitude}" if one.longitude is not None else ""
    basic = [
        fact("级别", one.get_level_display()),
        fact("所属单位", one.owner.name),
        fact("保管单位", one.handler.name),
        fact("属地", str(one.area or "")),
        fact("启用日期", one.opened_on),
        fact("停用日期", one.closed_on),
    ]
    house = [
        fact("地址", one.address),
        fact("经纬度", place),
        fact("建筑面积（㎡）", one.floor_area),
        fact("库容（m³）", one.capacity),
        fact("保管员", one.keeper),
        fact("保管员电话", mask(one.keeper_phone)),
        fact("登记人", one.created_by.name),
    ]
    return fact_groups(("基本情况", basic), ("库房和保管员", house))


class DepotNew(RolesMixin, View):
    roles = ENTERERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, DepotForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DepotForm(request.POST, user=request.user)
        if form.is_valid():
            done = attempt(form, lambda: depot_create(actor=request.user, **form.values()))
            if done is not None:
                messages.success(request, "储备库已登记。")
                return redirect(done)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: DepotForm) -> HttpResponse:
        return form_page(request, form, "登记储备库", reverse("supplies:depot_list"))


class _DepotForm(RolesMixin, View):
    """A form on a depot for who keeps its registers."""

    roles = ENTERERS

    def depot(self, request: HttpRequest, pk: int) -> Depot:
        rows = Depot.objects.visible_to(request.user).select_related("handler__parent", "owner")
        one = get_object_or_404(rows, pk=pk)
        if not keeps_registers(request.user, one.handler):
            raise PermissionDenied
        return one


class DepotEdit(_DepotForm):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self.depot(request, pk)
        return self.show(request, one, DepotForm(user=request.user, depot=one))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self.depot(request, pk)
        form = DepotForm(request.POST, user=request.user, depot=one)
        if form.is_valid() and attempt(form, lambda: depot_edit(actor=request.user, depot=one, **form.values())):
            messages.success(request, "已保存。")
            return redirect(one)
        return self.show(request, one, form)

    def show(self, request: HttpRequest, one: Depot, form: DepotForm) -> HttpResponse:
        return form_page(request, form, f"修改：{one}", one.get_absolute_url())


class MinimumSet(_DepotForm):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.depot(request, pk), MinimumForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self.depot(request, pk)
        form = MinimumForm(request.POST)
        if form.is_valid():
            values = form.cleaned_data
            done = attempt(form, lambda: (minimum_set(actor=request.user, depot=one, **values),))
            if done is not None:
                messages.success(request, f"{values['item']}的最低库存已{'设置' if done[0] else '取消'}。")
                return redirect(one)
        return self.show(request, one, form)

    def show(self, request: HttpRequest, one: Depot, form: MinimumForm) -> HttpResponse:
        intro = "实物储备（不含超期的）低于最低库存时，列入保管员的待办。"
        return form_page(request, form, f"最低库存：{one}", one.get_absolute_url(), intro=intro)


# ------------------------------------------------------------------------------------------------ catalogue


class ItemList(RolesMixin, View):
    """The whole catalogue on one page: it is one for all, so nothing in it is anybody's."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"items": Item.objects.all(), "edits": edits_catalogue(request.user)}
        return render(request, "supplies/items.html", context)


class ItemNew(RolesMixin, View):
    roles = OFFICE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, ItemForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ItemForm(request.POST)
        if form.is_valid() and attempt(form, lambda: item_create(actor=request.user, **form.cleaned_data)):
            messages.success(request, "已加入物资目录。")
            return redirect("supplies:item_list")
        return self.show(request, form)

    def show(self, request: HttpRequest, form: ItemForm) -> HttpResponse:
        if not edits_catalogue(request.user):
            raise PermissionDenied
        return form_page(request, form, "新增物资", reverse("supplies:item_list"))


class ItemEdit(RolesMixin, View):
    roles = OFFICE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = get_object_or_404(Item, pk=pk)
        return self.show(request, item, ItemForm(instance=item))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = get_object_or_404(Item, pk=pk)
        form = ItemForm(request.POST, instance=item)
        if form.is_valid() and attempt(form, lambda: item_edit(actor=request.user, item=item, **form.cleaned_data)):
            messages.success(request, "已保存。")
            return redirect("supplies:item_list")
        return self.show(request, item, form)

    def show(self, request: HttpRequest, item: Item, form: ItemForm) -> HttpResponse:
        if not edits_catalogue(request.user):
            raise PermissionDenied
        return form_page(request, form, f"修改：{item}", reverse("supplies:item_list"))
