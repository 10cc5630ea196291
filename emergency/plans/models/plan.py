"""应急预案: one row a version, from its drafting to its end, with the filing (备案) in between."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject


class Kind(models.TextChoices):
    """Of enterprises the three of 《生产安全事故应急预案管理办法》第六条, of offices those of 国办发〔2024〕5号."""

    COMPREHENSIVE = "comprehensive", "综合应急预案"
    SPECIAL = "special", "专项应急预案"
    ON_SITE = "on_site", "现场处置方案"
    OVERALL = "overall", "政府总体应急预案"
    GOVERNMENT = "government", "政府专项应急预案"
    DEPARTMENT = "department", "部门应急预案"
    STREET = "street", "乡镇（街道）应急预案"
    COMMUNITY = "community", "村（社区）应急预案"
    JOINT = "joint", "联合应急预案"
    EVENT = "event", "重大活动应急预案"


#: What an enterprise makes.
FIRM_KINDS = (Kind.COMPREHENSIVE, Kind.SPECIAL, Kind.ON_SITE)


class Status(models.TextChoices):
    DRAFTING = "drafting", "编制中"
    REVISING = "revising", "修订中"
    PUBLISHED = "published", "已公布"
    SUBMITTED = "submitted", "待核对"
    CORRECTING = "correcting", "待补正"
    FILED = "filed", "已备案"
    DEEMED = "deemed", "视为备案"
    REPEALED = "repealed", "已废止"
    VOID = "void", "已作废"


STATUS_TONES = {
    Status.DRAFTING: "blue",
    Status.REVISING: "blue",
    Status.PUBLISHED: "amber",
    Status.SUBMITTED: "amber",
    Status.CORRECTING: "amber",
    Status.FILED: "green",
    Status.DEEMED: "green",
    Status.REPEALED: "grey",
    Status.VOID: "grey",
}
#: Published and not ended: what somebody would act by today.
IN_FORCE = (Status.PUBLISHED, Status.SUBMITTED, Status.CORRECTING, Status.FILED, Status.DEEMED)


class Material(models.TextChoices):
    """What has to be handed in for filing: 《生产安全事故应急预案管理办法》第二十七条; 编制说明 is asked of offices (国办发〔2024〕5号)."""

    FORM = "form", "备案申报表"
    REVIEW = "review", "评审意见"
    TEXT = "text", "预案电子文档"
    SURVEY = "survey", "风险评估结果和应急资源调查清单"
    NOTE = "note", "编制说明"


class RevisionReason(models.TextChoices):
    """《生产安全事故应急条例》第六条."""

    LAW = "law", "依据的法律、法规、规章、标准有重大变化"
    COMMAND = "command", "应急指挥机构及其职责有调整"
    RISK = "risk", "面临的风险有重大变化"
    RESOURCE = "resource", "重要应急资源有重大变化"
    DRILL = "drill", "演练或者救援中发现需要修订的重大问题"
    OTHER = "other", "其他应当修订的情形"


class Conclusion(models.TextChoices):
    """What an evaluation (评估) ends in: 《生产安全事故应急预案管理办法》第三十五条."""

    KEEP = "keep", "不需要修订"
    REVISE = "revise", "需要修订"


class FileKind(models.TextChoices):
    MATERIAL = "material", "备案材料"
    EVALUATION = "evaluation", "评估报告"


class PlanQuerySet(ScopedQuerySet):
    def counted(self) -> PlanQuerySet:
        """What figures count: everything that was published, whatever became of it, save what was entered by mistake."""
        return self.exclude(status=Status.VOID).exclude(published_on=None)

    def in_force(self) -> PlanQuerySet:
        return self.filter(status__in=IN_FORCE)

    def running_out(self, on: dt.date) -> PlanQuerySet:
        """An enterprise's filings whose days of check are over without an answer. No duty of silence is laid on offices' plans."""
        return self.filter(status=Status.SUBMITTED, accept_by__lt=on, kind__in=FIRM_KINDS)


class Plan(PlacedRecord):
    """One version of an emergency plan.

    ``maker_name`` is who made it as the paper says; ``owner`` or ``enterprise`` is the same as a record, where it is one. ``handler``
    checks the filing and is empty where a plan is filed above the portal's area. ``file_by``, ``accept_by`` and ``evaluate_by`` are
    the three clocks; ``received_on`` is the day on which the present 5 working days began. ``told`` is the one list of what was missing.
    """

    name = models.CharField("预案名称", max_length=160)
    kind = models.CharField("预案类别", max_length=16, choices=Kind)
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.DRAFTING)
    maker_name = models.CharField("编制单位", max_length=120)
    owner = models.ForeignKey(
        Organisation, verbose_name="编制机构", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="编制企业", null=True, blank=True, on_delete=models.PROTECT, related_name="plans"
    )
    handler = models.ForeignKey(
        Organisation, verbose_name="备案受理单位", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    summary = models.TextField("适用范围和主要内容", blank=True)
    version = models.PositiveSmallIntegerField("版次", default=1)
    previous = models.ForeignKey(
        "self", verbose_name="上一版", null=True, blank=True, on_delete=models.PROTECT, related_name="revisions"
    )
    revision_reason = models.CharField("修订原因", max_length=10, choices=RevisionReason, blank=True)
    needs_review = models.BooleanField("须经评审", default=False)
    reviewed_on = models.DateField("评审（论证）日期", null=True, blank=True)
    document_number = models.CharField("公布文号", max_length=60, blank=True)
    signer = models.CharField("签署人", max_length=60, blank=True)
    published_on = models.DateField("公布日期", null=True, blank=True)
    file_by = models.DateField("申报期限", null=True, editable=False)
    applied_on = models.DateField("申报日期", null=True, blank=True)
    received_on = models.DateField("收到材料日期", null=True, editable=False)
    accept_by = models.DateField("核对期限", null=True, editable=False)
    materials = ArrayField(
        models.CharField(max_length=10, choices=Material), verbose_name="已交材料", default=list, blank=True
    )
    told = ArrayField(
        models.CharField(max_length=10, choices=Material), verbose_name="告知补正的材料", default=list, editable=False
    )
    number = models.CharField("备案编号", max_length=60, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    deemed = models.BooleanField("视为备案", default=False, editable=False)
    evaluated_on = models.DateField("最近评估日期", null=True, blank=True)
    conclusion = models.CharField("评估结论", max_length=10, choices=Conclusion, blank=True)
    evaluate_by = models.DateField("下次评估期限", null=True, editable=False)
    repealed_on = models.DateField("废止日期", null=True, blank=True)
    repeal_reason = models.CharField("废止原因", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("name", "maker_name", "number", "document_number"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PlanQuerySet.as_manager()
    scope_shapes = (Area(), Party("owner", "handler"), Subject("enterprise"))

    class Meta:
        verbose_name = verbose_name_plural = "应急预案"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "number"],
                condition=~Q(number=""),
                name="plan_number_unique",
                violation_error_message="这个备案编号已经用过。",
            ),
            models.UniqueConstraint(
                fields=["previous"],
                condition=~Q(status="void"),
                name="plan_one_revision",
                violation_error_message="这份预案已有新的版次。",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(enterprise__isnull=True),
                name="plan_one_maker",
                violation_error_message="编制单位只能是一个机构或一家企业。",
            ),
            models.CheckConstraint(
                condition=Q(enterprise__isnull=True) | Q(kind__in=[kind.value for kind in FIRM_KINDS]),
                name="plan_kind_of_firm",
                violation_error_message="企业的预案为综合应急预案、专项应急预案或现场处置方案。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["drafting", "revising", "void"]) | Q(published_on__isnull=False),
                name="plan_published_has_date",
                violation_error_message="已公布的预案须有公布日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["submitted", "correcting"])
                | Q(applied_on__isnull=False, received_on__isnull=False),
                name="plan_applied_has_date",
                violation_error_message="已申报的预案须有申报日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["filed", "deemed"]) | Q(filed_on__isnull=False) & ~Q(number=""),
                name="plan_filed_has_number",
                violation_error_message="已备案的预案须有备案日期和备案编号。",
            ),
            models.CheckConstraint(
                condition=Q(applied_on__isnull=True) | Q(applied_on__gte=F("published_on")),
                name="plan_applied_after_publication",
                violation_error_message="申报日期不能早于公布日期。",
            ),
            models.CheckConstraint(
                condition=Q(filed_on__isnull=True) | Q(filed_on__gte=F("published_on")),
                name="plan_filed_after_publication",
                violation_error_message="备案日期不能早于公布日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="repealed", repealed_on__isnull=False)
                | Q(status="void")
                | (~Q(status="repealed") & Q(repealed_on__isnull=True)),
                name="plan_repealed_has_date",
                violation_error_message="已废止的预案须有废止日期，未废止的不得有。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="plan_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-id"], name="plan_street"),
            models.Index(fields=["district", "-id"], name="plan_district"),
            models.Index(fields=["area", "-id"], name="plan_area"),
            models.Index(fields=["owner", "-id"], name="plan_owner"),
            models.Index(fields=["handler", "-id"], name="plan_handler"),
            models.Index(fields=["enterprise", "-id"], name="plan_enterprise"),
            models.Index(fields=["district", "published_on"], name="plan_published"),
            models.Index(fields=["district", "filed_on"], name="plan_filed"),
            models.Index(fields=["accept_by"], condition=Q(status="submitted"), name="plan_accept_by"),
            bigram_index("plan_search"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）" if self.version > 1 else self.name

    def get_absolute_url(self) -> str:
        return reverse("plans:detail", args=[self.pk])

    @property
    def of_firm(self) -> bool:
        """Whether 《生产安全事故应急预案管理办法》 rules its filing; else it is the rules for offices' plans."""
        return self.kind in FIRM_KINDS

    @property
    def required(self) -> list[Material]:
        """The materials without which the filing is not complete."""
        if not self.of_firm:
            return [Material.TEXT, Material.NOTE]
        review = [Material.REVIEW] if self.needs_review else []
        return [Material.FORM, *review, Material.TEXT, Material.SURVEY]

    @property
    def missing(self) -> list[Material]:
        """What of the required materials has not been handed in."""
        return [one for one in self.required if one not in self.materials]

    @property
    def due_on(self) -> dt.date | None:
        """The day that the present state waits for."""
        return {Status.PUBLISHED: self.file_by if self.handler_id else None, Status.SUBMITTED: self.accept_by}.get(
            Status(self.status)
        )
