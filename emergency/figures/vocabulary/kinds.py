"""What a figure can be: the sources that are counted, their breakdowns, and the kinds of figures over them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

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
    ``zero_confirmed`` marks a ledger whose empty month is a statement that somebody must make (零报告): no accident happened.
    """

    code: str
    label: str
    records: Callable[[], QuerySet]
    date: str
    list_url: str
    dimensions: tuple[Dimension, ...] = (UNIT,)
    quantity: str = "quantity"
    zero_confirmed: bool = False

    def dimension(self, code: str) -> Dimension | None:
        return next((one for one in self.dimensions if one.code == code), None)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What every figure says of itself. ``meaning`` is its 口径 in one sentence; ``zero`` is 写 or 不写.

    ``additive``: its numbers over exclusive rows add up to the total. ``over_months``: its numbers over periods that follow one
    another without a gap add up to the whole; otherwise (cohort, distinct, stock) another period has to be asked anew.
    """

    code: str
    name: str
    unit: str
    meaning: str
    zero: str = "写"
    order: int = 0
    kind: str = dataclasses.field(default="", init=False)

    additive = False
    over_months = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Figure):
    """A figure that counts the records of one source which meet one condition.

    ``kept`` is False where the condition looks at another table as well: a change there touches nothing here, so the roll-up keeps
    no such number and it is always asked of the records.
    """

    source: Source
    where: Q = dataclasses.field(default_factory=Q)
    kept: bool = True

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

    over_months = True


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

    over_months = True

    def condition(self, period: Period) -> Q:
        return Counted.condition(self, period) & Q(**{f"{self.field}__isnull": False})

    def summed(self, condition: Q) -> Aggregate:
        return Sum(self.field, filter=condition)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigure(TotalFigure):
    """What stands at the end of the period's last day in a ledger of movements: the sum of ``field``, signed, over all of them until
    then. Movements are never taken back, only answered by their opposite, so no closing date is needed.
    """

    kind: str = dataclasses.field(default="level", init=False)

    over_months = False

    def condition(self, period: Period) -> Q:
        return Q(**{f"{self.source.date}__lte": period.end, f"{self.field}__isnull": False}) & self.where


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

    over_months = True

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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StreakFigure(Figure):
    """For how many years in a row, ending with the year of the period, every base moved the same way against the year before.

    Years are compared over the same days. A year whose base nobody entered ends the streak; where already the first comparison
    lacks a number, the streak is missing. “Fell” is strict: a year on a level with the one before is no fall.
    """

    bases: tuple[str, ...]
    against: str = "year"
    direction: str = "fall"
    unit: str = "年"
    kind: str = dataclasses.field(default="streak", init=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GivenFigure(Figure):
    """A number of another office that no ledger here counts: fires, population, 专业委员会. Only entered values, each with its source.

    ``adds_over_months`` is False for what stands (population), ``adds_over_units`` for what cannot be summed (a rate).
    """

    dimensions: tuple[Dimension, ...] = (UNIT,)
    adds_over_months: bool = True
    adds_over_units: bool = True
    kind: str = dataclasses.field(default="given", init=False)

    @property
    def additive(self) -> bool:  # type: ignore[override]
        return self.adds_over_units

    @property
    def over_months(self) -> bool:  # type: ignore[override]
        return self.adds_over_months
