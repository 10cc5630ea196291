"""A campaign in figures: whatever the ledgers count that can be tagged with a campaign."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, evaluate, readers
from emergency.figures.vocabulary import CAMPAIGN, CohortFigure, CountFigure, DistinctFigure, Figure, RatioFigure
from emergency.organizations.models import Organisation
from emergency.programmes.models import Problem, ProblemQuerySet, Programme

#: What happened in the campaign's time; stocks at its end and sums of money would say something else.
_KINDS = (CountFigure, DistinctFigure, CohortFigure, RatioFigure)


def campaign_figures() -> list[Figure]:
    """The figures of a campaign's page, in the order of the vocabulary; those left unsaid at zero are left out."""
    return [
        figure
        for figure in vocabulary.every()
        if isinstance(figure, _KINDS) and figure.zero != "不写" and vocabulary.has_dimension(figure, CAMPAIGN.code)
    ]


def fits_a_column(figure: Figure) -> bool:
    """Whether a figure stands in the table of units too: what was done. What is left undone, and what does not add up, has its card."""
    return not isinstance(figure, DistinctFigure) and not (isinstance(figure, CohortFigure) and figure.still_open)


def campaign_sheet(*, programme: Programme, user: Any, on: dt.date) -> Sheet | None:
    """The campaign's figures by unit, over the area that the reader sees first, from its start to its end or ``on``.

    None before it has begun, and for a reader without a post.
    """
    organisation = readers.home_of(user)
    if organisation is None or programme.start > on:
        return None
    end = min(programme.end, on) if programme.end is not None else on
    return evaluate(
        [figure.code for figure in campaign_figures()],
        organisation=organisation,
        period=Period(programme.start, end),
        by="unit",
        within={CAMPAIGN.code: str(programme.pk)},
    )


def problems_of(*, area: Organisation, period: Period) -> ProblemQuerySet:
    """The problems that an area's own offices named for the years of a period, in the order in which they stand in a paper.

    Those that its towns named for themselves stand in the towns' papers.
    """
    years = range(period.start.year, period.end.year + 1)
    own = Problem.objects.live().filter(area=area, year__in=years)
    return own.order_by("year", "order", "pk")  # type: ignore[return-value]  # order_by() keeps the class
