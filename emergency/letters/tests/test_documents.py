"""The paper: title, number, words, and the file that the worker makes of it."""

from __future__ import annotations

import datetime as dt
import io

import pypdfium2
import pytest
from docx import Document as WordFile

from emergency.core.jobs.models import Job
from emergency.core.papers import Paragraph, render_word
from emergency.letters import documents, services
from emergency.letters.models import Letter
from emergency.letters.services import letter_act, letter_print
from emergency.letters.tasks import print_letter
from emergency.letters.tests.factories import TODAY, committee_make, letter_make, letter_sent
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def words(letter: Letter, part: str = documents.LETTER) -> list[str]:
    document = documents.compose(letter, part)
    return [
        block.lead + "".join(run.text for run in block.runs)
        for block in document.blocks
        if isinstance(block, Paragraph)
    ]


@pytest.mark.parametrize(
    ("kind", "subject", "title"),
    [
        ("supervision", "限期整改消防隐患", "关于限期整改消防隐患的督办函"),
        ("supervision", "关于限期整改消防隐患", "关于限期整改消防隐患的督办函"),
        ("warning", "关于某公司违法行为的警示函", "关于某公司违法行为的警示函"),
        ("interview", "约谈南门市场", "关于约谈南门市场的约谈通知书"),
        ("circular", "一季度安全生产情况。", "关于一季度安全生产情况的通报"),
        ("notice", "防范寒潮", "关于防范寒潮的安全提醒函"),
    ],
)
def test_titles_are_made_of_matter_and_kind(kind: str, subject: str, title: str) -> None:
    assert documents.title_of(Letter(kind=kind, subject=subject)) == title


def test_the_letter_says_whom_what_and_until_when(cast: Cast) -> None:
    committee_make(cast)
    letter = letter_sent(cast, units=[cast.street_a, cast.street_b], about=[cast.enterprise])
    paper = documents.compose(letter)
    assert (paper.masthead, paper.number) == ("南岭区安全生产委员会", "区安委督〔2026〕1号")
    assert (paper.salutation, paper.signature, paper.dated) == (
        "东门街道、西坪街道",
        "南岭区安全生产委员会",
        letter.issued_on,
    )
    assert words(letter) == [
        "经查，南门市场安全出口堵塞。",
        "请督促经营单位立即清理。",
        "依据：《中华人民共和国安全生产法》第六十五条。",
        "请于2026年3月12日前将办理情况书面回复我单位。",
    ]
    assert [annex.title for annex in paper.annexes] == ["涉及事项清单"]
    assert documents.compose(letter_make(cast)).number == "编号待发"


def test_a_talk_has_its_notice_and_its_minutes(cast: Cast) -> None:
    letter = letter_sent(cast, kind="interview", meeting_on=dt.date(2026, 3, 9), meeting_place="三楼会议室")
    assert "约谈时间：2026年3月9日，地点：三楼会议室。" in words(letter)
    assert documents.parts_of(letter) == ["letter"]
    data = {"meeting_on": TODAY, "meeting_place": "三楼会议室", "minutes": "一、指出问题\n二、提出要求"}
    held = letter_act(
        queryset=Letter.objects.all(), pk=letter.pk, action="minutes", actor=cast.bureau_clerk, data=data, on=TODAY
    )
    assert documents.parts_of(held) == ["letter", "minutes"]
    assert words(held, documents.MINUTES) == [
        "时间：2026年3月5日", "地点：三楼会议室", "被约谈单位：东门街道", "一、指出问题", "二、提出要求",
    ]  # fmt: skip


def test_the_worker_prints_and_keeps_the_letter(cast: Cast) -> None:
    letter = letter_sent(cast)
    job = letter_print(letter=letter, part="letter", form="pdf", actor=cast.officer_a)
    print_letter(job, lambda *told: None)
    assert job.file is not None and job.file.name.startswith("关于限期整改南门市场消防隐患的督办函")
    data = services.render(documents.compose(letter), "pdf")
    pages = list(pypdfium2.PdfDocument(data))
    text = "".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "")
    assert "区应急局督〔2026〕1号" in text and "南岭区应急管理局" in text
    assert len(pages) == 1 and "— 1 —" not in text  # the first page of a letter bears no number


def test_a_letter_out_of_sight_is_not_printed(cast: Cast) -> None:
    draft = letter_make(cast)
    job: Job = letter_print(letter=draft, part="letter", form="pdf", actor=cast.officer_a)
    with pytest.raises(Exception, match="无权查看"):
        print_letter(job, lambda *told: None)


def test_word_has_masthead_and_number(cast: Cast) -> None:
    file = WordFile(io.BytesIO(render_word(documents.compose(letter_sent(cast)))))
    told = [one.text for one in file.paragraphs]
    assert told[:3] == ["南岭区应急管理局", "区应急局督〔2026〕1号", "关于限期整改南门市场消防隐患的督办函"]
