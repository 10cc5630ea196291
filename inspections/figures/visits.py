"""What the ledger of visits counts."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from emergency.core.periods import Period
from emergency.enterprises.figures import ENTERPRISES
from emergency.figures.vocabulary import (
    CAMPAIGN,
    DEPARTMENT,
    INDUSTRY,
    OFFICE,
    UNIT,
    ChangeFigure,
    CountFigure,
    Dimension,
    DistinctFigure,
    RatioFigure,
    Source,
    StockFigure,
    TotalFigure,
    declare,
)
from inspections.models import COUNTED_KINDS, KIND_FLAGS, Visit

KIND = Dimension("kind", "检查类型", "kind")
COUNTED = Q(kind__in=COUNTED_KINDS)
ADMINISTRATIVE = Q(kind__in=[kind for kind, flags in KIND_FLAGS.items() if flags.administrative])

VISITS = Source(
    code="inspections",
    label="检查执法台账",
    records=lambda: Visit.objects.live(),
    date="visited_on",
    list_url="inspections:list",
    dimensions=(UNIT, OFFICE, DEPARTMENT, INDUSTRY, KIND, CAMPAIGN),
)


def visited_within(period: Period) -> Q:
    """Enterprises that were visited in the period. Counted from the register's side, so that coverage cannot pass 100 %: a visit
    to a firm that has ended since, or that lies elsewhere today, is a visit, but covers nobody of the present register.
    """
    visits = Visit.objects.counted().filter(enterprise=OuterRef("pk"), visited_on__range=(period.start, period.end))
    return Q(Exists(visits))


declare(
    CountFigure(
        code="inspections.visits",
        name="检查",
        unit="家次",
        meaning="期内检查生产经营单位的家次（计入家次的检查类型），按检查日期统计，汇总填报的按家次计。",
        source=VISITS,
        where=COUNTED,
        order=100,
    ),
    ChangeFigure(
        code="inspections.visits.yoy",
        name="检查同比",
        unit="家次",
        meaning="检查家次与上年同期相比的增减。",
        base="inspections.visits",
        order=101,
    ),
    ChangeFigure(
        code="inspections.visits.mom",
        name="检查环比",
        unit="家次",
        meaning="检查家次与上月相比的增减。",
        base="inspections.visits",
        against="month",
        order=102,
    ),
    DistinctFigure(
        code="inspections.enterprises",
        name="检查企业",
        unit="家",
        meaning="期内检查过的不同监管对象数（计入家次的检查类型），同一对象只计一次；汇总填报未写明单位的不计。",
        source=VISITS,
        where=COUNTED,
        subject="enterprise",
        order=110,
    ),
    StockFigure(
        code="inspections.covered",
        name="检查覆盖对象",
        unit="家",
        meaning="期末在册的监管对象中，期内检查过的数量（计入家次的检查类型），按监管对象现在的属地和行业统计；汇总填报未写明单位的不计。",
        source=ENTERPRISES,
        closed="ended_on",
        until=visited_within,
        kept=False,
        order=114,
    ),
    RatioFigure(
        code="inspections.coverage",
        name="检查覆盖率",
        meaning="检查覆盖对象数除以期末在册监管对象数，保留一位小数；期末前退出监管的和汇总填报未写明单位的不计。",
        numerator="inspections.covered",
        denominator="enterprises.registered",
        order=115,
    ),
    CountFigure(
        code="inspections.administrative",
        name="行政检查",
        unit="家次",
        meaning="期内日常、专项、双随机、举报核查、复查等行政检查的家次，按检查日期统计。",
        source=VISITS,
        where=ADMINISTRATIVE,
        order=120,
    ),
    TotalFigure(
        code="inspections.groups",
        name="派出检查组",
        unit="个",
        meaning="期内检查记录中登记的检查组数合计。",
        source=VISITS,
        where=COUNTED,
        field="groups",
        zero="不写",
        order=130,
    ),
    TotalFigure(
        code="inspections.person_times",
        name="出动检查人员",
        unit="人次",
        meaning="期内检查记录中登记的出动人次合计。",
        source=VISITS,
        where=COUNTED,
        field="person_times",
        zero="不写",
        order=140,
    ),
    TotalFigure(
        code="inspections.papers",
        name="下达执法文书",
        unit="份",
        meaning="期内检查记录中登记的文书份数合计。",
        source=VISITS,
        where=COUNTED,
        field="papers",
        zero="不写",
        order=150,
    ),
)
