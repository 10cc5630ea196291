"""Input of hazards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from emergency.core import clock
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, reach
from emergency.programmes.models import Programme
from hazards.filters import OFFICES, my_units
from hazards.forms.fields import DateField, EnterpriseField, PhotosField
from hazards.lifecycle import FIVE_REQUIREMENTS
from hazards.models import Category, EntryMode, Grade, Measure, Source


class HazardForm(forms.Form):
    """A hazard found by officers."""

    handler = forms.ModelChoiceField(label="承办单位", queryset=Organisation.objects.none(), empty_label=None)
    enterprise = EnterpriseField(help_text="没有登记的场所可以不选，在下面填写地点。")
    place = forms.CharField(label="地点或部位", max_length=160, required=False)
    area = forms.ModelChoiceField(
        label="属地", queryset=Organisation.objects.none(), required=False, empty_label="按受检单位的属地"
    )
    found_on = DateField(label="发现日期")
    source = forms.ChoiceField(
        label="隐患来源",
        choices=[choice for choice in Source.choices if choice[0] != Source.SELF],
        initial=Source.INSPECTION,
    )
    description = forms.CharField(label="隐患描述", widget=forms.Textarea, help_text="写明部位、现状和不符合之处。")
    category = forms.ChoiceField(label="隐患类别", choices=Category.choices, initial=Category.OTHER)
    legal_basis = forms.CharField(label="判定依据", max_length=300, required=False)
    photos = PhotosField(label="整改前照片", required=False)
    grade = forms.ChoiceField(label="隐患等级", choices=Grade.choices, widget=forms.RadioSelect, initial=Grade.GENERAL)
    standard_code = forms.CharField(label="判定标准", max_length=120, required=False, help_text="重大隐患必填。")
    standard_item = forms.CharField(label="标准条款", max_length=60, required=False, help_text="重大隐患必填。")
    measure = forms.ChoiceField(
        label="处置方式", choices=Measure.choices, widget=forms.RadioSelect, initial=Measure.DEADLINE
    )
    due_on = DateField(label="整改期限", required=False, help_text="不填的，限期整改按办理时限计算，立即整改为当天。")
    order_number = forms.CharField(label="整改文书号", max_length=60, required=False)
    campaigns = forms.ModelMultipleChoiceField(
        label="专项行动", queryset=Programme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    internal_note = forms.CharField(
        label="内部备注", widget=forms.Textarea(attrs={"rows": 2}), required=False, help_text="企业看不到。"
    )
    on_site = forms.BooleanField(label="已当场改好，现在确认销号", required=False)
    rectifier = forms.CharField(label="整改责任人", max_length=60, required=False, help_text="受检单位当场整改的人员。")
    rectification = forms.CharField(label="整改情况", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    after_photos = PhotosField(label="整改后照片", required=False)

    groups = (
        ("检查对象", ["enterprise", "place", "area", "handler"]),
        ("隐患情况", ["found_on", "source", "description", "category", "photos", "legal_basis"]),
        ("等级", ["grade", "standard_code", "standard_item"]),
        ("整改要求", ["measure", "due_on", "order_number", "campaigns", "internal_note"]),
        ("现场整改（当场改好的填写）", ["on_site", "rectifier", "rectification", "after_photos"]),
    )
    fault_names: ClassVar[Mapping[str, str]] = {"before_photos": "photos", "photos": "after_photos"}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = [post.organisation.pk for post in reach(user).posts if post.role in FILERS]
        self.fields["handler"].queryset = Organisation.objects.filter(pk__in=units)
        areas = [unit.pk for unit in my_units(user) if unit.kind in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY)]
        self.fields["area"].queryset = Organisation.objects.filter(pk__in=areas)
        self.fields["campaigns"].queryset = Programme.objects.visible_to(user).campaigns()
        if not self.fields["campaigns"].queryset.exists():
            del self.fields["campaigns"]
        self.fields["enterprise"].offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))
        self.fields["found_on"].initial = clock.today

    def values(self) -> dict[str, Any]:
        """What :func:`hazards.services.hazard_open` takes."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class OwnCheckForm(forms.Form):
    """A hazard that an enterprise found itself (企业自查)."""

    enterprise = forms.ModelChoiceField(label="本企业", queryset=Enterprise.objects.none(), empty_label=None)
    place = forms.CharField(label="地点或部位", max_length=160, required=False)
    found_on = DateField(label="发现日期")
    description = forms.CharField(label="隐患描述", widget=forms.Textarea)
    category = forms.ChoiceField(label="隐患类别", choices=Category.choices, initial=Category.OTHER)
    photos = PhotosField(label="整改前照片", required=False)
    grade = forms.ChoiceField(label="隐患等级", choices=Grade.choices, widget=forms.RadioSelect, initial=Grade.GENERAL)
    standard_code = forms.CharField(label="判定标准", max_length=120, required=False, help_text="重大隐患必填。")
    standard_item = forms.CharField(label="标准条款", max_length=60, required=False, help_text="重大隐患必填。")
    due_on = DateField(label="计划整改期限", required=False)

    groups = (
        ("隐患情况", ["enterprise", "place", "found_on", "description", "category", "photos"]),
        ("等级和期限", ["grade", "standard_code", "standard_item", "due_on"]),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = user.enterprise_memberships.in_force(clock.today()).values("enterprise")
        self.fields["enterprise"].queryset = (
            Enterprise.objects.live().filter(pk__in=mine).select_related("area", "street", "district")
        )
        self.fields["found_on"].initial = clock.today

    def values(self) -> dict[str, Any]:
        """As of :class:`HazardForm`; the enterprise's street handles what it reports."""
        values = {name: value for name, value in self.cleaned_data.items() if value is not None}
        firm = values["enterprise"]
        return values | {"source": Source.SELF, "handler": firm.street or firm.area or firm.district}


# ------------------------------------------------------------------------------------------------ steps


class StepForm(forms.Form):
    """What one step asks for. ``record`` is the hazard or risk point, so that a form may leave out what does not concern it."""

    intro: ClassVar[str] = ""

    def __init__(self, *args: Any, record: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def values(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.cleaned_data.items() if not isinstance(self.fields[name], PhotosField)
        }


class IssueForm(StepForm):
    due_on = DateField(label="整改期限")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = self.record.due_on


class FixOnSiteForm(StepForm):
    intro = "受检单位当场改好的，由检查人员确认后直接销号。整改前、整改后照片都要有。"
    rectifier = forms.CharField(label="整改责任人", max_length=60, help_text="受检单位当场整改的人员。")
    rectification = forms.CharField(label="整改情况", widget=forms.Textarea)
    before_photos = PhotosField(label="整改前照片", required=False, help_text="登记时已上传的可以不传。")
    photos = PhotosField(label="整改后照片")


class FiveForm(StepForm):
    """五落实 of a major hazard."""

    intro = "重大隐患须落实责任、措施、资金、时限、预案，五项齐全才能销号。"
    duty = forms.CharField(label="责任落实", widget=forms.Textarea(attrs={"rows": 2}), help_text="谁负责治理。")
    steps = forms.CharField(
        label="措施落实", widget=forms.Textarea(attrs={"rows": 3}), help_text="怎样治理，治理期间怎样保证安全。"
    )
    funds = forms.CharField(label="资金落实", widget=forms.Textarea(attrs={"rows": 2}))
    time_limit = forms.CharField(label="时限落实", widget=forms.Textarea(attrs={"rows": 2}))
    contingency = forms.CharField(label="预案落实", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIVE_REQUIREMENTS:
            self.fields[name].initial = getattr(self.record, name)


class SubmitForm(StepForm):
    quantity = forms.IntegerField(
        label="本次整改数量", min_value=1, help_text="只改好一部分的，填改好的数量，其余继续整改。"
    )
    rectification = forms.CharField(label="整改措施", widget=forms.Textarea, help_text="做了什么，达到什么要求。")
    rectifier = forms.CharField(label="整改责任人", max_length=60)
    rectified_on = DateField(label="整改完成日期")
    cost = forms.DecimalField(label="整改资金（元）", min_value=0, max_digits=14, decimal_places=2, required=False)
    photos = PhotosField(label="整改后照片")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record = self.record
        for name in ("rectification", "rectifier", "cost"):
            self.fields[name].initial = getattr(record, name)
        self.fields["rectified_on"].initial = clock.today
        if record.entry_mode == EntryMode.COUNT:
            self.fields["quantity"].initial = record.quantity
            self.fields["quantity"].max_value = record.quantity
        else:
            del self.fields["quantity"]


class ExtensionForm(StepForm):
    requested_due_on = DateField(label="申请延期至")
    reason = forms.CharField(label="延期原因", widget=forms.Textarea)
    interim_control = forms.CharField(label="延期期间的临时管控措施", widget=forms.Textarea)
    photos = PhotosField(label="佐证照片", required=False)


class ApproveForm(StepForm):
    opinion = forms.CharField(label="意见", widget=forms.Textarea(attrs={"rows": 2}), initial="同意延期。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record.requested_due_on:
            self.fields["opinion"].help_text = f"同意后整改期限延至{self.record.requested_due_on:%Y-%m-%d}。"


class ReasonForm(StepForm):
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea)


class PassForm(StepForm):
    opinion = forms.CharField(
        label="复查意见", widget=forms.Textarea(attrs={"rows": 2}), initial="经复查，已按要求整改到位。"
    )
    reviewed_on = DateField(label="复查日期")
    signed_by = forms.CharField(label="受检单位签字人", max_length=60, required=False)
    photos = PhotosField(label="复查照片", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewed_on"].initial = clock.today


class FailForm(StepForm):
    opinion = forms.CharField(label="复查意见", widget=forms.Textarea, help_text="写明仍未改好的地方。")
    due_on = DateField(label="新的整改期限")
    photos = PhotosField(label="复查照片", required=False)


class ListingForm(StepForm):
    intro = "决定不挂牌督办、由承办单位直接督促整改的，须说明理由。"
    listing_reason = forms.CharField(label="不挂牌理由", max_length=300, widget=forms.Textarea)


class TransferForm(StepForm):
    intro = "移送后由接收单位承办，属地不变。"
    handler = forms.ModelChoiceField(label="移送给", queryset=Organisation.objects.none())
    reason = forms.CharField(label="移送原因", max_length=200, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Organisation.objects.in_force(clock.today()).filter(
            kind__in=OFFICES, district=self.record.district_id
        )
        self.fields["handler"].queryset = offices.exclude(kind=Kind.COMMUNITY).exclude(pk=self.record.handler_id)


class ReopenForm(ReasonForm):
    intro = "销号有误的才更正；整改后又出现的同类问题，请作为新隐患登记。更正会留下记录。"
    due_on = DateField(label="新的整改期限")


STEP_FORMS: dict[str, type[StepForm]] = {
    "issue": IssueForm,
    "fix_on_site": FixOnSiteForm,
    "submit": SubmitForm,
    "request_extension": ExtensionForm,
    "approve_extension": ApproveForm,
    "refuse_extension": ReasonForm,
    "pass": PassForm,
    "fail": FailForm,
    "plan": FiveForm,
    "decide_listing": ListingForm,
    "transfer": TransferForm,
    "reopen": ReopenForm,
    "reopen_review": ReasonForm,
    "void": ReasonForm,
}


class SplitForm(forms.Form):
    quantity = forms.IntegerField(label="拆出数量", min_value=1, initial=1)
    entry_mode = forms.ChoiceField(
        label="拆出后",
        choices=[("count", "仍按数量登记"), ("item", "改为逐条登记（一条）")],
        widget=forms.RadioSelect,
        initial="count",
    )
    description = forms.CharField(
        label="隐患描述", widget=forms.Textarea, required=False, help_text="改为逐条登记的必填。"
    )
    place = forms.CharField(label="地点", max_length=160, required=False)


class VerdictForm(forms.Form):
    """One hazard of a sweep."""

    action = forms.ChoiceField(
        label="结论",
        choices=[("", "本次不办"), ("pass", "合格"), ("fail", "不合格")],
        widget=forms.RadioSelect,
        required=False,
        initial="pass",
    )
    opinion = forms.CharField(label="复查意见", max_length=300, required=False, initial="经复查，已按要求整改到位。")
    due_on = DateField(label="不合格的新期限", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("action") and not values.get("opinion"):
            self.add_error("opinion", "请填写复查意见。")
        if values.get("action") == "fail" and not values.get("due_on"):
            self.add_error("due_on", "请填写新的整改期限。")
        return values


class SweepForm(forms.Form):
    """What all hazards of a sweep share."""

    signed_by = forms.CharField(label="受检单位签字人", max_length=60, required=False)
    photos = PhotosField(label="复查照片", required=False)
    signature = PhotosField(label="签字照片", required=False)
