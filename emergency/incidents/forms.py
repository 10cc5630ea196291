"""Input of accidents: shape and messages. What is allowed is decided by the life-cycle, what is written by the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.urls import reverse

from emergency.core import clock
from emergency.enterprises.forms import AreaChoice
from emergency.enterprises.models import Enterprise, Industry
from emergency.enterprises.queries import departments_at_work
from emergency.incidents.lifecycle import may_register
from emergency.incidents.models import Accident, Classification, Formerly, InjuryType, Status
from emergency.organizations.forms import UnitChoice
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import units_within
from emergency.organizations.scope import reach

WAN = Decimal(10_000)
YES_NO = (("yes", "是"), ("no", "否"))


def _people(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100_000, initial=0, help_text=help_text)


def _lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _yes_no(label: str, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect, initial="yes", **options)


class AccidentForm(forms.Form):
    """快报, 续报 and 更正: the same facts, at first with little known."""

    name = forms.CharField(
        label="事故名称",
        max_length=120,
        required=False,
        help_text="不填的，按属地、日期和分类取名，如：南塘镇“11·3”道路运输事故。",
    )
    occurred_at = forms.DateTimeField(label="发生时间", widget=forms.DateTimeInput)
    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), empty_label="请选择")
    place = forms.CharField(label="发生地点", max_length=160, required=False)
    enterprise = forms.ModelChoiceField(
        label="监管对象",
        queryset=Enterprise.objects.none(),
        required=False,
        help_text="台账中有的请选定，行业和主管部门自动带出。",
    )
    unit_name = forms.CharField(
        label="事故单位", max_length=160, required=False, help_text="不填的，为所选监管对象的名称。"
    )
    industry = forms.ModelChoiceField(
        label="行业", queryset=Industry.objects.none(), required=False, empty_label="按监管对象的行业"
    )
    department = UnitChoice(
        label="行业主管部门", queryset=Organisation.objects.none(), required=False, empty_label="按监管对象的主管部门"
    )
    classification = forms.ChoiceField(label="事故分类", choices=[("", "请选择"), *Classification.choices])
    injury_type = forms.ChoiceField(label="事故类型", choices=[("", "（未填）"), *InjuryType.choices], required=False)
    initial_deaths = _people("死亡（人）", "首次报告的人数；以后死亡的用“补报死亡”。")
    initial_missing = _people("失踪（人）")
    initial_serious = _people("重伤（人）", "含急性工业中毒。")
    initial_minor = _people("轻伤（人）")
    direct_loss = forms.DecimalField(
        label="直接经济损失（万元）",
        min_value=0,
        max_digits=16,
        decimal_places=6,
        required=False,
        help_text="未核定的不填。",
    )
    production = _yes_no("生产经营性")
    counted = _yes_no("纳入统计", help_text="各项指标和文书只统计纳入的。")
    uncounted_reason = forms.CharField(
        label="不纳入统计原因", max_length=200, required=False, help_text="不纳入统计的必填。"
    )
    brief = forms.CharField(label="简要情况", widget=_lines(4), required=False, help_text="经过、已采取的措施。")
    cause = forms.CharField(label="事故原因", widget=_lines(2), required=False)
    reported_at = forms.DateTimeField(label="事故单位报告时间", widget=forms.DateTimeInput, required=False)
    passed_on_at = forms.DateTimeField(label="向上级报告时间", widget=forms.DateTimeInput, required=False)
    data_source = forms.CharField(
        label="数据来源", max_length=120, required=False, help_text="如：统计联网直报系统、交通管理大队。"
    )
    reason = forms.CharField(label="更正原因", max_length=200, widget=_lines(2))

    groups = (
        ("更正", ["reason"]),
        ("时间和地点", ["name", "occurred_at", "area", "place"]),
        ("事故单位", ["enterprise", "unit_name", "industry", "department"]),
        ("分类", ["classification", "injury_type"]),
        ("伤亡和损失", ["initial_deaths", "initial_missing", "initial_serious", "initial_minor", "direct_loss"]),
        ("统计", ["production", "counted", "uncounted_reason", "data_source"]),
        ("情况", ["brief", "cause"]),
        ("报告", ["reported_at", "passed_on_at"]),
    )

    def __init__(self, *args: Any, user: Any, record: Accident | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self._choices(user)
        if record is not None:
            self.initial = {**_facts(record), **self.initial}
        if record is None or record.status == Status.FLASH:
            del self.fields["reason"]
        chosen = self.data.get("enterprise") or self.initial.get("enterprise")
        field = self.fields["enterprise"]
        visible = Enterprise.objects.live().visible_to(user)
        one = visible.filter(pk=chosen).first() if str(chosen or "").isdecimal() else None
        field.queryset = visible  # type: ignore[attr-defined]
        field.widget.choices = [("", ""), *([(one.pk, one.name)] if one else [])]  # type: ignore[attr-defined]
        field.widget.attrs["data-picker-url"] = reverse("enterprises:autocomplete")

    def _choices(self, user: Any) -> None:
        places = units_within(user).areas().in_force(clock.today()).select_related("parent").order_by("path")
        if not any(may_register(user, root) for root in reach(user).roots if root.kind != Kind.COMMUNITY):
            places = places.none()
        industries, departments = Industry.objects.filter(active=True), departments_at_work()
        if self.record is not None:  # what stands stays choosable, though it may be ended meanwhile
            places = places | Organisation.objects.filter(pk__in=[self.record.area_id])
            industries = industries | Industry.objects.filter(pk__in=[self.record.industry_id])
            departments = departments | Organisation.objects.filter(pk__in=[self.record.department_id])
        self.fields["area"].queryset = places  # type: ignore[attr-defined]
        self.fields["industry"].queryset = industries  # type: ignore[attr-defined]
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the services take: flags as such, the loss in yuan."""
        values = dict(self.cleaned_data)
        values |= {name: values[name] == "yes" for name in ("production", "counted")}
        if values["direct_loss"] is not None:
            values["direct_loss"] = (values["direct_loss"] * WAN).quantize(Decimal("0.01"))
        return values


def _facts(record: Accident) -> dict[str, Any]:
    """A record as the form shows it."""
    names = (
        "name", "occurred_at", "area", "place", "enterprise", "unit_name", "industry", "department", "classification",
        "injury_type", "initial_deaths", "initial_missing", "initial_serious", "initial_minor", "uncounted_reason", "brief",
        "cause", "reported_at", "passed_on_at", "data_source",
    )  # fmt: skip
    fields: Any = record._meta
    facts = {name: fields.get_field(name).value_from_object(record) for name in names}
    facts |= {name: "yes" if getattr(record, name) else "no" for name in ("production", "counted")}
    facts["direct_loss"] = wan(record.direct_loss)
    return facts


def wan(amount: Decimal | None) -> Decimal | None:
    """Yuan in 万元, without superfluous zeros."""
    if amount is None:
        return None
    value = (amount / WAN).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


class DeathForm(forms.Form):
    """补报死亡."""

    died_on = forms.DateField(label="死亡日期", widget=forms.DateInput)
    people = forms.IntegerField(label="人数", min_value=1, max_value=10_000, initial=1)
    formerly = forms.ChoiceField(
        label="此前情形", choices=Formerly.choices, widget=forms.RadioSelect, initial=Formerly.SERIOUS,
        help_text="由重伤、轻伤、失踪转为死亡的，原人数相应减少。",
    )  # fmt: skip
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="如：医院诊断、公安机关认定。")


# ------------------------------------------------------------------------------------------------ steps


class StepForm(forms.Form):
    """What one step asks for; ``record`` is the accident."""

    intro: ClassVar[str] = ""

    def __init__(self, *args: Any, record: Accident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record


class VerifyForm(StepForm):
    intro = "核对时间、地点、伤亡和分类无误后确认；有误的请先更正。核实后开始计算调查报告期限。"
    counted = _yes_no("纳入统计")
    uncounted_reason = forms.CharField(
        label="不纳入统计原因", max_length=200, required=False, help_text="不纳入统计的必填。"
    )
    opinion = forms.CharField(label="核实情况", max_length=500, widget=_lines(), initial="经核实，情况属实。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("counted", "yes" if self.record.counted else "no")
        self.initial.setdefault("uncounted_reason", self.record.uncounted_reason)


class ExtendForm(StepForm):
    intro = "经负责事故调查的人民政府批准，调查报告期限可以延长一次，最长不超过60日。"
    report_due_on = forms.DateField(label="延长至", widget=forms.DateInput)
    reason = forms.CharField(label="延长原因和批准情况", max_length=200, widget=_lines())


class ReportForm(StepForm):
    report_submitted_on = forms.DateField(label="调查报告提交日期", widget=forms.DateInput)
    cause = forms.CharField(label="事故原因", widget=_lines(), help_text="调查认定的直接原因、间接原因。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("cause", self.record.cause)


class CloseForm(StepForm):
    intro = "人民政府批复调查报告后结案。"
    approved_on = forms.DateField(label="批复结案日期", widget=forms.DateInput)
    approval_number = forms.CharField(label="批复文号", max_length=60)


class ReasonForm(StepForm):
    reason = forms.CharField(label="理由", max_length=200, widget=_lines())


class VoidForm(ReasonForm):
    intro = "误报、重复登记的才作废。作废后不再计入统计，编号不再使用。"


STEP_FORMS: dict[str, type[StepForm]] = {
    "verify": VerifyForm,
    "extend": ExtendForm,
    "submit_report": ReportForm,
    "close": CloseForm,
    "reopen": ReasonForm,
    "void": VoidForm,
}
