"""One query per source and period, whatever the number of figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, F, IntegerField, Q, QuerySet, When
from django.db.models import Value as Literal

from emergency.core.periods import Period
from emergency.figures.queries.building import MOST_YEARS, Building, former_period
from emergency.figures.queries.conditions import (
    NONE,
    OWN,
    dimension_q,
    is_relation,
    scope_of,
    single_heirs,
    unit_column,
)
from emergency.figures.queries.given import GivenValues, Slot
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.stored import Asked, Spot, Stored
from emergency.figures.queries.values import Number, Row, Sheet, Value
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
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.scope import predecessors_of

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
    queryset = figure.source.records().filter(scope_of(figure.source, organisation), figure.condition(period))
    for code, key in (within or {}).items():
        queryset = queryset.filter(dimension_q(figure.source, organisation, code, key))
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
    """The totals over several periods, such as the months of a chart, still with one query per source."""
    return _Evaluation(codes, organisation, periods, None, dict(within or {})).sheets()


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """One sum to ask for: which number it becomes, over which records, and how they are summed."""

    key: tuple[str, Period]
    condition: Q
    summed: Callable[[Q], Any]
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
        before = predecessors_of([home.pk, *self.units], self.starts.successions)
        self.former = before.get(home.pk, ())
        mine = {unit: before[unit] for unit in self.units if unit in before}
        self.folded = single_heirs(mine, self.starts.successions)
        self.given = self._given_values()
        self.stored = Stored(Spot.of(home, self.former), self.needed, self._kept_rows())

    def _need(self, figure: Figure, period: Period) -> None:
        """Note what a figure is made of: sums over records, and entered values where the ledger was not kept."""
        if isinstance(figure, Counted):
            self.sources[figure.source.code] = figure.source
            if self.starts.covers(figure.source, period):
                self.needed[figure.code, period] = figure
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
        units = [self.organisation.counted.pk, *self.units]
        return GivenValues(
            self.organisation,
            codes,
            predecessors=single_heirs(predecessors_of(units, self.starts.successions), self.starts.successions),
            periods=[period for _, period in self.entered],
            since_ever=any(isinstance(figure, StreakFigure) for figure in self.figures),
        )

    # -- asking --

    def _parts(self) -> dict[str, list[_Part]]:
        """What to ask of each source. Periods before a ledger was kept are not asked: there only entered values speak."""
        parts: dict[str, list[_Part]] = {}
        for (code, period), figure in self.needed.items():
            mine = parts.setdefault(figure.source.code, [])
            mine.append(_Part((code, period), figure.condition(period), figure.summed, not figure.additive))
            if isinstance(figure, DistinctFigure):
                rest = figure.unnamed_condition(period)
                mine.append(_Part((f"{code}#unnamed", period), rest, partial(Counted.summed, figure)))
        return parts

    def _grouped(self, by: str | None, *, only_distinct: bool = False) -> Numbers:
        """Row key → (figure, period) → number; the single key ``""`` without a breakdown.

        What the roll-up has at hand is taken from there, the rest is asked of the records.
        """
        result: Numbers = {}
        for source, parts in self._parts().items():
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
                for key, numbers in self._ask(self.sources[source], asked, by).items():
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
                dimension_q(source, self.organisation, code, key)
            return [Asked(code, key)]
        if self.by is None:
            return [Asked("")]
        return [Asked(""), Asked(self._kept_by(self.by), folded=self.folded if self.by == "unit" else {})]

    def _ask(self, source: Source, parts: list[_Part], by: str | None) -> Numbers:
        queryset = source.records().filter(scope_of(source, self.organisation, self.former))
        for code, key in self.within.items():
            queryset = queryset.filter(dimension_q(source, self.organisation, code, key))
        queryset = queryset.filter(reduce(or_, [part.condition for part in parts]))
        sums = {f"f{index}": part.summed(part.condition) for index, part in enumerate(parts)}
        if by is None:
            return {"": _numbers(parts, queryset.aggregate(**sums))}
        dimension = source.dimension(by)
        if dimension is None:
            raise ValidationError(f"“{source.label}”不能按该方式分组。")
        if dimension.overlap:
            return self._ask_overlapping(queryset, source, parts, by)
        queryset = queryset.annotate(row_key=self._key_expression(source, dimension)).order_by()
        rows = queryset.values("row_key").annotate(**sums)
        return {self._key_text(row["row_key"], by): _numbers(parts, row) for row in rows}

    def _ask_overlapping(self, queryset: QuerySet, source: Source, parts: list[_Part], by: str) -> Numbers:
        """Tags: a parent counts a record once however many of its children it carries, so each tag has its own sum."""
        keys = [*self._tag_labels(source, by), NONE]
        sums = {
            f"f{index}_{place}": part.summed(part.condition & dimension_q(source, self.organisation, by, key))
            for index, part in enumerate(parts)
            for place, key in enumerate(keys)
        }
        found = queryset.aggregate(**sums)
        return {key: _numbers(parts, found, f"_{place}") for place, key in enumerate(keys)}

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
            return {_OWN_ID: OWN, _NONE_ID: NONE}.get(key, str(key))
        return NONE if key in (None, "") else str(key)

    # -- rows --

    def _tag_labels(self, source: Source, by: str) -> dict[str, str]:
        if not self.labels:
            dimension = source.dimension(by)
            assert dimension is not None
            model: Any = source.records().model._meta.get_field(dimension.column).related_model
            known = model.objects.known_in(self.organisation.counted).order_by("pk")
            self.labels = {str(pk): name for pk, name in known.values_list("pk", "name")}
        return self.labels

    def _row_labels(self, keys: Iterable[str]) -> dict[str, str]:
        """Key → label in printing order."""
        assert self.by is not None
        found = set(keys)
        if self.by == "unit":
            labels = {str(pk): name for pk, name in self.units.items()}
            gone = [int(key) for key in found - set(labels) if key not in (OWN, NONE)]
            labels |= {
                str(pk): f"{name}（已撤销）"
                for pk, name in Organisation.objects.filter(pk__in=gone).values_list("pk", "name")
            }
            level = {Tier.CITY: "市本级", Tier.DISTRICT: "区本级", Tier.STREET: "本级", Tier.COMMUNITY: "本级"}
            return labels | {OWN: level.get(self.organisation.counted.tier, "本级"), NONE: "未填"}  # type: ignore[call-overload]
        source, dimension = self._broken_down(self.by)
        if dimension.overlap:
            labels = dict(self._tag_labels(source, self.by))
        elif is_relation(source, dimension):
            model: Any = source.records().model._meta.get_field(dimension.column).related_model
            present = [int(key) for key in found if key != NONE]
            labels = {str(one.pk): str(one) for one in model.objects.filter(pk__in=present)}
        else:
            choices: Any = source.records().model._meta.get_field(dimension.column).flatchoices
            labels = {str(value): str(label) for value, label in choices}
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
        building = Building(self.starts, self.given, numbers, self._slot(row))
        return {figure.code: building.value(figure, period) for figure in self.figures}

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


def _numbers(parts: list[_Part], found: Mapping[str, Any], suffix: str = "") -> dict[tuple[str, Period], Number]:
    return {part.key: found[f"f{index}{suffix}"] or 0 for index, part in enumerate(parts)}
