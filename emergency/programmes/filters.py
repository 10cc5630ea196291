"""What the list of campaigns can be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from emergency.core import clock
from emergency.organizations.models import Organisation
from emergency.programmes.models import Programme


def _owners(request: HttpRequest | None) -> QuerySet[Organisation]:
    visible = Programme.objects.visible_to(request.user) if request is not None else Programme.objects.none()
    return Organisation.objects.filter(pk__in=visible.values("owner"))


class ProgrammeFilter(django_filters.FilterSet):
    """Few rows, so a word is looked for in the name itself and not in an index."""

    name = django_filters.CharFilter(label="名称", lookup_expr="contains")
    stage = django_filters.ChoiceFilter(
        label="状态",
        choices=[("later", "未开始"), ("running", "进行中"), ("ended", "已结束"), ("draft", "未发布")],
        method="in_stage",
        empty_label="全部",
    )
    owner = django_filters.ModelChoiceFilter(label="组织单位", queryset=_owners, empty_label="全部")
    year = django_filters.NumberFilter(label="年份", method="in_year", min_value=2000, max_value=2100)

    class Meta:
        model = Programme
        fields = ("name", "stage", "owner", "year")

    def in_stage(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        on = clock.today()
        if value == "draft":
            return queryset.filter(published=False)
        condition = {
            "later": Q(start__gt=on),
            "running": Q(start__lte=on) & (Q(end=None) | Q(end__gte=on)),
            "ended": Q(end__lt=on),
        }[value]
        return queryset.filter(condition, published=True)

    def in_year(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        """Those that ran on some day of the year."""
        year = int(value)
        return queryset.filter(Q(end=None) | Q(end__year__gte=year), start__year__lte=year)
