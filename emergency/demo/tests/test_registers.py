"""The smaller registers on whatever day the demonstration is loaded: nothing lies ahead, nothing looks entered twice."""

import datetime as dt
import random

import pytest

from emergency.demo import services
from emergency.demo.services.register import subjects_draw
from emergency.demo.services.registers import books
from emergency.demo.services.workbooks import Table

CASE = services.load("ganxian_2021")
SUBJECTS = subjects_draw(CASE, random.Random(CASE.demo["seed"]))
#: New Year, when nothing of the year is known; a day in a leap year; a weekend; the end of a year.
DAYS = (dt.date(2027, 1, 1), dt.date(2028, 2, 29), dt.date(2026, 11, 22), dt.date(2029, 12, 31))
#: What tells two rows of a register apart, as its importer asks for rows entered twice.
KEYS = {
    "risk_points": ("名称", "监管对象"),
    "measures": ("文号",),
    "letters": ("发文日期", "种类", "事由", "主送单位"),
    "accidents": ("发生时间", "所属乡镇", "事故单位"),
    "activities": ("日期", "开展单位", "大类", "小类", "标题"),
    "given_figures": ("指标", "起始日期", "截止日期", "分组"),
    "problems": ("年度", "问题"),
}
#: Days that may lie ahead: they are terms.
AHEAD = ("回复期限", "下次巡查日期", "约谈日期")


def drawn(today: dt.date) -> dict[str, Table]:
    return dict(books(CASE, subjects=SUBJECTS, today=today, rng=random.Random(CASE.demo["seed"])))


@pytest.mark.parametrize("today", DAYS)
def test_no_row_lies_ahead_or_looks_entered_twice(today: dt.date) -> None:
    found = drawn(today)
    assert set(found) == set(KEYS)
    for kind, table in found.items():
        assert table.rows
        keys = [tuple(row[header] for header in KEYS[kind]) for row in table.rows]
        assert len(keys) == len(set(keys)), kind
        days = [
            (header, value)
            for row in table.rows
            for header, value in row.items()
            if isinstance(value, dt.date) and header not in AHEAD
        ]
        assert not [one for one in days if one[1] >= today], kind


def test_later_steps_do_not_come_before_earlier_ones() -> None:
    found = drawn(DAYS[-1])
    orders = {
        "risk_points": ("辨识日期", "管控日期", "最近巡查日期", "下次巡查日期"),
        "measures": ("决定日期", "执行日期", "复产验收日期"),
        "letters": ("发文日期", "回复日期", "核查日期"),
        "accidents": ("核实日期", "调查报告提交日期", "批复结案日期"),
    }
    for kind, headers in orders.items():
        for row in found[kind].rows:
            days = [row[header] for header in headers if row.get(header) is not None]
            assert days == sorted(days), (kind, row)
