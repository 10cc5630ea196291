"""Stock: the list, a lot's page in its depot, and what stood there on any past day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from emergency.core import clock
from emergency.core.listing import Cell, Column, Empty, ListView
from emergency.core.panels import panels_for
from emergency.figures.vocabulary import plain
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin
from supplies.filters import HoldingFilter
from supplies.forms import DayForm
from supplies.models import Holding, Lot, Mode, Movement, MovementKind
from supplies.queries import may_enter, may_move, stock_on
from supplies.services import ADJUSTMENTS, moves

_RELATED = ("depot__handler__parent", "item", "lot__purchase", "lot__created_by", "handler", "area")
#: Lines of a day's stock on one page; who needs more narrows it by depot.
MOST_LINES = 1_000


def amount_text(quantity: Decimal, unit: str) -> str:
    """“30顶”, “2.5吨”."""
    return f"{plain(quantity)}{unit}"


def day_text(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _state(one: Holding) -> Cell:
    label, tone = one.state(clock.today())
    return Cell(label, tone=tone)


class HoldingList(RolesMixin, ListView):
    roles = BUSINESS_ROLES
    title = "物资库存"
    queryset = Holding.objects.all()
    filterset = HoldingFilter
    order = "-received_on"
    related = ("depot", "item")
    columns = (
        Column("title", "物资", lambda one: one.title, main=True),
        Column("quantity", "库存", lambda one: amount_text(one.quantity, one.item.unit), align="end"),
        Column("depot", "储备库", lambda one: str(one.depot)),
        Column("position", "存放位置", lambda one: one.position, wide_only=True),
        Column("mode", "储备方式", lambda one: one.get_mode_display(), wide_only=True),
        Column("received_on", "入库日期", lambda one: one.received_on.isoformat(), align="date", sort="received_on"),
        Column("expires_on", "有效期至", lambda one: day_text(one.expires_on), align="date"),
        Column("number", "批次编号", lambda one: one.number, align="number", wide_only=True),
        Column("state", "状态", _state, align="tight"),
    )
    empty = Empty("这里按批次列出各储备库的库存。")

    def row_url(self, row: Holding) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("supplies:export")}
        if may_enter(request.user):
            links["import_url"] = reverse("supplies:import")
        if may_move(request.user):
            links |= {"new_url": reverse("supplies:new"), "new_label": "入库登记"}
        return links

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_move(request.user):
            return Empty(self.empty.text, "入库登记", reverse("supplies:new"))
        return self.empty


class HoldingDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = get_object_or_404(Holding.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)
        label, tone = one.state(clock.today())
        context = {
            "record": one,
            "head": {
                "number": one.number,
                "title": one.title,
                "kicker": f"{one.depot} · {one.get_mode_display()}",
                "status": {"label": label, "tone": tone},
            },
            "actions": _actions(one, request.user),
            "facts": _facts(one),
            "movements": movement_rows(one.movements.order_by("-moved_on", "-pk").select_related("item", "created_by")),  # type: ignore[attr-defined]
            "panels": panels_for("supplies.holding", request.user, one),
        }
        return render(request, "supplies/detail.html", context)


def movement_rows(rows: Any) -> list[dict[str, Any]]:
    """Movements as lines of a small table."""
    return [
        {
            "url": one.get_absolute_url(),
            "day": one.moved_on,
            "kind": f"{one.get_kind_display()}{'（冲销）' if one.reverses_id else ''}",
            "title": one.title,
            "quantity": f"{'+' if one.quantity > 0 else ''}{amount_text(one.quantity, one.item.unit)}",
            "receiver": one.receiver,
            "number": one.number,
            "person": one.created_by.name,
        }
        for one in rows
    ]


def _actions(one: Holding, user: Any) -> list[dict[str, Any]]:
    """What may be entered at a lot: nothing leaves an empty one."""
    if not moves(user, one.depot):
        return []
    open_kinds = [
        kind for kind in ADJUSTMENTS if one.quantity > 0 or kind in (MovementKind.RETURN, MovementKind.SURPLUS)
    ]
    return [
        {
            "action": kind.value,
            "label": kind.label,
            "url": reverse("supplies:act", args=[one.pk, kind.value]),
            "tone": "blue" if kind == MovementKind.RETURN else "grey",
            "needs_form": True,
        }
        for kind in open_kinds
    ]


def fact(label: str, value: Any, href: str = "", *, whole: bool = False) -> dict[str, Any]:
    if isinstance(value, dt.date):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = plain(value)
    return {"label": label, "value": value, "href": href, "whole": whole}


def fact_groups(*groups: tuple[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The groups of a page's facts; what is blank is left out."""
    kept = [(title, [item for item in items if item["value"] not in (None, "")]) for title, items in groups]
    return [{"title": title, "items": items} for title, items in kept if items]


def _facts(one: Holding) -> list[dict[str, Any]]:
    lot: Lot = one.lot
    worth = one.quantity * lot.price if lot.price is not None else None
    here = [
        fact("储备库", str(one.depot), one.depot.get_absolute_url()),
        fact("保管单位", one.handler.name),
        fact("属地", str(one.area or "")),
        fact("存放位置", one.position),
        fact("库存", amount_text(one.quantity, one.item.unit)),
        fact("折件数", one.quantity * one.item.pack_size),
        fact("折款（元）", worth),
    ]
    origin = [
        fact("物资编码", one.item.code),
        fact("储备方式", str(Mode(one.mode).label)),
        fact("生产日期", lot.made_on),
        fact("有效期至", one.expires_on),
        fact("入库日期", one.received_on),
        fact("批号", lot.batch_mark),
        fact("生产（协议）单位", lot.maker),
        fact("单价（元）", lot.price),
        fact("采购批次", str(lot.purchase or "")),
        fact("登记人", lot.created_by.name),
    ]
    return fact_groups(("库存", here), ("批次", origin))


class DayStockView(RolesMixin, View):
    """某日库存: what stood where at the end of a day, as the sum of the movements until then."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest) -> HttpResponse:
        form = DayForm(request.GET or None, user=request.user, initial={"on": clock.today()})
        valid = form.is_valid()
        on = (form.cleaned_data["on"] if valid else None) or clock.today()
        movements = Movement.objects.visible_to(request.user)
        if valid and form.cleaned_data["depot"]:
            movements = movements.filter(depot=form.cleaned_data["depot"])
        refused = form.is_bound and not valid
        lines = [] if refused else stock_on(movements, on, MOST_LINES + 1)
        held = [one for one in lines if one.mode == Mode.PHYSICAL.label]
        context = {
            "form": form,
            "on": on,
            "lines": lines[:MOST_LINES],
            "more": len(lines) > MOST_LINES,
            "most": MOST_LINES,
            "total_pieces": plain(sum((one.pieces for one in held), Decimal(0))),
            "total_worth": plain(sum((one.worth or Decimal(0) for one in held), Decimal(0))),
        }
        return render(request, "supplies/day.html", context, status=400 if refused else 200)
