"""What home and the page of a town show, put together from what the ledgers declare."""

from emergency.home.queries.area import (
    KEY_FIGURES,
    Below,
    Desk,
    KeyFigure,
    Month,
    Standing,
    below,
    desk_of,
    home_organisation,
    month_chart,
    months,
    standing,
    unconfirmed_zeros,
)
from emergency.home.queries.town import COMPARED, Line, Linked, Town, TownRow, town, town_code, towns, towns_of

__all__ = [
    "COMPARED",
    "KEY_FIGURES",
    "Below",
    "Desk",
    "KeyFigure",
    "Line",
    "Linked",
    "Month",
    "Standing",
    "Town",
    "TownRow",
    "below",
    "desk_of",
    "home_organisation",
    "month_chart",
    "months",
    "standing",
    "town",
    "town_code",
    "towns",
    "towns_of",
    "unconfirmed_zeros",
]
