"""The register: list and the page of a visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from emergency.core import attachments, lifecycle
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.figures import queries as figures
from emergency.organizations.scope import FILERS, BusinessMixin, holds
from hazards.models import STATUS_TONES, Hazard, Status
from inspections.filters import VisitFilter
from inspections.models import EntryMode, PhotoKind, Result, Visit, VisitResult
from inspections.queries import may_register
from inspections.services import may_edit, may_void

RELATED = ("enterprise", "handler", "department", "industry", "area", "district", "checklist", "created_by")


def _found(visit: Any) -> Cell | str:
    """How many hazards, and how many of them still stand open; the row comes from ``with_outcome``."""
    if not visit.hazards_found:
        return "0"
    left = visit.hazards_found - (visit.hazards_closed or 0)
    return Cell(str(visit.hazards_found), small=f"未销号 {left}" if left else "已全部销号")


def _quantity(visit: Visit) -> str:
    return f"约{visit.quantity}" if visit.quantity_is_about else str(visit.quantity)


class VisitList(BusinessMixin, ListView):
    title = "检查台账"
    queryset = Visit.objects.live()
    filterset = VisitFilter
    order = "-visited_on"
    related = ("area", "handler")
    columns = (
        Column("number", "编号", lambda one: one.number, align="number", wide_only=True),
        Column("visited_on", "检查日期", lambda one: one.visited_on.isoformat(), align="date", sort="visited_on"),
        Column("kind", "检查类型", lambda one: one.get_kind_display()),
        Column("subject", "受检单位或地点", lambda one: one.subject, main=True),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column("handler", "实施单位", lambda one: str(one.handler)),
        Column("quantity", "家次", _quantity, align="right"),
        Column("found", "发现隐患", _found, align="right"),
        Column("officers", "检查人员", lambda one: one.officer_names, wide_only=True),
    )
    empty = Empty("这里列出检查记录。")

    def row_url(self, row: Visit) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("inspections:export")}
        if holds(request.user, FILERS):
            links["import_url"] = reverse("inspections:import")
        if may_register(request.user):
            links |= {"new_url": reverse("inspections:new"), "new_label": "登记检查"}
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_register(request.user):
            return Empty(self.empty.text, "登记检查", reverse("inspections:new"))
        return self.empty

    def _fetch(self, keys: list[tuple[Any, int]]) -> list[Visit]:
        rows = Visit.objects.with_outcome().select_related(*self.related).in_bulk([pk for _, pk in keys])
        return [rows[pk] for _, pk in keys if pk in rows]


class VisitDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        visit = get_object_or_404(Visit.objects.visible_to(user).select_related(*RELATED), pk=pk)
        files = list(attachments.for_owner(visit))
        context = {
            "visit": visit,
            "head": {
                "number": visit.number,
                "title": visit.subject,
                "kicker": f"{visit.get_kind_display()} · {visit.visited_on:%Y-%m-%d}",
                "status": {"label": "已作废", "tone": "grey"} if visit.void else None,
            },
            "actions": self.actions(visit, user),
            "facts": _facts(visit),
            "events": lifecycle.events_of(visit),
            "findings": _findings(visit, user),
            "results": _results(visit),
            "scene": [one for one in files if one.kind == PhotoKind.SCENE],
            "signatures": [one for one in files if one.kind == PhotoKind.SIGNATURE],
            "panels": panels_for("inspections.visit", user, visit),
        }
        return render(request, "inspections/detail.html", context)

    def actions(self, visit: Visit, user: Any) -> list[dict[str, Any]]:
        actions: list[tuple[str, str, str]] = []
        if visit.enterprise_id and may_register(user) and not visit.void:
            actions.append(("再次检查", f"{reverse('inspections:new')}?again={visit.pk}", "blue"))
        if may_edit(user, visit) and visit.entry_mode == EntryMode.ITEM:
            actions.append(("修改", reverse("inspections:edit", args=[visit.pk]), "blue"))
        if may_void(user, visit):
            actions.append(("作废", reverse("inspections:act", args=[visit.pk, "void"]), "grey"))
        return [
            {"action": label, "label": label, "url": url, "tone": tone, "needs_form": True}
            for label, url, tone in actions
        ]


def _findings(visit: Visit, user: Any) -> list[tuple[Hazard, str]]:
    """The hazards of the visit that the reader may see, with the tone of their status."""
    visible = Hazard.objects.visible_to(user).filter(pk__in=visit.findings.values("hazard")).order_by("pk")
    return [(one, STATUS_TONES[Status(one.status)]) for one in visible]


def _results(visit: Visit) -> dict[str, Any] | None:
    """The marks of the checklist: how many of each, and the lines that are no plain pass."""
    lines: list[VisitResult] = list(visit.results.all())
    if not lines:
        return None
    counts = [(label, sum(line.result == value for line in lines)) for value, label in Result.choices]
    return {
        "name": visit.checklist.name if visit.checklist else "检查表",
        "total": len(lines),
        "counts": counts,
        "lines": lines,
        "tones": {Result.PASS: "green", Result.PROBLEM: "red", Result.NOT_APPLICABLE: "grey"},
    }


Item = dict[str, Any]


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> Item:
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return {"label": label, "value": value, "href": href, "whole": whole}


def _given(*items: Item) -> list[Item]:
    return [item for item in items if item["value"] not in (None, "")]


def _facts(visit: Visit) -> list[dict[str, Any]]:
    """The facts in groups; a group of blanks is left out."""
    enterprise_url = reverse("enterprises:detail", args=[visit.enterprise_id]) if visit.enterprise_id else ""
    where = f"{visit.latitude}, {visit.longitude}" if visit.latitude is not None else ""
    accuracy = f"（误差约{visit.accuracy}米）" if where and visit.accuracy is not None else ""
    subject = [
        _item("受检单位", visit.enterprise.name if visit.enterprise else "", enterprise_url),
        _item("检查地点", visit.place),
        _item("属地", str(visit.area or "未填")),
        _item("行业", visit.industry.name if visit.industry else ""),
        _item("行业主管部门", visit.department.name if visit.department else ""),
        _item("定位", f"{where}{accuracy}"),
    ]
    conduct = [
        _item("检查类型", visit.get_kind_display()),
        _item("行政检查", "是" if visit.flags.administrative else "否"),
        _item("计入家次", "是" if visit.flags.counted else "否"),
        _item("实施单位", visit.handler.name),
        _item("检查日期", visit.visited_on.isoformat()),
        _item("开始时间", visit.started_at),
        _item("结束时间", visit.ended_at),
        _item("检查人员", visit.officer_names),
        _item("专项行动", "、".join(one.name for one in visit.campaigns.all())),
        _item("下达文书", f"{visit.papers} 份" if visit.papers else ""),
        _item("检查情况", visit.summary, whole=True),
        _item("签字人", visit.signed_by),
        _item("未签字原因", visit.unsigned_reason),
        _item("登记人", visit.created_by.name),
        _item("原编号", visit.original_number),
        _item("作废原因", visit.void_reason, whole=True),
    ]
    groups = [("受检对象", subject), ("检查情况", conduct)]
    if visit.entry_mode == EntryMode.BULK:
        groups.insert(1, ("汇总数", _bulk_facts(visit)))
    return [{"title": title, "items": _given(*items)} for title, items in groups]


def _bulk_facts(visit: Visit) -> list[Item]:
    return [
        _item("检查家次", _quantity(visit)),
        _item("派出检查组", visit.groups),
        _item("出动人次", visit.person_times),
        _item("发现隐患", visit.found),
        _item("其中重大", visit.major_found),
        _item("已整改", visit.rectified),
        _item("重大已整改", visit.major_rectified),
    ]
