"""The steps of a letter and of its answers as pages, and its printing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from emergency.core import attachments
from emergency.core.lifecycle import Lifecycle
from emergency.letters import documents
from emergency.letters.forms import LETTER_FORMS, REPLY_FORMS, StepForm
from emergency.letters.lifecycle import LIFECYCLE, REPLIES, is_writer
from emergency.letters.models import Letter, LetterAddressee, Status
from emergency.letters.services import letter_act, letter_print, reply_act
from emergency.letters.views.register import RELATED
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BusinessMixin


class Step(BusinessMixin, View):
    """One step: the form of what it needs, then the step itself."""

    lifecycle: Lifecycle
    forms: dict[str, type[StepForm]]

    def record(self, request: HttpRequest, pk: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say whose step it is")

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how the step is taken")

    def letter(self, record: Any) -> Letter:
        return record

    def context(self, record: Any) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return self.answer(request, pk, action, None)

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return self.answer(request, pk, action, request.POST)

    def answer(self, request: HttpRequest, pk: int, action: str, data: Any) -> HttpResponse:
        record = self.record(request, pk)
        if action not in self.forms:
            raise Http404
        letter = self.letter(record)
        if self.lifecycle.find(record.status, action) is None:
            messages.warning(request, "该事项已经办理，请查看最新情况。")
            return redirect(letter)
        if action not in {one.action for one in self.lifecycle.allowed(record, request.user)}:
            raise PermissionDenied
        form = self.forms[action](data, request.FILES if data is not None else None, record=record)
        if data is not None and form.is_valid():
            done = attempt(form, lambda: self.perform(request, pk, action, form))
            if done is not None:
                messages.success(request, "已办理。")
                return redirect(letter)
        return self.show(request, record, action, form)

    def show(self, request: HttpRequest, record: Any, action: str, form: StepForm) -> HttpResponse:
        transition = self.lifecycle.find(record.status, action)
        assert transition is not None
        letter = self.letter(record)
        context = {
            "letter": letter,
            "title": transition.label,
            "form": form,
            "intro": form.intro,
            "submit_label": f"确认{transition.label}",
            "cancel_url": letter.get_absolute_url(),
            **self.context(record),
        }
        return render(request, "letters/act.html", context, status=400 if form.is_bound else 200)


class LetterAct(Step):
    lifecycle = LIFECYCLE
    forms = LETTER_FORMS

    def record(self, request: HttpRequest, pk: int) -> Letter:
        return get_object_or_404(Letter.objects.visible_to(request.user).select_related(*RELATED), pk=pk)

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> Letter:
        return letter_act(
            queryset=Letter.objects.visible_to(request.user),
            pk=pk,
            action=action,
            actor=request.user,
            data=form.values(),
        )


class ReplyAct(Step):
    """Only an answer that the reader may read can be found; after the letter's end nothing is answered."""

    lifecycle = REPLIES
    forms = REPLY_FORMS

    def record(self, request: HttpRequest, pk: int) -> LetterAddressee:
        rows = LetterAddressee.objects.visible_to(request.user)
        return get_object_or_404(rows.select_related("letter__handler", "organisation", "enterprise"), pk=pk)

    def letter(self, record: LetterAddressee) -> Letter:
        return record.letter

    def context(self, record: LetterAddressee) -> dict[str, Any]:
        return {"row": record, "files": attachments.for_owner(record)}

    def perform(self, request: HttpRequest, pk: int, action: str, form: StepForm) -> LetterAddressee:
        return reply_act(
            queryset=LetterAddressee.objects.visible_to(request.user),
            pk=pk,
            action=action,
            actor=request.user,
            data=form.values(),
            files=form.cleaned_data.get("files") or [],
        )


class LetterPrint(BusinessMixin, View):
    """POST: have the letter printed as PDF or Word; the reader is led to the progress page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        letter = get_object_or_404(Letter.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
        if letter.status == Status.DRAFT and not is_writer(request.user, letter):
            raise PermissionDenied
        try:
            job = letter_print(
                letter=letter,
                part=request.POST.get("part", documents.LETTER),
                form=request.POST.get("form", ""),
                actor=request.user,
            )
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
            return redirect(letter)
        return redirect("core:job", pk=job.pk)
