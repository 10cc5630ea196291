"""Input of measures: one decision with its kinds, its correction, and the steps after it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from emergency.core import clock
from emergency.enterprises.forms import AreaChoice
from emergency.enterprises.models import Industry
from emergency.enterprises.queries import areas_for
from emergency.organizations.models import Kind, Organisation
from emergency.programmes.models import Programme
from hazards.forms import DateField, EnterpriseField
from inspections.models import MONEY_KINDS, Measure, MeasureKind, Visit
from inspections.queries import measuring_units

MOST_FILES = 9


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True})


class FilesField(forms.FileField):
    """Several papers or pictures in one field; the cleaned value is a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"最多上传{MOST_FILES}个文件。")
        return [super(FilesField, self).clean(file, initial) for file in files]


class YuanField(forms.DecimalField):
    """A sum in yuan, greater than zero."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, min_value=Decimal("0.01"), max_digits=14, decimal_places=2, **options)


class DecisionFields(forms.Form):
    """What a decision says, at registering and at correcting."""

    decided_on = DateField(label="决定日期")
    document_number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="如“（南岭）应急罚〔2021〕3号”，没有文书的不填。"
    )
    cause = forms.CharField(label="案由", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    legal_basis = forms.CharField(label="处置依据", max_length=300, required=False, help_text="法律法规的条款。")
    industry = forms.ModelChoiceField(
        label="行业", queryset=Industry.objects.filter(active=True), required=False, empty_label="按监管对象的行业"
    )
    campaigns = forms.ModelMultipleChoiceField(
        label="专项行动", queryset=Programme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    files = FilesField(label="决定文书", required=False, help_text="照片、PDF 或 Word 文件，最多9个。")

    def offer(self, user: Any, chosen: Any) -> None:
        """Fill the choices with what this user may choose."""
        self.fields["enterprise"].offer(user, chosen)  # type: ignore[attr-defined]  # an EnterpriseField
        self.fields["campaigns"].queryset = Programme.objects.visible_to(user).campaigns()  # type: ignore[attr-defined]
        if not self.fields["campaigns"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["campaigns"]


class MeasureForm(DecisionFields):
    """A new decision. Several kinds at once become a row each."""

    handler = forms.ModelChoiceField(label="实施单位", queryset=Organisation.objects.none(), empty_label=None)
    enterprise = EnterpriseField(help_text="输入名称或信用代码查找。台账里没有的，填下面的当事人名称。")
    party_name = forms.CharField(label="当事人名称", max_length=160, required=False)
    quantity = forms.IntegerField(
        label="户数", required=False, min_value=1, max_value=100_000, help_text="没有逐户登记、只有户数的填这里。"
    )
    area = AreaChoice(
        label="属地", queryset=Organisation.objects.none(), required=False, empty_label="按监管对象或本单位的属地"
    )
    visit = forms.ModelChoiceField(
        label="来源检查", queryset=Visit.objects.none(), required=False, widget=forms.HiddenInput
    )
    kinds = forms.MultipleChoiceField(
        label="处置类型",
        choices=MeasureKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="同一份决定含几种处置的可以一并勾选，分别登记。",
    )
    fine = YuanField(label="罚款金额（元）")
    confiscated = YuanField(label="没收金额（元）")

    groups = (
        ("当事人", ["enterprise", "party_name", "quantity", "area"]),
        ("处置决定", ["handler", "decided_on", "document_number", "kinds", "fine", "confiscated"]),
        ("案由和依据", ["cause", "legal_basis", "industry", "campaigns", "files"]),
    )
    #: The form's own field for the sum of each kind that has one.
    _SUMS: ClassVar[dict[str, str]] = {MeasureKind.FINE: "fine", MeasureKind.CONFISCATION: "confiscated"}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = measuring_units(user)
        handler = self.fields["handler"]
        handler.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in units])
        if len(units) == 1:
            handler.initial, handler.widget = units[0].pk, forms.HiddenInput()
        self.fields["enterprise"].label = "监管对象"
        self.fields["area"].queryset = areas_for(user)
        self.fields["visit"].queryset = Visit.objects.live().visible_to(user)
        self.fields["decided_on"].initial = clock.today
        self.offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        named = [name for name in ("enterprise", "party_name", "quantity") if values.get(name)]
        if not named and not values.get("visit") and not self.has_error("enterprise"):
            self.add_error("enterprise", "请选择监管对象，或填写当事人名称，或填写户数。")
        for name in named[1:]:
            self.add_error(name, "监管对象、当事人名称、户数只填一项。")
        handler = values.get("handler")
        own_area = handler is not None and handler.kind == Kind.STREET
        if not (values.get("enterprise") or values.get("visit") or values.get("area") or own_area):
            self.add_error("area", "请选择属地。")
        kinds = values.get("kinds", [])
        for kind, name in self._SUMS.items():
            if values.get(name) is not None and kind not in kinds:
                self.add_error(name, f"填写了金额，请勾选“{MeasureKind(kind).label}”。")
        if MeasureKind.FINE in kinds and values.get("fine") is None and not self.has_error("fine"):
            self.add_error("fine", "请填写罚款金额。")
        return values

    def values(self) -> dict[str, Any]:
        """What ``measure_register`` takes."""
        values = dict(self.cleaned_data)
        sums = {name: values.pop(name) for name in ("fine", "confiscated")}
        values["kinds"] = {kind: sums.get(self._SUMS.get(kind, "")) for kind in values["kinds"]}
        values["quantity"] = values["quantity"] or 1
        return values


class MeasureEditForm(DecisionFields):
    """What may be put right of a registered measure."""

    amount = YuanField(label="金额（元）")
    enterprise = EnterpriseField(help_text="当事人已在监管对象台账登记的，在这里关联；关联后不能改为别家。")
    reason = forms.CharField(label="更正原因", max_length=200, required=False, help_text="登记当天由本人修改的可不填。")

    groups = (
        ("处置决定", ["decided_on", "document_number", "amount", "enterprise"]),
        ("案由和依据", ["cause", "legal_basis", "industry", "campaigns", "files"]),
        ("更正", ["reason"]),
    )

    def __init__(self, *args: Any, measure: Measure, user: Any, **kwargs: Any) -> None:
        names = ("decided_on", "document_number", "amount", "enterprise", "cause", "legal_basis", "industry")
        initial = {name: getattr(measure, name) for name in names} | {"campaigns": list(measure.campaigns.all())}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["enterprise"].label = "监管对象"
        self.fields["industry"].empty_label = "未填"
        self.offer(user, self.data.get("enterprise") or measure.enterprise_id)
        if measure.kind not in MONEY_KINDS:
            del self.fields["amount"]
        if measure.enterprise_id or not measure.party_name:
            del self.fields["enterprise"]

    def values(self) -> dict[str, Any]:
        """What ``measure_correct`` takes."""
        return dict(self.cleaned_data)


# ------------------------------------------------------------------------------------------------ steps


class MeasureStepForm(forms.Form):
    """What one step asks for."""

    intro: ClassVar[str] = ""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "files"}


class ExecuteForm(MeasureStepForm):
    executed_on = DateField(label="执行日期", initial=clock.today)
    note = forms.CharField(label="执行情况", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    files = FilesField(label="执行凭证", required=False, help_text="如缴款票据、查封清单。")


class ExecutePartForm(ExecuteForm):
    note = forms.CharField(
        label="执行情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="如“已缴纳罚款2万元”。"
    )


class CourtForm(ExecuteForm):
    intro = "当事人逾期不履行、也不申请复议或提起诉讼的，依法申请人民法院强制执行。"
    executed_on = DateField(label="申请日期", initial=clock.today)


class PublishForm(MeasureStepForm):
    intro = "行政处罚决定自作出之日起七个工作日内在公示系统公示。公示个人信息前先作隐去处理。"
    published_on = DateField(label="公示日期", initial=clock.today)
    files = FilesField(label="公示凭证", required=False, help_text="公示页面的截图。")


class ExemptForm(MeasureStepForm):
    intro = "依法不予公示的，写明理由。"
    reason = forms.CharField(label="不予公示理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ResumeForm(MeasureStepForm):
    intro = "停产整顿的隐患排除后，经审查同意，方可恢复生产经营。"
    resumed_on = DateField(label="复产验收日期", initial=clock.today)
    opinion = forms.CharField(label="验收意见", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    files = FilesField(label="验收材料", required=False)


class ReasonForm(MeasureStepForm):
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class VoidMeasureForm(ReasonForm):
    intro = "登记错误的才作废。作废后不再计入台账和统计，编号保留。已公示的，请按规定撤回公示信息。"


MEASURE_FORMS: dict[str, type[MeasureStepForm]] = {
    "execute_part": ExecutePartForm,
    "ask_court": CourtForm,
    "execute": ExecuteForm,
    "resume": ResumeForm,
    "publish": PublishForm,
    "exempt": ExemptForm,
    "reopen": ReasonForm,
    "void": VoidMeasureForm,
}
