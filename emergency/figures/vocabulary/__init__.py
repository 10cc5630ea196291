"""The vocabulary of figures: what a number means, which records it counts, by which date, and how it may be broken down.

A ledger app declares its figures once in its ``figures.py``; pages, papers, commands and the roll-up only ever name their codes.
Every counting figure is one condition on one source, so that **the number and its list cannot disagree**: the list opened from a
figure is the source filtered by the very condition that was summed.

Kinds (design: figures-and-reports.md):

========  ==========================================================================================
count     sum of ``quantity`` over the records whose date falls in the period
distinct  different subjects among them; rows without a named subject are left out, and said
total     sum of a field
cohort    of the records opened in the period, those closed by its last day (or, ``still_open``, those that were not)
flow      records closed in the period, whenever opened
stock     records open at the end of the period's last day
level     sum of a signed field over all movements until then
ratio     numerator over denominator, from summed parts
change    against the same days of the year before, or against the month before
streak    how many years in a row every base fell against the year before
given     no ledger behind it: only values that were entered or imported (other offices' numbers)
========  ==========================================================================================

Every counting figure may have entered values besides: they speak for the periods before its ledger was kept.

``kinds`` holds what a figure can be, ``register`` all that were declared, ``wording`` how a number is rounded and written.
"""

from emergency.figures.vocabulary.kinds import (
    CAMPAIGN,
    DEPARTMENT,
    INDUSTRY,
    OFFICE,
    UNIT,
    ChangeFigure,
    CohortFigure,
    Counted,
    CountFigure,
    Dimension,
    DistinctFigure,
    Figure,
    FlowFigure,
    GivenFigure,
    LevelFigure,
    RatioFigure,
    Source,
    StockFigure,
    StreakFigure,
    TotalFigure,
)
from emergency.figures.vocabulary.register import (
    declare,
    declared,
    dimensions,
    discover,
    every,
    family,
    forget,
    get,
    has_dimension,
    sources,
)
from emergency.figures.vocabulary.wording import money, percent, plain

__all__ = [
    "CAMPAIGN",
    "DEPARTMENT",
    "INDUSTRY",
    "OFFICE",
    "UNIT",
    "ChangeFigure",
    "CohortFigure",
    "CountFigure",
    "Counted",
    "Dimension",
    "DistinctFigure",
    "Figure",
    "FlowFigure",
    "GivenFigure",
    "LevelFigure",
    "RatioFigure",
    "Source",
    "StockFigure",
    "StreakFigure",
    "TotalFigure",
    "declare",
    "declared",
    "dimensions",
    "discover",
    "every",
    "family",
    "forget",
    "get",
    "has_dimension",
    "money",
    "percent",
    "plain",
    "sources",
]
