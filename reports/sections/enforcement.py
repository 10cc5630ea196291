"""执法处置: what the parties had to bear, told with the hazards; and the decisions by kind, told with 风险管控与执法."""

from __future__ import annotations

from inspections.models import MeasureKind
from reports.sections import listing
from reports.sections.listing import Part
from reports.sections.writing import Brief, is_positive, token

#: In the order of the sentence. 家 counts different parties.
PARTIES = (
    ("measures.suspended", "责令停产整顿", MeasureKind.SUSPENSION),
    ("measures.closed_down", "关闭取缔", MeasureKind.CLOSURE),
    ("measures.fines", "经济处罚", None),
    ("measures.joint_punishment", "联合惩戒", MeasureKind.JOINT),
)
DECISIONS = (
    ("measures.fined", "罚款"),
    ("measures.warnings", "警告"),
    ("measures.criticised", "通报批评"),
    ("measures.seized", "查封扣押"),
    ("measures.confiscated", "没收违法所得"),
    ("measures.licences", "暂扣吊销许可证"),
    ("measures.detained", "行政拘留"),
    ("measures.referred", "移送司法机关"),
)
CODES = ("measures.all", "measures.all.yoy", *(code for code, _, _ in PARTIES), *(code for code, _ in DECISIONS))


def penalties(brief: Brief) -> str:
    """“责令停产整顿44家，关闭取缔1家，经济处罚223.65万元，联合惩戒4家。”

    Where some of a kind were registered by number only, nobody knows how many parties they were, and the measures are counted: 起.
    """
    sheet = brief.sheet(*CODES)
    parts = []
    for code, words, kind in PARTIES:
        if kind and sheet[code].note:
            parts.append(Part("measures.all", words, place=brief.row("measures.all", "measure_kind", kind.value)))
        else:
            parts.append(Part(code, words))
    return listing.sentence(listing.said(brief, parts))


def decisions(brief: Brief) -> str:
    """“作出执法处置120起，同比…，其中罚款80起、警告12起。”"""
    sheet = brief.sheet(*CODES)
    if not is_positive(sheet, "measures.all"):
        return ""
    change = "" if sheet["measures.all.yoy"].missing else f"，同比{token('measures.all.yoy')}"
    parts = [Part(code, words) for code, words in DECISIONS]
    return f"作出执法处置{token('measures.all')}{change}{listing.listed(brief, parts, before='，其中')}。"
