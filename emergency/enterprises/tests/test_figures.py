"""What the register counts as graded (安全生产标准化)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from emergency.core.periods import Period
from emergency.enterprises.models import Enterprise
from emergency.enterprises.tests.factories import enterprise_make
from emergency.figures import queries as figures
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

NOVEMBER = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
DAY = dt.timedelta(days=1)


def graded(cast: Cast, name: str, **fields: Any) -> None:
    """An enterprise of the third grade, registered here years after it was graded."""
    made = enterprise_make(name=name, area=cast.street_a, created_by=cast.bureau_clerk)
    values = {
        "registered_on": dt.date(2026, 1, 5),
        "standard_grade": "third",
        "standard_graded_on": dt.date(2020, 5, 6),
    }
    Enterprise.objects.filter(pk=made.pk).update(**values | fields)


def standardised(cast: Cast, period: Period = NOVEMBER, **options: Any) -> Any:
    return figures.evaluate(["enterprises.standardised"], organisation=cast.district, period=period, **options)


def test_a_grade_counts_from_its_day_to_its_last(cast: Cast) -> None:
    end = NOVEMBER.end
    graded(cast, "甲厂")
    graded(cast, "末日定级", standard_graded_on=end, standard_grade="small")
    graded(cast, "次日定级", standard_graded_on=end + DAY)
    graded(cast, "末日到期", standard_expires_on=end)
    graded(cast, "前日到期", standard_expires_on=end - DAY)
    graded(cast, "末日关闭", state="closed", ended_on=end)
    graded(cast, "次日关闭", state="closed", ended_on=end + DAY)
    graded(cast, "未定级", standard_grade="")
    graded(cast, "无日期", standard_graded_on=None)
    graded(cast, "录错", void=True, void_reason="重复")
    assert standardised(cast)["enterprises.standardised"].number == 4
    by_grade = standardised(cast, by="standard").rows
    assert {row.label: row["enterprises.standardised"].number for row in by_grade} == {
        "一级": 0, "二级": 0, "三级": 3, "小微达标": 1,
    }  # fmt: skip
    assert standardised(cast, Period(dt.date(2020, 1, 1), dt.date(2020, 5, 6)))["enterprises.standardised"].number == 5
