"""Input of letters: shape and messages. What is allowed is decided by the tables, what is written by the services."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from emergency.core import clock
from emergency.enterprises.models import Enterprise
from emergency.enterprises.queries import areas_for
from emergency.letters.lifecycle import WRITERS
from emergency.letters.models import Kind, Letter, LetterAddressee, Verdict
from emergency.letters.services import issuers_for, units_for
from emergency.organizations.models import Organisation
from emergency.organizations.scope import reach

MOST_FILES = 9


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
            raise ValidationError(f"最多上传{MOST_FILES}个文件。")
        return [super(FilesField, self).clean(file, initial) for file in files]


def handlers_of(user: Any) -> list[Organisation]:
    """The offices for which the user writes letters."""
    units = {post.organisation.pk: post.organisation for post in reach(user).posts if post.role in WRITERS}
    return list(units.values())


class UnitChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


class LetterForm(forms.Form):
    """A draft. The addressees offered are those of the handler; who writes for several offices saves once to change them."""

    handler = forms.ModelChoiceField(label="承办单位", queryset=Organisation.objects.none(), empty_label=None)
    issuer = forms.ModelChoiceField(label="发文单位", queryset=Organisation.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label="种类", choices=Kind.choices, initial=Kind.SUPERVISION)
    subject = forms.CharField(
        label="事由", max_length=200, help_text="标题按“关于（事由）的督办函”自动生成，事由里不必写“关于”。"
    )
    units = UnitChoices(
        label="主送单位", queryset=Organisation.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    enterprises = forms.ModelMultipleChoiceField(
        label="主送监管对象", queryset=Enterprise.objects.none(), required=False, help_text="输入名称查找，可以选多个。"
    )
    area = forms.ModelChoiceField(
        label="属地",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="按主送单位的属地",
        help_text="事项所在的地方，统计按它归到街道（乡镇）。",
    )
    body = forms.CharField(
        label="正文", widget=forms.Textarea(attrs={"rows": 8}), required=False, help_text="一段一行。"
    )
    basis = forms.CharField(label="依据", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    issued_on = forms.DateField(label="发文日期", help_text="发出时可以再改。")
    due_on = forms.DateField(
        label="回复期限", required=False, help_text="印在文上的日期，发出后不能改。不要求回复的不填；通报不填。"
    )
    meeting_on = forms.DateField(label="约谈日期", required=False)
    meeting_place = forms.CharField(label="约谈地点", max_length=120, required=False)

    groups: tuple[tuple[str, list[str]], ...] = (
        ("发文", ["kind", "subject", "issuer", "handler"]),
        ("发给谁", ["units", "enterprises", "area"]),
        ("内容", ["body", "basis"]),
        ("日期", ["issued_on", "due_on"]),
        ("约谈（约谈通知书填写）", ["meeting_on", "meeting_place"]),
    )

    def __init__(self, *args: Any, user: Any, letter: Letter | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handlers = [letter.handler] if letter is not None else handlers_of(user)
        offered = [issuer for handler in handlers for issuer in issuers_for(handler)]
        reached = {pk for handler in handlers for pk in units_for(handler, clock.today()).values_list("pk", flat=True)}
        self._offer("handler", [one.pk for one in handlers])
        self._offer("issuer", [one.pk for one in offered])
        self._offer("units", reached)
        self._offer("area", areas_for(user).values("pk"))
        self.fields["issuer"].initial = offered[0].pk if offered else None
        self.fields["issued_on"].initial = clock.today
        if letter is not None:
            del self.fields["handler"]
        elif len(handlers) == 1:
            self.fields["handler"].widget = forms.HiddenInput()
            self.fields["handler"].initial = handlers[0].pk
            self.groups = (("发文", ["kind", "subject", "issuer"]), *LetterForm.groups[1:])
        self._offer_enterprises(user)

    def _offer(self, name: str, keys: Any) -> None:
        units = Organisation.objects.filter(pk__in=keys).order_by("path" if name == "area" else "order", "pk")
        self.fields[name].queryset = units  # type: ignore[attr-defined]

    def _offer_enterprises(self, user: Any) -> None:
        """Found by typing; the page carries only those that are chosen."""
        known = Enterprise.objects.live().visible_to(user)
        field: Any = self.fields["enterprises"]
        if self.is_bound:
            chosen = [key for key in self.data.getlist("enterprises") if key.isdecimal()]
        else:
            chosen = [str(getattr(one, "pk", one)) for one in self.initial.get("enterprises", [])]
        field.queryset = known
        field.widget.choices = [(one.pk, one.name) for one in known.filter(pk__in=chosen[:50])]
        field.widget.attrs["data-picker-url"] = reverse("enterprises:autocomplete")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("units") and not values.get("enterprises") and not self.errors:
            self.add_error("units", "请选择主送单位或监管对象。")
        return values


# ------------------------------------------------------------------------------------------------ steps


class StepForm(forms.Form):
    """What one step asks for; ``record`` is the letter or the addressee."""

    intro: ClassVar[str] = ""

    def __init__(self, *args: Any, record: Letter | LetterAddressee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record: Any = record

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "files"}


class SendForm(StepForm):
    intro = "发出后主送单位可以看到并回复，正文和回复期限不能再改。"
    signer = forms.CharField(label="签发人", max_length=60)
    issued_on = forms.DateField(label="发文日期")
    number = forms.CharField(
        label="文号",
        max_length=60,
        required=False,
        help_text="不填由系统按发文单位、种类和年份顺序编号；已有纸质文号的照填。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_on"].initial = self.record.issued_on
        self.fields["signer"].initial = self.record.signer


class MinutesForm(StepForm):
    meeting_on = forms.DateField(label="约谈日期")
    meeting_place = forms.CharField(label="约谈地点", max_length=120, required=False)
    minutes = forms.CharField(
        label="约谈纪要",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="参加人员、指出的问题、提出的要求、表态。一段一行。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].initial = getattr(self.record, name)


class CloseForm(StepForm):
    intro = "各单位的回复均已核查，确认办结。"


class ReasonForm(StepForm):
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(ReasonForm):
    intro = "还有单位没有回复或没有核查就不再办理的，写明理由，例如已转为约谈、已挂牌督办。"


class ReopenForm(ReasonForm):
    intro = "恢复办理后，已核查的回复退到待核查，重新作出结论。"


LETTER_FORMS: dict[str, type[StepForm]] = {
    "issue": SendForm,
    "announce": SendForm,
    "minutes": MinutesForm,
    "close": CloseForm,
    "end": EndForm,
    "reopen": ReopenForm,
    "void": ReasonForm,
}


class ReplyForm(StepForm):
    reply = forms.CharField(
        label="回复内容", widget=forms.Textarea(attrs={"rows": 6}), help_text="办理经过、结果和下一步措施。"
    )
    replied_on = forms.DateField(label="回复日期")
    files = FilesField(label="佐证材料", required=False, help_text="照片、扫描件或文档，最多9个。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply"].initial = self.record.reply
        self.fields["replied_on"].initial = clock.today


class VerifyForm(StepForm):
    verdict = forms.ChoiceField(label="核查结论", choices=Verdict.choices, widget=forms.RadioSelect)
    opinion = forms.CharField(
        label="核查意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReturnForm(StepForm):
    intro = "退回后由主送单位补充，原回复内容保留供修改。印在文上的回复期限不变。"
    opinion = forms.CharField(label="退回意见", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = forms.DateField(label="重报期限")


REPLY_FORMS: dict[str, type[StepForm]] = {
    "reply": ReplyForm,
    "verify": VerifyForm,
    "return": ReturnForm,
    "recheck": ReasonForm,
}
