"""Later deaths in one cell: a line each, “2021-03-05 1人 原重伤 说明”, read and written alike."""

from __future__ import annotations

import datetime as dt
import re

from django.utils import timezone

from emergency.core.ledger import CellError, Row
from emergency.core.ledger.values import read_moment
from emergency.incidents.models import Accident, AccidentDeath, Formerly
from emergency.incidents.services.casualties import FIRST, MOVED_FROM, judge, update_rule

_LINE = re.compile(r"(\S+)\s+(\d{1,4})\s*人(?:\s+(\S+))?(?:\s+(.+))?")
_WORDS = {label: Formerly(value) for value, label in Formerly.choices}


def read(row: Row, on: dt.date) -> None:
    """Put the row's later deaths, unsaved, under ``death_records`` and the first count under the names of its columns.

    The cells 死亡, 重伤 … tell how things stand now, so what counted later is taken off again.
    """
    happened_at = row["occurred_at"]
    found: list[AccidentDeath] = []
    if row["later_deaths"] and happened_at is not None and row["classification"]:
        happened_on = timezone.localdate(happened_at)
        rule = update_rule(Accident(occurred_at=happened_at, classification=row["classification"]))
        for line in row["later_deaths"]:
            try:
                death = _death(line, happened_on, on)
            except CellError as fault:
                row.fault("later_deaths", str(fault), line)
                continue
            judge(death, happened_on=happened_on, rule=rule)
            found.append(death)
    row["death_records"] = found
    for now, first in FIRST.items():
        row[first] = row[now] or 0
    for death in (one for one in found if one.counted):
        row["initial_deaths"] -= death.people
        column = MOVED_FROM.get(Formerly(death.formerly))
        if column is not None:
            row[FIRST[column]] += death.people
    if row["initial_deaths"] < 0:
        row.fault("deaths", "死亡人数少于后续死亡中计入统计的人数，请改正", row["deaths"])


def _death(line: str, happened_on: dt.date, on: dt.date) -> AccidentDeath:
    parts = _LINE.fullmatch(line.strip())
    if parts is None:
        raise CellError("请写成“2021-3-5 1人 原重伤”，一行一条")
    died_on = read_moment(parts[1], happened_on.year).date()
    formerly = _WORDS.get(parts[3] or Formerly.SERIOUS.label)
    if formerly is None:
        raise CellError(f"“{parts[3]}”看不懂，可写：{'、'.join(_WORDS)}")
    if not int(parts[2]):
        raise CellError("人数至少为1")
    if died_on < happened_on or died_on > on:
        raise CellError("死亡日期须在事故发生之后、今天以前")
    return AccidentDeath(died_on=died_on, people=int(parts[2]), formerly=formerly, note=(parts[4] or "")[:200])


def write(death: AccidentDeath) -> str:
    """The line that :func:`read` understands."""
    words = (death.died_on.isoformat(), f"{death.people}人", death.get_formerly_display(), " ".join(death.note.split()))
    return " ".join(word for word in words if word)
