"""The made-up enterprises of a case."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import Counter

from emergency.demo.services.cases import Case, Unit, vocabulary
from emergency.demo.services.splitting import apportion
from emergency.enterprises.services.codes import CODE_ALPHABET, credit_code_check_sign

_SCALES = ("规上", "规下", "小型", "微型")
_SCALE_WEIGHTS = (6, 14, 45, 35)


@dataclasses.dataclass(frozen=True, slots=True)
class _Grading:
    """标准化: which grade, since when and until when; no last day where the table does not tell it."""

    grade: str
    graded_on: dt.date | None
    expires_on: dt.date | None


_NO_GRADE = _Grading("", None, None)


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """One enterprise, place or school as its row in the workbook says."""

    name: str
    kind: str
    credit_code: str
    unit: str
    village: str
    industry: str
    department: str
    scale: str
    staff: int
    address: str
    longitude: float
    latitude: float
    legal_person: str
    safety_officer: str
    phone: str
    key_supervised: bool
    standard_grade: str
    standard_graded_on: dt.date | None
    standard_expires_on: dt.date | None
    registered_on: dt.date

    @property
    def area(self) -> str:
        """属地 as a workbook names it: with the town before a village, because villages share names."""
        return f"{self.unit}/{self.village}" if self.village else self.unit


def person_name(rng: random.Random) -> str:
    words = vocabulary()
    return rng.choice(words["surnames"]) + rng.choice(words["given_names"])


def subjects_draw(case: Case, rng: random.Random) -> list[Subject]:
    """As many enterprises as the case wants, divided among its units and industries by weight."""
    industries = case.demo["industries"]
    units = case.units
    graded = case.facts.get("standardisation_accepted_enterprises", 0)
    graded_since = case.demo.get("present", {}).get("graded_since", 0)
    total = case.demo["enterprises"]
    per_unit = apportion(total, [unit.weight for unit in units])
    places = [unit for unit, count in zip(units, per_unit, strict=True) for _ in range(count)]
    per_industry = apportion(total, list(industries.values()))
    lines = [name for name, count in zip(industries, per_industry, strict=True) for _ in range(count)]
    rng.shuffle(lines)
    with_grade = rng.sample(range(total), graded + graded_since)
    grades = _gradings(case, with_grade[:graded], with_grade[graded:], rng)
    taken: Counter[str] = Counter()
    return [
        _subject(case, unit, industry, serial, grades.get(serial, _NO_GRADE), taken, rng)
        for serial, (unit, industry) in enumerate(zip(places, lines, strict=True))
    ]


def _gradings(case: Case, before: list[int], since: list[int], rng: random.Random) -> dict[int, _Grading]:
    """By serial: who held a grade on the last day of the period, and who came to one in the years after."""
    found = {}
    for serial in before:
        graded_on = case.end - dt.timedelta(days=rng.randint(10, 1000))
        # most tables of those years do not tell until when a grade holds
        expires_on = _years_on(graded_on, 3) - dt.timedelta(days=1) if rng.random() < 0.3 else None
        found[serial] = _Grading("三级", graded_on, expires_on)
    for serial in since:
        graded_on = _years_on(case.end, 3) + dt.timedelta(days=rng.randint(1, 600))
        found[serial] = _Grading("三级", graded_on, _years_on(graded_on, 3) - dt.timedelta(days=1))
    return found


def _subject(
    case: Case, unit: Unit, industry: str, serial: int, grading: _Grading, taken: Counter[str], rng: random.Random
) -> Subject:
    kind = vocabulary()["enterprise_names"][industry]
    village = rng.choice(unit.villages) if unit.villages and rng.random() < 0.7 else ""
    seat = case.demo["coordinates"]
    registered_on = case.start - dt.timedelta(days=rng.randint(30, 900))
    if rng.random() < 0.06:
        registered_on = case.start + dt.timedelta(days=rng.randint(1, (case.end - case.start).days))
    return Subject(
        name=_name(unit, kind["endings"], taken, rng),
        kind=kind["kind"],
        credit_code=_credit_code(case.demo["credit_code_prefix"], serial, rng),
        unit=unit.name,
        village=village,
        industry=industry,
        department=case.department_of(industry),
        scale=rng.choices(_SCALES, _SCALE_WEIGHTS)[0],
        staff=int(rng.lognormvariate(2.6, 1)) + 2,
        address=f"{case.district_name}{unit.name}{village}{rng.randint(1, 188)}号",
        longitude=round(seat["longitude"] + rng.gauss(0, seat["spread"] / 2), 6),
        latitude=round(seat["latitude"] + rng.gauss(0, seat["spread"] / 2), 6),
        legal_person=person_name(rng),
        safety_officer=person_name(rng),
        phone=f"{case.demo['phone_prefix']}{serial:06d}",
        key_supervised=industry in ("危险化学品", "烟花爆竹", "矿山") and rng.random() < 0.5,
        standard_grade=grading.grade,
        standard_graded_on=grading.graded_on,
        standard_expires_on=grading.expires_on,
        registered_on=registered_on,
    )


def _years_on(day: dt.date, years: int) -> dt.date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def _name(unit: Unit, endings: list[str], taken: Counter[str], rng: random.Random) -> str:
    while True:
        name = f"{unit.prefix}{''.join(rng.sample(vocabulary()['brand_signs'], 2))}{rng.choice(endings)}"
        taken[name] += 1
        if taken[name] == 1:
            return name


def _credit_code(prefix: str, serial: int, rng: random.Random) -> str:
    """Unique by its serial; the check sign is a true one (GB 32100-2015)."""
    tail = "".join(rng.choice(CODE_ALPHABET) for _ in range(17 - len(prefix) - 4))
    body = f"{prefix}{serial:04d}{tail}"
    return body + credit_code_check_sign(body)
