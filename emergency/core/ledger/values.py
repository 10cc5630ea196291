"""Reading one cell: from what officers write to a typed value, or a `CellError` that says what to do.

Raw values are what the file holds: str, int, float, bool, date, datetime, time or timedelta. Blank cells never come here.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from . import columns as kinds
from .columns import MEASURES, NUMBERS, Column, normalise
from .rows import Approximate, CellError

BLANK_MARKS = frozenset({"—", "——", "-", "--", "－", "–", "/", "／", "无", "\\"})
FORMULA_STARTS = frozenset("=+-@\t\r")
TRUE_WORDS = frozenset({"是", "有", "√", "✓", "✔", "☑", "v", "y", "yes", "true", "1", "对"})
FALSE_WORDS = frozenset({"否", "无", "没有", "×", "✗", "✘", "x", "n", "no", "false", "0", "错"})

_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_EARLIEST, _LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell knows no time zone
# Serials outside these bounds (1954 to 2064) are more likely a year, a month or a number of something else.
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000
_TIME = r"(?:[T ]*(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2}))?(?:\.\d+)?[分秒]?)?"
_FULL_DATE = re.compile(r"(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})[日号]?" + _TIME)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME)
_MONTH_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]" + _TIME)
_YEAR_MONTH = re.compile(r"\d{4}(?:[.\-/]\d{1,2}|年\d{1,2}月?|年)?")
_SHORT_YEAR = re.compile(r"\d{2}[.\-/年]\d{1,2}[.\-/月]\d{1,2}[日号]?")
_WEEKDAY = re.compile(r"[(]?(?:星期|周)[一二三四五六日天][)]?")
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?)(.*)")
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[eE]\+\d+")
_MASKED = re.compile(r"\*{2,}|＊{2,}")
_WIDE_TO_HALF = {ord("０") + i: ord("0") + i for i in range(10)}
_WIDE_TO_HALF |= {ord("Ａ") + i: ord("A") + i for i in range(26)}
_WIDE_TO_HALF |= {ord("ａ") + i: ord("a") + i for i in range(26)}
_PEOPLE_MARKS = re.compile(r"[、，,；;/\n\r]+")
_NUMBERING = re.compile(r"^\s*[(（]?\d{1,2}[.、)）](?!\d)\s*")
_INNER_NUMBERING = re.compile(r"(?:^|(?<=[;；。\s]))[(（]?\d{1,2}[.、)）](?!\d)\s*")

_REMEMBERED = 20_000  # distinct values per column; beyond that memory would grow with the file

Reader = Callable[[Any], Any]


class UnitMissing(CellError):
    """A bare amount in a column whose measuring unit nobody has told."""


class YearMissing(CellError):
    """A date such as 3月5日, and the import dialog named no year."""


def is_blank(raw: Any) -> bool:
    """An empty cell, or one of nothing but spaces (full-width ones included)."""
    return raw is None or raw == "" or (type(raw) is str and not raw.strip())


def half_width(raw: Any) -> str:
    """The text with full-width digits and signs made half width, without outer spaces."""
    return unicodedata.normalize("NFKC", str(raw)).strip()


def protect(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula; `unprotect` takes it away again."""
    return "'" + text if text.lstrip("'")[:1] in FORMULA_STARTS else text


def unprotect(text: str) -> str:
    """Undo `protect`."""
    return text[1:] if text[:1] == "'" and _ESCAPED.match(text) else text


def number_text(raw: float) -> str:
    """A spreadsheet number as its user sees it: 15 significant digits, no trailing .0."""
    if raw == int(raw) and abs(raw) < 1e15:
        return str(int(raw))
    return format(raw, ".15g")


def read_text(raw: Any) -> str:
    """Text as written, without outer spaces."""
    if type(raw) is str:
        return unprotect(raw.strip())
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, int | float):
        return number_text(float(raw))
    if isinstance(raw, dt.datetime):
        return raw.strftime("%Y-%m-%d %H:%M")
    return str(raw)


def read_code(raw: Any) -> str:
    """Digits that are no number. What Excel has already rounded to 15 digits is refused, because it cannot be restored."""
    advice = "长编号已被表格改成科学计数，后几位已经丢失；请把这一列设为“文本”格式后重新填写"
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if abs(raw) >= 1e15:
            raise CellError(advice)
        return number_text(float(raw))
    text = read_text(raw).translate(_WIDE_TO_HALF)
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(advice)
    return text


def _day(year: str | int, month: str, day: str) -> dt.date:
    try:
        value = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise CellError(f"没有{int(year)}年{int(month)}月{int(day)}日这一天，请改正") from None
    if not _EARLIEST <= value <= _LATEST:
        raise CellError(f"年份 {value.year} 不合理，请改正")
    return value


def _clock(hour: str | None, minute: str | None, second: str | None) -> dt.time:
    try:
        return dt.time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise CellError(f"没有 {hour}:{minute or '00'} 这个时间，请改正") from None


def _moment_of_serial(serial: float) -> dt.datetime:
    if not _FIRST_SERIAL <= serial < _LAST_SERIAL:
        raise CellError(f"“{number_text(serial)}”不是日期，请写成 2021年3月5日 或 2021-3-5")
    return _EPOCH + dt.timedelta(seconds=round(serial * 86400))


def _moment_of_text(raw: str, year: int | None) -> dt.datetime:
    text = _WEEKDAY.sub("", half_width(unprotect(raw.strip()))).replace("。", ".")
    text = re.sub(r"\s*([.\-/年月日:时分])\s*", r"\1", text).strip()
    match = _FULL_DATE.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text)
    if match:
        return dt.datetime.combine(_day(*match.group(1, 2, 3)), _clock(*match.group(4, 5, 6)))
    match = _MONTH_DAY.fullmatch(text)
    if match:
        if year is None:
            raise YearMissing("没有写年份，请写成 2021年3月5日，或在导入时选定年份")
        return dt.datetime.combine(_day(year, *match.group(1, 2)), _clock(*match.group(3, 4, 5)))
    if _YEAR_MONTH.fullmatch(text):
        raise CellError(f"“{raw.strip()}”不是完整的日期，请写到日，如 2021年3月5日")
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _moment_of_serial(float(text))
    if _SHORT_YEAR.fullmatch(text):
        raise CellError("年份请写四位，如 2021-3-5")
    raise CellError(f"“{_shorten(raw)}”不是日期，请写成 2021年3月5日 或 2021-3-5，一格只写一个日期")


def read_moment(raw: Any, year: int | None) -> dt.datetime:
    """A date with its time (midnight when none is written), without time zone."""
    if isinstance(raw, dt.datetime):
        moment = raw + dt.timedelta(microseconds=500_000)  # Excel's fractions of a day come out a microsecond short
        moment = moment.replace(microsecond=0)
        _day(moment.year, str(moment.month), str(moment.day))
        return moment
    if isinstance(raw, dt.date):
        _day(raw.year, str(raw.month), str(raw.day))
        return dt.datetime.combine(raw, dt.time())
    if isinstance(raw, bool | dt.time | dt.timedelta):
        raise CellError("这里要填日期，请写成 2021年3月5日 或 2021-3-5")
    if isinstance(raw, int | float):
        text = number_text(float(raw))
        if re.fullmatch(r"(?:19|20|21)\d{6}", text) or re.fullmatch(r"(?:19|20|21)\d\d(?:\.\d{1,2})?", text):
            return _moment_of_text(text, year)
        return _moment_of_serial(float(raw))
    return _moment_of_text(raw, year)


def _shorten(raw: Any) -> str:
    text = str(raw).strip()
    return text if len(text) <= 20 else text[:20] + "…"


def read_amount(raw: Any) -> tuple[Decimal, str, bool]:
    """A number as (value, what is written after it, whether it is approximate).

    Raises `CellError` for text that is no number. 万 and 亿 stay in what is written after it.
    """
    if isinstance(raw, bool):
        raise CellError("这里要填数字")
    if isinstance(raw, int):
        return Decimal(raw), "", False
    if isinstance(raw, float):
        return Decimal(format(raw, ".15g")), "", False
    if not isinstance(raw, str):
        raise CellError("这里要填数字，现在是日期或时间，请检查单元格格式")
    text = re.sub(r"[\s￥¥]", "", half_width(unprotect(raw.strip())))
    approximate = False
    for word in ("大约", "约为", "约", "近"):
        if text.startswith(word):
            text, approximate = text.removeprefix(word), True
            break
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise CellError(f"“{_shorten(raw)}”不是数字，请只填数字")
    rest = match.group(2)
    for word in ("余", "多", "左右"):
        if word in rest:
            rest, approximate = rest.replace(word, "", 1), True
    return Decimal(match.group(1).replace(",", "")), rest, approximate


def _bounded(column: Column, value: Decimal | int) -> None:
    if column.minimum is not None and value < column.minimum:
        raise CellError(f"不能小于 {column.minimum}")
    if column.maximum is not None and value > column.maximum:
        raise CellError(f"不能大于 {column.maximum}")


def _count_factor(rest: str, column: Column) -> Decimal:
    factor = Decimal(1)
    for word, times in (("万", 10_000), ("亿", 100_000_000)):
        if rest.startswith(word):
            rest, factor = rest.removeprefix(word), Decimal(times)
    if rest and rest not in kinds.COUNT_WORDS and normalise(rest) != normalise(column.unit or ""):
        raise CellError(f"数字后面的“{_shorten(rest)}”看不懂，请只填数字")
    return factor


def _integer_reader(column: Column) -> Reader:
    def read(raw: Any) -> Any:
        if type(raw) is float and raw == int(raw) and abs(raw) < 1e15:
            value, approximate = int(raw), False
        else:
            amount, rest, approximate = read_amount(raw)
            amount *= _count_factor(rest, column)
            if amount != amount.to_integral_value():
                raise CellError("应为整数，不能有小数")
            value = int(amount)
        _bounded(column, value)
        return Approximate(value) if approximate else value

    return read


def _decimal_reader(column: Column) -> Reader:
    percent = normalise(column.unit or "") == "%"

    def read(raw: Any) -> Any:
        amount, rest, approximate = read_amount(raw)
        if percent and rest == "%":
            rest = ""
        elif percent and 0 < amount < 1:
            # A cell formatted as a percentage holds 0.955 for 95.5 %, and nothing in it tells the two apart.
            raise CellError(
                f"看不出是 {amount}% 还是 {number_text(float(amount) * 100)}%，请把单元格设为文本，写明百分号"
            )
        amount *= _count_factor(rest, column)
        _bounded(column, amount)
        return Approximate(amount) if approximate else amount

    return read


def _measure_reader(column: Column, unit: str) -> Reader:
    """Money in yuan, rounded to 分; area in square metres, rounded to two places."""
    measures = MEASURES[column.kind]
    by_word = {normalise(word): factor for word, factor in measures.items()}
    words = "、".join(dict.fromkeys(word for word in measures if not word.isascii()))

    def read(raw: Any) -> Any:
        amount, rest, approximate = read_amount(raw)
        word = normalise(rest).removeprefix("人民币")
        if word in ("万", "亿") and column.kind == kinds.MONEY:
            word += "元"
        if not word:
            word = normalise(unit)
        if not word:
            raise UnitMissing(f"没有写单位，请在表头或数字后写明（{words}），或在导入时选定")
        if word not in by_word:
            raise CellError(f"单位“{_shorten(rest)}”不认识，可用：{words}")
        value = (amount * by_word[word]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        _bounded(column, value)
        return Approximate(value) if approximate else value

    return read


def read_boolean(raw: Any) -> bool:
    """是/否, 有/无, √/×, Y/N, 1/0. A blank cell never comes here and is not 否."""
    if isinstance(raw, bool):
        return raw
    text = number_text(float(raw)) if isinstance(raw, int | float) else half_width(raw).lower()
    if text in TRUE_WORDS:
        return True
    if text in FALSE_WORDS:
        return False
    raise CellError(f"“{_shorten(raw)}”看不懂，请填“是”或“否”")


def _choice_reader(column: Column) -> Reader:
    pairs = column.choice_pairs()
    known: dict[str, Any] = {}
    for value, label in pairs:
        known.setdefault(normalise(label), value)
    for alias, value in (column.aliases or {}).items():
        known.setdefault(normalise(alias), value)
    for value, _label in pairs:
        known.setdefault(normalise(value), value)
    labels = [label for _value, label in pairs]
    shown = "、".join(labels[:12]) + (f"等 {len(labels)} 项" if len(labels) > 12 else "")

    def read(raw: Any) -> Any:
        text = normalise(read_text(raw))
        if text not in known:
            raise CellError(f"没有“{_shorten(read_text(raw))}”这一项，可填：{shown}")
        return known[text]

    return read


def read_people(raw: Any) -> tuple[str, ...]:
    """Names split at 、，/ ；, line breaks and spaces; 张　三 with a space inside is one name, not two."""
    names: list[str] = []
    for part in _PEOPLE_MARKS.split(read_text(raw)):
        words = part.split()
        if len(words) == 2 and all(len(word) == 1 for word in words):
            words = ["".join(words)]
        names.extend(words)
    return tuple(dict.fromkeys(names))


def read_lines(raw: Any) -> tuple[str, ...]:
    """One line each; in a cell of a single line the items are numbered, or stand between 、 or ；.

    A line break rules alone, so that an item that holds 、 itself comes back whole (export ends such a cell with one).
    """
    text = unprotect(raw) if type(raw) is str else read_text(raw)
    if "\n" in text:
        parts = text.splitlines()
    elif _NUMBERING.match(text):
        parts = _INNER_NUMBERING.split(text)
    else:
        parts = re.split(r"[、；;]", text)
    lines = (_NUMBERING.sub("", part).strip() for part in parts)
    return tuple(line for line in lines if line)


def _date_reader(column: Column, year: int | None) -> Reader:
    if column.kind == kinds.DATE:
        return lambda raw: read_moment(raw, year).date()
    zone = timezone.get_default_timezone()
    return lambda raw: read_moment(raw, year).replace(tzinfo=zone)


def _plain_reader(column: Column, *, unit: str, year: int | None) -> Reader:
    if column.kind in kinds.DATES:
        return _date_reader(column, year)
    if column.kind in MEASURES:
        return _measure_reader(column, unit)
    if column.kind == kinds.CHOICE:
        return _choice_reader(column)
    if column.kind == kinds.INTEGER:
        return _integer_reader(column)
    if column.kind == kinds.DECIMAL:
        return _decimal_reader(column)
    simple: dict[str, Reader] = {
        kinds.BOOLEAN: read_boolean,
        kinds.PEOPLE: read_people,
        kinds.LINES: read_lines,
        kinds.CODE: read_code,
    }
    return simple.get(column.kind, read_text)


def reader_of(column: Column, *, unit: str = "", year: int | None = None, context: Any = None) -> Reader:
    """The function that reads this column's cells: raw value in, typed value out, None for a cell that means blank.

    `unit` is the measuring unit told by the header or the dialog. The function raises `CellError`; answers, refusals
    among them, are remembered per distinct value, because ledgers repeat the same few dates, names and words.
    """
    plain = _plain_reader(column, unit=unit, year=year)
    if column.kind == kinds.TEXT and column.resolve is None and not column.personal:
        return plain
    marks = BLANK_MARKS if column.kind in NUMBERS or column.kind in kinds.DATES else frozenset()
    resolve = column.resolve
    remembered: dict[Any, Any] = {}

    def read(raw: Any) -> Any:
        key = (type(raw), raw)  # True, 1 and 1.0 are one dictionary key but three things in a cell
        try:
            answer = remembered[key]
        except KeyError:
            answer = attempt(raw)
            if len(remembered) < _REMEMBERED:
                remembered[key] = answer
        if isinstance(answer, CellError):
            raise answer.with_traceback(None)  # raised again and again, it would gather a traceback each time
        return answer

    def attempt(raw: Any) -> Any:
        if type(raw) is str and raw.strip() in marks:
            return None
        try:
            if column.personal and type(raw) is str and _MASKED.search(raw):
                raise CellError("这是隐去部分内容后的文字，不能导入，请填完整内容或留空")
            value = plain(raw)
            return value if resolve is None or value is None else resolve(value, context)
        except CellError as error:
            return error

    return read
