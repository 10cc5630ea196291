"""Working days of China.

Three sources, the first that knows wins: the office's own table (:class:`HolidayOverride`), the published calendar
(``chinesecalendar``, 2004 to the last year announced by the State Council), and the rule of 《全国年节及纪念日放假办法》 for years
not yet announced: weekends and the days with a fixed date. The rule knows neither the lunar festivals nor shifted working
days, so what it says is provisional and a page must say so.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import chinese_calendar
from django.db import models

#: (month, day) of the statutory days whose date never moves: 元旦, 劳动节 (two days since 2025), 国庆节.
FIXED_STATUTORY_DAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class HolidayOverride(models.Model):
    """A day on which the office works or rests whatever the calendar says; also fills in a year not yet published."""

    date = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是否上班")
    note = models.CharField("说明", max_length=120, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节假日调整"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {'上班' if self.is_workday else '休息'}"


class DayKind(NamedTuple):
    """Whether a day is worked, and whether that is a guess for a year not yet announced."""

    workday: bool
    provisional: bool


class Day(NamedTuple):
    """A date that was computed, and whether a guessed day had a part in it."""

    date: dt.date
    provisional: bool


def is_workday(date: dt.date) -> DayKind:
    """Whether people work on the day. Never fails: a day of a year not announced gets a provisional answer."""
    return _kind(date, _overrides(date, date))


def add_workdays(start: dt.date, count: int) -> Day:
    """The ``count``-th working day after ``start``, which itself is not counted; a negative count goes back."""
    step = dt.timedelta(days=1 if count >= 0 else -1)
    overrides = _overrides(start, None) if count >= 0 else _overrides(None, start)
    date, left, provisional = start, abs(count), False
    while left:
        date += step
        kind = _kind(date, overrides)
        provisional |= kind.provisional
        left -= kind.workday
    return Day(date, provisional)


def roll_forward(date: dt.date) -> Day:
    """The day itself when it is worked, otherwise the next working day (《民法典》第二百零三条)."""
    overrides = _overrides(date, None)
    kind = _kind(date, overrides)
    provisional = kind.provisional
    while not kind.workday:
        date += dt.timedelta(days=1)
        kind = _kind(date, overrides)
        provisional |= kind.provisional
    return Day(date, provisional)


def _overrides(first: dt.date | None, last: dt.date | None) -> dict[dt.date, bool]:
    """The office's own days in a stretch of time, read once per computation."""
    rows = HolidayOverride.objects.order_by()
    if first is not None:
        rows = rows.filter(date__gte=first)
    if last is not None:
        rows = rows.filter(date__lte=last)
    return dict(rows.values_list("date", "is_workday"))


def _kind(date: dt.date, overrides: dict[dt.date, bool]) -> DayKind:
    if date in overrides:
        return DayKind(overrides[date], provisional=False)
    try:
        return DayKind(chinese_calendar.is_workday(date), provisional=False)
    except NotImplementedError:
        rests = date.weekday() >= 5 or (date.month, date.day) in FIXED_STATUTORY_DAYS
        return DayKind(not rests, provisional=True)
