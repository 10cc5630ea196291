"""Deadlines from one table of rules, each with the clause it comes from.

A rule says: so many hours, days, working days, months or years after the start. How they are counted follows
《民法典》第二百条 to 第二百零四条: the start day is not counted; months and years end on the corresponding day, or on
the last day of a month that lacks it; where a rule rolls, a deadline that falls on a day of rest moves to the next
working day. Hours never roll.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from emergency.core import periods, workdays


class Unit(models.TextChoices):
    HOUR = "hour", "小时"
    DAY = "day", "日"
    WORKDAY = "workday", "工作日"
    MONTH = "month", "个月"
    YEAR = "year", "年"


class DeadlineRule(models.Model):
    """How long something may take. ``key`` names the clock (``hazard.review``), ``level`` and ``state`` narrow it.

    A changed regulation is a new row with a later ``valid_from``; empty means from the beginning.
    """

    key = models.CharField("事项编码", max_length=60)
    level = models.CharField("层级", max_length=30, blank=True)
    state = models.CharField("情形", max_length=30, blank=True)
    name = models.CharField("事项", max_length=120)
    number = models.PositiveSmallIntegerField("时长")
    unit = models.CharField("单位", max_length=10, choices=Unit)
    roll = models.BooleanField("遇休息日顺延", default=False)
    source = models.CharField("依据", max_length=200, blank=True)
    valid_from = models.DateField("起用日期", null=True, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["key", "level", "state", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "level", "state", "valid_from"],
                name="deadline_rule_unique",
                nulls_distinct=False,
                violation_error_message="同一事项在同一起用日期只能有一条时限。",
            ),
            models.CheckConstraint(
                condition=~Q(unit="hour", roll=True),
                name="deadline_rule_hours_never_roll",
                violation_error_message="以小时计算的时限不顺延。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.number}{self.get_unit_display()}"


class MissingRule(ValidationError):
    """No rule in force under this key: the table of deadlines lacks a row, which an administrator can add."""

    def __init__(self, key: str, level: str, state: str) -> None:
        named = "，".join(part for part in (key, level, state) if part)
        super().__init__(f"办理时限表中没有“{named}”的有效时限，请联系系统管理员补充。", code="missing_rule")


class Due(NamedTuple):
    """When something is due: a moment for rules in hours, otherwise a date that has until its midnight.

    ``provisional`` says that days of a year without published holidays were guessed (按未公布放假安排推算).
    """

    at: dt.date | dt.datetime
    rule: DeadlineRule
    provisional: bool


def due(key: str, start: dt.date | dt.datetime, *, level: str = "", state: str = "", on: dt.date | None = None) -> Due:
    """When ``key`` is due if its clock starts at ``start``, by the rule in force on ``on`` (the day of the start by
    default).

    A rule for the level and the state comes before one for the state, then the level, then the general one. Raises
    :class:`MissingRule`; raises TypeError for a rule in hours whose start has no time.
    """
    return compute(find_rule(key, level=level, state=state, on=on or _date(start)), start)


def find_rule(key: str, *, level: str = "", state: str = "", on: dt.date) -> DeadlineRule:
    """The rule in force on a day; see :func:`due`. For many records, find it once and :func:`compute` each."""
    rules = DeadlineRule.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=on), key=key, level__in={level, ""}, state__in={state, ""}, active=True
    )
    fitting = max(rules, key=lambda rule: (rule.state, rule.level, rule.valid_from or dt.date.min), default=None)
    if fitting is None:
        raise MissingRule(key, level, state)
    return fitting


def compute(rule: DeadlineRule, start: dt.date | dt.datetime) -> Due:
    """Apply a rule to a start."""
    if rule.unit == Unit.HOUR:
        if not isinstance(start, dt.datetime):
            raise TypeError(f"{rule.key} counts hours and needs a time to start from")
        return Due(start + dt.timedelta(hours=rule.number), rule, provisional=False)
    date = _date(start)
    if rule.unit == Unit.WORKDAY:
        end = workdays.add_workdays(date, rule.number)
        return Due(end.date, rule, end.provisional)
    if rule.unit == Unit.DAY:
        date += dt.timedelta(days=rule.number)
    else:
        date = periods.add_months(date, rule.number * (12 if rule.unit == Unit.YEAR else 1))
    end = workdays.roll_forward(date) if rule.roll else workdays.Day(date, provisional=False)
    return Due(end.date, rule, end.provisional)


def _date(moment: dt.date | dt.datetime) -> dt.date:
    return timezone.localdate(moment) if isinstance(moment, dt.datetime) else moment
