"""填报数据: numbers that no record here counts, each with who said so and where it stands."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.vocabulary import Figure
from emergency.organizations.models import PlacedRecord
from emergency.organizations.scope import Area, ScopedQuerySet


class GivenQuerySet(ScopedQuerySet):
    def live(self) -> GivenQuerySet:
        """Entered and not void."""
        return self.filter(void=False)


class GivenValue(PlacedRecord):
    """One figure of one unit over one period, as another office said it or as it was counted before the ledger was kept.

    ``value`` is in the figure's own unit (money in yuan). ``dimension`` and ``key`` narrow it to one row of a breakdown, such as
    the accidents of one classification; both are blank for the whole.
    """

    figure_code = models.CharField("指标", max_length=80)
    start = models.DateField("起始日期")
    end = models.DateField("截止日期")
    value = models.DecimalField("数值", max_digits=20, decimal_places=4)
    dimension = models.CharField("分组方式", max_length=20, blank=True)
    key = models.CharField("分组", max_length=60, blank=True)
    approximate = models.BooleanField("约数", default=False)
    source_unit = models.CharField("来源单位", max_length=80)
    document = models.CharField("依据文件", max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填报人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("填报时间")
    import_id = models.PositiveBigIntegerField("导入批次", null=True, editable=False)
    void = models.BooleanField("作废", default=False)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = GivenQuerySet.as_manager()
    scope_shapes = (Area(),)

    class Meta:
        verbose_name = verbose_name_plural = "填报数据"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["figure_code", "area", "start", "end", "dimension", "key"],
                condition=Q(void=False),
                name="given_value_unique",
                violation_error_message="该单位该时段的这项数据已填报，请在原记录上更正。",
            ),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")),
                name="given_value_dates",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=False), name="given_value_area", violation_error_message="请填写属地。"
            ),
            models.CheckConstraint(
                condition=Q(dimension="", key="") | (~Q(dimension="") & ~Q(key="")),
                name="given_value_row",
                violation_error_message="分组方式和分组须同时填写。",
            ),
            models.CheckConstraint(
                condition=Q(void=False) | ~Q(void_reason=""),
                name="given_value_void_reason",
                violation_error_message="作废须写明原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-id"], name="given_district"),
            models.Index(fields=["street", "-id"], name="given_street"),
            models.Index(fields=["area", "-id"], name="given_area"),
            # Which figures a district has entered values of is asked with every evaluation.
            models.Index(fields=["district", "figure_code"], condition=Q(void=False), name="given_known"),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.period.label(with_year=True)}{self.name}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def figure(self) -> Figure | None:
        """What the number means; None for a figure that the vocabulary has lost since (a category that was deleted)."""
        try:
            return vocabulary.get(self.figure_code)
        except KeyError:
            return None

    @property
    def name(self) -> str:
        figure = self.figure
        return figure.name if figure else self.figure_code

    @property
    def number(self) -> int | Decimal:
        """The value as arithmetic wants it: whole numbers are integers."""
        whole = self.value == self.value.to_integral_value()
        return int(self.value) if whole else self.value.normalize()

    @property
    def text(self) -> str:
        """“43起”, “约38.74万元”."""
        figure = self.figure
        unit = figure.unit if figure else ""
        words = vocabulary.money(self.number) if unit == "元" else f"{vocabulary.plain(self.number)}{unit}"
        return f"约{words}" if self.approximate else words
