"""监管对象: whom we supervise. One enterprise, one row, one page."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import reduce

from django.conf import settings
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Cast, Replace

from emergency.core.search import SearchText, bigram_index
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet, Subject


class Industry(models.Model):
    """A supervised industry as the safety committee divides them (rules.md §5.5); editable, so it is a table."""

    name = models.CharField("行业领域", max_length=40, unique=True)
    aliases = models.JSONField("别名", default=list, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "行业领域"
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class SubjectKind(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    SOLE_TRADER = "sole_trader", "个体工商户"
    PLACE = "place", "场所"
    VILLAGE = "village", "村（社区）"
    SCHOOL = "school", "学校"
    RESERVOIR = "reservoir", "库坝"
    MARKET = "market", "市场"
    OTHER = "other", "其他"


class Scale(models.TextChoices):
    ABOVE = "above", "规上"
    BELOW = "below", "规下"
    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class State(models.TextChoices):
    OPERATING = "operating", "在营"
    SUSPENDED = "suspended", "停产"
    CLOSED = "closed", "关闭"
    BANNED = "banned", "取缔"
    MOVED = "moved", "搬迁"

    @classmethod
    def ended(cls) -> tuple[State, ...]:
        """States in which nobody supervises the subject any more."""
        return (cls.CLOSED, cls.BANNED, cls.MOVED)


#: Badge tones of the states, as fixed for the whole portal: green stands for being in order, grey for being out of it.
STATE_TONES = {
    State.OPERATING: "green",
    State.SUSPENDED: "amber",
    State.CLOSED: "grey",
    State.BANNED: "grey",
    State.MOVED: "grey",
}


class RiskLevel(models.TextChoices):
    """The four colours; always printed with the word."""

    RED = "red", "重大风险"
    ORANGE = "orange", "较大风险"
    YELLOW = "yellow", "一般风险"
    BLUE = "blue", "低风险"


class StandardGrade(models.TextChoices):
    """企业安全生产标准化等级 (rules.md §5.10)."""

    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"
    SMALL = "small", "小微达标"


#: Signs that people put into a name or leave out; the first step of :class:`core.search.SearchText` has made them half-width.
NAME_SIGNS = (" ", "(", ")", "-", "·", ".", ",")


def name_key(name: str) -> str:
    """A name without the signs that people leave out, for finding the same subject under another spelling."""
    key = unicodedata.normalize("NFKC", name).lower()
    return "".join(sign for sign in key if sign not in NAME_SIGNS)


def _name_key_expression() -> Func:
    """The same as :func:`name_key`, as the database stores it."""
    text = models.TextField()
    return reduce(
        lambda inner, sign: Replace(inner, Value(sign), Value(""), output_field=text), NAME_SIGNS, SearchText("name")
    )


class EnterpriseQuerySet(ScopedQuerySet):
    def live(self) -> EnterpriseQuerySet:
        """Registered and not entered by mistake."""
        return self.filter(void=False)

    def operating(self) -> EnterpriseQuerySet:
        return self.live().filter(state=State.OPERATING)


class Enterprise(PlacedRecord):
    """An enterprise, place, village, school … under supervision."""

    name = models.CharField("单位名称", max_length=120)
    former_names = models.JSONField("曾用名", default=list, blank=True)
    kind = models.CharField("对象类别", max_length=20, choices=SubjectKind, default=SubjectKind.ENTERPRISE)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    no_code_reason = models.CharField("无代码原因", max_length=120, blank=True)
    industry = models.ForeignKey(
        Industry, verbose_name="行业领域", null=True, blank=True, on_delete=models.PROTECT, related_name="enterprises"
    )
    department = models.ForeignKey(
        Organisation, verbose_name="行业主管部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scale = models.CharField("规模", max_length=10, choices=Scale, blank=True)
    staff_count = models.PositiveIntegerField("从业人数", null=True, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    legal_person = models.CharField("法定代表人", max_length=60, blank=True)
    safety_officer = models.CharField("安全负责人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    key_supervised = models.BooleanField("重点监管", default=False)
    risk_level = models.CharField("风险等级", max_length=10, choices=RiskLevel, blank=True)
    standard_grade = models.CharField("标准化等级", max_length=10, choices=StandardGrade, blank=True)
    standard_graded_on = models.DateField("标准化定级日期", null=True, blank=True)
    standard_expires_on = models.DateField("标准化有效期", null=True, blank=True)
    insured_until = models.DateField("安责险到期", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.OPERATING)
    state_changed_on = models.DateField("状态变更日期", null=True, blank=True)
    state_reason = models.CharField("状态变更原因", max_length=200, blank=True)
    registered_on = models.DateField("建档日期")
    ended_on = models.DateField("退出监管日期", null=True, blank=True, editable=False)
    quick = models.BooleanField("快速建档", default=False)
    void = models.BooleanField("作废", default=False)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("name", "credit_code", "address", Cast("former_names", models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )
    name_key = models.GeneratedField(
        expression=_name_key_expression(), output_field=models.TextField(), db_persist=True
    )

    objects = EnterpriseQuerySet.as_manager()
    scope_shapes = (Area(), Party("department"), Subject("pk"))
    personal_fields = frozenset({"phone"})

    class Meta:
        verbose_name = verbose_name_plural = "监管对象"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code="") & Q(void=False),
                name="enterprise_credit_code_unique",
                violation_error_message="该统一社会信用代码已登记。",
            ),
            models.CheckConstraint(
                condition=~Q(credit_code="") | ~Q(no_code_reason="") | Q(quick=True),
                name="enterprise_code_or_reason",
                violation_error_message="请填写统一社会信用代码；确无代码的，请填写无代码原因。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=False, state__in=["closed", "banned", "moved"])
                | Q(ended_on__isnull=True, state__in=["operating", "suspended"]),
                name="enterprise_ended_has_date",
                violation_error_message="关闭、取缔、搬迁须有状态变更日期；在营、停产不得有退出日期。",
            ),
            models.CheckConstraint(
                condition=Q(void=False) | ~Q(void_reason=""),
                name="enterprise_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-id"], name="enterprise_street"),
            models.Index(fields=["district", "-id"], name="enterprise_district"),
            models.Index(fields=["area", "-id"], name="enterprise_area"),
            models.Index(fields=["department", "-id"], name="enterprise_department"),
            models.Index(fields=["industry", "-id"], name="enterprise_industry"),
            models.Index(fields=["name_key"], name="enterprise_name_key"),
            bigram_index("enterprise_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def home(self) -> Organisation:
        """The most exact unit known for it: who holds a post over this one may act on it."""
        return self.area or self.district

    @property
    def state_tone(self) -> str:
        return STATE_TONES[State(self.state)]


class EnterpriseMembershipQuerySet(models.QuerySet["EnterpriseMembership"]):
    def in_force(self, on: dt.date) -> EnterpriseMembershipQuerySet:
        """Those that hold on a day; a revoked one holds on none, so that taking it away acts at once."""
        return self.filter(
            Q(revoked_at__isnull=True),
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        )


class EnterpriseMembership(models.Model):
    """企业填报员: a user who files for one enterprise and sees only its rows, no drafts, no internal notes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enterprise_memberships", verbose_name="用户"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, related_name="memberships", verbose_name="企业"
    )
    acceptor = models.BooleanField("企业验收人", default=False)
    valid_from = models.DateField("开始日期", null=True, blank=True)
    valid_to = models.DateField("结束日期", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, editable=False)
    revoked_reason = models.CharField("收回原因", max_length=200, blank=True, editable=False)

    objects = EnterpriseMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业填报员"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enterprise"],
                condition=Q(valid_to=None, revoked_at=None),
                name="enterprise_membership_unique",
                violation_error_message="该用户已是该企业的填报员。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.enterprise}"
