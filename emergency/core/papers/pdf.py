"""A document as PDF/A-3u in the geometry of GB/T 9704-2012, by WeasyPrint.

The file is tagged, carries title, language and bookmarks, embeds all its typefaces, and has the figures attached as
JSON. Rendering reads the typefaces and nothing else: no network, no other file.
"""

import threading
from datetime import datetime
from functools import cache
from urllib.parse import unquote, urlsplit

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from . import document as model
from . import typefaces
from .document import Document
from .html import render_html

ATTACHMENT = "figures.json"


class UnprintableText(ValueError):
    """The paper holds characters that no typeface has; `characters` lists them."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        self.characters = characters
        super().__init__(f"这些字没有可用的字体，无法印出：{'、'.join(characters)}")


class TypefaceMissing(RuntimeError):
    """A typeface of the paper is not installed."""


class OwnFilesOnly(URLFetcher):
    """Gives WeasyPrint the typefaces and in-memory pictures; anything else stops the rendering."""

    def fetch(self, url: str, headers: dict | None = None):
        parts = urlsplit(url)
        paths = {str(typeface.path.resolve()) for typeface in typefaces.typefaces_in_use()}
        if parts.scheme == "data" or (parts.scheme == "file" and unquote(parts.path) in paths):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(f"A paper must not read {url}.")


_fetcher = OwnFilesOnly()
_press = threading.Lock()  # Pango's font map is shared by the process and is not safe for several threads


def render_pdf(document: Document, *, site: str = "") -> bytes:
    """The document as the bytes of a PDF file.

    `site` (https://portal.example) is put before the paths of linked numbers. Raises UnprintableText when a character
    has no glyph, TypefaceMissing when the set-up has not brought the typefaces.
    """
    if missing := typefaces.missing_typefaces():
        raise TypefaceMissing(f"缺少印制公文的字体：{'、'.join(missing)}")
    if characters := check_glyphs(document):
        raise UnprintableText(characters)
    created = document.meta.created
    page = render_to_string(
        "pdf/paper.html",
        {
            "document": document,
            "paper": render_html(document, site=site, apart=_apart(document)),
            "created": created.isoformat(timespec="seconds") if created else "",
        },
    )
    data = model.to_json(document)
    with _press:
        style, fonts = _style()
        return HTML(string=page, base_url=f"{site}/" if site else None, url_fetcher=_fetcher).write_pdf(
            stylesheets=[style],
            font_config=fonts,
            attachments=[
                Attachment(
                    string=data, name=ATTACHMENT, description="本文数据", relationship="Data",
                    created=created, modified=created, url_fetcher=_fetcher,
                )
            ],
            pdf_variant="pdf/a-3u",
            pdf_tags=True,
            pdf_identifier=bytes.fromhex(model.digest(document))[:16],
            presentational_hints=True,
        )  # fmt: skip


def render_sheet(page: str, *, style: str, title: str, created: datetime) -> bytes:
    """A page of HTML that is not a paper of the standard, such as one sheet of figures, as the bytes of a PDF file.

    `style` names the template of its print style, which gets the same typefaces. Raises UnprintableText and TypefaceMissing.
    """
    if missing := typefaces.missing_typefaces():
        raise TypefaceMissing(f"缺少印制公文的字体：{'、'.join(missing)}")
    words = sorted(set(strip_tags(page)))
    lacking = [
        one for one in words if one.isprintable() and not one.isspace() and ord(one) not in typefaces.printable()
    ]
    if lacking:
        raise UnprintableText(tuple(lacking))
    html = render_to_string("pdf/sheet.html", {"title": title, "page": mark_safe(page), "created": created.isoformat()})
    with _press:
        sheet, fonts = _style(style)
        return HTML(string=html, url_fetcher=_fetcher).write_pdf(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3u", pdf_tags=True, presentational_hints=True
        )


def check_glyphs(document: Document) -> tuple[str, ...]:
    """The characters that no typeface of the paper has, in code order; empty when all can be printed."""
    return tuple(character for character in _characters(document) if ord(character) not in typefaces.printable())


def _apart(document: Document) -> str:
    """The characters that only the fallback typeface has."""
    return "".join(character for character in _characters(document) if ord(character) not in typefaces.shared())


def _characters(document: Document) -> list[str]:
    """Every printed character of the document once, in code order."""
    wanted = set(_text(document))
    return sorted(character for character in wanted if character.isprintable() and not character.isspace())


def _text(document: Document) -> str:
    def walk(value) -> str:
        if isinstance(value, dict):
            return "".join(walk(item) for name, item in value.items() if name not in ("svg", "href", "code"))
        if isinstance(value, list):
            return "".join(map(walk, value))
        return value if isinstance(value, str) else ""

    return walk(model.to_data(document))


@cache
def _style(template: str = "pdf/paper.css") -> tuple[CSS, FontConfiguration]:
    """A print style with its typefaces, read once per process: the files weigh some 35 MB."""
    fonts = FontConfiguration()
    faces = [{"role": face.role, "url": face.path.resolve().as_uri()} for face in typefaces.typefaces_in_use()]
    style = CSS(string=render_to_string(template, {"typefaces": faces}), font_config=fonts, url_fetcher=_fetcher)
    return style, fonts
