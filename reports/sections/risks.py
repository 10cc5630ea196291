"""（五）风险管控与执法: risk points found and brought under control, the key ones, the four colours; and the decisions of enforcement."""

from __future__ import annotations

from emergency.enterprises.models import RiskLevel
from reports.sections import enforcement, listing
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft, is_positive, token

TITLE = "风险管控与执法"
CODES = (
    "risks.identified",
    "risks.controlled",
    "risks.rate",
    "risks.key_points",
    "risks.key_industries",
    "risks.key_measures",
)
COLOURS = (
    (RiskLevel.RED, "红色"),
    (RiskLevel.ORANGE, "橙色"),
    (RiskLevel.YELLOW, "黄色"),
    (RiskLevel.BLUE, "蓝色"),
)


def drafts(brief: Brief) -> list[Draft]:
    told = (("points", points(brief)), ("decisions", enforcement.decisions(brief)))
    return [Draft(key, text) for key, text in told if text]


def points(brief: Brief) -> str:
    """“全区辨识风险点579处，已全部落实管控。其中重点风险点42处，涉及12个领域，落实管控措施95条。”"""
    sheet = brief.sheet(*CODES)
    if not is_positive(sheet, "risks.identified"):
        return listing.listed(brief, [Part("risks.identified", f"{brief.whole}辨识风险点")], after="。")
    text = f"{brief.whole}辨识风险点{token('risks.identified')}"
    if sheet["risks.controlled"].number == sheet["risks.identified"].number:
        text += "，已全部落实管控。"
    elif is_positive(sheet, "risks.controlled"):
        text += f"，落实管控{token('risks.controlled')}，管控率{token('risks.rate')}。"
    else:
        text += "，正在逐处落实管控。"
    return text + key_points(brief) + levels(brief)


def key_points(brief: Brief) -> str:
    parts = (
        Part("risks.key_points", "其中重点风险点"),
        Part("risks.key_industries", "涉及", "个领域", "数"),
        Part("risks.key_measures", "落实管控措施"),
    )
    return listing.sentence(listing.said(brief, parts))


def levels(brief: Brief) -> str:
    """The four colours that there are, in their order; a single one is told as such."""
    sheet = brief.sheet("risks.identified", by="level")
    numbers = {row.key: row["risks.identified"].number for row in sheet.rows}
    found = [(level, colour) for level, colour in COLOURS if numbers.get(level)]
    if sum(bool(number) for number in numbers.values()) < 2:
        return ""
    told = [
        f"{colour}（{level.label}）{token('risks.identified', brief.row('risks.identified', 'level', level.value))}"
        for level, colour in found
    ]
    return f"按风险等级分，{'、'.join(told)}。"
