"""执法处置: parties that are named one by one, and fines whose sum is the published one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch

#: Fines are whole multiples of so many yuan, and at least twice that.
_STEP = 500
_SUSPENSION, _FINE = "责令停产整顿", "罚款"
#: Which part of the fines stands in the row of the suspension that they came with, as offices like to write it.
_TOGETHER = 3


def measures_draw(sketch: Sketch, stretch: Stretch) -> list[Row]:
    """One row per decision, the earlier ones first, numbered through the year; a party has each kind once in a stretch."""
    rows = [row for row in _rows(sketch, stretch, stretch.amounts["measures"]) if sketch.known(row["决定日期"])]
    rows.sort(key=lambda row: row["决定日期"])
    for row in rows:
        year = row["决定日期"].year
        sketch.serials[year] += 1
        row["文号"] = f"（{sketch.case.district_name}）应急决〔{year}〕{sketch.serials[year]}号"
    return rows


def _rows(sketch: Sketch, stretch: Stretch, wanted: Mapping[str, Any]) -> Iterator[Row]:
    fines = _fines(sketch, wanted[_FINE]) if _FINE in wanted else []
    for kind, told in wanted.items():
        if kind == _FINE:
            continue
        count = sketch.number(told)
        for place, row in enumerate(_decisions(sketch, stretch, kind, count)):
            if kind == _SUSPENSION and place % _TOGETHER == 0 and len(fines) > 1:
                row["罚款金额(元)"] = fines.pop()
            yield row
    for row, amount in zip(_decisions(sketch, stretch, _FINE, len(fines)), fines, strict=True):
        yield row | {"罚款金额(元)": amount}


def _fines(sketch: Sketch, wanted: Mapping[str, Any]) -> list[int]:
    """The sum, told in 万元, in so many fines in yuan."""
    steps, rest = divmod(round(sketch.number(wanted["wan"]) * 10_000), _STEP)
    parts = [part * _STEP for part in sketch.shares(steps, sketch.number(wanted["count"]), least=2)]
    parts[0] += rest
    return parts


def _decisions(sketch: Sketch, stretch: Stretch, kind: str, count: int) -> Iterator[Row]:
    words = vocabulary()["measures"]
    for day, subject in zip(sketch.days(stretch, count), sketch.parties(count), strict=True):
        case = sketch.rng.choice(words["causes"])
        executed = sketch.later(day, 1, 20)
        yield {
            "决定日期": day,
            "实施单位": sketch.rng.choice((sketch.case.bureau_name, subject.department)),
            "当事人": subject.name,
            "所属乡镇": subject.area,
            "处置类型": kind,
            "案由": case["cause"],
            "处置依据": words["other_bases"].get(kind, case["basis"]),
            "罚款金额(元)": None,
            "文号": "",
            "执行日期": executed,
            "复产验收日期": sketch.later(day, 21, 60) if kind == _SUSPENSION else None,
            "公示日期": sketch.later(day, 1, 10) if kind not in words["not_published"] else None,
            "专项行动": stretch.campaign,
        }
