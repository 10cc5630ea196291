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
from emergency.figures.forms import EVERY_CODE, OTHERS, OTHERS_CODE, FiguresForm
from emergency.figures.queries import LedgerStarts, Row, Sheet, Value, evaluate, link, ranking, readers
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
        form = FiguresForm(data, organisations=organisations, campaigns=campaigns, ledgers=ledgers())
        context: dict[str, Any] = {"form": form, "groups": [], "table": None}
        context["may_roll_up"] = holds(request.user, ROLLERS)
        status = 200
        if form.is_valid():
            context |= self.figures(request, form)
            data["ledger"] = context["ledger"]  # the bar says which one the page chose
        else:
            status = 400
        return render(request, "figures/index.html", context, status=status)

    def figures(self, request: HttpRequest, form: FiguresForm) -> dict[str, Any]:
        asked = form.cleaned_data
        organisation = form.organisations[asked["organisation"]]
        period: Period = asked["span"]
        by = asked["by"] or None
        within = {"campaign": asked["campaign"]} if asked["campaign"] else {}
        possible = [figure for figure in vocabulary.every() if fits(figure, by, within)]
        ledger = asked["ledger"] or first_with_numbers(possible, LedgerStarts.of(organisation))
        figures = [one for one in possible if ledger in (EVERY_CODE, ledger_of(one)[0])]
        sheet = evaluate([one.code for one in figures], organisation=organisation, period=period, by=by, within=within)
        shown_figures = [one for one in figures if asked["zeros"] or worth_showing(sheet, one)]
        context: dict[str, Any] = {
            "ledger": ledger,
            "organisation": organisation.counted,
            "period": period,
            "sheet": sheet,
            "hidden": len(figures) - len(shown_figures),
            "groups": grouped(sheet, shown_figures) if by is None else [],
        }
        if by and shown_figures:
            may_rank = by == "unit" and readers.covers(request.user, organisation)
            context["table"] = table(sheet, shown_figures, Order.read(asked["sort"], shown_figures, ranked=may_rank))
        return context


def fits(figure: Figure, by: str | None, within: dict[str, str]) -> bool:
    """Whether a figure can be asked so; comparisons are for totals only."""
    if not all(vocabulary.has_dimension(figure, code) for code in within):
        return False
    return by is None or (vocabulary.has_dimension(figure, by) and not isinstance(figure, ChangeFigure | StreakFigure))


def ledgers() -> list[tuple[str, str]]:
    """(code, name) of the ledgers that figures come from, in the order of the figures."""
    return list(dict.fromkeys(ledger_of(figure) for figure in vocabulary.every()))


def ledger_of(figure: Figure) -> tuple[str, str]:
    """(code, name) of the ledger behind a figure, for a computed one of its first part."""
    while not isinstance(figure, vocabulary.Counted):
        if isinstance(figure, RatioFigure):
            figure = vocabulary.get(figure.numerator)
        elif isinstance(figure, StreakFigure):
            figure = vocabulary.get(figure.bases[0])
        elif isinstance(figure, ChangeFigure):
            figure = vocabulary.get(figure.base)
        else:
            return OTHERS_CODE, OTHERS
    return figure.source.code, figure.source.label


def first_with_numbers(figures: list[Figure], starts: LedgerStarts) -> str:
    """The first ledger that is kept for an organisation, or that somebody entered numbers for; without any, all of them."""
    for figure in figures:
        kept = isinstance(figure, vocabulary.Counted) and starts.start(figure.source) is not None
        if kept or figure.code in starts.given:
            return ledger_of(figure)[0]
    return EVERY_CODE


def worth_showing(sheet: Sheet, figure: Figure) -> bool:
    """Whether a figure says something: one whose zero papers leave out (不写) does not where it is zero in every row."""
    if figure.zero != "不写" or isinstance(figure, ChangeFigure):
        return True
    values = [sheet[figure.code], *(row[figure.code] for row in sheet.rows)]
    return any(value.missing or value.number for value in values)


def grouped(sheet: Sheet, figures: list[Figure]) -> list[dict[str, Any]]:
    """Figures under the ledger that they come from; a change stands beside its base. Each group with a sentence to copy."""
    changes = {one.base: sheet[one.code] for one in figures if isinstance(one, ChangeFigure) and one.against == "year"}
    groups: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        if isinstance(figure, ChangeFigure):
            continue
        value = shown(sheet[figure.code], organisation=sheet.organisation, period=sheet.period, within=sheet.within)
        groups.setdefault(ledger_of(figure)[1], []).append({"shown": value, "change": changes.get(figure.code)})
    return [
        {
            "label": label,
            "lines": lines,
            "id": f"figures-{place}",
            "selector": f"#figures-{place}",
            "sentence": sentence(sheet, [line["shown"].value for line in lines]),
        }
        for place, (label, lines) in enumerate(groups.items())
    ]


def sentence(sheet: Sheet, values: list[Value]) -> str:
    """The figures of a group in one sentence: “2021年1—11月，赣县区排查隐患5985条，整改率95.5%。” Gaps are named, not left out."""
    said = [
        f"{value.figure.name}{value.gap or value.text_with_unit}" for value in values if value.missing or value.number
    ]
    return f"{sheet.period.label(with_year=True)}，{sheet.organisation.counted}{'，'.join(said)}。" if said else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """By which figure the rows stand, and whether the units get places (位次)."""

    code: str = ""
    ascending: bool = False
    ranked: bool = False

    @classmethod
    def read(cls, text: str, figures: list[Figure], *, ranked: bool) -> Order:
        """From the address; what is no figure of the table leaves the rows as they are."""
        code = text.removeprefix("-")
        if code not in {figure.code for figure in figures}:
            return cls()
        return cls(code, text.startswith("-"), ranked)

    def key(self, code: str) -> str:
        """What a click on a head asks for: the largest first, clicked again the smallest."""
        return f"-{code}" if code == self.code and not self.ascending else code

    def aria(self, code: str) -> str:
        return ("ascending" if self.ascending else "descending") if code == self.code else ""


def table(sheet: Sheet, figures: list[Figure], order: Order) -> dict[str, Any]:
    """The breakdown as a table: a row per unit (or industry …), a column per figure, the total at the foot."""

    def cells(row: Row) -> list[Shown]:
        within = {**sheet.within, str(sheet.by): row.key}
        return [
            shown(row[one.code], organisation=sheet.organisation, period=sheet.period, within=within) for one in figures
        ]

    rows = ranking.ordered(sheet.rows, order.code, ascending=order.ascending) if order.code else sheet.rows
    places = ranking.places(rows, order.code, ascending=order.ascending) if order.ranked else {}
    label = next(one.label for one in vocabulary.dimensions() if one.code == sheet.by)
    return {
        "heads": [{"figure": one, "sort": order.key(one.code), "aria": order.aria(one.code)} for one in figures],
        "label": label,
        "ranked": vocabulary.get(order.code).name if order.ranked else "",
        "rows": [{"label": row.label, "place": places.get(row.key, "—"), "cells": cells(row)} for row in rows],
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
