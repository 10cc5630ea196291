"""By what a list of letters is narrowed; shared by page and export."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.http import HttpRequest

from emergency.core import clock
from emergency.enterprises.queries import places_for
from emergency.letters.models import Kind, Letter, LetterAddressee, LetterQuerySet, ReplyStatus, Status
from emergency.organizations.models import Organisation
from emergency.organizations.scope import area_q, reach

#: Where a letter stands, in the officer's words; the first four part 办理中 by its answers.
STAGES = (
    ("open", "办理中（全部）"),
    ("late", "逾期未回复"),
    ("waiting", "等待回复"),
    ("check", "待核查"),
    *((status.value, status.label) for status in Status if status != Status.ISSUED),
)
DIRECTIONS = (("sent", "本单位发出的"), ("received", "发给本单位的"))


def _places(request: HttpRequest | None) -> QuerySet[Organisation]:
    return places_for(request.user) if request is not None else Organisation.objects.none()


class LetterFilter(django_filters.FilterSet):
    """``q`` is carried out by the listing (substring search); here it only shows in the form."""

    primary = ("q", "stage", "kind", "direction")

    q = django_filters.CharFilter(
        label="搜索",
        method="searched",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "文号、事由、主送单位", "maxlength": 60}),
    )
    stage = django_filters.ChoiceFilter(label="状态", empty_label="全部", choices=STAGES, method="in_stage")
    kind = django_filters.ChoiceFilter(label="种类", empty_label="全部", choices=Kind.choices)
    direction = django_filters.ChoiceFilter(label="收发", empty_label="全部", choices=DIRECTIONS, method="by_direction")
    area = django_filters.ModelChoiceFilter(label="属地", queryset=_places, method="in_area", empty_label="全部")
    issued_from = django_filters.DateFilter(
        label="发文日期自", field_name="issued_on", lookup_expr="gte", widget=forms.DateInput
    )
    issued_to = django_filters.DateFilter(
        label="发文日期至", field_name="issued_on", lookup_expr="lte", widget=forms.DateInput
    )
    enterprise = django_filters.NumberFilter(method="to_enterprise", widget=forms.HiddenInput)

    class Meta:
        model = Letter
        fields: list[str] = []

    def searched(self, queryset: LetterQuerySet, name: str, value: str) -> LetterQuerySet:
        return queryset

    def in_stage(self, queryset: LetterQuerySet, name: str, value: str) -> LetterQuerySet:
        if value == "late":
            return queryset.overdue(clock.today())
        if value in Status.values:
            return queryset.filter(status=value)
        opened = queryset.filter(status=Status.ISSUED)
        if value == "waiting":
            return opened.filter(replied__lt=F("owed"))
        if value == "check":
            replied = LetterAddressee.objects.filter(status=ReplyStatus.REPLIED)
            return opened.filter(pk__in=replied.values("letter"))
        return opened

    def by_direction(self, queryset: LetterQuerySet, name: str, value: str) -> LetterQuerySet:
        mine = reach(self.request.user).own_units
        if value == "sent":
            return queryset.filter(handler__in=mine)
        received = LetterAddressee.objects.filter(LetterAddressee.objects.mine_q(self.request.user))
        return queryset.filter(pk__in=received.values("letter"))

    def in_area(self, queryset: LetterQuerySet, name: str, value: Organisation) -> LetterQuerySet:
        return queryset.filter(area_q(value))

    def to_enterprise(self, queryset: LetterQuerySet, name: str, value: int) -> LetterQuerySet:
        received = LetterAddressee.objects.filter(enterprise=int(value))
        return queryset.filter(pk__in=received.values("letter"))
