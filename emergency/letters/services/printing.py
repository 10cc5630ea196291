"""A letter as a file: printed in the background, kept with the letter."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from emergency.core import attachments, audit, clock, lifecycle, papers
from emergency.core.attachments.models import Attachment
from emergency.core.jobs import services as jobs
from emergency.core.jobs.models import Job
from emergency.letters import documents
from emergency.letters.models import Letter

FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def letter_print(*, letter: Letter, part: str, form: str, actor: Any) -> Job:
    """Have the letter, or the minutes of a talk, printed; the file hangs on the letter and on the job. Raises ``ValidationError``."""
    if form not in FORMATS or part not in documents.parts_of(letter):
        raise ValidationError("没有这种文件。")
    return jobs.enqueue(
        kind="letters.print",
        params={"letter": letter.pk, "part": part, "form": form},
        actor=actor,
        title=f"{documents.name_of(letter, part)}（{'PDF' if form == 'pdf' else 'Word'}）",
        organisation=letter.handler,
    )


@transaction.atomic
def letter_keep(*, letter: Letter, part: str, form: str, data: bytes, actor: Any) -> Attachment:
    """Keep a printed file with its letter. Older prints stay: each was true when it was made."""
    name = f"{documents.name_of(letter, part)}{clock.now():%Y%m%d%H%M}.{form}"
    kept = attachments.keep(
        data=data, name=name, content_type=FORMATS[form], owner=letter, kind=f"print_{form}", actor=actor
    )
    lifecycle.note_event(letter, action="print", label="生成文件", actor=actor, note=name, data={"form": form})
    audit.record("letter.print", target=letter, actor=actor, after={"name": name, "digest": kept.digest})
    return kept


def render(document: papers.Document, form: str) -> bytes:
    """The bytes of a letter as PDF or Word. Raises ``ValidationError`` in the officer's words when it cannot be printed."""
    try:
        return papers.render_pdf(document) if form == "pdf" else papers.render_word(document)
    except (papers.UnprintableText, papers.TypefaceMissing) as fault:
        raise ValidationError(str(fault)) from fault
