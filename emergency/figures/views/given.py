"""填报数据: the list, an entry's page, entering, correcting and voiding."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from emergency.core import clock
from emergency.core.lifecycle import events_of
from emergency.core.listing import Cell, Column, Empty, ListView
from emergency.figures import vocabulary
from emergency.figures.filters import GivenFilter
from emergency.figures.forms import CorrectionForm, GivenForm
from emergency.figures.models import GivenValue
from emergency.figures.queries.breakdowns import row_words
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.services import ENTERERS, given_correct, given_enter, given_prepare, given_void, may_enter
from emergency.figures.services.given import span
from emergency.organizations.forms import ReasonForm, attempt
from emergency.organizations.models import Organisation
from emergency.organizations.queries import units_within
from emergency.organizations.scope import BUSINESS_ROLES, RolesMixin, holds
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport


def _state(one: GivenValue) -> Cell:
    return Cell("已作废", "grey", title=one.void_reason) if one.void else Cell("有效", "green")


class GivenList(RolesMixin, ListView):
    """Every office with posts reads those of its area; an enterprise has none."""

    roles = BUSINESS_ROLES
    title = "填报数据"
    queryset: QuerySet = GivenValue.objects.all()
    filterset = GivenFilter
    order = "-id"
    related = ("area__parent",)
    columns = (
        Column("figure", "指标", lambda one: one.name, main=True),
        Column("area", "属地", lambda one: str(one.area)),
        Column("period", "时段", lambda one: one.period.label(with_year=True)),
        Column("value", "数值", lambda one: one.text, align="right"),
        Column("source_unit", "来源单位", lambda one: one.source_unit),
        Column("document", "依据文件", lambda one: one.document, wide_only=True),
        Column("state", "状态", _state),
    )

    def row_url(self, row: GivenValue) -> str:
        return reverse("figures:given_detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        found = {"export_url": reverse("figures:given_export")}
        if holds(request.user, ENTERERS):
            found |= {
                "new_url": reverse("figures:given_new"),
                "new_label": "填报",
                "import_url": reverse("figures:given_import"),
            }
        return found

    def get_empty(self, request: HttpRequest) -> Empty:
        text = "这里是其他部门提供的数，和台账启用以前各年的数，每个数都有来源。同比、连续下降要用到上年的数。"
        if holds(request.user, ENTERERS):
            return Empty(text, "填报数据", reverse("figures:given_new"))
        return Empty(text)


class GivenImport(LedgerImport):
    kind, roles, default_keys = "given_figures", ENTERERS, ("area", "source_unit", "document")


class GivenExport(RolesMixin, LedgerExport):
    kind, listing, roles = "given_figures", GivenList, BUSINESS_ROLES


def _find(request: HttpRequest, pk: int) -> GivenValue:
    visible = GivenValue.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("area__parent", "district", "created_by"), pk=pk)


def _standing(one: GivenValue) -> str:
    """Whether the number is used: after 启用日期 the records speak instead."""
    figure = one.figure
    assert one.area is not None
    if one.void:
        return f"已作废：{one.void_reason}"
    if isinstance(figure, vocabulary.Counted) and LedgerStarts.of(one.area).covers(figure.source, one.period):
        return f"该时段“{figure.source.label}”已启用，以台账记录为准，这个数不参与统计。"
    return "用于统计。"


class GivenDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = _find(request, pk)
        actions = []
        if not one.void and may_enter(request.user, one.area):
            edit, void = (reverse(f"figures:given_{name}", args=[pk]) for name in ("edit", "void"))
            actions = [
                {"action": "edit", "label": "更正", "tone": "blue", "url": edit, "needs_form": True},
                {"action": "void", "label": "作废", "tone": "grey", "url": void, "needs_form": True},
            ]
        status = {"label": "已作废", "tone": "grey"} if one.void else {"label": "有效", "tone": "green"}
        context = {
            "head": {"title": str(one), "kicker": "填报数据", "status": status},
            "actions": actions,
            "facts": self._facts(one),
            "events": events_of(one),
        }
        return render(request, "figures/given_detail.html", context)

    def _facts(self, one: GivenValue) -> list[dict[str, Any]]:
        figure = one.figure
        rows = [
            ("数值", one.text, False),
            ("指标", one.name, False),
            ("属地", one.area, False),
            ("时段", f"{one.start.isoformat()} 至 {one.end.isoformat()}", False),
            ("分组", row_words(figure, one.dimension, one.key) or "整体", False),
            ("来源单位", one.source_unit, False),
            ("依据文件", one.document, False),
            ("填报", f"{timezone.localtime(one.created_at):%Y-%m-%d %H:%M} {one.created_by}", False),
            ("使用情况", _standing(one), True),
            ("口径", figure.meaning if figure else "该指标已停用。", True),
        ]
        return [{"title": "", "items": [{"label": a, "value": b, "whole": c} for a, b, c in rows]}]


class Entering(RolesMixin, View):
    """Doors of the forms; the unit is asked again when saving."""

    roles = ENTERERS


def _areas(user: Any) -> QuerySet[Organisation]:
    return units_within(user).areas().in_force(clock.today()).select_related("parent").order_by("path")


class GivenNew(Entering):
    def get(self, request: HttpRequest) -> HttpResponse:
        names = ("figure_code", "area", "start", "end")
        initial = {name: request.GET[name] for name in names if name in request.GET}
        return self._page(request, GivenForm(initial=initial, areas=_areas(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = GivenForm(request.POST, areas=_areas(request.user))
        if form.is_valid():
            made = attempt(form, lambda: self._enter(request, dict(form.cleaned_data)))
            if made is not None:
                messages.success(request, "已填报。")
                return redirect("figures:given_detail", pk=made.pk)
        return self._page(request, form)

    def _enter(self, request: HttpRequest, data: dict[str, Any]) -> GivenValue:
        figure = vocabulary.get(data.pop("figure_code"))
        period = span(data.pop("start"), data.pop("end"))
        return given_enter(given=given_prepare(figure=figure, period=period, **data), actor=request.user)

    def _page(self, request: HttpRequest, form: GivenForm) -> HttpResponse:
        context = {
            "title": "填报数据",
            "intro": "台账启用以后，已有记录的指标以台账为准，填报的数不参与统计；启用以前和其他部门的数在这里填。",
            "form": form,
            "submit_label": "填报",
            "cancel_url": reverse("figures:given_list"),
        }
        return render(request, "core/form.html", context)


class GivenEdit(Entering):
    """更正: the number and its source. Another unit, period or figure is another entry."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._find(request, pk)
        initial = {
            "value": vocabulary.plain(one.number),
            "measure": one.figure.unit if one.figure else "",
            "approximate": one.approximate,
            "source_unit": one.source_unit,
            "document": one.document,
        }
        return self._page(request, one, CorrectionForm(initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._find(request, pk)
        form = CorrectionForm(request.POST)
        if form.is_valid():
            done = attempt(form, lambda: given_correct(given=one, actor=request.user, **form.cleaned_data))
            if done is not None:
                messages.success(request, "已更正。")
                return redirect("figures:given_detail", pk=pk)
        return self._page(request, one, form)

    def _find(self, request: HttpRequest, pk: int) -> GivenValue:
        one = _find(request, pk)
        if not may_enter(request.user, one.area):
            raise PermissionDenied
        return one

    def _page(self, request: HttpRequest, one: GivenValue, form: CorrectionForm) -> HttpResponse:
        intro = f"{one}，现为{one.text}。单位、时段或指标填错的，请作废后重新填报。"
        cancel = reverse("figures:given_detail", args=[one.pk])
        return render(request, "core/form.html", {"title": "更正", "intro": intro, "form": form, "cancel_url": cancel})


class GivenVoid(GivenEdit):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, self._find(request, pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._find(request, pk)
        form = ReasonForm(request.POST)
        if form.is_valid():
            done = attempt(form, lambda: given_void(given=one, actor=request.user, **form.cleaned_data))
            if done is not None:
                messages.success(request, "已作废。")
                return redirect("figures:given_detail", pk=pk)
        return self._ask(request, one, form)

    def _ask(self, request: HttpRequest, one: GivenValue, form: ReasonForm) -> HttpResponse:
        context = {
            "title": "作废填报数据",
            "question": f"{one}：{one.text}。作废后不再参与统计，可以重新填报。",
            "form": form,
            "submit_label": "作废",
            "cancel_url": reverse("figures:given_detail", args=[one.pk]),
        }
        return render(request, "core/confirm.html", context)
