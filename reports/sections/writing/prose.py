"""From a text with tokens to the runs of a paper: numbers that know their list, gaps, and what was typed by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from emergency.core import papers
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, Value, link
from emergency.figures.vocabulary import ChangeFigure, Figure, RatioFigure
from reports.sections.writing import unlinked
from reports.sections.writing.brief import Answer, Brief
from reports.sections.writing.tokens import Fault, Token, TokenError, read, word_of
from reports.sections.writing.wording import WrongWord, worded


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """One paragraph, or with ``level`` 1 to 4 one heading, of a section.

    ``key`` names it within its section for good: an officer's own words replace the draft of the same key, whatever it has become.
    ``lead`` is an opening phrase that stands out. A paragraph of which nothing is to be said is not drafted at all. ``typed`` marks
    words that somebody entered (a problem, a plan), in which numbers without a token are to be seen. Keys of drafts are lower case
    and never begin with ``own-``, which is kept for what officers add.
    """

    key: str
    text: str
    lead: str = ""
    level: int = 0
    typed: bool = False


def runs(text: str, brief: Brief, *, names: Iterable[str] | None = None) -> tuple[papers.Run, ...]:
    """The runs of a text in a paper. Ask ``brief.prepare`` first for many texts.

    With ``names`` (phrases whose numerals count nothing) numbers that stand in the words are marked as typed by hand: for the texts
    of officers. The portal's own sentences carry none.
    """
    result: list[papers.Run] = []
    for piece in read(text):
        if isinstance(piece, str):
            result += [papers.Text(piece)] if names is None else _words(piece, names)
        elif isinstance(piece, Fault):
            result.append(_to_mend(piece.message))
        else:
            result.append(run_of(piece, brief))
    return tuple(_joined(result))


def _joined(line: Iterable[papers.Run]) -> Iterator[papers.Run]:
    """Neighbouring words as one run: what a token only worded is not set apart."""
    for plain, group in groupby(line, key=lambda run: isinstance(run, papers.Text)):
        if plain:
            yield papers.Text("".join(run.text for run in group))
        else:
            yield from group


def _words(text: str, names: Iterable[str]) -> list[papers.Run]:
    result: list[papers.Run] = []
    place = 0
    for start, end in unlinked.numbers(text, names):
        if start > place:
            result.append(papers.Text(text[place:start]))
        result.append(papers.Unlinked(text[start:end]))
        place = end
    return result + ([papers.Text(text[place:])] if place < len(text) else [])


def _to_mend(message: str) -> papers.Missing:
    return papers.Missing(f"【待改：{message.rstrip('。')}】")


def run_of(token: Token, brief: Brief) -> papers.Run:
    """What stands in the place of a token: the number with its list, or what must be filled in, confirmed or mended first."""
    if token.is_word:
        return papers.Text(word_of(token.code, brief.period))
    try:
        answer = brief.answer(token)
    except TokenError as fault:
        return _to_mend(fault.messages[0])
    if answer.value.missing:
        return papers.Missing(answer.value.gap)
    if gap := brief.unconfirmed(answer):
        return papers.Missing(gap, kind="confirm")
    try:
        return _number(answer, worded(answer, token.form))
    except WrongWord as wrong:
        return _to_mend(str(wrong))


def _number(answer: Answer, text: str) -> papers.Number:
    question, figure = answer.question, answer.value.figure
    return papers.Number(
        text=text,
        href=link(
            opens(figure),
            organisation=question.organisation,
            period=question.period,
            within=question.opens,
            value=answer.value,
        ),
        code=figure.code,
        title=f"{figure.name}（{question.label}）" if question.label else figure.name,
        meaning=figure.meaning,
        period=question.period.label(with_year=True),
    )


def faults(text: str, brief: Brief) -> list[Fault]:
    """Every token of a text that cannot stand in this paper, with its place, in the officer's words."""
    found: list[Fault] = []
    for piece in read(text):
        if isinstance(piece, Fault):
            found.append(piece)
        elif isinstance(piece, Token) and not piece.is_word:
            try:
                question = brief.question(piece)
                if piece.form == "占比" and not question.opens:
                    raise TokenError("写“占比”须选一个分组，如“industry:建筑施工”。")
            except TokenError as fault:
                found.append(Fault(text[piece.start : piece.end], piece.start, piece.end, fault.messages[0]))
    return found


def paragraph(draft: Draft, brief: Brief) -> papers.Block:
    """The block of a paper that a draft becomes."""
    if draft.level:
        return papers.Heading(draft.level, said(runs(draft.text, brief)))
    return papers.Paragraph(runs(draft.text, brief), lead=draft.lead)


def said(line: Iterable[papers.Run]) -> str:
    """The plain words of runs."""
    return "".join(run.text for run in line)


# -- tables: numbers in cells, from a sheet asked for the table --


def opens(figure: Figure) -> Figure:
    """The figure whose list a number opens: its own, or for a computed one that of its first part."""
    while isinstance(figure, RatioFigure | ChangeFigure):
        figure = vocabulary.get(figure.numerator if isinstance(figure, RatioFigure) else figure.base)
    return figure


def number(
    value: Value, sheet: Sheet, *, text: str = "", within: Mapping[str, str] | None = None, part: str = ""
) -> papers.Run:
    """A value of a sheet as a run: the number with the list that it opens, or the gap that it leaves.

    ``part`` names the row of a breakdown for the table of sources: “排查隐患（工贸）”.
    """
    if value.missing:
        return papers.Missing(value.gap)
    figure = value.figure
    return papers.Number(
        text=text or value.text_with_unit,
        href=link(
            opens(figure),
            organisation=sheet.organisation,
            period=sheet.period,
            within={**sheet.within, **(within or {})},
            value=value,
        ),
        code=figure.code,
        title=f"{figure.name}（{part}）" if part else figure.name,
        meaning=figure.meaning,
        period=sheet.period.label(with_year=True),
    )


def cell(value: Value, sheet: Sheet, row_key: str | None = None) -> papers.Cell:
    """A table cell: the bare number that opens its list."""
    if value.missing:
        return papers.Missing("【待补】")
    if value.number is None:
        return "—"
    within = {str(sheet.by): row_key} if row_key is not None and sheet.by else None
    return number(value, sheet, text=value.text, within=within)


def is_positive(sheet: Sheet, code: str) -> bool:
    """Whether a figure is known and above zero: enumerations leave the others out."""
    value = sheet[code]
    return not value.missing and bool(value.number)
