"""What the administrators' lists can be narrowed by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from emergency.core import clock
from emergency.core.audit import AuditEntry, Outcome
from emergency.organizations.models import Kind, Membership, Organisation, Role, User
from emergency.organizations.queries.log import ACTIONS, VERBS

#: Offered as 操作: verbs with a name of their own, and the last words that all records share (``.create``).
VERB_CHOICES = [
    *VERBS.items(),
    *((f".{action}", f"{label}（各类台账）") for action, label in ACTIONS.items() if action != "edit"),
]


class UserFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、登录名或电话", method="search")
    role = django_filters.ChoiceFilter(empty_label="全部", label="角色", choices=Role.choices, method="holding")
    state = django_filters.ChoiceFilter(
        empty_label="全部",
        label="状态",
        choices=[("active", "启用"), ("disabled", "停用"), ("idle", "未承担任何角色")],
        method="in_state",
    )

    class Meta:
        model = User
        fields = ("q", "role", "state")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        value = value.strip()
        return queryset.filter(
            Q(name__contains=value) | Q(username__contains=value.lower()) | Q(phone__startswith=value)
        )

    def holding(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        held = Membership.objects.in_force(clock.today()).filter(role=value)
        return queryset.filter(pk__in=held.values("user"))

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "idle":
            held = Membership.objects.in_force(clock.today())
            return queryset.filter(is_active=True).exclude(pk__in=held.values("user"))
        return queryset.filter(is_active=value == "active")


class OrganisationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称、简称或区划代码", method="search")
    kind = django_filters.ChoiceFilter(empty_label="全部", label="类别", choices=Kind.choices)
    state = django_filters.ChoiceFilter(
        empty_label="全部", label="状态", choices=[("present", "在用"), ("ended", "已撤销")], method="in_state"
    )

    class Meta:
        model = Organisation
        fields = ("q", "kind", "state")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        value = value.strip()
        return queryset.filter(
            Q(name__contains=value)
            | Q(short_name__contains=value)
            | Q(division_code__startswith=value)
            | Q(former_names__contains=[value])
        )

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        present = Organisation.objects.in_force(clock.today()).values("pk")
        return queryset.filter(pk__in=present) if value == "present" else queryset.exclude(pk__in=present)


class MembershipFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、登录名或单位", method="search")
    role = django_filters.ChoiceFilter(empty_label="全部", label="角色", choices=Role.choices)
    state = django_filters.ChoiceFilter(
        empty_label="全部",
        label="状态",
        choices=[("held", "在任"), ("later", "未开始"), ("ended", "已结束"), ("revoked", "已收回")],
        method="in_state",
    )
    delegated = django_filters.BooleanFilter(
        label="代理", field_name="delegated_by", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Membership
        fields = ("q", "role", "state", "delegated")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        value = value.strip()
        people = User.objects.filter(Q(name__contains=value) | Q(username__contains=value.lower()))
        units = Organisation.objects.filter(Q(name__contains=value) | Q(short_name__contains=value))
        return queryset.filter(Q(user__in=people.values("pk")) | Q(organisation__in=units.values("pk")))

    def by_delegation(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(delegated_by__isnull=value == "no")

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        on = clock.today()
        if value == "held":
            return queryset.in_force(on)  # type: ignore[attr-defined]
        if value == "revoked":
            return queryset.filter(revoked_at__isnull=False)
        given = queryset.filter(revoked_at__isnull=True)
        return given.filter(valid_from__gt=on) if value == "later" else given.filter(valid_to__lt=on)


def _midnight(day: dt.date) -> dt.datetime:
    """The moment at which a day begins in the portal's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class AuditFilter(django_filters.FilterSet):
    """``person`` goes through the people so that the index on the actor serves it."""

    person = django_filters.CharFilter(label="操作人", method="by_person")
    verb = django_filters.ChoiceFilter(empty_label="全部", label="操作", choices=VERB_CHOICES, method="by_verb")
    target = django_filters.CharFilter(label="对象", field_name="target_label", lookup_expr="contains")
    outcome = django_filters.ChoiceFilter(empty_label="全部", label="结果", choices=Outcome.choices)
    since = django_filters.DateFilter(label="自", method="from_day")
    until = django_filters.DateFilter(label="至", method="to_day")
    unit = django_filters.CharFilter(label="单位", field_name="organisation_name", lookup_expr="contains")
    address = django_filters.CharFilter(label="来源地址", field_name="address", lookup_expr="startswith")

    class Meta:
        model = AuditEntry
        fields = ("person", "verb", "target", "outcome", "since", "until", "unit", "address")

    def by_person(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        value = value.strip()
        people = User.objects.filter(Q(name__contains=value) | Q(username=value.lower()))
        return queryset.filter(actor__in=list(people.values_list("pk", flat=True)))

    def from_day(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(at__gte=_midnight(value))

    def to_day(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(at__lt=_midnight(value + dt.timedelta(days=1)))

    def by_verb(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(verb__endswith=value) if value.startswith(".") else queryset.filter(verb=value)
