"""How a value is worded in each form of a token."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from emergency.core.papers import outline
from emergency.figures.queries import Value
from emergency.figures.vocabulary import percent, plain
from reports.sections.writing.brief import Answer

#: Words that a sentence may have beside a number alone, with what they claim of the change: it rose, or it fell.
_CLAIMS = {"减少": -1, "下降": -1, "增加": 1, "上升": 1}


class WrongWord(Exception):
    """The words around a number no longer say what it says, such as “减少” before a number that rose."""


def worded(answer: Answer, form: str) -> str:
    """A known value in words. Raises :class:`WrongWord` where the form claims what is not so."""
    text = _FORMS[form](answer)
    return answer.value.about + text if form == "万元" else text


def _bare(answer: Answer) -> str:
    return answer.value.text


def _with_unit(answer: Answer) -> str:
    return answer.value.text_with_unit


def _ten_thousands(answer: Answer) -> str:
    """In 万 of the figure's unit, without trailing zeros: 2236500 元 → 223.65万元."""
    return f"{plain(Decimal(answer.value.number or 0) / 10_000, 4)}万{answer.value.figure.unit}"


def _chinese(answer: Answer) -> str:
    """“三年”, “两次” would be speech: papers write 二次 as 2次, so this form is for 连续三年 and the like."""
    number = answer.value.number
    unit = answer.value.figure.unit
    whole = number is not None and number == int(number) and 1 <= number <= 99
    return f"{outline.chinese(int(number or 0))}{unit}" if whole else answer.value.text_with_unit


def _share(answer: Answer) -> str:
    """Of all rows together, one decimal: “45.2%”; a row of nothing prints “—”."""
    if answer.whole is None:
        raise WrongWord("占比须选一个分组")
    share = percent(answer.value.number or 0, answer.whole.number or 0)
    return "—" if share is None else f"{plain(share, 1)}%"


def _change(answer: Answer) -> str:
    return answer.value.change_text


def _amount(value: Value) -> str:
    """The size of a change in the figure's own unit; between two percentages it is 个百分点."""
    unit = "个百分点" if value.figure.unit == "%" else value.figure.unit
    return f"{plain(abs(value.number or 0), 1 if value.figure.unit == '%' else None)}{unit}"


def _changed_by(answer: Answer) -> str:
    number = answer.value.number
    if number is None:
        return "—"
    return f"{'增加' if number > 0 else '减少'}{_amount(answer.value)}" if number else "持平"


def _moved_by(answer: Answer) -> str:
    number, share = answer.value.number, answer.value.percent_changed
    if not number:
        return "持平" if number == 0 else "—"
    if share is None:
        raise WrongWord("上年同期为零，不能写百分比")
    return f"{'上升' if number > 0 else '下降'}{plain(abs(share), 1)}%"


def _apart(word: str, of: Callable[[Answer], str]) -> Callable[[Answer], str]:
    """A number whose direction stands in the sentence: right only while it moves that way."""

    def text(answer: Answer) -> str:
        number = answer.value.number or 0
        if number * _CLAIMS[word] <= 0:
            raise WrongWord(f"句中写“{word}”，实为{answer.value.change_text}")
        return of(answer)[2:]

    return text


def _none(answer: Answer) -> str:
    if answer.value.number:
        raise WrongWord(f"句中写“未发生”，实为{answer.value.text_with_unit}")
    return "未发生"


_FORMS: dict[str, Callable[[Answer], str]] = {
    "": _with_unit,
    "数": _bare,
    "万元": _ten_thousands,
    "中文": _chinese,
    "占比": _share,
    "增减": _change,
    "增减数": _changed_by,
    "升降": _moved_by,
    "减少": _apart("减少", _changed_by),
    "增加": _apart("增加", _changed_by),
    "下降": _apart("下降", _moved_by),
    "上升": _apart("上升", _moved_by),
    "未发生": _none,
}
