"""The register of letters: list, draft, and a letter's page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, clock, papers
from emergency.core.lifecycle import Event, events_of
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.letters import documents
from emergency.letters.filters import LetterFilter
from emergency.letters.forms import LetterForm
from emergency.letters.lifecycle import LIFECYCLE, REPLIES, WRITERS, is_writer
from emergency.letters.models import REPLY_TONES, Letter, LetterAddressee, ReplyStatus, Status
from emergency.letters.queries import matters_named, matters_shown
from emergency.letters.services import letter_delete, letter_draft, letter_edit
from emergency.organizations.forms import attempt
from emergency.organizations.scope import BusinessMixin, RolesMixin, holds

RELATED = ("issuer", "handler", "area", "street", "district", "created_by")


def _progress(letter: Letter) -> Cell:
    label, tone = letter.progress
    return Cell(label, tone=tone, small=f"{letter.replied}/{letter.owed}" if letter.owed > 1 else "")


def _due(letter: Letter) -> Cell | str:
    """The printed day, in red with its days once it has gone by without all replies."""
    if letter.due_on is None:
        return ""
    late = (clock.today() - letter.due_on).days
    if late > 0 and letter.status == Status.ISSUED and letter.replied_on is None:
        return Cell(f"逾期 {late} 天", tone="red", small=letter.due_on.isoformat())
    return letter.due_on.isoformat()


class LetterList(BusinessMixin, ListView):
    title = "督办文书"
    queryset: QuerySet = Letter.objects.all()
    filterset = LetterFilter
    order = "-issued_on"
    related = ("issuer", "area")
    columns = (
        Column("number", "文号", lambda one: one.number or "未编号", align="number"),
        Column("issued_on", "发文日期", lambda one: one.issued_on.isoformat(), align="date", sort="issued_on"),
        Column("subject", "事由", lambda one: Cell(_short(one.subject, 36), title=one.subject), main=True),
        Column("kind", "种类", lambda one: one.get_kind_display(), align="tight"),
        Column("addressed_to", "主送", lambda one: Cell(_short(one.addressed_to, 20), title=one.addressed_to)),
        Column("issuer", "发文单位", lambda one: str(one.issuer), wide_only=True),
        Column("status", "状态", _progress, align="tight"),
        Column("due_on", "回复期限", _due, align="date"),
    )
    empty = Empty("这里列出安全提醒、提示函、交办函、督办函、警示函、约谈和通报，以及各单位的回复情况。")

    def row_url(self, row: Letter) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("letters:export")}
        if holds(request.user, WRITERS):
            links |= {"import_url": reverse("letters:import")}
            links |= {"new_url": reverse("letters:new"), "new_label": "拟稿"}
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if holds(request.user, WRITERS):
            return Empty(self.empty.text, "拟稿", reverse("letters:new"))
        return self.empty


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ------------------------------------------------------------------------------------------------ drafts


class LetterNew(RolesMixin, View):
    """拟稿; ``?about=hazards.hazard:12`` brings along the record that it is about, ``?enterprise=`` and ``?kind=`` its head."""

    roles = WRITERS

    def get(self, request: HttpRequest) -> HttpResponse:
        initial: dict[str, Any] = {}
        if (kind := request.GET.get("kind", "")) in dict(LetterForm.base_fields["kind"].choices):  # type: ignore[attr-defined]
            initial["kind"] = kind
        if (firm := request.GET.get("enterprise", "")).isdecimal() and len(firm) < 19:
            initial["enterprises"] = [firm]
        return self.show(request, LetterForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LetterForm(request.POST, user=request.user)
        about = [record for name in request.GET.getlist("about")[:50] for record in matters_named(request.user, name)]
        if form.is_valid():
            letter = attempt(form, lambda: letter_draft(actor=request.user, about=about, **form.cleaned_data))
            if letter is not None:
                messages.success(request, "草稿已保存，核对后点“发出”或“印发”。")
                return redirect(letter)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: LetterForm) -> HttpResponse:
        about = [
            str(record) for name in request.GET.getlist("about")[:50] for record in matters_named(request.user, name)
        ]
        context = {
            "title": "督办文书拟稿",
            "intro": f"涉及：{'；'.join(about)}" if about else "",
            "form": form,
            "submit_label": "保存草稿",
            "cancel_url": reverse("letters:list"),
            "draft": "letter-new",
        }
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


def _draft(request: HttpRequest, pk: int) -> Letter:
    letter = get_object_or_404(Letter.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
    if letter.status != Status.DRAFT or not is_writer(request.user, letter):
        raise PermissionDenied
    return letter


class LetterEdit(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        letter = _draft(request, pk)
        rows = list(letter.addressees.all())
        initial = {name: getattr(letter, name) for name in LetterForm.base_fields if hasattr(letter, name)}
        initial |= {
            "issuer": letter.issuer_id,
            "area": letter.area_id,
            "units": [row.organisation_id for row in rows if row.organisation_id],
            "enterprises": [row.enterprise_id for row in rows if row.enterprise_id],
        }
        return self.show(request, letter, LetterForm(user=request.user, letter=letter, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        letter = _draft(request, pk)
        form = LetterForm(request.POST, user=request.user, letter=letter)
        if form.is_valid() and attempt(
            form, lambda: letter_edit(letter=letter, actor=request.user, **form.cleaned_data)
        ):
            messages.success(request, "草稿已保存。")
            return redirect(letter)
        return self.show(request, letter, form)

    def show(self, request: HttpRequest, letter: Letter, form: LetterForm) -> HttpResponse:
        context = {"title": "修改草稿", "form": form, "cancel_url": letter.get_absolute_url()}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class LetterDelete(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        letter = _draft(request, pk)
        context = {
            "title": "删除草稿",
            "question": f"删除草稿“{documents.title_of(letter)}”。",
            "submit_label": "删除",
            "tone": "red",
            "cancel_url": letter.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        letter_delete(letter=_draft(request, pk), actor=request.user)
        messages.success(request, "草稿已删除。")
        return redirect("letters:list")


# ------------------------------------------------------------------------------------------------ the page of a letter


class LetterDetail(BusinessMixin, View):
    """What it says, how far each addressee is, and what happened; an addressee sees its own answer only."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        letter = get_object_or_404(Letter.objects.visible_to(user).select_related(*RELATED), pk=pk)
        readable = LetterAddressee.objects.filter(letter=letter).visible_to(user)
        answers = list(readable.select_related("letter__handler", "organisation", "replied_by", "verified_by"))
        label, tone = letter.progress
        context = {
            "letter": letter,
            "head": {
                "number": letter.number,
                "title": documents.title_of(letter),
                "kicker": f"{letter.get_kind_display()} · {letter.issuer}",
                "status": {"label": label, "tone": tone},
                "due": None if letter.status == Status.VOID else letter.due_on,
                "due_done": letter.status != Status.ISSUED or letter.replied_on is not None,
            },
            "actions": _actions(letter, user),
            "facts": _facts(letter),
            "matters": matters_shown(user, letter),
            "answers": _answers(letter, answers, user),
            "others": _others(letter, answers),
            "events": _timeline(letter, answers),
            "paper": papers.render_html(documents.compose(letter)),
            "parts": [
                (part, "约谈纪要" if part == documents.MINUTES else "文书") for part in documents.parts_of(letter)
            ],
            "files": list(attachments.for_owner(letter).order_by("-id")[:10]),
            "forms": [("pdf", "PDF"), ("docx", "Word")],
            "may_print": is_writer(user, letter) or letter.status != Status.DRAFT,
            "panels": panels_for("letters.letter", user, letter),
        }
        return render(request, "letters/detail.html", context)


def _actions(letter: Letter, user: Any) -> list[dict[str, Any]]:
    steps = [one for one in LIFECYCLE.allowed(letter, user) if one.action != "close"]  # the last check closes it
    actions: list[dict[str, Any]] = [
        {"action": one.action, "label": one.label, "tone": one.tone, "needs_form": True,
         "url": reverse("letters:act", args=[letter.pk, one.action])}
        for one in steps
    ]  # fmt: skip
    if letter.status == Status.DRAFT and is_writer(user, letter):
        for name, label, tone in (("edit", "修改", "blue"), ("delete", "删除草稿", "grey")):
            url = reverse(f"letters:{name}", args=[letter.pk])
            actions.append({"action": name, "label": label, "tone": tone, "needs_form": True, "url": url})
    return actions


def _answers(letter: Letter, rows: list[LetterAddressee], user: Any) -> list[dict[str, Any]]:
    """The addressees whose answers the reader may read, each with its files and the steps that are the reader's."""
    files = attachments.for_owners(rows)
    found = []
    for row in rows:
        steps = REPLIES.allowed(row, user) if letter.status == Status.ISSUED else []
        late = row.status == ReplyStatus.WAITING and row.due_on is not None and row.due_on < clock.today()
        found.append(
            {
                "row": row,
                "tone": "red" if late and letter.status == Status.ISSUED else REPLY_TONES[ReplyStatus(row.status)],
                "sent_back": row.status == ReplyStatus.WAITING and bool(row.opinion),
                "files": files[row.pk],
                "actions": [
                    {"label": one.label, "tone": one.tone, "url": reverse("letters:reply", args=[row.pk, one.action])}
                    for one in steps
                ],
            }
        )
    return found


def _others(letter: Letter, rows: list[LetterAddressee]) -> str:
    """The other addressees by name, whose answers are not this reader's."""
    known = {row.pk for row in rows}
    return "、".join(one.name for one in letter.addressees.all() if one.pk not in known)


def _timeline(letter: Letter, rows: list[LetterAddressee]) -> list[Event]:
    """The letter's own events with those of the answers that the reader may read, in the order in which they happened."""
    names = {row.pk: row.name for row in rows}
    answers = Event.objects.filter(target_type=LetterAddressee._meta.label_lower, target_id__in=names)
    events = [*events_of(letter), *answers]
    for event in events:
        if event.target_type == LetterAddressee._meta.label_lower and len(names) > 1:
            event.label = f"{event.label}：{names[event.target_id]}"
    return sorted(events, key=lambda event: (event.at, event.pk))


def _item(label: str, value: Any, *, whole: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value.isoformat() if isinstance(value, dt.date) else value, "whole": whole}


def _facts(letter: Letter) -> list[dict[str, Any]]:
    items = [
        _item("事由", letter.subject, whole=True),
        _item("主送", letter.addressed_to, whole=True),
        _item("发文单位", letter.issuer.name),
        _item("承办单位", letter.handler.name),
        _item("属地", str(letter.area or "未填")),
        _item("发文日期", letter.issued_on),
        _item("签发人", letter.signer),
        _item("回复期限", letter.due_on or "不要求回复"),
        _item("全部回复日期", letter.replied_on),
        _item("办结日期", letter.closed_on),
        _item("约谈日期", letter.meeting_on),
        _item("约谈地点", letter.meeting_place),
        _item("依据", letter.basis, whole=True),
        _item("约谈纪要", letter.minutes, whole=True),
        _item("终结原因", letter.closing_note, whole=True),
        _item("作废原因", letter.void_reason, whole=True),
    ]
    return [{"title": "基本情况", "items": [item for item in items if item["value"] not in (None, "")]}]
