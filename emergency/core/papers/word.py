"""A document as a Word file by python-docx: real styles, the page of GB/T 9704-2012, charts as pictures.

Officers go on writing in it, so it names the typefaces of the standard (仿宋_GB2312 and the like), which every office
machine has, and not the stand-ins that the PDF embeds.
"""

import io
from datetime import UTC

import docx
from django.utils import timezone
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Length, Mm, Pt, RGBColor, Twips
from docx.text.run import Run as WordRun

from .. import charts
from . import outline
from .document import (
    Annex,
    Block,
    Cell,
    Chart,
    Document,
    Edition,
    Heading,
    Missing,
    Number,
    PageBreak,
    Paragraph,
    Run,
    Table,
    Unlinked,
    source_table,
)
from .html import SOURCES_TITLE, annex_lines, dated, head_groups, size_class

TITLE, BODY, BLACK, SCRIPT, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LINE = Pt(28.95)  # 22 lines in 225 mm
CHARACTER = 15.78  # points from one character to the next: 28 in 156 mm
TABLE_SIZES = {"roomy": 12, "narrow": 10.5, "dense": 9}  # points
ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
LINK, GAP = RGBColor(0x1F, 0x5F, 0xA8), RGBColor(0xC0, 0, 0)


def render_word(document: Document, *, site: str = "") -> bytes:
    """The document as the bytes of a .docx file; `site` is put before the paths of linked numbers."""
    return _Writer(document, site.rstrip("/")).written()


class _Writer:
    def __init__(self, document: Document, site: str) -> None:
        self.document = document
        self.site = site
        self.linked = document.edition is Edition.CHECKING
        self.file: WordFile = docx.Document()

    def written(self) -> bytes:
        self.properties()
        _styles(self.file)
        _page(self.file.sections[0], landscape=False)
        _two_sided(self.file)
        self.head()
        self.blocks(self.document.blocks)
        self.closing()
        for label, annex in outline.annexes(self.document):
            self.annex(label, annex)
        if self.linked and (sources := source_table(self.document)).rows:
            self.section(landscape=False)
            self.file.add_paragraph(SOURCES_TITLE, "Paper Annex Title")
            self.table(sources)
        stream = io.BytesIO()
        self.file.save(stream)
        return stream.getvalue()

    def properties(self) -> None:
        core, meta = self.file.core_properties, self.document.meta
        core.title, core.author, core.subject, core.language = (
            meta.title,
            meta.unit,
            meta.period,
            self.document.language,
        )
        core.comments = ""
        if meta.created:  # the format wants UTC without saying so
            core.created = core.modified = timezone.make_naive(meta.created, UTC)

    def masthead(self) -> None:
        """发文机关标志 with its red line, and 发文字号 at the right (GB/T 9704-2012, chapter 10)."""
        mark = self.flush("")
        mark.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        mark.paragraph_format.line_spacing = Pt(44)
        run = mark.add_run(self.document.masthead)
        _typeface(run, TITLE)
        run.font.size, run.font.color.rgb = Pt(32), GAP
        borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
        for name, value in (("val", "thickThinSmallGap"), ("sz", "18"), ("space", "6"), ("color", "C00000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
        mark._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")
        if self.document.number:
            self.flush(self.document.number).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def head(self) -> None:
        if self.document.masthead:
            self.masthead()
        title = self.file.add_paragraph(style="Title")
        for place, line in enumerate(self.document.title_lines):
            if place:
                title.add_run().add_break()
            title.add_run(line)
        if self.document.byline:
            self.file.add_paragraph(self.document.byline, "Subtitle")
        if self.document.salutation:
            self.flush(self.document.salutation + "：")

    def closing(self) -> None:
        """附件说明, 署名 and 成文日期 (7.3.4, 7.3.5.2): widths are counted in characters, as no layout is known here."""
        lines = annex_lines(self.document)
        if lines:
            self.flush("")
        for place, line in enumerate(lines):
            text = self.flush(("附件：" if place == 0 else "") + line)
            text.paragraph_format.left_indent = Pt(CHARACTER * 5)
            text.paragraph_format.first_line_indent = Pt(-CHARACTER * 3 if place == 0 else 0)
        name, day = self.document.signature, dated(self.document.dated) if self.document.dated else ""
        if not (name or day):
            return
        self.flush("")
        width = max(_characters(name), _characters(day) + (2 if name else 0))
        for text, shift in ((name, 0), (day, 2 if name else 0)):
            if text:
                line = self.flush(text)
                line.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                line.paragraph_format.right_indent = Pt(CHARACTER * (2 + width - shift - _characters(text)))
                line.paragraph_format.keep_with_next = text is name and bool(day)

    def flush(self, text: str):
        """A body paragraph without the first-line indent."""
        paragraph = self.file.add_paragraph(text)
        paragraph.paragraph_format.first_line_indent = Pt(0)
        return paragraph

    def annex(self, label: str, annex: Annex) -> None:
        self.section(landscape=annex.landscape)
        self.file.add_paragraph(label, "Paper Annex Label")
        self.flush("")
        self.file.add_paragraph(annex.title, "Paper Annex Title")
        self.blocks(annex.blocks)

    def section(self, *, landscape: bool) -> None:
        _page(self.file.add_section(WD_SECTION.NEW_PAGE), landscape=landscape)

    def blocks(self, blocks: tuple[Block, ...]) -> None:
        for label, block in outline.numbered(blocks):
            match block:
                case Heading():
                    self.file.add_paragraph(label + block.text, f"Heading {block.level}")
                case Paragraph():
                    paragraph = self.file.add_paragraph()
                    if block.lead:
                        _typeface(paragraph.add_run(block.lead), SCRIPT)
                    for run in block.runs:
                        self.run(paragraph, run)
                case Table():
                    self.table(block)
                case Chart():
                    self.chart(block)
                case PageBreak():
                    self.flush("").add_run().add_break(WD_BREAK.PAGE)

    def run(self, paragraph, run: Run) -> None:
        match run:
            case Number() if self.linked and run.href:
                self.link(paragraph, run)
            case Missing():
                paragraph.add_run(run.text).font.color.rgb = GAP
            case Unlinked() if self.linked:
                paragraph.add_run(run.text).underline = True
            case _:
                paragraph.add_run(run.text)

    def link(self, paragraph, number: Number) -> None:
        target = self.file.part.relate_to(self.site + number.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), target)
        link.set(qn("w:tooltip"), number.title)
        run = paragraph.add_run(number.text)
        run.font.color.rgb = LINK
        link.append(run._r)
        paragraph._p.append(link)

    def chart(self, chart: Chart) -> None:
        picture = self.file.add_paragraph(style="Paper Chart")
        drawing = picture.add_run().add_picture(io.BytesIO(charts.to_png(chart.svg)), width=Mm(154))
        drawing._inline.docPr.set("descr", chart.caption)  # read aloud in place of the picture
        if chart.caption:
            self.file.add_paragraph(chart.caption, "Caption")
        if chart.table:
            self.table(chart.table)

    def table(self, table: Table) -> None:
        if table.caption:
            self.file.add_paragraph(table.caption, "Caption").paragraph_format.keep_with_next = True
        if table.unit:
            unit = self.file.add_paragraph(f"单位：{table.unit}", "Paper Note")
            unit.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            unit.paragraph_format.keep_with_next = True
        grouped = any(column.group for column in table.columns)
        drawn = self.file.add_table(rows=1 + grouped + len(table.rows), cols=len(table.columns), style="Table Grid")
        drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        size = TABLE_SIZES[size_class(table)]
        rows = list(drawn.rows)  # python-docx walks the whole table for each row or cell asked of it by number
        self.columns(drawn, rows, table)
        self.table_head(rows, table, size, grouped=grouped)
        for line, row in zip(rows[1 + grouped :], table.rows, strict=True):
            _row_flag(line, "w:cantSplit")
            for cell, column, content in zip(line.cells, table.columns, row.cells, strict=True):
                self.cell(cell, content, size, ALIGN[column.align], BLACK if row.total else BODY)
        for place, note in enumerate(table.notes, start=1):
            number = "" if len(table.notes) == 1 else f"{place}. "
            self.file.add_paragraph(("注：" if place == 1 else "　　") + number + note, "Paper Note")

    def columns(self, drawn, rows, table: Table) -> None:
        section = self.file.sections[-1]
        margins = (section.left_margin or 0) + (section.right_margin or 0)
        room = (section.page_width or 0) - margins
        whole = sum(column.width for column in table.columns)
        widths = [Emu(round(room * column.width / whole)) for column in table.columns]
        for column, width in zip(drawn.columns, widths, strict=True):
            column.width = width
        for row in rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width

    def table_head(self, rows, table: Table, size: float, *, grouped: bool) -> None:
        for row in rows[: 1 + grouped]:
            _row_flag(row, "w:tblHeader")
            _row_flag(row, "w:cantSplit")
        upper, lower = rows[0].cells, rows[grouped].cells  # taken before merging, which shifts their places
        start = 0
        for group, count in head_groups(table):
            head = upper[start]
            if group:
                head = head.merge(upper[start + count - 1])
                for place in range(start, start + count):
                    self.cell(lower[place], table.columns[place].title, size, ALIGN["center"], BLACK)
            elif grouped:
                head = head.merge(lower[start])
            self.cell(head, group or table.columns[start].title, size, ALIGN["center"], BLACK)
            start += count

    def cell(self, cell, content: Cell, size: float, align, typeface: str) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = self.file.styles["Paper Cell"]
        paragraph.alignment = align
        cell.vertical_alignment = 1
        if isinstance(content, str):
            paragraph.add_run(content)
        else:
            self.run(paragraph, content)
        for element in paragraph._p.iter(qn("w:r")):
            run = WordRun(element, paragraph)
            run.font.size = Pt(size)
            _typeface(run, typeface)


def _styles(file: WordFile) -> None:
    body = file.styles["Normal"]
    _typeface(body, BODY)
    body.font.size, body.font.color.rgb = Pt(16), RGBColor(0, 0, 0)
    _spacing(body, LINE, first=2 * CHARACTER)
    body.paragraph_format.widow_control = True
    for level, typeface in enumerate((BLACK, SCRIPT, BODY, BODY), start=1):
        _styled(file, f"Heading {level}", typeface, 16, LINE, first=2 * CHARACTER)
        file.styles[f"Heading {level}"].paragraph_format.keep_with_next = True
    _styled(file, "Title", TITLE, 22, Pt(34), align="center")
    file.styles["Title"].paragraph_format.space_before = file.styles["Title"].paragraph_format.space_after = LINE
    _styled(file, "Subtitle", SCRIPT, 16, LINE, align="center")
    _styled(file, "Caption", BLACK, 12, Pt(20), align="center")
    _styled(file, "Footer", SONG, 14, Pt(16))
    _styled(file, "Paper Annex Label", BLACK, 16, LINE)
    _styled(file, "Paper Annex Title", TITLE, 22, Pt(34), align="center")
    _styled(file, "Paper Chart", BODY, 16, None, align="center")
    _styled(file, "Paper Note", BODY, 10.5, Pt(15))
    _styled(file, "Paper Cell", BODY, 10.5, None)


def _styled(
    file: WordFile, name: str, typeface: str, size: float, line: Length | None, *, first: float = 0, align: str = "left"
):
    styles = file.styles
    style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles["Normal"]
    _typeface(style, typeface)
    font = style.font
    font.size, font.bold, font.italic, font.color.rgb = Pt(size), False, False, RGBColor(0, 0, 0)
    for border in style.element.findall(f".//{qn('w:pBdr')}"):  # the template rules a line below its titles
        border.getparent().remove(border)
    for spacing in style.element.findall(f".//{qn('w:rPr')}/{qn('w:spacing')}"):
        spacing.getparent().remove(spacing)
    _spacing(style, line, first=first)
    style.paragraph_format.alignment = ALIGN[align]


def _spacing(style, line: Length | None, *, first: float) -> None:
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.first_line_indent = Pt(first)
    if line is None:
        layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, line


def _typeface(styled, name: str) -> None:
    """Name the typeface for Latin and, which python-docx does not know, for East Asian text."""
    styled.font.name = name
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _page(section, *, landscape: bool) -> None:
    """A4 with the type area of 5.2.1 and its grid of 22 lines by 28 characters; a landscape page is the same one turned."""
    short, long = Twips(11906), Twips(16838)
    top, right, bottom, left = (Twips(value) for value in (2098, 1474, 1984, 1588))
    if landscape:
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, long, short
        section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = left, top, right, bottom
        section.footer_distance = Mm(12)
    else:
        section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, short, long
        section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = top, right, bottom, left
        section.footer_distance = Mm(22.5)  # the number's dash then stands 7 mm below the type area
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), "579")  # twentieths of a point
    grid.set(qn("w:charSpace"), "-849")  # 1/4096 point: 442.2 / 28 − 16
    section._sectPr.append(grid)


def _two_sided(file: WordFile) -> None:
    """Binding edges mirrored; page number outside: odd right, even left, one character in (7.5)."""
    settings = file.settings
    settings.odd_and_even_pages_header_footer = True
    zoom = settings.element.find(qn("w:zoom"))  # the schema wants an order: mirrorMargins follows it
    settings.element.insert(0 if zoom is None else settings.element.index(zoom) + 1, OxmlElement("w:mirrorMargins"))
    section = file.sections[0]
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = file.styles["Footer"]
        paragraph.alignment = ALIGN[align]
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
        paragraph.add_run("— ")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        field.append(paragraph.add_run("1")._r)
        paragraph._p.append(field)
        paragraph.add_run(" —")


def _row_flag(row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _characters(text: str) -> float:
    """Width in characters: Latin letters and digits take half of one."""
    return sum(0.5 if character.isascii() else 1 for character in text)
