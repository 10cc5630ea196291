"""The figures pages: any figure, unit, period and breakdown, each number opening its list."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.forms import OTHERS, FiguresForm
from emergency.figures.queries import Row, Sheet, Value, evaluate, link, readers
from emergency.figures.queries.opened import given_link
from emergency.figures.queries.tags import campaign_model
from emergency.figures.services.rolling import ROLLERS
from emergency.figures.vocabulary import ChangeFigure, Figure, RatioFigure, StreakFigure
from emergency.organizations.models import Organisation
from emergency.organizations.scope import holds


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A value on a page: its text, what it opens, and the parts of a computed one."""

    value: Value
    url: str
    parts: tuple[tuple[str, str, str], ...] = ()


def shown(value: Value, *, organisation: Organisation, period: Period, within: dict[str, str]) -> Shown:
    """A number with its list; a ratio with the lists of its two parts."""
    figure = value.figure
    if value.missing or value.number is None:
        return Shown(value, "")
    if value.recorded is not None:  # partly entered: the records open by the number, the entries beside it
        return Shown(
            value,
            link(figure, organisation=organisation, period=period, within=within, value=value),
            (
                (
                    "填报数",
                    vocabulary.plain(sum(one.number for one in value.given)),
                    given_link(value.given, organisation),
                ),
            ),
        )
    if isinstance(figure, RatioFigure) and value.parts is not None and not value.given:
        parts = tuple(
            (
                vocabulary.get(code).name,
                vocabulary.plain(number),
                link(vocabulary.get(code), organisation=organisation, period=period, within=within),
            )
            for code, number in zip((figure.numerator, figure.denominator), value.parts, strict=True)
        )
        return Shown(value, parts[0][2], parts)
    return Shown(value, link(figure, organisation=organisation, period=period, within=within, value=value))


class FiguresView(LoginRequiredMixin, View):
    """指标页. Readers of one office see its units; nobody sees the parts of an area that they do not oversee."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if readers.home_of(request.user) is None:
            raise PermissionDenied
        organisations = readers.choices(request.user)
        campaigns = [
            (str(pk), name) for pk, name in campaign_model().objects.visible_to(request.user).values_list("pk", "name")
        ]
        data = request.GET.copy()
        data.setdefault("organisation", str(organisations[0].pk))
        data.setdefault("period", "year" if "start" not in data else "custom")
        form = FiguresForm(data, organisations=organisations, campaigns=campaigns)
        context: dict[str, Any] = {"form": form, "groups": [], "table": None}
        context["may_roll_up"] = holds(request.user, ROLLERS)
        status = 200
        if form.is_valid():
            context |= self.figures(form)
        else:
            status = 400
        return render(request, "figures/index.html", context, status=status)

    def figures(self, form: FiguresForm) -> dict[str, Any]:
        organisation = form.organisations[form.cleaned_data["organisation"]]
        period: Period = form.cleaned_data["span"]
        by = form.cleaned_data["by"] or None
        within = {"campaign": form.cleaned_data["campaign"]} if form.cleaned_data["campaign"] else {}
        figures = [
            figure
            for figure in vocabulary.every()
            if all(vocabulary.has_dimension(figure, code) for code in within)
            and (
                by is None
                or (vocabulary.has_dimension(figure, by) and not isinstance(figure, ChangeFigure | StreakFigure))
            )
        ]
        sheet = evaluate(
            [figure.code for figure in figures], organisation=organisation, period=period, by=by, within=within
        )
        return {
            "organisation": organisation.counted,
            "period": period,
            "sheet": sheet,
            "groups": grouped(sheet, figures) if by is None else [],
            "table": table(sheet, figures) if by else None,
        }


def grouped(sheet: Sheet, figures: list[Figure]) -> list[dict[str, Any]]:
    """Figures under the ledger that they come from; a change stands beside its base."""
    changes = {one.base: sheet[one.code] for one in figures if isinstance(one, ChangeFigure) and one.against == "year"}
    groups: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        if isinstance(figure, ChangeFigure):
            continue
        value = shown(sheet[figure.code], organisation=sheet.organisation, period=sheet.period, within=sheet.within)
        groups.setdefault(ledger_of(figure), []).append({"shown": value, "change": changes.get(figure.code)})
    return [
        {"label": label, "lines": lines, "id": f"figures-{place}", "selector": f"#figures-{place}"}
        for place, (label, lines) in enumerate(groups.items())
    ]


def ledger_of(figure: Figure) -> str:
    while isinstance(figure, RatioFigure | StreakFigure):
        figure = vocabulary.get(figure.numerator if isinstance(figure, RatioFigure) else figure.bases[0])
    return figure.source.label if isinstance(figure, vocabulary.Counted) else OTHERS


def table(sheet: Sheet, figures: list[Figure]) -> dict[str, Any]:
    """The breakdown as a table: a row per unit (or industry …), a column per figure, the total at the foot."""

    def cells(row: Row) -> list[Shown]:
        within = {**sheet.within, str(sheet.by): row.key}
        return [
            shown(row[one.code], organisation=sheet.organisation, period=sheet.period, within=within) for one in figures
        ]

    label = next(one.label for one in vocabulary.dimensions() if one.code == sheet.by)
    return {
        "heads": figures,
        "label": label,
        "rows": [{"label": row.label, "cells": cells(row)} for row in sheet.rows],
        "totals": [
            shown(sheet[one.code], organisation=sheet.organisation, period=sheet.period, within=sheet.within)
            for one in figures
        ],
        "overlap": sheet.overlap,
    }


class StreakView(LoginRequiredMixin, View):
    """The years behind a streak, each base with its list or entry: what “连续三年双下降” stands on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if readers.home_of(request.user) is None:
            raise PermissionDenied
        figure, organisation, period = self.asked(request)
        sheet = evaluate([figure.code], organisation=organisation, period=period)
        value = sheet[figure.code]
        context = {
            "figure": figure,
            "organisation": organisation.counted,
            "value": value,
            "heads": [vocabulary.get(base) for base in figure.bases],
            "rows": [
                {
                    "label": year.period.label(with_year=True),
                    "cells": [
                        shown(one, organisation=organisation, period=year.period, within={}) for one in year.values
                    ],
                }
                for year in value.years
            ],
        }
        return render(request, "figures/streak.html", context)

    def asked(self, request: HttpRequest) -> tuple[StreakFigure, Organisation, Period]:
        """What the address names. 404 where it makes no sense or is not the reader's to see."""
        params = request.GET
        try:
            figure = vocabulary.get(params.get("figure", ""))
            period = Period(dt.date.fromisoformat(params.get("from", "")), dt.date.fromisoformat(params.get("to", "")))
            organisation = Organisation.objects.select_related("parent").by_code(params.get("organisation", ""))
        except (KeyError, ValueError, ValidationError, Organisation.DoesNotExist):
            raise Http404 from None
        allowed = readers.covers(request.user, organisation) or readers.lies_within(request.user, organisation)
        if not isinstance(figure, StreakFigure) or not allowed:
            raise Http404
        return figure, organisation, period
