"""应急演练: planned for a day, held, evaluated; and what it showed to be mended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject
from emergency.plans.models.plan import Plan


class DrillForm(models.TextChoices):
    """AQ/T 9007: on a table, or on the ground; 双盲 is neither announced nor scripted."""

    DESK = "desk", "桌面演练"
    FIELD = "field", "实战演练"
    BLIND = "blind", "双盲演练"


class DrillStatus(models.TextChoices):
    PLANNED = "planned", "已列计划"
    HELD = "held", "待评估"
    EVALUATED = "evaluated", "已评估"
    CANCELLED = "cancelled", "已取消"
    VOID = "void", "已作废"


DRILL_TONES = {
    DrillStatus.PLANNED: "blue",
    DrillStatus.HELD: "amber",
    DrillStatus.EVALUATED: "green",
    DrillStatus.CANCELLED: "grey",
    DrillStatus.VOID: "grey",
}


class Grade(models.TextChoices):
    """How the evaluation judged the drill (AQ/T 9009)."""

    EXCELLENT = "excellent", "优"
    GOOD = "good", "良"
    FAIR = "fair", "中"
    POOR = "poor", "差"


class DrillQuerySet(ScopedQuerySet):
    def held(self) -> DrillQuerySet:
        """What figures count: drills that took place."""
        return self.filter(status__in=[DrillStatus.HELD, DrillStatus.EVALUATED])

    def in_plan(self) -> DrillQuerySet:
        """Drills that stood in a yearly plan, whatever became of them but a mistake."""
        return self.exclude(status=DrillStatus.VOID).exclude(planned_on=None)


class Drill(PlacedRecord):
    """One drill, or ``quantity`` of them in one row where an office counted only. ``maker_name`` is who held it as on paper."""

    name = models.CharField("演练名称", max_length=160)
    form = models.CharField("演练形式", max_length=10, choices=DrillForm)
    status = models.CharField("状态", max_length=12, choices=DrillStatus, default=DrillStatus.PLANNED)
    maker_name = models.CharField("组织单位", max_length=120)
    owner = models.ForeignKey(
        Organisation, verbose_name="组织机构", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="组织企业", null=True, blank=True, on_delete=models.PROTECT, related_name="drills"
    )
    plan = models.ForeignKey(
        Plan, verbose_name="关联预案", null=True, blank=True, on_delete=models.PROTECT, related_name="drills"
    )
    planned_on = models.DateField("计划日期", null=True, blank=True)
    held_on = models.DateField("演练日期", null=True, blank=True)
    quantity = models.PositiveIntegerField("场次", default=1)
    people = models.PositiveIntegerField("参演人数", null=True, blank=True)
    place = models.CharField("演练地点", max_length=120, blank=True)
    content = models.TextField("演练内容", blank=True)
    evaluated_on = models.DateField("评估日期", null=True, blank=True)
    grade = models.CharField("评估等次", max_length=10, choices=Grade, blank=True)
    evaluation = models.TextField("评估结论", blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    day = models.GeneratedField(
        expression=Coalesce("held_on", "planned_on"), output_field=models.DateField(), db_persist=True
    )
    search_text = models.GeneratedField(
        expression=SearchText("name", "maker_name", "place"), output_field=models.TextField(), db_persist=True
    )

    objects = DrillQuerySet.as_manager()
    scope_shapes = (Area(), Party("owner"), Subject("enterprise"))

    class Meta:
        verbose_name = verbose_name_plural = "应急演练"
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(enterprise__isnull=True),
                name="drill_one_maker",
                violation_error_message="组织单位只能是一个机构或一家企业。",
            ),
            models.CheckConstraint(
                condition=Q(planned_on__isnull=False) | Q(held_on__isnull=False),
                name="drill_has_day",
                violation_error_message="请填写计划日期或演练日期。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["held", "evaluated"], held_on__isnull=False)
                | Q(status__in=["planned", "cancelled"], held_on__isnull=True)
                | Q(status="void"),
                name="drill_held_has_date",
                violation_error_message="已实施的演练须有演练日期，未实施的不得有。",
            ),
            models.CheckConstraint(
                condition=~Q(status="evaluated") | Q(evaluated_on__isnull=False) & ~Q(evaluation=""),
                name="drill_evaluated_has_conclusion",
                violation_error_message="已评估的演练须有评估日期和评估结论。",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="drill_quantity_least", violation_error_message="场次至少为1。"
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | ~Q(cancel_reason=""),
                name="drill_cancelled_has_reason",
                violation_error_message="取消须填写原因。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="drill_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-day", "-id"], name="drill_street"),
            models.Index(fields=["district", "-day", "-id"], name="drill_district"),
            models.Index(fields=["area", "-day", "-id"], name="drill_area"),
            models.Index(fields=["owner", "-day", "-id"], name="drill_owner"),
            models.Index(fields=["enterprise", "-day", "-id"], name="drill_enterprise"),
            models.Index(fields=["-day", "-id"], name="drill_newest"),
            bigram_index("drill_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("plans:drill_detail", args=[self.pk])


class FindingQuerySet(models.QuerySet["DrillFinding"]):
    def visible_to(self, user: Any) -> FindingQuerySet:
        return self.filter(drill__in=Drill.objects.visible_to(user).values("pk"))

    def open(self) -> FindingQuerySet:
        return self.filter(done_on=None).exclude(drill__status=DrillStatus.VOID)

    def overdue(self, on: dt.date) -> FindingQuerySet:
        return self.open().filter(due_on__lt=on)


class DrillFinding(models.Model):
    """Something that a drill showed to be mended, with its day; a task until ``done_on`` stands."""

    drill = models.ForeignKey(Drill, verbose_name="演练", on_delete=models.CASCADE, related_name="findings")
    text = models.CharField("存在问题", max_length=300)
    due_on = models.DateField("整改期限")
    done_on = models.DateField("整改完成日期", null=True, blank=True)
    note = models.CharField("整改情况", max_length=300, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "演练问题"
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | ~Q(note=""),
                name="drill_finding_done_has_note",
                violation_error_message="已整改的须写明整改情况。",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(done_on=None), name="drill_finding_open")]

    def __str__(self) -> str:
        return self.text
