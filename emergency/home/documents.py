"""一镇一页 as one sheet of A4."""

from __future__ import annotations

from django.template.loader import render_to_string

from emergency.core import charts, clock, papers
from emergency.home.queries import Town, month_chart


def town_sheet(town: Town) -> bytes:
    """The page of a town as a PDF of exactly one page: every row is one line, longer texts are cut with an ellipsis.

    Raises ``UnprintableText`` and ``TypefaceMissing`` as papers do.
    """
    context = {"town": town, "chart": charts.without_links(month_chart(town.months))}
    return papers.render_sheet(
        render_to_string("pdf/town.html", context),
        style="pdf/town.css",
        title=f"{town.unit.name}安全生产和应急管理情况",
        created=clock.now(),
    )
