"""Fields that the forms of this app, and of the apps above it, share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.urls import reverse

from emergency.enterprises.models import Enterprise

MOST_PHOTOS = 9
DATE = "%Y-%m-%d"


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"data-photos": True, "accept": "image/*", "data-most": MOST_PHOTOS, "multiple": True})


class PhotosField(forms.FileField):
    """Several photos in one field; the cleaned value is a list."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        files = [file for file in files if file]
        if not files:
            super().clean(None, initial)
        if len(files) > MOST_PHOTOS:
            raise ValidationError(f"最多上传{MOST_PHOTOS}张照片。")
        return [super(PhotosField, self).clean(file, initial) for file in files]


class DateField(forms.DateField):
    """A day as the browser's picker sends it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(format=DATE, attrs={"type": "date"}))
        super().__init__(**options)


class EnterpriseField(forms.ModelChoiceField):
    """Found by typing; the page itself carries only the one that is chosen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Enterprise.objects.none(), required=False, label="受检单位", **options)

    def offer(self, user: Any, chosen: Any) -> None:
        self.queryset = Enterprise.objects.live().visible_to(user)
        one = self.queryset.filter(pk=chosen).first() if str(chosen or "").isdecimal() else None
        self.widget.choices = [("", ""), *([(one.pk, one.name)] if one else [])]
        self.widget.attrs["data-picker-url"] = reverse("enterprises:autocomplete")


def show_faults(form: forms.Form, fault: ValidationError) -> None:
    """Put what a service refused to the fields where it belongs, the rest on top of the form.

    ``fault_names`` of a form says where its fields are named otherwise than in the life-cycle.
    """
    names: Mapping[str, str] = getattr(form, "fault_names", {})
    found: Mapping[str, Sequence[str]] = (
        fault.message_dict if hasattr(fault, "error_dict") else {NON_FIELD_ERRORS: fault.messages}
    )
    for name, messages in found.items():
        field = names.get(name, name)
        form.add_error(field if field in form.fields else None, list(messages))
