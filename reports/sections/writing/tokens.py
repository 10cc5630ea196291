"""Tokens: the places of a text where a number will stand, and what is wrong with those that cannot be read.

Nothing here asks a ledger; :mod:`reports.sections.writing.brief` knows what a token means for one paper.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError

from emergency.core import periods
from emergency.core.periods import Period, add_months, month_of, whole_year, year_to_date

#: How a value is worded, with what the picker says of it.
FORMS: dict[str, str] = {
    "": "数字和单位，如 5985条",
    "数": "只要数字，如 5985",
    "万元": "折成万元，如 223.65万元",
    "中文": "中文数字，如 三年",
    "占比": "占全部的比例，如 45.2%（须选分组）",
    "增减": "同比增减，如 减少4起、下降50%",
    "增减数": "同比增减的数，如 减少4起",
    "升降": "同比升降的比例，如 下降50%",
    "减少": "只要减少的数，如 4起（句中自写“减少”）",
    "增加": "只要增加的数，如 4起（句中自写“增加”）",
    "下降": "只要下降的比例，如 50%（句中自写“下降”）",
    "上升": "只要上升的比例，如 50%（句中自写“上升”）",
    "未发生": "为零时写“未发生”",
}
#: Forms that speak of a figure's change against the year before; they may be asked of the figure itself.
CHANGE_FORMS = ("增减", "增减数", "升降", "减少", "增加", "下降", "上升")

#: Words that follow the paper's period, for sentences that must stay true when it is changed.
WORDS: dict[str, str] = {
    "时段": "统计时段，如 1—11月",
    "年度时段": "带年份的统计时段，如 2021年1—11月",
    "本年": "统计年份，如 2021年",
    "下年": "下一年份，如 2022年",
}


def _last_month(base: Period) -> Period:
    """The month in which a period ends: whole where the period consists of whole months, else up to its last day."""
    return Period(base.end.replace(day=1), base.end)


#: Periods that follow the paper's own.
RELATIVE: dict[str, Callable[[Period], Period]] = {
    "上年同期": Period.previous_year,
    "本月": _last_month,
    "上月": lambda base: month_of(add_months(base.end.replace(day=1), -1)),
    "年初至今": lambda base: year_to_date(base.end),
    "上年全年": lambda base: whole_year(base.end.year - 1),
}
_ABSOLUTE = re.compile(r"\d{4}[年-].*")


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """One ``[[code|unit|period|form]]``; ``start`` and ``end`` are its place in the text."""

    code: str
    place: str = ""
    period: str = ""
    form: str = ""
    start: int = 0
    end: int = 0

    @property
    def text(self) -> str:
        """As it is stored: empty fields at the end are left out."""
        return f"[[{'|'.join((self.code, self.place, self.period, self.form)).rstrip('|')}]]"

    @property
    def is_word(self) -> bool:
        return self.code in WORDS

    @property
    def is_absolute(self) -> bool:
        """Whether it keeps its dates when the paper's period is changed."""
        return bool(_ABSOLUTE.fullmatch(self.period))


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be read, where, and why in the officer's words."""

    text: str
    start: int
    end: int
    message: str

    @property
    def line(self) -> str:
        return f"第{self.start + 1}字处“{self.text}”：{self.message}"


Piece = str | Token | Fault


class TokenError(ValidationError):
    """Why a token has no value here; its message is the officer's."""


def token(code: str, place: str = "", period: str = "", form: str = "") -> str:
    """The text of a token, for sections that choose unit or form in code."""
    return Token(code, place, period, form).text


_SHAPE = re.compile(r"\[\[([^\[\]\n]*)\]\]|\[\[|\]\]")


def read(text: str) -> list[Piece]:
    """A text cut into words, tokens and faults, in order; nothing of the text is lost."""
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    place = 0
    for found in _SHAPE.finditer(text):
        if found.start() > place:
            yield text[place : found.start()]
        place = found.end()
        if found[1] is None:
            yield Fault(found[0], found.start(), found.end(), "方括号不成对，应写成“[[指标]]”。")
            continue
        try:
            yield _token(found[1], found.start(), found.end())
        except TokenError as fault:
            yield Fault(found[0], found.start(), found.end(), fault.messages[0])
    if place < len(text):
        yield text[place:]


def _token(body: str, start: int, end: int) -> Token:
    """Fields by their place; in a shorter token each by what it is, so that ``[[code|数]]`` needs no empty fields."""
    code, *rest = [part.strip() for part in body.replace("｜", "|").split("|")]
    if not code:
        raise TokenError("没有写指标，请从“插入数字”中选取。")
    if len(rest) > 3:
        raise TokenError("最多写四项：指标、单位或分组、时段、写法。")
    place, period, form = rest if len(rest) == 3 else _sorted(rest)
    if period:
        check_period(period)
    if form not in FORMS:
        raise TokenError(f"没有“{form}”这种写法，可用：{'、'.join(name for name in FORMS if name)}。")
    if code in WORDS and (place or period or form):
        raise TokenError(f"“{code}”后面不用再写别的。")
    return Token(code, place, period, form, start, end)


def _sorted(fields: list[str]) -> tuple[str, str, str]:
    place = period = form = ""
    for field in filter(None, fields):
        if field in FORMS and not form:
            form = field
        elif (field in RELATIVE or _ABSOLUTE.fullmatch(field)) and not period:
            period = field
        elif not place:
            place = field
        else:
            raise TokenError(f"“{field}”放不下：按指标、单位或分组、时段、写法的顺序各写一项。")
    return place, period, form


def check_period(text: str) -> None:
    """Raises ``TokenError`` for what is neither a relative period nor dates."""
    if text in RELATIVE:
        return
    if not _ABSOLUTE.fullmatch(text):
        raise TokenError(f"时段“{text}”无法识别，可写：{'、'.join(RELATIVE)}，或“2021-01-01..2021-11-30”。")
    try:
        periods.parse(text)
    except ValidationError as fault:
        raise TokenError(fault.messages[0]) from None


def period_of(text: str, base: Period) -> Period:
    """The days that a token's period means in a paper over ``base``."""
    if not text:
        return base
    return RELATIVE[text](base) if text in RELATIVE else periods.parse(text)


def word_of(code: str, base: Period) -> str:
    """What a word token says in a paper over ``base``."""
    return {
        "时段": base.label(),
        "年度时段": base.label(with_year=True),
        "本年": f"{base.end.year}年",
        "下年": f"{base.end.year + 1}年",
    }[code]
