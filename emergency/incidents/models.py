"""事故: what happened where, whom it hurt, how grave it was by the State Council's scale, and how the case was brought to its end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject


class Status(models.TextChoices):
    FLASH = "flash", "快报"
    VERIFIED = "verified", "已核实"
    CLOSED = "closed", "已结案"
    VOID = "void", "已作废"


#: Badge tones of look.md: 待办 blue, 进行中 amber, 完成 green, 作废 grey.
STATUS_TONES = {Status.FLASH: "blue", Status.VERIFIED: "amber", Status.CLOSED: "green", Status.VOID: "grey"}


class Grade(models.TextChoices):
    """事故等级, 《生产安全事故报告和调查处理条例》第三条."""

    EXTRAORDINARY = "extraordinary", "特别重大"
    MAJOR = "major", "重大"
    LARGER = "larger", "较大"
    GENERAL = "general", "一般"


#: From how many dead, seriously injured (acute poisoning included) or yuan lost on a grade holds. 以上 takes the number itself in, 以下
#: leaves it out (the same article, last paragraph), so each bound belongs to the graver grade.
GRADE_FROM: tuple[tuple[Grade, int, int, int], ...] = (
    (Grade.EXTRAORDINARY, 30, 100, 100_000_000),
    (Grade.MAJOR, 10, 50, 50_000_000),
    (Grade.LARGER, 3, 10, 10_000_000),
)
LARGER_UP = (Grade.LARGER, Grade.MAJOR, Grade.EXTRAORDINARY)


def grade_of(*, deaths: int, serious_injured: int, direct_loss: Decimal | None) -> Grade:
    """The gravest grade that any of the three reaches; ``direct_loss`` in yuan, None while nobody has assessed it."""
    for grade, dead, hurt, lost in GRADE_FROM:
        if deaths >= dead or serious_injured >= hurt or (direct_loss or 0) >= lost:
            return grade
    return Grade.GENERAL


def _grade_rule() -> Q:
    """:func:`grade_of` as a condition on the row, so that no other grade can be stored."""
    parts, lighter = [], Q()
    for grade, dead, hurt, lost in GRADE_FROM:
        loss = GreaterThanOrEqual(Coalesce(F("direct_loss"), Decimal(0)), Decimal(lost))
        reached = Q(deaths__gte=dead) | Q(serious_injured__gte=hurt) | Q(loss)
        parts.append(Q(grade=grade.value) & lighter & reached)
        lighter &= ~reached
    return reduce(or_, parts, Q(grade=Grade.GENERAL.value) & lighter)


class Classification(models.TextChoices):
    """事故分类 of the statistics, by who looks after the trade."""

    INDUSTRIAL = "industrial", "工矿商贸"
    CONSTRUCTION = "construction", "建筑业"
    ROAD = "road", "道路运输"
    WATER = "water", "水上"
    MACHINERY = "machinery", "农机"
    FIRE = "fire", "火灾"
    OTHER = "other", "其他"


class InjuryType(models.TextChoices):
    """事故类型, GB 6441: what hit the people."""

    STRUCK = "struck", "物体打击"
    VEHICLE = "vehicle", "车辆伤害"
    MACHINE = "machine", "机械伤害"
    LIFTING = "lifting", "起重伤害"
    ELECTRIC = "electric", "触电"
    DROWNING = "drowning", "淹溺"
    BURN = "burn", "灼烫"
    FIRE = "fire", "火灾"
    FALL = "fall", "高处坠落"
    COLLAPSE = "collapse", "坍塌"
    ROOF = "roof", "冒顶片帮"
    WATER_INRUSH = "water_inrush", "透水"
    BLASTING = "blasting", "放炮"
    POWDER = "powder", "火药爆炸"
    GAS = "gas", "瓦斯爆炸"
    BOILER = "boiler", "锅炉爆炸"
    VESSEL = "vessel", "容器爆炸"
    EXPLOSION = "explosion", "其他爆炸"
    POISONING = "poisoning", "中毒和窒息"
    OTHER = "other", "其他伤害"


class Formerly(models.TextChoices):
    """As what somebody who died later had been counted until then."""

    SERIOUS = "serious", "原重伤"
    MINOR = "minor", "原轻伤"
    MISSING = "missing", "原失踪"
    UNCOUNTED = "uncounted", "原未计入"


class LocalDate(Func):
    """The day of a moment by the clocks of China, which have known no summer time since 1991; immutable, so it can be stored."""

    template = "((%(expressions)s) AT TIME ZONE 'Asia/Shanghai')::date"
    arity = 1
    output_field = DateField()


class AccidentQuerySet(ScopedQuerySet):
    def live(self) -> AccidentQuerySet:
        return self.exclude(status=Status.VOID)

    def counted(self) -> AccidentQuerySet:
        """What figures count: 生产经营性 and 纳入统计, from the first report on (生产安全事故统计调查制度)."""
        return self.live().filter(production=True, counted=True)

    def open(self) -> AccidentQuerySet:
        return self.filter(status__in=[Status.FLASH, Status.VERIFIED])


class Accident(PlacedRecord):
    """One accident. ``deaths`` and the injuries are what stands now: the first count, moved by the later deaths that still count.

    ``industry`` and ``department`` are snapshots of the day; ``direct_loss`` is in yuan.
    """

    number = models.CharField("事故编号", max_length=40, unique=True)
    original_number = models.CharField("原编号", max_length=60, blank=True)
    name = models.CharField("事故名称", max_length=120)
    occurred_at = models.DateTimeField("发生时间")
    occurred_on = models.GeneratedField(
        verbose_name="发生日期", expression=LocalDate("occurred_at"), output_field=DateField(), db_persist=True
    )
    place = models.CharField("发生地点", max_length=160, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="监管对象", null=True, blank=True, on_delete=models.PROTECT, related_name="accidents"
    )
    unit_name = models.CharField("事故单位", max_length=160, blank=True)
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    classification = models.CharField("事故分类", max_length=14, choices=Classification)
    injury_type = models.CharField("事故类型", max_length=14, choices=InjuryType, blank=True)
    production = models.BooleanField("生产经营性", default=True)
    counted = models.BooleanField("纳入统计", default=True)
    uncounted_reason = models.CharField("不纳入统计原因", max_length=200, blank=True)
    # The first count, before later deaths
    initial_deaths = models.PositiveIntegerField("首报死亡", default=0)
    initial_missing = models.PositiveIntegerField("首报失踪", default=0)
    initial_serious = models.PositiveIntegerField("首报重伤", default=0)
    initial_minor = models.PositiveIntegerField("首报轻伤", default=0)
    # As it stands now
    deaths = models.PositiveIntegerField("死亡", default=0, editable=False)
    missing = models.PositiveIntegerField("失踪", default=0, editable=False)
    serious_injured = models.PositiveIntegerField("重伤", default=0, editable=False)
    minor_injured = models.PositiveIntegerField("轻伤", default=0, editable=False)
    direct_loss = models.DecimalField("直接经济损失（元）", max_digits=16, decimal_places=2, null=True, blank=True)
    grade = models.CharField("事故等级", max_length=14, choices=Grade, default=Grade.GENERAL, editable=False)
    cause = models.TextField("事故原因", blank=True)
    brief = models.TextField("简要情况", blank=True)
    data_source = models.CharField("数据来源", max_length=120, blank=True)
    reported_at = models.DateTimeField("事故单位报告时间", null=True, blank=True)
    passed_on_at = models.DateTimeField("向上级报告时间", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.FLASH)
    verified_on = models.DateField("核实日期", null=True, blank=True)
    report_due_on = models.DateField("调查报告期限", null=True, blank=True)
    report_extended = models.BooleanField("调查已延期", default=False)
    report_submitted_on = models.DateField("调查报告提交日期", null=True, blank=True)
    reply_due_on = models.DateField("批复期限", null=True, blank=True)
    approved_on = models.DateField("批复结案日期", null=True, blank=True)
    approval_number = models.CharField("批复文号", max_length=60, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "original_number", "name", "unit_name", "place", "brief"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = AccidentQuerySet.as_manager()
    # A firm reads of its accident what the bureau has verified, not what was first reported.
    scope_shapes = (
        Area(),
        Party("department"),
        Subject("enterprise", only=Q(status__in=[Status.VERIFIED, Status.CLOSED])),
    )

    class Meta:
        verbose_name = verbose_name_plural = "事故"
        ordering = ["-occurred_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=_grade_rule(),
                name="accident_grade_by_casualties",
                violation_error_message="事故等级与死亡、重伤人数和直接经济损失不符。",
            ),
            models.CheckConstraint(
                condition=Q(deaths__gte=F("initial_deaths")),
                name="accident_deaths_only_rise",
                violation_error_message="死亡人数不能少于首报死亡人数。",
            ),
            models.CheckConstraint(
                condition=Q(direct_loss__isnull=True) | Q(direct_loss__gte=0),
                name="accident_loss_not_negative",
                violation_error_message="直接经济损失不能小于零。",
            ),
            models.CheckConstraint(
                condition=Q(counted=True) | ~Q(uncounted_reason=""),
                name="accident_uncounted_has_reason",
                violation_error_message="不纳入统计的，请填写原因。",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(production=True),
                name="accident_counted_is_production",
                violation_error_message="非生产经营性事故不纳入统计，请选择不纳入并写明原因。",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(approved_on__isnull=False),
                name="accident_closed_has_date",
                violation_error_message="已结案的事故须有批复结案日期。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["closed", "void"]) | Q(approved_on__isnull=True),
                name="accident_date_only_when_closed",
                violation_error_message="未结案的事故不得有批复结案日期。",
            ),
            models.CheckConstraint(
                condition=Q(report_submitted_on__isnull=True) | Q(report_submitted_on__gte=LocalDate("occurred_at")),
                name="accident_report_after_accident",
                violation_error_message="调查报告提交日期不能早于事故发生日期。",
            ),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True)
                | Q(approved_on__gte=Coalesce("report_submitted_on", LocalDate("occurred_at"))),
                name="accident_approved_after_report",
                violation_error_message="批复结案日期不能早于事故发生和调查报告提交日期。",
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(reported_at__gte=F("occurred_at")),
                name="accident_reported_after",
                violation_error_message="事故单位报告时间不能早于事故发生时间。",
            ),
            models.CheckConstraint(
                condition=Q(passed_on_at__isnull=True) | Q(passed_on_at__gte=Coalesce("reported_at", "occurred_at")),
                name="accident_passed_on_after",
                violation_error_message="向上级报告时间不能早于事故发生和事故单位报告时间。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="accident_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-occurred_on", "-id"], name="accident_street"),
            models.Index(fields=["district", "-occurred_on", "-id"], name="accident_district"),
            models.Index(fields=["area", "-occurred_on", "-id"], name="accident_area"),
            models.Index(fields=["department", "-occurred_on", "-id"], name="accident_department"),
            models.Index(fields=["enterprise", "-occurred_on", "-id"], name="accident_enterprise"),
            models.Index(fields=["-occurred_on", "-id"], name="accident_newest"),
            bigram_index("accident_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:detail", args=[self.pk])

    @property
    def home(self) -> Organisation:
        """The most exact unit known for it: who holds a post over this one may act on it."""
        return self.area or self.district

    @property
    def next_due_on(self) -> dt.date | None:
        """The clock that runs now: the investigation's until its report is in, then that of the government's reply."""
        if self.status != Status.VERIFIED:
            return None
        return self.reply_due_on if self.report_submitted_on else self.report_due_on


class AccidentDeath(models.Model):
    """A death of somebody hurt or missed in an accident, after the first count.

    Within the days of the regulation it counts, and on the accident's date; later ones are kept and not counted
    (《生产安全事故报告和调查处理条例》第十三条).
    """

    accident = models.ForeignKey(
        Accident, verbose_name="事故", on_delete=models.PROTECT, related_name="later_deaths", editable=False
    )
    died_on = models.DateField("死亡日期")
    people = models.PositiveSmallIntegerField("人数", default=1)
    formerly = models.CharField("此前情形", max_length=10, choices=Formerly, default=Formerly.SERIOUS)
    counted = models.BooleanField("计入统计", editable=False)
    uncounted_because = models.CharField("不计入原因", max_length=200, blank=True, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)
    void = models.BooleanField("作废", default=False, editable=False)
    void_reason = models.CharField("作废原因", max_length=200, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "后续死亡"
        ordering = ["died_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(people__gte=1), name="accident_death_people", violation_error_message="人数至少为1。"
            ),
            models.CheckConstraint(
                condition=Q(counted=True) | ~Q(uncounted_because=""),
                name="accident_death_says_why",
                violation_error_message="不计入统计的后续死亡须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(void=False) | ~Q(void_reason=""),
                name="accident_death_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.died_on:%Y-%m-%d} {self.people}人（{self.get_formerly_display()}）"
