"""By what the lists of supplies are narrowed; shared by page and export."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from emergency.core import clock
from emergency.organizations.models import Kind
from emergency.organizations.scope import area_q
from hazards.filters import my_units
from supplies.models import Depot, DepotLevel, Holding, HoldingQuerySet, Item, Mode, Movement, MovementKind, Purchase

STATES = (("held", "有库存"), ("soon", "临期"), ("expired", "超期"), ("gone", "已出清"))


def _search(words: str) -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": words, "maxlength": 60}),
    )


class SupplyFilter(django_filters.FilterSet):
    """What the filters of all lists have in common."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(one.pk): one for one in my_units(self.request.user)}
        places = [(key, one.name) for key, one in self.units.items() if one.kind in (Kind.STREET, Kind.COMMUNITY)]
        self.offer("area", places)
        if "depot" in self.filters:
            depots = Depot.objects.visible_to(self.request.user).order_by("name", "pk").values_list("pk", "name")
            self.offer("depot", [(str(pk), name) for pk, name in depots])

    def offer(self, name: str, choices: list[Any]) -> None:
        """Give a filter its choices; one that has none is not shown."""
        self.filters[name].extra["choices"] = choices
        if not choices:
            del self.filters[name]

    def searched(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The listing itself searches: it asks the index once for all branches."""
        return queryset

    def in_area(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(area_q(self.units[value]))


class HoldingFilter(SupplyFilter):
    q = _search("物资、批次编号、存放位置")
    depot = django_filters.ChoiceFilter(label="储备库", empty_label="全部")
    state = django_filters.ChoiceFilter(label="状态", empty_label="全部", choices=STATES, method="in_state")
    mode = django_filters.ChoiceFilter(label="储备方式", empty_label="全部", choices=Mode.choices)
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    item = django_filters.ModelChoiceFilter(label="物资", empty_label="全部", queryset=Item.objects.all())

    primary = ("q", "depot", "state", "mode")

    class Meta:
        model = Holding
        fields: list[str] = []

    def in_state(self, queryset: HoldingQuerySet, name: str, value: str) -> QuerySet:
        on: dt.date = clock.today()
        if value == "soon":
            return queryset.expiring(on)
        if value == "expired":
            return queryset.expired(on)
        return queryset.in_stock() if value == "held" else queryset.filter(quantity=0)


class MovementFilter(SupplyFilter):
    q = _search("流水号、物资、批次编号、领用单位、依据文号")
    depot = django_filters.ChoiceFilter(label="储备库", empty_label="全部")
    kind = django_filters.ChoiceFilter(label="类型", empty_label="全部", choices=MovementKind.choices)
    moved_from = django_filters.DateFilter(
        label="日期自", field_name="moved_on", lookup_expr="gte", widget=forms.DateInput
    )
    moved_to = django_filters.DateFilter(
        label="日期至", field_name="moved_on", lookup_expr="lte", widget=forms.DateInput
    )
    mode = django_filters.ChoiceFilter(label="储备方式", empty_label="全部", choices=Mode.choices)
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    item = django_filters.ModelChoiceFilter(label="物资", empty_label="全部", queryset=Item.objects.all())

    primary = ("q", "depot", "kind")

    class Meta:
        model = Movement
        fields: list[str] = []


class DepotFilter(SupplyFilter):
    q = _search("名称、地址")
    level = django_filters.ChoiceFilter(label="级别", empty_label="全部", choices=DepotLevel.choices)
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")
    in_use = django_filters.ChoiceFilter(
        label="状态", empty_label="全部", choices=(("yes", "在用"), ("no", "停用")), method="by_use"
    )

    class Meta:
        model = Depot
        fields: list[str] = []

    def by_use(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        closed = {"closed_on__lte": clock.today()}
        return queryset.filter(**closed) if value == "no" else queryset.exclude(**closed)


class PurchaseFilter(SupplyFilter):
    q = _search("名称、合同编号、供货单位")
    signed_from = django_filters.DateFilter(
        label="签订日期自", field_name="signed_on", lookup_expr="gte", widget=forms.DateInput
    )
    signed_to = django_filters.DateFilter(
        label="签订日期至", field_name="signed_on", lookup_expr="lte", widget=forms.DateInput
    )
    area = django_filters.ChoiceFilter(label="属地", empty_label="全部", method="in_area")

    class Meta:
        model = Purchase
        fields: list[str] = []
