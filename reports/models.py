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

    def latest_of(self, kind: str, area: Organisation, period: Period) -> Report | None:
        """The paper drawn up last over an area and period; None where there is none."""
        mine: models.QuerySet = self.filter(kind=kind, area=area, start=period.start, end=period.end)
        found: Report | None = mine.order_by("-id").first()
        return found


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


class Paragraph(models.Model):
    """One paragraph, or with ``level`` one sub-heading, of a paper: its words, with tokens where the numbers stand.

    ``section`` and ``key`` name it for good. One that nobody has edited follows the figures: its words are drafted anew whenever the
    paper is opened, and ``text`` is only what they last were. An edited one keeps the officer's words, and ``generated`` what the
    portal would have written then, for comparison. ``removed`` leaves it out of the paper until it is taken back.
    ``version`` counts the officers' changes, so that two who edit at once do not overwrite each other.
    """

    report = models.ForeignKey(Report, verbose_name="文书", on_delete=models.PROTECT, related_name="paragraphs")
    section = models.CharField("部分", max_length=40)
    key = models.CharField("段落标识", max_length=60)
    order = models.PositiveIntegerField("顺序")
    level = models.PositiveSmallIntegerField("标题层级", default=0)
    lead = models.CharField("段首", max_length=120, blank=True)
    text = models.TextField("文字", blank=True)
    generated = models.TextField("系统文稿", blank=True)
    edited = models.BooleanField("已修改", default=False)
    removed = models.BooleanField("已删除", default=False)
    version = models.PositiveIntegerField("版本", default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("修改时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "段落"
        ordering = ["report", "section", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "section", "key"], name="paragraph_key_unique"),
            models.CheckConstraint(
                condition=Q(level__lte=4), name="paragraph_level", violation_error_message="标题层级为一至四级。"
            ),
            models.CheckConstraint(
                condition=Q(edited=False) | (Q(author__isnull=False) & Q(at__isnull=False)),
                name="paragraph_edited_by",
                violation_error_message="修改过的段落须记明修改人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}·{self.section}·{self.key}"
