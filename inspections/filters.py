"""By what a list of visits is narrowed; shared by page, export and interface."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind
from emergency.organizations.scope import area_q
from emergency.programmes.models import Programme
from hazards.filters import OFFICES, my_units
from inspections.models import EntryMode, Visit, VisitKind, VisitQuerySet

FOUND = (("yes", "发现隐患"), ("no", "未发现隐患"))


class VisitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、单位、检查人员", "maxlength": 60}),
    )
    kind = django_filters.ChoiceFilter(label="检查类型", empty_label="全部", choices=VisitKind.choices)
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    found = django_filters.ChoiceFilter(label="发现情况", empty_label="不限", choices=FOUND, method="with_findings")
    handler = django_filters.ChoiceFilter(label="实施单位", empty_label="全部")
    industry = django_filters.ChoiceFilter(label="行业", empty_label="全部")
    campaign = django_filters.ChoiceFilter(label="专项行动", empty_label="全部", method="in_campaign")
    entry_mode = django_filters.ChoiceFilter(label="登记方式", empty_label="全部", choices=EntryMode.choices)
    visited_from = django_filters.DateFilter(
        label="检查日期自", field_name="visited_on", lookup_expr="gte", widget=forms.DateInput
    )
    visited_to = django_filters.DateFilter(
        label="检查日期至", field_name="visited_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "kind", "area", "found")

    class Meta:
        model = Visit
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        self.units = {str(unit.pk): unit for unit in my_units(user)}
        industries = Industry.objects.filter(active=True).values_list("pk", "name")
        campaigns = Programme.objects.visible_to(user).campaigns().values_list("pk", "name")
        choices = {
            "area": [(key, one.name) for key, one in self.units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)],
            "handler": [(key, str(one)) for key, one in self.units.items() if one.kind in OFFICES],
            "industry": [(str(pk), name) for pk, name in industries],
            "campaign": [(str(pk), name) for pk, name in campaigns],
        }
        for name, found in choices.items():
            self.filters[name].extra["choices"] = found
            if not found:
                del self.filters[name]

    def searched(self, queryset: VisitQuerySet, name: str, value: str) -> VisitQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_area(self, queryset: VisitQuerySet, name: str, value: str) -> VisitQuerySet:
        return queryset.filter(area_q(self.units[value]))

    def with_findings(self, queryset: VisitQuerySet, name: str, value: str) -> VisitQuerySet:
        """Problems found at a visit, or reported by number."""
        return queryset.with_findings() if value == "yes" else queryset.without_findings()

    def in_campaign(self, queryset: VisitQuerySet, name: str, value: str) -> VisitQuerySet:
        """A visit counts once, however many children of a campaign it belongs to."""
        members = Programme.objects.with_children_of(int(value)).values("pk")
        tagged = Visit.campaigns.through.objects.filter(programme__in=members).values("visit")
        return queryset.filter(Q(pk__in=tagged))
