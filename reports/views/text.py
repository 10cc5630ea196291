"""The text of a paper, paragraph by paragraph: read, copy, edit, add, remove, move."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import papers
from emergency.core.papers import outline
from emergency.organizations.scope import RolesMixin
from reports import queries, services
from reports.forms import ParagraphForm
from reports.models import Report
from reports.queries import Line, Written
from reports.sections import outlines
from reports.sections.writing import WORDS, Brief, faults, runs, spoken
from reports.services import DRAFTERS
from reports.views.desk import ReaderMixin, visible_report


class DrafterMixin(RolesMixin):
    """For those who draw up papers about the area of this one; the service asks again."""

    roles = DRAFTERS

    def report(self, request: HttpRequest, pk: int) -> Report:
        report = visible_report(request, pk)
        if not services.may_draft(request.user, report.area or report.issuer):
            raise PermissionDenied("本文书由拟稿单位修改。")
        return report


class ReportText(ReaderMixin, View):
    """逐段: every paragraph with what may be done with it; readers copy, drafters change."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = visible_report(request, pk)
        brief = queries.brief_of(report)
        shown = queries.written(queries.lines_of(report, brief), brief)
        context = {
            "report": report,
            "sections": sections_of(shown),
            "may_draft": services.may_draft(request.user, report.area or report.issuer),
            "edited": sum(one.line.edited for one in shown),
            "gaps": sum(len(one.gaps) for one in shown if not one.line.removed),
            "unlinked": sum(len(one.unlinked) for one in shown if not one.line.removed),
        }
        return render(request, "reports/text.html", context)


def sections_of(shown: list[Written]) -> list[dict[str, Any]]:
    """Sections with their printed heads and lines, empty ones too: an officer may add to each."""
    printed = [section for section, own in queries.by_section(shown) if section.level]
    heads = (papers.Heading(section.level, section.title) for section in printed)
    labels = {section.key: label for section, (label, _) in zip(printed, outline.numbered(tuple(heads)), strict=True)}
    return [
        {
            "section": section,
            "head": labels.get(section.key, "") + (section.title or "导语"),
            "lines": [one for one in shown if one.line.section.key == section.key],
        }
        for section in outlines.ANNUAL
    ]


class ParagraphView(DrafterMixin, View):
    """One paragraph in a plain text field, with picker and preview. Without script, preview and insertion are submits."""

    def get(self, request: HttpRequest, pk: int, section: str, key: str) -> HttpResponse:
        report = self.report(request, pk)
        brief = queries.brief_of(report)
        line = self.line(report, brief, section, key)
        form = paragraph_form(report, initial={"text": spoken(line.text), "version": line.version}, brief=brief)
        return self.page(request, report, brief, line, form)

    def post(self, request: HttpRequest, pk: int, section: str, key: str) -> HttpResponse:
        report = self.report(request, pk)
        brief = queries.brief_of(report)
        line = self.line(report, brief, section, key)
        form = paragraph_form(report, request.POST, brief=brief)
        if request.POST.get("do", "save") != "save" or not form.is_valid():
            return self.page(request, report, brief, line, form.with_picked(request.POST.get("do") == "insert"))
        try:
            services.paragraph_write(
                report=report,
                section=section,
                key=key,
                text=form.cleaned_data["text"],
                version=form.cleaned_data["version"],
                actor=request.user,
            )
        except services.Conflict as conflict:
            # The field keeps this officer's words; saving again answers to the version now shown beside it.
            form = form.against(conflict.row.version)
            return self.page(request, report, brief, line, form, status=409, conflict=conflict)
        except ValidationError as fault:
            form.add_error("text", fault)
            return self.page(request, report, brief, line, form, status=400)
        messages.success(request, "已保存。")
        return redirect(f"{reverse('reports:text', args=[pk])}#{line.name}")

    def line(self, report: Report, brief: Brief, section: str, key: str) -> Line:
        for line in queries.lines_of(report, brief):
            if (line.section.key, line.key) == (section, key):
                return line
        raise Http404

    def page(
        self,
        request: HttpRequest,
        report: Report,
        brief: Brief,
        line: Line,
        form: ParagraphForm,
        *,
        status: int = 200,
        conflict: services.Conflict | None = None,
    ) -> HttpResponse:
        context = {
            "title": f"修改段落（{line.section.title or '导语'}）",
            "report": report,
            "line": line,
            "portal_text": spoken(line.portal_text) if line.edited else "",
            "form": form,
            "conflict": conflict,
            "theirs": spoken(conflict.row.text) if conflict else "",
            "words": list(WORDS),
            **preview(form["text"].value() or "", brief),
        }
        return render(request, "reports/paragraph.html", context, status=status)


def paragraph_form(report: Report, data: Any = None, *, brief: Brief, **more: Any) -> ParagraphForm:
    return ParagraphForm(data, brief=brief, figures_url=reverse("reports:figures", args=[report.pk]), **more)


def preview(text: str, brief: Brief) -> dict[str, Any]:
    """What a typed text will look like: its paragraphs, what cannot be read in it, and numbers without a figure."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    brief.prepare(lines)
    names = queries.campaign_names(brief.area)
    paragraphs = [runs(line, brief, names=names) for line in lines]
    typed = [run.text for line in paragraphs for run in line if isinstance(run, papers.Unlinked)]
    return {
        "paragraphs": paragraphs,
        "faults": [fault for line in lines for fault in faults(line, brief)],
        "unlinked": list(dict.fromkeys(typed)),
    }


class ParagraphNew(DrafterMixin, View):
    """A paragraph or sub-heading of an officer's own, behind the one named by ``?after=``."""

    def get(self, request: HttpRequest, pk: int, section: str) -> HttpResponse:
        report = self.report(request, pk)
        return self.page(request, report, section, paragraph_form(report, brief=queries.brief_of(report)))

    def post(self, request: HttpRequest, pk: int, section: str) -> HttpResponse:
        report = self.report(request, pk)
        form = paragraph_form(report, request.POST, brief=queries.brief_of(report))
        if request.POST.get("do", "save") != "save" or not form.is_valid():
            return self.page(request, report, section, form.with_picked(request.POST.get("do") == "insert"))
        try:
            row = services.paragraph_add(
                report=report,
                section=section,
                after=request.GET.get("after", ""),
                heading="heading" in request.GET,
                text=form.cleaned_data["text"],
                actor=request.user,
            )
        except ValidationError as fault:
            form.add_error("text", fault)
            return self.page(request, report, section, form, status=400)
        messages.success(request, "已添加。")
        return redirect(f"{reverse('reports:text', args=[pk])}#{section}-{row.key}")

    def page(
        self, request: HttpRequest, report: Report, section: str, form: ParagraphForm, status: int = 200
    ) -> HttpResponse:
        try:
            place = outlines.section_of(section)
        except ValidationError:
            raise Http404 from None
        what = "小标题" if "heading" in request.GET else "段落"
        context = {
            "title": f"添加{what}（{place.title or '导语'}）",
            "report": report,
            "hint": place.hint,
            "words": list(WORDS),
            "form": form,
            **preview(form["text"].value() or "", form.brief),
        }
        return render(request, "reports/paragraph.html", context, status=status)


class ParagraphAct(DrafterMixin, View):
    """POST: 恢复系统文稿, 删除, 放回, 上移, 下移."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, section: str, key: str) -> HttpResponse:
        report = self.report(request, pk)
        try:
            self.act(request, report, section, key)
        except ValidationError as fault:
            messages.error(request, "；".join(fault.messages))
        return redirect(f"{reverse('reports:text', args=[pk])}#{section}-{key}")

    def act(self, request: HttpRequest, report: Report, section: str, key: str) -> None:
        action, version = request.POST.get("action", ""), request.POST.get("version", "")
        if action in ("up", "down"):
            services.paragraph_move(report=report, section=section, key=key, up=action == "up", actor=request.user)
            return
        acts = {
            "restore": (services.paragraph_restore, "已恢复系统文稿。"),
            "remove": (services.paragraph_remove, "已从文稿中删除，可以随时放回。"),
            "put_back": (services.paragraph_put_back, "已放回。"),
        }
        if action not in acts or not version.isdecimal():
            raise ValidationError("没有这种操作。")
        service, done = acts[action]
        service(report=report, section=section, key=key, version=int(version), actor=request.user)
        messages.success(request, done)


class ReportPreview(DrafterMixin, View):
    """POST, by htmx while typing: the words with their numbers, and what is wrong with them. Writes nothing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.report(request, pk)
        context = preview(request.POST.get("text", ""), queries.brief_of(report))
        return render(request, "reports/preview.html", context)


class ReportFigures(DrafterMixin, View):
    """The picker's figures: ``?q=`` → JSON."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.report(request, pk)
        return JsonResponse({"results": queries.figure_results(request.GET.get("q", ""))[:30]})
