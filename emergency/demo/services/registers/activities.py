"""工作纪实: meetings, consultations, training, money spent: each kind so often, with its numbers divided among the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from emergency.demo.services.register import Subject
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch
from emergency.demo.services.splitting import apportion

#: What a specification of the case file may count beside 次数, with its column and the factor from the fact's unit to the column's.
_TOTALS = (
    ("quantity", "数量", 1),
    ("money_wan", "金额(元)", 10_000),
    ("problems", "发现问题", 1),
    ("rectified", "已整改", 1),
)


def activities_draw(sketch: Sketch, stretch: Stretch) -> list[Row]:
    rows = [row for wanted in stretch.amounts["activities"] for row in _rows(sketch, stretch, wanted)]
    return sorted((row for row in rows if sketch.known(row["日期"])), key=lambda row: row["日期"])


def _rows(sketch: Sketch, stretch: Stretch, wanted: Mapping[str, Any]) -> list[Row]:
    """``rows`` rows of one kind at even distances; each total is divided among them to the last one."""
    count = sketch.number(wanted.get("rows", 1))
    totals = {
        header: apportion(round(sketch.number(wanted[name]) * factor), [1] * count)
        for name, header, factor in _TOTALS
        if name in wanted
    }
    rows = []
    for place in range(count):
        row = _row(sketch, stretch, wanted, place, count)
        row |= {header: parts[place] for header, parts in totals.items()}
        if wanted.get("about"):
            row["数量"] = f"约{row['数量']}"
        rows.append(row)
    return rows


def _row(sketch: Sketch, stretch: Stretch, wanted: Mapping[str, Any], place: int, count: int) -> Row:
    case, rng = sketch.case, sketch.rng
    least, most = wanted.get("people", (None, None))
    subject = _subject(sketch, wanted)
    return {
        "日期": _day(sketch, stretch, place, count),
        "开展单位": sketch.unit().name if wanted.get("by_towns") else case.bureau_name,
        "大类": wanted["group"],
        "小类": wanted.get("category", ""),
        "标题": wanted["title"].format(n=place + 1, year=stretch.start.year, district=case.district_name),
        "主持(带队)领导": wanted.get("leader", ""),
        "次数": None,
        "参加人次": rng.randint(least, most) if least is not None else None,
        "数量": None,
        "计量单位": wanted.get("unit", ""),
        "金额(元)": None,
        "发现问题": None,
        "已整改": None,
        "监管对象": subject.name if subject else "",
        "行业": wanted.get("industry", ""),
        "载体": wanted.get("medium", ""),
        "文号": "",
        "专项行动": stretch.campaign if wanted.get("campaign") else "",
        "主要内容": wanted.get("content", ""),
    }


def _subject(sketch: Sketch, wanted: Mapping[str, Any]) -> Subject | None:
    """The enterprise that it was about, where the case says of which industry."""
    return sketch.of_industry(wanted["industry"]) if "industry" in wanted else None


def _day(sketch: Sketch, stretch: Stretch, place: int, count: int) -> dt.date:
    """Somewhere in the row's own part of the stretch, on a working day."""
    length = (stretch.end - stretch.start).days + 1
    first, last = place * length // count, max((place + 1) * length // count - 1, place * length // count)
    day = stretch.start + dt.timedelta(days=sketch.rng.randint(first, last))
    back = max(0, day.weekday() - 4)
    return max(day - dt.timedelta(days=back), stretch.start)
