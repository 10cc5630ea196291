"""（四）专项整治与隐患治理: what was found, what of it was put right, the major ones, campaigns and industries."""

from __future__ import annotations

from emergency.core import papers
from emergency.figures.queries import Sheet
from emergency.figures.vocabulary import percent, plain
from emergency.programmes.models import Programme
from reports.sections.writing import Brief, number, paragraph, write

TITLE = "专项整治与隐患治理"
CODES = (
    "hazards.found",
    "hazards.found.yoy",
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
CAMPAIGN_CODES = ("inspections.visits", *(code for code in CODES if not code.endswith(".yoy")))
#: So many industries are named in prose; the rest is in the figures.
INDUSTRIES_NAMED = 3

Runs = tuple[papers.Run, ...]


def blocks(brief: Brief) -> list[papers.Block]:
    sheet = brief.sheet(*CODES)
    running = campaign_sheets(brief)
    # A campaign that carries every record of the period is not told twice: its name goes into the first sentence.
    found = sheet.number("hazards.found")
    whole = [name for name, own in running if found and own.number("hazards.found") == found]
    efforts = f"深入开展{'、'.join(whole)}，" if whole else ""
    opening = write(f"{brief.span}，{brief.whole}{efforts}", sheet)
    result: list[papers.Block] = [paragraph(opening, *general_sentences(sheet), *major_sentences(sheet))]
    result += [block for block in (self_check(sheet), industries(brief)) if block is not None]
    return result + [campaign(name, own) for name, own in running if name not in whole]


def general_sentences(sheet: Sheet, *, compared: bool = True) -> list[Runs]:
    """“排查隐患5985条，整改到位5713条，整改率95.5%；未整改272条，其中逾期18条。”"""
    if sheet["hazards.found"].number == 0:
        return [write("未排查出隐患。", sheet)]
    change = "，同比[[hazards.found.yoy]]" if compared and not sheet["hazards.found"].missing else ""
    sentences = [
        write(f"排查隐患[[hazards.found]]{change}，整改到位[[hazards.rectified]]，整改率[[hazards.rate]]", sheet)
    ]
    if sheet["hazards.unrectified"].number:
        sentences.append(write("；未整改[[hazards.unrectified]]", sheet))
        overdue = sheet["hazards.unrectified_overdue"].number
        sentences.append(
            write("，其中逾期[[hazards.unrectified_overdue]]。" if overdue else "，无逾期未改情况。", sheet)
        )
    else:
        sentences.append(write("。", sheet))
    return sentences


def major_sentences(sheet: Sheet) -> list[Runs]:
    """“其中重大隐患9条，已全部整改销号，整改率100%。” / “已整改销号7条，整改率77.8%，其余2条均已落实…，正在治理。” / “未发现重大隐患。”"""
    found, closed = sheet["hazards.major_found"].number, sheet["hazards.major_rectified"].number
    if sheet["hazards.major_found"].missing or sheet["hazards.found"].number == 0:
        return []
    if not found:
        return [write("未发现重大隐患。", sheet)]
    if closed == found:
        return [write("其中重大隐患[[hazards.major_found]]，已全部整改销号，整改率[[hazards.major_rate]]。", sheet)]
    arranged = sheet["hazards.major_arranged"].number == sheet["hazards.major_unrectified"].number
    return [
        write(
            "其中重大隐患[[hazards.major_found]]，已整改销号[[hazards.major_rectified]]，整改率[[hazards.major_rate]]，"
            f"其余[[hazards.major_unrectified]]{'均已落实责任、措施、资金、时限和预案，' if arranged else ''}正在治理。",
            sheet,
        )
    ]


def self_check(sheet: Sheet) -> papers.Paragraph | None:
    """What enterprises found themselves is counted apart, and only written when there is something."""
    if not sheet["hazards.self_found"].number:
        return None
    return paragraph(write("企业自查自报隐患[[hazards.self_found]]，整改到位[[hazards.self_rectified]]。", sheet))


def industries(brief: Brief) -> papers.Paragraph | None:
    """Where the hazards were: the industries with the most, with their share."""
    sheet = brief.sheet("hazards.found", by="industry")
    total = sheet["hazards.found"].number
    rows = [row for row in sheet.rows if row.key != "none" and row["hazards.found"].number]
    rows.sort(key=lambda row: (-(row["hazards.found"].number or 0), row.label))
    if not total or len(rows) < 2:
        return None
    runs: list[papers.Run] = [papers.Text("从行业领域看，隐患主要集中在")]
    for place, row in enumerate(rows[:INDUSTRIES_NAMED]):
        value = row["hazards.found"]
        share = percent(value.number or 0, total)
        runs.append(papers.Text(("、" if place else "") + row.label))
        runs.append(number(value, sheet, within={"industry": row.key}, part=row.label))
        runs.append(papers.Text(f"（占{plain(share or 0, 1)}%）"))
    return papers.Paragraph((*runs, papers.Text("。")))


def campaign_sheets(brief: Brief) -> list[tuple[str, Sheet]]:
    """The campaigns of the period that have records, the earlier ones first; a child's records stand in its parent."""
    running = Programme.objects.campaigns().during(brief.period.start, brief.period.end).filter(parent=None)
    found = []
    for one in running.of_area(brief.area).order_by("start", "pk"):
        sheet = brief.sheet(*CAMPAIGN_CODES, within={"campaign": str(one.pk)})
        if sheet.number("inspections.visits") or sheet.number("hazards.found"):
            found.append((one.name, sheet))
    return found


def campaign(name: str, sheet: Sheet) -> papers.Paragraph:
    """“深入开展三年行动，共检查生产经营单位…家次，排查隐患…。”"""
    sentences = [write(f"深入开展{name}，", sheet)]
    if sheet.number("inspections.visits"):
        sentences.append(write("共检查生产经营单位[[inspections.visits]]，", sheet))
    sentences += general_sentences(sheet, compared=False)
    if sheet.number("hazards.found"):
        sentences += major_sentences(sheet)
    return paragraph(*sentences)
