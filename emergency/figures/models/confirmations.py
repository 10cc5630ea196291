"""零报告: a unit's statement that in a month there was nothing to enter."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone

from emergency.core.periods import Period, month_of
from emergency.organizations.models import PlacedRecord
from emergency.organizations.scope import Area, ScopedQuerySet


class ZeroConfirmation(PlacedRecord):
    """“本月无事故”, said by a unit for one ledger and month. ``month`` is its first day.

    It is not deleted when a record of the month turns up later: it lapses, which is judged from the records (queries.zeros).
    ``by_superior`` marks one that the bureau made for a unit; it says why in ``note``.
    """

    ledger = models.CharField("台账", max_length=40)
    month = models.DateField("月份")
    by_superior = models.BooleanField("上级代为确认", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="确认人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("确认时间")

    objects = ScopedQuerySet.as_manager()
    scope_shapes = (Area(),)

    class Meta:
        verbose_name = verbose_name_plural = "零报告"
        ordering = ["-month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "area", "month"],
                name="zero_confirmation_unique",
                violation_error_message="该单位该月已确认。",
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1),
                name="zero_confirmation_month",
                violation_error_message="月份须为每月1日。",
            ),
            models.CheckConstraint(
                condition=models.Q(area__isnull=False),
                name="zero_confirmation_area",
                violation_error_message="请填写单位。",
            ),
            models.CheckConstraint(
                condition=models.Q(by_superior=False) | ~models.Q(note=""),
                name="zero_confirmation_note",
                violation_error_message="代为确认须写明依据。",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "month"], name="zero_district"),
            models.Index(fields=["street", "month"], name="zero_street"),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.period.label(with_year=True)}"

    @property
    def period(self) -> Period:
        return month_of(self.month)

    @property
    def holds_until(self) -> dt.date:
        """The last day for which it was said: the day of saying it, or the month's end where that came first."""
        return min(self.period.end, timezone.localdate(self.created_at))
