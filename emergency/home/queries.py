"""What home shows, put together from what the ledgers declare."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from emergency.core import charts
from emergency.core.periods import Period, year_to_date
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, Value, evaluate, evaluate_over, link, readers
from emergency.figures.vocabulary import RatioFigure
from emergency.organizations.models import Organisation

#: The numbers of an area's day, in reading order; each with its change against the same days of last year where declared.
KEY_FIGURES = (
    "inspections.visits",
    "hazards.found",
    "hazards.rate",
    "hazards.open",
    "hazards.overdue",
    "hazards.major_found",
)
#: Those that are bad news when they are not zero.
ALARMS = frozenset({"hazards.overdue"})
CHANGES = {
    "inspections.visits": "inspections.visits.yoy",
    "hazards.found": "hazards.found.yoy",
    "hazards.rate": "hazards.rate.yoy",
}
CHART_MONTHS = 12


@dataclasses.dataclass(frozen=True, slots=True)
class KeyFigure:
    """One card: name, value, unit, what it opens, and how it compares."""

    value: Value
    url: str
    change: str
    late: bool

    @property
    def text(self) -> str | None:
        return None if self.value.missing else self.value.text

    @property
    def unit(self) -> str:
        return "" if self.value.missing or self.value.number is None else self.value.figure.unit


def key_figures(organisation: Organisation, period: Period) -> list[KeyFigure]:
    """The key figures of the year so far."""
    sheet = evaluate([*KEY_FIGURES, *CHANGES.values()], organisation=organisation, period=period)
    return [_card(sheet, code) for code in KEY_FIGURES]


def _card(sheet: Sheet, code: str) -> KeyFigure:
    value = sheet[code]
    opens = value.figure
    if isinstance(opens, RatioFigure):
        opens = vocabulary.get(opens.denominator)
    change = sheet[CHANGES[code]] if code in CHANGES else None
    words = ""
    if change is not None and not change.missing and change.number is not None:
        words = f"同比{change.change_text}"
    elif change is not None and change.missing:
        words = "上年同期未填报"
    return KeyFigure(
        value,
        link(opens, organisation=sheet.organisation, period=sheet.period),
        words,
        late=code in ALARMS and bool(value.number),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """One month of the chart and of the table beside it."""

    label: str
    found: Value
    closed: Value
    found_url: str
    closed_url: str


def months(organisation: Organisation, on: dt.date) -> list[Month]:
    """Hazards found and closed in the last twelve months, the running one up to today."""
    first = year_to_date(on).previous_year().end.replace(day=1)
    pieces = Period(first, on).months()[-CHART_MONTHS:]
    found, closed = vocabulary.get("hazards.found"), vocabulary.get("hazards.closed")
    sheets = evaluate_over([found.code, closed.code], organisation=organisation, periods=pieces)
    return [
        Month(
            f"{piece.start.year}年{piece.start.month}月" if piece.start.month == 1 else f"{piece.start.month}月",
            sheet[found.code],
            sheet[closed.code],
            link(found, organisation=organisation, period=piece),
            link(closed, organisation=organisation, period=piece),
        )
        for piece, sheet in zip(pieces, sheets, strict=True)
    ]


def month_chart(rows: list[Month]) -> SafeString:
    """The bars; unknown months leave a gap. The drawing has presentation attributes only and is safe on the page."""
    points = [
        charts.Point(row.label, value.number, value.figure.name, url)
        for row in rows
        for value, url in ((row.found, row.found_url), (row.closed, row.closed_url))
    ]
    return mark_safe(charts.month_bars(points, title="近十二个月隐患排查和销号", unit="条"))


def overdue_units(organisation: Organisation, on: dt.date) -> list[tuple[str, Value, str]]:
    """The units below with overdue hazards today, most first: (name, number, list). For those who oversee the whole."""
    period = year_to_date(on)
    sheet = evaluate(["hazards.overdue"], organisation=organisation, period=period, by="unit")
    figure = vocabulary.get("hazards.overdue")
    rows = [
        (
            row.label,
            row["hazards.overdue"],
            link(figure, organisation=organisation, period=period, within={"unit": row.key}),
        )
        for row in sheet.rows
        if row["hazards.overdue"].number
    ]
    return sorted(rows, key=lambda row: -(row[1].number or 0))


def home_organisation(user: Any) -> Organisation | None:
    return readers.home_of(user)
