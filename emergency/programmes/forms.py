"""Input of campaigns and of problems. The rules are in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from emergency.organizations.models import Organisation
from emergency.programmes.models import Problem, Programme
from emergency.programmes.services import organising_units, reporting_units


class CampaignForm(forms.ModelForm):
    """``owner`` is asked only for a new campaign of somebody who may speak for several offices."""

    groups = (("", ("name", "owner", "parent", "start", "end", "published", "note")),)

    owner = forms.ModelChoiceField(label="组织单位", queryset=Organisation.objects.none(), empty_label=None)
    parent = forms.ModelChoiceField(
        label="上级行动", queryset=Programme.objects.none(), required=False, empty_label="无"
    )
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 4}))

    class Meta:
        model = Programme
        fields = ("name", "owner", "parent", "start", "end", "published", "note")
        help_texts = {
            "end": "没有确定的可不填。",
            "published": "发布后，本级部门和下级单位登记检查、隐患时可以选用。",
        }

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = Programme.objects.campaigns().visible_to(actor)
        if self.instance.pk:
            del self.fields["owner"]
            parents = parents.exclude(pk=self.instance.pk)
        else:
            units = organising_units(actor)
            own = Organisation.objects.filter(pk__in=[unit.pk for unit in units])
            self.fields["owner"].queryset = own  # type: ignore[attr-defined]
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service judges the whole campaign; a model form would write into the instance before it is locked."""


class ProblemForm(forms.Form):
    """``owner`` is asked only for a new one."""

    owner = forms.ModelChoiceField(label="提出单位", queryset=Organisation.objects.none(), empty_label=None)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    problem = forms.CharField(
        label="问题", max_length=120, help_text="一句话，写入工作总结时作为小标题，如“基层监管力量不足”。"
    )
    showing = forms.CharField(label="主要表现", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    cause = forms.CharField(label="原因分析", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    remedy = forms.CharField(label="对策建议", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    source = forms.CharField(label="来源文件", max_length=200, required=False)
    order = forms.IntegerField(
        label="排序", min_value=1, max_value=999, required=False, help_text="写入工作总结的先后，不填排在最后。"
    )

    groups = (("", ("owner", "year", "problem", "showing", "cause", "remedy", "source", "order")),)

    def __init__(self, *args: Any, actor: Any, record: Problem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if record is not None:
            del self.fields["owner"]
        else:
            own = Organisation.objects.filter(pk__in=[unit.pk for unit in reporting_units(actor)])
            self.fields["owner"].queryset = own  # type: ignore[attr-defined]


class VoidForm(forms.Form):
    reason = forms.CharField(label="作废原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
