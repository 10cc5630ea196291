"""Input of risk points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from emergency.core import clock
from emergency.enterprises.models import Industry, RiskLevel
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, reach
from hazards.filters import OFFICES, my_units
from hazards.forms.fields import DateField, EnterpriseField, PhotosField
from hazards.forms.hazards import ReasonForm, StepForm
from hazards.models import Assessment, ControlLevel, Patrol, RiskCategory, RiskMeasure, RiskPoint
from hazards.services import MeasureInput
from hazards.services.risks import MOST_MEASURES

#: A patrol's result that calls for a hazard to be registered.
FOUND_PROBLEM = "发现问题"
AREAS = (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)


def _blank(choices: Any, words: str = "未填") -> list[tuple[str, str]]:
    return [("", words), *choices]


class AssessmentFields(forms.Form):
    """How grave: by LEC, by LS, or judged directly. The page says what each method needs; the service checks it."""

    assessment = forms.ChoiceField(
        label="评估方法", choices=Assessment.choices, widget=forms.RadioSelect, initial=Assessment.DIRECT
    )
    likelihood = forms.DecimalField(
        label="可能性（L）",
        required=False,
        max_digits=4,
        decimal_places=1,
        help_text="LEC：10、6、3、1、0.5、0.2、0.1；LS：1至5。",
    )
    exposure = forms.DecimalField(
        label="暴露频繁程度（E）",
        required=False,
        max_digits=4,
        decimal_places=1,
        help_text="只用于LEC：10、6、3、2、1、0.5。",
    )
    severity = forms.DecimalField(
        label="后果严重性（C或S）",
        required=False,
        max_digits=4,
        decimal_places=0,
        help_text="LEC：100、40、15、7、3、1；LS：1至5。",
    )
    level = forms.ChoiceField(
        label="风险等级",
        choices=_blank(RiskLevel.choices, "按取值计算"),
        required=False,
        help_text="直接判定的必选；其他方法由系统计算。",
    )
    judgement = forms.CharField(label="直接判定理由", max_length=300, required=False, help_text="直接判定的必填。")


class RiskForm(AssessmentFields):
    """A new risk point."""

    name = forms.CharField(
        label="风险点名称", max_length=160, help_text="写到具体的设备、部位或作业，如“二号液氨储罐”。"
    )
    enterprise = EnterpriseField(help_text="不在企业内的可以不选。")
    place = forms.CharField(label="位置", max_length=160, required=False)
    area = forms.ModelChoiceField(
        label="属地", queryset=Organisation.objects.none(), required=False, empty_label="按监管对象的属地"
    )
    handler = forms.ModelChoiceField(label="监管单位", queryset=Organisation.objects.none(), empty_label=None)
    industry = forms.ModelChoiceField(
        label="行业", queryset=Industry.objects.none(), required=False, empty_label="按监管对象的行业"
    )
    category = forms.ChoiceField(label="类别", choices=RiskCategory.choices, initial=RiskCategory.EQUIPMENT)
    category_name = forms.CharField(label="分类名称", max_length=60, required=False, help_text="本地另有叫法的填写。")
    identified_on = DateField(label="辨识日期")
    key = forms.BooleanField(label="列为重点风险点", required=False)
    features = forms.CharField(label="风险特征", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    consequences = forms.CharField(label="可能后果", max_length=300, required=False)
    control_level = forms.ChoiceField(label="管控层级", choices=_blank(ControlLevel.choices), required=False)
    responsible_unit = forms.CharField(label="责任单位", max_length=120, required=False)
    responsible_person = forms.CharField(label="责任人", max_length=60, required=False)
    responsible_phone = forms.CharField(label="责任人电话", max_length=30, required=False)
    patrol = forms.ChoiceField(label="巡查频次", choices=_blank(Patrol.choices), required=False)
    longitude = forms.DecimalField(label="经度", required=False, min_value=73, max_value=136, decimal_places=6)
    latitude = forms.DecimalField(label="纬度", required=False, min_value=3, max_value=54, decimal_places=6)
    controlled_on = DateField(
        label="管控日期", required=False, help_text="措施和责任已落实的填写，登记后即为管控中；尚未落实的不填。"
    )

    groups = (
        ("风险点", ["name", "enterprise", "place", "area", "handler", "industry", "category", "category_name", "identified_on", "key"]),
        ("风险", ["features", "consequences"]),
        ("评估", ["assessment", "likelihood", "exposure", "severity", "level", "judgement"]),
        ("管控责任", ["control_level", "responsible_unit", "responsible_person", "responsible_phone", "patrol", "controlled_on"]),
        ("坐标", ["longitude", "latitude"]),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "handler" in self.fields:
            units = [post.organisation.pk for post in reach(user).posts if post.role in FILERS]
            self.fields["handler"].queryset = Organisation.objects.filter(pk__in=units)
        areas = [unit.pk for unit in my_units(user) if unit.kind in AREAS]
        self.fields["area"].queryset = Organisation.objects.filter(pk__in=areas)
        self.fields["industry"].queryset = Industry.objects.filter(active=True)
        self.fields["enterprise"].label = "监管对象"
        self.fields["enterprise"].offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))
        self.fields["identified_on"].initial = clock.today

    def values(self) -> dict[str, Any]:
        """What :func:`hazards.services.risk_register` takes."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class RiskEditForm(RiskForm):
    """What may be changed of one that is kept; its level is 重新评估, its office 移交."""

    groups = (
        ("风险点", ["name", "enterprise", "place", "area", "industry", "category", "category_name", "identified_on", "key"]),
        ("风险", ["features", "consequences"]),
        ("管控责任", ["control_level", "responsible_unit", "responsible_person", "responsible_phone", "patrol"]),
        ("坐标", ["longitude", "latitude"]),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, record: RiskPoint, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        shown = {name for _, names in self.groups for name in names}
        for name in set(self.fields) - shown:
            del self.fields[name]
        if record.area_id:
            known = Organisation.objects.filter(pk=record.area_id)
            self.fields["area"].queryset = (self.fields["area"].queryset | known).distinct()
        self.fields["area"].empty_label = "不变"
        self.fields["industry"].empty_label = "未填"

    def values(self) -> dict[str, Any]:
        """What :func:`hazards.services.risk_edit` takes: a field that was emptied is emptied."""
        return self.cleaned_data


class MeasureForm(forms.Form):
    text = forms.CharField(label="管控措施", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.CharField(label="措施责任人", max_length=60, required=False)
    frequency = forms.CharField(label="措施频次", max_length=60, required=False, help_text="如“每班一次”“每月检测”。")

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in MeasureInput._fields)


class MeasureRows(forms.BaseFormSet):
    """Rows added and removed in the browser: what comes back is new as a whole, and a row that is gone leaves its number unused."""

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

    def measures(self) -> list[MeasureInput]:
        """The filled rows in order."""
        return [MeasureInput(**one.cleaned_data) for one in self.forms if one.has_changed()]


MeasureFormSet = forms.formset_factory(
    MeasureForm, formset=MeasureRows, extra=0, max_num=MOST_MEASURES, absolute_max=MOST_MEASURES
)


def measure_initial(measures: list[RiskMeasure]) -> list[dict[str, str]]:
    """The measures of a risk point for the formset; one empty row where there is none yet."""
    rows = [{name: getattr(one, name) for name in MeasureInput._fields} for one in measures]
    return rows or [dict.fromkeys(MeasureInput._fields, "")]


# ------------------------------------------------------------------------------------------------ steps


class _Dated(StepForm):
    """A step with its day, today unless said otherwise."""

    day: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.day].initial = clock.today


class ControlForm(_Dated):
    intro = "管控措施已逐条落实、责任已到单位和人的，确认管控。"
    day = "controlled_on"
    controlled_on = DateField(label="管控日期")


class PatrolForm(_Dated):
    intro = "下次巡查日期按巡查频次从本次算起。发现问题的，另行登记隐患。"
    day = "patrolled_on"
    patrolled_on = DateField(label="巡查日期")
    result = forms.ChoiceField(
        label="巡查结果",
        choices=[("措施有效", "措施有效"), (FOUND_PROBLEM, FOUND_PROBLEM)],
        widget=forms.RadioSelect,
        initial="措施有效",
    )
    note = forms.CharField(label="巡查情况", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    photos = PhotosField(label="现场照片", required=False)


class ReassessForm(AssessmentFields, _Dated):
    intro = "重新评估后等级随之改变，原等级和各项取值保留在办理过程中。"
    day = "assessed_on"
    assessed_on = DateField(label="评估日期")
    reason = forms.CharField(label="重新评估的原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessment"].initial = self.record.assessment
        for name in ("likelihood", "exposure", "severity"):
            value = getattr(self.record, name)
            self.fields[name].initial = None if value is None else f"{value.normalize():f}"


class RemoveForm(_Dated):
    intro = "风险源已拆除、停用或迁走，风险不再存在的，才消除销号。"
    day = "removed_on"
    removed_on = DateField(label="消除日期")
    reason = forms.CharField(label="消除原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class RiskTransferForm(StepForm):
    intro = "移交后由接收单位监管，属地不变。"
    handler = forms.ModelChoiceField(label="移交给", queryset=Organisation.objects.none())
    reason = forms.CharField(label="移交原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record: Any = self.record
        offices = Organisation.objects.in_force(clock.today()).filter(kind__in=OFFICES, district=record.district_id)
        self.fields["handler"].queryset = offices.exclude(kind=Kind.COMMUNITY).exclude(pk=record.handler_id)


RISK_STEP_FORMS: Mapping[str, type[StepForm]] = {
    "control": ControlForm,
    "patrol": PatrolForm,
    "reassess": ReassessForm,
    "transfer": RiskTransferForm,
    "remove": RemoveForm,
    "release": ReasonForm,
    "restore": ReasonForm,
    "restore_identified": ReasonForm,
    "void": ReasonForm,
}
