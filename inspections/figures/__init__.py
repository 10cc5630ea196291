"""What the ledgers of inspections count: visits, and measures."""

from inspections.figures import measures, visits

__all__ = ["measures", "visits"]
