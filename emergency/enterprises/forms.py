"""Input of the register's pages. The rules are in the services; what they refuse appears at its field (``attempt``)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from emergency.core import clock
from emergency.core.ledger.export import mask
from emergency.enterprises.models import Enterprise, Industry
from emergency.enterprises.queries import areas_for, departments_at_work
from emergency.enterprises.services import credit_code_clean
from emergency.organizations.forms import UnitChoice
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, holds, reach

#: Written into the telephone field to empty it, since an empty field means “unchanged”.
NO_PHONE = "无"
_UNASKED = "（未填）"


class AreaChoice(UnitChoice):
    """Places in the order of the tree, the lower ones moved in."""

    def label_from_instance(self, obj: Any) -> str:
        return f"　{obj.name}" if obj.kind == Kind.COMMUNITY else obj.name


class DuplicateMixin(forms.Form):
    """Asks once more when a subject with the same name or code is there already; the view fills ``likenesses``."""

    confirmed = forms.BooleanField(label="以上都不是同一个单位，继续登记", required=False)
    likenesses: list[Enterprise]

    def ask_about(self, likenesses: list[Enterprise]) -> bool:
        """Whether to stop and show the likenesses first."""
        self.likenesses = likenesses
        return bool(likenesses) and not self.cleaned_data.get("confirmed")

    def keep_question(self) -> None:
        """The tick box is for the second showing only."""
        if not getattr(self, "likenesses", None):
            del self.fields["confirmed"]


class EnterpriseForm(forms.ModelForm):
    """The whole entry. Its choices are what the actor may use; its state is moved by an action of its own, not here."""

    groups = (
        ("请先核对", ("confirmed",)),
        ("基本情况", ("name", "kind", "credit_code", "no_code_reason", "area", "address", "longitude", "latitude")),
        ("行业与监管", ("industry", "department", "scale", "staff_count", "key_supervised", "risk_level")),
        ("人员与联系", ("legal_person", "safety_officer", "phone")),
        ("标准化与保险", ("standard_grade", "standard_graded_on", "standard_expires_on", "insured_until")),
        ("建档", ("registered_on", "former_names")),
    )

    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), empty_label="请选择")
    department = UnitChoice(
        label="行业主管部门", queryset=Organisation.objects.none(), required=False, empty_label=_UNASKED
    )
    industry = forms.ModelChoiceField(label="行业领域", queryset=Industry.objects.none(), empty_label="请选择")
    former_names = forms.CharField(
        label="曾用名", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="一行一个。"
    )
    phone = forms.CharField(
        label="联系电话", max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )

    class Meta:
        model = Enterprise
        fields = (
            "name", "kind", "credit_code", "no_code_reason", "area", "address", "longitude", "latitude", "industry", "department",
            "scale", "staff_count", "key_supervised", "risk_level", "legal_person", "safety_officer", "phone", "standard_grade",
            "standard_graded_on", "standard_expires_on", "insured_until", "registered_on", "former_names",
        )  # fmt: skip
        help_texts = {
            "credit_code": "18位；没有代码的不填，在下一栏写明原因。",
            "no_code_reason": "如：未办照、自建房、村（社区）。",
            "longitude": "与纬度同时填写，可不填。",
            "key_supervised": "列为重点监管的打勾。",
        }

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices(actor)
        for name in ("scale", "risk_level", "standard_grade"):
            field = self.fields[name]
            field.choices = [("", _UNASKED), *self._meta.model._meta.get_field(name).choices]  # type: ignore[attr-defined]
        enterprise: Enterprise = self.instance
        if enterprise.pk:
            self.initial["former_names"] = "\n".join(enterprise.former_names)
            self.initial["phone"] = ""
            if enterprise.phone:
                hint = f"现为 {mask(enterprise.phone)}，不改则留空，清除请填“{NO_PHONE}”。"
                self.fields["phone"].help_text = hint
        else:
            self.initial.setdefault("registered_on", clock.today())

    def _choices(self, actor: Any) -> None:
        enterprise: Enterprise = self.instance
        areas = areas_for(actor)
        departments = departments_at_work()
        if not holds(actor, FILERS) or not reach(actor).roots:  # a department registers what falls under it
            departments = departments.filter(pk__in=reach(actor).own_units)
            self.fields["department"].required = True
        industries: QuerySet[Industry] = Industry.objects.filter(active=True)
        if enterprise.pk:  # what stands stays choosable, though it may be ended meanwhile
            areas = areas | Organisation.objects.filter(pk__in=[enterprise.area_id])
            departments = departments | Organisation.objects.filter(pk__in=[enterprise.department_id])
            industries = industries | Industry.objects.filter(pk__in=[enterprise.industry_id])
        self.fields["area"].queryset = areas.select_related("parent").order_by("path")  # type: ignore[attr-defined]
        self.fields["department"].queryset = departments.order_by("order", "pk")  # type: ignore[attr-defined]
        self.fields["industry"].queryset = industries  # type: ignore[attr-defined]

    def clean_credit_code(self) -> str:
        return credit_code_clean(self.cleaned_data["credit_code"])

    def clean_former_names(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["former_names"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        if phone == NO_PHONE:
            return ""
        return phone or self.instance.phone

    def _post_clean(self) -> None:
        """The services judge the whole entry; a model form would write into the instance and judge it half."""


class EnterpriseNewForm(DuplicateMixin, EnterpriseForm):
    pass


class QuickForm(DuplicateMixin):
    """快速建档: what an officer at the door can give."""

    name = forms.CharField(
        label="单位名称", max_length=120, help_text="没有招牌的写明地点和用途，如：李家垅12号自建房。"
    )
    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), empty_label="请选择")
    address = forms.CharField(label="地址", max_length=200, required=False)
    phone = forms.CharField(
        label="联系电话", max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    longitude = forms.DecimalField(widget=forms.HiddenInput, required=False, max_digits=10, decimal_places=6)
    latitude = forms.DecimalField(widget=forms.HiddenInput, required=False, max_digits=9, decimal_places=6)

    groups = (("请先核对", ("confirmed",)), ("", ("name", "area", "address", "phone")))

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = areas_for(actor)
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]
        only = list(areas[:2])
        if len(only) == 1:
            self.initial["area"] = only[0].pk


class StateForm(forms.Form):
    state_changed_on = forms.DateField(label="状态变更日期", widget=forms.DateInput)
    state_reason = forms.CharField(label="变更原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("state_changed_on", clock.today())


class AccountForm(forms.Form):
    username = forms.CharField(
        label="登录名",
        max_length=60,
        help_text="3至60位小写字母、数字或 . _ - @，可用手机号。已有企业账号的人填原登录名，沿用原密码。",
    )
    name = forms.CharField(label="姓名", max_length=60)
    phone = forms.CharField(
        label="手机号码", max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    acceptor = forms.BooleanField(label="企业验收人", required=False, help_text="可验收销号本企业自查的一般隐患。")


class IndustryForm(forms.ModelForm):
    aliases = forms.CharField(
        label="别名",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一个。导入表格时，写别名的也认作本行业。",
    )
    order = forms.IntegerField(label="排序", min_value=0, max_value=30_000, help_text="数字小的排在前面。")

    class Meta:
        model = Industry
        fields = ("name", "aliases", "order", "active")
        help_texts = {"active": "不启用的不再供选用，已有记录不变。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["aliases"] = "\n".join(self.instance.aliases)

    def clean_aliases(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["aliases"].splitlines() if line.strip()]

    def _post_clean(self) -> None:
        """Uniqueness is judged by the service, together with the aliases of the others."""
