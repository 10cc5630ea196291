"""A period of time as reports mean it: a closed interval of dates, of any length, ending on any day."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import re
from collections.abc import Callable

from django.core.exceptions import ValidationError

from emergency.core import clock


def month_end(date: dt.date) -> dt.date:
    """The last day of the date's month."""
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


def add_months(date: dt.date, count: int) -> dt.date:
    """The corresponding day ``count`` months later, or the last day of a month that lacks it (《民法典》 art. 202)."""
    year, month = divmod(date.year * 12 + date.month - 1 + count, 12)
    first = dt.date(year, month + 1, 1)
    return first.replace(day=min(date.day, month_end(first).day))


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Period:
    """From ``start`` to ``end``, both included. Raises ``ValidationError`` when it would end before it starts."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        for date in (self.start, self.end):
            if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
                raise TypeError(f"a period runs from date to date, not {date!r}")
        if self.end < self.start:
            raise ValidationError("结束日期不能早于开始日期。", code="period_order")

    def __str__(self) -> str:
        """``2021-01-01~2021-11-30``, which :func:`parse` reads back."""
        return f"{self.start.isoformat()}~{self.end.isoformat()}"

    def __contains__(self, date: dt.date) -> bool:
        return self.contains(date)

    def contains(self, date: dt.date) -> bool:
        return self.start <= date <= self.end

    @property
    def days(self) -> int:
        """Number of days, at least 1."""
        return (self.end - self.start).days + 1

    @property
    def is_whole_months(self) -> bool:
        return self.start.day == 1 and self.end == month_end(self.end)

    @property
    def month_count(self) -> int:
        """Number of calendar months that the period touches."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def months(self) -> list[Period]:
        """The period cut at the turns of the months, in order; only the first and the last piece may be partial."""
        first = self.start.replace(day=1)
        starts = [add_months(first, index) for index in range(self.month_count)]
        return [Period(max(start, self.start), min(month_end(start), self.end)) for start in starts]

    def previous_year(self) -> Period:
        """The same period one year earlier (同比): whole months stay whole, otherwise 29 February becomes the 28th."""
        end = add_months(self.end, -12)
        return Period(add_months(self.start, -12), month_end(end) if self.is_whole_months else end)

    def previous_month(self) -> Period:
        """As many whole months just before (环比): for 11月份 it is 10月份. Raises ValueError for other periods."""
        if not self.is_whole_months:
            raise ValueError(f"{self} does not consist of whole months")
        return Period(add_months(self.start, -self.month_count), self.start - dt.timedelta(days=1))

    def label(self, *, with_year: bool = False) -> str:
        """The period in official words: 1—11月, 上半年, 全年, 11月份, 截至6月13日; with the year in front when asked.

        A period that runs over the turn of a year, or starts and ends within months, always names its years.
        """
        start, end = self.start, self.end
        if start.year == end.year:
            year = f"{start.year}年" if with_year else ""
            if self.is_whole_months:
                return year + _months_label(start.month, end.month)
            if (start.month, start.day) == (1, 1) and self.days > 1:
                return f"截至{year}{end.month}月{end.day}日"
        elif self.is_whole_months:
            return f"{start.year}年{start.month}月—{end.year}年{end.month}月"
        if start == end:
            return _day_label(start)
        return f"{_day_label(start)}至{_day_label(end, with_year=end.year != start.year)}"


def _months_label(first: int, last: int) -> str:
    named = {(1, 12): "全年", (1, 6): "上半年", (7, 12): "下半年"}.get((first, last))
    return named or (f"{first}月份" if first == last else f"{first}—{last}月")


def _day_label(date: dt.date, *, with_year: bool = True) -> str:
    return f"{date.year}年{date.month}月{date.day}日" if with_year else f"{date.month}月{date.day}日"


def month_of(date: dt.date) -> Period:
    return Period(date.replace(day=1), month_end(date))


def year_to_date(on: dt.date) -> Period:
    """From 1 January to the day."""
    return Period(on.replace(month=1, day=1), on)


def whole_year(year: int) -> Period:
    return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _between(year: int, first: int, last: int, end_year: int | None = None) -> Period:
    return Period(dt.date(year, first, 1), month_end(dt.date(end_year or year, last, 1)))


QUARTERS = {"1": 1, "一": 1, "2": 2, "二": 2, "3": 3, "三": 3, "4": 4, "四": 4}
_DASH = r"[—–\-~～至到]+"

#: What people write, after the year; each with the period it means. ``year`` is the one in front or the present one.
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[int, re.Match[str]], Period]], ...] = (
    (re.compile(r"(全年(度)?)?"), lambda year, found: whole_year(year)),
    (re.compile(r"上半年"), lambda year, found: _between(year, 1, 6)),
    (re.compile(r"下半年"), lambda year, found: _between(year, 7, 12)),
    (
        re.compile(r"第?([1-4一二三四])季度"),
        lambda year, found: _between(year, QUARTERS[found[1]] * 3 - 2, QUARTERS[found[1]] * 3),
    ),
    (re.compile(r"(\d{1,2})月份?"), lambda year, found: _between(year, int(found[1]), int(found[1]))),
    (
        re.compile(rf"(\d{{1,2}})月?份?{_DASH}(\d{{1,2}})月份?"),
        lambda year, found: _between(year, int(found[1]), int(found[2])),
    ),
    (
        re.compile(rf"(\d{{1,2}})月份?{_DASH}(\d{{4}})年(\d{{1,2}})月份?"),
        lambda year, found: _between(year, int(found[1]), int(found[3]), int(found[2])),
    ),
    (
        re.compile(r"截[至止](\d{1,2})月(\d{1,2})日"),
        lambda year, found: year_to_date(dt.date(year, int(found[1]), int(found[2]))),
    ),
    (
        re.compile(rf"(\d{{1,2}})月(\d{{1,2}})日(?:{_DASH}(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})日)?"),
        lambda year, found: _days(year, found),
    ),
)
_ISO = re.compile(r"(\d{4}-\d{1,2}(?:-\d{1,2})?)(?:[~～—至/]|\.\.)?(\d{4}-\d{1,2}(?:-\d{1,2})?)?")
_YEAR = re.compile(r"(截[至止])?(?:(\d{4})年?)?(.*)")


def _days(year: int, found: re.Match[str]) -> Period:
    start = dt.date(year, int(found[1]), int(found[2]))
    if found[4] is None:
        return Period(start, start)
    return Period(start, dt.date(int(found[3] or year), int(found[4]), int(found[5])))


def _iso(found: re.Match[str]) -> Period:
    first, last = found[1], found[2] or found[1]
    start, end = (dt.date(*[int(part) for part in f"{text}-1".split("-")[:3]]) for text in (first, last))
    return Period(start, end if last.count("-") == 2 else month_end(end))


def parse(text: str, *, year: int | None = None) -> Period:
    """Read a period from a URL (``2021-01-01~2021-11-30``, ``2021-11``) or from official words (2021年1—11月, 上半年,
    元至11月份).

    ``year`` is meant where the words name none; by default the present one. Raises ``ValidationError`` for anything
    else.
    """
    tidy = re.sub(r"\s+", "", text).replace("元月", "1月").replace("元至", "1至").replace("元—", "1—")
    try:
        if iso := _ISO.fullmatch(tidy):
            return _iso(iso)
        upto, named, rest = _YEAR.fullmatch(tidy).groups("")  # type: ignore[union-attr]  # it matches anything
        if tidy and (named or rest):
            meant = int(named) if named else year or clock.today().year
            for shape, period in _SHAPES:
                if found := shape.fullmatch(upto + rest):
                    return period(meant, found)
    except ValueError:  # a month or day that does not exist
        pass
    raise ValidationError(
        "统计时段“%(text)s”无法识别，请按“2021年1—11月”或“2021-01-01至2021-11-30”填写。", params={"text": text}
    )
