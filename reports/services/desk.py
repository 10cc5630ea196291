"""The life of a paper as a whole: who may draw it up, begin it, print it, keep the file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import attachments, audit, clock, lifecycle, papers
from emergency.core.attachments.models import Attachment
from emergency.core.jobs import services as jobs
from emergency.core.jobs.models import Job
from emergency.core.periods import Period
from emergency.figures.queries import readers
from emergency.organizations.models import Organisation, Role
from emergency.organizations.scope import BUSINESS_ROLES, holds
from emergency.organizations.services import place
from reports import documents
from reports.models import Report
from reports.services.storing import text_store

#: Who draws papers up; leaders read and download them.
DRAFTERS = (
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.SECRETARY,
    Role.STREET_HEAD,
    Role.STREET_OFFICER,
)
#: Who orders a print. Everybody who reads a paper may download the files that are there.
PRINTERS = (*DRAFTERS, Role.HEAD, Role.DEPUTY)
#: Who opens papers: every office post. Which papers is a matter of scope.
READERS = tuple(role for role in BUSINESS_ROLES if role != Role.EXPERT)
FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def may_draft(user: Any, area: Organisation) -> bool:
    """Whether somebody draws up papers about an area: holds a drafting post over it and reads its figures."""
    return holds(user, DRAFTERS, area, over=True) and readers.covers(user, area)


def may_print(user: Any, report: Report) -> bool:
    """Whether somebody may order a print: who draws up papers about the area, and the leaders over it."""
    return holds(user, PRINTERS, report.area or report.issuer, over=True)


def require_drafter(actor: Any, report: Report) -> None:
    """Raises ``PermissionDenied`` for who may read a paper and not change it."""
    if not may_draft(actor, report.area or report.issuer):
        raise PermissionDenied("本文书由拟稿单位修改。")


@transaction.atomic
def report_create(*, kind: str, area: Organisation, period: Period, actor: Any) -> Report:
    """Start a paper. Raises ``PermissionDenied`` for an area that the actor does not oversee, ``ValidationError`` for bad dates."""
    if not may_draft(actor, area):
        raise PermissionDenied("只能为本单位所辖区域起草文书。")
    issuer = documents.issuer_of(area)
    report = Report(
        kind=kind,
        title="".join(documents.title_of(issuer, period)),
        issuer=issuer,
        start=period.start,
        end=period.end,
        created_by=actor,
        created_at=clock.now(),
    )
    place(report, area)
    report.full_clean(exclude=["district", "street"])
    report.save()
    text_store(report)
    lifecycle.note_event(report, action="create", label="拟稿", actor=actor)
    audit.record("report.create", target=report, actor=actor, after=audit.snapshot(report), organisation=issuer)
    return report


def report_print(*, report: Report, edition: papers.Edition, form: str, actor: Any) -> Job:
    """Have the paper printed in the background; the file hangs on the report and on the job."""
    if not may_print(actor, report):
        raise PermissionDenied("生成文件由拟稿单位和单位负责人办理，已生成的文件可以下载。")
    if form not in FORMATS:
        raise ValidationError("没有这种文件格式。")
    return jobs.enqueue(
        kind="reports.print",
        params={"report": report.pk, "edition": str(edition), "form": form},
        actor=actor,
        title=f"{report.title}（{edition}，{'PDF' if form == 'pdf' else 'Word'}）",
        organisation=report.issuer,
    )


@transaction.atomic
def report_keep(*, report: Report, edition: papers.Edition, form: str, data: bytes, actor: Any) -> Attachment:
    """Keep a printed file with its report. Older prints stay: each was true when it was made."""
    name = f"{report.title}（{edition}）{clock.now():%Y%m%d%H%M}.{form}"
    kept = attachments.keep(
        data=data, name=name, content_type=FORMATS[form], owner=report, kind=f"print_{form}", actor=actor
    )
    lifecycle.note_event(report, action="print", label=f"生成{edition}", actor=actor, data={"form": form})
    audit.record("report.print", target=report, actor=actor, after={"name": name, "digest": kept.digest})
    return kept


def render(document: papers.Document, form: str, *, site: str = "") -> bytes:
    """The bytes of a paper as PDF or Word. Raises ``ValidationError`` in the officer's words when it cannot be printed."""
    try:
        return papers.render_pdf(document, site=site) if form == "pdf" else papers.render_word(document, site=site)
    except (papers.UnprintableText, papers.TypefaceMissing) as fault:
        raise ValidationError(str(fault)) from fault
