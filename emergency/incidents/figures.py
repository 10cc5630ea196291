"""What the accident ledger counts, and the numbers of other offices that stand beside it in every summary.

Counted is what is 生产经营性 and 纳入统计, on the accident's own date; a death within the days of the regulation counts on that date
too. No accident is a statement, so an empty period has to be confirmed (零报告).
"""

from __future__ import annotations

from django.db.models import Q

from emergency.figures.vocabulary import (
    DEPARTMENT,
    INDUSTRY,
    UNIT,
    ChangeFigure,
    CountFigure,
    Dimension,
    Figure,
    GivenFigure,
    Source,
    StockFigure,
    StreakFigure,
    TotalFigure,
    declare,
)
from emergency.incidents.models import LARGER_UP, Accident, Classification

CLASSIFICATION = Dimension("classification", "事故分类", "classification")
ACCIDENT_GRADE = Dimension("accident_grade", "事故等级", "grade")

ACCIDENTS = Source(
    code="accidents",
    label="事故统计台账",
    records=lambda: Accident.objects.counted(),
    date="occurred_on",
    list_url="incidents:list",
    dimensions=(UNIT, DEPARTMENT, INDUSTRY, CLASSIFICATION, ACCIDENT_GRADE),
    quantity="",
    zero_confirmed=True,
)
LARGER = Q(grade__in=[grade.value for grade in LARGER_UP])
INDUSTRIAL = Q(classification=Classification.INDUSTRIAL)


def _yoy(base: Figure, order: int) -> ChangeFigure:
    return ChangeFigure(
        code=f"{base.code}.yoy",
        name=f"{base.name}同比",
        unit=base.unit,
        meaning=f"{base.name}与上年同期相比的增减。",
        base=base.code,
        order=order,
    )


COUNT = CountFigure(
    code="accidents.count",
    name="生产安全事故",
    unit="起",
    meaning="期内发生的纳入统计的生产经营性事故起数，按发生日期统计。",
    source=ACCIDENTS,
    order=40,
)
DEATHS = TotalFigure(
    code="accidents.deaths",
    name="生产安全事故死亡",
    unit="人",
    meaning="期内发生的纳入统计的生产经营性事故的死亡人数，30日内（道路交通、火灾7日内）死亡的计入事故发生日期。",
    source=ACCIDENTS,
    field="deaths",
    order=42,
)
SERIOUS = TotalFigure(
    code="accidents.serious_injured",
    name="生产安全事故重伤",
    unit="人",
    meaning="期内发生的纳入统计的生产经营性事故的重伤（含急性工业中毒）人数。",
    source=ACCIDENTS,
    field="serious_injured",
    zero="不写",
    order=44,
)
LOSS = TotalFigure(
    code="accidents.loss",
    name="生产安全事故直接经济损失",
    unit="元",
    meaning="期内发生的纳入统计的生产经营性事故已核定的直接经济损失合计。",
    source=ACCIDENTS,
    field="direct_loss",
    zero="不写",
    order=45,
)
LARGER_COUNT = CountFigure(
    code="accidents.larger",
    name="较大以上事故",
    unit="起",
    meaning="期内发生的纳入统计的较大、重大、特别重大事故起数，等级按国务院令第493号第三条由伤亡人数和损失判定。",
    source=ACCIDENTS,
    where=LARGER,
    order=46,
)
LARGER_DEATHS = TotalFigure(
    code="accidents.larger_deaths",
    name="较大以上事故死亡",
    unit="人",
    meaning="期内发生的纳入统计的较大、重大、特别重大事故的死亡人数。",
    source=ACCIDENTS,
    where=LARGER,
    field="deaths",
    order=48,
)
INDUSTRIAL_COUNT = CountFigure(
    code="accidents.industrial",
    name="工矿商贸事故",
    unit="起",
    meaning="期内发生的纳入统计的工矿商贸事故起数（建筑业、道路运输等另列）。",
    source=ACCIDENTS,
    where=INDUSTRIAL,
    order=50,
)
INDUSTRIAL_DEATHS = TotalFigure(
    code="accidents.industrial_deaths",
    name="工矿商贸事故死亡",
    unit="人",
    meaning="期内发生的纳入统计的工矿商贸事故的死亡人数。",
    source=ACCIDENTS,
    where=INDUSTRIAL,
    field="deaths",
    order=51,
)
BOTH_FALLING = StreakFigure(
    code="accidents.both_falling_years",
    name="事故起数和死亡人数连续双下降",
    meaning="至统计年度为止，事故起数和死亡人数与上年同期相比连续几年都下降；缺少上年同期数的年份不再往前数。",
    bases=("accidents.count", "accidents.deaths"),
    zero="不写",
    order=52,
)
OPEN = StockFigure(
    code="accidents.open",
    name="未结案事故",
    unit="起",
    meaning="期末尚未批复结案的纳入统计的生产经营性事故起数，不论何时发生。",
    source=ACCIDENTS,
    closed="approved_on",
    zero="不写",
    order=53,
)

# ------------------------------------------------------------------------------------------------ other offices' numbers

FIRES = GivenFigure(
    code="fires.count",
    name="火灾",
    unit="起",
    meaning="期内发生的火灾起数，由消防救援机构提供。",
    order=60,
)
FIRE_LOSS = GivenFigure(
    code="fires.loss",
    name="火灾直接财产损失",
    unit="元",
    meaning="期内火灾造成的直接财产损失，由消防救援机构提供。",
    order=62,
)
PROFESSIONAL = GivenFigure(
    code="committee.professional",
    name="安委会专业委员会",
    unit="个",
    meaning="期末安全生产委员会下设的专业委员会数，由安委会办公室提供。",
    adds_over_months=False,
    order=64,
)

declare(
    COUNT,
    _yoy(COUNT, 41),
    DEATHS,
    _yoy(DEATHS, 43),
    SERIOUS,
    LOSS,
    LARGER_COUNT,
    _yoy(LARGER_COUNT, 47),
    LARGER_DEATHS,
    _yoy(LARGER_DEATHS, 49),
    INDUSTRIAL_COUNT,
    INDUSTRIAL_DEATHS,
    BOTH_FALLING,
    OPEN,
    FIRES,
    _yoy(FIRES, 61),
    FIRE_LOSS,
    PROFESSIONAL,
)
