"""Figures of an organisation, a period and its rows: one statement for all ledgers, whatever the number of figures."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial, reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, F, IntegerField, Q, QuerySet, When
from django.db.models import Value as Literal

from emergency.core.periods import Period
from emergency.figures.queries.asking import Answer, Question, ask
from emergency.figures.queries.building import MOST_YEARS, Building, former_period
from emergency.figures.queries.changes import Change, Changes
from emergency.figures.queries.conditions import (
    NONE,
    OWN,
    dimension_q,
    scope_of,
    unit_column,
)
from emergency.figures.queries.given import GivenValues, Slot
from emergency.figures.queries.labels import row_labels, tag_labels, unit_labels
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.stored import Asked, Spot, Stored
from emergency.figures.queries.values import Number, Row, Sheet, Value, places_of, typed
from emergency.figures.vocabulary import (
    ChangeFigure,
    Counted,
    Dimension,
    DistinctFigure,
    Figure,
    GivenFigure,
    RatioFigure,
    Source,
    StreakFigure,
    get,
    sources,
)
from emergency.organizations.models import Kind, Organisation

#: Row key → (figure code, period) → number.
Numbers = dict[str, dict[tuple[str, Period], Number]]

_OWN_ID, _NONE_ID = 0, -1


def records(
    figure: Figure,
    *,
    organisation: Organisation,
    period: Period,
    within: Mapping[str, str] | None = None,
) -> QuerySet:
    """The very records that a counting figure sums. A ratio and a change have no list of their own: open their parts."""
    if not isinstance(figure, Counted):
        raise ValidationError(f"“{figure.name}”由其他指标计算得出，请打开其组成指标。")
    changes, home = Changes.known(), organisation.counted.pk
    former = changes.folded([home], period.end).get(home, ())
    queryset = figure.source.records().filter(scope_of(figure.source, organisation, former), figure.condition(period))
    for code, key in (within or {}).items():
        queryset = queryset.filter(dimension_q(figure.source, organisation, code, key, on=period.end, changes=changes))
    return queryset


def evaluate(
    codes: Sequence[str],
    *,
    organisation: Organisation,
    period: Period,
    by: str | None = None,
    within: Mapping[str, str] | None = None,
) -> Sheet:
    """The figures of an organisation over a period, in total and, with ``by``, by the rows of a breakdown.

    ``within`` narrows to rows of other breakdowns, such as ``{"campaign": "3"}``. Rows of ``by="unit"`` are the units in force on the
    period's last day, each even at zero, then 区本级 and 未填. Raises ``ValidationError`` when a figure's source lacks the breakdown.
    """
    return _Evaluation(codes, organisation, [period], by, dict(within or {})).sheets()[0]


def evaluate_over(
    codes: Sequence[str],
    *,
    organisation: Organisation,
    periods: Sequence[Period],
    within: Mapping[str, str] | None = None,
) -> list[Sheet]:
    """The totals over several periods, such as the months of a chart, in one query for all of them.

    Each period counts the units of its own last day, so periods on both sides of a unit change are asked apart.
    """
    changes = LedgerStarts.of(organisation).changes
    groups: dict[frozenset[Change], list[Period]] = {}
    for period in periods:
        groups.setdefault(changes.by(period.end), []).append(period)
    found: dict[Period, Sheet] = {}
    for group in groups.values():
        found |= zip(group, _Evaluation(codes, organisation, group, None, dict(within or {})).sheets(), strict=True)
    return [found[period] for period in periods]


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """One sum to ask for: which number it becomes, over which records, and how they are summed."""

    key: tuple[str, Period]
    condition: Q
    summed: Callable[[Q], Any]
    digits: int
    distinct: bool = False


class _Evaluation:
    def __init__(
        self,
        codes: Sequence[str],
        organisation: Organisation,
        periods: Sequence[Period],
        by: str | None,
        within: dict[str, str],
    ) -> None:
        self.organisation, self.periods, self.by, self.within = organisation, periods, by, within
        self.figures = [get(code) for code in codes]
        self.starts = LedgerStarts.of(organisation)
        self.divided = self.starts.changes.any_divided
        self.needed: dict[tuple[str, Period], Counted] = {}
        self.entered: dict[tuple[str, Period], Figure] = {}
        self.sources: dict[str, Source] = {}
        for period in periods:
            for figure in self.figures:
                self._need(figure, period)
        self.labels: dict[str, str] = {}
        home = organisation.counted
        self.units: dict[int, str] = {}
        if by == "unit":
            area = home.parent if home.kind == Kind.DEPARTMENT and home.parent else home
            below = area.children.areas().in_force(periods[-1].end).exclude(kind=Kind.AREA_SET)
            self.units = {unit.pk: str(unit) for unit in below}
        self.on = periods[-1].end
        former = self.starts.changes.folded([home.pk, *self.units], self.on)
        self.former = former.get(home.pk, ())
        self.folded = {unit: former[unit] for unit in self.units if unit in former}
        self.given = self._given_values()
        self.stored = Stored(Spot.of(home, self.former), self.needed, self._kept_rows())

    def _need(self, figure: Figure, period: Period) -> None:
        """Note what a figure is made of: sums over records, and entered values where the ledger was not kept."""
        if isinstance(figure, Counted):
            self.sources[figure.source.code] = figure.source
            if self.starts.covers(figure.source, period):
                self.needed[figure.code, period] = figure
                if self.divided:
                    self.entered[figure.code, period] = figure
                return
            self.entered[figure.code, period] = figure
            if figure.over_months and (parts := self.starts.split(figure.source, period)):
                self.needed[figure.code, parts[1]] = figure
        elif isinstance(figure, GivenFigure):
            self.entered[figure.code, period] = figure
        elif isinstance(figure, RatioFigure):
            self._need(get(figure.numerator), period)
            self._need(get(figure.denominator), period)
        elif isinstance(figure, ChangeFigure) and (former := former_period(figure, period)):
            self._need(get(figure.base), period)
            self._need(get(figure.base), former)
        elif isinstance(figure, StreakFigure):
            self._need_years(figure, period)

    def _need_years(self, figure: StreakFigure, period: Period) -> None:
        """Back to the first year that the ledger does not cover; further back only entered values are left."""
        for _ in range(MOST_YEARS + 1):
            for base in figure.bases:
                self._need(get(base), period)
            if any((base, period) in self.entered for base in figure.bases):
                return
            period = period.previous_year()

    def _given_values(self) -> GivenValues:
        """Asked only where some entry could speak."""
        codes = {code for code, _ in self.entered} & self.starts.given
        return GivenValues(
            self.organisation,
            codes,
            predecessors=self.folded | ({self.organisation.counted.pk: self.former} if self.former else {}),
            periods=[period for _, period in self.entered],
            since_ever=any(isinstance(figure, StreakFigure) for figure in self.figures),
        )

    # -- asking --

    def _parts(self) -> dict[str, list[_Part]]:
        """What to ask of each source. Periods before a ledger was kept are not asked: there only entered values speak."""
        parts: dict[str, list[_Part]] = {}
        for (code, period), figure in self.needed.items():
            mine = parts.setdefault(figure.source.code, [])
            digits = places_of(figure)
            mine.append(_Part((code, period), figure.condition(period), figure.summed, digits, not figure.additive))
            if isinstance(figure, DistinctFigure):
                rest = figure.unnamed_condition(period)
                mine.append(_Part((f"{code}#unnamed", period), rest, partial(Counted.summed, figure), 0))
        return parts

    def _grouped(self, by: str | None, *, only_distinct: bool = False) -> Numbers:
        """Row key → (figure, period) → number; the single key ``""`` without a breakdown.

        What the roll-up has at hand is taken from there, the rest is asked of the records.
        """
        result: Numbers = {}
        wanted: list[tuple[Source, list[_Part]]] = []
        for code, parts in self._parts().items():
            asked: list[_Part] = []
            for part in parts:
                if only_distinct and not part.distinct:
                    continue
                kept = self.stored.take(part.key, self._kept_by(by))
                if kept is None:
                    asked.append(part)
                for key, number in (kept or {}).items():
                    result.setdefault(key, {})[part.key] = number
            if asked:
                wanted.append((self.sources[code], asked))
        answers = ask([self._question(source, parts, by) for source, parts in wanted])
        for (source, parts), answer in zip(wanted, answers, strict=True):
            for key, numbers in self._read(source, parts, answer, by).items():
                result.setdefault(key, {}).update(numbers)
        if by is not None and self._broken_down(by)[1].overlap:
            result.setdefault(NONE, {})
        return result

    def _kept_by(self, by: str | None) -> str:
        """The name under which the roll-up keeps a breakdown: units by the column that names them, the rest by its code."""
        if by is None:
            return next(iter(self.within), "")
        return unit_column(self.organisation) if by == "unit" else by

    def _kept_rows(self) -> list[Asked]:
        """What to fetch of the roll-up, which keeps single breakdowns: the total with a breakdown, or one row of one."""
        if self.within:
            (code, key), *more = self.within.items()
            if self.by is not None or more or code == "unit" or (key.isdecimal() and str(int(key)) != key):
                return []
            # A key that makes no sense is refused here as by a live answer.
            for source in self.sources.values():
                self._row_q(source, code, key)
            return [Asked(code, key)]
        if self.by is None:
            return [Asked("")]
        return [Asked(""), Asked(self._kept_by(self.by), folded=self.folded if self.by == "unit" else {})]

    def _question(self, source: Source, parts: list[_Part], by: str | None) -> Question:
        """What to ask of a ledger. Raises ``ValidationError`` where it cannot be broken down so."""
        queryset = source.records().filter(scope_of(source, self.organisation, self.former))
        for code, key in self.within.items():
            queryset = queryset.filter(self._row_q(source, code, key))
        queryset = queryset.filter(reduce(or_, [part.condition for part in parts]))
        if by is None:
            return Question(queryset, [part.summed(part.condition) for part in parts])
        dimension = source.dimension(by)
        if dimension is None:
            raise ValidationError(f"“{source.label}”不能按该方式分组。")
        if dimension.overlap:
            # A parent counts a record once however many of its children it carries, so each tag has its own sum.
            rows = [self._row_q(source, by, key) for key in self._tags(source, by)]
            return Question(queryset, [part.summed(part.condition & row) for row in rows for part in parts])
        sums = [part.summed(part.condition) for part in parts]
        return Question(queryset, sums, self._key_expression(source, dimension))

    def _read(self, source: Source, parts: list[_Part], answer: Answer, by: str | None) -> Numbers:
        """The answer to a question as numbers by row."""
        if by is None:
            return {"": _numbers(parts, answer.get("", ()))}
        dimension = source.dimension(by)
        assert dimension is not None
        if dimension.overlap:
            sums, step = answer.get("", ()), len(parts)
            keys = enumerate(self._tags(source, by))
            return {key: _numbers(parts, sums[place * step : (place + 1) * step]) for place, key in keys}
        return {self._key_text(key, by): _numbers(parts, sums) for key, sums in answer.items()}

    def _tags(self, source: Source, by: str) -> list[str]:
        return [*self._tag_labels(source, by), NONE]

    def _row_q(self, source: Source, code: str, key: str) -> Q:
        return dimension_q(source, self.organisation, code, key, on=self.on, changes=self.starts.changes)

    def _key_expression(self, source: Source, dimension: Dimension) -> Any:
        if dimension.code != "unit":
            return F(dimension.column)
        column = unit_column(self.organisation)
        cases = [When(**{f"{column}__in": list(former)}, then=Literal(unit)) for unit, former in self.folded.items()]
        if column == "area":
            cases.append(When(area=F("street"), then=Literal(_OWN_ID)))
        cases.append(When(**{f"{column}__isnull": False}, then=F(f"{column}_id")))
        cases.append(When(area__isnull=False, then=Literal(_OWN_ID)))
        return Case(*cases, default=Literal(_NONE_ID), output_field=IntegerField())

    def _key_text(self, key: Any, by: str) -> str:
        if by == "unit":
            return {str(_OWN_ID): OWN, str(_NONE_ID): NONE}.get(str(key), str(key))
        return NONE if key in (None, "") else str(key)

    # -- rows --

    def _tag_labels(self, source: Source, by: str) -> dict[str, str]:
        if not self.labels:
            dimension = source.dimension(by)
            assert dimension is not None
            self.labels = tag_labels(source, dimension, self.organisation.counted)
        return self.labels

    def _row_labels(self, keys: Iterable[str]) -> dict[str, str]:
        """Key → label in printing order."""
        assert self.by is not None
        found = set(keys)
        if self.by == "unit":
            return unit_labels(self.organisation.counted, self.units, found)
        source, dimension = self._broken_down(self.by)
        if dimension.overlap:
            labels = self._tag_labels(source, self.by)
        else:
            labels = row_labels(source, dimension, found - {NONE})
        return labels | ({NONE: "未填"} if NONE in found else {})

    def _broken_down(self, by: str) -> tuple[Source, Dimension]:
        """A source that knows the breakdown; figures without a ledger borrow one. Raises ``ValidationError`` where none does."""
        for source in [*self.sources.values(), *sources()]:
            dimension = source.dimension(by)
            if dimension is not None:
                return source, dimension
        raise ValidationError("指标不能按该方式分组。")

    # -- values --

    def sheets(self) -> list[Sheet]:
        if self.by is None:
            totals = self._totals({})
            return [
                Sheet(self.organisation, period, self._values(totals, period), within=self.within)
                for period in self.periods
            ]
        overlap = self._broken_down(self.by)[1].overlap
        grouped = self._grouped(self.by)
        labels = self._row_labels([*grouped, *self.given.keys([one.code for one in self.figures], self.by)])
        period = self.periods[0]
        rows = tuple(Row(key, label, self._values(grouped.get(key, {}), period, key)) for key, label in labels.items())
        values = self._values(self._totals({} if overlap else grouped), period)
        return [Sheet(self.organisation, period, values, self.by, rows, overlap=overlap, within=self.within)]

    def _totals(self, grouped: Numbers) -> dict[tuple[str, Period], Number]:
        """Of exclusive rows the additive figures are summed up; the distinct ones, and all else, are asked for."""
        if not grouped:
            return self._grouped(None).get("", {})
        totals: dict[tuple[str, Period], Number] = {}
        for numbers in grouped.values():
            for key, number in numbers.items():
                totals[key] = totals.get(key, 0) + number
        return totals | self._grouped(None, only_distinct=True).get("", {})

    def _values(
        self, numbers: Mapping[tuple[str, Period], Number], period: Period, row: str | None = None
    ) -> dict[str, Value]:
        building = Building(self.starts, self.given, numbers, self._slot(row), self._divided_on(row))
        return {figure.code: building.value(figure, period) for figure in self.figures}

    def _divided_on(self, row: str | None) -> dt.date | None:
        """The day on which the unit of a row began with a part of another."""
        unit = row if row is not None and self.by == "unit" else self.within.get("unit", "")
        return self.starts.changes.divided_on(int(unit) if unit.isdecimal() else self.organisation.counted.pk)

    def _slot(self, row: str | None) -> Slot | None:
        """Whose entered values speak in a row; None where no entry can be for so narrow a row, or for 区本级."""
        inside = dict(self.within)
        if row is not None and self.by is not None:
            inside[self.by] = row
        unit = inside.pop("unit", str(self.organisation.counted.pk))
        if not unit.isdecimal() or len(inside) > 1:
            return None
        dimension, key = next(iter(inside.items()), ("", ""))
        return Slot(int(unit), dimension, key)


def _numbers(parts: list[_Part], sums: Sequence[Decimal | None]) -> dict[tuple[str, Period], Number]:
    """Each sum as the figure's records keep it: whole numbers, or with their digits behind the point."""
    return {
        part.key: typed(sum_ or 0, part.digits) for part, sum_ in zip(parts, sums or [None] * len(parts), strict=True)
    }
