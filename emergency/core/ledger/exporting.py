"""Exports: the rows that a list shows, all of them, at once or, when they are many, as a job with a download."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from emergency.core import audit, clock
from emergency.core.jobs import JobFailed, Progress, enqueue, keep_result
from emergency.core.jobs.models import Job
from emergency.core.listing import ListView

from . import table
from .export import export_rows
from .services import XLSX_TYPE
from .table import Ledger

EXPORT = "ledger.export"
DIRECT_ROWS = 5_000  # up to so many rows the file comes at once
SHEET_ROWS = 1_048_575  # what a worksheet holds below its header; more go out as .csv
FORMATS = {"xlsx": XLSX_TYPE, "csv": "text/csv; charset=utf-8"}
_TELL_EVERY = 500  # rows between two words of progress

T = TypeVar("T")


class Exporter(Protocol):
    """What an export needs of its page; see ``pages.ExportView``."""

    kind: str
    listing: type[ListView]

    def may_enter(self, user: Any) -> bool: ...


def chosen(listing: type[ListView], request: HttpRequest) -> QuerySet:
    """The rows that the list shows for this address and reader, in the list's order.

    Raises ``ValidationError`` for a filter or figure that the list refuses too, so that a broken filter never exports
    everything.
    """
    view = listing()
    view.setup(request)
    branches, filterset = view.narrowed(request, view.opened(request))
    if not filterset.is_valid():
        raise ValidationError("筛选条件有误，请改正后再导出。")
    if not branches:
        return view.queryset.none()
    rows = branches[0]
    if len(branches) > 1:
        anywhere = Q()
        for branch in branches:
            anywhere |= Q(pk__in=branch.order_by().values("pk"))
        rows = view.queryset.model._default_manager.filter(anywhere)
    field, descending = view._order(request)
    return rows.order_by(*((f"-{field}", "-pk") if descending else (field, "pk")))


def file_name(ledger: Ledger, fmt: str) -> str:
    return f"{ledger.label}{clock.today():%Y%m%d}.{fmt}"


def record_export(ledger: Ledger, *, actor: Any, rows: int, query: str, fmt: str, job: Job | None = None) -> None:
    """The audit entry of one export: how many rows went out, under which filter."""
    after = {"rows": rows, "filter": query, "format": fmt}
    audit.record(f"{ledger.kind}.export", target=job, actor=actor, after=after, note=f"导出{ledger.label} {rows} 行")


def export_ask(*, kind: str, route: str, query: str, fmt: str, actor: Any) -> Job:
    """Ask for an export in the background; ``route`` names the page whose rows and rights it takes."""
    params = {"ledger": kind, "route": route, "query": query, "format": fmt}
    return enqueue(kind=EXPORT, params=params, actor=actor, title=f"导出{table.get(kind).label}")


def export_run(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of one export. Rights and scope are those that the asker has now, not when they asked.

    Raises ``JobFailed`` or ``PermissionDenied``.
    """
    params, user = job.params, job.created_by
    page = _page(params["route"])
    if user is None or not page.may_enter(user):
        raise PermissionDenied("您已没有导出这份台账的权限。")
    ledger = table.get(page.kind)
    request = HttpRequest()
    request.method, request.user = "GET", user  # type: ignore[assignment]
    request.GET = QueryDict(params["query"])  # type: ignore[assignment]
    try:
        rows = chosen(page.listing, request)
    except Http404:
        raise JobFailed("所选指标的单位不在您的管辖范围内。") from None
    total = rows.order_by().count()
    fmt = params["format"] if total <= SHEET_ROWS else "csv"
    file = io.BytesIO()
    for piece in export_rows(ledger, counted(ledger.records(rows, user=user), total, progress), fmt=fmt):
        file.write(piece)
    keep_result(job, data=file.getvalue(), name=file_name(ledger, fmt), content_type=FORMATS[fmt])
    record_export(ledger, actor=user, rows=total, query=params["query"], fmt=fmt, job=job)
    progress(total, total, "已生成文件")
    return {"rows": total, "format": fmt}


def counted(rows: Iterable[T], total: int, progress: Progress) -> Iterator[T]:
    """The same rows, with a word of progress now and then. ``progress`` raises where the work is no longer ours."""
    for number, row in enumerate(rows, start=1):
        if number % _TELL_EVERY == 0:
            progress(min(number, total), total, "行")
        yield row


def _page(route: str) -> Exporter:
    try:
        view: Any = resolve(reverse(route)).func
        return view.view_class(**view.view_initkwargs)
    except (NoReverseMatch, Resolver404, AttributeError):
        raise JobFailed("这份台账已不能导出，请联系系统管理员。") from None
