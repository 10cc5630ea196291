"""What the figures need to remember beside the ledgers themselves."""

from emergency.figures.models.starts import LedgerStart

__all__ = ["LedgerStart"]
