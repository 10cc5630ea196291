"""From summed records and entered values to a figure's value: which of the two speaks, and what follows from what.

Records come before entered values wherever the ledger was kept; before 启用日期 only entered values count. They are never mixed
without saying so, and what nobody entered is missing, never zero.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from emergency.core.periods import Period
from emergency.figures.queries.given import Found, GivenValues, Slot
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.values import Number, Value, Year
from emergency.figures.vocabulary import (
    ChangeFigure,
    Counted,
    DistinctFigure,
    Figure,
    GivenFigure,
    RatioFigure,
    StreakFigure,
    get,
    percent,
)

#: A streak looks no further back than this.
MOST_YEARS = 30

#: (figure code, period) → the number that the records gave.
Summed = Mapping[tuple[str, Period], Number]


def former_period(figure: ChangeFigure, period: Period) -> Period | None:
    """The period to compare with; None where there is none: 环比 is for one whole month."""
    if figure.against == "year":
        return period.previous_year()
    return period.previous_month() if period.is_whole_months and period.month_count == 1 else None


@dataclasses.dataclass(frozen=True, slots=True)
class Building:
    """Makes values of figures for one row: ``numbers`` are the sums over the records, ``slot`` says which entries speak for the row.

    ``slot`` is None for a row of which nobody enters anything, such as 区本级: it stays blank (“—”) where the records do not speak.
    ``divided_on`` is the day on which the row's unit began with a part of another: of the time before, its records say nothing.
    """

    starts: LedgerStarts
    given: GivenValues
    numbers: Summed
    slot: Slot | None
    divided_on: dt.date | None = None

    def value(self, figure: Figure, period: Period) -> Value:
        if isinstance(figure, Counted):
            return self._counted(figure, period)
        if isinstance(figure, RatioFigure):
            return self._ratio(figure, period)
        if isinstance(figure, ChangeFigure):
            return self._change(figure, period)
        if isinstance(figure, StreakFigure):
            return self._streak(figure, period)
        assert isinstance(figure, GivenFigure)
        return self._entered(figure, period)

    def _counted(self, figure: Counted, period: Period) -> Value:
        if self.divided_on is not None and period.end < self.divided_on:
            return self._entered(figure, period)
        if self.starts.covers(figure.source, period):
            note = ""
            if isinstance(figure, DistinctFigure):
                unnamed = self.numbers.get((f"{figure.code}#unnamed", period), 0)
                note = figure.unnamed.format(n=unnamed) if unnamed else ""
            return Value(figure, self.numbers.get((figure.code, period), 0), note=note)
        parts = self.starts.split(figure.source, period)
        if parts is None or not figure.over_months or self.slot is None or self.given.exact(figure, period, self.slot):
            return self._entered(figure, period)
        before, since = parts
        entered = self._entered(figure, before)
        if entered.number is None:
            return entered
        return dataclasses.replace(
            entered,
            number=entered.number + self.numbers.get((figure.code, since), 0),
            recorded=since,
            note=f"其中{before.label(with_year=True)}为填报数",
        )

    def _entered(self, figure: Figure, period: Period) -> Value:
        """The entered value, or what is missing: “2020年1—11月起数”, “2020年全年起数（大田乡、三溪乡）”."""
        if self.slot is None:
            return Value(figure, None)
        found: Found | None = self.given.find(figure, period, self.slot)
        if found is None or found.lacking:
            who = f"（{'、'.join(found.lacking)}）" if found else ""
            return Value(figure, None, missing=f"{period.label(with_year=True)}{figure.name}{who}")
        return Value(figure, found.number, given=found.entries, approximate=found.approximate)

    def _ratio(self, figure: RatioFigure, period: Period) -> Value:
        over = self.value(get(figure.numerator), period)
        under = self.value(get(figure.denominator), period)
        if over.number is None or under.number is None:
            return Value(figure, None, missing=over.missing or under.missing)
        return Value(
            figure,
            percent(over.number, under.number),
            parts=(over.number, under.number),
            approximate=over.approximate or under.approximate,
            given=over.given,
            recorded=over.recorded,
        )

    def _change(self, figure: ChangeFigure, period: Period) -> Value:
        former = former_period(figure, period)
        if former is None:
            return Value(figure, None)
        base = get(figure.base)
        # Less than the whole of the former period is nothing to compare with.
        partly = self.divided_on is not None and former.start < self.divided_on
        now, before = self.value(base, period), self._entered(base, former) if partly else self.value(base, former)
        if now.number is None or before.number is None:
            return Value(figure, None, missing=now.missing or before.missing)
        return Value(
            figure,
            now.number - before.number,
            parts=(now.number, before.number),
            approximate=now.approximate or before.approximate,
            given=now.given,
            recorded=now.recorded,
        )

    def _streak(self, figure: StreakFigure, period: Period) -> Value:
        """Back from the period's year for as long as every base moved the figure's way; the years looked at come along."""
        years = [self._year(figure, period)]
        count = 0
        while count < MOST_YEARS:
            years.append(self._year(figure, years[-1].period.previous_year()))
            moved = [_moved(later, earlier) for later, earlier in zip(years[-2].values, years[-1].values, strict=True)]
            if count == 0 and None in moved:
                lacking = [value.missing for year in years for value in year.values if value.missing]
                return Value(figure, None, missing=next(iter(lacking), ""), years=tuple(years))
            if not all(direction == figure.direction for direction in moved):
                break
            count += 1
        return Value(figure, count, years=tuple(years))

    def _year(self, figure: StreakFigure, period: Period) -> Year:
        return Year(period, tuple(self.value(get(base), period) for base in figure.bases))


def _moved(later: Value, earlier: Value) -> str | None:
    """fall, rise or level; None where a number is not known."""
    if later.number is None or earlier.number is None:
        return None
    if later.number == earlier.number:
        return "level"
    return "fall" if later.number < earlier.number else "rise"
