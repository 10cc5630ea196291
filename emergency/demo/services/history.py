"""Past records drawn from totals: visits to named enterprises, rows of 汇总填报, and hazards with their dates.

Whatever is drawn adds up to the totals exactly; chance only decides where and when.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from emergency.demo.services.cases import Case, Totals, vocabulary
from emergency.demo.services.register import Subject, person_name
from emergency.demo.services.splitting import Month, apportion, draw_weighted, months_of

#: Findings of one visit, at most.
MOST_FINDINGS = 2
#: Days that orders give, as officers write them; the handler's own rule allows 15 or 30.
TERMS = (7, 10, 15, 15, 30)
#: How fast, in days, the chance falls that a hazard is still open.
FADING = 14.0

_KINDS = ("日常检查", "专项检查", "双随机检查", "复工复产指导", "帮扶服务", "回头看")
_KIND_WEIGHTS = (50, 30, 6, 3, 6, 5)


@dataclasses.dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit to one enterprise. ``handler`` is the name of the unit that made it."""

    day: dt.date
    handler: str
    kind: str
    subject: Subject
    officers: tuple[str, ...]
    campaigns: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class BulkRow:
    """A number of visits reported together; what was found in them was put right on the day. No ``area``: nobody filled it in."""

    day: dt.date
    handler: str
    area: str
    kind: str
    industry: str
    quantity: int
    found: int
    place: str = ""
    groups: int | None = None
    person_times: int = 0
    papers: int | None = None
    about: bool = False
    campaigns: tuple[str, ...] = ()


@dataclasses.dataclass(slots=True)
class HazardRow:
    """A hazard with its dates; the last three are empty while it is open."""

    found_on: dt.date
    handler: str
    subject: Subject
    description: str
    category: str
    due_on: dt.date
    rectifier: str
    campaigns: tuple[str, ...]
    major: Mapping[str, Any] | None = None
    rectification: str = ""
    rectified_on: dt.date | None = None
    reviewed_on: dt.date | None = None
    reviewer: str = ""
    cost: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    visits: list[VisitRow]
    bulk: list[BulkRow]
    hazards: list[HazardRow]


def history_draw(case: Case, totals: Totals, subjects: Sequence[Subject], rng: random.Random) -> Drawn:
    """Everything that happened from ``totals.start`` to ``totals.end``.

    Raises ``ValueError`` when the totals contradict each other, such as more open hazards than itemised ones.
    """
    months = months_of(totals.start, totals.end, case.demo["months"])
    visits = _visits_draw(case, totals, subjects, months, rng)
    hazards = _hazards_draw(case, totals, visits, rng)
    bulk = _bulk_draw(case, totals, months, rng)
    return Drawn(visits, bulk, hazards)


def _campaigns(case: Case, totals: Totals, industry: str) -> tuple[str, ...]:
    """The campaign, and its battle for the industry where there is one."""
    if not totals.campaign:
        return ()
    battles = case.demo["battles"] if totals.campaign == case.campaign_name else {}
    return (totals.campaign, *(name for name, industries in battles.items() if industry in industries))


# ------------------------------------------------------------------------------------------------ visits by name


def _visits_draw(
    case: Case, totals: Totals, subjects: Sequence[Subject], months: Sequence[Month], rng: random.Random
) -> list[VisitRow]:
    by_unit: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        by_unit[subject.unit].append(subject)
    units = [unit for unit in case.units if by_unit[unit.name]]
    officers = {unit.name: [person_name(rng) for _ in range(3)] for unit in units}
    per_unit = apportion(totals.itemised_visits, [unit.weight for unit in units])
    seen: set[tuple[str, dt.date]] = set()
    visits = []
    for unit, count in zip(units, per_unit, strict=True):
        for month, times in zip(months, apportion(count, [month.weight for month in months]), strict=True):
            for _ in range(times):
                subject, day = _free_day(by_unit[unit.name], month.workdays, seen, rng)
                handler = _handler(case, subject, rng)
                visits.append(
                    VisitRow(
                        day=day,
                        handler=handler,
                        kind=rng.choices(_KINDS, _KIND_WEIGHTS)[0],
                        subject=subject,
                        officers=tuple(rng.sample(officers[unit.name], 2)),
                        campaigns=_campaigns(case, totals, subject.industry),
                    )
                )
    visits.sort(key=lambda visit: (visit.day, visit.subject.name))
    return visits


def _free_day(
    subjects: Sequence[Subject], days: Sequence[dt.date], seen: set[tuple[str, dt.date]], rng: random.Random
) -> tuple[Subject, dt.date]:
    """An enterprise and a day on which nobody has been there yet, so that no two rows look like one entered twice."""
    for _ in range(10_000):
        subject, day = rng.choice(subjects), rng.choice(days)
        if (subject.name, day) not in seen:
            seen.add((subject.name, day))
            return subject, day
    raise ValueError("more visits than enterprises and days")


def _handler(case: Case, subject: Subject, rng: random.Random) -> str:
    """Mostly the town, at times the bureau or the department in charge."""
    return rng.choices((subject.unit, case.bureau_name, subject.department), (70, 16, 14))[0]


# ------------------------------------------------------------------------------------------------ hazards by item


def _hazards_draw(case: Case, totals: Totals, visits: Sequence[VisitRow], rng: random.Random) -> list[HazardRow]:
    still_open = totals.hazards - totals.rectified
    major_open = totals.major - totals.major_rectified
    if not 0 <= major_open <= still_open or still_open - major_open > totals.itemised_hazards - totals.major:
        raise ValueError("the hazards that stay open do not fit into the itemised ones")
    used: dict[int, set[str]] = defaultdict(set)
    majors = _majors_draw(case, totals, visits, rng, used)
    slots = [place for place in range(len(visits)) for _ in range(MOST_FINDINGS - len(used[place]))]
    general = [
        _general(case, visits[place], used[place], rng)
        for place in sorted(rng.sample(slots, totals.itemised_hazards - totals.major))
    ]
    chances = [math.exp(-(totals.end - one.found_on).days / FADING) for one in general]
    left = draw_weighted(range(len(general)), chances, still_open - major_open, rng)
    open_ones = {id(general[place]) for place in left} | {id(one) for one in majors[totals.major_rectified :]}
    for one in [*majors, *general]:
        if id(one) not in open_ones:
            _close_within(one, totals.end, rng)
        elif not totals.stays_open:
            _close_after(one, totals.end, rng)
    return sorted([*majors, *general], key=lambda one: (one.found_on, one.subject.name))


def _majors_draw(
    case: Case, totals: Totals, visits: Sequence[VisitRow], rng: random.Random, used: dict[int, set[str]]
) -> list[HazardRow]:
    """Major ones by the standards in force, found early enough to be put right; those left open come last."""
    year = totals.end.year
    standards = [one for one in vocabulary()["majors"] if one.get("since", 0) <= year < one.get("until", dt.MAXYEAR)]
    early = totals.start + (totals.end - totals.start) * 0.7
    fitting = [
        (place, standard)
        for place, visit in enumerate(visits)
        for standard in standards
        if visit.subject.industry == standard["industry"] and visit.day <= early
    ]
    rng.shuffle(fitting)
    majors: list[HazardRow] = []
    for place, standard in fitting:
        if len(majors) == totals.major:
            break
        if used[place]:
            continue
        used[place].add(standard["description"])
        visit = visits[place]
        row = _row(case, visit, standard["description"], standard["category"], rng)
        row.due_on = visit.day + dt.timedelta(days=45)
        row.major = standard
        row.cost = rng.randint(3, 40) * 10_000
        majors.append(row)
    if len(majors) < totals.major:
        raise ValueError("too few visits in which a major hazard could have been found")
    return majors


def _general(case: Case, visit: VisitRow, used: set[str], rng: random.Random) -> HazardRow:
    checks = vocabulary()["checks"]
    own = [one for one in checks.get(visit.subject.industry, ()) if one["phrase"] not in used]
    common = [one for one in checks["通用"] if one["phrase"] not in used]
    check = rng.choice(own if own and rng.random() < 0.5 else common)
    used.add(check["phrase"])
    row = _row(case, visit, check["phrase"], check["category"], rng)
    row.rectification = check["fix"]
    if rng.random() < 0.3:
        row.cost = rng.randint(2, 80) * 100
    return row


def _row(case: Case, visit: VisitRow, description: str, category: str, rng: random.Random) -> HazardRow:
    at_once = rng.random() < 0.25
    return HazardRow(
        found_on=visit.day,
        handler=visit.handler,
        subject=visit.subject,
        description=description,
        category=category,
        due_on=visit.day if at_once else visit.day + dt.timedelta(days=rng.choice(TERMS)),
        rectifier=visit.subject.safety_officer,
        campaigns=visit.campaigns,
        reviewer=visit.officers[0],
    )


def _close_within(row: HazardRow, end: dt.date, rng: random.Random) -> None:
    """Put right and re-checked by ``end``; one in twenty late."""
    term = (row.due_on - row.found_on).days
    wanted = rng.randint(0, term) if rng.random() < 0.95 else term + rng.randint(1, 12)
    row.rectified_on = min(row.found_on + dt.timedelta(days=wanted), end)
    row.reviewed_on = min(row.rectified_on + dt.timedelta(days=rng.randint(0, 6)), end)
    row.rectification = row.rectification or "已按整改方案完成整改，经验收合格"


def _close_after(row: HazardRow, end: dt.date, rng: random.Random) -> None:
    """Put right in the weeks after ``end``: open on that day, and overdue where it was due before."""
    row.rectified_on = end + dt.timedelta(days=rng.randint(1, 45))
    row.reviewed_on = row.rectified_on + dt.timedelta(days=rng.randint(0, 6))
    row.rectification = row.rectification or "已按整改方案完成整改，经验收合格"


# ------------------------------------------------------------------------------------------------ 汇总填报


def _bulk_draw(case: Case, totals: Totals, months: Sequence[Month], rng: random.Random) -> list[BulkRow]:
    """The visits and hazards that have no row of their own: by unit, month and industry, with 区本级 and 未填."""
    areas = [unit.name for unit in case.units] + [case.district_name, ""]
    weights = [unit.weight for unit in case.units] + [case.demo["own_level_weight"], case.demo["unfilled_weight"]]
    cells = [(area, month) for area in areas for month in months]
    sizes = apportion(
        totals.visits - totals.itemised_visits,
        [weight * month.weight for weight in weights for month in months],
    )
    rounds = _rounds(case, totals, cells, sizes)
    rows: list[BulkRow] = []
    for (area, month), size in zip(cells, sizes, strict=True):
        rows += _cell_rows(case, totals, area, month, size, rounds.get((area, month)), rng)
    found = apportion(totals.hazards - totals.itemised_hazards, [row.quantity for row in rows])
    return [dataclasses.replace(row, found=number) for row, number in zip(rows, found, strict=True)]


def _rounds(
    case: Case, totals: Totals, cells: Sequence[tuple[str, Month]], sizes: Sequence[int]
) -> dict[tuple[str, Month], tuple[int, int]]:
    """In which of the district's own months a round of supervision went out: its number and how many groups."""
    own = [cell for cell, size in zip(cells, sizes, strict=True) if cell[0] == case.district_name and size > 1]
    if totals.rounds > len(own):
        raise ValueError("more rounds of supervision than months")
    groups = apportion(totals.groups, [1] * totals.rounds)
    chosen = [own[place * len(own) // totals.rounds] for place in range(totals.rounds)]
    return {cell: (number, size) for number, (cell, size) in enumerate(zip(chosen, groups, strict=True), start=1)}


def _cell_rows(
    case: Case,
    totals: Totals,
    area: str,
    month: Month,
    size: int,
    round_: tuple[int, int] | None,
    rng: random.Random,
) -> list[BulkRow]:
    """The rows of one unit's month: one per industry, or one round of supervision."""
    if not size:
        return []
    day = month.workdays[-1]
    if round_ is not None:
        number, groups = round_
        return [
            BulkRow(
                day=day,
                handler=case.bureau_name,
                area=area,
                kind="综合督查",
                industry="",
                quantity=size,
                found=0,
                place=f"第{number}轮安全生产综合督查",
                groups=groups,
                person_times=groups * 4,
                campaigns=_campaigns(case, totals, ""),
            )
        ]
    shares = case.demo["industries"]
    chosen = draw_weighted(list(shares), list(shares.values()), min(3, len(shares)), rng)
    parts = apportion(size, [shares[industry] for industry in chosen])
    of_town = area not in ("", case.district_name)
    return [
        BulkRow(
            day=day,
            handler=area if of_town else case.bureau_name,
            area=area,
            kind="日常检查" if of_town else "专项检查",
            industry=industry,
            quantity=part,
            found=0,
            person_times=part * 2,
            campaigns=_campaigns(case, totals, industry),
        )
        for industry, part in zip(chosen, parts, strict=True)
        if part
    ]


def count_by_unit(drawn: Drawn) -> Counter[str]:
    """家次 by the name of the unit where they were made; "" for 未填."""
    found: Counter[str] = Counter()
    for visit in drawn.visits:
        found[visit.subject.unit] += 1
    for row in drawn.bulk:
        found[row.area] += row.quantity
    return found
