"""Input of a campaign. The rules are in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from emergency.organizations.models import Organisation
from emergency.programmes.models import Programme
from emergency.programmes.services import organising_units


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
