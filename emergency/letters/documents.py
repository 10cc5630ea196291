"""The letter as a paper in the letter form of GB/T 9704-2012 (信函格式), and the minutes of a talk (约谈纪要)."""

from __future__ import annotations

from emergency.core import clock
from emergency.core.papers import Annex, Block, Column, Document, Meta, Paragraph, Row, Table, Text
from emergency.letters.models import Kind, Letter

LETTER, MINUTES = "letter", "minutes"

#: What each kind is called at the end of its title.
_NOUNS = {Kind.NOTICE: "安全提醒函", Kind.INTERVIEW: "约谈通知书"}


def parts_of(letter: Letter) -> list[str]:
    """The papers that can be printed of a letter: itself and, of a talk that was held, the minutes."""
    return [LETTER, MINUTES] if letter.kind == Kind.INTERVIEW and letter.minutes else [LETTER]


def title_of(letter: Letter, part: str = LETTER) -> str:
    """标题: 关于 + 事由 + 的 + 文种 (党政机关公文处理工作条例, art 9); a matter that is a whole title already stays as it is."""
    noun = "约谈纪要" if part == MINUTES else _NOUNS.get(Kind(letter.kind), letter.get_kind_display())
    subject = letter.subject.rstrip("。")
    if subject.endswith(noun):
        return subject
    return f"{'' if subject.startswith('关于') else '关于'}{subject}的{noun}"


def name_of(letter: Letter, part: str = LETTER) -> str:
    """The file's name."""
    return title_of(letter, part)


def compose(letter: Letter, part: str = LETTER) -> Document:
    """The paper as data; a draft has no number yet and says so."""
    title = title_of(letter, part)
    blocks = _minutes(letter) if part == MINUTES else _letter(letter)
    matters = [] if part == MINUTES else list(letter.matters.all())
    names = [one.name for one in letter.addressees.all()]
    return Document(
        title_lines=(title,),
        blocks=tuple(blocks),
        meta=Meta(title=title, unit=letter.issuer.name, created=clock.now()),
        salutation="" if part == MINUTES else "、".join(names),
        signature=letter.issuer.name,
        dated=letter.meeting_on if part == MINUTES else letter.issued_on,
        annexes=(Annex("涉及事项清单", (_matters([one.label for one in matters]),)),) if matters else (),
        masthead=letter.issuer.name,
        number="" if part == MINUTES else letter.number or "编号待发",
    )


def _letter(letter: Letter) -> list[Block]:
    blocks = _paragraphs(letter.body)
    if letter.basis:
        blocks.append(_paragraph(f"依据：{letter.basis.rstrip('。')}。"))
    if letter.kind == Kind.INTERVIEW and letter.meeting_on:
        day = letter.meeting_on
        place = f"，地点：{letter.meeting_place}" if letter.meeting_place else ""
        blocks.append(_paragraph(f"约谈时间：{day.year}年{day.month}月{day.day}日{place}。"))
    if letter.due_on:
        day = letter.due_on
        blocks.append(_paragraph(f"请于{day.year}年{day.month}月{day.day}日前将办理情况书面回复我单位。"))
    return blocks


def _minutes(letter: Letter) -> list[Block]:
    day = letter.meeting_on
    facts = [("时间", f"{day.year}年{day.month}月{day.day}日" if day else ""), ("地点", letter.meeting_place)]
    facts.append(("被约谈单位", letter.addressed_to))
    told = [_paragraph(text, lead=f"{name}：") for name, text in facts if text]
    return [*told, *_paragraphs(letter.minutes)]


def _paragraphs(text: str) -> list[Block]:
    return [_paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def _paragraph(text: str, lead: str = "") -> Paragraph:
    return Paragraph((Text(text),), lead=lead)


def _matters(labels: list[str]) -> Table:
    rows = tuple(Row((str(place), label)) for place, label in enumerate(labels, start=1))
    return Table(columns=(Column("序号", 2, "center"), Column("事项", 18, "left")), rows=rows)
