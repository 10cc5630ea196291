"""What a column of an Excel ledger is, and when two headers mean the same column.

Headers are compared without spaces, line breaks, brackets, stars and full or half width, because officers retype them
(rule 4 of the tolerant reading). A measuring unit written into the header, as in 经济处罚（万元）, is split off first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TEXT = "text"
DATE = "date"
DATETIME = "datetime"
INTEGER = "integer"
DECIMAL = "decimal"
MONEY = "money"  # held in yuan
AREA = "area"  # held in square metres
BOOLEAN = "boolean"
CHOICE = "choice"
UNIT = "unit"  # the name of an organisation
PEOPLE = "people"  # several names in one cell, held as a tuple
LINES = "lines"  # several lines in one cell, held as a tuple
CODE = "code"  # digits that are no number: credit codes, telephones, paper numbers

KINDS = (TEXT, DATE, DATETIME, INTEGER, DECIMAL, MONEY, AREA, BOOLEAN, CHOICE, UNIT, PEOPLE, LINES, CODE)
NUMBERS = frozenset({INTEGER, DECIMAL, MONEY, AREA})
DATES = frozenset({DATE, DATETIME})

MONEY_UNITS: dict[str, Decimal] = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
AREA_UNITS: dict[str, Decimal] = {
    "㎡": Decimal(1),
    "平方米": Decimal(1),
    "m2": Decimal(1),
    "平米": Decimal(1),
    "亩": Decimal(2000) / Decimal(3),
    "公顷": Decimal(10_000),
    "万平方米": Decimal(10_000),
    "万㎡": Decimal(10_000),
    "平方公里": Decimal(1_000_000),
    "km2": Decimal(1_000_000),
}
MEASURES: dict[str, dict[str, Decimal]] = {MONEY: MONEY_UNITS, AREA: AREA_UNITS}
COUNT_WORDS = (
    "家次",
    "人次",
    "场次",
    "架次",
    "批次",
    "班次",
    "家",
    "个",
    "人",
    "次",
    "条",
    "处",
    "项",
    "份",
    "起",
    "户",
    "件",
    "组",
    "期",
    "场",
    "篇",
    "名",
    "支",
    "座",
    "台",
    "套",
    "只",
    "辆",
    "艘",
    "间",
)

IGNORED_HEADERS = frozenset({"", "序号", "备注", "no", "no.", "编号序号", "行号"})
FAULT_HEADER = "错误说明"
FAULT_SHEET = "错误清单"
HELP_SHEET = "填写说明"
CHOICES_SHEET = "可选项"
OWN_SHEETS = frozenset({FAULT_SHEET, HELP_SHEET, CHOICES_SHEET})

_DROPPED = re.compile(r"[\s()\[\]{}<>【】〔〕《》「」*★☆·、:：.,，。;；\"'“”‘’_\-—/\\]")
_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_HINT = re.compile(r"必填|选填|可不填|可空|格式|年月日|yyyy|下拉|例如|示例|如[:：]|填写")

Choices = Iterable[tuple[Any, str]]


def normalise(header: object) -> str:
    """The comparable form of a header or a choice: half width, lower case, no spaces, brackets or punctuation."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", str(header)).lower())


_MEASURE_WORDS = {
    normalise(word): word
    for word in (*MONEY_UNITS, *AREA_UNITS, *COUNT_WORDS, "%", "人民币", "天", "小时", "吨", "米", "公里")
}


def split_header(header: object) -> tuple[str, str]:
    """Split a header into its comparable name and the measuring unit written into it.

    金额（万元） gives ("金额", "万元"). Hints such as （必填） or （年月日） are dropped; any other bracket is part of the
    name, so that 发现隐患（其中重大） is never taken for 发现隐患.
    """
    text = unicodedata.normalize("NFKC", str(header)).lower()
    unit = ""
    for inside in _BRACKET.findall(text):
        word = _MEASURE_WORDS.get(normalise(inside.removeprefix("单位").lstrip(":")))
        if word is not None:
            unit = word
        if word is not None or _HINT.search(inside):
            text = re.sub(r"[(\[【〔]" + re.escape(inside) + r"[)\]】〕]", "", text)
    return normalise(text), unit


def is_measure(text: object) -> bool:
    """Whether a cell holds nothing but a measuring unit, as the lower row of a two-row header often does."""
    return normalise(text) in _MEASURE_WORDS


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger.

    `name` is what officers read and `key` the name of the value in code. `unit` is the unit in which a money, area or
    number column is written out; on reading, the unit of the cell or of the header rules, and a money or area column
    without either is asked about. `total` says that values may be added up: those columns are compared with 合计 rows and
    never inherit through a merged block, which would count one value several times; by default integer, money and area.
    `choices` are (value, label) pairs as Django's choices, or a callable that gives them. `aliases` are other words for a
    choice. `resolve(value, context)` turns a read value into what is stored, once per distinct value, and raises
    `CellError` when it cannot. `personal` columns are masked on export and refuse masked text on import.
    """

    name: str
    key: str
    kind: str = TEXT
    required: bool = False
    synonyms: tuple[str, ...] = ()
    help: str = ""
    choices: Choices | Callable[[], Choices] | None = None
    unit: str | None = None
    personal: bool = False
    example: str = ""
    aliases: Mapping[str, Any] | None = None
    resolve: Callable[[Any, Any], Any] | None = None
    total: bool | None = None
    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: unknown kind {self.kind!r}")
        if self.kind == CHOICE and self.choices is None:
            raise ValueError(f"column {self.key}: a choice needs choices")
        if self.kind in MEASURES and self.unit is not None and self.unit not in MEASURES[self.kind]:
            raise ValueError(f"column {self.key}: {self.unit!r} does not measure {self.kind}")

    @property
    def adds_up(self) -> bool:
        return self.kind in (INTEGER, MONEY, AREA) if self.total is None else self.total

    @property
    def written_unit(self) -> str:
        """The unit in which values are written out; "" for a column without one."""
        if self.kind == MONEY:
            return self.unit or "元"
        if self.kind == AREA:
            return self.unit or "㎡"
        return self.unit or ""

    @property
    def header(self) -> str:
        """The header written into templates and exports: the name, with the unit unless the name already tells it."""
        if self.kind in MEASURES and not split_header(self.name)[1]:
            return f"{self.name}({self.written_unit})"
        return self.name

    def choice_pairs(self) -> list[tuple[Any, str]]:
        """The (value, label) pairs of a choice column; empty for every other kind."""
        if self.choices is None:
            return []
        pairs = self.choices() if callable(self.choices) else self.choices
        return [(value, str(label)) for value, label in pairs]

    def names(self) -> Iterable[str]:
        """The comparable forms under which this column is recognised."""
        for name in (self.name, *self.synonyms):
            yield normalise(name)
            yield split_header(name)[0]
