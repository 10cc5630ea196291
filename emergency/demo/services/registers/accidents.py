"""Accidents: as many and as many dead as the case says; the last ones still under investigation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch
from emergency.demo.services.splitting import apportion

#: A first report (快报) is verified within so many days, an investigation over within so many.
_VERIFIED_AFTER, _CLOSED_AFTER = 6, 75


def accidents_draw(sketch: Sketch, stretch: Stretch) -> list[Row]:
    rows = []
    for group in stretch.amounts["accidents"]:
        count = sketch.number(group["count"])
        deaths = apportion(sketch.number(group["deaths"]), [1] * count)
        days = (
            [sketch.today - dt.timedelta(days=group["days_ago"])] * count
            if "days_ago" in group
            else sketch.days(stretch, count)
        )
        rows += [_row(sketch, group, day, dead) for day, dead in zip(days, deaths, strict=True) if sketch.known(day)]
    return sorted(rows, key=lambda row: row["发生时间"])


def _row(sketch: Sketch, group: Mapping[str, Any], day: dt.date, dead: int) -> Row:
    rng = sketch.rng
    subject = sketch.of_industry(group["industry"])
    words = rng.choice(vocabulary()["accidents"][group["classification"]])
    hour, minute = rng.randint(6, 21), rng.randint(0, 59)
    counted = group.get("counted", True)
    row = {
        "发生时间": f"{day.isoformat()} {hour:02d}:{minute:02d}",
        "所属乡镇": sketch.unit().name,
        "事故单位": subject.name,
        "行业": subject.industry,
        "事故分类": group["classification"],
        "事故类型": words["type"],
        "生产经营性": True,
        "纳入统计": counted,
        "死亡": dead,
        "重伤": rng.randint(0, 1) if dead else 1,
        "轻伤": rng.randint(0, 2),
        "直接经济损失(万元)": rng.randint(30, 160) if dead else rng.randint(3, 40),
        "发生地点": words["place"],
        "简要情况": words["brief"],
        "事故原因": words["cause"],
        "不纳入统计原因": "" if counted else words["uncounted"],
        "状态": "快报",
        "核实日期": None,
        "调查报告提交日期": None,
        "批复结案日期": None,
    }
    return row | _state(sketch, day)


def _state(sketch: Sketch, day: dt.date) -> Row:
    age = (sketch.today - day).days
    if age <= _VERIFIED_AFTER:
        return {}
    verified = day + dt.timedelta(days=sketch.rng.randint(2, _VERIFIED_AFTER - 1))
    if age <= _CLOSED_AFTER:
        return {"状态": "已核实", "核实日期": verified}
    submitted = day + dt.timedelta(days=sketch.rng.randint(40, 55))
    return {
        "状态": "已结案",
        "核实日期": verified,
        "调查报告提交日期": submitted,
        "批复结案日期": submitted + dt.timedelta(days=sketch.rng.randint(5, 15)),
    }
