"""By what the lists of visits and measures are narrowed; shared by page, export and interface."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from emergency.core import clock
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import area_q
from emergency.programmes.models import Programme
from hazards.filters import OFFICES, my_units
from inspections.models import (
    EntryMode,
    Measure,
    MeasureKind,
    MeasureQuerySet,
    MeasureStatus,
    Visit,
    VisitKind,
    VisitQuerySet,
)

FOUND = (("yes", "发现隐患"), ("no", "未发现隐患"))
PUBLICATION = (("open", "待公示（全部）"), ("overdue", "逾期未公示"), ("done", "已公示"))
LIVE_CHOICES = [choice for choice in MeasureStatus.choices if choice[0] != MeasureStatus.VOID]


def offer_places(filters: django_filters.FilterSet) -> dict[str, Organisation]:
    """Fill the choices of 属地, 实施单位, 行业 and 专项行动 with what the reader may choose; a filter without choices is dropped.

    Returns the reader's units by their keys.
    """
    user = filters.request.user
    units = {str(unit.pk): unit for unit in my_units(user)}
    industries = Industry.objects.filter(active=True).values_list("pk", "name")
    campaigns = Programme.objects.visible_to(user).campaigns().values_list("pk", "name")
    choices = {
        "area": [(key, one.name) for key, one in units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)],
        "handler": [(key, str(one)) for key, one in units.items() if one.kind in OFFICES],
        "industry": [(str(pk), name) for pk, name in industries],
        "campaign": [(str(pk), name) for pk, name in campaigns],
    }
    for name, found in choices.items():
        filters.filters[name].extra["choices"] = found
        if not found:
            del filters.filters[name]
    return units


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
        self.units = offer_places(self)

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


class MeasureFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、文号、当事人、案由", "maxlength": 60}),
    )
    kind = django_filters.ChoiceFilter(label="处置类型", empty_label="全部", choices=MeasureKind.choices)
    status = django_filters.ChoiceFilter(
        label="执行情况",
        empty_label="全部",
        choices=[("open", "未执行完毕（全部）"), *LIVE_CHOICES],
        method="in_status",
    )
    publication = django_filters.ChoiceFilter(
        label="公示", empty_label="不限", choices=PUBLICATION, method="in_publication"
    )
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    handler = django_filters.ChoiceFilter(label="实施单位", empty_label="全部")
    industry = django_filters.ChoiceFilter(label="行业", empty_label="全部")
    campaign = django_filters.ChoiceFilter(label="专项行动", empty_label="全部", method="in_campaign")
    halted = django_filters.ChoiceFilter(
        label="停产整顿", empty_label="不限", choices=(("yes", "尚未复产验收"),), method="is_halted"
    )
    decided_from = django_filters.DateFilter(
        label="决定日期自", field_name="decided_on", lookup_expr="gte", widget=forms.DateInput
    )
    decided_to = django_filters.DateFilter(
        label="决定日期至", field_name="decided_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(field_name="enterprise", widget=forms.HiddenInput)

    primary = ("q", "kind", "status", "publication")

    class Meta:
        model = Measure
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = offer_places(self)

    def searched(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_area(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return queryset.filter(area_q(self.units[value]))

    def in_status(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return queryset.exclude(status=MeasureStatus.DONE) if value == "open" else queryset.filter(status=value)

    def in_publication(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        if value == "done":
            return queryset.filter(published_on__isnull=False)
        return queryset.publication_overdue(clock.today()) if value == "overdue" else queryset.to_publish()

    def is_halted(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return queryset.halted()

    def in_campaign(self, queryset: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        """A measure counts once, however many children of a campaign it belongs to."""
        members = Programme.objects.with_children_of(int(value)).values("pk")
        tagged = Measure.campaigns.through.objects.filter(programme__in=members).values("measure")
        return queryset.filter(Q(pk__in=tagged))
