"""Tables and charts that stand after the signature as 附件. Each is None where there is nothing to show, and its annex is then left out."""

from reports.sections.tables.accidents import by_classification, five_years
from reports.sections.tables.hazards import by_industry, by_month, majors
from reports.sections.tables.units import by_department, by_town, rates_by_unit

__all__ = [
    "by_classification",
    "by_department",
    "by_industry",
    "by_month",
    "by_town",
    "five_years",
    "majors",
    "rates_by_unit",
]
