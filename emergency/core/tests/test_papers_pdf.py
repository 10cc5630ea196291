"""The finished file is measured, not the style sheet: text positions by pdfium, structure by pikepdf."""

import ctypes
import io
import json
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from weasyprint.urls import FatalURLFetchingError

from emergency.core import papers
from emergency.core.papers import pdf, typefaces
from emergency.core.tests.sample_paper import number, plain_paper, sample_paper

MM = 72 / 25.4  # points
TYPE_AREA = (156 * MM, 225 * MM)


def lines_of(data: bytes, page: int) -> list[list[tuple[str, float, float]]]:
    """The lines of a page from the top, each a list of (character, left edge, baseline) in points from the lower left."""
    with pypdfium2.PdfDocument(data) as file:
        text = file[page].get_textpage()
        lines: dict[int, list[tuple[str, float, float]]] = {}
        for place in range(text.count_chars()):
            character = text.get_text_range(place, 1)
            if character.strip():
                left, base = ctypes.c_double(), ctypes.c_double()
                pypdfium2.raw.FPDFText_GetCharOrigin(text, place, left, base)
                lines.setdefault(round(base.value / 6), []).append((character, left.value, base.value))
        return [sorted(line, key=lambda item: item[1]) for _, line in sorted(lines.items(), reverse=True)]


def words(line) -> str:
    return "".join(character for character, *_ in line)


@pytest.fixture(scope="module")
def checked() -> bytes:
    return papers.render_pdf(sample_paper(papers.Edition.CHECKING), site="https://portal.example")


@pytest.fixture(scope="module")
def sent() -> bytes:
    return papers.render_pdf(sample_paper())


def test_a_full_page_has_22_lines_of_28_characters():
    data = papers.render_pdf(plain_paper(3000))
    body = lines_of(data, 1)[:-1]  # the last line is the page number
    assert len(body) == 22
    assert {len(line) for line in body} == {28}


def test_full_lines_fill_the_type_area_and_stay_inside():
    data = papers.render_pdf(plain_paper(3000))
    for page, left_margin in ((1, 26 * MM), (2, 28 * MM)):  # binding edges mirrored
        body = lines_of(data, page)[:-1]
        for line in body:
            assert line[0][1] == pytest.approx(left_margin, abs=1)
            assert line[-1][1] + 15.78 <= left_margin + TYPE_AREA[0] + 0.3
        assert body[0][0][2] <= (297 - 37) * MM
        assert body[-1][0][2] >= 35 * MM - 1
        assert body[0][0][2] - body[-1][0][2] == pytest.approx(21 * 28.95, abs=0.5)


def test_a_rare_character_does_not_push_the_lines_apart():
    rare = papers.Paragraph((papers.Text("储备面积三百㎡安全生产责任重于泰山" * 120),))
    data = papers.render_pdf(replace(plain_paper(1), blocks=(rare,)))
    assert len(lines_of(data, 1)[:-1]) == 22


def test_the_first_line_is_two_characters_in():
    first, second = lines_of(papers.render_pdf(plain_paper(100)), 0)[1:3]
    assert first[0][1] - second[0][1] == pytest.approx(31.56, abs=0.5)
    assert len(first) == 26


def test_page_numbers_stand_outside(sent):
    odd, even = lines_of(sent, 0)[-1], lines_of(sent, 1)[-1]
    assert (words(odd), words(even)) == ("—1—", "—2—")
    assert odd[-1][1] + 14 == pytest.approx((210 - 26) * MM - 14, abs=1)
    assert even[0][1] == pytest.approx(26 * MM + 14, abs=1)
    assert odd[0][2] < 35 * MM - 7 * MM


def test_no_line_begins_with_closing_punctuation_or_ends_with_opening(sent):
    with pypdfium2.PdfDocument(sent) as file:
        pages = range(len(file) - 2)
    for page in pages:
        for line in lines_of(sent, page):
            assert words(line)[0] not in "，。、；：！？）》】”’", words(line)
            assert words(line)[-1] not in "（《【“‘", words(line)


def test_an_annex_begins_on_a_page_of_its_own(sent):
    with pypdfium2.PdfDocument(sent) as file:
        page = next(i for i in range(len(file)) if file[i].get_textpage().get_text_bounded().startswith("附件1"))
    label, title, *_ = lines_of(sent, page)
    assert words(label) == "附件1"
    assert words(title) == "各镇（街道）检查执法和隐患治理情况"
    assert label[0][2] - title[0][2] == pytest.approx(2 * 28.95, abs=6)  # the third line


def test_the_signature_stands_two_characters_from_the_right(sent):
    lines = [line for page in range(page_count(sent)) for line in lines_of(sent, page)]
    place = next(i for i, line in enumerate(lines) if words(line) == "2021年12月1日")
    name, day = lines[place - 1], lines[place]
    assert words(name) == "临江区应急管理局"
    assert day[0][1] - name[0][1] == pytest.approx(31.56, abs=1)


def page_count(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as file:
        return len(file)


def test_every_typeface_is_embedded_and_no_glyph_is_missing(checked):
    with pikepdf.open(io.BytesIO(checked)) as file:
        fonts = [
            item
            for item in file.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert len(fonts) >= 6
        assert all(any(key in font for key in ("/FontFile", "/FontFile2", "/FontFile3")) for font in fonts)
    with pypdfium2.PdfDocument(checked) as file:
        text = "".join(page.get_textpage().get_text_bounded() for page in file)
    assert "\ufffd" not in text
    assert "㎡" in text
    assert ".notdef" not in used_glyphs(checked)


def used_glyphs(data: bytes) -> set[str]:
    """`.notdef` when some page shows glyph 0 of a typeface, which is the empty box."""
    found = set()
    with pikepdf.open(io.BytesIO(data)) as file:
        for page in file.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("Tj", "TJ"):
                    pieces = operands[0] if str(operator) == "TJ" else operands
                    for piece in pieces:
                        if isinstance(piece, pikepdf.String):
                            codes = bytes(piece)
                            found |= {".notdef" for at in range(0, len(codes), 2) if codes[at : at + 2] == b"\0\0"}
                            found.add("some")
    assert "some" in found
    return found


def test_an_archive_file_with_title_language_tags_and_bookmarks(checked):
    with pikepdf.open(io.BytesIO(checked)) as file:
        assert file.open_metadata().pdfa_status == "3U"
        assert str(file.docinfo["/Title"]) == "临江区应急管理局2021年工作总结及2022年工作打算"
        assert str(file.Root.Lang) == "zh-CN"
        assert file.Root.MarkInfo.Marked
        with file.open_outline() as bookmarks:
            titles = [item.title for item in bookmarks.root[0].children]
        assert titles[0] == "一、主要工作开展情况"
        assert titles[-1] == "数据来源对照表"


def test_the_figures_are_attached(checked):
    with pikepdf.open(io.BytesIO(checked)) as file:
        attached = json.loads(file.attachments[pdf.ATTACHMENT].get_file().read_bytes())
    assert papers.from_data(attached) == sample_paper(papers.Edition.CHECKING)


def links(data: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(data)) as file:
        notes = [note for page in file.pages for note in page.get("/Annots", [])]
        return {str(note.A.URI) for note in notes if note.get("/Subtype") == "/Link" and "/A" in note}


def test_numbers_open_their_records_in_the_checking_edition_only(checked, sent):
    assert "https://portal.example/figures/hazards.found/?from=2021-01-01&to=2021-11-30" in links(checked)
    assert links(sent) == set()


def test_a_long_table_repeats_its_head():
    rows = tuple(papers.Row((str(place), "石桥街道")) for place in range(120))
    table = papers.Table((papers.Column("序号"), papers.Column("单位名称", align="left")), rows)
    data = papers.render_pdf(papers.Document(("标题",), (table,), papers.Meta("标题")))
    with pypdfium2.PdfDocument(data) as file:
        assert len(file) > 2
        assert all("单位名称" in page.get_textpage().get_text_bounded() for page in file)


def test_characters_without_glyph_are_named_and_stop_the_print():
    paper = papers.Document(("标题",), (papers.Paragraph((papers.Text("核查𓀀情况㎡"),)),), papers.Meta("标题"))
    assert papers.check_glyphs(paper) == ("𓀀",)
    with pytest.raises(papers.UnprintableText, match="𓀀"):
        papers.render_pdf(paper)


def test_rendering_reads_nothing_but_its_typefaces(tmp_path):
    secret = tmp_path / "secret.svg"
    space = 'xmlns="http://www.w3.org/2000/svg" width="90" height="30"'
    secret.write_text(f'<svg {space}><text y="20">secret</text></svg>')
    for url in (secret.as_uri(), "https://elsewhere.example/x.png", "file:///etc/passwd"):
        with pytest.raises(FatalURLFetchingError):
            pdf.OwnFilesOnly().fetch(url)
    drawing = f'<svg {space}><text y="10">drawn</text><image width="90" height="30" href="{secret.as_uri()}"/></svg>'
    data = papers.render_pdf(papers.Document(("标题",), (papers.Chart(drawing),), papers.Meta("标题")))
    with pypdfium2.PdfDocument(data) as file:
        text = file[0].get_textpage().get_text_bounded()
    assert "drawn" in text
    assert "secret" not in text


def test_the_same_paper_is_the_same_file(sent):
    assert papers.render_pdf(sample_paper()) == sent


def test_the_stand_ins_are_in_use_and_nothing_is_missing():
    assert papers.missing_typefaces() == ()
    assert [face.role for face in papers.typefaces_in_use()] == ["title", "body", "black", "script", "song"]


@pytest.fixture
def fonts_folder(settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    typefaces.reset()
    yield tmp_path
    settings.FONTS_DIR = None
    typefaces.reset()


def test_missing_typefaces_are_named(fonts_folder):
    assert papers.missing_typefaces()[:5] == ("小标宋", "仿宋", "黑体", "楷体", "宋体")
    with pytest.raises(papers.TypefaceMissing, match="仿宋"):
        papers.render_pdf(plain_paper(10))


def test_the_bureaus_own_typeface_wins(fonts_folder):
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "FangSong_GB2312", "styleName": "Regular"})
    builder.setupPost()
    (fonts_folder / "owned").mkdir()
    builder.save(fonts_folder / "owned" / "simfang.ttf")
    (fonts_folder / "owned" / "notes.ttf").write_text("no typeface")
    assert [(face.role, face.owned) for face in papers.typefaces_in_use()] == [("body", True)]


def test_a_number_is_printed_as_given():
    paper = papers.Document(
        ("标题",), (papers.Paragraph((number("95.5%", "hazards.rate", "整改率"),)),), papers.Meta("标题")
    )
    assert any(words(line) == "95.5%" for line in lines_of(papers.render_pdf(paper), 0))
