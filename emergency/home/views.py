"""工作台: what waits for me first, then how my area stands; and the search over everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock, finding, panels
from emergency.core.periods import year_to_date
from emergency.figures import vocabulary
from emergency.home import queries, services
from emergency.organizations.models import Organisation, OrganisationQuerySet
from emergency.organizations.scope import BusinessMixin, admin_role
from reports.models import Report

TODO_SHOWN = 12
TODO_LISTED = 200
PAPERS_SHOWN = 5
HITS_PER_SOURCE = 8


class HomeView(LoginRequiredMixin, View):
    """One page for officer, clerk, head of section and leader: to-do first, what is red or missing, then key figures and one chart."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if admin_role(request.user):
            return redirect(next((reverse(entry.url_name) for entry in panels.menu_entries(request.user)), "core:jobs"))
        on = clock.today()
        user = request.user
        context: dict[str, Any] = {
            "on": on,
            "todo": panels.todo_list(user, on, TODO_SHOWN),
        }
        organisation = queries.home_organisation(user)
        if organisation is not None:
            context |= self.area(user, organisation, on)
        return render(request, "home/index.html", context)

    def area(self, user: Any, organisation: Organisation, on: dt.date) -> dict[str, Any]:
        """How the area of the reader stands, as their role looks at it."""
        desk = queries.desk_of(user)
        period = year_to_date(on)
        months = queries.months(organisation, on)
        standing = queries.standing(organisation, period, desk)
        units = queries.below(organisation, on)
        context = {
            "organisation": organisation.counted,
            "period": period,
            "figures": standing.cards,
            "months": months,
            "chart": queries.month_chart(months),
            "overdue": units.overdue,
            "red": standing.red,
        }
        if desk in (queries.Desk.LEADER, queries.Desk.HEAD):
            context["zeros"] = queries.unconfirmed_zeros(organisation, on)
        if desk == queries.Desk.HEAD:
            context |= {"gaps": standing.gaps, "unplaced": units.unplaced}
        if desk == queries.Desk.LEADER:
            context["papers"] = Report.objects.visible_to(user).order_by("-pk")[:PAPERS_SHOWN]
        return context


class TodoView(BusinessMixin, View):
    """待办: everything that waits for the reader, overdue first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        on = clock.today()
        return render(request, "home/todo.html", {"on": on, "todo": panels.todo_list(request.user, on, TODO_LISTED)})


class SearchView(BusinessMixin, View):
    """One box over everything that the reader may see."""

    def get(self, request: HttpRequest) -> HttpResponse:
        term = (request.GET.get("q") or "").strip()[:60]
        results = finding.find(request.user, term, HITS_PER_SOURCE)
        return render(request, "home/search.html", {"term": term, "results": results})


class TownMixin(LoginRequiredMixin, View):
    """一镇一页 is for those who oversee a town or an area with towns; 403 for others, 404 for a town that is not theirs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not self.found(request).exists():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def found(self, request: HttpRequest) -> OrganisationQuerySet:
        return queries.towns_of(request.user, clock.today())

    def unit(self, request: HttpRequest, code: str) -> Organisation:
        try:
            return self.found(request).by_code(code)
        except Organisation.DoesNotExist:
            raise Http404 from None


class TownListView(TownMixin):
    """The towns of the area; who has only one is led to it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.found(request).count() == 1:
            return redirect("home:town", code=queries.town_code(self.found(request).get()))
        on = clock.today()
        rows = queries.towns(request.user, on)
        heads = [vocabulary.get(code) for code in queries.COMPARED] if any(row.cells for row in rows) else []
        context = {"rows": rows, "heads": heads, "period": year_to_date(on)}
        return render(request, "home/towns.html", context)


class TownView(TownMixin):
    """One town on one page."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        unit = self.unit(request, code)
        town = queries.town(request.user, unit, clock.today())
        context = {"town": town, "code": code, "chart": queries.month_chart(town.months)}
        return render(request, "home/town.html", context)


class TownPrintView(TownMixin):
    """POST: have the page printed as one sheet of A4; the reader is led to the progress page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        job = services.town_print(unit=self.unit(request, code), actor=request.user)
        return redirect("core:job", pk=job.pk)
