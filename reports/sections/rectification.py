"""（四）专项整治与隐患治理: what was found, what of it was put right, the major ones, industries, campaigns, penalties and upgrades."""

from __future__ import annotations

from emergency.figures.queries import Sheet
from emergency.programmes.models import Programme
from reports.sections import enforcement, listing
from reports.sections.writing import Brief, Draft, is_positive, token

TITLE = "专项整治与隐患治理"
CODES = (
    "hazards.found",
    "hazards.found.yoy",
    "hazards.found.mom",
    "hazards.rectified",
    "hazards.rate",
    "hazards.unrectified",
    "hazards.unrectified_overdue",
    "hazards.major_found",
    "hazards.major_rectified",
    "hazards.major_unrectified",
    "hazards.major_arranged",
    "hazards.major_rate",
    "hazards.self_found",
    "hazards.self_rectified",
)
UPGRADES = "activities.upgrade.quantity"
CAMPAIGN_CODES = ("inspections.visits", *(code for code in CODES if not code.endswith((".yoy", ".mom"))))
#: So many industries are named in prose; the rest is in the figures.
INDUSTRIES_NAMED = 3


def drafts(brief: Brief) -> list[Draft]:
    sheet = brief.sheet(*CODES)
    running = campaign_sheets(brief)
    # A campaign that carries every record of the period is not told twice: its name goes into the first sentence.
    found = sheet.number("hazards.found")
    whole = [one for one, own in running if found and own.number("hazards.found") == found]
    efforts = f"深入开展{'、'.join(one.name for one in whole)}，" if whole else ""
    opening = f"[[时段]]，{brief.whole}{efforts}"
    change = listing.changes(brief, sheet, "hazards.found")
    result = [Draft("general", opening + general_sentences(sheet, change=change) + major_sentences(sheet))]
    result += [*self_check(sheet), *industries(brief)]
    result += [campaign(brief, one, own) for one, own in running if one not in whole]
    further = (("penalties", enforcement.penalties(brief)), ("upgrades", upgrades(brief)))
    return result + [Draft(key, text) for key, text in further if text]


def general_sentences(sheet: Sheet, place: str = "", *, change: str = "") -> str:
    """“排查隐患5985条，整改到位5713条，整改率95.5%；未整改272条，其中逾期18条。” ``place`` is the unit field of its tokens.

    ``change`` stands behind the number found: “，同比增加36条、上升7.6%”.
    """
    if sheet["hazards.found"].number == 0:
        return "未排查出隐患。"
    found, done, rate = (token(f"hazards.{name}", place) for name in ("found", "rectified", "rate"))
    text = f"排查隐患{found}{change}，整改到位{done}，整改率{rate}"
    if not sheet["hazards.unrectified"].number:
        return f"{text}。"
    text += f"；未整改{token('hazards.unrectified', place)}"
    if sheet["hazards.unrectified_overdue"].number:
        return f"{text}，其中逾期{token('hazards.unrectified_overdue', place)}。"
    return f"{text}，无逾期未改情况。"


def major_sentences(sheet: Sheet, place: str = "") -> str:
    """“其中重大隐患9条，已全部整改销号，整改率100%。” / “已整改销号7条，整改率77.8%，其余2条均已落实…，正在治理。” / “未发现重大隐患。”"""
    found, closed = sheet["hazards.major_found"].number, sheet["hazards.major_rectified"].number
    if sheet["hazards.major_found"].missing or sheet["hazards.found"].number == 0:
        return ""
    if not found:
        return "未发现重大隐患。"
    told = f"其中重大隐患{token('hazards.major_found', place)}"
    rate = f"整改率{token('hazards.major_rate', place)}"
    if closed == found:
        return f"{told}，已全部整改销号，{rate}。"
    arranged = sheet["hazards.major_arranged"].number == sheet["hazards.major_unrectified"].number
    return (
        f"{told}，已整改销号{token('hazards.major_rectified', place)}，{rate}，其余{token('hazards.major_unrectified', place)}"
        f"{'均已落实责任、措施、资金、时限和预案，' if arranged else ''}正在治理。"
    )


def self_check(sheet: Sheet) -> list[Draft]:
    """What enterprises found themselves is counted apart, and only written when there is something."""
    if not sheet["hazards.self_found"].number:
        return []
    return [Draft("self", "企业自查自报隐患[[hazards.self_found]]，整改到位[[hazards.self_rectified]]。")]


def industries(brief: Brief) -> list[Draft]:
    """Where the hazards were: the industries with the most, with their share."""
    sheet = brief.sheet("hazards.found", by="industry")
    rows = [row for row in sheet.rows if row.key != "none" and row["hazards.found"].number]
    rows.sort(key=lambda row: (-(row["hazards.found"].number or 0), row.label))
    if not sheet["hazards.found"].number or len(rows) < 2:
        return []
    named = []
    for row in rows[:INDUSTRIES_NAMED]:
        place = brief.row("hazards.found", "industry", row.key)
        share = token("hazards.found", place, form="占比")
        named.append(f"{row.label}{token('hazards.found', place)}（占{share}）")
    return [Draft("industries", f"从行业领域看，隐患主要集中在{'、'.join(named)}。")]


def campaign_sheets(brief: Brief) -> list[tuple[Programme, Sheet]]:
    """The campaigns of the period that have records, the earlier ones first; a child's records stand in its parent."""
    running = Programme.objects.campaigns().during(brief.period.start, brief.period.end).filter(parent=None)
    found = []
    for one in running.known_in(brief.area).order_by("start", "pk"):
        sheet = brief.sheet(*CAMPAIGN_CODES, within={"campaign": str(one.pk)})
        if sheet.number("inspections.visits") or sheet.number("hazards.found"):
            found.append((one, sheet))
    return found


def campaign(brief: Brief, one: Programme, sheet: Sheet) -> Draft:
    """“深入开展三年行动，共检查生产经营单位…家次，排查隐患…。”"""
    place = brief.row("hazards.found", "campaign", str(one.pk))
    text = f"深入开展{one.name}，"
    if sheet.number("inspections.visits"):
        text += f"共检查生产经营单位{token('inspections.visits', place)}，"
    text += general_sentences(sheet, place)
    if sheet.number("hazards.found"):
        text += major_sentences(sheet, place)
    return Draft(f"campaign-{one.pk}", text)


def upgrades(brief: Brief) -> str:
    """“完成安全技术提升改造4家，其中危险废物2家、危险化学品1家、建筑施工1家。”"""
    if listing.known(UPGRADES) is None:
        return ""
    sheet = brief.sheet(UPGRADES, by="industry")
    rows = [row for row in sheet.rows if row[UPGRADES].number]
    if not is_positive(sheet, UPGRADES):
        return ""
    text = f"完成安全技术提升改造{token(UPGRADES)}"
    named = sorted(
        (row for row in rows if row.key != "none"), key=lambda row: (-(row[UPGRADES].number or 0), row.label)
    )
    told = [f"{row.label}{token(UPGRADES, brief.row(UPGRADES, 'industry', row.key))}" for row in named]
    if len(rows) == 1 and named:
        return f"{text}，均为{named[0].label}领域。"
    return f"{text}，其中{'、'.join(told)}。" if told else f"{text}。"
