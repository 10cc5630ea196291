"""By what the lists of hazards and of risk points are narrowed; shared by page, export and interface."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from emergency.core import clock
from emergency.enterprises.models import Industry, RiskLevel
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.queries import units_within
from emergency.organizations.scope import area_q, reach
from emergency.programmes.models import Programme
from hazards.models import (
    LIVE_RISKS,
    OPEN_STATUSES,
    Category,
    Grade,
    Hazard,
    HazardQuerySet,
    RiskCategory,
    RiskPoint,
    RiskQuerySet,
    RiskStatus,
    Source,
    Status,
)

OFFICES = (Kind.BUREAU, Kind.DEPARTMENT, Kind.STREET, Kind.COMMUNITY)
LATE = (("rectify", "逾期未整改"), ("review", "逾期未复查"))


def my_units(user: Any) -> list[Organisation]:
    """Units to choose from: of a district its streets and offices, of a street its communities; villages of a whole district
    would be hundreds. One query."""
    roots = reach(user).roots
    units = units_within(user).exclude(kind__in=[Kind.COMMITTEE, Kind.AREA_SET])
    if any(root.tier in (Tier.CITY, Tier.DISTRICT) for root in roots):
        units = units.exclude(kind=Kind.COMMUNITY)
    return list(units) if reach(user).posts else []


class HazardFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、单位、隐患描述", "maxlength": 60}),
    )
    status = django_filters.ChoiceFilter(
        label="状态", empty_label="全部", choices=[("open", "未销号（全部）"), *Status.choices], method="in_status"
    )
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    late = django_filters.ChoiceFilter(label="逾期", empty_label="不限", choices=LATE, method="is_late")
    grade = django_filters.ChoiceFilter(label="等级", empty_label="全部", choices=Grade.choices)
    handler = django_filters.ChoiceFilter(label="承办单位", empty_label="全部")
    industry = django_filters.ChoiceFilter(label="行业", empty_label="全部")
    source = django_filters.ChoiceFilter(label="来源", empty_label="全部", choices=Source.choices)
    category = django_filters.ChoiceFilter(label="类别", empty_label="全部", choices=Category.choices)
    campaign = django_filters.ChoiceFilter(label="专项行动", empty_label="全部", method="in_campaign")
    found_from = django_filters.DateFilter(
        label="发现日期自", field_name="found_on", lookup_expr="gte", widget=forms.DateInput
    )
    found_to = django_filters.DateFilter(
        label="发现日期至", field_name="found_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "status", "area", "late")

    class Meta:
        model = Hazard
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        self.units = {str(unit.pk): unit for unit in my_units(user)}
        areas = [(key, one.name) for key, one in self.units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)]
        handlers = [(key, str(one)) for key, one in self.units.items() if one.kind in OFFICES]
        industries = [(str(pk), name) for pk, name in Industry.objects.filter(active=True).values_list("pk", "name")]
        campaigns = Programme.objects.visible_to(user).campaigns().values_list("pk", "name")
        choices = {
            "area": areas,
            "handler": handlers,
            "industry": industries,
            "campaign": [(str(pk), name) for pk, name in campaigns],
        }
        for name, found in choices.items():
            self.filters[name].extra["choices"] = found
            if not found:
                del self.filters[name]

    def searched(self, queryset: HazardQuerySet, name: str, value: str) -> HazardQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_status(self, queryset: HazardQuerySet, name: str, value: str) -> HazardQuerySet:
        return queryset.filter(status__in=OPEN_STATUSES) if value == "open" else queryset.filter(status=value)

    def in_area(self, queryset: HazardQuerySet, name: str, value: str) -> HazardQuerySet:
        return queryset.filter(area_q(self.units[value]))

    def is_late(self, queryset: HazardQuerySet, name: str, value: str) -> HazardQuerySet:
        on = clock.today()
        return queryset.review_overdue(on) if value == "review" else queryset.overdue(on)

    def in_campaign(self, queryset: HazardQuerySet, name: str, value: str) -> HazardQuerySet:
        """A hazard counts once, however many children of a campaign it belongs to."""
        members = Programme.objects.with_children_of(int(value)).values("pk")
        tagged = Hazard.campaigns.through.objects.filter(programme__in=members).values("hazard")
        return queryset.filter(Q(pk__in=tagged))


class RiskFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、名称、位置、责任单位", "maxlength": 60}),
    )
    level = django_filters.ChoiceFilter(label="风险等级", empty_label="全部", choices=RiskLevel.choices)
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    status = django_filters.ChoiceFilter(
        label="状态", empty_label="全部", choices=[("live", "在册（全部）"), *RiskStatus.choices], method="in_status"
    )
    key = django_filters.ChoiceFilter(label="重点", empty_label="全部", choices=[("1", "重点")], method="is_key")
    patrol = django_filters.ChoiceFilter(
        label="巡查", empty_label="不限", choices=[("late", "逾期未巡查")], method="is_late"
    )
    handler = django_filters.ChoiceFilter(label="监管单位", empty_label="全部")
    industry = django_filters.ChoiceFilter(label="行业", empty_label="全部")
    category = django_filters.ChoiceFilter(label="类别", empty_label="全部", choices=RiskCategory.choices)
    identified_from = django_filters.DateFilter(
        label="辨识日期自", field_name="identified_on", lookup_expr="gte", widget=forms.DateInput
    )
    identified_to = django_filters.DateFilter(
        label="辨识日期至", field_name="identified_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "level", "area", "status")

    class Meta:
        model = RiskPoint
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in my_units(self.request.user)}
        industries = [(str(pk), name) for pk, name in Industry.objects.filter(active=True).values_list("pk", "name")]
        choices = {
            "area": [(key, one.name) for key, one in self.units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)],
            "handler": [(key, str(one)) for key, one in self.units.items() if one.kind in OFFICES],
            "industry": industries,
        }
        for name, found in choices.items():
            self.filters[name].extra["choices"] = found
            if not found:
                del self.filters[name]

    def searched(self, queryset: RiskQuerySet, name: str, value: str) -> RiskQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_status(self, queryset: RiskQuerySet, name: str, value: str) -> RiskQuerySet:
        return queryset.filter(status__in=LIVE_RISKS) if value == "live" else queryset.filter(status=value)

    def in_area(self, queryset: RiskQuerySet, name: str, value: str) -> RiskQuerySet:
        return queryset.filter(area_q(self.units[value]))

    def is_key(self, queryset: RiskQuerySet, name: str, value: str) -> RiskQuerySet:
        return queryset.filter(key=True)

    def is_late(self, queryset: RiskQuerySet, name: str, value: str) -> RiskQuerySet:
        return queryset.patrol_overdue(clock.today())
