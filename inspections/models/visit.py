"""检查执法: the visits, what was looked at, and what was found (each finding opens a hazard)."""

from __future__ import annotations

import dataclasses

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject
from emergency.programmes.models import Programme
from hazards.models import Hazard, Status


class VisitKind(models.TextChoices):
    DAILY = "daily", "日常检查"
    SPECIAL = "special", "专项检查"
    RANDOM = "random", "双随机检查"
    REPORT = "report", "举报核查"
    RECHECK = "recheck", "复查"
    SUPERVISION = "supervision", "综合督查"
    UNANNOUNCED = "unannounced", "明察暗访"
    LEADER = "leader", "领导带队"
    EXPERT = "expert", "专家会诊"
    SERVICE = "service", "帮扶服务"
    RESUMPTION = "resumption", "复工复产指导"
    PATROL = "patrol", "网格巡查"
    LOOKBACK = "lookback", "回头看"


@dataclasses.dataclass(frozen=True, slots=True)
class KindFlags:
    """What a kind of visit counts as: 是否行政检查, 计入频次, 计入家次, 可出文书 (国办发〔2024〕54号)."""

    administrative: bool
    capped: bool
    counted: bool
    papers: bool


_ADMINISTRATIVE = KindFlags(administrative=True, capped=True, counted=True, papers=True)
_UNCAPPED = KindFlags(administrative=True, capped=False, counted=True, papers=True)
_VISIT_ONLY = KindFlags(administrative=False, capped=False, counted=True, papers=False)
_NOT_COUNTED = KindFlags(administrative=False, capped=False, counted=False, papers=False)

KIND_FLAGS: dict[str, KindFlags] = {
    VisitKind.DAILY: _ADMINISTRATIVE,
    VisitKind.SPECIAL: _ADMINISTRATIVE,
    VisitKind.RANDOM: _ADMINISTRATIVE,
    VisitKind.REPORT: _UNCAPPED,
    VisitKind.RECHECK: _UNCAPPED,
    VisitKind.SUPERVISION: _VISIT_ONLY,
    VisitKind.UNANNOUNCED: _VISIT_ONLY,
    VisitKind.LEADER: _VISIT_ONLY,
    VisitKind.EXPERT: _VISIT_ONLY,
    VisitKind.SERVICE: _VISIT_ONLY,
    VisitKind.RESUMPTION: _VISIT_ONLY,
    VisitKind.PATROL: _NOT_COUNTED,
    VisitKind.LOOKBACK: _VISIT_ONLY,
}
COUNTED_KINDS = tuple(kind for kind, flags in KIND_FLAGS.items() if flags.counted)


class EntryMode(models.TextChoices):
    ITEM = "item", "逐次"
    BULK = "bulk", "汇总填报"


class Checklist(models.Model):
    """A list of things to look at in an industry. Unversioned for now."""

    name = models.CharField("检查表名称", max_length=80)
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="checklists"
    )
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查表"
        ordering = ["industry__order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="checklist_name_unique", violation_error_message="已有同名的检查表。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChecklistItem(models.Model):
    """One line: what to look at, on which basis, and the phrase a finding starts with."""

    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("序号")
    text = models.CharField("检查内容", max_length=200)
    basis = models.CharField("检查依据", max_length=300, blank=True)
    phrase = models.CharField("隐患用语", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查项"
        ordering = ["checklist", "order"]
        constraints = [models.UniqueConstraint(fields=["checklist", "order"], name="checklist_item_order")]

    def __str__(self) -> str:
        return self.text


class VisitQuerySet(ScopedQuerySet):
    def live(self) -> VisitQuerySet:
        return self.filter(void=False)

    def counted(self) -> VisitQuerySet:
        """What 检查（家次） counts: kinds that are flagged 计入家次."""
        return self.live().filter(kind__in=COUNTED_KINDS)

    def with_outcome(self) -> VisitQuerySet:
        """Adds ``hazards_found`` and ``hazards_closed`` (None where there are none), count-mode rows by their quantity."""
        live = Finding.objects.filter(visit=OuterRef("pk")).exclude(hazard__status=Status.VOID).order_by()
        closed = live.filter(hazard__status=Status.CLOSED)
        return self.annotate(
            hazards_found=Subquery(live.values("visit").annotate(n=Sum("hazard__quantity")).values("n")),
            hazards_closed=Subquery(closed.values("visit").annotate(n=Sum("hazard__quantity")).values("n")),
        )

    def with_findings(self) -> VisitQuerySet:
        """Where something was found, itemised or by number; void hazards were not."""
        return self.filter(self._found())

    def without_findings(self) -> VisitQuerySet:
        return self.exclude(self._found())

    def _found(self) -> Q:
        live = Finding.objects.filter(visit=OuterRef("pk")).exclude(hazard__status=Status.VOID)
        return Q(Exists(live))


class Visit(PlacedRecord):
    """One visit to one subject, or (``entry_mode`` bulk) a number of them reported without detail.

    ``quantity`` is the number of 家次. ``found`` … ``major_rectified`` are only for bulk rows; itemised visits have findings.
    ``officer_names`` holds everybody who took part, those of ``officers`` too, so that a list or an export reads one column.
    ``client_id`` is given by the device: the same one again is the same visit sent twice.
    """

    number = models.CharField("检查编号", max_length=60, unique=True)
    original_number = models.CharField("原编号", max_length=60, blank=True)
    client_id = models.UUIDField("设备端编号", unique=True)
    entry_mode = models.CharField("登记方式", max_length=10, choices=EntryMode, default=EntryMode.ITEM)
    kind = models.CharField("检查类型", max_length=12, choices=VisitKind, default=VisitKind.DAILY)
    visited_on = models.DateField("检查日期")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="受检单位", null=True, blank=True, on_delete=models.PROTECT, related_name="visits"
    )
    place = models.CharField("检查地点", max_length=160, blank=True)
    subject_name = models.CharField("受检单位或地点", max_length=160, blank=True, editable=False)
    handler = models.ForeignKey(Organisation, verbose_name="实施单位", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    campaigns = models.ManyToManyField(Programme, verbose_name="专项行动", blank=True, related_name="visits")
    officers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="检查人员", blank=True, related_name="visits"
    )
    officer_names = models.CharField("检查人员姓名", max_length=300, blank=True)
    quantity = models.PositiveIntegerField("家次", default=1)
    quantity_is_about = models.BooleanField("家次为约数", default=False)
    groups = models.PositiveIntegerField("检查组（个）", null=True, blank=True)
    person_times = models.PositiveIntegerField("出动人次", null=True, blank=True)
    found = models.PositiveIntegerField("发现隐患", default=0)
    major_found = models.PositiveIntegerField("其中重大", default=0)
    rectified = models.PositiveIntegerField("已整改", default=0)
    major_rectified = models.PositiveIntegerField("重大已整改", default=0)
    papers = models.PositiveIntegerField("文书（份）", default=0)
    summary = models.TextField("检查情况", blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy = models.PositiveIntegerField("定位精度（米）", null=True, blank=True)
    checklist = models.ForeignKey(
        Checklist, verbose_name="检查表", null=True, blank=True, on_delete=models.PROTECT, related_name="visits"
    )
    signed_by = models.CharField("被检查单位签字人", max_length=60, blank=True)
    unsigned_reason = models.CharField("未签字原因", max_length=200, blank=True)
    void = models.BooleanField("作废", default=False)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "original_number", "subject_name", "officer_names"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = VisitQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler", "department"), Subject("enterprise"))

    class Meta:
        verbose_name = verbose_name_plural = "检查"
        ordering = ["-visited_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="visit_quantity_positive", violation_error_message="家次至少为1。"
            ),
            models.CheckConstraint(
                condition=Q(entry_mode="bulk") | Q(quantity=1, found=0, major_found=0, rectified=0, major_rectified=0),
                name="visit_item_is_one",
                violation_error_message="逐次登记的检查家次只能为1，隐患须逐条登记。",
            ),
            models.CheckConstraint(
                condition=Q(entry_mode="bulk") | ~Q(subject_name=""),
                name="visit_item_names_subject",
                violation_error_message="请填写受检单位或检查地点。",
            ),
            models.CheckConstraint(
                condition=Q(entry_mode="item") | Q(enterprise__isnull=True),
                name="visit_bulk_names_no_subject",
                violation_error_message="汇总填报不得填写受检单位；写明单位的请逐次登记。",
            ),
            models.CheckConstraint(
                condition=Q(rectified__lte=models.F("found"))
                & Q(major_found__lte=models.F("found"))
                & Q(major_rectified__lte=models.F("major_found"))
                & Q(major_rectified__lte=models.F("rectified")),
                name="visit_counts_agree",
                violation_error_message="已整改数不能大于发现数，重大隐患数不能大于隐患总数。",
            ),
            models.CheckConstraint(
                condition=Q(void=False) | ~Q(void_reason=""),
                name="visit_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="visit_times",
                violation_error_message="结束时间不能早于开始时间。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-visited_on", "-id"], name="visit_street"),
            models.Index(fields=["district", "-visited_on", "-id"], name="visit_district"),
            models.Index(fields=["area", "-visited_on", "-id"], name="visit_area"),
            models.Index(fields=["handler", "-visited_on", "-id"], name="visit_handler"),
            models.Index(fields=["department", "-visited_on", "-id"], name="visit_department"),
            models.Index(fields=["enterprise", "-visited_on", "-id"], name="visit_enterprise"),
            models.Index(fields=["-visited_on", "-id"], name="visit_newest"),
            bigram_index("visit_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject_name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("inspections:detail", args=[self.pk])

    @property
    def subject(self) -> str:
        """Whom or what it was about, in a word; a bulk row names nobody."""
        return self.subject_name or f"汇总填报{'约' if self.quantity_is_about else ''}{self.quantity}家次"

    @property
    def flags(self) -> KindFlags:
        return KIND_FLAGS[self.kind]


class Result(models.TextChoices):
    PASS = "pass", "合格"
    PROBLEM = "problem", "存在问题"
    NOT_APPLICABLE = "na", "不涉及"


class VisitResult(models.Model):
    """What one checklist item came to; the text is copied, so that a later change of the list does not rewrite history."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="results")
    item = models.ForeignKey(ChecklistItem, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField("检查内容", max_length=200)
    result = models.CharField("结果", max_length=10, choices=Result, default=Result.PASS)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查结果"
        ordering = ["visit", "id"]

    def __str__(self) -> str:
        return f"{self.text}：{self.get_result_display()}"


class PhotoKind(models.TextChoices):
    """What a file on a visit is."""

    SCENE = "photo", "现场照片"
    SIGNATURE = "signature", "签字"


class Finding(models.Model):
    """The link between a visit and the hazard that it opened; hazards themselves never know inspections.

    A bulk row's count-mode hazards are linked as well, so that its numbers can be followed and taken back.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="findings")
    hazard = models.OneToOneField(Hazard, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(VisitResult, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")

    class Meta:
        verbose_name = verbose_name_plural = "检查发现"

    def __str__(self) -> str:
        return f"{self.visit_id} → {self.hazard_id}"
