"""What offices tell in words and single numbers: entered values of other offices, and problems with what they suggest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emergency.demo.services.registers.drawing import Row, Sketch


def given_rows(sketch: Sketch) -> list[Row]:
    """填报数据. Without dates of its own a number is that of the case's period."""
    return [_given(sketch, one) for one in sketch.case.demo["registers"].get("given_figures", ())]


def _given(sketch: Sketch, one: Mapping[str, Any]) -> Row:
    case = sketch.case
    value = sketch.number(one["value"])
    return {
        "指标": one["figure"],
        "属地": case.district_name,
        "起始日期": one.get("start", case.start),
        "截止日期": one.get("end", case.end),
        "数值": f"约{value}" if one.get("about") else value,
        "计量单位": one["unit"],
        "分组": one.get("row", ""),
        "来源单位": one["source"],
        "依据文件": one.get("document", ""),
    }


def problem_rows(sketch: Sketch) -> list[Row]:
    """问题与建议, in the bureau's name."""
    return [
        {
            "年度": one.get("year", sketch.case.start.year),
            "提出单位": sketch.case.bureau_name,
            "排序": place,
            "问题": one["problem"],
            "主要表现": one["showing"],
            "原因分析": one["cause"],
            "对策建议": one["remedy"],
        }
        for place, one in enumerate(sketch.case.demo["registers"].get("problems", ()), start=1)
    ]
