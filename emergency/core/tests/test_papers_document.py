import json
from dataclasses import replace

import pytest

from emergency.core import papers
from emergency.core.papers import outline
from emergency.core.tests.sample_paper import number, sample_paper


def test_a_document_survives_json():
    paper = sample_paper(papers.Edition.CHECKING)
    again = papers.from_data(json.loads(papers.to_json(paper)))
    assert again == paper
    assert papers.digest(again) == papers.digest(paper)


def test_the_digest_tells_one_number_from_another():
    paper = sample_paper()
    other = replace(paper, blocks=(*paper.blocks, papers.Paragraph((papers.Text("又"),))))
    assert papers.digest(paper) != papers.digest(other)


def test_gaps_are_found_wherever_they_stand():
    gap = papers.Missing("【待确认：未发生事故】", "confirm")
    table = papers.Table((papers.Column("起数"),), (papers.Row((gap,)),))
    paper = papers.Document(
        ("标题",),
        (papers.Chart("<svg></svg>", table=table),),
        papers.Meta("标题"),
        annexes=(papers.Annex("附表", (table,)),),
    )
    assert papers.gaps(paper) == (gap, gap)


def test_headings_count_within_the_heading_above():
    levels = (1, 2, 3, 4, 4, 3, 2, 3, 1, 2)
    blocks = tuple(papers.Heading(level, "") for level in levels)
    labels = [label for label, _ in outline.numbered(blocks)]
    assert labels == ["一、", "（一）", "1.", "（1）", "（2）", "2.", "（二）", "1.", "二、", "（一）"]


@pytest.mark.parametrize(
    ("number_", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (99, "九十九")]
)
def test_chinese_numerals(number_, word):
    assert outline.chinese(number_) == word


@pytest.mark.parametrize("number_", [0, 100])
def test_numerals_outside_the_range_are_refused(number_):
    with pytest.raises(ValueError, match="1 to 99"):
        outline.chinese(number_)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="1 to 4"):
        papers.Heading(5, "过深")
    with pytest.raises(ValueError, match="Row 1 has 2 cells for 1 columns"):
        papers.Table((papers.Column("列"),), (papers.Row(("一", "二")),))


def test_a_lone_annex_has_no_number():
    paper = sample_paper()
    assert [label for label, _ in outline.annexes(paper)] == ["附件1", "附件2"]
    assert [label for label, _ in outline.annexes(replace(paper, annexes=paper.annexes[:1]))] == ["附件"]


def test_the_table_of_sources_names_each_figure_once():
    found, rate = number("5985", "hazards.found", "排查隐患"), number("95.5%", "hazards.rate", "整改率")
    table = papers.Table(
        (papers.Column("排查"), papers.Column("销号")),
        (
            papers.Row((found, number("7", "hazards.closed", "销号"))),
            papers.Row(("1", number("2", "hazards.closed", "销号"))),
        ),
    )
    paper = papers.Document(("标题",), (papers.Paragraph((found, rate, found)), table), papers.Meta("标题"))
    rows = papers.source_table(paper).rows
    assert [(row.cells[1], row.cells[4]) for row in rows] == [("排查隐患", found), ("整改率", rate), ("销号", "见表")]
    assert rows[0].cells[3] == "2021年1月1日至11月30日"
