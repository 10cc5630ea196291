"""Input of activities: shape and messages. The fields follow the category; what is allowed is decided by the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from emergency.activities.models import (
    WORDS,
    Activity,
    Category,
    Detail,
    DocumentState,
    Level,
    Measure,
    Naming,
    Status,
)
from emergency.activities.queries import filing_units
from emergency.core import clock
from emergency.enterprises.forms import AreaChoice
from emergency.enterprises.models import Industry
from emergency.enterprises.queries import areas_for
from emergency.figures.vocabulary import plain
from emergency.organizations.models import Organisation
from emergency.programmes.models import Programme
from hazards.forms import DateField, EnterpriseField

MOST_FILES = 9
ACCEPTED = "image/*,.pdf,.ofd,.doc,.docx,.xls,.xlsx,.ppt,.pptx"

#: The fields that each further fact of a category brings along.
DETAIL_FIELDS = {
    Detail.LEADER: ("leader", "leader_post"),
    Detail.SUBJECT: ("enterprise",),
    Detail.MEDIUM: ("medium",),
    Detail.LEVEL: ("level",),
    Detail.DOCUMENT: ("document_number", "document_state"),
    Detail.AWARD: ("granted_by", "rank"),
    Detail.NAMING: ("naming",),
}
_COUNT: dict[str, Any] = {"min_value": 0, "max_value": 10_000_000, "required": False}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ACCEPTED, "multiple": True})


class FilesField(forms.FileField):
    """Several files in one field; the cleaned value is a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > MOST_FILES:
            raise ValidationError(f"一次最多上传{MOST_FILES}个文件。")
        return [super(FilesField, self).clean(file, initial) for file in files]


def _optional(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "未填"), *choices]


class ActivityForm(forms.Form):
    """One activity of a category; fields that the category has no use for are not there."""

    handler = forms.ModelChoiceField(label="开展单位", queryset=Organisation.objects.none(), empty_label=None)
    title = forms.CharField(label="标题", max_length=160, help_text="如“第三季度安委会全体会议”。")
    started_on = DateField(label="日期")
    ended_on = DateField(label="结束日期", required=False, help_text="当天结束的不填。")
    leader = forms.CharField(label="主持（带队）领导", max_length=60, required=False)
    leader_post = forms.CharField(label="职务", max_length=80, required=False)
    times = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    people = forms.IntegerField(**_COUNT)
    quantity = forms.DecimalField(min_value=0, max_digits=14, decimal_places=2, required=False)
    quantity_unit = forms.CharField(label="计量单位", max_length=10, required=False, help_text="如台、套、公里。")
    money = forms.DecimalField(min_value=0, max_digits=16, decimal_places=2, required=False, help_text="以元为单位。")
    problems = forms.IntegerField(**_COUNT)
    rectified = forms.IntegerField(**_COUNT)
    approximate = forms.MultipleChoiceField(
        label="以上数字中是约数的", required=False, widget=forms.CheckboxSelectMultiple
    )
    enterprise = EnterpriseField(help_text="输入名称或信用代码查找。")
    medium = forms.CharField(label="载体", max_length=80, required=False, help_text="如报纸、网站、公众号的名称。")
    level = forms.ChoiceField(label="级别", choices=_optional(Level.choices), required=False)
    document_number = forms.CharField(label="文号", max_length=60, required=False)
    document_state = forms.ChoiceField(label="文件状态", choices=_optional(DocumentState.choices), required=False)
    granted_by = forms.CharField(label="授予单位", max_length=80, required=False)
    rank = forms.IntegerField(label="位次", min_value=1, max_value=9_999, required=False)
    naming = forms.ChoiceField(label="创建进度", choices=_optional(Naming.choices), required=False)
    content = forms.CharField(label="主要内容", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    industry = forms.ModelChoiceField(
        label="行业", queryset=Industry.objects.filter(active=True), required=False, empty_label="不分行业"
    )
    area = AreaChoice(
        label="属地", queryset=Organisation.objects.none(), required=False, empty_label="按监管对象或本单位的属地"
    )
    campaigns = forms.ModelMultipleChoiceField(
        label="专项行动", queryset=Programme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    related_task = forms.CharField(label="关联任务", max_length=160, required=False)
    materials = FilesField(label="佐证材料", required=False, help_text="照片、PDF、Word、Excel 文件，一次最多9个。")
    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    groups = (
        ("基本情况", ["handler", "title", "started_on", "ended_on", "leader", "leader_post", "enterprise"]),
        ("数量", [*Measure.values[:3], "quantity_unit", *Measure.values[3:], "approximate"]),
        ("详细情况", ["document_number", "document_state", "medium", "level", "granted_by", "rank", "naming", "content", "materials"]),
        ("归类", ["industry", "area", "campaigns", "related_task"]),
        ("更正", ["reason"]),
    )  # fmt: skip

    def __init__(
        self, *args: Any, user: Any, category: Category, record: Activity | None = None, **kwargs: Any
    ) -> None:
        initial = kwargs.pop("initial", {})
        super().__init__(*args, initial=_values_of(record) if record else initial, **kwargs)
        self.category, self.record = category, record
        self._offer(user)
        self._drop_what_is_not_kept()
        if record is None:
            self.fields["started_on"].initial = clock.today
            if "times" in self.fields:
                self.fields["times"].initial = 1
        if record is None or record.status != Status.FILED:
            del self.fields["reason"]

    def _offer(self, user: Any) -> None:
        units = filing_units(user)
        handler = self.fields["handler"]
        handler.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in units])
        if self.record is not None:
            del self.fields["handler"]
        elif len(units) == 1:
            # Not to be chosen, so not shown: a group would print its label alone.
            handler.initial, handler.widget = units[0].pk, forms.HiddenInput()
            self.groups = tuple((title, [name for name in names if name != "handler"]) for title, names in self.groups)
        enterprise = self.fields["enterprise"]
        enterprise.label = "监管对象"
        enterprise.offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))
        self.fields["area"].queryset = areas_for(user)
        self.fields["campaigns"].queryset = Programme.objects.visible_to(user).campaigns()
        if not self.fields["campaigns"].queryset.exists():
            del self.fields["campaigns"]

    def _drop_what_is_not_kept(self) -> None:
        """Leave the fields of the category, and those in which an older row says something all the same."""
        category, filled = self.category, {name for name, value in self.initial.items() if value not in (None, "", [])}
        kept = {str(measure) for measure in category.measures}
        bought = (
            Measure.MONEY in category.measures and not category.quantity_word
        )  # what the money went into: 台、套、件
        for measure in Measure:
            if measure in kept or (measure == Measure.QUANTITY and bought):
                self.fields[measure].label = category.label(measure)
            else:
                del self.fields[measure]
        if not bought:
            del self.fields["quantity_unit"]
        approximate = [(str(measure), category.label(measure)) for measure in Measure if measure in self.fields]
        self.fields["approximate"].choices = approximate
        for detail, names in DETAIL_FIELDS.items():
            for name in names:
                if detail not in category.details and name not in filled:
                    del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the services take; a number that the category does not keep is taken away when the category changes."""
        values = dict(self.cleaned_data)
        values["files"] = values.pop("materials")
        if self.record is not None and self.record.category_id != self.category.pk:
            values |= {"category": self.category}
            values |= {str(measure): None for measure in Measure if measure not in self.fields}
            values.setdefault("quantity_unit", "")
        return values


def _values_of(record: Activity) -> dict[str, Any]:
    names = [name for name in ActivityForm.base_fields if name not in ("handler", "campaigns", "materials", "reason")]
    values = {name: getattr(record, name) for name in names}
    for name in ("enterprise", "industry", "area"):
        values[name] = getattr(record, f"{name}_id")
    for name in ("quantity", "money"):
        values[name] = plain(values[name]) if values[name] is not None else None
    return values | {"campaigns": list(record.campaigns.all())}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="作废原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class CategoryForm(forms.Form):
    """A group or a category. Each word that is filled in becomes a figure of its own."""

    parent = forms.ModelChoiceField(
        label="大类", queryset=Category.objects.groups(), required=False, empty_label="新增的是大类"
    )
    name = forms.CharField(label="名称", max_length=30)
    order = forms.IntegerField(label="排序", min_value=0, max_value=30_000, help_text="数字小的排在前面。")
    times_word = forms.CharField(
        label="次数的单位",
        max_length=6,
        required=False,
        help_text="如次、期、场、篇、轮、架次。不登记次数的不填，下同。",
    )
    people_word = forms.CharField(label="人数的单位", max_length=6, required=False, help_text="如人次、人。")
    quantity_word = forms.CharField(label="数量的单位", max_length=6, required=False, help_text="如张、组、家、户。")
    money_word = forms.CharField(
        label="金额的名称", max_length=10, required=False, help_text="如资金、保费，以元登记。"
    )
    problem_word = forms.CharField(
        label="问题的单位", max_length=6, required=False, help_text="如个、条。填写后登记发现问题数和已整改数。"
    )
    details = forms.MultipleChoiceField(
        label="还要登记的内容", choices=Detail.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    closed_on = DateField(
        label="停止登记日期",
        required=False,
        help_text="这项工作有了专门的台账后填写，从这天起不再在这里登记；已登记的照常统计。",
    )

    groups = (
        ("类别", ["parent", "name", "order"]),
        ("登记哪些数字", [*dict.fromkeys(WORDS.values())]),
        ("其他", ["details", "closed_on"]),
    )

    def __init__(self, *args: Any, category: Category | None = None, **kwargs: Any) -> None:
        if category is not None:
            names = [name for name in self.base_fields if name != "parent"]
            kwargs["initial"] = {name: getattr(category, name) for name in names}
        super().__init__(*args, **kwargs)
        if category is not None:
            del self.fields["parent"]
