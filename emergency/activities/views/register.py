"""The register: list, and the page of an activity."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from emergency.activities.filters import ActivityFilter
from emergency.activities.lifecycle import LIFECYCLE, keeps, may_edit
from emergency.activities.models import STATUS_TONES, Activity, Measure, Status
from emergency.activities.queries import may_register, numbers_of, numbers_text, sums_of
from emergency.core import attachments, lifecycle
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure, Page
from emergency.core.panels import panels_for
from emergency.enterprises.models import Enterprise
from emergency.figures import queries as figures
from emergency.organizations.scope import BUSINESS_ROLES, FILERS, RolesMixin, holds
from emergency.programmes.models import Programme
from hazards.lifecycle import BUREAU_HEADS

RELATED = ("handler", "area", "district", "category__parent", "enterprise", "industry", "created_by")


def days_of(record: Activity) -> str:
    """“2021-03-05”, “2021-03-05 至 2021-03-07”."""
    last = record.ended_on
    return f"{record.started_on}{f' 至 {last}' if last and last != record.started_on else ''}"


def _status(record: Activity) -> Cell:
    return Cell(record.get_status_display(), tone=STATUS_TONES[Status(record.status)])


def _title(record: Activity) -> Cell:
    return Cell(record.title if len(record.title) <= 40 else f"{record.title[:39]}…", title=record.title)


class ActivityList(RolesMixin, ListView):
    roles = BUSINESS_ROLES
    title = "工作纪实台账"
    queryset = Activity.objects.all()
    filterset = ActivityFilter
    order = "-started_on"
    related = ("handler", "category__parent")
    columns = (
        Column("number", "编号", lambda one: one.number, align="number", wide_only=True),
        Column("started_on", "日期", lambda one: one.started_on.isoformat(), align="date", sort="started_on"),
        Column("category", "类别", lambda one: Cell(one.category.name, title=one.category.path)),
        Column("title", "标题", _title, main=True),
        Column("handler", "开展单位", lambda one: str(one.handler)),
        Column("leader", "主持（带队）领导", lambda one: one.leader, wide_only=True),
        Column("numbers", "数量", numbers_text),
        Column("status", "状态", _status, align="tight"),
    )
    empty = Empty("这里列出会议、培训、宣传、督查、投入等日常工作。")

    def row_url(self, row: Activity) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("activities:export")}
        if holds(request.user, FILERS):
            links["import_url"] = reverse("activities:import")
        if may_register(request.user):
            links |= {"new_url": reverse("activities:new"), "new_label": "登记工作"}
        if holds(request.user, BUREAU_HEADS):
            links["actions"] = [{"label": "作废", "url": reverse("activities:void"), "tone": "grey"}]
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_register(request.user):
            return Empty(self.empty.text, "登记工作", reverse("activities:new"))
        return self.empty

    def narrowed(self, request: HttpRequest, opened: OpenedFigure | None = None) -> tuple[list[Any], Any]:
        self.shown = super().narrowed(request, opened)
        return self.shown

    def page(self, request: HttpRequest, opened: OpenedFigure | None = None, error: str = "") -> Page:
        """With the sums of the whole list at its foot where one category is chosen: numbers of different kinds do not add up."""
        page = super().page(request, opened, error)
        branches, filterset = self.shown
        category = filterset.chosen_category() if page.rows and page.foot is None else None
        if category is not None:
            anywhere = Q()
            for branch in branches:
                anywhere |= Q(pk__in=branch.order_by().values("pk"))
            page.foot = sums_of(category, Activity.objects.filter(anywhere))
        return page


class ActivityDetail(RolesMixin, View):
    roles = BUSINESS_ROLES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        record = get_object_or_404(Activity.objects.visible_to(user).select_related(*RELATED), pk=pk)
        files = list(attachments.for_owner(record))
        context = {
            "record": record,
            "head": {
                "number": record.number,
                "title": record.title,
                "kicker": f"{record.category.path} · {days_of(record)}",
                "status": {"label": record.get_status_display(), "tone": STATUS_TONES[Status(record.status)]},
            },
            "actions": self.actions(record, user),
            "facts": _facts(record, user),
            "events": lifecycle.events_of(record),
            "pictures": [one for one in files if one.content_type.startswith("image/")],
            "papers": [one for one in files if not one.content_type.startswith("image/")],
            "panels": panels_for("activities.activity", user, record),
        }
        return render(request, "activities/detail.html", context)

    def actions(self, record: Activity, user: Any) -> list[dict[str, Any]]:
        steps = [
            {
                "action": one.action,
                "label": one.label,
                "url": reverse("activities:act", args=[record.pk, one.action]),
                "tone": one.tone,
                "needs_form": one.needs_form,
            }
            for one in LIFECYCLE.allowed(record, user)
        ]
        more: list[tuple[str, str, str]] = []
        if may_edit(user, record):
            more.append(("edit", "修改" if record.status == Status.DRAFT else "更正", "blue"))
        if record.status == Status.DRAFT and keeps(user, record):
            more.append(("delete", "删除草稿", "grey"))
        pages = [
            {"action": name, "label": label, "url": reverse(f"activities:{name}", args=[record.pk]), "tone": tone}
            | {"needs_form": True}
            for name, label, tone in more
        ]
        return [
            *[one for one in steps if one["tone"] == "blue"],
            *pages,
            *[one for one in steps if one["tone"] != "blue"],
        ]


Item = dict[str, Any]


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> Item:
    if isinstance(value, dt.date):
        value = value.isoformat()
    return {"label": label, "value": value, "href": href, "whole": whole}


def _facts(record: Activity, user: Any) -> list[dict[str, Any]]:
    """The facts in groups; what is blank is left out."""
    leader = "".join(filter(None, [record.leader, f"（{record.leader_post}）" if record.leader_post else ""]))
    done = [
        _item("日期", days_of(record)),
        _item("类别", record.category.path),
        _item("开展单位", record.handler.name),
        _item("属地", str(record.area or "未填")),
        _item("主持（带队）领导", leader),
        _enterprise_item(record, user),
        _item("行业", record.industry.name if record.industry else ""),
        _item("文号", record.document_number),
        _item("文件状态", record.get_document_state_display()),
        _item("载体", record.medium),
        _item("级别", record.get_level_display()),
        _item("授予单位", record.granted_by),
        _item("位次", f"第{record.rank}位" if record.rank else ""),
        _item("创建进度", record.get_naming_display()),
        _item("主要内容", record.content, whole=True),
    ]
    # A free quantity of a category without its own word is shown under its plain name.
    numbers = [_item(_number_label(record, measure), text) for measure, text in numbers_of(record)]
    campaigns = Programme.objects.visible_to(user).filter(pk__in=record.campaigns.values("pk"))
    filed = [
        _item("专项行动", "、".join(one.name for one in campaigns)),
        _item("关联任务", record.related_task),
        _item("登记人", record.created_by.name),
        _item("原编号", record.original_number),
        _item("作废原因", record.void_reason, whole=True),
    ]
    groups = [("工作情况", done), ("数量", numbers), ("归类和登记", filed)]
    kept = [(title, [item for item in items if item["value"] not in (None, "")]) for title, items in groups]
    return [{"title": title, "items": items} for title, items in kept if items]


def _number_label(record: Activity, measure: Measure) -> str:
    return record.category.money_word or "金额" if measure == Measure.MONEY else str(measure.label)


def _enterprise_item(record: Activity, user: Any) -> Item:
    """The subject, with its page for those who may open it: a unit acts for firms elsewhere now and then."""
    enterprise = record.enterprise
    if enterprise is None:
        return _item("监管对象", "")
    seen = Enterprise.objects.visible_to(user).filter(pk=enterprise.pk).exists()
    return _item("监管对象", enterprise.name, reverse("enterprises:detail", args=[enterprise.pk]) if seen else "")
