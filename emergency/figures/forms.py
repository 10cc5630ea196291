"""Which organisation, period and breakdown a figures page shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from emergency.core import clock
from emergency.core.periods import Period, month_of, year_to_date
from emergency.figures import vocabulary
from emergency.organizations.models import Organisation

PRESETS = (
    ("month", "本月"),
    ("last_month", "上月"),
    ("year", "今年以来"),
    ("last_year", "去年全年"),
    ("custom", "自定时段"),
)


def preset_period(name: str, on: dt.date) -> Period:
    """The period behind a preset, seen from a day."""
    if name == "month":
        return Period(on.replace(day=1), on)
    if name == "last_month":
        return month_of(on.replace(day=1) - dt.timedelta(days=1))
    if name == "last_year":
        return Period(dt.date(on.year - 1, 1, 1), dt.date(on.year - 1, 12, 31))
    return year_to_date(on)


class FiguresForm(forms.Form):
    """The bar above the figures. Dates are asked only for 自定时段."""

    organisation = forms.ChoiceField(label="单位")
    period = forms.ChoiceField(label="时段", choices=PRESETS, required=False)
    start = forms.DateField(label="从", required=False, widget=forms.DateInput)
    end = forms.DateField(label="至", required=False, widget=forms.DateInput)
    by = forms.ChoiceField(label="分组", required=False)
    campaign = forms.ChoiceField(label="专项行动", required=False)

    def __init__(self, data: Any, *, organisations: list[Organisation], campaigns: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.organisations = {str(unit.pk): unit for unit in organisations}
        self.choose("organisation", [(key, str(unit)) for key, unit in self.organisations.items()])
        self.choose("by", [("", "不分组"), *((one.code, one.label) for one in vocabulary.dimensions())])
        self.choose("campaign", [("", "全部"), *campaigns])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        preset = data.get("period") or ("custom" if data.get("start") and data.get("end") else "year")
        if preset == "custom":
            if not (data.get("start") and data.get("end")):
                self.add_error("start", "请填写起止日期。")
            elif data["end"] < data["start"]:
                self.add_error("end", "截止日期不能早于起始日期。")
            else:
                data["span"] = Period(data["start"], data["end"])
        else:
            data["span"] = preset_period(preset, clock.today())
        return data


class LedgerStartForm(forms.Form):
    """启用日期 of one ledger for one unit; the same ledger and unit again moves the date."""

    ledger = forms.ChoiceField(label="台账")
    organisation = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none())
    started_on = forms.DateField(label="启用日期", widget=forms.DateInput)

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ledger, organisation = self.fields["ledger"], self.fields["organisation"]
        assert isinstance(ledger, forms.ChoiceField) and isinstance(organisation, forms.ModelChoiceField)
        ledger.choices = [(source.code, source.label) for source in vocabulary.sources()]
        organisation.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in organisations])
