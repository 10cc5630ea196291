"""预案与演练: the library of plans with their filing, and what was practised of them."""

from emergency.plans.models.drill import (
    DRILL_TONES,
    Drill,
    DrillFinding,
    DrillForm,
    DrillQuerySet,
    DrillStatus,
    FindingQuerySet,
    Grade,
)
from emergency.plans.models.plan import (
    FIRM_KINDS,
    IN_FORCE,
    STATUS_TONES,
    Conclusion,
    FileKind,
    Kind,
    Material,
    Plan,
    PlanQuerySet,
    RevisionReason,
    Status,
)

__all__ = [
    "DRILL_TONES",
    "FIRM_KINDS",
    "IN_FORCE",
    "STATUS_TONES",
    "Conclusion",
    "Drill",
    "DrillFinding",
    "DrillForm",
    "DrillQuerySet",
    "DrillStatus",
    "FileKind",
    "FindingQuerySet",
    "Grade",
    "Kind",
    "Material",
    "Plan",
    "PlanQuerySet",
    "RevisionReason",
    "Status",
]
