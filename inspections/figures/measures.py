"""What the ledger of measures counts: 起 by row, 家 by different parties, and money.

A decision with several measures counts once under each of them. Rows of households that were not registered one by one count by
their number where measures are counted (起), and cannot be told apart where parties are (家): there they are named beside the figure.
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
    RatioFigure,
    Source,
    StockFigure,
    TotalFigure,
    declare,
)
from inspections.models import Measure, MeasureKind, MeasureStatus

MEASURE_KIND = Dimension("measure_kind", "处置类型", "kind")

MEASURES = Source(
    code="measures",
    label="执法处置台账",
    records=lambda: Measure.objects.live(),
    date="decided_on",
    list_url="inspections:measure_list",
    dimensions=(UNIT, OFFICE, DEPARTMENT, INDUSTRY, MEASURE_KIND, CAMPAIGN),
)
TO_PUBLISH = Q(publish_due_on__isnull=False, unpublished_reason="")


def due_before_end(period: Period) -> Q:
    return Q(publish_due_on__lt=period.end)


def _of(kind: MeasureKind, code: str, order: int, *, name: str = "") -> CountFigure:
    """The number of measures of one kind."""
    return CountFigure(
        code=f"measures.{code}",
        name=name or kind.label,
        unit="起",
        meaning=f"期内决定的{kind.label}起数，按决定日期统计，只登记户数的按户数计。",
        source=MEASURES,
        where=Q(kind=kind),
        zero="不写",
        order=order,
    )


def _parties(kind: MeasureKind, code: str, order: int) -> DistinctFigure:
    """The number of different parties under one kind."""
    return DistinctFigure(
        code=f"measures.{code}",
        name=kind.label,
        unit="家",
        meaning=f"期内被{kind.label}的不同当事人数，按决定日期统计，同一当事人只计一次；只登记户数的不计入，另行注明户数。",
        source=MEASURES,
        where=Q(kind=kind),
        subject="party_key",
        unnamed="另有{n}户未逐户登记",
        zero="不写",
        order=order,
    )


declare(
    CountFigure(
        code="measures.all",
        name="执法处置",
        unit="起",
        meaning="期内决定的各类执法处置起数，按决定日期统计，只登记户数的按户数计；同一文号含几种处置的分别计数。",
        source=MEASURES,
        order=160,
    ),
    ChangeFigure(
        code="measures.all.yoy",
        name="执法处置同比",
        unit="起",
        meaning="执法处置起数与上年同期相比的增减。",
        base="measures.all",
        order=161,
    ),
    _parties(MeasureKind.SUSPENSION, "suspended", 162),
    CohortFigure(
        code="measures.resumed",
        name="停产整顿后复产验收",
        unit="起",
        meaning="期内责令停产整顿的，至期末已验收同意恢复生产的起数。",
        source=MEASURES,
        where=Q(kind=MeasureKind.SUSPENSION),
        closed="resumed_on",
        zero="不写",
        order=163,
    ),
    _parties(MeasureKind.CLOSURE, "closed_down", 164),
    TotalFigure(
        code="measures.fines",
        name="经济处罚",
        unit="元",
        meaning="期内决定的罚款金额合计，按决定日期统计；没收违法所得另计。",
        source=MEASURES,
        where=Q(kind=MeasureKind.FINE),
        field="amount",
        zero="不写",
        order=165,
    ),
    ChangeFigure(
        code="measures.fines.yoy",
        name="经济处罚同比",
        unit="元",
        meaning="罚款金额与上年同期相比的增减。",
        base="measures.fines",
        order=166,
    ),
    _of(MeasureKind.FINE, "fined", 167),
    _parties(MeasureKind.JOINT, "joint_punishment", 168),
    _of(MeasureKind.WARNING, "warnings", 170),
    _of(MeasureKind.CRITICISM, "criticised", 171),
    _of(MeasureKind.SEIZURE, "seized", 172),
    _of(MeasureKind.CONFISCATION, "confiscated", 173),
    TotalFigure(
        code="measures.confiscated_money",
        name="没收违法所得金额",
        unit="元",
        meaning="期内决定的没收违法所得中已登记的金额合计，按决定日期统计。",
        source=MEASURES,
        where=Q(kind=MeasureKind.CONFISCATION),
        field="amount",
        zero="不写",
        order=174,
    ),
    _of(MeasureKind.LICENCE, "licences", 175),
    _of(MeasureKind.DETENTION, "detained", 176),
    _of(MeasureKind.REFERRAL, "referred", 177),
    _of(MeasureKind.OTHER, "others", 178),
    CountFigure(
        code="measures.executed",
        name="处置已执行",
        unit="起",
        meaning="期内决定的执法处置中，现已执行完毕的起数，只登记户数的按户数计。",
        source=MEASURES,
        where=Q(status=MeasureStatus.DONE),
        order=180,
    ),
    RatioFigure(
        code="measures.execution_rate",
        name="处置执行率",
        meaning="处置已执行起数除以执法处置起数，保留一位小数。",
        numerator="measures.executed",
        denominator="measures.all",
        order=181,
    ),
    StockFigure(
        code="measures.publish_overdue",
        name="逾期未公示",
        unit="起",
        meaning="期末未公示、且公示期限早于期末的执法处置起数，不论何时决定（不予公示的除外）。",
        source=MEASURES,
        where=TO_PUBLISH,
        closed="published_on",
        until=due_before_end,
        order=182,
    ),
)
