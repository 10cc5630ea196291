"""Input of visits and checklists."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from emergency.core import clock
from emergency.enterprises.forms import AreaChoice
from emergency.enterprises.models import Industry
from emergency.enterprises.queries import areas_for, enterprise_likenesses
from emergency.organizations.models import Kind, Organisation, User
from emergency.programmes.models import Programme
from hazards.forms import DateField, EnterpriseField, PhotosField
from hazards.models import Category, Grade, Measure
from inspections.models import KIND_FLAGS, Checklist, ChecklistItem, Result, Visit, VisitKind
from inspections.queries import colleagues, filing_units
from inspections.services import FindingInput, ItemInput, Location, NewSubject

_NAMES = re.compile(r"[、，,；;/\s]+")


class NamesField(forms.CharField):
    """Names split at 、，/ and spaces; the cleaned value is a list."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        return [name for name in _NAMES.split(super().clean(value)) if name]


class TimeField(forms.TimeField):
    """A time of day as the browser's picker sends it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **options)


class SignatureField(forms.FileField):
    """A picture drawn on the screen; without script, a photo of the signed sheet."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput(attrs={"accept": "image/*", "data-signature": True})
        super().__init__(required=False, widget=widget, **options)


def kinds_for(units: Sequence[Organisation]) -> list[tuple[str, str]]:
    """The kinds that one of the units may file; village staff carry out no 行政检查."""
    villages_only = bool(units) and all(unit.kind == Kind.COMMUNITY for unit in units)
    return [
        (value, label) for value, label in VisitKind.choices if not (villages_only and KIND_FLAGS[value].administrative)
    ]


# ------------------------------------------------------------------------------------------------ visits


class ConductFields(forms.Form):
    """How a visit went: what may also be put right later on the same day."""

    kind = forms.ChoiceField(label="检查类型")
    start = TimeField(label="开始时间")
    end = TimeField(label="结束时间")
    officers = forms.ModelMultipleChoiceField(
        label="检查人员", queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    officer_names = NamesField(
        label="其他检查人员", max_length=200, required=False, help_text="没有账号的人员，几个人用顿号分开。"
    )
    industry = forms.ModelChoiceField(
        label="行业", queryset=Industry.objects.filter(active=True), required=False, empty_label="按受检单位的行业"
    )
    campaigns = forms.ModelMultipleChoiceField(
        label="专项行动", queryset=Programme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    summary = forms.CharField(label="检查情况", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    signed_by = forms.CharField(label="签字人", max_length=60, required=False)
    unsigned_reason = forms.CharField(
        label="未签字原因", max_length=200, required=False, help_text="负责人不在场或拒绝签字的，写明情况。"
    )

    def offer(self, user: Any, units: Sequence[Organisation]) -> None:
        """Fill the choices with what this user may choose for these units."""
        self.fields["kind"].choices = kinds_for(units)
        if "officers" in self.fields:
            self.fields["officers"].queryset = colleagues(units, clock.today())
        self.fields["campaigns"].queryset = Programme.objects.visible_to(user).campaigns()
        if not self.fields["campaigns"].queryset.exists():
            del self.fields["campaigns"]

    def conduct(self, day: dt.date) -> dict[str, Any]:
        """The fields as the services take them; times are of ``day``."""
        values = {name: value for name, value in self.cleaned_data.items() if name in ConductFields.base_fields}
        for name, field in (("start", "started_at"), ("end", "ended_at")):
            time = values.pop(name)
            values[field] = timezone.make_aware(dt.datetime.combine(day, time)) if time else None
        return values


class FilingFields(forms.Form):
    """Who files where and when: the same for single and bulk filing."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    handler = forms.ModelChoiceField(label="实施单位", queryset=Organisation.objects.none(), empty_label=None)
    visited_on = DateField(label="检查日期")
    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), required=False)
    papers = forms.IntegerField(label="下达文书（份）", required=False, min_value=0, max_value=9999)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.units = filing_units(user)
        handler = self.fields["handler"]
        handler.queryset = Organisation.objects.filter(pk__in=[unit.pk for unit in self.units])
        if len(self.units) == 1:
            handler.initial, handler.widget = self.units[0].pk, forms.HiddenInput()
        self.fields["area"].queryset = areas_for(user)
        self.fields["client_id"].initial = uuid.uuid4
        self.fields["visited_on"].initial = clock.today

    def clean_papers(self) -> int:
        return self.cleaned_data["papers"] or 0


class VisitForm(ConductFields, FilingFields):
    """One visit to one subject. The checklist's marks and the findings come beside it."""

    enterprise = EnterpriseField(help_text="输入名称或信用代码查找。")
    place = forms.CharField(
        label="检查地点", max_length=160, required=False, help_text="没有登记的场所填这里；有受检单位的，可填具体部位。"
    )
    new_name = forms.CharField(label="单位名称", max_length=120, required=False)
    new_address = forms.CharField(label="地址", max_length=200, required=False)
    new_phone = forms.CharField(label="联系电话", max_length=30, required=False)
    checklist = forms.ModelChoiceField(
        label="检查表", queryset=Checklist.objects.filter(active=True), required=False, empty_label="不用检查表"
    )
    photos = PhotosField(label="现场照片", required=False)
    signature = SignatureField(label="被检查单位签字")
    longitude = forms.DecimalField(required=False, max_digits=10, decimal_places=6, widget=forms.HiddenInput)
    latitude = forms.DecimalField(required=False, max_digits=9, decimal_places=6, widget=forms.HiddenInput)
    accuracy = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.offer(user, self.units)
        self.fields["enterprise"].offer(user, self.data.get("enterprise") or self.initial.get("enterprise"))
        self.fields["area"].empty_label = "按受检单位或本单位的属地"

    def clean_new_name(self) -> str:
        name = self.cleaned_data["new_name"].strip()
        same = enterprise_likenesses(user=self.user, name=name) if name else []
        if same:
            known = "、".join(f"{one.name}（{one.area}）" for one in same)
            raise forms.ValidationError(f"已登记有{known}，请在上面直接选择；确为另一家的，请在名称后注明地址。")
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        enterprise, new_name = values.get("enterprise"), values.get("new_name")
        if not (enterprise or new_name or values.get("place") or self.errors.get("new_name")):
            self.add_error("enterprise", "请选择受检单位，或填写检查地点。")
        if enterprise and new_name:
            self.add_error("new_name", "已选择受检单位，不必再快速建档。")
        handler = values.get("handler")
        own_area = handler is not None and handler.kind in (Kind.STREET, Kind.COMMUNITY)
        if not enterprise and not own_area and not values.get("area"):
            self.add_error("area", "请选择属地。")
        return values

    def values(self) -> dict[str, Any]:
        """What ``visit_file`` takes, without results and findings."""
        given = self.cleaned_data
        taken = ("client_id", "handler", "visited_on", "area", "papers", "enterprise", "place", "checklist", "photos")
        located = given["longitude"] is not None and given["latitude"] is not None
        place = {name: given[name] for name in ("longitude", "latitude", "accuracy")}
        new = NewSubject(name=given["new_name"], address=given["new_address"], phone=given["new_phone"])
        return {
            **{name: given[name] for name in taken},
            **self.conduct(given["visited_on"]),
            "new_subject": new if new.name else None,
            "location": Location(**place) if located else None,
            "signature": [given["signature"]] if given["signature"] else [],
        }


class VisitEditForm(ConductFields):
    """What the author may put right on the day of filing."""

    photos = PhotosField(label="补充照片", required=False)

    groups = (
        ("检查情况", ["kind", "start", "end", "industry", "campaigns", "summary"]),
        ("检查人员", ["officers", "officer_names"]),
        ("照片与签字", ["photos", "signed_by", "unsigned_reason"]),
    )

    def __init__(self, *args: Any, visit: Visit, user: Any, **kwargs: Any) -> None:
        initial = {
            name: getattr(visit, name) for name in ("kind", "industry", "summary", "signed_by", "unsigned_reason")
        }
        officers = list(visit.officers.all())
        known = {officer.name for officer in officers}
        initial |= {
            "start": timezone.localtime(visit.started_at).time() if visit.started_at else None,
            "end": timezone.localtime(visit.ended_at).time() if visit.ended_at else None,
            "officers": officers,
            "campaigns": list(visit.campaigns.all()),
            "officer_names": "、".join(name for name in visit.officer_names.split("、") if name not in known),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.visit = visit
        self.offer(user, [visit.handler])

    def values(self) -> dict[str, Any]:
        """What ``visit_edit`` takes."""
        values = self.conduct(self.visit.visited_on)
        return values | {"officers": list(values["officers"]), "photos": self.cleaned_data["photos"]}


class BulkForm(ConductFields, FilingFields):
    """汇总填报: numbers without naming whom."""

    area = AreaChoice(
        label="属地", queryset=Organisation.objects.none(), required=False, empty_label="本单位或不分属地"
    )
    quantity = forms.IntegerField(label="检查家次", min_value=1, max_value=100_000)
    groups_sent = forms.IntegerField(label="派出检查组（个）", required=False, min_value=0, max_value=100_000)
    person_times = forms.IntegerField(label="出动人次", required=False, min_value=0, max_value=1_000_000)
    found = forms.IntegerField(label="发现隐患（条）", required=False, min_value=0, max_value=100_000)
    major_found = forms.IntegerField(label="其中重大（条）", required=False, min_value=0, max_value=100_000)
    rectified = forms.IntegerField(label="已整改（条）", required=False, min_value=0, max_value=100_000)
    major_rectified = forms.IntegerField(label="重大已整改（条）", required=False, min_value=0, max_value=100_000)
    place = forms.CharField(
        label="检查范围", max_length=160, required=False, help_text="如“全镇烟花爆竹零售点”。写明单位的检查请逐次登记。"
    )

    start = end = officers = signed_by = unsigned_reason = None
    groups = (
        ("检查对象", ["handler", "visited_on", "kind", "area", "place", "industry", "campaigns"]),
        ("检查数量", ["quantity", "groups_sent", "person_times", "papers"]),
        ("发现隐患", ["found", "major_found", "rectified", "major_rectified"]),
        ("说明", ["officer_names", "summary"]),
    )
    _COUNTS = ("found", "major_found", "rectified", "major_rectified")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.offer(user, self.units)
        self.fields["officer_names"].label = "检查人员"
        self.fields["officer_names"].help_text = "可不填，几个人用顿号分开。"
        self.fields["industry"].empty_label = "不分行业"

    def values(self) -> dict[str, Any]:
        """What ``visit_bulk_file`` takes."""
        values = dict(self.cleaned_data)
        values["groups"] = values.pop("groups_sent")
        return values | {name: values[name] or 0 for name in self._COUNTS}


# ------------------------------------------------------------------------------------------------ checklist and findings


def marks_name(item: int) -> str:
    """The form name of a checklist line's mark."""
    return f"check-{item}"


def marks_in(data: Mapping[str, str], checklist: Checklist | None) -> dict[int, str]:
    """What was marked on the chosen checklist: line key → result. Lines of other lists on the page do not count."""
    if checklist is None:
        return {}
    marks = {item.pk: data.get(marks_name(item.pk), "") for item in checklist.items.all()}
    return {item: mark for item, mark in marks.items() if mark in Result.values}


class Rows(forms.BaseFormSet):
    """Rows added and removed in the browser: what comes back is new as a whole, and a row that is gone leaves its number unused."""

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()


class FindingForm(forms.Form):
    """One problem of a visit."""

    checklist_item = forms.IntegerField(required=False, widget=forms.HiddenInput)
    description = forms.CharField(label="隐患描述", widget=forms.Textarea(attrs={"rows": 2}))
    category = forms.ChoiceField(label="隐患类别", choices=Category.choices, initial=Category.OTHER)
    basis = forms.CharField(label="判定依据", max_length=300, required=False)
    photos = PhotosField(label="隐患照片", required=False)
    grade = forms.ChoiceField(label="隐患等级", choices=Grade.choices, widget=forms.RadioSelect, initial=Grade.GENERAL)
    standard_code = forms.CharField(label="判定标准", max_length=120, required=False)
    standard_item = forms.CharField(label="标准条款", max_length=60, required=False)
    on_site = forms.BooleanField(label="已当场改好，现在确认销号", required=False)
    rectifier = forms.CharField(label="整改责任人", max_length=60, required=False, help_text="受检单位当场整改的人员。")
    rectification = forms.CharField(label="整改情况", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    after_photos = PhotosField(label="整改后照片", required=False)
    measure = forms.ChoiceField(label="处置方式", choices=Measure.choices, initial=Measure.DEADLINE)
    due_on = DateField(label="整改期限", required=False, help_text="不填的按规定期限计算。")

    #: A row that was removed in the browser leaves its number unused; one that only carries defaults was never filled.
    _TYPED = ("checklist_item", "description", "basis", "rectification", "rectifier")

    def has_changed(self) -> bool:
        typed = any(self.data.get(self.add_prefix(name)) for name in self._TYPED)
        return typed or any(self.files.get(self.add_prefix(name)) for name in ("photos", "after_photos"))

    def finding(self) -> FindingInput:
        values = dict(self.cleaned_data)
        return FindingInput(item=values.pop("checklist_item"), legal_basis=values.pop("basis"), **values)


FindingFormSet = forms.formset_factory(FindingForm, formset=Rows, extra=0, max_num=100, absolute_max=100)

#: Where a service's field stands under another name on the form.
FINDING_FIELDS = {"legal_basis": "basis", "before_photos": "photos", "photos": "after_photos", "item": "checklist_item"}


class VoidForm(forms.Form):
    reason = forms.CharField(label="作废原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    with_hazards = forms.BooleanField(label="本次检查登记的隐患一并作废", required=False)


# ------------------------------------------------------------------------------------------------ checklists


class ChecklistForm(forms.ModelForm):
    class Meta:
        model = Checklist
        fields = ("name", "industry", "active")

    def validate_unique(self) -> None:
        """The service asks, under its lock."""

    def _post_clean(self) -> None:
        """The record is written by the service, not by the form."""


class ItemForm(forms.Form):
    item = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label="检查内容", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    basis = forms.CharField(label="检查依据", max_length=300, required=False)
    phrase = forms.CharField(
        label="隐患用语", max_length=300, required=False, help_text="标为“存在问题”时带入隐患描述；不填用检查内容。"
    )

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in ("text", "basis", "phrase"))

    def line(self) -> ItemInput:
        values = self.cleaned_data
        return ItemInput(pk=values["item"], text=values["text"], basis=values["basis"], phrase=values["phrase"])


ItemFormSet = forms.formset_factory(ItemForm, formset=Rows, extra=0, max_num=200, absolute_max=200)


def item_initial(checklist: Checklist) -> list[dict[str, Any]]:
    """The lines of a checklist for the formset."""
    lines: list[ChecklistItem] = list(checklist.items.all())
    return [{"item": one.pk, "text": one.text, "basis": one.basis, "phrase": one.phrase} for one in lines]
