"""What the register can be narrowed by; the page, the export and the API share it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from emergency.enterprises.models import Enterprise, Industry, RiskLevel, Scale, State, SubjectKind
from emergency.enterprises.queries import departments_at_work, places_for
from emergency.organizations.models import Organisation
from emergency.organizations.scope import area_q

#: State filter's first choice: 在营 and 停产 together, which is what officers look after.
SUPERVISED = "supervised"


def _places(request: HttpRequest | None) -> QuerySet[Organisation]:
    return places_for(request.user) if request is not None else Organisation.objects.none()


def _departments(request: HttpRequest | None) -> QuerySet[Organisation]:
    return departments_at_work()


class EnterpriseFilter(django_filters.FilterSet):
    """``q`` is carried out by the listing (substring search); here it only shows in the form."""

    primary = ("q", "area", "industry", "state")

    q = django_filters.CharFilter(label="名称、信用代码或地址", method="searched")
    area = django_filters.ModelChoiceFilter(label="属地", queryset=_places, method="in_area", empty_label="全部")
    industry = django_filters.ModelChoiceFilter(label="行业", queryset=Industry.objects.all(), empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[(SUPERVISED, "在监管（在营、停产）"), *State.choices],
        method="in_state",
        empty_label="全部",
    )
    kind = django_filters.ChoiceFilter(label="对象类别", choices=SubjectKind.choices, empty_label="全部")
    scale = django_filters.ChoiceFilter(label="规模", choices=Scale.choices, empty_label="全部")
    department = django_filters.ModelChoiceFilter(label="行业主管部门", queryset=_departments, empty_label="全部")
    risk_level = django_filters.ChoiceFilter(label="风险等级", choices=RiskLevel.choices, empty_label="全部")
    key_supervised = django_filters.ChoiceFilter(
        label="重点监管", choices=[("yes", "是"), ("no", "否")], method="by_flag", empty_label="全部"
    )
    quick = django_filters.ChoiceFilter(
        label="快速建档待完善", choices=[("yes", "是"), ("no", "否")], method="by_flag", empty_label="全部"
    )

    class Meta:
        model = Enterprise
        fields = (
            "q", "area", "industry", "state", "kind", "scale", "department", "risk_level", "key_supervised", "quick",
        )  # fmt: skip

    def searched(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    def in_area(self, queryset: QuerySet, name: str, value: Organisation) -> QuerySet:
        """The whole subtree of the unit chosen."""
        return queryset.filter(area_q(value))

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        condition = ~Q(state__in=State.ended()) if value == SUPERVISED else Q(state=value)
        return queryset.filter(condition)

    def by_flag(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(**{name: value == "yes"})
