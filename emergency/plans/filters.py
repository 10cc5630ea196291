"""By what the lists of plans and drills are narrowed; shared by page and export."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from emergency.core import clock
from emergency.enterprises.queries import places_for
from emergency.organizations.models import Organisation
from emergency.organizations.scope import area_q
from emergency.plans.models import (
    IN_FORCE,
    Drill,
    DrillForm,
    DrillQuerySet,
    DrillStatus,
    Kind,
    Plan,
    PlanQuerySet,
    Status,
)

STAGES = (
    ("in_force", "现行（已公布未废止）"),
    ("late", "逾期未申报"),
    ("evaluate", "逾期未评估"),
    *((status.value, status.label) for status in Status),
)


def _places(request: HttpRequest | None) -> QuerySet[Organisation]:
    return places_for(request.user) if request is not None else Organisation.objects.none()


def _search(hint: str) -> django_filters.CharFilter:
    """Carried out by the listing (substring search); here it only shows in the form."""
    attributes = {"type": "search", "placeholder": hint, "maxlength": 60}
    return django_filters.CharFilter(label="搜索", method="searched", widget=forms.TextInput(attrs=attributes))


class PlanFilter(django_filters.FilterSet):
    primary = ("q", "stage", "kind", "area")

    q = _search("预案名称、编制单位、备案编号")
    stage = django_filters.ChoiceFilter(label="状态", empty_label="全部", choices=STAGES, method="in_stage")
    kind = django_filters.ChoiceFilter(label="预案类别", empty_label="全部", choices=Kind.choices)
    area = django_filters.ModelChoiceFilter(label="属地", queryset=_places, method="in_area", empty_label="全部")
    published_from = django_filters.DateFilter(
        label="公布日期自", field_name="published_on", lookup_expr="gte", widget=forms.DateInput
    )
    published_to = django_filters.DateFilter(
        label="公布日期至", field_name="published_on", lookup_expr="lte", widget=forms.DateInput
    )
    filed_from = django_filters.DateFilter(
        label="备案日期自", field_name="filed_on", lookup_expr="gte", widget=forms.DateInput
    )
    filed_to = django_filters.DateFilter(
        label="备案日期至", field_name="filed_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    class Meta:
        model = Plan
        fields: list[str] = []

    def searched(self, queryset: PlanQuerySet, name: str, value: str) -> PlanQuerySet:
        return queryset

    def in_stage(self, queryset: PlanQuerySet, name: str, value: str) -> PlanQuerySet:
        if value == "in_force":
            return queryset.in_force()
        if value == "late":
            return queryset.filter(status=Status.PUBLISHED, file_by__lt=clock.today()).exclude(handler=None)
        if value == "evaluate":
            return queryset.filter(status__in=IN_FORCE, evaluate_by__lt=clock.today())
        return queryset.filter(status=value)

    def in_area(self, queryset: PlanQuerySet, name: str, value: Organisation) -> PlanQuerySet:
        return queryset.filter(area_q(value))


class DrillFilter(django_filters.FilterSet):
    primary = ("q", "status", "form", "area")

    q = _search("演练名称、组织单位、地点")
    status = django_filters.ChoiceFilter(label="状态", empty_label="全部", choices=DrillStatus.choices)
    form = django_filters.ChoiceFilter(
        label="演练形式", empty_label="全部", choices=DrillForm.choices, field_name="form"
    )
    area = django_filters.ModelChoiceFilter(label="属地", queryset=_places, method="in_area", empty_label="全部")
    day_from = django_filters.DateFilter(label="日期自", field_name="day", lookup_expr="gte", widget=forms.DateInput)
    day_to = django_filters.DateFilter(label="日期至", field_name="day", lookup_expr="lte", widget=forms.DateInput)
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)
    plan = django_filters.NumberFilter(field_name="plan", widget=forms.HiddenInput)

    class Meta:
        model = Drill
        fields: list[str] = []

    def searched(self, queryset: DrillQuerySet, name: str, value: str) -> DrillQuerySet:
        return queryset

    def in_area(self, queryset: DrillQuerySet, name: str, value: Organisation) -> DrillQuerySet:
        return queryset.filter(area_q(value))
