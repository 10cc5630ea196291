"""What the ledgers of hazards and of risk points count.

Self-checks of enterprises are counted apart from what officers found (ledgers.md), so every figure names its side.
"""

from __future__ import annotations

from django.db.models import Q

from emergency.core.periods import Period
from emergency.figures.vocabulary import (
    CAMPAIGN,
    DEPARTMENT,
    INDUSTRY,
    OFFICE,
    UNIT,
    ChangeFigure,
    CohortFigure,
    CountFigure,
    Dimension,
    DistinctFigure,
    FlowFigure,
    RatioFigure,
    Source,
    StockFigure,
    TotalFigure,
    declare,
)
from hazards.models import Grade, Hazard, RiskPoint
from hazards.models import Source as FoundBy

GRADE = Dimension("grade", "隐患等级", "grade")
ORIGIN = Dimension("source", "隐患来源", "source")

HAZARDS = Source(
    code="hazards",
    label="隐患治理台账",
    records=lambda: Hazard.objects.counted(),
    date="found_on",
    list_url="hazards:list",
    dimensions=(UNIT, OFFICE, DEPARTMENT, INDUSTRY, GRADE, ORIGIN, CAMPAIGN),
)
OFFICIAL = ~Q(source=FoundBy.SELF)
SELF = Q(source=FoundBy.SELF)
MAJOR = Q(grade=Grade.MAJOR)
#: 五落实 (16号令 art 14): none of the five may be empty.
FIVE_FULFILLED = ~Q(duty="") & ~Q(steps="") & ~Q(funds="") & ~Q(time_limit="") & ~Q(contingency="")


def not_submitted_in_time(period: Period) -> Q:
    """Overdue on the period's last day: not submitted by then and due before it."""
    return Q(due_on__lt=period.end) & (Q(rectified_on__isnull=True) | Q(rectified_on__gt=period.end))


FOUND = CountFigure(
    code="hazards.found",
    name="排查隐患",
    unit="条",
    meaning="期内发现并登记的隐患数（不含企业自查），按发现日期统计，按数量登记的按数量计。",
    source=HAZARDS,
    where=OFFICIAL,
    order=200,
)
RECTIFIED = CohortFigure(
    code="hazards.rectified",
    name="整改到位",
    unit="条",
    meaning="期内发现的隐患中，至期末已销号的数量（不含企业自查）；整改率只以此为分子。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    order=210,
)
UNRECTIFIED = CohortFigure(
    code="hazards.unrectified",
    name="未整改",
    unit="条",
    meaning="期内发现的隐患中，至期末尚未销号的数量（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    still_open=True,
    order=220,
)
UNRECTIFIED_OVERDUE = CohortFigure(
    code="hazards.unrectified_overdue",
    name="未整改中逾期",
    unit="条",
    meaning="期内发现且至期末未销号的隐患中，整改期限早于期末、至期末未提交整改的数量（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    still_open=True,
    until=not_submitted_in_time,
    order=230,
)
RATE = RatioFigure(
    code="hazards.rate",
    name="整改率",
    meaning="整改到位数除以排查隐患数，保留一位小数。",
    numerator="hazards.rectified",
    denominator="hazards.found",
    order=240,
)
MAJOR_FOUND = CountFigure(
    code="hazards.major_found",
    name="排查重大隐患",
    unit="条",
    meaning="期内发现并登记的重大隐患数（不含企业自查），按发现日期统计。",
    source=HAZARDS,
    where=OFFICIAL & MAJOR,
    order=250,
)
MAJOR_RECTIFIED = CohortFigure(
    code="hazards.major_rectified",
    name="重大隐患整改销号",
    unit="条",
    meaning="期内发现的重大隐患中，至期末已销号的数量（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL & MAJOR,
    closed="closed_on",
    order=260,
)
MAJOR_UNRECTIFIED = CohortFigure(
    code="hazards.major_unrectified",
    name="重大隐患未销号",
    unit="条",
    meaning="期内发现的重大隐患中，至期末尚未销号的数量（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL & MAJOR,
    closed="closed_on",
    still_open=True,
    zero="不写",
    order=261,
)
MAJOR_ARRANGED = CohortFigure(
    code="hazards.major_arranged",
    name="重大隐患未销号且五落实",
    unit="条",
    meaning="期内发现、至期末尚未销号的重大隐患中，责任、措施、资金、时限、预案均已落实的数量（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL & MAJOR & FIVE_FULFILLED,
    closed="closed_on",
    still_open=True,
    zero="不写",
    order=262,
)
MAJOR_RATE = RatioFigure(
    code="hazards.major_rate",
    name="重大隐患整改率",
    meaning="重大隐患整改销号数除以排查重大隐患数，保留一位小数。",
    numerator="hazards.major_rectified",
    denominator="hazards.major_found",
    order=270,
)
CLOSED = FlowFigure(
    code="hazards.closed",
    name="期内销号",
    unit="条",
    meaning="期内办结销号的隐患数，不论何时发现（不含企业自查），按销号日期统计。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    order=280,
)
OPEN = StockFigure(
    code="hazards.open",
    name="未销号隐患",
    unit="条",
    meaning="期末仍未销号的隐患数，不论何时发现（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    order=290,
)
OVERDUE = StockFigure(
    code="hazards.overdue",
    name="逾期未改隐患",
    unit="条",
    meaning="期末未销号的隐患中，整改期限早于期末、至期末未提交整改的数量，不论何时发现（不含企业自查）。",
    source=HAZARDS,
    where=OFFICIAL,
    closed="closed_on",
    until=not_submitted_in_time,
    order=300,
)
COST = TotalFigure(
    code="hazards.cost",
    name="整改资金",
    unit="元",
    meaning="期内发现的隐患已登记的整改资金合计（不含企业自查），按发现日期统计。",
    source=HAZARDS,
    where=OFFICIAL,
    field="cost",
    order=310,
)
SELF_FOUND = CountFigure(
    code="hazards.self_found",
    name="企业自查隐患",
    unit="条",
    meaning="期内企业自查自报的隐患数，按发现日期统计。",
    source=HAZARDS,
    where=SELF,
    zero="不写",
    order=320,
)
SELF_RECTIFIED = CohortFigure(
    code="hazards.self_rectified",
    name="企业自查隐患整改到位",
    unit="条",
    meaning="期内企业自查自报的隐患中，至期末已销号的数量。",
    source=HAZARDS,
    where=SELF,
    closed="closed_on",
    zero="不写",
    order=330,
)
FOUND_YEAR = ChangeFigure(
    code="hazards.found.yoy",
    name="排查隐患同比",
    unit="条",
    meaning="排查隐患数与上年同期相比的增减。",
    base="hazards.found",
    order=201,
)
FOUND_MONTH = ChangeFigure(
    code="hazards.found.mom",
    name="排查隐患环比",
    unit="条",
    meaning="排查隐患数与上月相比的增减。",
    base="hazards.found",
    against="month",
    order=202,
)
RATE_YEAR = ChangeFigure(
    code="hazards.rate.yoy",
    name="整改率同比",
    unit="%",
    meaning="整改率与上年同期相比的变化，以百分点表示。",
    base="hazards.rate",
    order=241,
)

declare(
    FOUND,
    FOUND_YEAR,
    FOUND_MONTH,
    RECTIFIED,
    UNRECTIFIED,
    UNRECTIFIED_OVERDUE,
    RATE,
    RATE_YEAR,
    MAJOR_FOUND,
    MAJOR_RECTIFIED,
    MAJOR_UNRECTIFIED,
    MAJOR_ARRANGED,
    MAJOR_RATE,
    CLOSED,
    OPEN,
    OVERDUE,
    COST,
    SELF_FOUND,
    SELF_RECTIFIED,
)


# ------------------------------------------------------------------------------------------------ risk points

LEVEL = Dimension("level", "风险点等级", "level")

RISK_POINTS = Source(
    code="risk_points",
    label="风险点台账",
    records=lambda: RiskPoint.objects.counted(),
    date="identified_on",
    list_url="hazards:risk_list",
    dimensions=(UNIT, OFFICE, DEPARTMENT, INDUSTRY, LEVEL),
    quantity="",
)
KEY = Q(key=True)

declare(
    CountFigure(
        code="risks.identified",
        name="辨识风险点",
        unit="处",
        meaning="期内辨识并登记的风险点数，按辨识日期统计，含以后已消除的。",
        source=RISK_POINTS,
        order=400,
    ),
    CohortFigure(
        code="risks.controlled",
        name="落实管控风险点",
        unit="处",
        meaning="期内辨识的风险点中，至期末已落实管控的数量，按管控日期判定。",
        source=RISK_POINTS,
        closed="controlled_on",
        order=410,
    ),
    RatioFigure(
        code="risks.rate",
        name="风险点管控率",
        meaning="落实管控风险点数除以辨识风险点数，保留一位小数。",
        numerator="risks.controlled",
        denominator="risks.identified",
        order=420,
    ),
    CohortFigure(
        code="risks.uncontrolled",
        name="未落实管控风险点",
        unit="处",
        meaning="期内辨识的风险点中，至期末未落实管控、也未消除的数量。",
        source=RISK_POINTS,
        closed="controlled_on",
        still_open=True,
        until=lambda period: Q(removed_on__isnull=True) | Q(removed_on__gt=period.end),
        zero="不写",
        order=430,
    ),
    CountFigure(
        code="risks.key_points",
        name="重点风险点",
        unit="处",
        meaning="期内辨识的风险点中列为重点的数量，按辨识日期统计。",
        source=RISK_POINTS,
        where=KEY,
        order=440,
    ),
    DistinctFigure(
        code="risks.key_industries",
        name="重点风险点涉及领域",
        unit="个",
        meaning="期内辨识的重点风险点所涉及的行业领域数，同一行业只计一次。",
        source=RISK_POINTS,
        where=KEY,
        subject="industry",
        unnamed="另有{n}处未填行业",
        order=450,
    ),
    TotalFigure(
        code="risks.key_measures",
        name="重点风险点管控措施",
        unit="条",
        meaning="期内辨识的重点风险点现有的管控措施条数合计，按辨识日期统计。",
        source=RISK_POINTS,
        where=KEY,
        field="measure_count",
        order=460,
    ),
    StockFigure(
        code="risks.standing",
        name="在册风险点",
        unit="处",
        meaning="期末尚未消除的风险点数，不论何时辨识。",
        source=RISK_POINTS,
        closed="removed_on",
        order=470,
    ),
    FlowFigure(
        code="risks.removed",
        name="消除风险点",
        unit="处",
        meaning="期内消除销号的风险点数，不论何时辨识，按消除日期统计。",
        source=RISK_POINTS,
        closed="removed_on",
        zero="不写",
        order=480,
    ),
)
