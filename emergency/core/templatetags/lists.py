"""The rows of a register: ``{% load lists %}``.

In Python rather than in a template, because this is the portal's busiest page: fifty rows of eight cells cost 6.4 ms through
template nodes and about 1 ms here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from emergency.core.listing import Cell, HeadCell, ListRow
from emergency.core.templatetags.portal import RISKS, TONES, icon

register = template.Library()

ALIGNMENTS = {
    "right": "end",
    "end": "end",
    "center": "centre",
    "centre": "centre",
    "date": "date",
    "number": "number",
    "tight": "tight",
}
SPOKEN_ORDER = {"asc": ' aria-sort="ascending"', "desc": ' aria-sort="descending"'}


class Table(Protocol):
    """What a table needs: a register's ``listing.Page``, or any object with heads and rows of the same width."""

    columns: Sequence[HeadCell]
    rows: Sequence[ListRow]


def classes(*names: str) -> str:
    wanted = " ".join(name for name in names if name)
    return f' class="{wanted}"' if wanted else ""


def main_position(columns: Sequence[HeadCell]) -> int:
    """The column that opens the record and heads its card on a phone: the one marked ``main``, else the first."""
    return next((position for position, column in enumerate(columns) if column.main), 0)


def openings(columns: Sequence[HeadCell]) -> list[tuple[str, str]]:
    """For each column its name as an attribute (shown inside the phone card) and its classes."""
    lead = main_position(columns)
    found = []
    for position, column in enumerate(columns):
        names = [
            ALIGNMENTS.get(column.align, ""),
            "lead" if position == lead else "",
            "wide" if column.wide_only else "",
        ]
        found.append((f' data-label="{conditional_escape(column.label)}"', " ".join(name for name in names if name)))
    return found


def cell_content(cell: Cell | str | int | None) -> str:
    """The escaped inside of one cell: text on its tone, its own link, a second small line."""
    if not isinstance(cell, Cell):
        return "" if cell is None else str(conditional_escape(str(cell)))
    text = str(conditional_escape(cell.text))
    if cell.tone in TONES:
        text = f'<span class="badge tone-{cell.tone}">{text}</span>'
    elif cell.tone.startswith("risk-") and cell.tone.removeprefix("risk-") in RISKS:
        text = f'<span class="badge {cell.tone}">{text}</span>'
    if cell.url:
        text = f'<a href="{conditional_escape(cell.url)}">{text}</a>'
    if cell.title:
        text = f'<span title="{conditional_escape(cell.title)}">{text}</span>'
    if cell.small:
        text = f'<span>{text}<small class="second">{conditional_escape(cell.small)}</small></span>'
    return text


def row_menu(actions: Iterable[Any]) -> SafeString:
    """The actions of one row behind “…”; each has ``label`` and ``url``."""
    links = "".join(format_html('<a href="{}">{}</a>', action["url"], action["label"]) for action in actions)
    return format_html(
        '<td class="tight menu-cell"><details class="drop row-menu"><summary aria-label="本行操作">{}</summary>'
        '<div class="drop-body">{}</div></details></td>',
        icon("more"),
        mark_safe(links),
    )


def has_menus(table: Table) -> bool:
    return any(getattr(row, "actions", None) for row in table.rows)


@register.simple_tag
def list_rows(table: Table, pickable: bool = False) -> SafeString:
    """The ``<tr>`` of ``table.rows``. ``pickable`` puts a box named ``selected`` with the record's key before each."""
    heads = openings(table.columns)
    lead = main_position(table.columns)
    menus = has_menus(table)
    out: list[str] = []
    for row in table.rows:
        tone = getattr(row, "tone", "")
        out.append(f"<tr{classes(f'row-{tone}' if tone else '')}{' data-open' if row.url else ''}>")
        if pickable:
            out.append(
                f'<td class="pick"><input type="checkbox" name="selected" value="{row.pk}" aria-label="选择本行"></td>'
            )
        for position, ((label, names), cell) in enumerate(zip(heads, row.cells, strict=True)):
            text = cell_content(cell)
            if position == lead and row.url:
                text = f'<a href="{conditional_escape(row.url)}">{text or "查看"}</a>'
            out.append(f"<td{label}{classes(names, '' if text else 'blank')}>{text}</td>")
        if menus:
            actions = getattr(row, "actions", None)
            out.append(row_menu(actions) if actions else '<td class="menu-cell"></td>')
        out.append("</tr>")
    return mark_safe("".join(out))


@register.simple_tag
def list_head(table: Table, pickable: bool = False) -> SafeString:
    """The heading cells; a sortable column is a link and says its order to screen readers."""
    out: list[str] = []
    if pickable:
        out.append(
            '<th class="pick"><input type="checkbox" data-pick-all aria-label="选择本页全部" class="needs-js"></th>'
        )
    for column in table.columns:
        label: str = conditional_escape(column.label)
        if column.sort_url:
            label = format_html(
                '<a href="{0}" hx-get="{0}" hx-target="#list" hx-push-url="true">{1}{2}</a>',
                column.sort_url,
                label,
                icon({"asc": "up", "desc": "down"}.get(column.sorted, "sort")),
            )
        names = classes(ALIGNMENTS.get(column.align, ""))
        out.append(f'<th scope="col"{SPOKEN_ORDER.get(column.sorted, "")}{names}>{label}</th>')
    if has_menus(table):
        out.append('<th class="tight menu-cell"><span class="visually-hidden">操作</span></th>')
    return mark_safe("".join(out))
