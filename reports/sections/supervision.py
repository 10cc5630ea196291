"""（三）督导检查: rounds of supervision and the letters that came of them; how often was checked, by how many groups, with what papers."""

from __future__ import annotations

import dataclasses

from emergency.activities.models import Measure
from reports.sections import listing, works
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft, is_positive, token

TITLE = "督导检查"
CODES = (
    "inspections.visits",
    "inspections.visits.yoy",
    "inspections.visits.mom",
    "inspections.enterprises",
    "inspections.administrative",
    "inspections.groups",
    "inspections.person_times",
    "inspections.papers",
    "letters.supervision",
    "letters.circular",
    "letters.asked",
    "letters.replied",
    "letters.reply_rate",
)
#: Supervisions that are told under 防灾减灾救灾.
ELSEWHERE = ("supervision_rounds", "supervision_flood", "supervision_fire")


def drafts(brief: Brief) -> list[Draft]:
    found = [Draft("rounds", text)] if (text := rounds(brief)) else []
    return [*found, Draft("visits", visits(brief))]


def rounds(brief: Brief) -> str:
    """“组织安全生产督查5轮，派出督查组54个，下发督办函31份、通报5期。” and how the letters were answered."""
    times, groups = (works.code("supervision_rounds", measure) for measure in (Measure.TIMES, Measure.QUANTITY))
    others = [found_too(brief, part) for part in works.parts(brief, "supervision", Measure.TIMES, leave=ELSEWHERE)]
    letters = (Part("letters.supervision", "督办函"), Part("letters.circular", "通报", "期", "数"))
    sent = [
        listing.listed(brief, [Part(times, "组织安全生产督查")]),
        listing.listed(brief, [Part(groups, "派出督查组", "个", "数")], quiet=True),
        works.problems(brief, "supervision_rounds"),
        listing.listed(brief, others, before="开展", quiet=True),
        listing.listed(brief, letters, before="下发"),
    ]
    return listing.sentence(sent) + answered(brief)


def found_too(brief: Brief, part: Part) -> Part:
    """A kind of supervision that the site keeps by itself, with what it found: “专家会诊4次（发现问题156个）”."""
    code = f"{part.code.rpartition('.')[0]}.{Measure.PROBLEMS}"
    if part.place or listing.known(code) is None or not is_positive(brief.sheet(code), code):
        return part
    return dataclasses.replace(part, after=f"（发现问题{token(code)}）")


def answered(brief: Brief) -> str:
    """Of the letters that asked for a reply, how many have one; left out where none did."""
    sheet = brief.sheet("letters.asked", "letters.replied", "letters.reply_rate")
    if not is_positive(sheet, "letters.asked"):
        return ""
    asked = f"要求回复的督办文书{token('letters.asked')}"
    if sheet["letters.replied"].number == sheet["letters.asked"].number:
        return f"{asked}，均已按要求回复。"
    if not is_positive(sheet, "letters.replied"):
        return ""
    return f"{asked}，已回复{token('letters.replied')}，回复率{token('letters.reply_rate')}。"


def visits(brief: Brief) -> str:
    """“1—11月，全区派出检查组86个、出动检查人员320人次，共检查生产经营单位18985家次，同比…；其中行政检查…，下达执法文书…。”"""
    sheet = brief.sheet(*CODES)
    if sheet["inspections.visits"].number == 0:
        return f"[[时段]]，{brief.whole}未开展生产经营单位检查。"
    dispatched = listing.listed(
        brief,
        [Part("inspections.groups", "派出检查组"), Part("inspections.person_times", "出动检查人员")],
        after="，",
        quiet=True,
    )
    named = sheet["inspections.enterprises"]
    # Where every visit names its subject, the number of different ones may stand beside the number of visits.
    subjects = "[[inspections.enterprises]]、" if named.known and named.number and not named.note else ""
    text = f"[[时段]]，{brief.whole}{dispatched}共检查生产经营单位{subjects}[[inspections.visits]]"
    text += listing.changes(brief, sheet, "inspections.visits")
    if is_positive(sheet, "inspections.administrative"):
        text += "；其中行政检查[[inspections.administrative]]"
    if is_positive(sheet, "inspections.papers"):
        text += "，下达执法文书[[inspections.papers]]"
    return f"{text}。"
