"""督办文书: letters of the safety committee to towns, departments and enterprises, with what came back."""

from __future__ import annotations

import datetime as dt

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch

_CIRCULAR = "通报"
#: To how many one letter goes at most, by kind; other kinds go to one.
_SEVERAL = {"安全提醒": 6, "提示函": 3, "交办函": 2}
#: Letters that are written to an enterprise.
_TO_FIRMS = ("警示函", "约谈")


def letters_draw(sketch: Sketch, stretch: Stretch) -> list[Row]:
    """One row per letter, the earlier ones first, so that numbers run with the days."""
    rows = []
    for kind, told in stretch.amounts["letters"].items():
        count = sketch.number(told)
        days = [day for day in sketch.days(stretch, count) if sketch.known(day)]
        rows += [_row(sketch, stretch, kind, day, place) for place, day in enumerate(days)]
    return sorted(rows, key=lambda row: row["发文日期"])


def _topic(sketch: Sketch, kind: str, day: dt.date, addressees: str, place: int) -> str:
    """The topics in turn; where a letter would look like another one entered twice, the next one."""
    words = vocabulary()["letters"]["topics"]
    known = words.get(kind, words["各类"])
    turns = (known[(place + turn) % len(known)] for turn in range(len(known)))
    return next(topic for topic in turns if sketch.first("letters", kind, day, addressees, topic))


def _row(sketch: Sketch, stretch: Stretch, kind: str, day: dt.date, place: int) -> Row:
    addressees = "、".join(_addressees(sketch, kind))
    row = {
        "种类": kind,
        "发文日期": day,
        "发文单位": sketch.case.committee_name or sketch.case.bureau_name,
        "主送单位": addressees,
        "事由": _topic(sketch, kind, day, addressees, place),
        "依据": vocabulary()["letters"]["basis"],
        "签发人": sketch.case.demo["registers"]["signer"],
        "回复期限": None,
    }
    if kind == "约谈":
        row |= {"约谈日期": day + dt.timedelta(days=4), "约谈地点": f"{sketch.case.bureau_name}会议室"}
    return row if kind == _CIRCULAR else row | _answer(sketch, day, stretch.amounts.get("unanswered", 0))


def _addressees(sketch: Sketch, kind: str) -> list[str]:
    case = sketch.case
    if kind == _CIRCULAR:
        return [unit.name for unit in case.units]
    if kind in _TO_FIRMS:
        return [sketch.rng.choice(sketch.subjects).name]
    count = sketch.rng.randint(1, _SEVERAL.get(kind, 1))
    names = [sketch.unit().name for _ in range(count)]
    return list(dict.fromkeys(names)) if sketch.rng.random() < 0.75 else [sketch.rng.choice(case.departments).name]


def _answer(sketch: Sketch, day: dt.date, unanswered: float) -> Row:
    """Answered within the term or, one in eight, late; checked within days. What has not come yet is left blank.

    ``unanswered`` is the share of those that nobody has answered at all.
    """
    due = day + dt.timedelta(days=sketch.rng.choice((7, 10, 15, 15)))
    late = sketch.rng.random() < 0.12
    answered = sketch.later(due, 1, 12) if late else sketch.later(day, 2, (due - day).days)
    row: Row = {"回复期限": due, "回复日期": answered, "回复内容": None, "核查结论": None, "核查日期": None}
    if sketch.rng.random() < unanswered or answered is None:
        return row | {"回复日期": None}
    row["回复内容"] = vocabulary()["letters"]["reply"]
    if checked := sketch.later(answered, 1, 7):
        row |= {"核查结论": "整改到位", "核查日期": checked}
    return row
