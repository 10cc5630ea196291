"""What the report desk reads: the text of a paper, what another period would change in it, what the picker offers."""

from reports.queries.changes import Change, changes
from reports.queries.picking import figure_results, picker_periods, picker_places
from reports.queries.text import (
    OWN,
    Line,
    Written,
    block,
    body,
    brief_of,
    by_section,
    campaign_names,
    lines_drafted,
    lines_of,
    written,
)

__all__ = [
    "OWN",
    "Change",
    "Line",
    "Written",
    "block",
    "body",
    "brief_of",
    "by_section",
    "campaign_names",
    "changes",
    "figure_results",
    "lines_drafted",
    "lines_of",
    "picker_periods",
    "picker_places",
    "written",
]
