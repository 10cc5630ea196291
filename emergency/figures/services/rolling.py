"""The monthly roll-up: takes what has changed and makes ``MonthlyFigure`` say what the records say.

It heals itself. A touch is taken away in the transaction that writes the last of the months it speaks for, and only by its number:
what is committed later keeps its own. Killed anywhere, the touches are still there and the months are done again; two at once write
the same rows one after the other, because a month of a ledger is locked before its records are read.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max, Min

from emergency.core import audit, clock
from emergency.core.jobs import enqueue
from emergency.core.jobs.models import Job, Status, Trigger
from emergency.core.jobs.runner import Progress
from emergency.core.periods import add_months
from emergency.figures import vocabulary
from emergency.figures.models import FigureTouch, LedgerStart, RolledMonth
from emergency.figures.queries.stored import WITHIN_THE_YEAR
from emergency.figures.queries.summing import declared, figures_of, monthly_sums, tag_families
from emergency.figures.vocabulary import Counted, Source
from emergency.organizations.models import Role
from emergency.organizations.scope import holds

JOB = "figures.roll_up"
#: Who may ask for a roll-up at once.
ROLLERS = (Role.SECTION_HEAD,)
#: A record dated wrongly by a century must not make twelve hundred months: older ones are asked live.
MOST_MONTHS = 240
#: Touches of a ledger by month; None is every month.
Touched = dict[dt.date | None, list[int]]

_COLUMNS = "tier, organisation_id, dimension, key, figure, value, cumulative"
_SAME = """
    a.tier = b.tier AND COALESCE(a.organisation_id, 0) = COALESCE(b.organisation_id, 0) AND a.dimension = b.dimension
    AND a.key = b.key AND a.figure = b.figure AND a.value IS NOT DISTINCT FROM b.value
    AND a.cumulative IS NOT DISTINCT FROM b.cumulative"""


@dataclasses.dataclass(slots=True)
class Rolled:
    """What a roll-up did: months of ledgers asked anew, rows that had to be written and taken away, touches that it answered."""

    months: int = 0
    written: int = 0
    removed: int = 0
    touches: int = 0


def roll_up(
    *, month: dt.date | None = None, everything: bool = False, say: Callable[[int, int, str], None] | None = None
) -> Rolled:
    """Bring ``MonthlyFigure`` up to what the records say: the months that were touched, and those never rolled up.

    ``month`` (any day of it) does this month only, touched or not; ``everything`` all months. ``say`` hears (done, of, what) before
    each month. Every month is a transaction of its own, so this may be killed and run again, also twice at once.
    """
    # First the touches, then the day: who rolled up a month that began in between has read the records after these touches.
    touched = _touched()
    work = [(source, _due(source, touched.get(source.code, {}), everything)) for source in vocabulary.sources()]
    if month is not None:
        only = month.replace(day=1)
        work = [
            (source, {only: figures_of(source)} if only in _months(source, touched.get(source.code, {})) else {})
            for source, _ in work
        ]
    done, of = Rolled(), sum(len(due) for _, due in work)
    for source, due in work:
        answered = _answered(source, touched.pop(source.code, {}), set(due))
        families = tag_families(source)
        last = max(due, default=None)
        for one in sorted(due):
            if say:
                say(done.months, of, f"{source.label}{one:%Y年%m月}")
            with transaction.atomic():
                _month_write(source, one, due[one], families, done)
                if one == last:
                    done.touches += FigureTouch.objects.filter(pk__in=answered).delete()[0]
        if last is None:
            done.touches += FigureTouch.objects.filter(pk__in=answered).delete()[0]
    for unknown in touched.values():  # of ledgers that are no more
        done.touches += FigureTouch.objects.filter(pk__in=[pk for group in unknown.values() for pk in group]).delete()[
            0
        ]
    return done


def roll_up_ask(*, actor: Any, trigger: str = Trigger.PAGE) -> Job:
    """Ask the worker for a roll-up; one that waits or runs already is enough and is given back.

    ``actor`` None is the timetable. Raises ``PermissionDenied`` for who holds none of :data:`ROLLERS`.
    """
    if actor is not None and not holds(actor, ROLLERS):
        raise PermissionDenied("重新汇总由科室负责人发起。")
    waiting = Job.objects.filter(kind=JOB, status=Status.QUEUED, created_by=actor).order_by("pk").first()
    return waiting or enqueue(kind=JOB, params={}, actor=actor, title="汇总月度指标", trigger=trigger)


def roll_up_run(job: Job, progress: Progress) -> dict[str, int]:
    """The handler of the job: many commits, each of which may be repeated."""
    done = roll_up(say=progress)
    audit.record("figures.roll_up", target=job, actor=job.created_by, after=dataclasses.asdict(done))
    return dataclasses.asdict(done)


# ------------------------------------------------------------------------------------------------ what is due


def _touched() -> dict[str, Touched]:
    result: dict[str, Touched] = {}
    groups = FigureTouch.objects.order_by().values_list("source", "month").annotate(ids=ArrayAgg("pk"))
    for source, month, ids in groups:
        result.setdefault(source, {})[month] = ids
    return result


def _due(source: Source, touched: Touched, everything: bool) -> dict[dt.date, list[Counted]]:
    """The months to do, each with the figures that may have changed in it: all, or the stocks alone in years after a touch."""
    figures = figures_of(source)
    if not figures:
        return {}
    months = _months(source, touched)
    if everything or None in touched:
        return dict.fromkeys(months, figures)
    known = set(
        RolledMonth.objects.filter(source=source.code, declared=declared(source)).values_list("month", flat=True)
    )
    stocks = [figure for figure in figures if figure.kind not in WITHIN_THE_YEAR]
    first = min((month for month in touched if month), default=None)
    years = {month.year: month for month in sorted((month for month in touched if month), reverse=True)}
    due: dict[dt.date, list[Counted]] = {}
    for month in months:
        if month not in known or (month.year in years and years[month.year] <= month):
            due[month] = figures
        elif stocks and first is not None and first <= month:
            due[month] = stocks
    return due


def _months(source: Source, touched: Touched) -> list[dt.date]:
    """Every month from the January before anything that the ledger tells of, or told of when it was last rolled up, to the present one.

    A month to come is never rolled up, so nothing that is dated in it can be missing there.
    """
    columns = sorted({column for figure in figures_of(source) for column in figure.date_columns()})
    days = list(
        source.records().order_by().aggregate(**{f"first_{column}": Min(column) for column in columns}).values()
    )
    days += LedgerStart.objects.filter(ledger=source.code).aggregate(first=Min("started_on")).values()
    rolled = RolledMonth.objects.filter(source=source.code).aggregate(first=Min("month"), last=Max("month"))
    days.append(rolled["first"])
    days += [month for month in touched if month]
    known = [day for day in days if day is not None]
    if not known:
        return []
    this = max(clock.today().replace(day=1), rolled["last"] or dt.date.min)
    start = max(min(known).replace(month=1, day=1), add_months(this, 1 - MOST_MONTHS))
    count = (this.year - start.year) * 12 + this.month - start.month + 1
    return [add_months(start, index) for index in range(count)]


def _answered(source: Source, touched: Touched, doing: set[dt.date]) -> list[int]:
    """The touches of which every month that they speak for is being done."""
    has_stocks = any(figure.kind not in WITHIN_THE_YEAR for figure in figures_of(source))
    months = _months(source, touched)
    answered: list[int] = []
    for touch, ids in touched.items():
        speaks_for = {
            month for month in months if touch is None or (touch <= month and (has_stocks or month.year == touch.year))
        }
        if speaks_for <= doing:
            answered += ids
    return answered


# ------------------------------------------------------------------------------------------------ one month


def _month_write(
    source: Source, month: dt.date, figures: Sequence[Counted], families: Sequence[tuple[int, int]], done: Rolled
) -> None:
    """Ask the records for a month and write what differs from what is kept. In the caller's transaction.

    Rows that are right stay as they are: after one change a year's months hold a few wrong rows among thousands.
    """
    every = figures_of(source)
    whole = len(figures) == len(every)
    text, params = monthly_sums(source, figures, month, families)
    with connection.cursor() as cursor:
        # A statement sees what was committed when it began, so the lock comes in one of its own before.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _lock(source, month))
        cursor.execute(f"CREATE TEMP TABLE figures_fresh ({_COLUMN_TYPES}) ON COMMIT DROP")
        cursor.execute(f"INSERT INTO figures_fresh ({_COLUMNS}) {text}", params)
        kept = "a.source = %s AND a.month = %s" + ("" if whole else " AND a.figure = ANY(%s)")
        which: list[Any] = [source.code, month] + ([] if whole else [[figure.code for figure in figures]])
        cursor.execute(
            f"DELETE FROM figures_monthlyfigure AS a WHERE {kept} "
            f"AND NOT EXISTS (SELECT 1 FROM figures_fresh AS b WHERE {_SAME})",
            which,
        )
        done.removed += cursor.rowcount
        cursor.execute(
            f"INSERT INTO figures_monthlyfigure (source, month, {_COLUMNS}) SELECT %s, %s, {_COLUMNS} FROM figures_fresh AS b "
            f"WHERE NOT EXISTS (SELECT 1 FROM figures_monthlyfigure AS a WHERE {kept} AND {_SAME})",
            [source.code, month, *which],
        )
        done.written += cursor.rowcount
        cursor.execute("DROP TABLE figures_fresh")
    done.months += 1
    if whole:
        RolledMonth.objects.update_or_create(
            source=source.code, month=month, defaults={"declared": declared(source), "rolled_at": clock.now()}
        )


_COLUMN_TYPES = (
    "tier varchar(20), organisation_id bigint, dimension varchar(40), key varchar(60), figure varchar(80), "
    "value numeric(24, 4), cumulative numeric(24, 4)"
)


def _lock(source: Source, month: dt.date) -> list[int]:
    """The name of a lock on a ledger's month: two signed numbers of 32 bits."""
    return [zlib.crc32(f"figures.roll_up:{source.code}".encode()) - 2**31, month.year * 12 + month.month]
