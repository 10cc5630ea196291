"""Accidents and deaths by classification against the year before, and of five years."""

from __future__ import annotations

from emergency.core import charts, papers
from emergency.core.periods import Period
from emergency.figures.queries import Row, Sheet, Value, evaluate_over, link
from emergency.figures.vocabulary import get, plain
from reports.sections.accidents import COUNT, DEATHS, LARGER, LARGER_DEATHS, silent
from reports.sections.writing import Answer, Brief, cell, number
from reports.sections.writing.brief import Question

YEARS = 5
COMPARED = ("本期", "上年\n同期", "增减", "±%")
COLUMNS = (
    papers.Column("事故分类", 5, "left"),
    *(papers.Column(title, 3, group="起数（起）") for title in COMPARED),
    *(papers.Column(title, 3, group="死亡（人）") for title in COMPARED),
    papers.Column("起数", 3, group="较大以上"),
    papers.Column("死亡", 3, group="较大以上"),
)


def by_classification(brief: Brief) -> papers.Table | None:
    """T1. None where there was none in either year, and where nobody knows the number: the text says so."""
    sheet = brief.sheet(COUNT, DEATHS, LARGER, LARGER_DEATHS, f"{COUNT}.yoy", f"{DEATHS}.yoy", by="classification")
    if sheet[COUNT].missing:
        return None
    before = brief.sheet(COUNT, DEATHS, by="classification", period=brief.period.previous_year())
    former = {row.key: row for row in before.rows}
    shown = [row for row in sheet.rows if row[COUNT].number or (row.key in former and former[row.key][COUNT].number)]
    if not shown and not before.number(COUNT):
        return None
    rows = [
        papers.Row(
            (
                "未分类" if row.key == "none" else row.label,
                *compared(COUNT, row, sheet, former.get(row.key), before),
                *compared(DEATHS, row, sheet, former.get(row.key), before),
                of_row(row[LARGER], sheet, row.key),
                of_row(row[LARGER_DEATHS], sheet, row.key),
            )
        )
        for row in shown
    ]
    total = papers.Row(
        (
            "合计",
            *compared(COUNT, None, sheet, None, before),
            *compared(DEATHS, None, sheet, None, before),
            cell(sheet[LARGER], sheet),
            cell(sheet[LARGER_DEATHS], sheet),
        ),
        total=True,
    )
    return papers.Table(columns=COLUMNS, rows=(*rows, total), notes=notes(brief, sheet, before))


def compared(code: str, row: Row | None, sheet: Sheet, former: Row | None, before: Sheet) -> list[papers.Cell]:
    """The four cells of a figure: of a row, or with ``row`` None of the total."""
    values = row.values if row else sheet.totals
    then = former.values if former else before.totals
    key = row.key if row else None
    change = values[f"{code}.yoy"]
    return [
        of_row(values[code], sheet, key),
        of_row(then[code], before, key),
        *(of_row(change, sheet, key, text) for text in (signed(change), share(change))),
    ]


def of_row(value: Value, sheet: Sheet, key: str | None, text: str | None = None) -> papers.Cell:
    """A cell. What nobody entered by classification is a dash where the total was entered: it has to be said once."""
    total = sheet[value.figure.code]
    if value.missing and key is not None and total.known:
        return "—"
    if text is None or value.missing or value.number is None:
        return cell(value, sheet, key)
    if text == "—":
        return text
    within = {str(sheet.by): key} if key is not None and sheet.by else None
    return number(value, sheet, text=text, within=within)


def signed(change: Value) -> str:
    """“-4”, “+3”, “0”."""
    amount = change.number or 0
    return f"+{plain(amount)}" if amount > 0 else plain(amount)


def share(change: Value) -> str:
    """The percent of a change with its sign; a dash where the year before had none."""
    percent = change.percent_changed
    if percent is None:
        return "0" if change.number == 0 else "—"
    return f"+{plain(percent, 1)}" if percent > 0 else plain(percent, 1)


def notes(brief: Brief, sheet: Sheet, before: Sheet) -> tuple[str, ...]:
    found = []
    if silence := silent(brief, sheet).strip("（）"):
        found.append(f"{silence}。")
    for one, words in ((sheet, "本期数"), (before, "上年同期数")):
        if one[COUNT].given and any(row[COUNT].missing for row in one.rows):
            found.append(f"{words}为填报数，未分类。")
    return tuple(found)


def five_years(brief: Brief) -> papers.Chart | None:
    """Accidents and deaths over the same days of five years, from the first one known; None for fewer than two years.

    A year without accidents that not every unit has confirmed is not known.
    """
    periods = [brief.period]
    while len(periods) < YEARS:
        periods.insert(0, periods[0].previous_year())
    sheets = evaluate_over((COUNT, DEATHS), organisation=brief.area, periods=periods)
    gaps = [gap(brief, sheet) for sheet in sheets]
    known = [place for place, one in enumerate(gaps) if not one]
    if len(known) < 2:
        return None
    years = list(zip(periods, sheets, gaps, strict=True))[known[0] :]
    points = [
        charts.Point(
            label(period),
            None if missing else sheet[code].number,
            name,
            link(get(code), organisation=brief.area, period=period, value=sheet[code]),
        )
        for code, name in ((COUNT, "事故起数（起）"), (DEATHS, "死亡人数（人）"))
        for period, sheet, missing in years
    ]
    title = f"近{len(years)}年{brief.period.label()}事故起数和死亡人数"
    table = papers.Table(
        columns=(
            papers.Column("年份", 3, "center"),
            papers.Column("事故起数（起）", 4),
            papers.Column("死亡人数（人）", 4),
        ),
        rows=tuple(
            papers.Row((label(period), *(missing or cell(sheet[code], sheet) for code in (COUNT, DEATHS))))
            for period, sheet, missing in years
        ),
        notes=(f"各年均为{brief.period.label()}数。",),
    )
    return papers.Chart(charts.lines(points, title=f"{brief.area}{title}"), caption=title, table=table)


def gap(brief: Brief, sheet: Sheet) -> papers.Missing | None:
    """What stands in the place of a year's numbers that are not known."""
    value = sheet[COUNT]
    if value.missing:
        return papers.Missing("【待补】")
    unsure = brief.unconfirmed(Answer(Question(value.figure, brief.area, sheet.period), value))
    return papers.Missing("【待确认】", kind="confirm") if unsure else None


def label(period: Period) -> str:
    return f"{period.end.year}年"
