"""Import and export pages, the same for every ledger. An app declares who may enter, which ledger and which list:

    class HazardImport(LedgerImport):
        kind, roles, default_keys = "hazards", FILERS, ("handler", "area", "campaigns")

    class HazardExport(LedgerExport):
        kind, listing = "hazards", HazardList

    urlpatterns = [..., *pages.paths(HazardImport, HazardExport)]

Doors belong to organizations (``organizations.views.ledgers``), because core knows nobody's rights.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.views import View

from emergency.core.jobs.models import Job, Status
from emergency.core.listing import ListView

from . import exporting, services, table
from .export import export_rows
from .forms import AnswersForm, UploadForm
from .rows import LedgerError
from .services import ALL, CHECK, GOOD, IMPORT, Answers
from .sources import content_of, open_book
from .table import Ledger
from .writer import template


def paths(
    importing: type[ImportView] | None, exporting: type[ExportView] | None, *, prefix: str = ""
) -> list[URLPattern]:
    """The routes import, import_result, template and export, for an app's ``urlpatterns``.

    The second ledger of an app gives its names a ``prefix`` such as ``measure_``, and stands under an address of its own.
    """
    routes = []
    if importing is not None:
        view = partial(importing.as_view, prefix=prefix)
        routes += [
            path("import/", view(), name=f"{prefix}import"),
            path("import/template/", view(step="template"), name=f"{prefix}template"),
            path("import/<int:pk>/", view(step="result"), name=f"{prefix}import_result"),
        ]
    if exporting is not None:
        routes.append(path("export/", exporting.as_view(prefix=prefix), name=f"{prefix}export"))
    return routes


class LedgerView(View):
    """What import and export pages share."""

    kind: ClassVar[str]
    #: What stands before the names of this ledger's routes.
    prefix = ""

    @property
    def ledger(self) -> Ledger:
        return table.get(self.kind)

    def route(self, name: str, *args: Any) -> str:
        """The address of one of this ledger's pages."""
        return reverse(self.route_name(name), args=args)

    def route_name(self, name: str) -> str:
        match = self.request.resolver_match
        assert match is not None
        return f"{match.namespace}:{self.prefix}{name}"


class ImportView(LedgerView):
    """Upload, look, answer, take in. The rights to the rows themselves are checked by the ledger, row by row."""

    step = "upload"  # or result, template
    #: Columns for which the dialog offers a default for the whole table.
    default_keys: ClassVar[Sequence[str]] = ()

    def unit(self) -> Any:
        """The unit whose way of naming columns is remembered; None: that of nobody in particular."""
        return None

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if self.step == "template":
            name = f"{self.ledger.label}模板.xlsx"
            return download(HttpResponse(template(self.ledger), content_type=services.XLSX_TYPE), name)
        if self.step == "result":
            return self.result_page(self.job(pk))
        return self.upload_page(self.upload_form())

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if self.step == "template":
            return self.http_method_not_allowed(request)
        return self.upload() if self.step == "upload" else self.decide(self.job(pk))

    # -- the file --

    def upload_form(self, *args: Any) -> UploadForm:
        return UploadForm(*args, ledger=self.ledger, default_keys=self.default_keys, answers=Answers())

    def upload_page(self, form: UploadForm) -> HttpResponse:
        context = {
            "ledger": self.ledger,
            "form": form,
            "title": f"导入{self.ledger.label}",
            "required": [column.header for column in self.ledger.columns if column.required],
            "optional": [column.header for column in self.ledger.columns if not column.required],
            "template_url": self.route("template"),
            "cancel_url": self.route("list"),
            "submit_label": "上传并检查",
        }
        return render(self.request, "core/ledger_import.html", context)

    def upload(self) -> HttpResponse:
        form = self.upload_form(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.upload_page(form)
        file = form.cleaned_data["file"]
        try:
            data = content_of(file)
            now = services.small(data, open_book(data))
        except LedgerError as error:
            for fault in error.faults:
                form.add_error("file", f"{fault.text}。")
            return self.upload_page(form)
        job = services.import_begin(
            kind=self.kind,
            data=data,
            name=file.name or "",
            actor=self.request.user,
            answers=form.answers(),
            unit=self.unit(),
            route=self.route_name("import_result"),
            now=now,
        )
        return redirect(self.route("import_result", job.pk))

    # -- the look at it, and the import --

    def job(self, pk: int | None) -> Job:
        mine = Job.objects.visible_to(self.request.user).filter(kind=IMPORT, params__ledger=self.kind)
        return get_object_or_404(mine.select_related("file"), pk=pk)

    def answers_form(self, job: Job, *args: Any) -> AnswersForm:
        answers = Answers(**job.params["answers"])
        return AnswersForm(
            *args, ledger=self.ledger, default_keys=self.default_keys, answers=answers, result=job.result
        )

    def decide(self, job: Job) -> HttpResponse:
        """确认导入, 只导入正确行, or another look with answers."""
        mode = self.request.POST.get("mode", "")
        looked = job.status == Status.DONE
        if mode == CHECK and looked and not _imported(job):
            form = self.answers_form(job, self.request.POST)
            if not form.is_valid():
                return self.result_page(job, form)
            answers = form.answers()
        elif (mode == ALL and looked and _may_all(job)) or (mode == GOOD and looked and _may_good(job)):
            answers = None
        else:
            messages.error(self.request, "这张表现在不能这样导入，请按下面的提示办理。")
            return redirect(self.route("import_result", job.pk))
        again = services.import_again(job=job, actor=self.request.user, mode=mode, answers=answers, now=_is_small(job))
        return redirect(self.route("import_result", again.pk))

    def result_page(self, job: Job, form: AnswersForm | None = None) -> HttpResponse:
        done = job.status == Status.DONE
        result = job.result if done else {}
        imported = _imported(job)
        if done and not imported and form is None:
            form = self.answers_form(job)
        context = {
            "title": f"导入{self.ledger.label}",
            "job": job,
            "name": job.params["name"],
            "result": result,
            "looked": done and not imported,
            "imported": imported,
            "failed": job.is_final and not done,
            "may_all": done and _may_all(job),
            "may_good": done and _may_good(job),
            "wrong_rows": result.get("read", 0) - result.get("good", 0),
            "saved": list(result.get("saved", {}).items()),
            "more_faults": result.get("fault_count", 0) - len(result.get("faults", ())),
            "form": form,
            "list_url": self.route("list"),
            "again_url": self.route("import"),
        }
        response = render(self.request, "core/ledger_result.html", context)
        add_never_cache_headers(response)
        return response


def _imported(job: Job) -> bool:
    """Whether rows have come in by this very job."""
    return job.status == Status.DONE and job.params["mode"] != CHECK and bool(job.result.get("ok"))


def _may_all(job: Job) -> bool:
    return job.params["mode"] == CHECK and bool(job.result.get("ok"))


def _may_good(job: Job) -> bool:
    """Rows that are wrong can be left out; a fault of the whole file or an open question cannot."""
    result = job.result
    return job.params["mode"] == CHECK and not result["ok"] and not result["whole"] and result["good"] > 0


def _is_small(job: Job) -> bool:
    return job.result["read"] <= services.DIRECT_ROWS


class ExportView(LedgerView):
    """All rows of a list under its filters, as .xlsx or .csv (``?fmt=csv``); personal columns masked."""

    listing: ClassVar[type[ListView]]

    def may_enter(self, user: Any) -> bool:
        """Asked again by the worker, perhaps long after the page was left."""
        raise NotImplementedError(f"{type(self).__name__} must say who may enter")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            rows = exporting.chosen(self.listing, request)
        except ValidationError:
            # The list shows the same address and says what is wrong with it.
            return HttpResponseRedirect(f"{self.route('list')}?{request.GET.urlencode()}")
        count = rows.order_by().values("pk")[: exporting.DIRECT_ROWS + 1].count()
        if count > exporting.DIRECT_ROWS:
            return self.ask_page()
        return self.stream(rows, count)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file in the background."""
        try:
            exporting.chosen(self.listing, request)
        except ValidationError:
            return HttpResponseRedirect(f"{self.route('list')}?{request.GET.urlencode()}")
        job = exporting.export_ask(
            kind=self.kind,
            route=self.route_name("export"),
            query=self.query(),
            fmt=self.format(),
            actor=request.user,
        )
        return redirect("core:job", pk=job.pk)

    def format(self) -> str:
        wanted = self.request.GET.get("fmt", "")
        return wanted if wanted in exporting.FORMATS else "xlsx"

    def query(self) -> str:
        """The filters as the list's address has them."""
        kept = self.request.GET.copy()
        kept.pop("fmt", None)
        return kept.urlencode()

    def ask_page(self) -> HttpResponse:
        context = {
            "title": f"导出{self.ledger.label}",
            "question": f"符合条件的记录超过 {exporting.DIRECT_ROWS} 条，将在后台生成文件，可以离开页面，"
            "完成后在“处理进度”中下载。",
            "submit_label": "开始导出",
            "cancel_url": f"{self.route('list')}?{self.query()}",
        }
        return render(self.request, "core/confirm.html", context)

    def stream(self, rows: Any, count: int) -> HttpResponseBase:
        fmt, user = self.format(), self.request.user
        exporting.record_export(self.ledger, actor=user, rows=count, query=self.query(), fmt=fmt)
        pieces = export_rows(self.ledger, self.ledger.records(rows, user=user), fmt=fmt)
        response = StreamingHttpResponse(pieces, content_type=exporting.FORMATS[fmt])
        return download(response, exporting.file_name(self.ledger, fmt))


def download(response: HttpResponseBase, name: str) -> Any:
    """A response that the browser keeps as a file and nobody else keeps at all."""
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    add_never_cache_headers(response)
    return response
