"""By what the accident ledger is narrowed; shared by page, export and interface."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms

from emergency.incidents.models import LARGER_UP, Accident, AccidentQuerySet, Classification, Grade, Status
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.queries import units_within
from emergency.organizations.scope import area_q, reach

#: Choices that stand for several.
LARGER, UNFINISHED = "larger_up", "open"
_YES_NO = (("yes", "纳入"), ("no", "不纳入"))


def places_of(user: Any) -> list[Organisation]:
    """Places to choose from: of a district its towns, of a town its communities; villages of a whole district would be hundreds."""
    mine = reach(user)
    if not mine.posts:
        return []
    units = units_within(user).filter(kind__in=[Kind.STREET, Kind.COMMUNITY])
    if any(root.tier in (Tier.CITY, Tier.DISTRICT) for root in mine.roots):
        units = units.exclude(kind=Kind.COMMUNITY)
    return list(units)


class AccidentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、名称、单位、经过", "maxlength": 60}),
    )
    classification = django_filters.ChoiceFilter(label="事故分类", empty_label="全部", choices=Classification.choices)
    grade = django_filters.ChoiceFilter(
        label="事故等级", empty_label="全部", choices=[(LARGER, "较大以上"), *Grade.choices], method="in_grade"
    )
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    counted = django_filters.ChoiceFilter(label="纳入统计", empty_label="不限", choices=_YES_NO, method="is_counted")
    status = django_filters.ChoiceFilter(
        label="状态", empty_label="全部", choices=[(UNFINISHED, "未结案"), *Status.choices], method="in_status"
    )
    occurred_from = django_filters.DateFilter(
        label="发生日期自", field_name="occurred_on", lookup_expr="gte", widget=forms.DateInput
    )
    occurred_to = django_filters.DateFilter(
        label="发生日期至", field_name="occurred_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "classification", "grade", "area")

    class Meta:
        model = Accident
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(unit.pk): unit for unit in places_of(self.request.user)}
        if self.places:
            self.filters["area"].extra["choices"] = [(key, one.name) for key, one in self.places.items()]
        else:
            del self.filters["area"]

    def searched(self, queryset: AccidentQuerySet, name: str, value: str) -> AccidentQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_grade(self, queryset: AccidentQuerySet, name: str, value: str) -> AccidentQuerySet:
        return queryset.filter(grade__in=LARGER_UP) if value == LARGER else queryset.filter(grade=value)

    def in_area(self, queryset: AccidentQuerySet, name: str, value: str) -> AccidentQuerySet:
        return queryset.filter(area_q(self.places[value]))

    def is_counted(self, queryset: AccidentQuerySet, name: str, value: str) -> AccidentQuerySet:
        return queryset.filter(counted=value == "yes")

    def in_status(self, queryset: AccidentQuerySet, name: str, value: str) -> AccidentQuerySet:
        return queryset.open() if value == UNFINISHED else queryset.filter(status=value)
