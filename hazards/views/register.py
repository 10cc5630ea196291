"""The register: list, new, draft, and the page of a hazard."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core import attachments, clock, lifecycle
from emergency.core.attachments.models import Attachment
from emergency.core.listing import Cell, Column, Empty, ListView, OpenedFigure
from emergency.core.panels import panels_for
from emergency.enterprises.models import Enterprise
from emergency.figures import queries as figures
from emergency.organizations.scope import FILERS, BusinessMixin, enterprise_user, holds, reach
from hazards.filters import HazardFilter
from hazards.forms import HazardForm, OwnCheckForm, show_faults
from hazards.lifecycle import BUREAU_HEADS, LIFECYCLE, is_handlers_officer, may_register, may_split
from hazards.models import OPEN_STATUSES, STATUS_TONES, EntryMode, Hazard, PhotoKind, Source, Status
from hazards.services import hazard_delete, hazard_edit, hazard_open
from hazards.services.opening import EDITABLE

_RELATED = ("enterprise", "handler", "department", "industry", "area", "street", "district", "found_by", "created_by")


def _description(record: Hazard) -> Cell:
    text = record.description if len(record.description) <= 40 else f"{record.description[:39]}…"
    return Cell(text, title=record.description)


def _status(record: Hazard) -> Cell:
    return Cell(record.get_status_display(), tone=STATUS_TONES[Status(record.status)])


def _due(record: Hazard) -> Cell | str:
    """The clock that runs, in red with its days once it has run out."""
    due_on = record.next_due_on
    if due_on is None or record.status not in OPEN_STATUSES:
        return due_on.isoformat() if due_on and record.status != Status.VOID else ""
    late = (clock.today() - due_on).days
    if late > 0:
        return Cell(f"逾期 {late} 天", tone="red", small=due_on.isoformat())
    return Cell(due_on.isoformat(), small="复查期限" if record.status == Status.REVIEW else "")


def _quantity(record: Hazard) -> str:
    return f"（{record.quantity}条）" if record.entry_mode == EntryMode.COUNT else ""


class HazardList(BusinessMixin, ListView):
    title = "隐患台账"
    queryset = Hazard.objects.all()
    filterset = HazardFilter
    order = "-found_on"
    related = ("area", "handler")
    columns = (
        Column("number", "编号", lambda one: one.number, align="number"),
        Column("found_on", "发现日期", lambda one: one.found_on.isoformat(), align="date", sort="found_on"),
        Column("subject", "单位或地点", lambda one: one.subject_name, main=True),
        Column(
            "description",
            "隐患描述",
            lambda one: Cell(f"{_description(one).text}{_quantity(one)}", title=one.description),
        ),
        Column("grade", "等级", lambda one: Cell("重大", tone="red") if one.is_major else "一般", align="tight"),
        Column("area", "属地", lambda one: str(one.area or "未填")),
        Column("handler", "承办单位", lambda one: str(one.handler), wide_only=True),
        Column("status", "状态", _status, align="tight"),
        Column("due_on", "整改期限", _due, align="date"),
    )
    empty = Empty("这里列出发现的隐患和整改情况。")

    def row_url(self, row: Hazard) -> str:
        return row.get_absolute_url()

    def links(self, request: HttpRequest) -> dict[str, Any]:
        links: dict[str, Any] = {"export_url": reverse("hazards:export")}
        if holds(request.user, FILERS):
            links["import_url"] = reverse("hazards:import")
        if may_register(request.user):
            links |= {"new_url": reverse("hazards:new"), "new_label": "登记隐患"}
        if holds(request.user, BUREAU_HEADS):
            links["actions"] = [{"label": "作废", "url": reverse("hazards:void"), "tone": "grey"}]
        return links

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        return figures.opened(request.GET, reader=request.user)

    def get_empty(self, request: HttpRequest) -> Empty:
        if may_register(request.user):
            return Empty(self.empty.text, "登记隐患", reverse("hazards:new"))
        return self.empty


class HazardNew(BusinessMixin, View):
    """登记隐患, for officers; 企业自查, for an enterprise's own user."""

    def form(self, request: HttpRequest, data: Any = None, files: Any = None) -> HazardForm | OwnCheckForm:
        if holds(request.user, FILERS):
            initial = {"enterprise": request.GET.get("enterprise", "")}
            return HazardForm(data, files, user=request.user, initial=initial)
        if enterprise_user(request.user):
            return OwnCheckForm(data, files, user=request.user)
        raise PermissionDenied

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, self.form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request, request.POST, request.FILES)
        if form.is_valid():
            draft = request.POST.get("save") == "draft" and isinstance(form, HazardForm)
            try:
                record = hazard_open(actor=request.user, draft=draft, **form.values())
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, f"已登记，编号 {record.number}，{record.get_status_display()}。")
                return redirect(record)
        return self.show(request, form)

    def show(self, request: HttpRequest, form: Any) -> HttpResponse:
        officer = isinstance(form, HazardForm)
        context = {
            "title": "登记隐患" if officer else "登记自查隐患",
            "form": form,
            "officer": officer,
            "submit_label": "登记并下达整改" if officer else "登记",
            "cancel_url": reverse("hazards:list"),
            "draft": "hazard-new",
        }
        return render(request, "hazards/new.html", context, status=400 if form.is_bound else 200)


class DraftForm(HazardForm):
    """What may still be changed of a draft."""

    groups = HazardForm.groups[:4]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(EDITABLE) - {"area", "photos"}:
            del self.fields[name]


def _draft(request: HttpRequest, pk: int) -> Hazard:
    record = get_object_or_404(Hazard.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)
    if record.status != Status.DRAFT or not is_handlers_officer(request.user, record):
        raise PermissionDenied
    return record


class HazardEdit(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = _draft(request, pk)
        initial = {name: getattr(record, name) for name in EDITABLE} | {"area": record.area_id}
        return self.show(request, record, DraftForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = _draft(request, pk)
        form = DraftForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            changes = form.cleaned_data
            photos = changes.pop("photos", [])
            try:
                hazard_edit(record=record, actor=request.user, photos=photos, **changes)
            except ValidationError as fault:
                show_faults(form, fault)
            else:
                messages.success(request, "草稿已保存。")
                return redirect(record)
        return self.show(request, record, form)

    def show(self, request: HttpRequest, record: Hazard, form: DraftForm) -> HttpResponse:
        context = {"title": f"修改草稿 {record.number}", "form": form, "cancel_url": record.get_absolute_url()}
        return render(request, "core/form.html", context, status=400 if form.is_bound else 200)


class HazardDelete(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = _draft(request, pk)
        context = {
            "title": "删除草稿",
            "question": f"删除草稿 {record.number}（{record.subject_name}）。编号不再使用。",
            "submit_label": "删除",
            "tone": "red",
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "core/confirm.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        record = _draft(request, pk)
        hazard_delete(record=record, actor=request.user)
        messages.success(request, f"草稿 {record.number} 已删除。")
        return redirect("hazards:list")


# ------------------------------------------------------------------------------------------------ the page of a hazard


class HazardDetail(BusinessMixin, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = request.user
        record = get_object_or_404(Hazard.objects.visible_to(user).select_related(*_RELATED), pk=pk)
        photos: dict[str, list[Attachment]] = defaultdict(list)
        for one in attachments.for_owner(record):
            photos[one.kind].append(one)
        final = record.status in (Status.CLOSED, Status.VOID)
        context = {
            "record": record,
            "head": {
                "number": record.number,
                "title": record.subject_name,
                "kicker": f"{record.get_grade_display()}隐患 · {record.get_source_display()}",
                "status": {"label": record.get_status_display(), "tone": STATUS_TONES[Status(record.status)]},
                "due": None if record.status == Status.VOID else record.next_due_on,
                "due_done": final,
            },
            "actions": self.actions(record, user),
            "facts": _facts(record, internal=bool(reach(user).posts)),
            "events": _timeline(record, [one for kind in photos.values() for one in kind]),
            "before_photos": photos[PhotoKind.BEFORE],
            "after_photos": photos[PhotoKind.AFTER] + photos[PhotoKind.REVIEW],
            "panels": panels_for("hazards.hazard", user, record),
        }
        return render(request, "hazards/detail.html", context)

    def actions(self, record: Hazard, user: Any) -> list[dict[str, Any]]:
        actions = [
            {
                "action": one.action,
                "label": one.label,
                "tone": one.tone,
                "url": reverse("hazards:act", args=[record.pk, one.action]),
                "needs_form": True,
            }
            for one in LIFECYCLE.allowed(record, user)
        ]
        more: list[tuple[str, str, str]] = []
        if record.status == Status.DRAFT and is_handlers_officer(user, record):
            more = [("edit", "修改", "blue"), ("delete", "删除草稿", "grey")]
        elif may_split(user, record):
            more = [("split", "拆分", "amber")]
        for name, label, tone in more:
            url = reverse(f"hazards:{name}", args=[record.pk])
            actions.append({"action": name, "label": label, "tone": tone, "url": url, "needs_form": True})
        return actions


def _timeline(record: Hazard, photos: list[Attachment]) -> list[lifecycle.Event]:
    """The events with the photos that each brought along."""
    by_key = {one.pk: one for one in photos}
    events = list(lifecycle.events_of(record))
    for event in events:
        keys = event.data.get("photos", [])
        event.photos = [by_key[key] for key in keys if key in by_key]  # type: ignore[attr-defined]  # for the template
    return events


Item = dict[str, Any]


def _item(label: str, value: Any, href: str = "", *, whole: bool = False) -> Item:
    if isinstance(value, dt.date):
        value = value.isoformat()
    return {"label": label, "value": value, "href": href, "whole": whole}


def _given(*items: Item) -> list[Item]:
    """Leave out what has no value: a group of blanks says nothing."""
    return [item for item in items if item["value"] not in (None, "")]


def _facts(record: Hazard, *, internal: bool) -> list[dict[str, Any]]:
    """The facts in groups; ``internal`` adds what an enterprise does not see."""
    enterprise: Enterprise | None = record.enterprise
    enterprise_url = reverse("enterprises:detail", args=[enterprise.pk]) if enterprise else ""
    found = [
        _item("隐患描述", record.description, whole=True),
        _item("受检单位", enterprise.name if enterprise else "", enterprise_url),
        _item("地点或部位", record.place),
        _item("发现日期", record.found_on),
        _item("发现人", record.found_by.name if record.found_by and record.source != Source.REPORT else ""),
        _item("隐患类别", record.get_category_display()),
        _item("数量", f"{record.quantity} 条" if record.entry_mode == EntryMode.COUNT else ""),
        _item("判定依据", record.legal_basis, whole=True),
        _item("判定标准", f"{record.standard_code} {record.standard_item}".strip()),
        _item("专项行动", "、".join(one.name for one in record.campaigns.all())),
        _item("原编号", record.original_number),
    ]
    duties = [
        _item("属地", str(record.area or "未填")),
        _item("承办单位", record.handler.name),
        _item("行业主管部门", record.department.name if record.department else ""),
        _item("行业", record.industry.name if record.industry else ""),
        _item("处置方式", record.get_measure_display()),
        _item("整改文书号", record.order_number),
        _item("下达日期", record.issued_on),
        _item("整改期限", record.due_on),
        _item("延期次数", record.extensions or ""),
        _item("申请延期至", record.requested_due_on),
    ]
    repair = [
        _item("整改措施", record.rectification, whole=True),
        _item("整改责任人", record.rectifier),
        _item("整改完成日期", record.rectified_on),
        _item("整改资金", f"{record.cost:f} 元" if record.cost is not None else ""),
        _item("复查期限", record.review_due_on),
        _item("复查日期", record.reviewed_on),
        _item("复查人", record.reviewer_name),
        _item("复查不合格", f"{record.rejections} 次" if record.rejections else ""),
        _item("销号日期", record.closed_on),
        _item("说明", "历史补录，无复查记录" if record.closed_without_review else ""),
        _item("作废原因", record.void_reason, whole=True),
    ]
    groups = [("隐患情况", found), ("责任和期限", duties), ("整改和复查", repair)]
    if record.is_major:
        five = [_item(record._meta.get_field(name).verbose_name, getattr(record, name), whole=True)
                for name in ("duty", "steps", "funds", "time_limit", "contingency")]  # fmt: skip
        decision = "挂牌督办" if record.listed else record.get_listing_decision_display()
        groups.append(
            ("重大隐患治理", [*five, _item("挂牌决定", decision), *_given(_item("不挂牌理由", record.listing_reason))])
        )
    if internal and record.internal_note:
        groups.append(("内部备注", [_item("备注", record.internal_note, whole=True)]))
    shown = [{"title": title, "items": items if title == "重大隐患治理" else _given(*items)} for title, items in groups]
    return [group for group in shown if group["items"]]
