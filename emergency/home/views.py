"""工作台: what waits for me first, then how my area stands; and the search over everything."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import clock, finding, panels
from emergency.core.periods import year_to_date
from emergency.home import queries
from emergency.organizations.scope import BusinessMixin, admin_role

TODO_SHOWN = 12
TODO_LISTED = 200
HITS_PER_SOURCE = 8


class HomeView(LoginRequiredMixin, View):
    """One page for officer, clerk and leader: to-do first, what is overdue beside it, then key figures and one chart."""

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
            period = year_to_date(on)
            months = queries.months(organisation, on)
            context |= {
                "organisation": organisation.counted,
                "period": period,
                "figures": queries.key_figures(organisation, period),
                "months": months,
                "chart": queries.month_chart(months),
                "overdue": queries.overdue_units(organisation, on),
            }
        return render(request, "home/index.html", context)


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
