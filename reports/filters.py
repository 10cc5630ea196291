"""Filters of the list of papers."""

from __future__ import annotations

import django_filters as filters
from django import forms

from reports.models import Kind, Report


class ReportFilter(filters.FilterSet):
    """By kind, words of the title and the day that the period reaches."""

    title = filters.CharFilter(label="标题", lookup_expr="contains", widget=forms.TextInput(attrs={"type": "search"}))
    kind = filters.ChoiceFilter(label="种类", choices=Kind, empty_label="全部")
    until = filters.DateFilter(label="截止日期不早于", field_name="end", lookup_expr="gte", widget=forms.DateInput)

    class Meta:
        model = Report
        fields = ("title", "kind", "until")
