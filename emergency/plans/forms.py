"""Input of plans and drills: shape and messages. What is allowed is decided by the tables, what is written by the services."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from emergency.core import clock
from emergency.organizations.models import Organisation
from emergency.organizations.scope import enterprise_user
from emergency.plans.models import (
    FIRM_KINDS,
    Conclusion,
    Drill,
    DrillForm,
    Grade,
    Kind,
    Material,
    Plan,
    RevisionReason,
)
from emergency.plans.queries import own_units
from hazards.forms import DateField, EnterpriseField

MOST_FILES = 9
_ROWS = {"rows": 3}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True})


class FilesField(forms.FileField):
    """Several files in one field; the cleaned value is a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > MOST_FILES:
            raise ValidationError(f"一次最多上传{MOST_FILES}个文件。")
        return [super(FilesField, self).clean(file, initial) for file in files]


class MakerMixin(forms.Form):
    """Who made it: an own unit, or an enterprise in the reader's reach; who files for one firm only is not asked."""

    def offer_makers(self, user: Any, word: str) -> None:
        owner: Any = self.fields["owner"]
        enterprise: Any = self.fields["enterprise"]
        owner.label, enterprise.label = word, f"{word}（企业）"
        units = own_units(user)
        owner.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in units])
        if not units:
            del self.fields["owner"]
            firms = user.enterprise_memberships.in_force(clock.today()).values_list("enterprise", flat=True)
            if not self.initial.get("enterprise") and len(firms) == 1:
                self.initial["enterprise"] = firms[0]
        enterprise.offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values.setdefault("owner", None)
        if values["owner"] and values.get("enterprise"):
            self.add_error("enterprise", "编制单位只能选一个：本单位或一家企业。")
        elif not values["owner"] and not values.get("enterprise") and not self.errors and not values.get("plan"):
            self.add_error("enterprise", "请选择单位或企业。")
        return values


class PlanForm(MakerMixin):
    """A plan that is being made."""

    owner = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), required=False, empty_label="企业的预案，在下一栏选择"
    )
    enterprise = EnterpriseField(help_text="输入名称或信用代码查找。")
    name = forms.CharField(label="预案名称", max_length=160)
    kind = forms.ChoiceField(label="预案类别", choices=Kind.choices)
    needs_review = forms.BooleanField(
        label="须经评审",
        required=False,
        help_text="矿山、金属冶炼企业，易燃易爆、危险化学品和烟花爆竹单位，以及中型规模以上的其他单位。",
    )
    summary = forms.CharField(label="适用范围和主要内容", required=False, widget=forms.Textarea(attrs={"rows": 5}))

    groups = (("编制单位", ["owner", "enterprise"]), ("预案", ["name", "kind", "needs_review", "summary"]))

    def __init__(self, *args: Any, user: Any, plan: Plan | None = None, **kwargs: Any) -> None:
        if plan is not None:
            kwargs["initial"] = {name: getattr(plan, name) for name in ("name", "kind", "needs_review", "summary")}
        super().__init__(*args, **kwargs)
        if plan is None:
            self.offer_makers(user, "编制单位")
        else:
            del self.fields["owner"], self.fields["enterprise"]
            self.groups = self.groups[1:]
        if enterprise_user(user) or (plan is not None and plan.enterprise_id):
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in FIRM_KINDS]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if "enterprise" in self.fields:
            return super().clean()
        return self.cleaned_data


# ------------------------------------------------------------------------------------------------ steps of a plan


class StepForm(forms.Form):
    """What one step asks for; ``record`` is the plan or the drill."""

    intro: ClassVar[str] = ""

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.prepare()

    def prepare(self) -> None:
        """Fill in what the record knows."""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "files"}


class PublishForm(StepForm):
    reviewed_on = DateField(label="评审（论证）日期", required=False)
    published_on = DateField(label="公布日期", help_text="自公布之日起二十个工作日内申报备案。")
    document_number = forms.CharField(label="公布文号", max_length=60, required=False)
    signer = forms.CharField(label="签署人", max_length=60, required=False)

    def prepare(self) -> None:
        self.fields["published_on"].initial = clock.today


class ApplyForm(StepForm):
    intro = "勾选本次提交的材料，电子文档在下面上传。受理单位在五个工作日内核对材料是否齐全。"
    day = "applied_on"
    applied_on = DateField(label="申报日期")
    materials = forms.MultipleChoiceField(label="提交的材料", widget=forms.CheckboxSelectMultiple)
    files = FilesField(label="电子文档", required=False, help_text="预案文本、评审意见等，一次最多9个。")

    def prepare(self) -> None:
        self.fields[self.day].initial = clock.today
        self.fields["materials"].choices = [(one.value, one.label) for one in self.record.required]  # type: ignore[attr-defined]


class CompleteForm(ApplyForm):
    intro = "勾选本次补交的材料。收到后重新计算五个工作日。"
    day = "received_on"
    applied_on = None  # type: ignore[assignment]
    received_on = DateField(label="补正日期")

    def prepare(self) -> None:
        super().prepare()
        self.fields["materials"].choices = [(one.value, one.label) for one in self.record.missing]  # type: ignore[attr-defined]
        self.fields["materials"].initial = [one.value for one in self.record.missing]


class CorrectForm(StepForm):
    intro = "所缺材料须一次性告知；以后再要求补正，只能是这次列出的。"
    missing = forms.MultipleChoiceField(label="所缺材料", widget=forms.CheckboxSelectMultiple)

    def prepare(self) -> None:
        offered = self.record.told or [one.value for one in self.record.required]
        self.fields["missing"].choices = [(one, Material(one).label) for one in offered]  # type: ignore[attr-defined]
        self.fields["missing"].initial = [one.value for one in self.record.missing]


class FileForm(StepForm):
    intro = "材料齐全，予以备案。备案编号按区划、年份顺序自动产生。"


class FileAboveForm(StepForm):
    intro = "报上级备案的预案，登记上级给的备案编号和日期。"
    number = forms.CharField(label="备案编号", max_length=60)
    filed_on = DateField(label="备案日期")


class EvaluateForm(StepForm):
    intro = "每三年评估一次。下次评估期限自评估之日起重新计算。"
    evaluated_on = DateField(label="评估日期")
    conclusion = forms.ChoiceField(label="评估结论", choices=Conclusion.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs=_ROWS))
    files = FilesField(label="评估报告", required=False)

    def prepare(self) -> None:
        self.fields["evaluated_on"].initial = clock.today


class ReasonForm(StepForm):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs=_ROWS))


PLAN_FORMS: dict[str, type[StepForm]] = {
    "publish": PublishForm,
    "apply": ApplyForm,
    "complete": CompleteForm,
    "correct": CorrectForm,
    "file": FileForm,
    "file_above": FileAboveForm,
    "evaluate": EvaluateForm,
    "repeal": ReasonForm,
    "void": ReasonForm,
}


class ReviseForm(forms.Form):
    reason = forms.ChoiceField(label="修订原因", choices=RevisionReason.choices, widget=forms.RadioSelect)


# ------------------------------------------------------------------------------------------------ drills


class DrillNewForm(MakerMixin):
    """A drill for the yearly plan, or one that was held; one row may stand for several."""

    owner = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), required=False, empty_label="企业的演练，在下一栏选择"
    )
    enterprise = EnterpriseField(help_text="输入名称或信用代码查找。")
    name = forms.CharField(label="演练名称", max_length=160)
    form = forms.ChoiceField(label="演练形式", choices=DrillForm.choices)
    plan = forms.ModelChoiceField(
        label="关联预案", queryset=Plan.objects.none(), required=False, empty_label="不关联", widget=forms.HiddenInput
    )
    planned_on = DateField(label="计划日期", required=False, help_text="列入年度计划的填写。")
    held_on = DateField(label="演练日期", required=False, help_text="已经开展的填写；只列计划的不填。")
    quantity = forms.IntegerField(
        label="场次", min_value=1, max_value=100_000, initial=1, help_text="只知道总数的，可以一次登记多场。"
    )
    people = forms.IntegerField(label="参演人数", min_value=0, max_value=10_000_000, required=False)
    place_name = forms.CharField(label="演练地点", max_length=120, required=False)
    content = forms.CharField(label="演练内容", required=False, widget=forms.Textarea(attrs=_ROWS))
    files = FilesField(label="方案、照片等", required=False, help_text="一次最多9个。")

    groups = (
        ("组织单位", ["owner", "enterprise"]),
        ("演练", ["name", "form", "plan", "planned_on", "held_on", "quantity", "people"]),
        ("内容", ["place_name", "content", "files"]),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_makers(user, "组织单位")
        plan: Any = self.fields["plan"]
        plan.queryset = Plan.objects.visible_to(user)
        if not (self.data.get("plan") or self.initial.get("plan")):
            del self.fields["plan"]
            title, names = self.groups[1]
            self.groups = (self.groups[0], (title, [name for name in names if name != "plan"]), self.groups[2])

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not values.get("planned_on") and not values.get("held_on") and not self.errors:
            self.add_error("held_on", "请填写演练日期；还没有开展的填写计划日期。")
        return values


class HoldForm(StepForm):
    held_on = DateField(label="演练日期")
    quantity = forms.IntegerField(label="场次", min_value=1, max_value=100_000)
    people = forms.IntegerField(label="参演人数", min_value=0, max_value=10_000_000, required=False)
    place = forms.CharField(label="演练地点", max_length=120, required=False)
    content = forms.CharField(label="演练内容", required=False, widget=forms.Textarea(attrs=_ROWS))
    files = FilesField(label="方案、签到、照片等", required=False, help_text="一次最多9个。")

    def prepare(self) -> None:
        drill: Drill = self.record
        self.fields["held_on"].initial = clock.today
        for name in ("quantity", "people", "place", "content"):
            self.fields[name].initial = getattr(drill, name)


class DrillEvaluateForm(StepForm):
    intro = "书面评估。存在的问题逐条列出后，在待办中按期限提醒整改。"
    evaluated_on = DateField(label="评估日期")
    grade = forms.ChoiceField(label="评估等次", choices=[("", "不评等次"), *Grade.choices], required=False)
    evaluation = forms.CharField(label="评估结论", widget=forms.Textarea(attrs={"rows": 4}))
    findings = forms.CharField(
        label="存在问题",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一条，每条不超过300字。",
    )
    due_on = DateField(label="整改期限", required=False, help_text="有问题的必填。")
    files = FilesField(label="评估报告", required=False)

    def prepare(self) -> None:
        self.fields["evaluated_on"].initial = clock.today

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("evaluated_on", "grade", "evaluation")}


DRILL_FORMS: dict[str, type[StepForm]] = {
    "hold": HoldForm,
    "evaluate": DrillEvaluateForm,
    "cancel": ReasonForm,
    "void": ReasonForm,
}


class FindingForm(forms.Form):
    done_on = DateField(label="整改完成日期")
    note = forms.CharField(label="整改情况", max_length=300, widget=forms.Textarea(attrs=_ROWS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].initial = clock.today
