"""What home shows, put together from what the ledgers declare."""

from __future__ import annotations

import dataclasses
import datetime as dt
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from emergency.core import charts
from emergency.core.periods import Period, month_of, year_to_date
from emergency.figures import vocabulary
from emergency.figures.queries import (
    LedgerStarts,
    Row,
    Sheet,
    Value,
    confirmed_zero,
    evaluate,
    evaluate_over,
    link,
    readers,
)
from emergency.figures.queries.zeros import zero_sources
from emergency.figures.vocabulary import RatioFigure
from emergency.organizations.models import Organisation, Role
from emergency.organizations.scope import reach


class Desk(StrEnum):
    """For whom a home is laid: each role reads other numbers first."""

    LEADER = "leader"
    HEAD = "head"
    CLERK = "clerk"
    OFFICER = "officer"


#: Role → desk, the first that somebody holds; whoever holds another one sits at the clerk's.
_DESKS = (
    (Desk.LEADER, (Role.HEAD, Role.DEPUTY, Role.STREET_HEAD, Role.VIEWER)),
    (Desk.HEAD, (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)),
    (Desk.OFFICER, (Role.STREET_OFFICER, Role.COMMUNITY_OFFICER)),
)
#: The numbers of an area's day by desk, in reading order; each with its change against the same days of last year where declared.
KEY_FIGURES = {
    Desk.LEADER: (
        "accidents.count",
        "accidents.deaths",
        "inspections.visits",
        "hazards.found",
        "hazards.rate",
        "hazards.overdue",
        "hazards.major_unrectified",
        "measures.fines",
    ),
    Desk.HEAD: (
        "accidents.count",
        "inspections.visits",
        "hazards.found",
        "hazards.rate",
        "hazards.overdue",
        "hazards.major_found",
        "risks.standing",
        "measures.all",
        "letters.overdue",
    ),
    Desk.CLERK: (
        "inspections.visits",
        "hazards.found",
        "hazards.rate",
        "hazards.open",
        "hazards.overdue",
        "hazards.major_found",
        "measures.all",
        "letters.overdue",
    ),
    Desk.OFFICER: (
        "inspections.visits",
        "hazards.found",
        "hazards.rate",
        "hazards.open",
        "hazards.overdue",
        "risks.standing",
        "letters.overdue",
        "accidents.count",
    ),
}
#: Those that are bad news when they are not zero: red on every desk, and listed for leaders.
ALARMS = (
    "accidents.larger",
    "hazards.overdue",
    "hazards.major_unrectified",
    "risks.uncontrolled",
    "letters.overdue",
    "measures.publish_overdue",
)
CHANGES = {
    "inspections.visits": "inspections.visits.yoy",
    "hazards.found": "hazards.found.yoy",
    "hazards.rate": "hazards.rate.yoy",
    "accidents.count": "accidents.count.yoy",
    "accidents.deaths": "accidents.deaths.yoy",
    "measures.all": "measures.all.yoy",
    "measures.fines": "measures.fines.yoy",
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
        """The number alone; sums of money in the unit of their size."""
        if self.value.missing:
            return None
        return self.value.text_with_unit if self.value.figure.unit == "元" else self.value.text

    @property
    def unit(self) -> str:
        if self.value.missing or self.value.number is None or self.value.figure.unit == "元":
            return ""
        return self.value.figure.unit


def desk_of(user: Any) -> Desk:
    held = {post.role for post in reach(user).posts}
    return next((desk for desk, roles in _DESKS if held.intersection(roles)), Desk.CLERK)


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How an area stands: the cards of a desk, what is red (leaders), and what nobody entered (heads of section)."""

    cards: list[KeyFigure]
    red: list[KeyFigure]
    gaps: list[str]


def standing(organisation: Organisation, period: Period, desk: Desk) -> Standing:
    """The year so far for a desk; one evaluation."""
    codes = KEY_FIGURES[desk]
    changes = [CHANGES[code] for code in codes if code in CHANGES]
    alarms = ALARMS if desk == Desk.LEADER else ()
    sheet = evaluate(list(dict.fromkeys([*codes, *changes, *alarms])), organisation=organisation, period=period)
    gaps = [sheet[code].gap for code in [*codes, *changes] if sheet[code].missing] if desk == Desk.HEAD else []
    return Standing(
        [_card(sheet, code) for code in codes],
        [_card(sheet, code) for code in alarms if sheet[code].number],
        list(dict.fromkeys(gaps)),
    )


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
        link(opens, organisation=sheet.organisation, period=sheet.period) if value.known else "",
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

    @property
    def short(self) -> str:
        return self.label.rpartition("年")[2]


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


@dataclasses.dataclass(frozen=True, slots=True)
class Below:
    """The units of an area: those with overdue hazards, most first, as (name, number, list), and records that name no unit."""

    overdue: list[tuple[str, Value, str]]
    unplaced: list[tuple[str, Value, str]]


#: Whose records without 属地 have to be mended, or the tables of the units do not add up.
PLACED = ("hazards.found", "inspections.visits", "accidents.count")


def below(organisation: Organisation, on: dt.date) -> Below:
    """How the units stand; for those who oversee the whole."""
    period = year_to_date(on)
    codes = ["hazards.overdue", *PLACED]
    sheet = evaluate(codes, organisation=organisation, period=period, by="unit")

    def opened(row: Row, code: str) -> str:
        return link(vocabulary.get(code), organisation=organisation, period=period, within={"unit": row.key})

    late = [(row.label, row[code], opened(row, code)) for code in codes[:1] for row in sheet.rows if row[code].number]
    unplaced = [
        (row[code].figure.name, row[code], opened(row, code))
        for row in sheet.rows
        if row.key == "none"
        for code in PLACED
        if row[code].number
    ]
    return Below(sorted(late, key=lambda row: -(row[1].number or 0)), unplaced)


def unconfirmed_zeros(organisation: Organisation, on: dt.date) -> list[tuple[str, str]]:
    """(what is owed, page): ledgers whose last month some unit has neither records for nor confirmed as empty."""
    month = month_of(on.replace(day=1) - dt.timedelta(days=1))
    starts = LedgerStarts.of(organisation)
    owed = []
    for source in zero_sources():
        if starts.covers(source, month):
            answer = confirmed_zero(source, organisation, month)
            if not answer.ok:
                text = f"{month.start.month}月{source.label}零报告：{len(answer.missing)}个单位未确认"
                owed.append((text, reverse("figures:zero_list")))
    return owed


def home_organisation(user: Any) -> Organisation | None:
    return readers.home_of(user)
