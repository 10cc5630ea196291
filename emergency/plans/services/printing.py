"""The certificate of filing as a file: printed in the background, kept with the plan."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import attachments, audit, clock, lifecycle, papers
from emergency.core.attachments.models import Attachment
from emergency.core.jobs import services as jobs
from emergency.core.jobs.models import Job
from emergency.plans import documents
from emergency.plans.models import Plan

FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def plan_print(*, plan: Plan, form: str, actor: Any) -> Job:
    """Have the certificate printed; the file hangs on the plan and on the job. Raises ``ValidationError`` before the filing."""
    if form not in FORMATS:
        raise ValidationError("没有这种文件。")
    if not documents.has_certificate(plan):
        raise ValidationError("备案后才能生成备案登记表。")
    return jobs.enqueue(
        kind="plans.print",
        params={"plan": plan.pk, "form": form},
        actor=actor,
        title=f"{documents.name_of(plan)}（{'PDF' if form == 'pdf' else 'Word'}）",
        organisation=plan.handler,
    )


@transaction.atomic
def plan_keep(*, plan: Plan, form: str, data: bytes, actor: Any) -> Attachment:
    """Keep a printed file with its plan. Older prints stay: each was true when it was made."""
    name = f"{documents.name_of(plan)}{clock.now():%Y%m%d%H%M}.{form}"
    kept = attachments.keep(
        data=data, name=name, content_type=FORMATS[form], owner=plan, kind=f"print_{form}", actor=actor
    )
    lifecycle.note_event(plan, action="print", label="生成文件", actor=actor, note=name, data={"form": form})
    audit.record("plan.print", target=plan, actor=actor, after={"name": name, "digest": kept.digest})
    return kept


def render(document: papers.Document, form: str) -> bytes:
    """The bytes of a paper as PDF or Word. Raises ``ValidationError`` in the officer's words when it cannot be printed."""
    try:
        return papers.render_pdf(document) if form == "pdf" else papers.render_word(document)
    except (papers.UnprintableText, papers.TypefaceMissing) as fault:
        raise ValidationError(str(fault)) from fault
