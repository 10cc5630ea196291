"""Writes of the figures app: from when a ledger speaks for a unit."""

from emergency.figures.services.starts import STARTERS, ledger_start_set

__all__ = ["STARTERS", "ledger_start_set"]
