"""零报告: which unit has confirmed which month, and the statement itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views import View

from emergency.core import clock
from emergency.core.periods import Period, month_of, whole_year
from emergency.figures.forms import ZeroForm
from emergency.figures.queries import readers
from emergency.figures.queries.zeros import Month, own_name, reminder, zero_months, zero_sources
from emergency.figures.services import may_confirm, speaks_for, zero_confirm
from emergency.figures.vocabulary import Source
from emergency.organizations.forms import attempt
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin, holds

#: Years that the page offers, the present one first.
YEARS = 5


def _source(code: str | None) -> Source:
    """The ledger asked for, else the first one. 404 where there is none."""
    offered = zero_sources()
    found = next((one for one in offered if code in (None, "", one.code)), None)
    if found is None:
        raise Http404
    return found


def confirms(home: Organisation) -> bool:
    """Whether the page is about this area: a district with its streets, or a street."""
    area = home.counted
    return area.kind in (Kind.GOVERNMENT, Kind.STREET) and area.tier in (Tier.DISTRICT, Tier.STREET)


def year_so_far(year: int, on: dt.date) -> Period:
    """The months of a year that have begun."""
    return Period(dt.date(year, 1, 1), month_of(on).end) if year == on.year else whole_year(year)


class ZeroList(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest) -> HttpResponse:
        home = readers.home_of(request.user)
        if home is None or not confirms(home):
            raise PermissionDenied("零报告由区县和街道（乡镇）确认。")
        on = clock.today()
        years = [on.year - back for back in range(YEARS)]
        chosen = request.GET.get("year", "")
        year = int(chosen) if chosen.isdecimal() and int(chosen) in years else on.year
        offered = zero_sources()
        context: dict[str, Any] = {"offered": offered, "years": years, "year": year}
        if offered:
            source = _source(request.GET.get("ledger"))
            rows = [months for months in zero_months(source, home, year_so_far(year, on)) if months]
            context |= {
                "source": source,
                "months": range(1, year_so_far(year, on).end.month + 1),
                "rows": [self._row(request.user, source, months) for months in rows],
                "reminder": reminder(source.label, rows, on),
            }
        return render(request, "figures/zero_list.html", context)

    def _row(self, user: Any, source: Source, months: list[Month]) -> dict[str, Any]:
        unit = months[0].unit
        mine = may_confirm(user, unit)
        cells = {one.period.start.month: self._cell(source, one, mine) for one in months}
        last = max(cells)
        return {"name": own_name(unit), "cells": [cells.get(number, {"label": "—"}) for number in range(1, last + 1)]}

    def _cell(self, source: Source, one: Month, mine: bool) -> dict[str, Any]:
        label, tone = state_of(one)
        said = one.confirmation
        title = f"{said.created_by} {timezone.localtime(said.created_at):%Y-%m-%d}" if said else ""
        if said and said.note:
            title = f"{title}（{said.note}）"
        url = confirm_url(source, one.unit, one.period.start) if mine and not one.answered else ""
        return {"label": label, "tone": tone, "title": title, "url": url, "month": one.period.start.month}


def state_of(one: Month) -> tuple[str, str]:
    """The word and the tone of a month."""
    if one.lapsed:
        return "已失效，有记录", "amber"
    if one.records:
        return f"有记录{one.records}条", "blue"
    if one.answered:
        said = one.confirmation
        return ("已代为确认" if said and said.by_superior else "已确认"), "green"
    if one.confirmation:
        return f"确认至{one.confirmation.holds_until.day}日", "amber"
    return ("未确认", "red") if one.period.end < clock.today() else ("本月未结束", "grey")


def confirm_url(source: Source, unit: Organisation, month: dt.date) -> str:
    query: dict[str, Any] = {"ledger": source.code, "organisation": unit.pk, "month": f"{month:%Y-%m}"}
    return f"{reverse('figures:zero_confirm')}?{urlencode(query)}"


def list_url(source: Source, year: int) -> str:
    query: dict[str, Any] = {"ledger": source.code, "year": year}
    return f"{reverse('figures:zero_list')}?{urlencode(query)}"


class ZeroConfirm(RolesMixin, View):
    """The statement, read once more before it is made."""

    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ZeroForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        source, unit, month = self._asked(request)
        form = ZeroForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            done = attempt(
                form,
                lambda: zero_confirm(
                    ledger=source.code, organisation=unit, month=month, actor=request.user, note=data["note"]
                ),
            )
            if done is not None:
                messages.success(request, "已确认。")
                return redirect(list_url(source, month.year))
        return self._page(request, form)

    def _asked(self, request: HttpRequest) -> tuple[Source, Organisation, dt.date]:
        params = request.GET
        try:
            month = dt.date.fromisoformat(f"{params.get('month', '')}-01")
        except ValueError:
            raise Http404 from None
        pk = params.get("organisation", "")
        unit = get_object_or_404(
            Organisation.objects.areas().select_related("parent"), pk=int(pk) if pk.isdecimal() else 0
        )
        if not readers.covers(request.user, unit):
            raise Http404
        if not may_confirm(request.user, unit):
            raise PermissionDenied
        return _source(params.get("ledger") or "-"), unit, month

    def _page(self, request: HttpRequest, form: ZeroForm) -> HttpResponse:
        source, unit, month = self._asked(request)
        label = month_of(month).label(with_year=True)
        question = f"确认{own_name(unit)}{label}“{source.label}”没有应登记的事项。"
        if not speaks_for(request.user, unit):
            question += "这是代该单位确认，请在说明中写明依据，如来电、来函。"
        if month_of(month).contains(clock.today()):
            question += "本月还没有结束，只确认到今天，月底后请再确认一次。"
        context = {
            "title": "零报告",
            "question": question,
            "form": form,
            "submit_label": "确认无事项",
            "cancel_url": list_url(source, month.year),
        }
        return render(request, "core/confirm.html", context)


def may_open(user: Any) -> bool:
    """Whether the menu offers the page: some ledger asks for it, and the reader's area confirms."""
    if not zero_sources() or not holds(user, BUSINESS_ROLES):
        return False
    home = readers.home_of(user)
    return home is not None and confirms(home)
