"""Papers: one structured document, printed as page, PDF and Word from the same data.

from emergency.core import papers

paper = papers.Document(title_lines=("关于……的报告",), blocks=(...), meta=papers.Meta(title="关于……的报告"))
papers.render_html(paper)                                  # preview on a page, style in static/css/paper.css
papers.render_pdf(paper, site="https://portal.example")    # bytes
papers.render_word(paper, site="https://portal.example")   # bytes
"""

from .document import (
    Annex,
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Edition,
    Heading,
    Meta,
    Missing,
    Number,
    PageBreak,
    Paragraph,
    Row,
    Run,
    Table,
    Text,
    Unlinked,
    digest,
    from_data,
    gaps,
    runs,
    source_table,
    to_data,
    to_json,
)
from .html import render_html
from .pdf import TypefaceMissing, UnprintableText, check_glyphs, render_pdf
from .typefaces import missing_typefaces, typefaces_in_use
from .word import render_word

__all__ = [
    "Annex",
    "Block",
    "Cell",
    "Chart",
    "Column",
    "Document",
    "Edition",
    "Heading",
    "Meta",
    "Missing",
    "Number",
    "PageBreak",
    "Paragraph",
    "Row",
    "Run",
    "Table",
    "Text",
    "TypefaceMissing",
    "Unlinked",
    "UnprintableText",
    "check_glyphs",
    "digest",
    "from_data",
    "gaps",
    "missing_typefaces",
    "render_html",
    "render_pdf",
    "render_word",
    "runs",
    "source_table",
    "to_data",
    "to_json",
    "typefaces_in_use",
]
