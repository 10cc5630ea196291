"""What a new paper needs, other dates for it, and the words of a paragraph."""

from __future__ import annotations

from typing import Any

from django import forms

from emergency.core import clock
from emergency.core.periods import Period, whole_year, year_to_date
from emergency.figures import vocabulary
from emergency.organizations.models import Organisation
from reports.models import Kind
from reports.queries import picker_periods, picker_places
from reports.sections.writing import FORMS, WORDS, Brief, names, token

SPANS = (("year", "今年以来"), ("last_year", "去年全年"), ("custom", "自定时段"))


class PeriodForm(forms.Form):
    """统计时段: the dates are asked only for 自定时段. ``cleaned_data["period"]`` is the answer."""

    span = forms.ChoiceField(label="统计时段", choices=SPANS, initial="year")
    start = forms.DateField(label="起始日期", required=False, help_text="选“自定时段”时填写。")
    end = forms.DateField(label="截止日期", required=False, help_text="可以是任意一天，如6月13日。")

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


class ReportForm(PeriodForm):
    """起草."""

    kind = forms.ChoiceField(label="文书种类", choices=Kind)
    area = forms.ChoiceField(label="统计区域")

    groups = (("", ["kind", "area", "span", "start", "end"]),)

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(unit.pk): unit for unit in organisations}
        field = self.fields["area"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, str(unit)) for key, unit in self.organisations.items()]


class ParagraphForm(forms.Form):
    """The words of a paragraph, and the picker beside them. Whether tokens can be read is the service's to say."""

    text = forms.CharField(label="文字", widget=forms.Textarea(attrs={"rows": 9, "data-token-text": ""}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    code = forms.ChoiceField(label="指标", required=False)
    place = forms.ChoiceField(label="单位或分组", required=False)
    period = forms.ChoiceField(label="时段", required=False)
    form = forms.ChoiceField(label="写法", required=False)

    PICKED = ("code", "place", "period", "form")

    def __init__(
        self, data: Any = None, *, brief: Brief, figures_url: str, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.brief, self.figures_url = brief, figures_url
        words = [(word, meaning) for word, meaning in WORDS.items()]
        called = names()
        figures = [(called.get(figure.code, figure.code), figure.name) for figure in vocabulary.every()]
        self._offer("code", [("", "请选择"), ("随统计时段变化的文字", words), ("指标", figures)])
        self.fields["code"].widget.attrs["data-picker-url"] = figures_url
        self._offer("place", [("", f"{brief.whole}（本文书区域）"), *picker_places(brief)])
        self._offer("period", picker_periods(brief))
        self._offer("form", [(form, f"{form}：{meaning}" if form else meaning) for form, meaning in FORMS.items()])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.widget.attrs["data-token-part"] = name

    def clean_version(self) -> int:
        return self.cleaned_data["version"] or 0

    @property
    def picked(self) -> str:
        """The token that the picker stands at; "" while no figure is chosen."""
        code, *rest = (str(self.data.get(name, "")).strip() for name in self.PICKED)
        return (token(code) if code in WORDS else token(code, *rest)) if code else ""

    def with_picked(self, insert: bool) -> ParagraphForm:
        """The same form to be shown again, for who works without script: with the chosen token at the end of the text."""
        data = dict(self.data.items())
        if insert:
            data["text"] = data.get("text", "") + self.picked
        return ParagraphForm(data, brief=self.brief, figures_url=self.figures_url)

    def against(self, version: int) -> ParagraphForm:
        """The same words, to be saved over that version."""
        return ParagraphForm(
            {**dict(self.data.items()), "version": version}, brief=self.brief, figures_url=self.figures_url
        )
