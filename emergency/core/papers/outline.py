"""Printed numbering of headings and annexes (GB/T 9704-2012, 7.3.3): 一、（一）1.（1）."""

from collections.abc import Iterator

from .document import Annex, Block, Document, Heading

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals: 1 → 一, 10 → 十, 21 → 二十一. ValueError outside that range."""
    if not 1 <= number <= 99:
        raise ValueError(f"Headings are numbered 1 to 99, not {number}.")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")


def label(level: int, number: int) -> str:
    """The printed number of the `number`-th heading at `level` (1 to 4)."""
    return {1: "{0}、", 2: "（{0}）", 3: "{1}.", 4: "（{1}）"}[level].format(chinese(number), number)


def numbered(blocks: tuple[Block, ...]) -> Iterator[tuple[str, Block]]:
    """Each block with its printed number; an empty string for all but headings.

    A heading restarts the count of the levels below it.
    """
    counts = [0, 0, 0, 0]
    for block in blocks:
        if isinstance(block, Heading):
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (4 - block.level)
            yield label(block.level, counts[block.level - 1]), block
        else:
            yield "", block


def annexes(document: Document) -> tuple[tuple[str, Annex], ...]:
    """Each annex with its label: 附件 when it is alone, otherwise 附件1, 附件2 … (7.3.4)."""
    alone = len(document.annexes) == 1
    return tuple(("附件" if alone else f"附件{place}", annex) for place, annex in enumerate(document.annexes, start=1))
