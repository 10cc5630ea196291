"""工作纪实: what was done besides inspections and hazards, one light ledger under a two-level tree of categories."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet
from emergency.programmes.models import Programme


class Measure(models.TextChoices):
    """The number columns of an activity; each is a figure where its category has a word for it."""

    TIMES = "times", "次数"
    PEOPLE = "people", "人次"
    QUANTITY = "quantity", "数量"
    MONEY = "money", "金额"
    PROBLEMS = "problems", "发现问题"
    RECTIFIED = "rectified", "已整改"


class Detail(models.TextChoices):
    """Further facts that the form of a category asks for."""

    LEADER = "leader", "主持（带队）领导"
    SUBJECT = "subject", "监管对象"
    MEDIUM = "medium", "载体"
    LEVEL = "level", "级别"
    DOCUMENT = "document", "文号和状态"
    AWARD = "award", "授予单位和位次"
    NAMING = "naming", "创建进度"


#: Which word of a category names a measure; problems found and those put right share one.
WORDS = {
    Measure.TIMES: "times_word",
    Measure.PEOPLE: "people_word",
    Measure.QUANTITY: "quantity_word",
    Measure.MONEY: "money_word",
    Measure.PROBLEMS: "problem_word",
    Measure.RECTIFIED: "problem_word",
}


def own_slug() -> str:
    """The code of a category that a site adds; nobody types it, so it only has to be different."""
    return f"own_{uuid.uuid4().hex[:8]}"


class CategoryQuerySet(models.QuerySet["Category"]):
    def groups(self) -> CategoryQuerySet:
        return self.filter(parent=None)

    def open(self, on: dt.date) -> CategoryQuerySet:
        """Those under which something of that day may be entered."""
        closed = Q(closed_on__lte=on) | Q(parent__closed_on__lte=on)
        return self.exclude(Q(pk__in=Category.objects.filter(closed).values("pk")))

    def in_tree(self) -> CategoryQuerySet:
        """Each group, then its categories, both in their own order."""
        head = {"group_order": Coalesce("parent__order", "order"), "group_key": Coalesce("parent", "pk")}
        rows = self.select_related("parent").annotate(**head)
        return rows.order_by("group_order", "group_key", F("parent").asc(nulls_first=True), "order", "pk")


class Category(models.Model):
    """A group (大类, without ``parent``) or a category (小类) of activities, with the words of its measures.

    A blank word means that the measure is not kept there. ``slug`` is part of figure codes and stands on every record of the category,
    so it and the parent never change (a trigger refuses it). ``closed_on`` is the day from which the work has a ledger of its own.
    """

    slug = models.CharField("代号", max_length=40, unique=True, default=own_slug, editable=False)
    name = models.CharField("名称", max_length=30)
    parent = models.ForeignKey(
        "self", verbose_name="大类", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    order = models.PositiveSmallIntegerField("排序", default=0)
    times_word = models.CharField("次数计量单位", max_length=6, blank=True)
    people_word = models.CharField("人数计量单位", max_length=6, blank=True)
    quantity_word = models.CharField("数量计量单位", max_length=6, blank=True)
    money_word = models.CharField("金额名称", max_length=10, blank=True)
    problem_word = models.CharField("问题计量单位", max_length=6, blank=True)
    details = ArrayField(
        models.CharField(max_length=10, choices=Detail), verbose_name="登记内容", default=list, blank=True
    )
    closed_on = models.DateField("停止登记日期", null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作类别"
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"),
                name="activity_category_slug_shape",
                violation_error_message="代号只能由小写字母、数字和下划线组成。",
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                nulls_distinct=False,
                name="activity_category_name_unique",
                violation_error_message="同一大类下已有这个名称。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def group(self) -> Category:
        """The group: itself where the category is one."""
        return self.parent or self

    @property
    def path(self) -> str:
        """“培训 · 安全员培训”."""
        return f"{self.parent.name} · {self.name}" if self.parent else self.name

    def word(self, measure: str) -> str:
        """The measure word, “” where the measure is not kept; for money what the sum is called (保费)."""
        return str(getattr(self, WORDS[Measure(measure)]))

    @property
    def measures(self) -> list[Measure]:
        """The measures kept here, in their order."""
        return [measure for measure in Measure if self.word(measure)]

    @property
    def labels(self) -> list[str]:
        """What the measures kept here are called: “次数（期）”, “人次”."""
        return [self.label(measure) for measure in self.measures]

    def closed_for(self, on: dt.date) -> dt.date | None:
        """From which day entry is closed, if that day has come by ``on``; a closed group closes its categories."""
        days = [day for day in (self.closed_on, self.group.closed_on) if day is not None and day <= on]
        return min(days, default=None)

    def label(self, measure: str) -> str:
        """What a measure is called in a form, with its unit: “次数”, “次数（期）”, “人数（人）”, “保费（元）”."""
        word, label = self.word(measure), Measure(measure).label
        if measure == Measure.MONEY:
            return f"{word or label}（元）"
        if word in ("", "人次") or f"{word}数" == label:
            return label
        return f"人数（{word}）" if measure == Measure.PEOPLE else f"{label}（{word}）"


class Status(models.TextChoices):
    DRAFT = "draft", "草稿"
    FILED = "filed", "已登记"
    VOID = "void", "已作废"


#: Badge tones of look.md: 待办 blue, 完成 green, 作废 grey.
STATUS_TONES = {Status.DRAFT: "blue", Status.FILED: "green", Status.VOID: "grey"}


class Level(models.TextChoices):
    NATION = "nation", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区县级"
    STREET = "street", "乡镇级"
    COMMUNITY = "community", "村级"


class DocumentState(models.TextChoices):
    IN_FORCE = "in_force", "现行"
    REVISED = "revised", "修订"
    LAPSED = "lapsed", "失效"
    REPEALED = "repealed", "废止"


class Naming(models.TextChoices):
    """How far a model unit (示范创建) has come."""

    UNDER_WAY = "under_way", "创建中"
    NAMED = "named", "已命名"


class FileKind(models.TextChoices):
    """What a file on an activity is."""

    MATERIAL = "material", "佐证材料"


class ActivityQuerySet(ScopedQuerySet):
    def counted(self) -> ActivityQuerySet:
        """What figures count: what was registered; drafts and void rows never were."""
        return self.filter(status=Status.FILED)

    def under(self, slug: str) -> ActivityQuerySet:
        """Those of a group, or of one category."""
        return self.filter(Q(group_slug=slug) | Q(category_slug=slug))


def _at_least(measure: str, least: int, message: str) -> models.CheckConstraint:
    condition = Q(**{f"{measure}__isnull": True}) | Q(**{f"{measure}__gte": least})
    return models.CheckConstraint(
        condition=condition, name=f"activity_{measure}_least", violation_error_message=message
    )


class Activity(PlacedRecord):
    """One meeting, training, campaign of posters, round of supervision, document, sum of money …, or a number of them in one row.

    ``group_slug`` and ``category_slug`` repeat the category's (the latter blank for a row filed under the group itself), so that every
    figure is a plain condition on a column. ``approximate`` names the measures that were reported with 约.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    original_number = models.CharField("原编号", max_length=60, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    started_on = models.DateField("日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    handler = models.ForeignKey(Organisation, verbose_name="开展单位", on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, verbose_name="工作类别", on_delete=models.PROTECT, related_name="activities")
    group_slug = models.CharField("大类代号", max_length=40, editable=False)
    category_slug = models.CharField("小类代号", max_length=40, blank=True, editable=False)
    title = models.CharField("标题", max_length=160)
    leader = models.CharField("主持（带队）领导", max_length=60, blank=True)
    leader_post = models.CharField("职务", max_length=80, blank=True)
    times = models.PositiveIntegerField("次数", null=True, blank=True)
    people = models.PositiveIntegerField("人次", null=True, blank=True)
    quantity = models.DecimalField("数量", max_digits=14, decimal_places=2, null=True, blank=True)
    quantity_unit = models.CharField("计量单位", max_length=10, blank=True)
    money = models.DecimalField("金额（元）", max_digits=16, decimal_places=2, null=True, blank=True)
    problems = models.PositiveIntegerField("发现问题", null=True, blank=True)
    rectified = models.PositiveIntegerField("已整改", null=True, blank=True)
    approximate = ArrayField(
        models.CharField(max_length=10, choices=Measure), verbose_name="约数", default=list, blank=True
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="监管对象", null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    industry = models.ForeignKey(
        Industry, verbose_name="行业", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    medium = models.CharField("载体", max_length=80, blank=True)
    level = models.CharField("级别", max_length=10, choices=Level, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    document_state = models.CharField("文件状态", max_length=10, choices=DocumentState, blank=True)
    granted_by = models.CharField("授予单位", max_length=80, blank=True)
    rank = models.PositiveSmallIntegerField("位次", null=True, blank=True)
    naming = models.CharField("创建进度", max_length=10, choices=Naming, blank=True)
    content = models.TextField("主要内容", blank=True)
    related_task = models.CharField("关联任务", max_length=160, blank=True)
    campaigns = models.ManyToManyField(Programme, verbose_name="专项行动", blank=True, related_name="activities")
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "original_number", "title", "leader", "document_number"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ActivityQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler"))

    class Meta:
        verbose_name = verbose_name_plural = "工作纪实"
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="activity_dates",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            _at_least("times", 1, "次数至少为1。"),
            _at_least("quantity", 0, "数量不能为负数。"),
            _at_least("money", 0, "金额不能为负数。"),
            models.CheckConstraint(
                condition=Q(rectified=None) | Q(problems__isnull=False, rectified__lte=F("problems")),
                name="activity_rectified_of_problems",
                violation_error_message="已整改数不能大于发现问题数。",
            ),
            models.CheckConstraint(
                condition=~Q(group_slug="") & ~Q(category_slug=F("group_slug")),
                name="activity_slugs",
                violation_error_message="工作类别有误，请重新选择。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="activity_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-started_on", "-id"], name="activity_street"),
            models.Index(fields=["district", "-started_on", "-id"], name="activity_district"),
            models.Index(fields=["area", "-started_on", "-id"], name="activity_area"),
            models.Index(fields=["handler", "-started_on", "-id"], name="activity_handler"),
            models.Index(fields=["enterprise", "-started_on", "-id"], name="activity_enterprise"),
            models.Index(fields=["-started_on", "-id"], name="activity_newest"),
            models.Index(fields=["district", "group_slug", "started_on"], name="activity_figures"),
            bigram_index("activity_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk])

    def unit_of(self, measure: str) -> str:
        """The measure word of a number of this row; free quantities bring their own."""
        if measure == Measure.MONEY:
            return "元"
        return self.category.word(measure) or (self.quantity_unit if measure == Measure.QUANTITY else "")

    def value(self, measure: str) -> Any:
        return getattr(self, measure)
