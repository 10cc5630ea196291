"""Input of the login, of one's own account and of the administrators' pages. The rules are in the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from emergency.core import clock
from emergency.organizations.models import Kind, Membership, Organisation, Role, Tier, User

T = TypeVar("T")


def attempt(form: forms.BaseForm, action: Callable[[], T]) -> T | None:
    """Call a service for a valid form; what it refuses appears at the fields it names, and None comes back."""
    try:
        return action()
    except ValidationError as fault:
        if hasattr(fault, "error_dict"):
            for name, errors in fault.error_dict.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            form.add_error(None, fault)
        return None


class LoginForm(AuthenticationForm):
    """One message for every failure, so that nobody learns which names exist."""

    error_messages: ClassVar[dict[str, str]] = {
        "invalid_login": "登录名或密码不正确。",
        "inactive": "登录名或密码不正确。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "登录名"
        self.fields["password"].label = "密码"

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()


class PasswordForm(forms.Form):
    old_password = forms.CharField(
        label="原密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new_password1 = forms.CharField(
        label="新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    new_password2 = forms.CharField(
        label="再输一次新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"new_password1", "new_password2"} <= set(data) and data["new_password1"] != data["new_password2"]:
            self.add_error("new_password2", "两次输入的新密码不一致。")
        return data


class ProfileForm(forms.Form):
    phone = forms.CharField(
        label="手机号码", max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label="电子邮箱", required=False)
    large_type = forms.BooleanField(label="长者模式", required=False, help_text="大字、高对比度。登录后自动生效。")


class UserForm(forms.Form):
    """``username`` is asked only for a new account."""

    username = forms.CharField(
        label="登录名", max_length=60, help_text="3至60位小写字母、数字或 . _ - @，开通后不能更改。"
    )
    name = forms.CharField(label="姓名", max_length=60)
    phone = forms.CharField(
        label="手机号码", max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label="电子邮箱", required=False)

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["username"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class UnitChoice(forms.ModelChoiceField):
    """A unit with the one above it, because communities of two towns may share a name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.parent}）" if obj.parent and obj.kind == Kind.COMMUNITY else obj.name


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.username}）"


def _units() -> Any:
    return Organisation.objects.in_force(clock.today()).select_related("parent").order_by("path")


class OrganisationForm(forms.Form):
    """``kind`` and ``tier`` are for a new unit only: a unit of another kind is another unit."""

    groups = (
        ("基本情况", ("name", "short_name", "former_names", "kind", "tier", "parent", "division_code", "order")),
        ("所含街道（乡镇）", ("members",)),
        ("人口与面积", ("population", "population_year", "population_source", "land_area")),
        ("联系方式", ("contact", "phone")),
        ("存续时间", ("valid_from", "valid_to")),
    )

    name = forms.CharField(label="单位名称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=40, required=False)
    former_names = forms.CharField(
        label="曾用名",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="一行一个，导入旧表时按曾用名也能找到本单位。",
    )
    kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), *Kind.choices])
    tier = forms.ChoiceField(label="层级", choices=[("", "请选择"), *Tier.choices])
    parent = UnitChoice(
        label="上级单位", queryset=Organisation.objects.none(), required=False, empty_label="无（最上级）"
    )
    division_code = forms.CharField(
        label="区划代码", max_length=12, required=False, help_text="区县6位，街道（乡镇）9位，社区（村）12位。"
    )
    order = forms.IntegerField(label="排序", min_value=0, required=False, help_text="数字小的排在前面。")
    members = forms.ModelMultipleChoiceField(
        label="所含单位", queryset=Organisation.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    population = forms.IntegerField(label="常住人口（人）", min_value=0, required=False)
    population_year = forms.IntegerField(label="人口年份", min_value=1949, max_value=2100, required=False)
    population_source = forms.CharField(label="人口来源", max_length=120, required=False)
    land_area = forms.DecimalField(label="面积（公顷）", min_value=0, max_digits=14, decimal_places=2, required=False)
    contact = forms.CharField(label="联系人", max_length=60, required=False)
    phone = forms.CharField(label="联系电话", max_length=30, required=False)
    valid_from = forms.DateField(label="启用日期", required=False, widget=forms.DateInput)
    valid_to = forms.DateField(
        label="撤销日期", required=False, widget=forms.DateInput, help_text="该日为存续的最后一天。"
    )

    def __init__(self, *args: Any, unit: Organisation | None = None, **kwargs: Any) -> None:
        if unit is not None:
            kwargs["initial"] = self.initial_of(unit) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        parents = _units().filter(kind__in=[Kind.GOVERNMENT, Kind.STREET])
        if unit is None:
            del self.fields["valid_to"]
        else:
            parents = parents.exclude(path__startswith=unit.path)
            del self.fields["kind"], self.fields["tier"]
            if unit.is_root:
                del self.fields["parent"]
            else:
                self.fields["parent"].required = True
        if unit is not None and unit.kind != Kind.AREA_SET:
            del self.fields["members"]
        else:
            self.fields["members"].queryset = _units().filter(kind=Kind.STREET)  # type: ignore[attr-defined]
            if unit is None:
                self.fields["members"].help_text = "只在新建片区时选择。"
        if "parent" in self.fields:
            self.fields["parent"].queryset = parents  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(unit: Organisation) -> dict[str, Any]:
        names = [
            "name",
            "short_name",
            "division_code",
            "order",
            "population",
            "population_year",
            "population_source",
            "land_area",
            "contact",
            "phone",
            "valid_from",
            "valid_to",
        ]
        initial = {name: getattr(unit, name) for name in names}
        members = list(unit.members.values_list("pk", flat=True)) if unit.kind == Kind.AREA_SET else []
        return initial | {"parent": unit.parent_id, "members": members, "former_names": "\n".join(unit.former_names)}

    def clean_former_names(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["former_names"].splitlines() if line.strip()]

    def clean_order(self) -> int:
        return self.cleaned_data["order"] or 0


class SuccessionForm(forms.Form):
    predecessor = UnitChoice(label="原单位", queryset=Organisation.objects.none())
    successor = UnitChoice(label="承接单位", queryset=Organisation.objects.none())
    on = forms.DateField(label="生效日期", widget=forms.DateInput, help_text="原单位的存续到前一天为止。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("predecessor", "successor"):
            units = Organisation.objects.select_related("parent").order_by("path")
            self.fields[name].queryset = units  # type: ignore[attr-defined]


class MembershipForm(forms.Form):
    groups = (
        ("授予谁", ("user", "organisation", "role")),
        ("任职情况", ("section", "post", "certificate")),
        ("期限", ("valid_from", "valid_to")),
    )

    user = PersonChoice(label="用户", queryset=User.objects.none(), empty_label="请选择")
    organisation = UnitChoice(label="单位", queryset=Organisation.objects.none(), empty_label="请选择")
    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *Role.choices])
    section = forms.CharField(label="科室", max_length=60, required=False)
    post = forms.CharField(label="职务", max_length=60, required=False)
    certificate = forms.CharField(label="执法证号", max_length=40, required=False, help_text="授予执法人员时必填。")
    valid_from = forms.DateField(label="开始日期", required=False, widget=forms.DateInput, help_text="不填即从今天起。")
    valid_to = forms.DateField(label="结束日期", required=False, widget=forms.DateInput, help_text="不填即长期有效。")

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(pk=actor.pk)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = _units()  # type: ignore[attr-defined]


class DelegationForm(forms.Form):
    to = PersonChoice(label="代理人", queryset=User.objects.none(), empty_label="请选择")
    valid_from = forms.DateField(label="开始日期", widget=forms.DateInput)
    valid_to = forms.DateField(label="结束日期", widget=forms.DateInput)

    def __init__(self, *args: Any, membership: Membership, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(pk__in=[actor.pk, membership.user_id])
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
