"""Entered values for tests, and figures that only tests declare."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from emergency.core.periods import Period, month_end
from emergency.figures import vocabulary
from emergency.figures.models import GivenValue
from emergency.figures.services import given_enter, given_prepare
from emergency.figures.vocabulary import ChangeFigure, GivenFigure, StreakFigure
from emergency.organizations.models import Organisation

FIRES = GivenFigure(code="test.fires", name="测试火灾", unit="起", meaning="消防部门统计的火灾起数。")
LOSS = GivenFigure(code="test.fire_loss", name="测试火灾损失", unit="元", meaning="消防部门统计的火灾直接经济损失。")
COMMITTEES = GivenFigure(
    code="test.committees", name="专业委员会", unit="个", meaning="期末设立的专业委员会数。", adds_over_months=False
)
FIRES_CHANGE = ChangeFigure(
    code="test.fires.yoy", name="测试火灾同比", unit="起", meaning="火灾起数与上年同期相比的增减。", base="test.fires"
)
FALLING = StreakFigure(
    code="test.falling",
    name="连续双下降",
    meaning="火灾起数和损失连续下降的年数。",
    bases=("test.fires", "test.fire_loss"),
)
FOUND_FALLING = StreakFigure(
    code="test.found_falling", name="隐患连续下降", meaning="排查隐患数连续下降的年数。", bases=("hazards.found",)
)
OURS = (FIRES, LOSS, COMMITTEES, FIRES_CHANGE, FALLING, FOUND_FALLING)


def months(first: str, last: str = "") -> Period:
    """“2020-01” to “2020-11” as whole months."""
    start, end = (dt.date.fromisoformat(f"{month}-01") for month in (first, last or first))
    return Period(start, month_end(end))


def given_make(actor: Any, code: str, area: Organisation, period: Period, value: int | str, **more: Any) -> GivenValue:
    prepared = given_prepare(
        figure=vocabulary.get(code),
        area=area,
        period=period,
        value=Decimal(value),
        source_unit=more.pop("source_unit", "消防救援大队"),
        **more,
    )
    return given_enter(given=prepared, actor=actor)
