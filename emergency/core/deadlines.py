"""Deadlines from one table of rules, each with the clause it comes from.

A rule says: so many hours, days, working days, months or years after the start. How they are counted follows 《民法典》第二百条 to
第二百零四条: the start day is not counted; months and years end on the corresponding day, or on the last day of a month that lacks it;
where a rule rolls, a deadline that falls on a day of rest moves to the next working day. Hours never roll.
"""

from __future__ import annotations

from django.db import models


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
                condition=~models.Q(unit="hour", roll=True),
                name="deadline_rule_hours_never_roll",
                violation_error_message="以小时计算的时限不顺延。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.number}{self.get_unit_display()}"
