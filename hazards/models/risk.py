"""风险点: what may go wrong, how grave it is in one of the four colours, and the measures that keep it under control."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from emergency.core import periods
from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise, Industry, RiskLevel
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject


class RiskStatus(models.TextChoices):
    IDENTIFIED = "identified", "待管控"
    CONTROLLED = "controlled", "管控中"
    REMOVED = "removed", "已消除"
    VOID = "void", "已作废"


RISK_TONES = {
    RiskStatus.IDENTIFIED: "blue",
    RiskStatus.CONTROLLED: "green",
    RiskStatus.REMOVED: "grey",
    RiskStatus.VOID: "grey",
}
LIVE_RISKS = (RiskStatus.IDENTIFIED, RiskStatus.CONTROLLED)


class RiskCategory(models.TextChoices):
    """What the risk lies in; a word of the office's own stands in ``category_name``."""

    EQUIPMENT = "equipment", "设备设施"
    WORK = "work", "作业活动"
    PLACE = "place", "场所部位"
    PROCESS = "process", "工艺流程"
    MATERIAL = "material", "危险物质"
    CROWD = "crowd", "人员密集"
    NATURAL = "natural", "自然灾害"
    OTHER = "other", "其他"


class Assessment(models.TextChoices):
    LEC = "lec", "作业条件危险性评价法（LEC）"
    LS = "ls", "风险矩阵法（LS）"
    DIRECT = "direct", "直接判定"


class ControlLevel(models.TextChoices):
    """Who answers for it: 分级管控."""

    CITY = "city", "市级"
    DISTRICT = "district", "区（县）级"
    STREET = "street", "街道（乡镇）级"
    FIRM = "firm", "企业级"


class Patrol(models.TextChoices):
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周"
    HALF_MONTHLY = "half_monthly", "每半月"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"


PATROL_DAYS = {Patrol.DAILY: 1, Patrol.WEEKLY: 7, Patrol.HALF_MONTHLY: 15}
PATROL_MONTHS = {Patrol.MONTHLY: 1, Patrol.QUARTERLY: 3, Patrol.HALF_YEARLY: 6, Patrol.YEARLY: 12}


class RiskQuerySet(ScopedQuerySet):
    def counted(self) -> RiskQuerySet:
        """What figures count: everything that was really identified, whether it has gone since or not."""
        return self.exclude(status=RiskStatus.VOID)

    def live(self) -> RiskQuerySet:
        return self.filter(status__in=LIVE_RISKS)

    def patrol_overdue(self, on: dt.date) -> RiskQuerySet:
        return self.filter(status=RiskStatus.CONTROLLED, next_patrol_on__lt=on)


class RiskPoint(PlacedRecord):
    """One place, device or job where an accident may happen.

    ``level`` follows from the inputs of ``assessment`` or, judged directly, from ``judgement``. ``handler`` is the office that keeps
    it, ``responsible_unit`` whoever must hold it under control, often the enterprise itself. ``measure_count`` is the number of its
    :class:`RiskMeasure` rows, kept by the services because figures sum it.
    """

    number = models.CharField("风险点编号", max_length=40, unique=True)
    original_number = models.CharField("原编号", max_length=60, blank=True)
    name = models.CharField("风险点名称", max_length=160)
    status = models.CharField("状态", max_length=12, choices=RiskStatus, default=RiskStatus.IDENTIFIED)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="监管对象", null=True, blank=True, on_delete=models.PROTECT, related_name="risk_points"
    )
    place = models.CharField("位置", max_length=160, blank=True)
    handler = models.ForeignKey(Organisation, verbose_name="监管单位", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    category = models.CharField("类别", max_length=12, choices=RiskCategory, default=RiskCategory.OTHER)
    category_name = models.CharField("分类名称", max_length=60, blank=True)
    features = models.TextField("风险特征", blank=True)
    consequences = models.TextField("可能后果", blank=True)
    assessment = models.CharField("评估方法", max_length=10, choices=Assessment, default=Assessment.DIRECT)
    likelihood = models.DecimalField("可能性（L）", max_digits=4, decimal_places=1, null=True, blank=True)
    exposure = models.DecimalField("暴露频繁程度（E）", max_digits=4, decimal_places=1, null=True, blank=True)
    severity = models.DecimalField("后果严重性（C、S）", max_digits=4, decimal_places=0, null=True, blank=True)
    score = models.DecimalField("风险值", max_digits=8, decimal_places=2, null=True, editable=False)
    judgement = models.CharField("直接判定理由", max_length=300, blank=True)
    level = models.CharField("风险等级", max_length=10, choices=RiskLevel)
    assessed_on = models.DateField("评估日期", null=True, blank=True)
    key = models.BooleanField("重点风险点", default=False)
    control_level = models.CharField("管控层级", max_length=10, choices=ControlLevel, blank=True)
    responsible_unit = models.CharField("责任单位", max_length=120, blank=True)
    responsible_person = models.CharField("责任人", max_length=60, blank=True)
    responsible_phone = models.CharField("责任人电话", max_length=30, blank=True)
    patrol = models.CharField("巡查频次", max_length=14, choices=Patrol, blank=True)
    last_patrol_on = models.DateField("最近巡查日期", null=True, blank=True)
    next_patrol_on = models.DateField("下次巡查日期", null=True, blank=True)
    identified_on = models.DateField("辨识日期")
    controlled_on = models.DateField("管控日期", null=True, blank=True)
    removed_on = models.DateField("消除日期", null=True, blank=True)
    removed_reason = models.CharField("消除原因", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    measure_count = models.PositiveSmallIntegerField("管控措施条数", default=0, editable=False)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "original_number", "name", "place", "responsible_unit"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = RiskQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler", "department"), Subject("enterprise"))
    personal_fields = frozenset({"responsible_phone"})

    class Meta:
        verbose_name = verbose_name_plural = "风险点"
        ordering = ["-identified_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="controlled") | Q(controlled_on__isnull=False),
                name="risk_controlled_has_date",
                violation_error_message="管控中的风险点须有管控日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status="identified") | Q(controlled_on__isnull=True),
                name="risk_date_only_when_controlled",
                violation_error_message="待管控的风险点不得有管控日期。",
            ),
            models.CheckConstraint(
                condition=Q(controlled_on__isnull=True) | Q(controlled_on__gte=F("identified_on")),
                name="risk_controlled_after_identified",
                violation_error_message="管控日期不能早于辨识日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="removed", removed_on__isnull=False)
                | (~Q(status="removed") & Q(removed_on__isnull=True)),
                name="risk_removed_has_date",
                violation_error_message="已消除的风险点须有消除日期，其他状态不得有消除日期。",
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | Q(removed_on__gte=F("identified_on")),
                name="risk_removed_after_identified",
                violation_error_message="消除日期不能早于辨识日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status="removed") | ~Q(removed_reason=""),
                name="risk_removed_has_reason",
                violation_error_message="消除销号须填写原因。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="risk_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
            models.CheckConstraint(
                condition=Q(assessment="direct", score__isnull=True)
                | Q(assessment="ls", likelihood__isnull=False, severity__isnull=False, score__isnull=False)
                | Q(
                    assessment="lec",
                    likelihood__isnull=False,
                    exposure__isnull=False,
                    severity__isnull=False,
                    score__isnull=False,
                ),
                name="risk_inputs_fit_assessment",
                violation_error_message="按评估方法填写各项取值；直接判定的没有风险值。",
            ),
            models.CheckConstraint(
                condition=~Q(assessment="direct") | ~Q(judgement="") | Q(import_id__isnull=False),
                name="risk_direct_has_judgement",
                violation_error_message="直接判定风险等级须填写理由。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-identified_on", "-id"], name="risk_street"),
            models.Index(fields=["district", "-identified_on", "-id"], name="risk_district"),
            models.Index(fields=["area", "-identified_on", "-id"], name="risk_area"),
            models.Index(fields=["handler", "-identified_on", "-id"], name="risk_handler"),
            models.Index(fields=["department", "-identified_on", "-id"], name="risk_department"),
            models.Index(fields=["enterprise", "-identified_on", "-id"], name="risk_enterprise"),
            models.Index(fields=["-identified_on", "-id"], name="risk_newest"),
            models.Index(fields=["handler", "next_patrol_on"], name="risk_patrol", condition=Q(status="controlled")),
            bigram_index("risk_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("hazards:risk_detail", args=[self.pk])

    def patrol_after(self, day: dt.date) -> dt.date | None:
        """When the next patrol is due if one took place, or control began, on this day; None without a frequency."""
        if not self.patrol:
            return None
        patrol = Patrol(self.patrol)
        if patrol in PATROL_DAYS:
            return day + dt.timedelta(days=PATROL_DAYS[patrol])
        return periods.add_months(day, PATROL_MONTHS[patrol])


class RiskMeasure(models.Model):
    """One control measure of a risk point, in its order."""

    point = models.ForeignKey(RiskPoint, verbose_name="风险点", on_delete=models.CASCADE, related_name="measures")
    order = models.PositiveSmallIntegerField("序号")
    text = models.CharField("管控措施", max_length=300)
    owner = models.CharField("措施责任人", max_length=60, blank=True)
    frequency = models.CharField("措施频次", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "管控措施"
        ordering = ["point_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "order"],
                name="risk_measure_order_unique",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="管控措施的序号重复。",
            ),
            models.CheckConstraint(
                condition=~Q(text=""), name="risk_measure_has_text", violation_error_message="请填写管控措施。"
            ),
        ]

    def __str__(self) -> str:
        return self.text
