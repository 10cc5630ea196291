"""Who we are: the tree of organisations, the people, and the roles that they hold over an organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class Kind(models.TextChoices):
    GOVERNMENT = "government", "政府"
    BUREAU = "bureau", "应急管理局"
    DEPARTMENT = "department", "行业主管部门"
    STREET = "street", "街道（乡镇、功能区）"
    COMMUNITY = "community", "社区（村）"
    COMMITTEE = "committee", "委员会"
    AREA_SET = "area_set", "片区"


class Tier(models.TextChoices):
    """The level of government that a unit belongs to; ``area`` columns of records exist for the last three."""

    CITY = "city", "市级"
    DISTRICT = "district", "区县级"
    STREET = "street", "乡镇级"
    COMMUNITY = "community", "村级"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def in_force(self, on: dt.date) -> OrganisationQuerySet:
        """Units that exist on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        )

    def by_code(self, code: str) -> Organisation:
        """The area unit with this division code, else the unit with this primary key. Raises ``DoesNotExist``."""
        code = code.strip()
        unit = (
            self.areas().filter(division_code=code).order_by("-valid_from", "-pk").first() if len(code) >= 6 else None
        )
        if unit is not None:
            return unit
        if not code.isdigit():
            raise Organisation.DoesNotExist
        return self.get(pk=int(code))

    def under(self, organisation: Organisation) -> OrganisationQuerySet:
        """The organisation itself and all below it."""
        return self.filter(path__startswith=organisation.path)

    def areas(self) -> OrganisationQuerySet:
        """The units that can be somebody's 属地."""
        return self.filter(kind__in=[Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY])


class Organisation(models.Model):
    """A unit of the tree 市 → 区县 → 街道/乡镇/功能区 → 社区/村, or an office beside it.

    ``path`` lists the ids from the root, ``/1/4/37/``; ``district`` and ``street`` name the ancestors (or the unit itself) of those
    levels. All three are kept by ``organisation_create`` and ``organisation_move`` and by nobody else.
    """

    name = models.CharField("单位名称", max_length=120)
    short_name = models.CharField("简称", max_length=40, blank=True)
    former_names = models.JSONField("曾用名", default=list, blank=True)
    kind = models.CharField("类别", max_length=20, choices=Kind)
    tier = models.CharField("层级", max_length=20, choices=Tier)
    division_code = models.CharField("区划代码", max_length=12, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name="上级单位", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField("路径", max_length=200, editable=False, db_index=False)
    district = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    street = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    members = models.ManyToManyField("self", verbose_name="所含单位", blank=True, symmetrical=False, related_name="+")
    order = models.PositiveIntegerField("排序", default=0)
    population = models.PositiveIntegerField("常住人口", null=True, blank=True)
    population_year = models.PositiveSmallIntegerField("人口年份", null=True, blank=True)
    population_source = models.CharField("人口来源", max_length=120, blank=True)
    land_area = models.DecimalField("面积（公顷）", max_digits=14, decimal_places=2, null=True, blank=True)
    contact = models.CharField("联系人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("撤销日期", null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["order", "division_code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["division_code"],
                condition=~Q(division_code="") & Q(kind__in=["government", "street", "community"]) & Q(valid_to=None),
                name="organisation_division_code_unique",
                violation_error_message="该区划代码已被其他单位使用。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=models.F("valid_from")),
                name="organisation_valid_dates",
                violation_error_message="撤销日期不能早于启用日期。",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="organisation_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["parent", "order"], name="organisation_parent"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    def exists_on(self, on: dt.date) -> bool:
        """Whether the unit exists on a day; the counterpart of ``in_force`` for one that is at hand."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or self.valid_to >= on)

    @property
    def is_root(self) -> bool:
        return self.parent_id is None

    @property
    def serves(self) -> Organisation:
        """The level whose area the unit answers for: a bureau serves the government above it, others themselves."""
        return self.parent if self.kind in (Kind.BUREAU, Kind.COMMITTEE, Kind.DEPARTMENT) and self.parent else self

    @property
    def counted(self) -> Organisation:
        """Whose figures the unit reads: those of the area that it answers for; a department's are its own."""
        return self if self.kind == Kind.DEPARTMENT else self.serves


class Succession(models.Model):
    """A unit that ended and the unit that went on in its place, on a day (merger, split, renaming of a town into a street)."""

    predecessor = models.ForeignKey(
        Organisation, verbose_name="原单位", on_delete=models.PROTECT, related_name="successions_out"
    )
    successor = models.ForeignKey(
        Organisation, verbose_name="承接单位", on_delete=models.PROTECT, related_name="successions_in"
    )
    on = models.DateField("生效日期")

    class Meta:
        verbose_name = verbose_name_plural = "单位承接"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_unique"),
            models.CheckConstraint(
                condition=~Q(predecessor=models.F("successor")),
                name="succession_not_self",
                violation_error_message="原单位和承接单位不能是同一个单位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}（{self.on}）"


#: The account in whose name commands write where no person is named; see ``services.system_user``.
SYSTEM_USERNAME = "system"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who signs in. What they may do hangs on their memberships, never on a flag here."""

    username = models.CharField("登录名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("手机号码", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    large_type = models.BooleanField("长者模式", default=False)
    created_at = models.DateTimeField("创建时间")

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    personal_fields = frozenset({"phone", "password", "email"})

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_portal(self) -> bool:
        """The portal itself. Being inactive, it can never sign in; an account of that name that somebody has switched on
        is a person like any other."""
        return self.username == SYSTEM_USERNAME and not self.is_active

    # axes and the debug page ask for these two; nobody has them here: rights hang on memberships.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False

    @property
    def is_staff(self) -> bool:
        return False


class OldPassword(models.Model):
    """The hashes of a user's last passwords, so that none of the last five comes back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=128)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.changed_at:%Y-%m-%d}"


class Role(models.TextChoices):
    HEAD = "head", "主要负责人"
    DEPUTY = "deputy", "分管领导"
    SECTION_HEAD = "section_head", "科室负责人"
    CLERK = "clerk", "科室人员"
    COMMITTEE_OFFICE = "committee_office", "安委办工作人员"
    STREET_HEAD = "street_head", "街道（乡镇）负责人"
    STREET_OFFICER = "street_officer", "街道（乡镇）安全员"
    COMMUNITY_OFFICER = "community_officer", "社区（村）网格员"
    ENFORCER = "enforcer", "执法人员"
    DEPARTMENT_CLERK = "department_clerk", "行业主管部门填报员"
    SECRETARY = "secretary", "登记秘书"
    STOREKEEPER = "storekeeper", "储备保管员"
    EXPERT = "expert", "专家"
    VIEWER = "viewer", "上级查看"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


#: The three administrators: they see no business rows, and nobody holds two of them.
ADMIN_ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: dt.date) -> MembershipQuerySet:
        """Roles held on a day; a revoked one counts at no time, so that taking it away acts at once."""
        return self.filter(
            Q(revoked_at__isnull=True),
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        )


class Membership(models.Model):
    """A role that a user holds over an organisation, for a time. ``delegated_by`` marks a 代理."""

    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, verbose_name="单位", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=30, choices=Role)
    section = models.CharField("科室", max_length=60, blank=True)
    post = models.CharField("职务", max_length=60, blank=True)
    certificate = models.CharField("执法证号", max_length=40, blank=True)
    delegated_by = models.ForeignKey(
        "self", verbose_name="代理自", null=True, blank=True, on_delete=models.PROTECT, related_name="delegations"
    )
    valid_from = models.DateField("开始日期", null=True, blank=True)
    valid_to = models.DateField("结束日期", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, editable=False)
    revoked_reason = models.CharField("收回原因", max_length=200, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["organisation_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(valid_to=None, revoked_at=None),
                name="membership_unique",
                violation_error_message="该用户已在该单位担任此角色。",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(valid_to=None, revoked_at=None, role__in=["system_admin", "security_admin", "audit_admin"]),
                name="membership_one_admin_role",
                violation_error_message="系统管理员、安全管理员、审计管理员不得由同一人兼任。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=models.F("valid_from")),
                name="membership_valid_dates",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoked_reason=""),
                name="membership_revoked_has_reason",
                violation_error_message="收回角色须填写原因。",
            ),
            models.CheckConstraint(
                condition=~Q(role="enforcer") | ~Q(certificate=""),
                name="membership_enforcer_has_certificate",
                violation_error_message="执法人员须填写执法证号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.get_role_display()}"


class PlacedRecord(models.Model):
    """A record that lies somewhere (属地).

    ``area`` is the most exact unit known and may be empty (未填); ``street`` and ``district`` are its ancestors, kept beside it so
    that every scope and every breakdown is one plain column. A record of the district itself (区本级) has ``area = district`` and no
    ``street``. Set all three with :func:`emergency.organizations.services.place`.
    """

    area = models.ForeignKey(
        Organisation, verbose_name="属地", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    street = models.ForeignKey(
        Organisation, verbose_name="街道（乡镇）", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    district = models.ForeignKey(
        Organisation, verbose_name="区县", editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
