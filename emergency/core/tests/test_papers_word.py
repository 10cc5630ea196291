import io

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt

from emergency.core import papers
from emergency.core.tests.sample_paper import sample_paper


def opened(edition=papers.Edition.SUBMISSION):
    return docx.Document(io.BytesIO(papers.render_word(sample_paper(edition), site="https://portal.example")))


@pytest.fixture(scope="module")
def file():
    return opened()


def hyperlinks(file) -> list[str]:
    links = file.element.body.iter(qn("w:hyperlink"))
    return [file.part.rels[link.get(qn("r:id"))].target_ref for link in links]


def typeface(style) -> str:
    return style.element.rPr.rFonts.get(qn("w:eastAsia"))


def test_the_page_is_that_of_the_standard(file):
    section = file.sections[0]
    measures = (section.page_width, section.page_height, section.top_margin, section.left_margin, section.right_margin)
    assert [measure.twips for measure in measures] == [11906, 16838, 2098, 1588, 1474]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:linePitch")), grid.get(qn("w:charSpace"))) == ("579", "-849")
    assert file.settings.element.find(qn("w:mirrorMargins")) is not None


def test_styles_carry_the_typefaces_of_the_standard(file):
    styles = file.styles
    names = {name: typeface(styles[name]) for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3")}
    assert names == {
        "Normal": "仿宋_GB2312",
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
        "Heading 3": "仿宋_GB2312",
    }
    assert styles["Normal"].font.size == Pt(16)
    assert styles["Normal"].paragraph_format.line_spacing == Pt(28.95)


def test_headings_are_real_ones_with_printed_numbers(file):
    headings = [(line.style.name, line.text) for line in file.paragraphs if line.style.name.startswith("Heading")]
    assert headings[:2] == [
        ("Heading 1", "一、主要工作开展情况"),
        ("Heading 2", "（一）压实责任，完善安全生产责任体系"),
    ]
    assert ("Heading 4", "（1）有限空间作业") in headings


def test_page_numbers_stand_outside(file):
    assert file.settings.odd_and_even_pages_header_footer
    section = file.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment.name, even.alignment.name) == ("RIGHT", "LEFT")
    for line in (odd, even):
        assert line._p.find(qn("w:fldSimple")).get(qn("w:instr")) == "PAGE"


def test_tables_repeat_their_head_and_join_its_groups(file):
    table = file.tables[0]
    assert len(table.rows) == 2 + 22
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows[:3]] == [True, True, False]
    assert table.cell(0, 8).text == table.cell(0, 9).text == "重大隐患"
    assert table.cell(0, 1).text == table.cell(1, 1).text == "单位"
    assert table.rows[-1].cells[1].text == "合计"


def test_a_landscape_annex_turns_its_page_only(file):
    assert [section.orientation for section in file.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]


def test_charts_are_pictures_with_words_for_who_cannot_see_them(file):
    assert len(file.inline_shapes) == 1
    assert file.inline_shapes[0]._inline.docPr.get("descr") == "图1 各月隐患排查整改情况"


def test_only_the_checking_edition_has_links_and_sources(file):
    assert hyperlinks(file) == []
    assert all(line.text != "数据来源对照表" for line in file.paragraphs)
    checked = opened(papers.Edition.CHECKING)
    assert "https://portal.example/figures/hazards.found/?from=2021-01-01&to=2021-11-30" in hyperlinks(checked)
    assert any(line.text == "数据来源对照表" for line in checked.paragraphs)
    assert checked.tables[-1].rows[1].cells[1].text == "检查生产经营单位"


def test_properties_name_the_paper(file):
    core = file.core_properties
    assert (core.title, core.author) == ("临江区应急管理局2021年工作总结及2022年工作打算", "临江区应急管理局")
    assert core.created.isoformat() == "2021-12-01T08:30:00+00:00"


def test_signature_and_date_end_where_the_standard_puts_them(file):
    lines = file.paragraphs
    place = next(i for i, line in enumerate(lines) if line.text == "2021年12月1日")
    name, day = lines[place - 1], lines[place]
    # name 8 characters ends 2 from the right; the date begins 2 further in and is 3 + 7 × ½ characters wide
    assert name.paragraph_format.right_indent.pt == pytest.approx(15.78 * 2.5, abs=0.1)
    assert day.paragraph_format.right_indent.pt == pytest.approx(15.78 * 2, abs=0.1)
