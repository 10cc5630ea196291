"""What the register of enterprises counts."""

from __future__ import annotations

from django.db.models import Q

from emergency.enterprises.models import Enterprise
from emergency.figures.vocabulary import DEPARTMENT, INDUSTRY, UNIT, Dimension, Source, StockFigure, declare

SCALE = Dimension("scale", "规模", "scale")
RISK = Dimension("risk", "风险等级", "risk_level")

ENTERPRISES = Source(
    code="enterprises",
    label="监管对象台账",
    records=lambda: Enterprise.objects.live(),
    date="registered_on",
    list_url="enterprises:list",
    dimensions=(UNIT, DEPARTMENT, INDUSTRY, SCALE, RISK),
    quantity="",
)

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
)
