"""What the monthly roll-up keeps: the numbers, which months they speak for, and what has changed since."""

from __future__ import annotations

from django.db import models

from emergency.organizations.models import Organisation, Tier


class FigureTouch(models.Model):
    """A month in which some record of a ledger was added, changed or taken away, written by the triggers on its table.

    Never deduplicated when written: two officers must not wait for each other. ``month`` empty means every month. ``district`` and
    ``street`` say where the record lies; they are plain numbers, because a key would lock the unit with every record.
    """

    source = models.CharField("台账", max_length=40)
    month = models.DateField("月份", null=True)
    district = models.BigIntegerField("区县", null=True)
    street = models.BigIntegerField("街道（乡镇）", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "待汇总变动"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["source", "month"], name="figure_touch_month"),
            models.Index(fields=["source", "street", "month"], name="figure_touch_street"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month or '全部'}"


class RolledMonth(models.Model):
    """A month of a ledger that was rolled up. ``declared`` is the digest of the figures as they were declared then: when a figure
    changes its meaning, the month counts as not rolled up until it is done again."""

    source = models.CharField("台账", max_length=40)
    month = models.DateField("月份")
    declared = models.CharField("口径标记", max_length=64)
    rolled_at = models.DateTimeField("汇总时间")

    class Meta:
        verbose_name = verbose_name_plural = "已汇总月份"
        ordering = ["source", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "month"], name="rolled_month_unique", violation_error_message="该月已汇总。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%Y-%m}"


class MonthlyFigure(models.Model):
    """One figure of one unit in one month, and from January to that month, in total or for one row of one breakdown.

    Derived from the records alone, as they lie: ``tier`` names the column by which the unit's records were found ("" for all records
    there are, without a unit), and predecessors are added in by whoever reads. ``dimension`` is a breakdown of the ledger, or the
    column of the units right below; "" is the total. ``value`` and ``cumulative`` are empty where no record counts.
    A row of what a distinct figure leaves out has ``#unnamed`` behind the code.
    """

    source = models.CharField("台账", max_length=40)
    month = models.DateField("月份")
    tier = models.CharField("层级", max_length=20, choices=Tier, blank=True)
    # Without a constraint in the database: it would be asked for each of a hundred thousand rows that a query has just grouped by it.
    organisation = models.ForeignKey(
        Organisation, verbose_name="单位", null=True, db_constraint=False, on_delete=models.CASCADE, related_name="+"
    )
    dimension = models.CharField("分组方式", max_length=40, blank=True)
    key = models.CharField("分组", max_length=60, blank=True)
    figure = models.CharField("指标", max_length=80)
    value = models.DecimalField("本月", max_digits=24, decimal_places=4, null=True)
    cumulative = models.DecimalField("本年累计", max_digits=24, decimal_places=4, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "月度指标"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "month", "tier", "organisation", "dimension", "key", "figure"],
                name="monthly_figure_unique",
                nulls_distinct=False,
                violation_error_message="该指标已汇总。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.month:%Y-%m}"
