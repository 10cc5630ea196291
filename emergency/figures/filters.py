"""What the list of entered values can be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from emergency.figures.models import GivenValue
from emergency.figures.queries.readers import choices
from emergency.organizations.models import Organisation
from emergency.organizations.scope import area_q


def _places(request: HttpRequest | None) -> QuerySet[Organisation]:
    units = choices(request.user) if request is not None else []
    return Organisation.objects.filter(pk__in=[unit.pk for unit in units]).order_by("path")


def entered_figures() -> list[tuple[str, str]]:
    """Code and name of every figure with an entry."""
    found = [
        GivenValue(figure_code=code)
        for code in GivenValue.objects.order_by().values_list("figure_code", flat=True).distinct()
    ]
    return sorted(((one.figure_code, one.name) for one in found), key=lambda pair: pair[1])


class GivenFilter(django_filters.FilterSet):
    """``starting`` and ``ending`` bound the entries' own periods."""

    primary = ("figure_code", "area", "state")

    figure_code = django_filters.ChoiceFilter(label="指标", choices=entered_figures, empty_label="全部")
    area = django_filters.ModelChoiceFilter(label="属地", queryset=_places, method="in_area", empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("live", "有效"), ("void", "已作废")], method="in_state", empty_label="全部"
    )
    starting = django_filters.DateFilter(label="起始日期不早于", field_name="start", lookup_expr="gte")
    ending = django_filters.DateFilter(label="截止日期不晚于", field_name="end", lookup_expr="lte")
    source_unit = django_filters.CharFilter(label="来源单位", lookup_expr="contains")

    class Meta:
        model = GivenValue
        fields = ("figure_code", "area", "state", "starting", "ending", "source_unit")

    def in_area(self, queryset: QuerySet, name: str, value: Organisation) -> QuerySet:
        return queryset.filter(area_q(value))

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(void=value == "void")
