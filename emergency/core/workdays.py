"""Working days of China.

Three sources, the first that knows wins: the office's own table (:class:`HolidayOverride`), the published calendar
(``chinesecalendar``, 2004 to the last year announced by the State Council), and the rule of 《全国年节及纪念日放假办法》 for years not
yet announced: weekends and the days with a fixed date. The rule knows neither the lunar festivals nor shifted working days, so
what it says is provisional and a page must say so.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import chinese_calendar
from django.db import models

#: (month, day) of the statutory days whose date never moves: 元旦, 劳动节 (two days since 2025), 国庆节.
FIXED_STATUTORY_DAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class HolidayOverride(models.Model):
    """A day on which the office works or rests whatever the calendar says; also fills in a year before the calendar does."""

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
