"""未挂接数据: the numbers of a text that somebody typed and no figure stands behind.

Not numbers in this sense: dates and periods, numbers of headings, clauses and documents, names in 《》 or “”, and numerals inside set
phrases of the trade such as 三管三必须.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: Set phrases whose numerals count nothing. Names of campaigns are added by the paper.
PHRASES = (
    "三管三必须", "一岗双责", "党政同责", "三个必须", "四不放过", "四不两直", "双随机、一公开", "双随机一公开", "五落实",
    "三同时", "两客一危一重货", "两客一危", "九小场所", "三合一", "多合一", "一会三卡", "三级教育", "三违", "一票否决", "三张清单",
    "一情况两清单", "两个清单", "一张图", "一张网", "一盘棋", "一把手", "三年行动", "百日行动", "百日攻坚", "十大攻坚战", "六查一打",
    "十四五", "十三五", "十五五", "五年规划", "二十大", "十九大", "两会", "三防", "三断", "五级书记", "四个意识", "四个自信",
    "两个确立", "两个维护", "两个至上", "一件事", "一体化", "六有", "三有", "五进", "七进", "八进", "双下降", "双控", "双重预防",
    "双预防", "三项岗位", "四早", "第一责任人", "一线三排", "三台六岗", "12345", "12350", "119", "110", "120", "24小时", "5·12",
    "三同步", "两不误", "一对一", "四个一", "三个一", "五个一", "一法一条例", "一案三制",
)  # fmt: skip

_CHINESE = "零一二两三四五六七八九十百千万亿"
#: After a Chinese numeral these make it a count; a single 一 is more often a word (一次次, 一批).
_MEASURES = "起|人次|人|条|家次|家|处|项|个|次|份|万元|亿元|元|件|场|期|轮|组|支|台|套|辆|户|座|名|名次|宗|吨|公里|公顷|亩|年|个月|天|幅|张|块"

_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"\d{4}年?[—–\-~至]+\d{4}年(?:度)?",
    r"(?:\d{4}年(?:度)?)?(?:(?:元|\d{1,2})月?(?:\d{1,2}日)?[—–\-~～至到]+)?(?:\d{4}年)?\d{1,2}月"
    r"(?:份|底|初|中旬|上旬|下旬)?(?:\d{1,2}日)?",
    r"\d{4}年(?:度|来|以来|初|底)?",
    r"\d{1,2}日",
    r"[一二三四]季度",
)
_APART = (
    r"《[^》]*》",
    r"【[^】]*】",
    r"〔\d{4}〕\s*\d*\s*号?",
    r"第[\d零一二两三四五六七八九十百千、—-]+[条款项章节号届次轮期批]",
    r"(?m:^\s*(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d{1,2}[.．、](?!\d)))",
    r"\d{1,2}[:：]\d{2}",
    *_DATES,
)
_DATE = re.compile("|".join(_DATES))
_NUMBER = re.compile(
    rf"\d+(?:[.,，]\d+)*\s*(?:%|％|‰|万|亿)?|(?:[{_CHINESE}]{{2,}}|[{_CHINESE.replace('零', '').replace('一', '')}])"
    rf"(?:余|多|几)?(?={_MEASURES})"
)


def numbers(text: str, names: Iterable[str] = ()) -> Iterator[tuple[int, int]]:
    """The places (start, end) of unlinked numbers. ``names`` are further set phrases, such as campaigns of the area."""
    phrases = sorted({*PHRASES, *filter(None, names)}, key=len, reverse=True)
    apart = re.compile("|".join((*map(re.escape, phrases), *_APART)))
    taken = [found.span() for found in apart.finditer(text)]
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        if not any(start < upto and end > since for since, upto in taken):
            yield start, end


def dates(text: str) -> list[str]:
    """Dates and periods that stand in the words, which do not follow when the paper's period is changed."""
    return [found[0] for found in _DATE.finditer(text)]
