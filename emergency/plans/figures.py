"""What plans and drills count: published, filed, in force; drills held, by form, with their people, against the yearly plan."""

from __future__ import annotations

from django.db.models import Q

from emergency.core.periods import Period
from emergency.figures.vocabulary import (
    UNIT,
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
from emergency.plans.models import FIRM_KINDS, Drill, DrillForm, Plan

PLAN_KIND = Dimension("plan_kind", "预案类别", "kind")
FORM = Dimension("drill_form", "演练形式", "form")

PLANS = Source(
    code="plans",
    label="应急预案台账",
    records=lambda: Plan.objects.counted(),
    date="published_on",
    list_url="plans:list",
    dimensions=(UNIT, PLAN_KIND),
    quantity="",
)
FILINGS = Source(
    code="plan_filings",
    label="应急预案备案台账",
    records=lambda: Plan.objects.counted().exclude(filed_on=None),
    date="filed_on",
    list_url="plans:list",
    dimensions=(UNIT, PLAN_KIND),
    quantity="",
)
DRILLS = Source(
    code="drills",
    label="应急演练台账",
    records=lambda: Drill.objects.held(),
    date="held_on",
    list_url="plans:drill_list",
    dimensions=(UNIT, FORM),
)
YEARLY = Source(
    code="drill_plans",
    label="应急演练计划",
    records=lambda: Drill.objects.in_plan(),
    date="planned_on",
    list_url="plans:drill_list",
    dimensions=(UNIT, FORM),
)
#: What enterprises make.
OF_FIRMS = Q(kind__in=[kind.value for kind in FIRM_KINDS])


def not_applied_in_time(period: Period) -> Q:
    """The days for the application were over before the period's last day, and by then it was neither filed nor repealed."""
    open_then = [Q(**{f"{day}__isnull": True}) | Q(**{f"{day}__gt": period.end}) for day in ("filed_on", "repealed_on")]
    return Q(file_by__lt=period.end) & open_then[0] & open_then[1]


PUBLISHED = CountFigure(
    code="plans.published", name="公布预案", unit="件", source=PLANS, order=700,
    meaning="期内公布的应急预案件数，修订后重新公布的计入，按公布日期统计。",
)  # fmt: skip
IN_FORCE = StockFigure(
    code="plans.in_force", name="现行预案", unit="件", source=PLANS, closed="repealed_on", order=701,
    meaning="期末已公布、尚未废止的应急预案件数，不论何时公布。",
)  # fmt: skip
NOT_APPLIED = StockFigure(
    code="plans.application_overdue", name="逾期未申报备案的预案", unit="件", source=PLANS, closed="applied_on",
    where=Q(handler__isnull=False), until=not_applied_in_time, zero="不写", order=702,
    meaning="期末应报本级备案、公布后二十个工作日的申报期限已过仍未申报，且未废止的应急预案件数。",
)  # fmt: skip
FILED = CountFigure(
    code="plans.filed", name="备案预案", unit="件", source=FILINGS, order=703,
    meaning="期内备案的应急预案件数，含视为备案和报上级备案的，按备案日期统计。",
)  # fmt: skip
FIRMS_FILED = CountFigure(
    code="plans.firms_filed", name="企业备案预案", unit="件", source=FILINGS, where=OF_FIRMS, order=704,
    meaning="期内备案的综合应急预案、专项应急预案和现场处置方案件数，含视为备案的。",
)  # fmt: skip
FIRMS = DistinctFigure(
    code="plans.firms", name="备案企业", unit="家", source=FILINGS, where=OF_FIRMS, subject="enterprise",
    unnamed="另有{n}件未对应监管对象", order=705,
    meaning="期内有应急预案备案的监管对象家数，同一家只计一次。",
)  # fmt: skip
DEEMED = CountFigure(
    code="plans.deemed", name="视为备案的预案", unit="件", source=FILINGS, where=Q(deemed=True), zero="不写", order=706,
    meaning="期内因五个工作日核对期满未答复而视为备案的应急预案件数。",
)  # fmt: skip
COUNT = CountFigure(
    code="drills.count", name="应急演练", unit="场", source=DRILLS, order=710,
    meaning="期内开展的应急演练场次，按演练日期统计，按场次汇总登记的按其场次计。",
)  # fmt: skip
PEOPLE = TotalFigure(
    code="drills.people", name="参演人数", unit="人次", source=DRILLS, field="people", order=711,
    meaning="期内应急演练的参演人数合计。",
)  # fmt: skip


def _of_form(form: DrillForm, order: int) -> CountFigure:
    return CountFigure(
        code=f"drills.{form.value}",
        name=str(form.label),
        unit="场",
        meaning=f"期内开展的{form.label}场次，按演练日期统计。",
        source=DRILLS,
        where=Q(form=form),
        zero="不写",
        order=order,
    )


FORMS = [_of_form(form, 712 + place) for place, form in enumerate(DrillForm)]
EVALUATED = CohortFigure(
    code="drills.evaluated", name="已评估演练", unit="场", source=DRILLS, closed="evaluated_on", order=716,
    meaning="期内开展的应急演练中，至期末已作出书面评估的场次。",
)  # fmt: skip
FIRM_DRILLS = CountFigure(
    code="drills.firm_drills", name="企业演练", unit="场", source=DRILLS, where=Q(enterprise__isnull=False), order=717,
    meaning="期内由监管对象组织的应急演练场次。",
)  # fmt: skip
PLANNED = CountFigure(
    code="drills.planned", name="计划演练", unit="场", source=YEARLY, order=718,
    meaning="列入计划、计划日期在期内的应急演练场次，已取消的计入。",
)  # fmt: skip
PLANNED_HELD = CohortFigure(
    code="drills.planned_held", name="按计划开展的演练", unit="场", source=YEARLY, closed="held_on", order=719,
    meaning="计划日期在期内的应急演练中，至期末已开展的场次。",
)  # fmt: skip
PLAN_RATE = RatioFigure(
    code="drills.plan_rate", name="演练计划完成率", numerator="drills.planned_held", denominator="drills.planned", order=720,
    meaning="按计划开展的演练除以计划演练，保留一位小数。",
)  # fmt: skip

declare(
    PUBLISHED, IN_FORCE, NOT_APPLIED, FILED, FIRMS_FILED, FIRMS, DEEMED, COUNT, PEOPLE, *FORMS, EVALUATED, FIRM_DRILLS, PLANNED,
    PLANNED_HELD, PLAN_RATE,
)  # fmt: skip
