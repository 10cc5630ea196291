"""统计与文书: the papers that an office draws up from the figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from emergency.core.periods import Period
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet


class Kind(models.TextChoices):
    ANNUAL = "annual", "工作总结"


class ReportQuerySet(ScopedQuerySet):
    def live(self) -> ReportQuerySet:
        return self.filter(void=False)


class Report(PlacedRecord):
    """One paper over one area and period. Its text is made from the figures each time it is opened; files keep what was made."""

    kind = models.CharField("种类", max_length=20, choices=Kind, default=Kind.ANNUAL)
    title = models.CharField("标题", max_length=160)
    issuer = models.ForeignKey(Organisation, verbose_name="署名单位", on_delete=models.PROTECT, related_name="+")
    start = models.DateField("起始日期")
    end = models.DateField("截止日期")
    void = models.BooleanField("作废", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("拟稿时间")

    objects = ReportQuerySet.as_manager()
    scope_shapes = (Area(), Party("issuer"))

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gte=models.F("start")),
                name="report_dates",
                violation_error_message="截止日期不能早于起始日期。",
            )
        ]
        indexes = [
            models.Index(fields=["street", "-id"], name="report_street"),
            models.Index(fields=["district", "-id"], name="report_district"),
            models.Index(fields=["issuer", "-id"], name="report_issuer"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)
