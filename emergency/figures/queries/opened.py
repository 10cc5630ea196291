"""From a figure to the list behind it, and back: ``?figure=CODE&from=&to=&organisation=&by=dimension:key``."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from emergency.core.periods import Period
from emergency.figures.models import GivenValue
from emergency.figures.queries.evaluate import records
from emergency.figures.queries.readers import covers, lies_within
from emergency.figures.queries.values import Number, Value
from emergency.figures.vocabulary import DEPARTMENT, OFFICE, UNIT, Counted, Figure, StreakFigure, get, plain
from emergency.organizations.models import Organisation

#: Breakdowns whose rows are somebody's own numbers.
_OF_UNITS = (UNIT.code, OFFICE.code, DEPARTMENT.code)


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A figure with the organisation, period and rows that were clicked."""

    figure: Counted
    organisation: Organisation
    period: Period
    within: dict[str, str]

    @property
    def title(self) -> str:
        return f"{self.organisation.counted}{self.period.label(with_year=True)}{self.figure.name}"

    def records(self) -> QuerySet:
        return records(self.figure, organisation=self.organisation, period=self.period, within=self.within)

    def number(self, queryset: QuerySet | None = None) -> Number:
        """The figure summed over the list (or over the part of it that a reader may see)."""
        rows = self.records() if queryset is None else queryset
        return rows.aggregate(n=self.figure.summed(self.figure.condition(self.period)))["n"] or 0

    def foot(self, visible: QuerySet) -> dict[str, Any]:
        """The exact foot of an opened list.

        ``rows`` in the list, the figure's own ``number``, and what the reader's scope leaves visible of it: “共5985条，您辖区可见317条”.
        """
        number = self.number()
        seen = self.number(visible)
        unit = self.figure.unit
        text = f"共{plain(number)}{unit}"
        if seen != number:
            text += f"，您辖区可见{plain(seen)}{unit}"
        return {
            "rows": visible.count(),
            "number": number,
            "visible": seen,
            "unit": unit,
            "text": text,
            "number_text": f"{plain(number)}{unit}",
            "sentence": f"{self.title}{plain(number)}{unit}。",
        }


def opened(params: Mapping[str, str], *, reader: Any) -> Opened | None:
    """Read the address of an opened list; None when it names no figure.

    Raises ``ValidationError`` when it makes no sense, and ``Http404`` when it asks for a unit beside the reader's own: somebody who
    works inside an organisation may see its total, but not what the other units contribute to it.
    """
    code = params.get("figure")
    if not code:
        return None
    try:
        figure: Figure = get(code)
    except KeyError:
        raise ValidationError("没有这个指标，请从指标页重新打开。") from None
    if not isinstance(figure, Counted):
        raise ValidationError(f"“{figure.name}”由其他指标计算得出，请打开其组成指标。")
    try:
        period = Period(dt.date.fromisoformat(params.get("from", "")), dt.date.fromisoformat(params.get("to", "")))
        organisation = Organisation.objects.select_related("parent").by_code(params.get("organisation", ""))
    except (ValueError, ValidationError, Organisation.DoesNotExist):
        raise ValidationError("地址中的单位或统计时段有误，请从指标页重新打开。") from None
    within: dict[str, str] = {}
    for part in filter(None, params.get("by", "").split(",")):
        dimension, _, key = part.partition(":")
        if not key or figure.source.dimension(dimension) is None:
            raise ValidationError("地址中的分组有误，请从指标页重新打开。")
        within[dimension] = key
    _check_reader(reader, organisation, within)
    return Opened(figure, organisation, period, within)


def _check_reader(reader: Any, organisation: Organisation, within: Mapping[str, str]) -> None:
    if covers(reader, organisation):
        return
    if not lies_within(reader, organisation):
        raise Http404
    for unit in (within[code] for code in _OF_UNITS if code in within):
        part = Organisation.objects.filter(pk=int(unit)).select_related("parent").first() if unit.isdecimal() else None
        if part is None or not (covers(reader, part) or lies_within(reader, part)):
            raise Http404


def link(
    figure: Figure,
    *,
    organisation: Organisation,
    period: Period,
    within: Mapping[str, str] | None = None,
    value: Value | None = None,
) -> str:
    """The address that opens what stands behind a figure; "" for figures that have parts instead.

    With its ``value``: an entered number opens its entry (or those that it was put together from), a streak its years, and one that
    is partly entered the records of the days on which the ledger was kept.
    """
    if value is not None and value.given and value.recorded is None:
        return given_link(value.given, organisation)
    if isinstance(figure, StreakFigure):
        return f"{reverse('figures:streak')}?{urlencode(_address(figure, organisation, period))}"
    if not isinstance(figure, Counted):
        return ""
    if value is not None and value.recorded is not None:
        period = value.recorded
    query = _address(figure, organisation, period)
    if within:
        query["by"] = ",".join(f"{code}:{key}" for code, key in within.items())
    return f"{reverse(figure.source.list_url)}?{urlencode(query)}"


def given_link(entries: Sequence[GivenValue], organisation: Organisation) -> str:
    """One entry's page; several as the list of their figure and span."""
    if len(entries) == 1:
        return reverse("figures:given_detail", args=[entries[0].pk])
    query: dict[str, Any] = {
        "figure_code": entries[0].figure_code,
        "area": organisation.counted.pk,
        "starting": min(one.start for one in entries).isoformat(),
        "ending": max(one.end for one in entries).isoformat(),
    }
    return f"{reverse('figures:given_list')}?{urlencode(query)}"


def _address(figure: Figure, organisation: Organisation, period: Period) -> dict[str, Any]:
    return {
        "figure": figure.code,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "organisation": organisation.counted.division_code or organisation.pk,
    }
