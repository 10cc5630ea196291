"""The pages of the figures: the numbers themselves, and what people keep so that they are right."""

from emergency.figures.views.figures import FiguresView, Order, Shown, StreakView, shown, table

__all__ = ["FiguresView", "Order", "Shown", "StreakView", "shown", "table"]
