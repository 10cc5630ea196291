"""By what a list of activities is narrowed; shared by page, export and interface."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from emergency.activities.models import Activity, ActivityQuerySet, Status
from emergency.activities.queries import tree
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind
from emergency.organizations.scope import area_q
from emergency.programmes.models import Programme
from hazards.filters import OFFICES, my_units


class ActivityFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、标题、领导、文号", "maxlength": 60}),
    )
    category = django_filters.ChoiceFilter(label="类别", empty_label="全部", method="in_category")
    handler = django_filters.ChoiceFilter(label="开展单位", empty_label="全部")
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    started_from = django_filters.DateFilter(
        label="日期自", field_name="started_on", lookup_expr="gte", widget=forms.DateInput
    )
    started_to = django_filters.DateFilter(
        label="日期至", field_name="started_on", lookup_expr="lte", widget=forms.DateInput
    )
    leader = django_filters.CharFilter(
        label="主持（带队）领导",
        field_name="leader",
        lookup_expr="contains",
        widget=forms.TextInput(attrs={"maxlength": 20}),
    )
    industry = django_filters.ChoiceFilter(label="行业", empty_label="全部")
    campaign = django_filters.ChoiceFilter(label="专项行动", empty_label="全部", method="in_campaign")
    status = django_filters.ChoiceFilter(label="状态", empty_label="全部", choices=Status.choices)
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "category", "handler", "area")

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        self.units = {str(unit.pk): unit for unit in my_units(user)}
        industries = Industry.objects.filter(active=True).values_list("pk", "name")
        campaigns = Programme.objects.visible_to(user).campaigns().values_list("pk", "name")
        self.branches = tree()
        choices: dict[str, list[Any]] = {
            "category": self._categories(),
            "handler": [(key, str(one)) for key, one in self.units.items() if one.kind in OFFICES],
            "area": [(key, one.name) for key, one in self.units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)],
            "industry": [(str(pk), name) for pk, name in industries],
            "campaign": [(str(pk), name) for pk, name in campaigns],
        }
        for name, found in choices.items():
            self.filters[name].extra["choices"] = found
            if not found:
                del self.filters[name]

    def _categories(self) -> list[Any]:
        """A group without categories is one line, another a heading with its lines; closed ones stay for what they hold."""
        choices: list[Any] = []
        for branch in self.branches:
            own = (branch.group.slug, branch.group.name)
            lines = [(one.slug, one.name) for one in branch.categories]
            choices.append((branch.group.name, [(own[0], f"{own[1]}（全部）"), *lines]) if lines else own)
        return choices

    def chosen_category(self) -> Any:
        """The category that narrows the list, if one does."""
        slug = self.form.cleaned_data.get("category") if self.is_valid() else ""
        every = [one for branch in self.branches for one in (branch.group, *branch.categories)]
        return next((one for one in every if one.slug == slug), None)

    def searched(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_category(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.under(value)

    def in_area(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(area_q(self.units[value]))

    def in_campaign(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """An activity counts once, however many children of a campaign it belongs to."""
        members = Programme.objects.with_children_of(int(value)).values("pk")
        tagged = Activity.campaigns.through.objects.filter(programme__in=members).values("activity")
        return queryset.filter(Q(pk__in=tagged))
