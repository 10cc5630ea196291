"""Goods come in, go out, go to another depot; what happens to a single lot; movements and their reversal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.figures import queries as figures
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from supplies.filters import MovementFilter
from supplies.forms import AdjustForm, IssueForm, ReasonForm, ReceiveForm, TransferForm
from supplies.models import Depot, Holding, Movement, MovementKind
from supplies.queries import kept_depots, may_move
from supplies.services import (
    ADJUSTMENTS,
    KEEPERS,
    holding_adjust,
    movement_reverse,
    moves,
    stock_issue,
    stock_receive,
    stock_transfer,
)
from supplies.views.stock import amount_text, fact, fact_groups


class _GoodsView(RolesMixin, View):
    """A form over the depots that the reader keeps."""

    roles = KEEPERS
    title: str
    intro = ""
    submit_label: str
    least_depots = 1
    lacking = "还没有由本单位保管的在用储备库，请先登记储备库。"

    def get(self, request: HttpRequest) -> HttpResponse:
        depots = kept_depots(request.user, clock.today())
        if len(depots) < self.least_depots:
            messages.warning(request, self.lacking)
            return redirect("supplies:depot_list")
        return self.show(request, self.form(request, depots))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request, kept_depots(request.user, clock.today()), request.POST)
        if form.is_valid():
            done = attempt(form, lambda: self.act(request.user, form.cleaned_data))
            if done is not None:
                messages.success(request, f"已{self.submit_label}，流水号 {'、'.join(one.number for one in done)}。")
                return redirect(done[0].holding if len(done) == 1 else "supplies:movement_list")
        return self.show(request, form)

    def form(self, request: HttpRequest, depots: list[Depot], *data: Any) -> forms.Form:
        raise NotImplementedError(f"{type(self).__name__} must say what it asks")

    def act(self, actor: Any, values: dict[str, Any]) -> list[Movement]:
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def show(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        context = {
            "title": self.title,
            "intro": self.intro,
            "form": form,
            "submit_label": self.submit_label,
            "cancel_url": reverse("supplies:list"),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class StockReceive(_GoodsView):
    title, submit_label = "入库登记", "入库"

    def form(self, request: HttpRequest, depots: list[Depot], *data: Any) -> forms.Form:
        return ReceiveForm(*data, user=request.user, depots=depots)

    def act(self, actor: Any, values: dict[str, Any]) -> list[Movement]:
        return [stock_receive(actor=actor, **values)]


class StockIssue(_GoodsView):
    title, submit_label = "出库登记", "出库"
    intro = "按先到期先出、先进先出的次序自动选取批次，超过有效期的不出库。"

    def form(self, request: HttpRequest, depots: list[Depot], *data: Any) -> forms.Form:
        return IssueForm(*data, depots=depots)

    def act(self, actor: Any, values: dict[str, Any]) -> list[Movement]:
        return stock_issue(actor=actor, **values)


class StockTransfer(_GoodsView):
    title, submit_label = "库间调拨", "调拨"
    intro = "在本单位保管的储备库之间调拨，按先到期先出的次序选取批次，批次和有效期随物资转移。"
    least_depots = 2
    lacking = "本单位保管的在用储备库不足两个，不能调拨。"

    def form(self, request: HttpRequest, depots: list[Depot], *data: Any) -> forms.Form:
        return TransferForm(*data, depots=depots)

    def act(self, actor: Any, values: dict[str, Any]) -> list[Movement]:
        return stock_transfer(actor=actor, **values)


class HoldingAct(RolesMixin, View):
    """归还, 报废, 损耗, 盘盈, 盘亏 of a lot in its depot."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        holding = self.allowed(request, pk, action)
        return self.show(request, holding, action, AdjustForm(kind=action, unit=holding.item.unit))

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        holding = self.allowed(request, pk, action)
        form = AdjustForm(request.POST, kind=action, unit=holding.item.unit)
        if form.is_valid():
            done = attempt(
                form, lambda: holding_adjust(actor=request.user, holding=holding, kind=action, **form.cleaned_data)
            )
            if done is not None:
                messages.success(request, f"已登记{done.get_kind_display()}，流水号 {done.number}。")
                return redirect(holding)
        return self.show(request, holding, action, form)

    def allowed(self, request: HttpRequest, pk: int, action: str) -> Holding:
        if action not in ADJUSTMENTS:
            raise Http404
        rows = Holding.objects.visible_to(request.user).select_related("depot__handler__parent", "item")
        holding = get_object_or_404(rows, pk=pk)
        if not moves(request.user, holding.depot):
            raise PermissionDenied
        return holding

    def show(self, request: HttpRequest, holding: Holding, action: str, form: AdjustForm) -> HttpResponse:
        label = MovementKind(action).label
        context = {
            "title": f"{label}：{holding.title}",
            "intro": f"批次 {holding.number}，{holding.depot}现有{amount_text(holding.quantity, holding.item.unit)}。",
            "form": form,
            "submit_label": f"登记{label}",
            "cancel_url": holding.get_absolute_url(),
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def _signed(one: Movement) -> str:
    return f"{'+' if one.quantity > 0 else ''}{amount_text(one.quantity, one.item.unit)}"


def _kind(one: Movement) -> Cell:
    tone = "grey" if one.reverses_id else "green" if one.quantity > 0 else "amber"
    return Cell(f"{one.get_kind_display()}{'（冲销）' if one.reverses_id else ''}", tone=tone)


class MovementList(RolesMixin, ListView):
    roles = BUSINESS_ROLES
    title = "出入库流水"
    queryset = Movement.objects.all()
    filterset = MovementFilter
    order = "-moved_on"
    related = ("depot", "item")
    columns = (
        Column("moved_on", "日期", lambda one: one.moved_on.isoformat(), align="date", sort="moved_on"),
        Column("kind", "类型", _kind, align="tight"),
        Column("title", "物资", lambda one: one.title, main=True),
        Column("quantity", "数量", _signed, align="end"),
        Column("depot", "储备库", lambda one: str(one.depot)),
        Column("receiver", "来源或去向", lambda one: one.receiver),
        Column("basis", "依据文号", lambda one: one.basis, wide_only=True),
        Column("number", "流水号", lambda one: one.number, align="number", wide_only=True),
    )
    empty = Empty("这里列出每一笔入库、出库、调拨、归还、报废和盘点盈亏。")

    def row_url(self, row: Movement) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        if not may_move(request.user):
            return {}
        return {"new_url": reverse("supplies:issue"), "new_label": "出库登记"}

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)


_RELATED = ("depot__handler__parent", "item", "holding", "created_by", "handler", "reverses", "other_side__depot")


class MovementDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = get_object_or_404(Movement.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)
        undone = Movement.objects.filter(reverses=one).first()
        label = "冲销" if one.reverses_id else "已冲销" if undone else "有效"
        context = {
            "record": one,
            "head": {
                "number": one.number,
                "title": f"{one.get_kind_display()}：{one.title}",
                "kicker": f"{one.depot} · {one.moved_on}",
                "status": {"label": label, "tone": "green" if label == "有效" else "grey"},
            },
            "actions": self.actions(request.user, one, undone),
            "facts": _facts(one, undone),
        }
        return render(request, "supplies/movement.html", context)

    def actions(self, user: Any, one: Movement, undone: Movement | None) -> list[dict[str, Any]]:
        if undone is not None or one.reverses_id or not moves(user, one.depot):
            return []
        url = reverse("supplies:movement_reverse", args=[one.pk])
        return [{"action": "reverse", "label": "冲销", "url": url, "tone": "red", "needs_form": True}]


def _facts(one: Movement, undone: Movement | None) -> list[dict[str, Any]]:
    """The facts; the other side of a transfer is another depot's row and is named without a link."""
    goods = [
        fact("物资", one.title),
        fact("批次编号", one.lot_number, one.holding.get_absolute_url()),
        fact("数量", _signed(one)),
        fact("折件数", one.pieces),
        fact("金额（元）", one.amount),
        fact("储备方式", one.get_mode_display()),
    ]
    order = [
        fact("储备库", str(one.depot), one.depot.get_absolute_url()),
        fact("保管单位", one.handler.name),
        fact("调出自", f"{one.other_side.depot}（{one.other_side.number}）" if one.other_side else ""),
        fact("来源或去向", one.receiver),
        fact("依据文号", one.basis),
        fact("说明", one.reason, whole=True),
    ]
    entry = [
        fact("经办人", one.created_by.name),
        fact("冲销的流水", str(one.reverses or ""), one.reverses.get_absolute_url() if one.reverses else ""),
        fact("冲销流水", str(undone or ""), undone.get_absolute_url() if undone else ""),
    ]
    return fact_groups(("物资", goods), ("出入库", order), ("登记", entry))


class MovementReverse(RolesMixin, View):
    """冲销 a wrong movement by its opposite."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.movement(request, pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        movement = self.movement(request, pk)
        form = ReasonForm(request.POST)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            done = attempt(form, lambda: movement_reverse(actor=request.user, movement=movement, reason=reason))
            if done is not None:
                messages.success(request, f"已冲销，冲销流水号 {'、'.join(one.number for one in done)}。")
                return redirect(movement)
        return self.show(request, movement, form)

    def movement(self, request: HttpRequest, pk: int) -> Movement:
        rows = Movement.objects.visible_to(request.user).select_related("depot__handler__parent", "item")
        movement = get_object_or_404(rows, pk=pk)
        if not moves(request.user, movement.depot):
            raise PermissionDenied
        return movement

    def show(self, request: HttpRequest, movement: Movement, form: ReasonForm) -> HttpResponse:
        context = {
            "title": f"冲销：{movement.number}",
            "question": "冲销后登记一笔数量相反的流水，日期为今天，原流水保留；调拨的两边同时冲销。",
            "items": [
                {
                    "label": f"{movement.get_kind_display()} {movement.title} {_signed(movement)}",
                    "url": movement.get_absolute_url(),
                }
            ],
            "form": form,
            "submit_label": "确认冲销",
            "tone": "red",
            "cancel_url": movement.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context, status=400 if form.is_bound else 200)
