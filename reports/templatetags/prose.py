"""``{% runs line %}``: the words of a paragraph on a page, with linked numbers, gaps and what was typed by hand."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from emergency.core import papers

register = template.Library()


@register.simple_tag
def runs(line: Iterable[papers.Run]) -> SafeString:
    return format_html_join("", "{}", ((_run(run),) for run in line))


def _run(run: papers.Run) -> SafeString:
    match run:
        case papers.Number() if run.href:
            return format_html('<a class="paper-number" href="{}" title="{}">{}</a>', run.href, run.title, run.text)
        case papers.Missing():
            return format_html('<mark class="paper-missing">{}</mark>', run.text)
        case papers.Unlinked():
            return format_html('<u class="paper-unlinked" title="未挂接数据">{}</u>', run.text)
    return format_html("{}", run.text)
