"""Asking the ledgers for figures, and opening the records behind one.

Both go through the same conditions: :func:`evaluate` sums them, :func:`opened` lists them.
"""

from emergency.figures.queries.evaluate import evaluate, evaluate_over, records
from emergency.figures.queries.opened import Opened, link, opened
from emergency.figures.queries.starts import LedgerStarts
from emergency.figures.queries.values import Row, Sheet, Value

__all__ = ["LedgerStarts", "Opened", "Row", "Sheet", "Value", "evaluate", "evaluate_over", "link", "opened", "records"]
