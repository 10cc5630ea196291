"""What the roll-up has at hand: for a whole month, or from January to a month's end, where nothing has changed since.

The answer is the live one or none: every number that is not here is asked of the records by the same conditions. Two queries: one
says which months are rolled up and when the records last changed, one brings the numbers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import DateField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from emergency.core.periods import Period
from emergency.figures.models import FigureTouch, MonthlyFigure, RolledMonth
from emergency.figures.queries.summing import LOWEST, UNITS, UNNAMED, declared
from emergency.figures.queries.values import Number, places_of, typed
from emergency.figures.vocabulary import Counted, Source
from emergency.organizations.models import Kind, Organisation, Tier

#: (figure code, period): one number that an evaluation needs.
Need = tuple[str, Period]

#: Kinds that count within the period only, so that a record touches no later year than those of its dates.
WITHIN_THE_YEAR = frozenset({"count", "distinct", "total", "cohort", "flow"})


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """Where a unit's numbers are kept: its tier and itself with the units that it succeeded; no unit at all for a root."""

    tier: str
    units: tuple[int, ...]

    @classmethod
    def of(cls, home: Organisation, former: Sequence[int]) -> Spot | None:
        """None for who has no area of one column: a department, a 片区, a city within a province."""
        if home.kind in (Kind.DEPARTMENT, Kind.AREA_SET):
            return None
        if home.is_root:
            return cls("", ())
        if home.tier not in (Tier.DISTRICT, Tier.STREET, Tier.COMMUNITY):
            return None
        return cls(home.tier, (home.pk, *former))

    def breaks_down(self, source: Source, dimension: str) -> bool:
        """Whether rows of a breakdown are kept here; ``dimension`` is a column of units or the code of another one."""
        if self.tier == LOWEST:
            return dimension == ""
        if dimension in UNITS:
            above = UNITS.index(self.tier) if self.tier else -1
            return dimension == UNITS[above + 1] or (not self.tier and dimension == "street")
        return dimension == "" or (self.tier != "street" and source.dimension(dimension) is not None)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """Which numbers of which breakdown: ``dimension`` as it is kept, ``keys`` only these rows, ``folded`` unit → its predecessors."""

    dimension: str
    key: str | None = None
    folded: Mapping[int, tuple[int, ...]] = dataclasses.field(default_factory=dict)


def month_asked(period: Period) -> tuple[dt.date, str] | None:
    """The month and the column that answer for a period; None for other spans."""
    if not period.is_whole_months:
        return None
    if period.month_count == 1:
        return period.start, "value"
    if period.start.month == 1 and period.start.year == period.end.year:
        return period.end.replace(day=1), "cumulative"
    return None


def is_clean(figure: Counted, month: dt.date, form: str, latest: dt.date | None) -> bool:
    """Whether a number still holds when ``latest`` is the last month up to ``month`` in which something changed."""
    if latest is None:
        return True
    if figure.kind not in WITHIN_THE_YEAR:
        return False
    return latest < (month if form == "value" else month.replace(month=1))


class Stored:
    """The numbers of one evaluation that need not be asked live."""

    def __init__(self, spot: Spot | None, needed: Mapping[Need, Counted], asked: Sequence[Asked]) -> None:
        self.spot, self.asked = spot, {one.dimension: one for one in asked}
        kept = {key: figure for key, figure in needed.items() if figure.kept}
        self.figures = {key: figure for key, figure in kept.items() if month_asked(key[1]) and spot is not None}
        self.clean: dict[Need, tuple[dt.date, str]] = {}
        self.rows: dict[tuple[str, str, dt.date], list[tuple[str, Number | None, Number | None]]] = {}
        if self.figures and self.asked:
            self._find_clean()
        if self.clean:
            self._load()

    def take(self, need: Need, dimension: str) -> dict[str, Number] | None:
        """Row key → number, only rows with records; None where the number has to be asked live."""
        bare = (need[0].removesuffix(UNNAMED), need[1])
        asked, figure = self.asked.get(dimension), self.figures.get(bare)
        if asked is None or figure is None or bare not in self.clean or self.spot is None:
            return None
        month, form = self.clean[bare]
        distinct = not figure.additive and not need[0].endswith(UNNAMED)
        if not self.spot.breaks_down(figure.source, dimension) or (
            distinct and (len(self.spot.units) > 1 or asked.folded)
        ):
            return None  # whoever was counted in two units that became one must not be counted twice
        heir = {str(one): str(unit) for unit, former in asked.folded.items() for one in former}
        numbers: dict[str, Number] = {}
        for key, value, cumulative in self.rows.get((dimension, need[0], month), ()):
            number = value if form == "value" else cumulative
            if number is not None:
                row = "" if asked.key is not None else heir.get(key, key)
                numbers[row] = numbers.get(row, 0) + number
        return numbers

    def _find_clean(self) -> None:
        wanted = {need: month_asked(need[1]) for need in self.figures}
        sources = {figure.source.code: figure.source for figure in self.figures.values()}
        months = {found[0] for found in wanted.values() if found}
        known = Q(pk__in=[])
        for source in sources.values():
            known |= Q(source=source.code, declared=declared(source))
        rolled = RolledMonth.objects.order_by().filter(known, month__in=months)
        latest = {
            (source, month): changed
            for source, month, changed in rolled.values_list("source", "month", self._last_change())
        }
        for need, figure in self.figures.items():
            found = wanted[need]
            place = (figure.source.code, found[0]) if found else None
            if found and place in latest and is_clean(figure, *found, latest[place]):
                self.clean[need] = found

    def _last_change(self) -> Subquery:
        """The last month, not after the one in question, that a change in this unit has touched."""
        assert self.spot is not None
        touches = FigureTouch.objects.filter(Q(month__lte=OuterRef("month")) | Q(month=None), source=OuterRef("source"))
        if self.spot.tier in ("district", "street"):
            # A touch without month speaks for every unit.
            touches = touches.filter(Q(**{f"{self.spot.tier}__in": self.spot.units}) | Q(month=None))
        last = touches.order_by(F("month").desc(nulls_first=True)).values(last=Coalesce("month", OuterRef("month")))
        return Subquery(last[:1], output_field=DateField())

    def _load(self) -> None:
        assert self.spot is not None
        rows = MonthlyFigure.objects.filter(
            source__in={self.figures[need].source.code for need in self.clean},
            month__in={month for month, _ in self.clean.values()},
            tier=self.spot.tier,
        )
        rows = rows.filter(organisation__in=self.spot.units) if self.spot.units else rows.filter(organisation=None)
        wanted = Q(pk__in=[])
        for one in self.asked.values():
            wanted |= Q(dimension=one.dimension) if one.key is None else Q(dimension=one.dimension, key=one.key)
        columns = ("dimension", "figure", "month", "key", "value", "cumulative")
        places = {code: places_of(figure) for (code, _), figure in self.figures.items()}
        for dimension, code, month, key, value, cumulative in rows.order_by().filter(wanted).values_list(*columns):
            digits = places.get(code, 0)
            numbers = (key, _typed(value, digits), _typed(cumulative, digits))
            self.rows.setdefault((dimension, code, month), []).append(numbers)


def _typed(value: Decimal | None, digits: int) -> Number | None:
    return None if value is None else typed(value, digits)
