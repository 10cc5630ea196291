"""What the figures need to remember beside the ledgers themselves."""

from emergency.figures.models.confirmations import ZeroConfirmation
from emergency.figures.models.given import GivenValue
from emergency.figures.models.rollup import FigureTouch, MonthlyFigure, RolledMonth
from emergency.figures.models.starts import LedgerStart

__all__ = ["FigureTouch", "GivenValue", "LedgerStart", "MonthlyFigure", "RolledMonth", "ZeroConfirmation"]
