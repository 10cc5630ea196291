"""Two tables: the plan from its drafting to its filing and end, and the drill from the yearly plan to its evaluation."""

from emergency.plans.lifecycle.drills import DRILL_LIFECYCLE
from emergency.plans.lifecycle.people import (
    CHECKERS,
    DRILL_FILERS,
    is_checker,
    is_maker,
    keeps_drill,
    keeps_plan,
)
from emergency.plans.lifecycle.plans import LIFECYCLE

__all__ = [
    "CHECKERS",
    "DRILL_FILERS",
    "DRILL_LIFECYCLE",
    "LIFECYCLE",
    "is_checker",
    "is_maker",
    "keeps_drill",
    "keeps_plan",
]
