"""（一）安全生产形势: accidents and deaths against the year before, of what kind, how grave; and the fires of the fire service."""

from __future__ import annotations

from emergency.figures.queries import Sheet, confirmed_zero
from emergency.figures.queries.zeros import own_name
from emergency.incidents.figures import ACCIDENTS
from emergency.incidents.models import LARGER_UP, Classification, Grade
from reports.sections import listing
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft, is_positive, token

TITLE = "安全生产形势"
COUNT, DEATHS, LARGER, LARGER_DEATHS = (
    "accidents.count",
    "accidents.deaths",
    "accidents.larger",
    "accidents.larger_deaths",
)
STREAK = "accidents.both_falling_years"
CODES = (
    COUNT, f"{COUNT}.yoy", DEATHS, f"{DEATHS}.yoy", LARGER, f"{LARGER}.yoy", LARGER_DEATHS, f"{LARGER_DEATHS}.yoy",
    "accidents.industrial", "accidents.serious_injured", "accidents.loss", STREAK,
)  # fmt: skip
#: What prose calls the accidents of a classification; the others by their own name.
KINDS = {
    Classification.ROAD: "道路交通",
    Classification.WATER: "水上交通",
    Classification.MACHINERY: "农业机械",
    Classification.OTHER: "其他",
}
#: More silent units than these are not named one by one.
NAMED = 5


def drafts(brief: Brief) -> list[Draft]:
    sheet = brief.sheet(*CODES)
    kinds = kinds_of(brief) if is_positive(sheet, COUNT) else {}
    text = happened(brief, sheet, kinds)
    if is_positive(sheet, COUNT):
        text += by_kind(brief, kinds) + larger(brief, sheet) + harm(brief)
    found = [Draft("accidents", text)]
    if fires := fire_sentence(brief):
        found.append(Draft("fires", fires))
    return found


def happened(brief: Brief, sheet: Sheet, kinds: dict[str, str]) -> str:
    """“1—11月，全区共发生生产安全事故4起、死亡5人，同比分别减少4起、1人，分别下降50%、16.7%，实现“双下降”，均为道路交通事故。”"""
    opening = f"[[时段]]，{brief.whole}"
    if sheet[COUNT].number == 0:
        return f"{opening}{token(COUNT, form='未发生')}生产安全事故{former(brief)}。"
    deaths = "，未造成人员死亡" if sheet[DEATHS].number == 0 else f"、死亡{token(DEATHS)}"
    text = f"{opening}共发生生产安全事故{token(COUNT)}{deaths}"
    if sheet[COUNT].missing:
        return f"{text}。"
    text += f"{silent(brief, sheet)}{compared(sheet, COUNT, DEATHS)}{falling(sheet)}"
    if len(kinds) == 1:
        (kind,) = kinds.values()
        text += f"，{'为' if sheet.number(COUNT) == 1 else '均为'}{kind}事故"
    return f"{text}。"


def former(brief: Brief) -> str:
    """Beside a year without accidents what there was the year before: “（上年同期8起、死亡6人）”."""
    before = brief.sheet(COUNT, DEATHS, period=brief.period.previous_year())
    if not is_positive(before, COUNT):
        return ""
    deaths = f"、死亡{token(DEATHS, period='上年同期')}" if is_positive(before, DEATHS) else ""
    return f"（上年同期{token(COUNT, period='上年同期')}{deaths}）"


def silent(brief: Brief, sheet: Sheet) -> str:
    """“（大田乡、三溪乡未报，数据未含）”: units without an accident that have not confirmed that they had none."""
    if sheet[COUNT].given:
        return ""
    missing = confirmed_zero(ACCIDENTS, brief.area, brief.period).missing
    if not missing:
        return ""
    named = "、".join(own_name(unit) for unit, _ in missing) if len(missing) <= NAMED else "部分单位"
    whole = all(len(months) == brief.period.month_count for _, months in missing)
    return f"（{named}{'' if whole else '部分月份'}未报，数据未含）"


def compared(sheet: Sheet, count: str, deaths: str) -> str:
    """The change of accidents and deaths: together where they moved alike, else each by itself."""
    first, second = sheet[f"{count}.yoy"], sheet[f"{deaths}.yoy"]
    if first.missing:
        return f"，同比{token(f'{count}.yoy')}"
    if second.missing or second.parts == (0, 0):
        rest = f"，死亡人数{moved(sheet, deaths)}" if second.missing else ""
        return f"，起数{moved(sheet, count)}{rest}"
    one, other = first.number or 0, second.number or 0
    if one == other == 0:
        return f"，起数、死亡人数均与上年同期{token(count, form='增减数')}"
    from_nothing = [value.percent_changed is None for value in (first, second)]
    if one * other <= 0 or any(from_nothing) != all(from_nothing):
        return f"，事故起数{moved(sheet, count)}，死亡人数{moved(sheet, deaths)}"
    amount, share = ("增加", "上升") if one > 0 else ("减少", "下降")
    sizes = f"{amount}{token(count, form=amount)}、{token(deaths, form=amount)}"
    if all(from_nothing):
        return f"，同比{sizes}（上年同期为零）"
    return f"，同比分别{sizes}，分别{share}{token(count, form=share)}、{token(deaths, form=share)}"


def moved(sheet: Sheet, code: str) -> str:
    """“同比减少1人、下降20%”, “与上年同期持平”."""
    level = sheet[f"{code}.yoy"].number == 0
    return f"与上年同期{token(code, form='增减数')}" if level else f"同比{token(f'{code}.yoy')}"


def falling(sheet: Sheet) -> str:
    """“实现“双下降””, with the number of years from the second one on."""
    if any((sheet[f"{code}.yoy"].number or 0) >= 0 for code in (COUNT, DEATHS)):
        return ""
    years = f"连续{token(STREAK, form='中文')}" if sheet.number(STREAK) >= 2 else ""
    return f"，{years}实现“双下降”"


def kinds_of(brief: Brief) -> dict[str, str]:
    """Stored classification → its word, for the kinds that there were, the most frequent first."""
    sheet = brief.sheet(COUNT, DEATHS, by="classification")
    rows = sorted(
        (row for row in sheet.rows if row.key != "none" and row[COUNT].number),
        key=lambda row: -(row[COUNT].number or 0),
    )
    return {row.key: KINDS.get(row.key, row.label) for row in rows}  # type: ignore[call-overload]


def by_kind(brief: Brief, kinds: dict[str, str]) -> str:
    """“其中道路交通事故2起、死亡3人，工矿商贸事故1起。”, or that 工矿商贸 had none; a single kind was said already."""
    if len(kinds) < 2:
        return ""
    deadly = {row.key for row in brief.sheet(COUNT, DEATHS, by="classification").rows if row[DEATHS].number}
    told = []
    for key, kind in kinds.items():
        place = brief.row(COUNT, "classification", key)
        told.append(f"{kind}事故{token(COUNT, place)}" + (f"、死亡{token(DEATHS, place)}" if key in deadly else ""))
    none = (
        ""
        if Classification.INDUSTRIAL in kinds
        else f"工矿商贸领域{token('accidents.industrial', form='未发生')}事故。"
    )
    return f"其中{'，'.join(told)}。{none}"


def larger(brief: Brief, sheet: Sheet) -> str:
    """“发生较大事故1起、死亡3人，同比增加1起、3人（上年同期为零）。”, or that there was none."""
    if sheet[LARGER].missing:
        return ""
    if not sheet[LARGER].number:
        return f"{token(LARGER, form='未发生')}较大以上生产安全事故。"
    rows = brief.sheet(COUNT, by="accident_grade").rows
    graver = {row.key for row in rows if row.key in LARGER_UP and row[COUNT].number} - {Grade.LARGER.value}
    deaths = f"、死亡{token(LARGER_DEATHS)}" if is_positive(sheet, LARGER_DEATHS) else ""
    return (
        f"发生{'较大以上' if graver else '较大'}事故{token(LARGER)}{deaths}{compared(sheet, LARGER, LARGER_DEATHS)}。"
    )


def harm(brief: Brief) -> str:
    """Further harm that the ledger has: the badly hurt and the assessed loss."""
    parts = (Part("accidents.serious_injured", "重伤"), Part("accidents.loss", "直接经济损失"))
    return listing.listed(brief, parts, before="事故造成", after="。")


def fire_sentence(brief: Brief) -> str:
    """“发生火灾43起，直接财产损失约38.74万元。”: given by the fire service, so only where somebody enters it."""
    parts = (Part("fires.count", "发生火灾"), Part("fires.loss", "直接财产损失"))
    found = listing.said(brief, parts)
    if not found:
        return ""
    change = brief.sheet("fires.count.yoy")["fires.count.yoy"]
    if change.known and change.number is not None and found[0].startswith("发生火灾"):
        found[0] += f"，{moved(brief.sheet('fires.count.yoy'), 'fires.count')}"
    return f"{brief.whole}{'，'.join(found)}。"
