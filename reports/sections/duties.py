"""（二）责任体系: committees and meetings, rules that were issued, and the milder letters that remind of a duty."""

from __future__ import annotations

from emergency.activities.models import Measure
from reports.sections import listing, works
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft

TITLE = "责任体系"
OPENING = "落实“党政同责、一岗双责”和“三管三必须”要求，压紧压实安全生产责任。"
CODES = (
    "committee.professional",
    "letters.notice",
    "letters.reminder",
    "letters.assignment",
    "letters.warning",
    "letters.interview",
)
#: What prose calls a category whose own name cannot stand behind 召开.
MEETINGS = {"meeting_secretary": "安委会秘书长（安委办）会议"}


def drafts(brief: Brief) -> list[Draft]:
    text = "".join((committees(brief), rules(brief), reminders(brief)))
    return [Draft("duties", OPENING + text)] if text else []


def committees(brief: Brief) -> str:
    """“安委会下设专业委员会13个，召开安委会会议4次、安委会秘书长（安委办）会议4次。”"""
    meetings = works.parts(brief, "meeting", Measure.TIMES, words=MEETINGS)
    return listing.sentence(
        [
            listing.listed(brief, [Part("committee.professional", "安委会下设专业委员会")]),
            listing.listed(brief, meetings, before="召开"),
        ]
    )


def rules(brief: Brief) -> str:
    parts = (
        Part(works.code("document", Measure.TIMES), "制定印发制度文件"),
        Part(works.code("legal", Measure.TIMES), "办理法制事项"),
    )
    return listing.listed(brief, parts, after="。", quiet=True)


def reminders(brief: Brief) -> str:
    """“发出提示函6份、警示函2份，约谈3次。”; 督办函 and 通报 are told under 督导检查, with the gap of their ledger."""
    letters = (
        Part("letters.notice", "安全提醒"),
        Part("letters.reminder", "提示函"),
        Part("letters.assignment", "交办函"),
        Part("letters.warning", "警示函"),
    )
    return listing.sentence(
        [
            listing.listed(brief, letters, before="发出", quiet=True),
            listing.listed(brief, [Part("letters.interview", "约谈", "次", "数")], quiet=True),
        ]
    )
