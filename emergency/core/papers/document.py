"""A paper as data: what it says, not how it looks.

Reports build a `Document`; `html`, `pdf` and `word` draw it. Everything is frozen and goes to JSON and
back without loss (`to_data`, `from_data`), because an issued paper is kept and attached to its own PDF.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints


class Edition(StrEnum):
    """One paper, two editions: the one that is sent, and the one that lets every number be checked."""

    SUBMISSION = "报送版"
    CHECKING = "核对版"


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number that comes from a figure.

    `text` is what is printed (95.5%), `code` the figure, `title` its Chinese name, `href` the page with
    the records behind it (a path on this portal, or empty), `meaning` the figure's one-sentence
    definition and `period` the days it covers, both in words for the table of sources.
    """

    text: str
    href: str = ""
    code: str = ""
    title: str = ""
    meaning: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap that must be closed before issuing: `text` such as 【待补：2020年1—11月起数】.

    `kind` says what closes it: `fill` (a value must be entered) or `confirm` (somebody must confirm).
    """

    text: str
    kind: Literal["fill", "confirm"] = "fill"


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A number that somebody typed by hand; underlined in the checking edition."""

    text: str


Run: TypeAlias = Text | Number | Missing | Unlinked
Cell: TypeAlias = str | Text | Number | Missing | Unlinked


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading without its printed number; 一、（一）1.（1） come from the nesting (see `outline`).

    Headings sit at levels 1 to 4 (GB/T 9704-2012, 7.3.3); ValueError for any other level.
    """

    level: int
    text: str

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise ValueError(f"A heading's level is 1 to 4, not {self.level}.")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of running text. `lead` is an opening phrase that stands out from the rest."""

    runs: tuple[Run, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table column. `width` is a share relative to the other columns, in no unit; a newline in `title` wraps it.

    Neighbouring columns with the same non-empty `group` get one joint head above their own.
    """

    title: str
    width: int = 1
    align: Literal["left", "center", "right"] = "right"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One table row; `total` marks the rows 区本级, 合计 and the like that are set apart."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head repeats on every page. ValueError when a row has too few or too many cells."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for place, row in enumerate(self.rows, start=1):
            if len(row.cells) != len(self.columns):
                raise ValueError(f"Row {place} has {len(row.cells)} cells for {len(self.columns)} columns.")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing from `core.charts` with its caption, and the table that says the same in numbers."""

    svg: str
    caption: str = ""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a new page."""


Block: TypeAlias = Heading | Paragraph | Table | Chart | PageBreak


@dataclass(frozen=True, slots=True)
class Annex:
    """附件: starts on a fresh page, after the signature. `landscape` turns the page for a wide table."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Meta:
    """What the file says about itself: document title, issuing unit, period in words, moment of making."""

    title: str
    unit: str = ""
    period: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper in the order of GB/T 9704-2012: title, salutation, body, annex list, signature, annexes.

    `title_lines` are printed one per line; `byline` stands below the title (unit and date of a report
    without signature); `signature` and `dated` stand at the end; `salutation` is the 主送机关 without colon. A paper with
    a `masthead`, the name of the issuing office, is a letter (信函格式, chapter 10): red head and lines, `number` (发文字号)
    at the right below them.
    """

    title_lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    meta: Meta
    edition: Edition = Edition.SUBMISSION
    byline: str = ""
    salutation: str = ""
    signature: str = ""
    dated: date | None = None
    annexes: tuple[Annex, ...] = field(default=())
    language: str = "zh-CN"
    masthead: str = ""
    number: str = ""


# One name per shape, so that JSON says which of several a block or a run has.
SHAPES = {
    shape.__name__.lower(): shape
    for shape in (Text, Number, Missing, Unlinked, Heading, Paragraph, Column, Row, Table, Chart, PageBreak, Annex)
}


def to_data(value: Any) -> Any:
    """The document, or any part of it, as plain JSON values; each part carries its `shape`."""
    if is_dataclass(value):
        data = {entry.name: to_data(getattr(value, entry.name)) for entry in fields(value)}
        shape = type(value).__name__.lower()
        return {"shape": shape, **data} if shape in SHAPES else data
    if isinstance(value, tuple):
        return [to_data(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def to_json(document: Document) -> str:
    """The document as JSON text: equal documents give equal text, so its digest names the paper."""
    return json.dumps(to_data(document), ensure_ascii=False, sort_keys=True, indent=1)


def digest(document: Document) -> str:
    """SHA-256 of the document's JSON, in hexadecimal."""
    return hashlib.sha256(to_json(document).encode()).hexdigest()


def from_data(data: dict[str, Any]) -> Document:
    """The document that `to_data` wrote. KeyError or ValueError when the data is of another shape."""
    return _build(Document, data)


def _build(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if data is None or kind is str or origin is Literal:
        return data
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], item) for item in data)
    if origin in (Union, UnionType):
        if isinstance(data, dict):
            return _build(SHAPES[data["shape"]], data)
        if str in get_args(kind):
            return data
        return _build(next(choice for choice in get_args(kind) if choice is not type(None)), data)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        make: Any = kind
        return make(**{name: _build(hints[name], item) for name, item in data.items() if name != "shape"})
    if kind in (date, datetime):
        return kind.fromisoformat(data)
    return kind(data)


def runs(document: Document) -> Iterator[Run]:
    """Every run and table cell of the document in reading order, annexes included."""
    yield from _runs(document.blocks)
    for annex in document.annexes:
        yield from _runs(annex.blocks)


def _runs(blocks: tuple[Block, ...]) -> Iterator[Run]:
    for block in blocks:
        match block:
            case Paragraph():
                yield from block.runs
            case Table():
                for row in block.rows:
                    yield from (Text(cell) if isinstance(cell, str) else cell for cell in row.cells)
            case Chart(table=Table() as table):
                yield from _runs((table,))


def gaps(document: Document) -> tuple[Missing, ...]:
    """What is still missing, in reading order; a paper with gaps must not be issued."""
    return tuple(run for run in runs(document) if isinstance(run, Missing))


def source_table(document: Document) -> Table:
    """数据来源对照表: the numbers of the text, each figure once per period and value, in order of first appearance.

    A figure that stands only in tables is listed once, as 见表: its cells are links themselves.
    """
    rows: dict[tuple[str, ...], tuple[Number, Cell]] = {}
    listed = set()
    for number in _numbers(document, Paragraph):
        name = number.code or number.title
        rows.setdefault((name, number.period, number.text), (number, number))
        listed.add(name)
    for number in _numbers(document, Table):
        name = number.code or number.title
        if name not in listed:
            rows.setdefault((name,), (number, "见表"))
    return Table(
        columns=(
            Column("序号", 3, "center"),
            Column("指标", 9, "left"),
            Column("口径", 16, "left"),
            Column("时段", 10, "left"),
            Column("数值", 6, "right"),
        ),
        rows=tuple(
            Row((str(place), number.title, number.meaning, number.period, value))
            for place, (number, value) in enumerate(rows.values(), start=1)
        ),
        notes=("点击数值可打开对应的台账清单。",),
    )


def _numbers(document: Document, kind: type[Block]) -> Iterator[Number]:
    """The numbers in blocks of one kind, charts' tables counting as tables."""
    for blocks in (document.blocks, *(annex.blocks for annex in document.annexes)):
        for block in blocks:
            inner = block.table if isinstance(block, Chart) and block.table else block
            if isinstance(inner, kind):
                yield from (run for run in _runs((inner,)) if isinstance(run, Number))
