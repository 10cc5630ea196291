"""三、存在困难和问题: the year's records of 问题与建议, in the order in which the office put them."""

from __future__ import annotations

from emergency.core.papers import outline
from emergency.programmes.models import Problem
from emergency.programmes.queries import problems_of
from reports.sections.writing import Brief, Draft

TITLE = "存在困难和问题"
#: How each part of a record is led into, in the order of the sentence.
_PARTS = (("showing", ""), ("cause", "主要原因是"), ("remedy", "建议"))


def drafts(brief: Brief) -> list[Draft]:
    """“一是基层力量薄弱。乡镇专职人员少。主要原因是编制不足。建议增加编制。” Numbers in it are somebody's own, and are marked."""
    found = problems_of(area=brief.area.counted, period=brief.period)
    return [
        Draft(f"problem-{one.pk}", f"{outline.chinese(place)}是{told(one)}", typed=True)
        for place, one in enumerate(found[:99], start=1)
    ]


def told(one: Problem) -> str:
    sentences = [sentence(one.problem)]
    for part, opening in _PARTS:
        words = " ".join(getattr(one, part).split())
        if words:
            sentences.append(sentence(f"{opening}{words.removeprefix(opening)}"))
    return "".join(sentences)


def sentence(words: str) -> str:
    """With one full stop at the end, however it was typed."""
    return f"{words.strip().rstrip('。；;，,. ')}。"
