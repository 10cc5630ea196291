"""规划与任务: the campaigns (专项行动) to which visits, hazards and measures are tagged, and the problems (问题与建议) of a year."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Downward, Party, ScopedQuerySet


class ProgrammeKind(models.TextChoices):
    CAMPAIGN = "campaign", "专项行动"


class ProgrammeQuerySet(ScopedQuerySet):
    def campaigns(self) -> ProgrammeQuerySet:
        return self.filter(kind=ProgrammeKind.CAMPAIGN)

    def during(self, start: dt.date, end: dt.date) -> ProgrammeQuerySet:
        """Those that run on some day of a period."""
        return self.filter(Q(end__isnull=True) | Q(end__gte=start), start__lte=end)

    def of_area(self, area: Organisation) -> ProgrammeQuerySet:
        """Those that an area takes part in: organised by a unit above it, in it, or by the office that serves one of these."""
        above = [int(part) for part in area.path.strip("/").split("/")]
        return self.filter(Q(owner__in=above) | Q(owner__parent__in=above) | Q(owner__path__startswith=area.path))

    def known_in(self, area: Organisation) -> ProgrammeQuerySet:
        """Those that may be named to whoever reads an area's figures: published, and the area takes part."""
        return self.of_area(area).filter(published=True)

    def with_children_of(self, pk: int) -> ProgrammeQuerySet:
        """The programme and those below it (two levels are in use; path would be overdone)."""
        return self.filter(Q(pk=pk) | Q(parent=pk) | Q(parent__parent=pk))


class Programme(models.Model):
    """A campaign with its period; a child campaign's records count once in the parent."""

    kind = models.CharField("类别", max_length=20, choices=ProgrammeKind, default=ProgrammeKind.CAMPAIGN)
    name = models.CharField("名称", max_length=80)
    owner = models.ForeignKey(Organisation, verbose_name="组织单位", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self", verbose_name="上级行动", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    start = models.DateField("开始日期")
    end = models.DateField("结束日期", null=True, blank=True)
    published = models.BooleanField("已发布", default=True)
    note = models.TextField("说明", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("登记时间")

    objects = ProgrammeQuerySet.as_manager()
    scope_shapes = (Party("owner"), Downward("owner", published=Q(published=True)))

    class Meta:
        verbose_name = verbose_name_plural = "专项行动"
        ordering = ["-start", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="programme_name_unique",
                violation_error_message="本单位已有同名专项行动。",
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=models.F("start")),
                name="programme_dates",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def stage(self, on: dt.date) -> tuple[str, str]:
        """Where the campaign stands on a day, with the badge's tone: 未发布, 未开始, 进行中, 已结束."""
        if not self.published:
            return "未发布", "grey"
        if on < self.start:
            return "未开始", "blue"
        return ("已结束", "green") if self.end is not None and self.end < on else ("进行中", "amber")


class ProblemQuerySet(ScopedQuerySet):
    def live(self) -> ProblemQuerySet:
        return self.filter(void_reason="")


class Problem(PlacedRecord):
    """One problem that a unit sees in its own area in a year, how it shows, why, and what it suggests.

    Section three of an annual summary is made of these; nothing counts them, so they are no figures.
    """

    year = models.PositiveSmallIntegerField("年度")
    owner = models.ForeignKey(Organisation, verbose_name="提出单位", on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField("排序")
    problem = models.CharField("问题", max_length=120)
    showing = models.TextField("主要表现", blank=True)
    cause = models.TextField("原因分析", blank=True)
    remedy = models.TextField("对策建议", blank=True)
    source = models.CharField("来源文件", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")

    objects = ProblemQuerySet.as_manager()
    scope_shapes = (Area(), Party("owner"))

    class Meta:
        verbose_name = verbose_name_plural = "问题与建议"
        ordering = ["-year", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2000) & Q(year__lte=2100),
                name="problem_year",
                violation_error_message="年度应在2000至2100之间。",
            )
        ]
        indexes = [
            models.Index(fields=["street", "-year", "-id"], name="problem_street"),
            models.Index(fields=["district", "-year", "-id"], name="problem_district"),
            models.Index(fields=["area", "-year", "-id"], name="problem_area"),
            models.Index(fields=["owner", "-year", "-id"], name="problem_owner"),
        ]

    def __str__(self) -> str:
        return self.problem

    def get_absolute_url(self) -> str:
        return reverse("programmes:problem_detail", args=[self.pk])
