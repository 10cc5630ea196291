"""The rows of an export: one for each group of addressees of a letter whose answers are alike."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from emergency.letters.ledger.columns import COLUMNS, OF_LETTER
from emergency.letters.models import Letter, LetterAddressee
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation


def _unit_name(unit: Organisation | None) -> str | None:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == UnitKind.COMMUNITY and unit.parent else unit.name


def _answer(one: LetterAddressee, letter: Letter) -> dict[str, Any]:
    again = one.due_on if one.due_on != letter.due_on else None
    facts = {name: getattr(one, name) for name in ("replied_on", "verdict", "reply", "verified_on", "opinion")}
    return facts | {"reply_due_on": again}


def rows_of(letter: Letter, seen: set[int] | None) -> Iterator[tuple[Any, ...]]:
    told = {key: getattr(letter, key) for key in (*OF_LETTER, "number") if key not in ("matters", "area", "handler")}
    told |= {
        "issuer": _unit_name(letter.issuer),
        "handler": _unit_name(letter.handler),
        "area": _unit_name(letter.area),
    }
    told["matters"] = [one.label.partition(" ")[0] for one in letter.matters.all()]
    blank = {"replied_on": None, "verdict": "", "reply": "", "verified_on": None, "opinion": "", "reply_due_on": None}
    people = [
        (_answer(one, letter) if seen is None or one.pk in seen else blank, _unit_name(one.organisation) or one.name)
        for one in letter.addressees.all()
    ]
    for answer, group in groupby(people, key=lambda pair: pair[0]):
        values = told | answer | {"addressees": [name for _, name in group]}
        yield tuple(values[column.key] for column in COLUMNS)
