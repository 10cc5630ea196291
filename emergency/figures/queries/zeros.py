"""零报告: which units have said of which months that there was nothing, and whether a whole area may say “未发生”.

A month of a unit is answered by its live records, or by a confirmation of all its days. A confirmation made before a month was over
holds for the days up to that one. A record that turns up later makes the confirmation lapse; it is shown and not deleted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateField, Func, Q
from django.db.models.functions import Cast, TruncDate, TruncMonth

from emergency.core.periods import Period, month_end
from emergency.figures.models import ZeroConfirmation
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.vocabulary import Source, sources
from emergency.organizations.models import Kind, Organisation, Tier


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """One month of one unit: its records, its confirmation, and how the two go together."""

    unit: Organisation
    period: Period
    records: int
    confirmation: ZeroConfirmation | None

    @property
    def lapsed(self) -> bool:
        return self.confirmation is not None and self.records > 0

    @property
    def answered(self) -> bool:
        return self.records > 0 or (self.confirmation is not None and self.confirmation.holds_until >= self.period.end)


@dataclasses.dataclass(frozen=True, slots=True)
class Confirmed:
    """Whether an area may say that nothing happened; ``missing`` are the units that have not, each with its months."""

    ok: bool
    missing: tuple[tuple[Organisation, tuple[Period, ...]], ...] = ()

    @property
    def gap(self) -> str:
        """“【待确认：2020年3月大田乡等3个单位】”; several months are named from the first to the last."""
        if self.ok:
            return ""
        months = [month for _, of_unit in self.missing for month in of_unit]
        first, last = min(one.start for one in months), max(one.end for one in months)
        when = f"{first.year}年{first.month}月" if len(set(months)) == 1 else Period(first, last).label(with_year=True)
        name = own_name(self.missing[0][0])
        rest = f"等{len(self.missing)}个单位" if len(self.missing) > 1 else ""
        return f"【待确认：{when}{name}{rest}】"


def own_name(unit: Organisation) -> str:
    """区本级 for the district itself, else the unit's name."""
    return {Tier.CITY: "市本级", Tier.DISTRICT: "区本级"}.get(unit.tier, unit.name)  # type: ignore[call-overload]


def zero_sources() -> list[Source]:
    """The ledgers whose empty month has to be confirmed."""
    return [source for source in sources() if source.zero_confirmed]


def zero_units(organisation: Organisation) -> list[Organisation]:
    """Who confirms in an area: the district itself (区本级) and its streets; a street for itself."""
    home = organisation.counted
    if home.tier != Tier.DISTRICT:
        return [home]
    below = home.children.areas().filter(tier=Tier.STREET).exclude(kind=Kind.AREA_SET).order_by("order", "pk")
    return [home, *below]


def zero_months(source: Source, organisation: Organisation, period: Period) -> list[list[Month]]:
    """For each unit the months of a period in which it existed, in order. Three queries."""
    units = zero_units(organisation)
    found = {unit.pk: unit for unit in units}
    home = organisation.counted
    confirmations = {
        (one.area_id, one.month): one
        for one in ZeroConfirmation.objects.filter(
            ledger=source.code, area__in=found, month__range=(period.start.replace(day=1), period.end)
        ).select_related("created_by")
    }
    counts = _counts(source, home, period)
    rows = []
    for unit in units:
        months = []
        for month in period.months():
            key = (unit.pk, month.start.replace(day=1))
            if unit.exists_on(month.end):
                months.append(Month(unit, month, counts.get(key, 0), confirmations.get(key)))
        rows.append(months)
    return rows


def _counts(source: Source, home: Organisation, period: Period) -> dict[tuple[int, dt.date], int]:
    """(unit, first day of the month) → live records; those without a street are the district's own."""
    column = {Tier.DISTRICT: "district", Tier.STREET: "street", Tier.COMMUNITY: "area"}.get(home.tier)  # type: ignore[call-overload]
    if column is None:
        return {}
    unit = "street_id" if column == "district" else f"{column}_id"
    rows = source.records().filter(**{column: home.pk, f"{source.date}__range": (period.start, period.end)}).order_by()
    counted = rows.annotate(in_month=TruncMonth(source.date)).values_list(unit, "in_month").annotate(Count("pk"))
    return {(place or home.pk, month): number for place, month, number in counted}


def confirmed_zero(source: Source, organisation: Organisation, period: Period) -> Confirmed:
    """Whether every unit in force has answered for every month, or part of one, of the period.

    Only then “全区未发生…” may be written; a ledger that needs no confirmation is always sure. Units with records have answered.
    """
    if not source.zero_confirmed:
        return Confirmed(True)
    missing = []
    for months in zero_months(source, organisation, period):
        if open_months := tuple(one.period for one in months if not one.answered):
            missing.append((months[0].unit, open_months))
    return Confirmed(not missing, tuple(missing))


def unconfirmed(unit: Organisation, on: dt.date, most: int = 12) -> list[tuple[Source, dt.date]]:
    """(ledger, first day of the month) that a street still has to confirm: ended months since the ledger began, latest first.

    One query beside that for the start days, and none where no ledger asks for confirmation.
    """
    asked = zero_sources()
    if not asked:
        return []
    starts = LedgerStarts.of(unit)
    row: Any = (  # columns by names made up above
        Organisation.objects.filter(pk=unit.pk)
        .values(
            **{f"said_{i}": ArraySubquery(_said(source, unit)) for i, source in enumerate(asked)},
            **{f"held_{i}": ArraySubquery(_held(source, unit)) for i, source in enumerate(asked)},
        )
        .get()
    )
    found = []
    for i, source in enumerate(asked):
        start = starts.start(source)
        if start is None:
            continue
        said = {month for month, day in row[f"said_{i}"] if day >= month_end(month)}
        for month in _ended_months(on, most):
            answered = month.start in said or month.start in row[f"held_{i}"]
            if month.end >= start and not answered and unit.exists_on(month.end):
                found.append((source, month.start))
    return sorted(found, key=lambda one: one[1], reverse=True)


def _said(source: Source, unit: Organisation) -> Any:
    """The confirmed months, each with the last day for which it was said."""
    made = ZeroConfirmation.objects.filter(ledger=source.code, area=unit.pk).order_by()
    return made.annotate(
        pair=Func(
            "month", TruncDate("created_at"), template="ARRAY[%(expressions)s]", output_field=ArrayField(DateField())
        )
    ).values("pair")


def _held(source: Source, unit: Organisation) -> Any:
    """Months in which the unit has records."""
    rows = source.records().filter(Q(street=unit.pk) | Q(area=unit.pk)).order_by()
    month = Cast(TruncMonth(source.date), DateField())  # inside an array the truncated day would come as a moment
    return rows.annotate(held_in=month).values("held_in").distinct()


def _ended_months(on: dt.date, most: int) -> Iterable[Period]:
    first = on.replace(day=1)
    year = Period(first.replace(year=first.year - 1), first - dt.timedelta(days=1))
    return year.months()[-most:]


def reminder(label: str, rows: Sequence[Sequence[Month]], on: dt.date) -> str:
    """催报文本 for a group chat or a notice, about the months that have ended; blank where all have answered."""
    parts = []
    for months in rows:
        owed = [f"{one.period.start.month}月" for one in months if not one.answered and one.period.end < on]
        if owed:
            parts.append(f"{own_name(months[0].unit)}（{'、'.join(owed)}）")
    if not parts:
        return ""
    year = rows[0][0].period.start.year
    return f"请以下单位尽快填报或确认{year}年{label}零报告：{'、'.join(parts)}。"
