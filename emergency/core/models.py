"""The tables of core, each defined beside the concern it serves; Django finds them here."""

from emergency.core.attachments.models import Attachment
from emergency.core.audit import AuditEntry
from emergency.core.deadlines import DeadlineRule
from emergency.core.jobs.models import Heartbeat, Job, ScheduledRun
from emergency.core.ledger.models import ColumnMapping
from emergency.core.lifecycle import Event
from emergency.core.numbering import Counter
from emergency.core.workdays import HolidayOverride

__all__ = [
    "Attachment",
    "AuditEntry",
    "ColumnMapping",
    "Counter",
    "DeadlineRule",
    "Event",
    "Heartbeat",
    "HolidayOverride",
    "Job",
    "ScheduledRun",
]
