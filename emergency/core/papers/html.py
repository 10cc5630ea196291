"""A document as HTML: one fragment, shown on the page and printed to PDF.

The fragment carries classes only (`static/css/paper.css` on the page, `templates/pdf/paper.css` in print), because
the portal's content security policy refuses style attributes.
"""

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

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
    Row,
    Table,
    Unlinked,
    source_table,
)

ROOMY, NARROW = 4, 10  # up to so many columns a table is set in 小四, then in 五号; beyond in 小五
SOURCES_TITLE = "数据来源对照表"


def render_html(document: Document, *, site: str = "", apart: str = "") -> SafeString:
    """The document as `<article class="paper">`.

    In the checking edition numbers are links and the table of sources stands at the end; `site`, such as
    https://portal.example, is put before their paths (a PDF or Word file is opened elsewhere). The submission edition
    has neither. Characters in `apart` get a span of their own: print sets them in another, taller typeface, which must
    not push the lines apart.
    """
    writer = _Writer(linked=document.edition is Edition.CHECKING, site=site.rstrip("/"), apart=apart)
    return format_html(
        '<article class="paper{}" lang="{}">{}{}{}{}{}{}</article>',
        " paper-letter" if document.masthead else "",
        document.language,
        _masthead(document),
        _head(document),
        writer.blocks(document.blocks),
        writer.closing(document),
        _join(writer.annex(label, annex) for label, annex in outline.annexes(document)),
        writer.sources(document) if writer.linked else "",
    )


def dated(day: date) -> str:
    """成文日期 as the standard prints it: 2021年12月1日, months and days without leading zero."""
    return f"{day.year}年{day.month}月{day.day}日"


def annex_lines(document: Document) -> tuple[str, ...]:
    """The 附件说明 below the body, one line per annex, without closing punctuation (7.3.4)."""
    titles = [annex.title for annex in document.annexes]
    return tuple(titles) if len(titles) < 2 else tuple(f"{place}. {title}" for place, title in enumerate(titles, 1))


def size_class(table: Table) -> str:
    """roomy, narrow or dense, by the number of columns."""
    columns = len(table.columns)
    return "roomy" if columns <= ROOMY else "narrow" if columns <= NARROW else "dense"


def head_groups(table: Table) -> list[tuple[str, int]]:
    """Neighbouring columns under one joint head as (group, how many); an ungrouped column stands alone as ("", 1)."""
    groups: list[tuple[str, int]] = []
    for group, members in groupby(table.columns, key=lambda column: column.group):
        count = len(list(members))
        groups += [(group, count)] if group else [("", 1)] * count
    return groups


class _Writer:
    """Draws blocks and runs; knows whether numbers are links, where they lead, and which characters stand apart."""

    def __init__(self, *, linked: bool, site: str, apart: str) -> None:
        self.linked = linked
        self.site = site
        self.apart = re.compile(f"([{re.escape(apart)}]+)") if apart else None

    def words(self, text: str) -> SafeString:
        if self.apart is None or not self.apart.search(text):
            return format_html("{}", text)
        pieces = self.apart.split(text)  # every second piece is one that stands apart
        return _join(
            format_html('<span class="paper-apart">{}</span>' if place % 2 else "{}", piece)
            for place, piece in enumerate(pieces)
        )

    def blocks(self, blocks: tuple[Block, ...]) -> SafeString:
        return _join(self.block(label, block) for label, block in outline.numbered(blocks))

    def block(self, label: str, block: Block) -> SafeString:
        match block:
            case Heading():
                return format_html(
                    '<h{0} class="paper-heading-{1}">{2}{3}</h{0}>',
                    block.level + 1,
                    block.level,
                    label,
                    self.words(block.text),
                )
            case Paragraph():
                lead = format_html('<b class="paper-lead">{}</b>', self.words(block.lead)) if block.lead else ""
                return format_html("<p>{}{}</p>", lead, _join(map(self.run, block.runs)))
            case Table():
                return self.table(block)
            case Chart():
                return self.chart(block)
            case PageBreak():
                return mark_safe('<hr class="paper-break">')

    def run(self, run: Cell) -> SafeString:
        match run:
            case str():
                return self.words(run)
            case Number() if self.linked and run.href:
                return format_html(
                    '<a class="paper-number" href="{}{}" title="{}">{}</a>', self.site, run.href, run.title, run.text
                )
            case Missing():
                return format_html('<mark class="paper-missing">{}</mark>', run.text)
            case Unlinked() if self.linked:
                return format_html('<u class="paper-unlinked" title="未挂接数据">{}</u>', run.text)
            case _:
                return self.words(run.text)

    def chart(self, chart: Chart) -> SafeString:
        svg = charts.with_site(chart.svg, self.site) if self.linked else charts.without_links(chart.svg)
        caption = format_html("<figcaption>{}</figcaption>", chart.caption) if chart.caption else ""
        figure = format_html('<figure class="paper-chart">{}{}</figure>', mark_safe(svg), caption)
        return _join((figure, self.table(chart.table))) if chart.table else figure

    def table(self, table: Table) -> SafeString:
        whole = sum(column.width for column in table.columns)
        columns = format_html_join(
            "", '<col width="{}%">', ((round(100 * column.width / whole, 3),) for column in table.columns)
        )
        return format_html(
            '<table class="paper-table paper-table-{}">{}<colgroup>{}</colgroup><thead>{}</thead><tbody>{}</tbody>'
            "</table>{}",
            size_class(table),
            _caption(table),
            columns,
            _table_head(table),
            _join(self.row(table, row) for row in table.rows),
            _notes(table),
        )

    def row(self, table: Table, row: Row) -> SafeString:
        cells = format_html_join(
            "",
            '<td class="paper-{}">{}</td>',
            ((column.align, self.run(cell)) for column, cell in zip(table.columns, row.cells, strict=True)),
        )
        return format_html('<tr class="paper-total">{}</tr>' if row.total else "<tr>{}</tr>", cells)

    def annex(self, label: str, annex: Annex) -> SafeString:
        return format_html(
            '<section class="paper-annex{}"><p class="paper-annex-label">{}</p>'
            '<h2 class="paper-annex-title" data-bookmark="{} {}">{}</h2>{}</section>',
            " paper-landscape" if annex.landscape else "",
            label,
            label,
            annex.title,
            annex.title,
            self.blocks(annex.blocks),
        )

    def sources(self, document: Document) -> SafeString:
        table = source_table(document)
        if not table.rows:
            return mark_safe("")
        return format_html(
            '<section class="paper-annex paper-sources">'
            '<h2 class="paper-annex-title" data-bookmark="{0}">{0}</h2>{1}</section>',
            SOURCES_TITLE,
            self.table(table),
        )

    def closing(self, document: Document) -> SafeString:
        """附件说明, 署名 and 成文日期."""
        lines = annex_lines(document)
        annexes = ""
        if lines:
            annexes = format_html(
                '<div class="paper-annexes"><p class="paper-annexes-label">附件：</p><div>{}</div></div>',
                format_html_join("", "<p>{}</p>", ((self.words(line),) for line in lines)),
            )
        signature = ""
        if document.signature or document.dated:
            signature = format_html(
                '<div class="paper-signature"><div class="paper-signature-block">{}{}</div></div>',
                format_html('<p class="paper-signed">{}</p>', document.signature) if document.signature else "",
                format_html('<p class="paper-dated">{}</p>', dated(document.dated)) if document.dated else "",
            )
        return format_html("{}{}", annexes, signature)


def _masthead(document: Document) -> SafeString:
    """发文机关标志 and 发文字号 of a letter."""
    if not document.masthead:
        return mark_safe("")
    number = format_html('<p class="paper-file-number">{}</p>', document.number) if document.number else ""
    return format_html('<div class="paper-masthead">{}</div>{}', document.masthead, number)


def _head(document: Document) -> SafeString:
    lines = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in document.title_lines))
    byline = format_html('<p class="paper-byline">{}</p>', document.byline) if document.byline else ""
    salutation = format_html('<p class="paper-salutation">{}：</p>', document.salutation) if document.salutation else ""
    return format_html(
        '<header class="paper-head"><h1 class="paper-title" data-bookmark="{}">{}</h1>{}</header>{}',
        document.meta.title,
        lines,
        byline,
        salutation,
    )


def _caption(table: Table) -> SafeString:
    if not (table.caption or table.unit):
        return mark_safe("")
    unit = format_html('<span class="paper-unit">单位：{}</span>', table.unit) if table.unit else ""
    return format_html("<caption>{}{}</caption>", table.caption, unit)


def _table_head(table: Table) -> SafeString:
    groups = head_groups(table)
    if not any(group for group, _ in groups):
        titles = format_html_join("", '<th scope="col">{}</th>', ((column.title,) for column in table.columns))
        return format_html("<tr>{}</tr>", titles)
    upper, lower, place = [], [], 0
    for group, count in groups:
        members = table.columns[place : place + count]
        place += count
        if group:
            upper.append(format_html('<th scope="colgroup" colspan="{}">{}</th>', count, group))
            lower += [format_html('<th scope="col">{}</th>', column.title) for column in members]
        else:
            upper.append(format_html('<th scope="col" rowspan="2">{}</th>', members[0].title))
    return format_html("<tr>{}</tr><tr>{}</tr>", _join(upper), _join(lower))


def _notes(table: Table) -> SafeString:
    if not table.notes:
        return mark_safe("")
    if len(table.notes) == 1:
        return format_html('<p class="paper-note">注：{}</p>', table.notes[0])
    lines = ((f"{place}. {note}",) for place, note in enumerate(table.notes, 1))
    return format_html('<p class="paper-note">注：{}</p>', format_html_join(mark_safe("<br>"), "{}", lines))


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))
