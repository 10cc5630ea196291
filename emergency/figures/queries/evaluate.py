"""One query per source and period, whatever the number of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When
from django.db.models import Value as Literal

from emergency.core.periods import Period
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.values import Number, Row, Sheet, Value
from emergency.figures.vocabulary import (
    ChangeFigure,
    Counted,
    Dimension,
    DistinctFigure,
    Figure,
    RatioFigure,
    Source,
    get,
    percent,
)
from emergency.organizations.models import Kind, Organisation, Succession, Tier
from emergency.organizations.scope import area_q, predecessors_of

#: Row key → (figure code, period) → number.
Numbers = dict[str, dict[tuple[str, Period], Number]]

OWN, NONE = "own", "none"
_OWN_ID, _NONE_ID = 0, -1


def scope_of(organisation: Organisation, former: Sequence[int] | None = None) -> Q:
    """A figure for an organisation means its whole subtree by 属地, with the units it succeeded (``former``, asked if not given)."""
    home = organisation.serves if organisation.kind in (Kind.BUREAU, Kind.COMMITTEE) else organisation
    if home.kind == Kind.DEPARTMENT:
        return Q(department=home) | Q(handler=home)
    if former is None:
        former = predecessors_of([home.pk]).get(home.pk, ())
    return area_q(home, [home.pk, *former])


def unit_column(organisation: Organisation) -> str:
    """The column that holds the units one level below an organisation."""
    if organisation.is_root and organisation.tier == Tier.CITY:
        return "district"
    return "area" if organisation.tier in (Tier.STREET, Tier.COMMUNITY) else "street"


def dimension_q(source: Source, organisation: Organisation, code: str, key: str) -> Q:
    """The records of one row of a breakdown. Raises ``ValidationError`` for a breakdown the source does not have."""
    dimension = source.dimension(code)
    if dimension is None:
        raise ValidationError(f"“{source.label}”不能按该方式分组。")
    if code == "unit":
        column = unit_column(organisation)
        if key == OWN:
            return Q(area=F("street")) if column == "area" else Q(**{f"{column}__isnull": True}, area__isnull=False)
        if key == NONE:
            return Q(area__isnull=True)
        unit = _number(key)
        return Q(**{f"{column}__in": [unit, *_folded(unit)]})
    if dimension.overlap:
        field: Any = source.records().model._meta.get_field(dimension.column)
        through = field.remote_field.through
        own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
        if key == NONE:
            return ~Q(pk__in=through.objects.values(own))
        family = field.related_model.objects.with_children_of(_number(key)).values("pk")
        return Q(pk__in=through.objects.filter(**{f"{other}__in": family}).values(own))
    if key == NONE:
        blank = Q(**{f"{dimension.column}__isnull": True})
        return blank if _is_relation(source, dimension) else Q(**{dimension.column: ""})
    return Q(**{dimension.column: _number(key) if _is_relation(source, dimension) else key})


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
    queryset = figure.source.records().filter(scope_of(organisation), figure.condition(period))
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
    return _Evaluation(codes, organisation, period, by, dict(within or {})).sheet()


class _Evaluation:
    def __init__(
        self, codes: Sequence[str], organisation: Organisation, period: Period, by: str | None, within: dict[str, str]
    ) -> None:
        self.codes, self.organisation, self.period, self.by, self.within = codes, organisation, period, by, within
        self.figures = [get(code) for code in codes]
        self.needed: dict[Period, dict[str, Counted]] = {}
        for figure in self.figures:
            self._need(figure, period)
        used = {one.source.code: one.source for wanted in self.needed.values() for one in wanted.values()}
        self.starts = LedgerStarts(organisation, used.values())
        self.labels: dict[str, str] = {}
        home = organisation.serves
        self.units: dict[int, str] = {}
        if by == "unit":
            below = home.children.areas().in_force(period.end).exclude(kind=Kind.AREA_SET)
            self.units = {unit.pk: str(unit) for unit in below}
        before = predecessors_of([home.pk, *self.units])
        self.scope = scope_of(organisation, before.get(home.pk, ()))
        self.folded = _single_heirs({unit: before[unit] for unit in self.units if unit in before})

    def _need(self, figure: Figure, period: Period) -> None:
        if isinstance(figure, Counted):
            self.needed.setdefault(period, {})[figure.code] = figure
        elif isinstance(figure, RatioFigure):
            self._need(get(figure.numerator), period)
            self._need(get(figure.denominator), period)
        elif isinstance(figure, ChangeFigure) and (former := _former(figure, period)):
            self._need(get(figure.base), period)
            self._need(get(figure.base), former)

    # -- asking --

    def _grouped(self, by: str | None, *, only_distinct: bool = False) -> Numbers:
        """Row key → (figure, period) → number; the single key ``""`` without a breakdown.

        Periods before a ledger was kept are not asked: their values are missing anyway.
        """
        result: Numbers = {}
        for period, wanted in self.needed.items():
            per_source: dict[str, list[Counted]] = {}
            for figure in wanted.values():
                if self.starts.covers(figure.source, period) and (not only_distinct or not figure.additive):
                    per_source.setdefault(figure.source.code, []).append(figure)
            for figures in per_source.values():
                for key, numbers in self._ask(figures, period, by).items():
                    result.setdefault(key, {}).update(numbers)
        return result

    def _ask(self, figures: list[Counted], period: Period, by: str | None) -> Numbers:
        source = figures[0].source
        conditions = {figure.code: figure.condition(period) for figure in figures}
        extra = {
            f"{figure.code}#unnamed": figure.unnamed_condition(period)
            for figure in figures
            if isinstance(figure, DistinctFigure)
        }
        queryset = source.records().filter(self.scope)
        for code, key in self.within.items():
            queryset = queryset.filter(dimension_q(source, self.organisation, code, key))
        queryset = queryset.filter(reduce(or_, [*conditions.values(), *extra.values()]))
        names = {f"f{index}": code for index, code in enumerate([*conditions, *extra])}
        by_code = {figure.code: figure for figure in figures}

        def summed(code: str, more: Q | None = None) -> Any:
            condition = conditions.get(code) if code in conditions else extra[code]
            condition = condition & more if more is not None else condition
            if code in by_code:
                return by_code[code].summed(condition)
            return Counted.summed(by_code[code.removesuffix("#unnamed")], condition)

        if by is None:
            numbers = queryset.aggregate(**{name: summed(code) for name, code in names.items()})
            return {"": {(code, period): numbers[name] or 0 for name, code in names.items()}}
        dimension = source.dimension(by)
        if dimension is None:
            raise ValidationError(f"“{source.label}”不能按该方式分组。")
        if dimension.overlap:
            return self._ask_overlapping(queryset, source, names, summed, period, by)
        queryset = queryset.annotate(row_key=self._key_expression(source, dimension)).order_by()
        rows = queryset.values("row_key").annotate(**{name: summed(code) for name, code in names.items()})
        return {
            self._key_text(row["row_key"], by): {(code, period): row[name] or 0 for name, code in names.items()}
            for row in rows
        }

    def _ask_overlapping(
        self, queryset: QuerySet, source: Source, names: dict[str, str], summed: Any, period: Period, by: str
    ) -> Numbers:
        """Tags: a parent counts a record once however many of its children it carries, so each tag has its own sum."""
        keys = [*self._tag_labels(source, by), NONE]
        wanted = {
            f"{name}_{index}": summed(code, dimension_q(source, self.organisation, by, key))
            for name, code in names.items()
            for index, key in enumerate(keys)
        }
        numbers = queryset.aggregate(**wanted)
        return {
            key: {(code, period): numbers[f"{name}_{index}"] or 0 for name, code in names.items()}
            for index, key in enumerate(keys)
        }

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
            self.labels = {str(pk): name for pk, name in model.objects.order_by("pk").values_list("pk", "name")}
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
            return labels | {OWN: level.get(self.organisation.serves.tier, "本级"), NONE: "未填"}  # type: ignore[call-overload]
        source = next(iter(next(iter(self.needed.values())).values())).source
        dimension = source.dimension(self.by)
        assert dimension is not None
        if dimension.overlap:
            labels = dict(self._tag_labels(source, self.by))
        elif _is_relation(source, dimension):
            model: Any = source.records().model._meta.get_field(dimension.column).related_model
            present = [int(key) for key in found if key != NONE]
            labels = {str(one.pk): str(one) for one in model.objects.filter(pk__in=present)}
        else:
            choices: Any = source.records().model._meta.get_field(dimension.column).flatchoices
            labels = {str(value): str(label) for value, label in choices}
        return labels | ({NONE: "未填"} if NONE in found else {})

    # -- values --

    def sheet(self) -> Sheet:
        if self.by is None:
            return Sheet(self.organisation, self.period, self._values(self._totals({})), within=self.within)
        grouped = self._grouped(self.by)
        labels = self._row_labels(grouped)
        rows = tuple(Row(key, label, self._values(grouped.get(key, {}))) for key, label in labels.items())
        source = next(iter(self.needed[self.period].values())).source
        dimension = source.dimension(self.by)
        overlap = dimension is not None and dimension.overlap
        totals = self._values(self._totals({} if overlap else grouped))
        return Sheet(self.organisation, self.period, totals, self.by, rows, overlap=overlap, within=self.within)

    def _totals(self, grouped: Numbers) -> dict[tuple[str, Period], Number]:
        """Of exclusive rows the additive figures are summed up; the distinct ones, and all else, are asked for."""
        if not grouped:
            return self._grouped(None).get("", {})
        totals: dict[tuple[str, Period], Number] = {}
        for numbers in grouped.values():
            for key, number in numbers.items():
                totals[key] = totals.get(key, 0) + number
        return totals | self._grouped(None, only_distinct=True).get("", {})

    def _values(self, numbers: Mapping[tuple[str, Period], Number]) -> dict[str, Value]:
        return {figure.code: self._value(figure, self.period, numbers) for figure in self.figures}

    def _value(self, figure: Figure, period: Period, numbers: Mapping[tuple[str, Period], Number]) -> Value:
        if isinstance(figure, Counted):
            if not self.starts.covers(figure.source, period):
                return Value(figure, None, missing=f"{period.label(with_year=True)}{figure.name}")
            note = ""
            if isinstance(figure, DistinctFigure):
                unnamed = numbers.get((f"{figure.code}#unnamed", period), 0)
                note = figure.unnamed.format(n=unnamed) if unnamed else ""
            return Value(figure, numbers.get((figure.code, period), 0), note=note)
        if isinstance(figure, RatioFigure):
            over = self._value(get(figure.numerator), period, numbers)
            under = self._value(get(figure.denominator), period, numbers)
            if over.number is None or under.number is None:
                return Value(figure, None, missing=over.missing or under.missing)
            return Value(figure, percent(over.number, under.number), parts=(over.number, under.number))
        assert isinstance(figure, ChangeFigure)
        former = _former(figure, period)
        if former is None:
            return Value(figure, None)
        now = self._value(get(figure.base), period, numbers)
        before = self._value(get(figure.base), former, numbers)
        if now.missing or before.missing:
            return Value(figure, None, missing=now.missing or before.missing)
        if now.number is None or before.number is None:
            return Value(figure, None)
        return Value(figure, now.number - before.number, parts=(now.number, before.number))


def _former(figure: ChangeFigure, period: Period) -> Period | None:
    """The period to compare with; None where there is none: 环比 is for one whole month."""
    if figure.against == "year":
        return period.previous_year()
    return period.previous_month() if period.is_whole_months and period.month_count == 1 else None


def _folded(unit: int) -> tuple[int, ...]:
    """The predecessors that are printed inside one unit's row."""
    return _single_heirs(predecessors_of([unit])).get(unit, ())


def _single_heirs(before: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Without the predecessors that went on in several units: those keep a row of their own."""
    if not before:
        return {}
    split = set(
        Succession.objects.filter(predecessor_id__in={pk for group in before.values() for pk in group})
        .values("predecessor_id")
        .annotate(heirs=Count("pk"))
        .filter(heirs__gt=1)
        .values_list("predecessor_id", flat=True)
    )
    kept = {unit: tuple(pk for pk in group if pk not in split) for unit, group in before.items()}
    return {unit: group for unit, group in kept.items() if group}


def _number(key: str) -> int:
    if not key.isdigit():
        raise ValidationError("分组参数有误。")
    return int(key)


def _is_relation(source: Source, dimension: Dimension) -> bool:
    return source.records().model._meta.get_field(dimension.column).is_relation
