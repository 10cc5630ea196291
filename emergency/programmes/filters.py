"""What the lists of campaigns and of problems can be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from emergency.core import clock
from emergency.organizations.models import Organisation
from emergency.programmes.models import Problem, Programme


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


def _reporters(request: HttpRequest | None) -> QuerySet[Organisation]:
    visible = Problem.objects.visible_to(request.user) if request is not None else Problem.objects.none()
    return Organisation.objects.filter(pk__in=visible.values("owner"))


class ProblemFilter(django_filters.FilterSet):
    """Few rows, so a word is looked for in the texts themselves and not in an index."""

    words = django_filters.CharFilter(label="问题或对策", method="with_words")
    year = django_filters.NumberFilter(label="年度", min_value=2000, max_value=2100)
    owner = django_filters.ModelChoiceFilter(label="提出单位", queryset=_reporters, empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("live", "在用"), ("void", "已作废")], method="in_state", empty_label="全部"
    )

    class Meta:
        model = Problem
        fields = ("words", "year", "owner", "state")

    def with_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(
            Q(problem__contains=value)
            | Q(showing__contains=value)
            | Q(cause__contains=value)
            | Q(remedy__contains=value)
        )

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(void_reason="") if value == "live" else queryset.exclude(void_reason="")
