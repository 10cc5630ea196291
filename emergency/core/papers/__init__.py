"""Papers: one structured document, printed as page, PDF and Word from the same data.

from emergency.core import papers

paper = papers.Document(title_lines=("关于……的报告",), blocks=(...), meta=papers.Meta(title="关于……的报告"))
papers.render_html(paper)                                  # preview on a page, style in static/css/paper.css
papers.render_pdf(paper, site="https://portal.example")    # bytes
papers.render_word(paper, site="https://portal.example")   # bytes
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from .typefaces import missing_typefaces, typefaces_in_use

if TYPE_CHECKING:
    from .pdf import TypefaceMissing, UnprintableText, check_glyphs, render_pdf, render_sheet
    from .word import render_word

#: Read at first use: the printing libraries take seconds to load, and most processes never print.
_HEAVY = {
    "TypefaceMissing": "pdf",
    "UnprintableText": "pdf",
    "check_glyphs": "pdf",
    "render_pdf": "pdf",
    "render_sheet": "pdf",
    "render_word": "word",
}


def __getattr__(name: str) -> Any:
    if name not in _HEAVY:
        raise AttributeError(name)
    return getattr(import_module(f".{_HEAVY[name]}", __name__), name)


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
    "render_sheet",
    "render_word",
    "runs",
    "source_table",
    "to_data",
    "to_json",
    "typefaces_in_use",
]
