"""更换统计时段: which sentences of a paper another period would change, old words beside new ones."""

from __future__ import annotations

import dataclasses
import difflib
import re
from itertools import zip_longest

from emergency.core.periods import Period
from reports.models import Report
from reports.queries.text import Line, Written, brief_of, lines_of, written
from reports.sections.writing import Token, read, unlinked

_SENTENCES = re.compile(r"(?<=[。；！？])")
#: Numbers and gaps are compared whole, other words sign by sign.
_UNITS = re.compile(r"【[^】]*】|\d+(?:\.\d+)?%?|.", re.DOTALL)

Piece = tuple[str, str]  # ("same" | "out" | "in", words)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A line whose words change. ``sentences`` are pairs of old and new, each cut into pieces that stayed, went and came.

    ``stays`` says what will not follow the new period: dates of tokens, and dates that an officer typed.
    """

    line: Line
    sentences: tuple[tuple[tuple[Piece, ...], tuple[Piece, ...]], ...]
    stays: tuple[str, ...] = ()


def changes(report: Report, period: Period) -> list[Change]:
    """What another period would change, line by line; also the edited lines that keep dates of their own. Writes nothing."""
    before = {one.line.name: one for one in _standing(report, report.period)}
    after = {one.line.name: one for one in _standing(report, period)}
    names = [*before, *(name for name in after if name not in before)]
    found = []
    for name in names:
        old, new = before.get(name), after.get(name)
        line = (new or old).line  # type: ignore[union-attr]  # one of the two named it
        sentences = tuple(_pairs(old.said if old else "", new.said if new else ""))
        stays = _stays(line) if line.edited and new else ()
        if sentences or stays:
            found.append(Change(line, sentences, stays))
    return found


def _standing(report: Report, period: Period) -> list[Written]:
    brief = brief_of(report, period)
    return written([line for line in lines_of(report, brief) if not line.removed], brief)


def _pairs(old: str, new: str) -> list[tuple[tuple[Piece, ...], tuple[Piece, ...]]]:
    before, after = _cut(old), _cut(new)
    pairs = []
    for kind, start, end, since, upto in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            for one, other in zip_longest(before[start:end], after[since:upto], fillvalue=""):
                pairs.append(_compared(one, other))
    return pairs


def _cut(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCES.split(text) if sentence]


def _compared(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = _UNITS.findall(old), _UNITS.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, start, end, since, upto in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        same = kind == "equal"
        if start < end:
            left.append(("same" if same else "out", "".join(before[start:end])))
        if since < upto:
            right.append(("same" if same else "in", "".join(after[since:upto])))
    return tuple(left), tuple(right)


def _stays(line: Line) -> tuple[str, ...]:
    tokens = [piece.text for piece in read(line.text) if isinstance(piece, Token) and piece.is_absolute]
    words = [found for piece in read(line.text) if isinstance(piece, str) for found in unlinked.dates(piece)]
    return tuple(dict.fromkeys([*tokens, *words]))
