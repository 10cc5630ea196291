"""Reading an officer's workbook into typed rows, with every fault named by its cell (rules 1 to 17 of tolerant reading)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .columns import MEASURES, OWN_SHEETS, Column, normalise
from .header import SEARCHED_ROWS, Header, Names, find_header, place_name, proposals
from .rows import Approximate, CellError, Fault, ImportContext, ImportOptions, Layout, Notice, Question, Row, letter
from .sources import Book, File, Grid, open_book
from .table import Ledger
from .values import UnitMissing, YearMissing, is_blank, read_amount, reader_of

_TOTAL = re.compile(
    r"(?:本页|本月|本年|全区|全县|全市|全镇|总)?(合计|小计|总计|共计)(?![\u4e00-\u9fff])|(合计|小计|总计)数"
)
_FOOTER = re.compile(
    r"(?:填表人|填报人|制表人?|审核人?|复核人?|审批人|单位负责人|分管领导|联系人|联系电话|填报日期|注|说明|备注)[:：]"
)


@dataclass(slots=True)
class Sheet:
    """What was read. `faults` concern the whole file; those of a row stand in `row.errors`."""

    ledger: Ledger
    book: Book
    name: str = ""
    header: Header | None = None
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)
    hidden_rows: int = 0
    skipped_totals: int = 0

    @property
    def all_faults(self) -> list[Fault]:
        """The file's faults, then the rows' in the order of the file."""
        return [*self.faults, *(fault for row in self.rows for fault in row.errors)]

    def ask(self, question: Question, **place: Any) -> None:
        """Put a question to the officer; until it is answered it is a fault."""
        self.questions.append(question)
        self.faults.append(Fault(question.message, column=question.column, **place))


def read(
    file: File, ledger: Ledger, context: ImportContext | None = None, options: ImportOptions | None = None
) -> Sheet:
    """Read a workbook. Raises `LedgerError` only when the file is no table at all; every other fault is in the sheet."""
    context = context or ImportContext()
    options = options or ImportOptions()
    sheet = Sheet(ledger, open_book(file))
    known = Names(ledger.columns, context.mapping)
    grid = _choose(sheet, known, options)
    if grid is not None:
        _judge_header(sheet, grid, context, options)
        _Body(sheet, grid, context, options).read()
    return sheet


def _choose(sheet: Sheet, known: Names, options: ImportOptions) -> Grid | None:
    """The worksheet whose header fits best (rule 14); a tie or no fit is a fault that lists the sheets."""
    names = [name for name in sheet.book.sheet_names if name not in OWN_SHEETS]
    listed = "、".join(names) or "无"
    if options.sheet:
        if options.sheet not in sheet.book.sheet_names:
            sheet.ask(Question("sheet", f"没有工作表“{options.sheet}”，文件里有：{listed}", tuple(names)))
            return None
        names = [options.sheet]
    least = min(2, len(sheet.ledger.columns))
    found: list[tuple[Grid, Header, bool]] = []
    for name in names:
        grid = sheet.book.grid(name)
        top = grid.top(SEARCHED_ROWS + 2)
        header = find_header(top[:SEARCHED_ROWS], grid.merges, known, least)
        if header is not None:
            filled = any(not is_blank(cell) for row in top[header.last + 1 :] for cell in row)
            found.append((grid, header, filled))
    if any(filled for _grid, _header, filled in found):
        found = [candidate for candidate in found if candidate[2]]
    best = max((header.score for _grid, header, _filled in found), default=None)
    fitting = [candidate for candidate in found if candidate[1].score == best]
    if not fitting:
        wanted = "、".join(column.name for column in sheet.ledger.columns if column.required)
        sheet.faults.append(
            Fault(f"前十行里没有找到“{sheet.ledger.label}”的表头，至少要有：{wanted}。文件里的工作表：{listed}")
        )
        return None
    if len(fitting) > 1:
        tied = tuple(grid.name for grid, _header, _filled in fitting)
        sheet.ask(Question("sheet", f"有 {len(tied)} 个工作表都像要导入的表，请选定一个：{'、'.join(tied)}", tied))
        return None
    grid, sheet.header, _filled = fitting[0]
    sheet.name = grid.name
    sheet.proposals = proposals(grid.top(sheet.header.first))
    return grid


def _judge_header(sheet: Sheet, grid: Grid, context: ImportContext, options: ImportOptions) -> None:
    header = sheet.header
    assert header is not None
    row = header.last + 1
    for first, second, column in header.doubled:
        shown = header.texts[second]
        message = f"与 {letter(first)}{row} 是同一列“{column.name}”，请删去一列或改列名"
        sheet.faults.append(Fault(message, f"{letter(second)}{row}", shown, shown))
    sheet.unknown = list(header.unknown.values())
    for place, shown in header.unknown.items():
        cell = f"{letter(place)}{row}"
        if options.strict:
            sheet.faults.append(Fault("这一列不认识，请删去，或改为模板里的列名", cell, shown, shown))
        else:
            sheet.notices.append(Notice(f"{place_name(place, shown)}不认识，没有导入", cell, shown))
    there = {column.key for column in header.places.values()}
    defaults = _defaults(sheet.ledger, context)
    for column in sheet.ledger.columns:
        if column.required and column.key not in there and column.key not in defaults:
            sheet.faults.append(Fault(f"缺少必填列“{column.name}”，请补上这一列", column=column.name))
    if sheet.proposals:
        told = "，".join(
            f"{word}“{sheet.proposals[key]}”"
            for key, word in (("period", "时间"), ("unit", "单位"), ("measure", "计量单位"))
            if key in sheet.proposals
        )
        sheet.notices.append(Notice(f"表头上方写有{told}，仅供参考，没有自动采用"))


def _defaults(ledger: Ledger, context: ImportContext) -> dict[str, Any]:
    """The dialog's defaults by column key; they may be named by column name or key (rule 11)."""
    by_name = {normalise(name): column.key for column in ledger.columns for name in (column.name, column.key)}
    given = {by_name.get(normalise(name)): value for name, value in context.defaults.items()}
    return {key: value for key, value in given.items() if key is not None and not is_blank(value)}


@dataclass(slots=True)
class _Read:
    """One column being read."""

    place: int
    position: int
    column: Column
    reader: Callable[[Any], Any]
    unit: str
    seen: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    total: Decimal = Decimal(0)

    def note(self, what: str, cell: str) -> None:
        self.seen[what] += 1
        self.first.setdefault(what, cell)


class _Body:
    """The rows below the header."""

    def __init__(self, sheet: Sheet, grid: Grid, context: ImportContext, options: ImportOptions) -> None:
        assert sheet.header is not None
        self.sheet, self.grid, self.context, self.options = sheet, grid, context, options
        self.header = sheet.header
        ledger = sheet.ledger
        self.layout = Layout(ledger.columns, {column.key: place for place, column in self.header.places.items()})
        self.columns = [self._column(place, column) for place, column in sorted(self.header.places.items())]
        self.blank = self._blank_values()
        self.required = [
            (read.position, read.column.key)
            for read in self.columns
            if read.column.required and self.blank[read.position] is None
        ]
        self.totals = [read for read in self.columns if read.column.adds_up]
        self.checks: list[tuple[int, str, list[Any], list[Decimal], list[Decimal]]] = []
        self.section = [Decimal(0)] * len(self.totals)
        self.inherited = self._inherited()
        self.broken = self._broken()
        self.heads = frozenset(self.header.texts.values())

    def _column(self, place: int, column: Column) -> _Read:
        unit = self.header.units[place] or self._told_unit(column)
        reader = reader_of(column, unit=unit, year=self.context.year, context=self.context)
        return _Read(place, self.layout.positions[column.key], column, reader, unit)

    def _told_unit(self, column: Column) -> str:
        if column.kind not in MEASURES:
            return ""
        told = {normalise(name): unit for name, unit in self.context.units.items()}
        return told.get(normalise(column.name)) or told.get(normalise(column.key)) or ""

    def _blank_values(self) -> list[Any]:
        """What a row holds where the officer wrote nothing: the defaults of the dialog, else None."""
        values: list[Any] = [None] * len(self.sheet.ledger.columns)
        for key, raw in _defaults(self.sheet.ledger, self.context).items():
            column = self.layout.columns[key]
            unit = self._told_unit(column) or column.written_unit
            try:
                value = reader_of(column, unit=unit, year=self.context.year, context=self.context)(raw)
            except CellError as error:
                self.sheet.faults.append(Fault(f"导入时填写的默认值不对：{error}", column=column.name, value=str(raw)))
            else:
                values[self.layout.positions[key]] = value.value if isinstance(value, Approximate) else value
        return values

    def _inherited(self) -> dict[int, list[tuple[int, int]]]:
        """For each row inside a merged block: (place, the block's first row). Blocks inherit downwards (rule 2)."""
        inherited: dict[int, list[tuple[int, int]]] = {}
        for first, left, last, _right in self.grid.merges:
            if left in self.header.places and last > first > self.header.last:
                for number in range(first + 1, min(last, self.grid.marks.rows or last) + 1):
                    inherited.setdefault(number, []).append((left, first))
        return inherited

    def _broken(self) -> dict[int, dict[int, str]]:
        """Formula results that are missing or errors, by row and place (rule 13)."""
        broken: dict[int, dict[int, str]] = {}
        marks = self.grid.marks
        for cells, message in (
            (marks.unfinished, "公式没有计算结果，请用 Excel 打开、保存后再导入，或直接填数"),
            (marks.errors, "单元格是错误值（如 #REF!、#DIV/0!），请改正公式或直接填写"),
        ):
            for row, place in cells:
                broken.setdefault(row, {})[place] = message
        return broken

    def read(self) -> None:
        marks, hidden, start = self.grid.marks, self.options.hidden, self.header.last + 1
        blocks: dict[tuple[int, int], Any] = {}
        starts = {(first, place) for pairs in self.inherited.values() for place, first in pairs}
        rows = self.sheet.rows
        for index, raw in enumerate(self.grid.rows()):
            if index < start:
                continue
            first = next((cell for cell in raw if cell != "" and not is_blank(cell)), None)
            if first is None:
                continue
            if type(first) is str and self._is_no_data(index, first, raw):
                continue
            if all(is_blank(raw[read.place]) for read in self.columns if read.place < len(raw)):
                continue
            if starts:
                for read in self.columns:
                    if (index, read.place) in starts:
                        blocks[index, read.place] = raw[read.place] if read.place < len(raw) else ""
            if index in marks.hidden_rows:
                self.sheet.hidden_rows += 1
                if hidden == "skip":
                    continue
            if index in self.inherited:
                raw = list(raw)
                refused = self._inherit(index, raw, blocks)
            else:
                refused = None
            rows.append(self._row(index, raw, refused))
        self._report()

    def _inherit(self, index: int, raw: list[Any], blocks: dict[tuple[int, int], Any]) -> dict[int, str]:
        """Fill the blanks of merged blocks in `raw`; refuse numbers, which would be counted once per row."""
        refused = {}
        for place, first in self.inherited[index]:
            value = blocks.get((first, place), "")
            if place >= len(raw) or not is_blank(raw[place]) or is_blank(value):
                continue
            if self.header.places[place].adds_up:
                refused[place] = f"与第{first + 1}行合并的数字不能算到每一行，请拆分单元格后逐行填写"
            else:
                raw[place] = value
        return refused

    def _is_no_data(self, index: int, first: str, raw: list[Any]) -> bool:
        """Whether a row is a total (compared with our sum, rule 10), a signature line or the header once more."""
        text = "".join(first.split())
        total = _TOTAL.match(text)
        if total:
            self._keep_total(index, text, raw)
            return True
        if _FOOTER.match(text) and sum(not is_blank(cell) for cell in raw) <= 4:
            self.sheet.notices.append(Notice(f"第{index + 1}行“{text[:20]}”是表尾说明，没有导入", row=index + 1))
            return True
        if first.strip() in self.heads and self._repeats_header(raw):
            self.sheet.notices.append(Notice(f"第{index + 1}行又是表头，没有导入", row=index + 1))
            return True
        return False

    def _repeats_header(self, raw: list[Any]) -> bool:
        """Printed tables repeat their header on every page."""
        texts = self.header.texts
        written = [(place, str(cell)) for place, cell in enumerate(raw) if not is_blank(cell)]
        return len(written) > 1 and all(normalise(texts.get(place, "")) == normalise(cell) for place, cell in written)

    def _keep_total(self, index: int, text: str, raw: list[Any]) -> None:
        self.sheet.skipped_totals += 1
        written = [raw[read.place] if read.place < len(raw) else "" for read in self.totals]
        self.checks.append((index, text, written, list(self.section), [read.total for read in self.totals]))
        self.section = [Decimal(0)] * len(self.totals)

    def _row(self, index: int, raw: list[Any], refused: dict[int, str] | None) -> Row:
        values = self.blank.copy()
        row = Row(index + 1, values, self.layout)
        faulty: set[str] = set()
        approximate: list[str] = []
        width = len(raw)
        broken = self.broken.get(index)
        for read in self.columns:
            place = read.place
            cell = raw[place] if place < width else ""
            if broken and place in broken:
                row.fault(read.column.key, broken[place], cell)
                faulty.add(read.column.key)
            elif refused and place in refused:
                row.fault(read.column.key, refused[place], cell)
                faulty.add(read.column.key)
            elif cell == "" or cell is None or (type(cell) is str and not cell.strip()):
                continue
            else:
                try:
                    value = read.reader(cell)
                except (UnitMissing, YearMissing) as error:
                    read.note(type(error).__name__, row.cell(read.column.key))
                    faulty.add(read.column.key)
                    values[read.position] = None
                    continue
                except CellError as error:
                    row.fault(read.column.key, str(error), cell)
                    faulty.add(read.column.key)
                    values[read.position] = None
                    continue
                if type(value) is Approximate:
                    value = value.value
                    approximate.append(read.column.key)
                    read.note("approximate", row.cell(read.column.key))
                if value is not None:
                    values[read.position] = value
        for position, key in self.required:
            if values[position] is None and key not in faulty:
                row.fault(key, "必填，不能为空")
        if approximate:
            row.approximate = frozenset(approximate)
        if self.totals:
            self._add(values)
        return row

    def _add(self, values: list[Any]) -> None:
        for number, read in enumerate(self.totals):
            value = values[read.position]
            if value is not None:
                read.total += value
                self.section[number] += value

    def _report(self) -> None:
        self._report_totals()
        self._report_hidden()
        for read in self.columns:
            self._report_column(read)
        if not self.sheet.rows and not self.sheet.all_faults:
            self.sheet.faults.append(Fault("表头下面没有数据，请填写后再导入"))

    def _report_totals(self) -> None:
        """A total may mean the rows since the last one, all above, or the whole table (when it stands on top)."""
        for index, text, written, section, above in self.checks:
            for number, read in enumerate(self.totals):
                told = self._total_value(written[number], read)
                ours = (section[number], above[number], read.total)
                if told is None or told in ours:
                    continue
                sum_here = section[number] if text.startswith("小计") else (above[number] or read.total)
                cell = f"{letter(read.place)}{index + 1}"
                message = (
                    f"第{index + 1}行“{text[:10]}”的{read.column.name}写 {told:f}，各行相加是 {sum_here:f}，请核对"
                )
                self.sheet.notices.append(Notice(message, cell, read.column.name, row=index + 1))
        if self.sheet.skipped_totals:
            self.sheet.notices.append(
                Notice(f"跳过 {self.sheet.skipped_totals} 行合计、小计", count=self.sheet.skipped_totals)
            )

    def _total_value(self, raw: Any, read: _Read) -> Decimal | None:
        if is_blank(raw):
            return None
        try:
            if read.column.kind not in MEASURES:
                return read_amount(raw)[0]
            value = read.reader(raw)
        except CellError:
            return None
        return Decimal(value.value) if isinstance(value, Approximate) else value

    def _report_hidden(self) -> None:
        count = self.sheet.hidden_rows
        if not count:
            return
        message = f"有 {count} 行被隐藏或筛选掉"
        if self.options.hidden == "ask":
            self.sheet.ask(Question("hidden", f"{message}，请选定是否导入这些行", ("include", "skip")))
        else:
            done = "也已读取" if self.options.hidden == "include" else "没有导入"
            self.sheet.notices.append(Notice(f"{message}，{done}", count=count))

    def _report_column(self, read: _Read) -> None:
        column, marks = read.column, self.grid.marks
        if read.seen[UnitMissing.__name__]:
            words = tuple(word for word in MEASURES[column.kind] if not word.isascii())
            where = f"（首处 {read.first[UnitMissing.__name__]}，共 {read.seen[UnitMissing.__name__]} 处）"
            message = (
                f"没有写单位{where}，请选定是{'、'.join(words)}中的哪一个，或写进表头，如“{column.name}（{words[0]}）”"
            )
            self.sheet.ask(Question("unit", message, words, column.name), cell=read.first[UnitMissing.__name__])
        if read.seen[YearMissing.__name__]:
            where = f"（首处 {read.first[YearMissing.__name__]}，共 {read.seen[YearMissing.__name__]} 处）"
            message = f"日期没有写年份{where}，请写成 2021年3月5日，或在导入时选定年份"
            self.sheet.ask(Question("year", message, (), column.name), cell=read.first[YearMissing.__name__])
        if read.seen["approximate"]:
            count, cell = read.seen["approximate"], read.first["approximate"]
            message = f"“{column.name}”有 {count} 处写了“约”或“余”（首处 {cell}），按写出的数读取并标为约数"
            self.sheet.notices.append(Notice(message, cell, column.name, count))
        formulas = sorted(row for row, place in marks.formulas if place == read.place and row > self.header.last)
        if formulas:
            cell = f"{letter(read.place)}{formulas[0] + 1}"
            message = f"“{column.name}”有 {len(formulas)} 处是公式（首处 {cell}），已按计算结果读取"
            self.sheet.notices.append(Notice(message, cell, column.name, len(formulas)))
