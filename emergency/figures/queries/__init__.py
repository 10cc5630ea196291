"""Asking the ledgers for figures, and opening the records behind one.

Both go through the same conditions: :func:`evaluate` sums them, :func:`opened` lists them.
"""

from emergency.figures.queries import ranking
from emergency.figures.queries.evaluate import evaluate, evaluate_over, records
from emergency.figures.queries.opened import Opened, link, opened
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.values import Row, Sheet, Value, Year
from emergency.figures.queries.zeros import Confirmed, confirmed_zero

__all__ = [
    "Confirmed",
    "LedgerStarts",
    "Opened",
    "Row",
    "Sheet",
    "Value",
    "Year",
    "confirmed_zero",
    "evaluate",
    "evaluate_over",
    "link",
    "opened",
    "ranking",
    "records",
]
