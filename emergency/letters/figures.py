"""What the ledger of letters counts: what was sent, by kind, and how it was answered. A letter to several addressees is one."""

from __future__ import annotations

from django.db.models import Q

from emergency.core.periods import Period
from emergency.figures.vocabulary import (
    OFFICE,
    UNIT,
    CohortFigure,
    CountFigure,
    Dimension,
    RatioFigure,
    Source,
    StockFigure,
    declare,
)
from emergency.letters.models import Kind, Letter

KIND = Dimension("letter_kind", "文书种类", "kind")

LETTERS = Source(
    code="letters",
    label="督办文书台账",
    records=lambda: Letter.objects.counted(),
    date="issued_on",
    list_url="letters:list",
    dimensions=(UNIT, OFFICE, KIND),
    quantity="",
)
#: Letters that owe an answer from at least one addressee.
ASKING = Q(owed__gt=0)


def not_answered_in_time(period: Period) -> Q:
    """Overdue on the period's last day: its printed day is before it, and the last reply had not come by then."""
    return Q(due_on__lt=period.end) & (Q(replied_on__isnull=True) | Q(replied_on__gt=period.end))


SENT = CountFigure(
    code="letters.sent",
    name="督办文书",
    unit="份",
    meaning="期内发出的安全提醒、提示函、交办函、督办函、警示函、约谈通知和通报合计，按发文日期统计，一份发多个单位的计1份。",
    source=LETTERS,
    order=600,
)


def _of_kind(kind: Kind, order: int) -> CountFigure:
    label = "约谈通知" if kind == Kind.INTERVIEW else kind.label
    return CountFigure(
        code=f"letters.{kind.value}",
        name=str(kind.label),
        unit="份",
        meaning=f"期内发出的{label}份数，按发文日期统计，一份发多个单位的计1份。",
        source=LETTERS,
        where=Q(kind=kind),
        zero="不写",
        order=order,
    )


KINDS = [_of_kind(kind, 601 + place) for place, kind in enumerate(Kind)]
ASKED = CountFigure(
    code="letters.asked",
    name="要求回复的督办文书",
    unit="份",
    meaning="期内发出、要求主送单位回复的督办文书份数，按发文日期统计。",
    source=LETTERS,
    where=ASKING,
    order=620,
)
REPLIED = CohortFigure(
    code="letters.replied",
    name="已回复的督办文书",
    unit="份",
    meaning="期内发出、要求回复的督办文书中，至期末主送单位均已回复的份数。",
    source=LETTERS,
    where=ASKING,
    closed="replied_on",
    order=621,
)
RATE = RatioFigure(
    code="letters.reply_rate",
    name="督办文书回复率",
    meaning="已回复的督办文书除以要求回复的督办文书，保留一位小数。",
    numerator="letters.replied",
    denominator="letters.asked",
    order=622,
)
OVERDUE = StockFigure(
    code="letters.overdue",
    name="逾期未回复的督办文书",
    unit="份",
    meaning="期末尚未办结的督办文书中，回复期限早于期末、至期末仍有主送单位未回复的份数，不论何时发出。",
    source=LETTERS,
    where=ASKING,
    closed="closed_on",
    until=not_answered_in_time,
    zero="不写",
    order=623,
)

declare(SENT, *KINDS, ASKED, REPLIED, RATE, OVERDUE)
