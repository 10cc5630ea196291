"""（三）督导检查: how often was checked, by how many groups, with what papers."""

from __future__ import annotations

from emergency.core import papers
from reports.sections.writing import Brief, is_positive, paragraph, write

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


def blocks(brief: Brief) -> list[papers.Block]:
    sheet = brief.sheet(*CODES)
    sentences = []
    if sheet["inspections.visits"].number == 0:
        return [paragraph(write(f"{brief.span}，{brief.whole}未开展生产经营单位检查。", sheet))]
    dispatched = "、".join(
        words
        for code, words in (
            ("inspections.groups", "派出检查组[[inspections.groups]]"),
            ("inspections.person_times", "出动检查人员[[inspections.person_times]]"),
        )
        if not sheet[code].missing and is_positive(sheet, code)
    )
    opening = f"{brief.span}，{brief.whole}{dispatched + '，' if dispatched else ''}共检查生产经营单位"
    named = sheet["inspections.enterprises"]
    if named.known and named.number and not named.note:
        # Every visit names its subject, so the number of different ones may stand beside the number of visits.
        opening += "[[inspections.enterprises]]、"
    change = "" if sheet["inspections.visits"].missing else "，同比[[inspections.visits.yoy]]"
    sentences.append(write(f"{opening}[[inspections.visits]]{change}", sheet))
    if is_positive(sheet, "inspections.administrative") and not sheet["inspections.administrative"].missing:
        sentences.append(write("；其中行政检查[[inspections.administrative]]", sheet))
    if is_positive(sheet, "inspections.papers") and not sheet["inspections.papers"].missing:
        sentences.append(write("，下达执法文书[[inspections.papers]]", sheet))
    return [paragraph(*sentences, write("。", sheet))]
