"""执法处置: a penalty or another measure that an office took against a party."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import reduce

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Cast, Concat, NullIf, Replace
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import NAME_SIGNS, Enterprise, Industry
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject
from emergency.programmes.models import Programme
from inspections.models.visit import Visit


class MeasureKind(models.TextChoices):
    """《行政处罚法》第九条 names the penalties; the others are what the monthly table of punishments asks for besides."""

    WARNING = "warning", "警告"
    CRITICISM = "criticism", "通报批评"
    SUSPENSION = "suspension", "责令停产整顿"
    CLOSURE = "closure", "关闭取缔"
    SEIZURE = "seizure", "查封扣押"
    CONFISCATION = "confiscation", "没收违法所得"
    FINE = "fine", "罚款"
    LICENCE = "licence", "暂扣吊销许可证"
    DETENTION = "detention", "行政拘留"
    JOINT = "joint", "联合惩戒"
    REFERRAL = "referral", "移送司法"
    OTHER = "other", "其他处置"


#: Kinds with a sum of money in yuan; a fine cannot be without one.
MONEY_KINDS = (MeasureKind.FINE, MeasureKind.CONFISCATION)

#: The clock of the publication of a decision; kinds that are missing here are not published by a clock of this table.
#: 《安全生产法》第七十八条 (penalties: 7 working days), 国办发〔2018〕118号 (other decisions, such as 查封扣押: 20).
PUBLICATION_RULES: dict[str, str] = {
    MeasureKind.WARNING: "penalty.publish",
    MeasureKind.CRITICISM: "penalty.publish",
    MeasureKind.SUSPENSION: "penalty.publish",
    MeasureKind.CLOSURE: "penalty.publish",
    MeasureKind.SEIZURE: "enforcement.publish_other",
    MeasureKind.CONFISCATION: "penalty.publish",
    MeasureKind.FINE: "penalty.publish",
    MeasureKind.LICENCE: "penalty.publish",
    MeasureKind.DETENTION: "penalty.publish",
}


class MeasureStatus(models.TextChoices):
    """How far a measure is carried out; publication runs beside it and has columns of its own."""

    PENDING = "pending", "未执行"
    PARTIAL = "partial", "部分执行"
    COURT = "court", "申请强制执行"
    DONE = "done", "已执行"
    VOID = "void", "已作废"


MEASURE_TONES = {
    MeasureStatus.PENDING: "blue",
    MeasureStatus.PARTIAL: "amber",
    MeasureStatus.COURT: "amber",
    MeasureStatus.DONE: "green",
    MeasureStatus.VOID: "grey",
}
LIVE_STATUSES = (MeasureStatus.PENDING, MeasureStatus.PARTIAL, MeasureStatus.COURT, MeasureStatus.DONE)


class MeasureFile(models.TextChoices):
    """What a file on a measure is."""

    DECISION = "decision", "决定文书"
    PROOF = "proof", "执行凭证"
    PUBLICATION = "publication", "公示凭证"


def party_key(enterprise: int | None, name: str) -> str | None:
    """What tells one party from another; the same as the column ``party_key``. None where a row names nobody."""
    if enterprise is not None:
        return f"#{enterprise}"
    folded = unicodedata.normalize("NFKC", name).lower()
    return "".join(sign for sign in folded if sign not in NAME_SIGNS) or None


def _party_key_expression() -> Case:
    """A party is its enterprise, else its name without the signs that people write or leave out."""
    text = models.TextField()
    folded: Func = reduce(
        lambda inner, sign: Replace(inner, Value(sign), Value(""), output_field=text),
        NAME_SIGNS,
        SearchText("party_name"),
    )
    return Case(
        When(enterprise__isnull=False, then=Concat(Value("#"), Cast(F("enterprise"), text), output_field=text)),
        When(~Q(party_name=""), then=NullIf(folded, Value(""))),
        default=None,
        output_field=text,
    )


class MeasureQuerySet(ScopedQuerySet):
    def live(self) -> MeasureQuerySet:
        """Taken, and not entered by mistake."""
        return self.exclude(status=MeasureStatus.VOID)

    def to_publish(self) -> MeasureQuerySet:
        """Those whose clock of publication still runs."""
        return self.live().filter(publish_due_on__isnull=False, published_on__isnull=True, unpublished_reason="")

    def publication_overdue(self, on: dt.date) -> MeasureQuerySet:
        return self.to_publish().filter(publish_due_on__lt=on)

    def halted(self) -> MeasureQuerySet:
        """Ordered to stop production, and not yet accepted for taking it up again."""
        return self.live().filter(kind=MeasureKind.SUSPENSION, resumed_on__isnull=True)


class Measure(PlacedRecord):
    """One measure against one party; a decision with several measures has a row for each, held together by its 文号.

    A row without ``party_name`` stands for ``quantity`` households that were not registered one by one. ``amount`` is in yuan.
    ``party_key`` tells parties apart: figures in 家 count its different values, so a party listed twice counts once.
    """

    number = models.CharField("处置编号", max_length=40, unique=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    decided_on = models.DateField("决定日期")
    kind = models.CharField("处置类型", max_length=12, choices=MeasureKind)
    status = models.CharField(
        "执行情况", max_length=10, choices=MeasureStatus, default=MeasureStatus.PENDING, editable=False
    )
    handler = models.ForeignKey(Organisation, verbose_name="实施单位", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        Visit, verbose_name="来源检查", null=True, blank=True, on_delete=models.PROTECT, related_name="measures"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="监管对象", null=True, blank=True, on_delete=models.PROTECT, related_name="measures"
    )
    party_name = models.CharField("当事人", max_length=160, blank=True)
    quantity = models.PositiveIntegerField("户数", default=1)
    quantity_is_about = models.BooleanField("户数为约数", default=False)
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    campaigns = models.ManyToManyField(Programme, verbose_name="专项行动", blank=True, related_name="measures")
    cause = models.CharField("案由", max_length=300, blank=True)
    legal_basis = models.CharField("处置依据", max_length=300, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    executed_on = models.DateField("执行日期", null=True, blank=True)
    resumed_on = models.DateField("复产验收日期", null=True, blank=True)
    publish_due_on = models.DateField("公示期限", null=True, blank=True)
    published_on = models.DateField("公示日期", null=True, blank=True)
    unpublished_reason = models.CharField("不予公示理由", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    party_key = models.GeneratedField(
        expression=_party_key_expression(), output_field=models.TextField(null=True), db_persist=True
    )
    search_text = models.GeneratedField(
        expression=SearchText("number", "document_number", "party_name", "cause"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = MeasureQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler", "department"), Subject("enterprise"))

    class Meta:
        verbose_name = verbose_name_plural = "执法处置"
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity=1) | Q(party_name="", quantity__gte=1),
                name="measure_party_or_households",
                violation_error_message="写明当事人的一行只能是一户；未逐户登记的只填户数，户数至少为1。",
            ),
            models.CheckConstraint(
                condition=Q(enterprise__isnull=True) | ~Q(party_name=""),
                name="measure_enterprise_is_named",
                violation_error_message="请填写当事人。",
            ),
            models.CheckConstraint(
                condition=Q(kind=MeasureKind.FINE, amount__isnull=False, amount__gt=0)
                | Q(kind=MeasureKind.CONFISCATION, amount__isnull=True)
                | Q(kind=MeasureKind.CONFISCATION, amount__gt=0)
                | (~Q(kind__in=["fine", "confiscation"]) & Q(amount__isnull=True)),
                name="measure_amount_by_kind",
                violation_error_message="罚款须填写大于零的金额；罚款和没收违法所得以外的处置不填金额。",
            ),
            models.CheckConstraint(
                condition=Q(executed_on__isnull=True)
                | (~Q(status=MeasureStatus.PENDING) & Q(executed_on__gte=F("decided_on"))),
                name="measure_executed_after",
                violation_error_message="未执行的不填执行日期；执行日期不能早于决定日期。",
            ),
            models.CheckConstraint(
                condition=Q(resumed_on__isnull=True) | Q(kind=MeasureKind.SUSPENSION, resumed_on__gte=F("decided_on")),
                name="measure_resumed_after",
                violation_error_message="只有责令停产整顿填写复产验收日期，且不能早于决定日期。",
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(published_on__gte=F("decided_on"), unpublished_reason=""),
                name="measure_published_after",
                violation_error_message="公示日期不能早于决定日期；已公示的不填不予公示理由。",
            ),
            models.CheckConstraint(
                condition=~Q(status=MeasureStatus.VOID) | ~Q(void_reason=""),
                name="measure_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
            models.UniqueConstraint(
                fields=["handler", "document_number", "kind", "party_key"],
                condition=~Q(document_number="") & ~Q(status=MeasureStatus.VOID),
                name="measure_document_unique",
                violation_error_message="该文号下已登记同一当事人的同一处置类型。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-decided_on", "-id"], name="measure_street"),
            models.Index(fields=["district", "-decided_on", "-id"], name="measure_district"),
            models.Index(fields=["area", "-decided_on", "-id"], name="measure_area"),
            models.Index(fields=["handler", "-decided_on", "-id"], name="measure_handler"),
            models.Index(fields=["department", "-decided_on", "-id"], name="measure_department"),
            models.Index(fields=["enterprise", "-decided_on", "-id"], name="measure_enterprise"),
            models.Index(fields=["-decided_on", "-id"], name="measure_newest"),
            models.Index(
                fields=["handler", "publish_due_on"],
                condition=Q(publish_due_on__isnull=False, published_on__isnull=True, unpublished_reason=""),
                name="measure_to_publish",
            ),
            bigram_index("measure_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.party}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:measure_detail", args=[self.pk])

    @property
    def party(self) -> str:
        """Against whom, in a word; a row of households names nobody."""
        return self.party_name or f"{'约' if self.quantity_is_about else ''}{self.quantity}户（未逐户登记）"

    @property
    def awaits_publication(self) -> bool:
        live = self.status != MeasureStatus.VOID
        return live and self.publish_due_on is not None and self.published_on is None and not self.unpublished_reason

    @property
    def publication_label(self) -> str:
        """已公示, 待公示, 不予公示, or "" where none is asked for; whether it is late is a matter of the day."""
        if self.published_on is not None:
            return "已公示"
        if self.unpublished_reason:
            return "不予公示"
        return "待公示" if self.awaits_publication else ""
