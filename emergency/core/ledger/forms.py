"""What the import pages ask: the file with its defaults, then whatever the file left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from emergency.core import clock

from . import columns as kinds
from .columns import Column
from .services import Answers
from .sources import MAX_BYTES
from .table import Ledger

YEARS = range(1949, 2101)
LEAVE_OUT = "-"
DEFAULTS_TITLE = "整表默认值：表中没有这一列或留空时使用，可不填"
_TAKE = {
    "hidden": ("隐藏的行", (("skip", "不导入"), ("include", "也导入"))),
    "duplicates": ("疑似重复的行", (("skip", "不导入"), ("include", "照样导入"))),
}


class DefaultsForm(forms.Form):
    """整表默认值: the year of dates such as 3月5日, and values for cells that are blank or columns that are missing."""

    year = forms.IntegerField(
        label="年份", required=False, min_value=YEARS.start, max_value=YEARS.stop - 1,
        help_text="表中日期只写月日时，按这一年读取。",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, ledger: Ledger, default_keys: Iterable[str], answers: Answers, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.ledger, self.before = ledger, answers
        self.defaults = [ledger.column(key) for key in default_keys]
        self.fields["year"].initial = answers.year
        for column in self.defaults:
            self.fields[f"default_{column.key}"] = _default_field(column, answers.defaults.get(column.key, ""))

    def default_names(self) -> list[str]:
        return ["year", *(f"default_{column.key}" for column in self.defaults)]

    def given_defaults(self) -> dict[str, str]:
        data = self.cleaned_data
        given = {column.key: data[f"default_{column.key}"].strip() for column in self.defaults}
        return {key: value for key, value in given.items() if value}

    def answers(self) -> Answers:
        """What the officer said. Only of a valid form."""
        return Answers(year=self.cleaned_data["year"], defaults=self.given_defaults())


def _default_field(column: Column, initial: str) -> forms.Field:
    """Choices by their words and everything else as typed: the reader understands both as it does a cell."""
    label = column.name
    if column.kind == kinds.CHOICE:
        words = [("", "不设默认值"), *((label, label) for _value, label in column.choice_pairs())]
        return forms.ChoiceField(label=label, required=False, choices=words, initial=initial)
    return forms.CharField(label=label, required=False, max_length=200, initial=initial)


class UploadForm(DefaultsForm):
    file = forms.FileField(
        label="要导入的表格",
        help_text="可以是 .xlsx、.xls 或 .csv。先检查，不会直接存入。",
        error_messages={"required": "请选择要导入的表格。", "empty": "文件是空的，请重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.groups = [("选择文件", ["file"]), (DEFAULTS_TITLE, self.default_names())]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件超过 {MAX_BYTES >> 20} 兆，请分成几个文件导入。")
        return file


class AnswersForm(DefaultsForm):
    """Everything that a look at the file left open, in one form; see ``Question`` for what may be asked."""

    def __init__(self, *args: Any, result: Mapping[str, Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.units: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        asked = list(dict.fromkeys(self._ask(question) for question in result["questions"]))
        known = [header for header in result["mapping"] if header not in result["unknown"]]
        columns = [self._map(header, result["mapping"]) for header in [*result["unknown"], *known]]
        self._propose(result["proposals"])
        rest = [name for name in self.default_names() if name not in asked]
        self.groups = [("需要您选定", asked), ("不认识的列", columns), (DEFAULTS_TITLE, rest)]

    def _ask(self, question: Mapping[str, Any]) -> str:
        kind, before = question["kind"], self.before
        if kind == "year":
            self.fields["year"].required = True
            self.fields["year"].help_text = f"{question['message']}。"
            self.fields["year"].initial = before.year or clock.today().year
            return "year"
        if kind == "unit":
            name = f"unit_{len(self.units)}"
            self.units[name] = question["column"]
            words = [("", "请选择"), *((word, word) for word in question["choices"])]
            label = f"“{question['column']}”的计量单位"
            self.fields[name] = forms.ChoiceField(label=label, choices=words, help_text=f"{question['message']}。")
            return name
        if kind == "sheet":
            words = [("", "请选择"), *((word, word) for word in question["choices"])]
            self.fields["sheet"] = forms.ChoiceField(
                label="工作表", choices=words, help_text=f"{question['message']}。"
            )
            return "sheet"
        label, choices = _TAKE[kind]
        self.fields[kind] = forms.ChoiceField(
            label=label, choices=choices, widget=forms.RadioSelect, help_text=f"{question['message']}。"
        )
        return kind

    def _map(self, header: str, mapping: Mapping[str, str]) -> str:
        name = f"header_{len(self.headers)}"
        self.headers[name] = header
        # What was said once can be said anew but not unsaid.
        words = [(LEAVE_OUT, "不导入这一列")] if header in mapping else [("", "暂不处理"), (LEAVE_OUT, "不导入这一列")]
        words += [(column.key, column.name) for column in self.ledger.columns]
        initial = (mapping[header] or LEAVE_OUT) if header in mapping else ""
        self.fields[name] = forms.ChoiceField(
            label=f"表中的“{header}”", required=False, choices=words, initial=initial,
            help_text="选定后，本单位以后导入同样的表会照此对应。",
        )  # fmt: skip
        return name

    def _propose(self, proposals: Mapping[str, str]) -> None:
        """What stands above the header is shown beside the field it may answer, and is never filled in by itself."""
        unit = next((column for column in self.defaults if column.kind == kinds.UNIT), None)
        if unit is not None and "unit" in proposals:
            self.fields[f"default_{unit.key}"].help_text += f"表头上方写有“{proposals['unit']}”。"
        if "year" in proposals:
            self.fields["year"].help_text += f"表头上方写有“{proposals['period']}”。"

    def answers(self) -> Answers:
        """The earlier answers with these upon them. Only of a valid form."""
        data, before = self.cleaned_data, self.before
        mapping = dict(before.mapping)
        for name, header in self.headers.items():
            if data[name]:
                mapping[header] = "" if data[name] == LEAVE_OUT else data[name]
        return Answers(
            year=data["year"],
            defaults=self.given_defaults(),
            units=dict(before.units) | {column: data[name] for name, column in self.units.items()},
            mapping=mapping,
            sheet=data.get("sheet") or before.sheet,
            hidden=data.get("hidden") or before.hidden,
            duplicates=data.get("duplicates") or before.duplicates,
            strict=before.strict,
        )
