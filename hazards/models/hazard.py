"""隐患: what was found wrong, who must put it right by when, and how it was closed."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject
from emergency.programmes.models import Programme


class Status(models.TextChoices):
    DRAFT = "draft", "草稿"
    RECTIFYING = "rectifying", "待整改"
    EXTENSION = "extension", "延期待批"
    REVIEW = "review", "待复查"
    CLOSED = "closed", "已销号"
    VOID = "void", "已作废"


#: Badge tones of look.md: 待办 blue, 进行中 amber, 完成 green, 作废 grey (overdue turns red on the page).
STATUS_TONES = {
    Status.DRAFT: "blue",
    Status.RECTIFYING: "amber",
    Status.EXTENSION: "amber",
    Status.REVIEW: "blue",
    Status.CLOSED: "green",
    Status.VOID: "grey",
}
OPEN_STATUSES = (Status.RECTIFYING, Status.EXTENSION, Status.REVIEW)


class Grade(models.TextChoices):
    GENERAL = "general", "一般"
    MAJOR = "major", "重大"


class EntryMode(models.TextChoices):
    ITEM = "item", "逐条"
    COUNT = "count", "按数量"


class Source(models.TextChoices):
    SELF = "self", "企业自查"
    INSPECTION = "inspection", "部门检查"
    EXPERT = "expert", "专家会诊"
    SUPERVISION = "supervision", "督查"
    REPORT = "report", "群众举报"
    ASSIGNED = "assigned", "上级交办"
    PATROL = "patrol", "巡查"


class Category(models.TextChoices):
    """Kind of hazard as the monthly tables group them."""

    MANAGEMENT = "management", "安全管理"
    FIRE = "fire", "消防安全"
    ELECTRICITY = "electricity", "用电安全"
    EQUIPMENT = "equipment", "设备设施"
    SITE = "site", "作业现场"
    CHEMICAL = "chemical", "危险化学品"
    CONFINED = "confined", "有限空间"
    SPECIAL = "special", "特种设备"
    TRAINING = "training", "教育培训"
    EMERGENCY = "emergency", "应急管理"
    OTHER = "other", "其他"


class Measure(models.TextChoices):
    IMMEDIATE = "immediate", "立即整改"
    DEADLINE = "deadline", "限期整改"


class ListingDecision(models.TextChoices):
    """What was decided on a major hazard after 判定. The listing procedure itself will be a record of its own."""

    UNDECIDED = "undecided", "未决定"
    DIRECT = "direct", "直接督促整改"


class PhotoKind(models.TextChoices):
    """What a photo of a hazard shows; the ``kind`` of its attachment."""

    BEFORE = "before", "整改前"
    AFTER = "after", "整改后"
    REVIEW = "review", "复查"
    EVIDENCE = "evidence", "佐证材料"
    SIGNATURE = "signature", "签字"


class HazardQuerySet(ScopedQuerySet):
    def counted(self) -> HazardQuerySet:
        """What figures count: everything that was really found. Drafts and void rows never were."""
        return self.exclude(status__in=[Status.DRAFT, Status.VOID])

    def open(self) -> HazardQuerySet:
        return self.filter(status__in=OPEN_STATUSES)

    def overdue(self, on: dt.date) -> HazardQuerySet:
        """Not submitted and due before the day; after submission the re-check clock runs against the officer instead."""
        return self.filter(status__in=[Status.RECTIFYING, Status.EXTENSION], due_on__lt=on)

    def review_overdue(self, on: dt.date) -> HazardQuerySet:
        return self.filter(status=Status.REVIEW, review_due_on__lt=on)


class Hazard(PlacedRecord):
    """One hidden danger (``entry_mode`` item) or a number of them reported without detail (count).

    Figures sum ``quantity``. ``industry`` and ``department`` are snapshots of the day it was found.
    """

    number = models.CharField("隐患编号", max_length=40, unique=True)
    original_number = models.CharField("原编号", max_length=60, blank=True)
    entry_mode = models.CharField("登记方式", max_length=10, choices=EntryMode, default=EntryMode.ITEM)
    quantity = models.PositiveIntegerField("数量", default=1)
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.DRAFT)
    source = models.CharField("隐患来源", max_length=12, choices=Source, default=Source.INSPECTION)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="受检单位", null=True, blank=True, on_delete=models.PROTECT, related_name="hazards"
    )
    place = models.CharField("地点", max_length=160, blank=True)
    subject_name = models.CharField("受检单位或地点", max_length=160, editable=False)
    handler = models.ForeignKey(Organisation, verbose_name="承办单位", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    campaigns = models.ManyToManyField(Programme, verbose_name="专项行动", blank=True, related_name="hazards")
    category = models.CharField("隐患类别", max_length=12, choices=Category, default=Category.OTHER)
    description = models.TextField("隐患描述")
    legal_basis = models.CharField("判定依据", max_length=300, blank=True)
    grade = models.CharField("隐患等级", max_length=10, choices=Grade, default=Grade.GENERAL)
    standard_code = models.CharField("判定标准", max_length=120, blank=True)
    standard_item = models.CharField("标准条款", max_length=60, blank=True)
    found_on = models.DateField("发现日期")
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发现人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    measure = models.CharField("处置方式", max_length=10, choices=Measure, default=Measure.DEADLINE)
    order_number = models.CharField("整改文书号", max_length=60, blank=True)
    issued_on = models.DateField("下达日期", null=True, blank=True)
    due_on = models.DateField("整改期限", null=True, blank=True)
    requested_due_on = models.DateField("申请延期至", null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="延期申请人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    # The firm's answer
    rectification = models.TextField("整改措施", blank=True)
    rectifier = models.CharField("整改责任人", max_length=60, blank=True)
    rectified_on = models.DateField("整改完成日期", null=True, blank=True)
    rectified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="整改填报人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    cost = models.DecimalField("整改资金（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    # The officer's check
    review_due_on = models.DateField("复查期限", null=True, blank=True)
    reviewed_on = models.DateField("复查日期", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="复查人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewer_name = models.CharField("复查人姓名", max_length=60, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    closed_without_review = models.BooleanField("历史补录，无复查记录", default=False)
    rejections = models.PositiveSmallIntegerField("复查不合格次数", default=0)
    # Major hazards: 五落实 (16号令 art 14; 安全生产法 41)
    duty = models.TextField("责任落实", blank=True)
    steps = models.TextField("措施落实", blank=True)
    funds = models.TextField("资金落实", blank=True)
    time_limit = models.TextField("时限落实", blank=True)
    contingency = models.TextField("预案落实", blank=True)
    listed = models.BooleanField("挂牌督办", default=False)
    listing_decision = models.CharField(
        "挂牌决定", max_length=12, choices=ListingDecision, default=ListingDecision.UNDECIDED
    )
    listing_reason = models.CharField("不挂牌理由", max_length=300, blank=True)
    recurs_of = models.ForeignKey(
        "self", verbose_name="重复隐患", null=True, blank=True, on_delete=models.PROTECT, related_name="recurrences"
    )
    split_from = models.ForeignKey(
        "self", verbose_name="拆分自", null=True, editable=False, on_delete=models.PROTECT, related_name="parts"
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    internal_note = models.TextField("内部备注", blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "original_number", "subject_name", "description"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = HazardQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler", "department"), Subject("enterprise", only=~Q(status=Status.DRAFT)))

    class Meta:
        verbose_name = verbose_name_plural = "隐患"
        ordering = ["-found_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="hazard_quantity_positive", violation_error_message="数量至少为1。"
            ),
            models.CheckConstraint(
                condition=Q(entry_mode="count") | Q(quantity=1),
                name="hazard_item_is_one",
                violation_error_message="逐条登记的隐患数量只能为1。",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_on__isnull=False),
                name="hazard_closed_has_date",
                violation_error_message="已销号的隐患须有销号日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="closed") | Q(closed_on__isnull=True),
                name="hazard_date_only_when_closed",
                violation_error_message="未销号的隐患不得有销号日期。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("found_on")),
                name="hazard_closed_after_found",
                violation_error_message="销号日期不能早于发现日期。",
            ),
            models.CheckConstraint(
                condition=Q(rectified_on__isnull=True) | Q(rectified_on__gte=models.F("found_on")),
                name="hazard_rectified_after_found",
                violation_error_message="整改完成日期不能早于发现日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="hazard_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
            models.CheckConstraint(
                condition=~Q(listing_decision="direct") | ~Q(listing_reason=""),
                name="hazard_not_listed_has_reason",
                violation_error_message="不挂牌督办须填写理由。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=models.F("found_on")),
                name="hazard_due_after_found",
                violation_error_message="整改期限不能早于发现日期。",
            ),
            models.CheckConstraint(
                condition=Q(grade="general")
                | ~Q(standard_code="")
                | Q(import_id__isnull=False)
                | Q(entry_mode="count"),
                name="hazard_major_has_standard",
                violation_error_message="重大隐患须填写判定标准及条款。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-found_on", "-id"], name="hazard_street"),
            models.Index(fields=["district", "-found_on", "-id"], name="hazard_district"),
            models.Index(fields=["area", "-found_on", "-id"], name="hazard_area"),
            models.Index(fields=["handler", "-found_on", "-id"], name="hazard_handler"),
            models.Index(fields=["department", "-found_on", "-id"], name="hazard_department"),
            models.Index(fields=["enterprise", "-found_on", "-id"], name="hazard_enterprise"),
            models.Index(fields=["-found_on", "-id"], name="hazard_newest"),
            models.Index(
                fields=["street", "due_on"],
                name="hazard_open_due",
                condition=Q(status__in=["rectifying", "extension", "review"]),
            ),
            models.Index(
                fields=["district", "found_on"],
                name="hazard_figures",
                include=["street", "closed_on", "status", "grade", "quantity"],
            ),
            bigram_index("hazard_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject_name}"

    def get_absolute_url(self) -> str:
        return reverse("hazards:detail", args=[self.pk])

    @property
    def is_major(self) -> bool:
        return self.grade == Grade.MAJOR

    @property
    def is_own_check(self) -> bool:
        """A general hazard that the enterprise found itself: its own acceptor closes it, officers sample it."""
        return self.source == Source.SELF and not self.is_major

    def days_overdue(self, on: dt.date) -> int:
        """Days since the due date while the firm has not submitted; 0 when in time."""
        waiting = self.status in (Status.RECTIFYING, Status.EXTENSION)
        return max(0, (on - self.due_on).days) if waiting and self.due_on else 0

    @property
    def next_due_on(self) -> dt.date | None:
        """The clock that runs now: the firm's until it submits, then the officer's re-check."""
        return self.review_due_on if self.status == Status.REVIEW else self.due_on
