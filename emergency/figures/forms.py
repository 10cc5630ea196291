"""Which organisation, period and breakdown a figures page shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from emergency.core import clock
from emergency.core.periods import Period, month_of, year_to_date
from emergency.figures import vocabulary
from emergency.organizations.forms import UnitChoice
from emergency.organizations.models import Kind, Organisation

#: The heading of figures that no ledger here counts.
OTHERS = "其他部门数据"
OTHERS_CODE, EVERY_CODE = "others", "all"

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
    """The bar above the figures. Dates are asked only for 自定时段; without a ledger the page chooses the first with numbers.

    ``sort`` orders the rows by a figure of the table, with a minus before it the smallest first.
    """

    organisation = forms.ChoiceField(label="单位")
    period = forms.ChoiceField(label="时段", choices=PRESETS, required=False)
    start = forms.DateField(label="从", required=False, widget=forms.DateInput)
    end = forms.DateField(label="至", required=False, widget=forms.DateInput)
    by = forms.ChoiceField(label="分组", required=False)
    ledger = forms.ChoiceField(label="台账", required=False)
    campaign = forms.ChoiceField(label="专项行动", required=False)
    zeros = forms.BooleanField(label="显示为零的指标", required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        organisations: list[Organisation],
        campaigns: list[tuple[str, str]],
        ledgers: list[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        self.organisations = {str(unit.pk): unit for unit in organisations}
        self.choose("organisation", [(key, str(unit)) for key, unit in self.organisations.items()])
        self.choose("by", [("", "不分组"), *((one.code, one.label) for one in vocabulary.dimensions())])
        self.choose("ledger", [*ledgers, (EVERY_CODE, "全部")])
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
    organisation = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none(), empty_label="请选择")
    started_on = forms.DateField(label="启用日期", widget=forms.DateInput)
    reason = forms.CharField(label="原因", max_length=200, required=False, help_text="改动已设置的日期时填写。")

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ledger, organisation = self.fields["ledger"], self.fields["organisation"]
        assert isinstance(ledger, forms.ChoiceField) and isinstance(organisation, forms.ModelChoiceField)
        ledger.choices = [(source.code, source.label) for source in vocabulary.sources()]
        organisation.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in organisations])


class AreaChoice(UnitChoice):
    """Places in the order of the tree, the lower ones moved in."""

    def label_from_instance(self, obj: Any) -> str:
        return f"　{obj.name}" if obj.kind == Kind.COMMUNITY else obj.name


class NumberForm(forms.Form):
    """A number with its unit and where it is from; what 更正 may change."""

    value = forms.DecimalField(label="数值", max_digits=16, decimal_places=4)
    measure = forms.CharField(
        label="计量单位", max_length=10, required=False, help_text="不填为该指标的单位；金额可填元、万元、亿元。"
    )
    approximate = forms.BooleanField(
        label="约数", required=False, help_text="原文写“约”“余”“多”的打勾，文书中也写“约”。"
    )
    source_unit = forms.CharField(label="来源单位", max_length=80, help_text="提供这个数的单位，如消防救援大队。")
    document = forms.CharField(label="依据文件", max_length=200, required=False, help_text="文件名称、文号或报表名称。")


class GivenForm(NumberForm):
    """A new entry."""

    field_order = (
        "figure_code",
        "area",
        "start",
        "end",
        "value",
        "measure",
        "row",
        "approximate",
        "source_unit",
        "document",
    )
    groups = (
        ("填报什么", ("figure_code", "area", "start", "end", "row")),
        ("数值", ("value", "measure", "approximate")),
        ("来源", ("source_unit", "document")),
    )

    figure_code = forms.ChoiceField(label="指标")
    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), empty_label="请选择")
    start = forms.DateField(label="起始日期", widget=forms.DateInput)
    end = forms.DateField(label="截止日期", widget=forms.DateInput, help_text="起止两天都算在内；时点数填同一天。")
    row = forms.CharField(
        label="分组", max_length=80, required=False, help_text="只是其中一类的，如“行业：工贸”；整体的不填。"
    )

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        figure, area = self.fields["figure_code"], self.fields["area"]
        assert isinstance(figure, forms.ChoiceField) and isinstance(area, forms.ModelChoiceField)
        figure.choices = [("", "请选择"), *enterable()]
        area.queryset = areas


class CorrectionForm(NumberForm):
    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ZeroForm(forms.Form):
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


def enterable() -> list[tuple[str, list[tuple[str, str]]]]:
    """The figures that can be entered, under the ledger that counts them; those that only others know come first."""
    groups: dict[str, list[tuple[str, str]]] = {OTHERS: []}
    for figure in vocabulary.every():
        if isinstance(figure, vocabulary.GivenFigure):
            groups[OTHERS].append((figure.code, f"{figure.name}（{figure.unit}）"))
        elif isinstance(figure, vocabulary.Counted):
            groups.setdefault(figure.source.label, []).append((figure.code, f"{figure.name}（{figure.unit}）"))
    return [(label, choices) for label, choices in groups.items() if choices]
