"""The vocabulary of figures: what a number means, which records it counts, by which date, and how it may be broken down.

A ledger app declares its figures once in its ``figures.py``; pages, papers, commands and the roll-up only ever name their codes.
Every counting figure is one condition on one source, so that **the number and its list cannot disagree**: the list opened from a
figure is the source filtered by the very condition that was summed.

Kinds (design: figures-and-reports.md):

========  ==========================================================================================
count     sum of ``quantity`` over the records whose date falls in the period
distinct  different subjects among them; rows without a named subject are left out, and said
total     sum of a field
cohort    of the records opened in the period, those closed by its last day (or, ``still_open``, those that were not)
flow      records closed in the period, whenever opened
stock     records open at the end of the period's last day
ratio     numerator over denominator, from summed parts
change    against the same days of the year before, or against the month before
========  ==========================================================================================
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet, Sum
from django.utils.module_loading import autodiscover_modules

from emergency.core.periods import Period


@dataclasses.dataclass(frozen=True, slots=True)
class Dimension:
    """One way to break a source down. ``column`` is a snapshot column on the counted record, never a join.

    ``overlap`` marks a many-to-many dimension: its rows may share records, so they carry a de-duplicated total of their own.
    """

    code: str
    label: str
    column: str
    overlap: bool = False


UNIT = Dimension("unit", "属地", "street")
OFFICE = Dimension("office", "承办单位", "handler")
DEPARTMENT = Dimension("department", "行业主管部门", "department")
INDUSTRY = Dimension("industry", "行业", "industry")
CAMPAIGN = Dimension("campaign", "专项行动", "campaigns", overlap=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A ledger whose records are counted.

    ``records`` gives the base queryset (never void rows, never drafts); ``list_url`` names the page that opens them; ``date`` is the
    column by which a record belongs to a period; ``quantity`` is the column that says how many a row stands for, "" where each is one.
    """

    code: str
    label: str
    records: Callable[[], QuerySet]
    date: str
    list_url: str
    dimensions: tuple[Dimension, ...] = (UNIT,)
    quantity: str = "quantity"

    def dimension(self, code: str) -> Dimension | None:
        return next((one for one in self.dimensions if one.code == code), None)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What every figure says of itself. ``meaning`` is its 口径 in one sentence; ``zero`` is 写 or 不写."""

    code: str
    name: str
    unit: str
    meaning: str
    zero: str = "写"
    order: int = 0
    kind: str = dataclasses.field(default="", init=False)

    additive = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Figure):
    """A figure that counts the records of one source which meet one condition."""

    source: Source
    where: Q = dataclasses.field(default_factory=Q)

    additive = True

    def condition(self, period: Period) -> Q:
        """Which records of the source the figure counts in a period."""
        return Q(**{f"{self.source.date}__range": (period.start, period.end)}) & self.where

    def summed(self, condition: Q) -> Aggregate:
        """The SQL that turns those records into the number; NULL where there are none."""
        if not self.source.quantity:
            return Count("pk", filter=condition)
        return Sum(self.source.quantity, filter=condition)

    def date_columns(self) -> tuple[str, ...]:
        """The dates that a change of a record can move it by; the roll-up touches the months of each."""
        return (self.source.date,)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CountFigure(Counted):
    kind: str = dataclasses.field(default="count", init=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DistinctFigure(Counted):
    """Different values of ``subject``; ``unnamed`` words the rows that name none: “另有{n}家次未逐户登记”."""

    subject: str
    unnamed: str = "另有{n}家次未逐户登记"
    kind: str = dataclasses.field(default="distinct", init=False)

    additive = False

    def condition(self, period: Period) -> Q:
        return Counted.condition(self, period) & Q(**{f"{self.subject}__isnull": False})

    def unnamed_condition(self, period: Period) -> Q:
        return Counted.condition(self, period) & Q(**{f"{self.subject}__isnull": True})

    def summed(self, condition: Q) -> Aggregate:
        return Count(self.subject, distinct=True, filter=condition)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TotalFigure(Counted):
    """The sum of ``field`` (money in yuan, people as integers)."""

    field: str
    kind: str = dataclasses.field(default="total", init=False)

    def condition(self, period: Period) -> Q:
        return Counted.condition(self, period) & Q(**{f"{self.field}__isnull": False})

    def summed(self, condition: Q) -> Aggregate:
        return Sum(self.field, filter=condition)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CohortFigure(Counted):
    """Of the records opened in the period: those closed by its last day, or those still open then."""

    closed: str
    still_open: bool = False
    until: Callable[[Period], Q] | None = None
    kind: str = dataclasses.field(default="cohort", init=False)

    def condition(self, period: Period) -> Q:
        opened = Counted.condition(self, period)
        if self.still_open:
            opened &= Q(**{f"{self.closed}__isnull": True}) | Q(**{f"{self.closed}__gt": period.end})
        else:
            opened &= Q(**{f"{self.closed}__lte": period.end})
        return opened & self.until(period) if self.until else opened

    def date_columns(self) -> tuple[str, ...]:
        return (self.source.date, self.closed)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlowFigure(Counted):
    """Records whose ``closed`` date falls in the period, whenever they were opened."""

    closed: str
    kind: str = dataclasses.field(default="flow", init=False)

    def condition(self, period: Period) -> Q:
        return Q(**{f"{self.closed}__range": (period.start, period.end)}) & self.where

    def date_columns(self) -> tuple[str, ...]:
        return (self.closed,)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StockFigure(Counted):
    """Records open at the end of the period's last day. ``until`` adds what must hold on that day (overdue)."""

    closed: str
    until: Callable[[Period], Q] | None = None
    kind: str = dataclasses.field(default="stock", init=False)

    def condition(self, period: Period) -> Q:
        standing = Q(**{f"{self.source.date}__lte": period.end}) & (
            Q(**{f"{self.closed}__isnull": True}) | Q(**{f"{self.closed}__gt": period.end})
        )
        standing &= self.where
        return standing & self.until(period) if self.until else standing

    def date_columns(self) -> tuple[str, ...]:
        return (self.source.date, self.closed)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RatioFigure(Figure):
    """A percentage of two counting figures, named by code; opens two lists."""

    numerator: str
    denominator: str
    unit: str = "%"
    kind: str = dataclasses.field(default="ratio", init=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFigure(Figure):
    """A figure against the same days of the year before (同比) or the month before (环比)."""

    base: str
    against: str = "year"
    kind: str = dataclasses.field(default="change", init=False)


_figures: dict[str, Figure] = {}
_sources: dict[str, Source] = {}


def declare(*figures: Figure) -> None:
    """Add figures to the vocabulary; a code is declared once."""
    for figure in figures:
        if figure.code in _figures and _figures[figure.code] != figure:
            raise ValueError(f"figure {figure.code} is declared twice")
        _figures[figure.code] = figure
        if isinstance(figure, Counted):
            _sources.setdefault(figure.source.code, figure.source)


def discover() -> None:
    """Import the ``figures`` room of every app; called once when all apps are ready."""
    autodiscover_modules("figures")


def get(code: str) -> Figure:
    """The figure of a code; raises ``KeyError`` when there is none."""
    return _figures[code]


def every() -> list[Figure]:
    return sorted(_figures.values(), key=lambda figure: (figure.order, figure.code))


def sources() -> list[Source]:
    return list(_sources.values())


def has_dimension(figure: Figure, code: str) -> bool:
    """Whether a figure may be broken down so; a computed figure as far as all its parts may."""
    if isinstance(figure, Counted):
        return figure.source.dimension(code) is not None
    if isinstance(figure, RatioFigure):
        return has_dimension(get(figure.numerator), code) and has_dimension(get(figure.denominator), code)
    return isinstance(figure, ChangeFigure) and has_dimension(get(figure.base), code)


def dimensions() -> list[Dimension]:
    """Every breakdown that some ledger offers, in the order of declaration."""
    found: dict[str, Dimension] = {}
    for source in _sources.values():
        for dimension in source.dimensions:
            found.setdefault(dimension.code, dimension)
    return list(found.values())


def percent(numerator: int | Decimal, denominator: int | Decimal, places: int = 1) -> Decimal | None:
    """A percentage to ``places`` decimals, half up; None for nothing over nothing.

    100 appears only when the two are equal and 0 only when the numerator is zero, else 99.9 and 0.1.
    """
    if not denominator:
        return None
    step = Decimal(1).scaleb(-places)
    exact = Decimal(numerator) * 100 / Decimal(denominator)
    rounded = exact.quantize(step, rounding="ROUND_HALF_UP")
    if rounded == 100 and numerator != denominator:
        return Decimal(100) - step if numerator < denominator else Decimal(100) + step
    if rounded == 0 and numerator:
        return step
    return rounded


def plain(value: Any, places: int | None = None) -> str:
    """A number as prose prints it: no thousands separators, no trailing zeros."""
    if isinstance(value, int):
        return str(value)
    number = Decimal(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
