"""（三）督导检查: how often was checked, by how many groups, with what papers."""

from __future__ import annotations

from reports.sections.writing import Brief, Draft, is_positive

TITLE = "督导检查"
CODES = (
    "inspections.visits",
    "inspections.visits.yoy",
    "inspections.enterprises",
    "inspections.administrative",
    "inspections.groups",
    "inspections.person_times",
    "inspections.papers",
)


def drafts(brief: Brief) -> list[Draft]:
    sheet = brief.sheet(*CODES)
    if sheet["inspections.visits"].number == 0:
        return [Draft("visits", f"[[时段]]，{brief.whole}未开展生产经营单位检查。")]
    dispatched = "".join(
        f"{words}，"
        for code, words in (
            ("inspections.groups", "派出检查组[[inspections.groups]]"),
            ("inspections.person_times", "出动检查人员[[inspections.person_times]]"),
        )
        if is_positive(sheet, code)
    ).replace("，出动", "、出动")
    named = sheet["inspections.enterprises"]
    # Where every visit names its subject, the number of different ones may stand beside the number of visits.
    subjects = "[[inspections.enterprises]]、" if named.known and named.number and not named.note else ""
    text = f"[[时段]]，{brief.whole}{dispatched}共检查生产经营单位{subjects}[[inspections.visits]]"
    if not sheet["inspections.visits"].missing:
        text += "，同比[[inspections.visits.yoy]]"
    if is_positive(sheet, "inspections.administrative"):
        text += "；其中行政检查[[inspections.administrative]]"
    if is_positive(sheet, "inspections.papers"):
        text += "，下达执法文书[[inspections.papers]]"
    return [Draft("visits", f"{text}。")]
