"""审计管理员: what was done, by whom, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from emergency.core import audit, clock
from emergency.core.audit import AuditEntry, Outcome
from emergency.core.ledger import export_rows
from emergency.core.listing import Cell, Column, Empty
from emergency.organizations.filters import AuditFilter
from emergency.organizations.ledger import AUDIT_LOG
from emergency.organizations.models import Role
from emergency.organizations.queries import differences, target_label, verb_label
from emergency.organizations.scope import AdministratorMixin
from emergency.organizations.views.common import AdminList, fact

_TONES = {Outcome.DONE: "green", Outcome.REFUSED: "amber", Outcome.FAILED: "red"}
_CHUNK = 2_000  # rows fetched at a time while exporting


def _when(entry: AuditEntry) -> str:
    return timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S")


def _what(entry: AuditEntry) -> Cell:
    return Cell(entry.target_label or entry.note[:60], small=target_label(entry.target_type))


class AuditList(AdminList):
    administrator = Role.AUDIT_ADMIN
    title = "审计记录"
    queryset: QuerySet = AuditEntry.objects.all()
    filterset = AuditFilter
    order = "-id"
    columns = (
        Column("at", "时间", _when, align="date", main=True),
        Column("actor", "操作人", lambda one: one.actor_name),
        Column("verb", "操作", lambda one: verb_label(one.verb)),
        Column("target", "对象", _what),
        Column("organisation", "单位", lambda one: one.organisation_name),
        Column("outcome", "结果", lambda one: Cell(one.get_outcome_display(), _TONES[Outcome(one.outcome)])),
        Column("address", "来源地址", lambda one: one.address or "", wide_only=True),
    )
    empty = Empty("每一次登录、登记、修改、导出和被拒绝的访问都会记在这里。")

    def row_url(self, row: AuditEntry) -> str:
        return reverse("organizations:audit_detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        return {"export_url": reverse("organizations:audit_export")}


class AuditAdminView(AdministratorMixin, View):
    administrator = Role.AUDIT_ADMIN


class AuditDetail(AuditAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = get_object_or_404(AuditEntry, pk=pk)
        items = [
            fact("时间", _when(entry)),
            fact("操作人", entry.actor_name),
            fact("操作", verb_label(entry.verb)),
            fact("对象类型", target_label(entry.target_type)),
            fact("对象", entry.target_label),
            fact("单位", entry.organisation_name),
            fact("来源地址", entry.address),
            fact("请求编号", entry.request_id),
            fact("说明", entry.note, whole=True),
        ]
        status = {"label": entry.get_outcome_display(), "tone": _TONES[Outcome(entry.outcome)]}
        context = {
            "head": {"title": f"{entry.actor_name} · {verb_label(entry.verb)}", "status": status, "kicker": "审计记录"},
            "facts": [{"title": "经过", "items": items}],
            "differences": differences(entry),
        }
        return render(request, "organizations/audit_detail.html", context)


class AuditExport(AuditAdminView):
    """The filtered log as .csv, row by row as the database gives them, and itself a line of the log."""

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        entries = AuditEntry.objects.order_by("-id")
        chosen = AuditFilter(request.GET, queryset=entries, request=request)
        if not chosen.is_valid():
            return HttpResponse(
                "筛选条件有误，请返回修改后再导出。", status=400, content_type="text/plain; charset=utf-8"
            )
        audit.record("audit.export", actor=request.user, note=f"筛选条件：{request.GET.urlencode() or '无'}")
        content = export_rows(AUDIT_LOG, _rows(chosen.qs), fmt="csv")
        response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
        name = f"audit-{clock.today():%Y%m%d}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    for entry in entries.iterator(chunk_size=_CHUNK):
        changed = differences(entry)
        yield {
            "at": entry.at,
            "actor": entry.actor_name,
            "organisation": entry.organisation_name,
            "verb": verb_label(entry.verb),
            "target_type": target_label(entry.target_type),
            "target": entry.target_label,
            "outcome": entry.outcome,
            "changes": [f"{one.label}：{one.before or '空'} → {one.after or '空'}" for one in changed],
            "note": entry.note,
            "address": entry.address,
            "request": str(entry.request_id or ""),
        }
