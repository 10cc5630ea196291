"""What the register of enterprises counts."""

from __future__ import annotations

from django.db.models import Q

from emergency.core.periods import Period
from emergency.enterprises.models import Enterprise
from emergency.figures.vocabulary import DEPARTMENT, INDUSTRY, UNIT, Dimension, Source, StockFigure, declare

SCALE = Dimension("scale", "规模", "scale")
RISK = Dimension("risk", "风险等级", "risk_level")
STANDARD = Dimension("standard", "标准化等级", "standard_grade")

ENTERPRISES = Source(
    code="enterprises",
    label="监管对象台账",
    records=lambda: Enterprise.objects.live(),
    date="registered_on",
    list_url="enterprises:list",
    dimensions=(UNIT, DEPARTMENT, INDUSTRY, SCALE, RISK),
    quantity="",
)

#: The same records by the day of their grading: it may lie years before they were registered here.
STANDARDISED = Source(
    code="standardised",
    label="标准化定级",
    records=lambda: Enterprise.objects.live().exclude(standard_grade="").filter(standard_graded_on__isnull=False),
    date="standard_graded_on",
    list_url="enterprises:list",
    dimensions=(UNIT, DEPARTMENT, INDUSTRY, SCALE, RISK, STANDARD),
    quantity="",
)


def grade_in_force(period: Period) -> Q:
    """Not expired on the period's last day (应急〔2021〕83号: a grade holds three years)."""
    return Q(standard_expires_on__isnull=True) | Q(standard_expires_on__gte=period.end)


declare(
    StockFigure(
        code="enterprises.registered",
        name="监管对象",
        unit="家",
        meaning="期末在册的监管对象数（已关闭、取缔、搬迁的除外）。",
        source=ENTERPRISES,
        closed="ended_on",
        order=10,
    ),
    StockFigure(
        code="enterprises.key",
        name="重点监管对象",
        unit="家",
        meaning="期末在册、现列为重点监管的监管对象数。",
        source=ENTERPRISES,
        where=Q(key_supervised=True),
        closed="ended_on",
        order=20,
    ),
    StockFigure(
        code="enterprises.standardised",
        name="安全生产标准化达标企业",
        unit="家",
        meaning="期末在册的监管对象中，期末前已通过安全生产标准化定级且未过有效期的数量，按定级日期统计；未填有效期的视为有效。",
        source=STANDARDISED,
        closed="ended_on",
        until=grade_in_force,
        order=30,
    ),
)
