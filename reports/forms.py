"""What a new paper needs: kind, area, period."""

from __future__ import annotations

from typing import Any

from django import forms

from emergency.core import clock
from emergency.core.periods import Period, whole_year, year_to_date
from emergency.organizations.models import Organisation
from reports.models import Kind

SPANS = (("year", "今年以来"), ("last_year", "去年全年"), ("custom", "自定时段"))


class ReportForm(forms.Form):
    """起草: the dates are asked only for 自定时段."""

    kind = forms.ChoiceField(label="文书种类", choices=Kind)
    area = forms.ChoiceField(label="统计区域")
    span = forms.ChoiceField(label="统计时段", choices=SPANS, initial="year")
    start = forms.DateField(label="起始日期", required=False, help_text="选“自定时段”时填写。")
    end = forms.DateField(label="截止日期", required=False, help_text="可以是任意一天，如6月13日。")

    groups = (("", ["kind", "area", "span", "start", "end"]),)

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(unit.pk): unit for unit in organisations}
        field = self.fields["area"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, str(unit)) for key, unit in self.organisations.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = clock.today()
        if data.get("span") == "custom":
            if not (data.get("start") and data.get("end")):
                self.add_error("start", "请填写起止日期。")
            elif data["end"] < data["start"]:
                self.add_error("end", "截止日期不能早于起始日期。")
            elif data["start"] > today:
                self.add_error("start", "起始日期不能晚于今天。")
            else:
                data["period"] = Period(data["start"], data["end"])
        else:
            data["period"] = whole_year(today.year - 1) if data.get("span") == "last_year" else year_to_date(today)
        return data
