"""Background work of letters."""

from __future__ import annotations

from typing import Any

from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import JobFailed, handler
from emergency.letters import documents, services
from emergency.letters.models import Letter


@handler("letters.print")
def print_letter(job: Job, progress: Any) -> dict[str, Any]:
    """Compose, render, keep. Rights may have changed since the paper was asked for."""
    mine = Letter.objects.visible_to(job.created_by).select_related("issuer", "handler")
    letter = mine.filter(pk=job.params["letter"]).first()
    if letter is None:
        raise JobFailed("这份文书已删除，或您已无权查看。")
    part, form = job.params["part"], job.params["form"]
    progress(0, 2, "正在排版")
    data = services.render(documents.compose(letter, part), form)
    progress(1, 2, "正在保存")
    job.file = services.letter_keep(letter=letter, part=part, form=form, data=data, actor=job.created_by)
    return {"letter": letter.pk}
