"""The pages of the figures: the numbers themselves, and what people keep so that they are right."""

from emergency.figures.views.figures import FiguresView, Shown, StreakView, shown, table

__all__ = ["FiguresView", "Shown", "StreakView", "shown", "table"]
