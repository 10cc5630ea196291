"""Every write of inspections: visits filed one by one or in bulk, their correction, and the checklists."""

from inspections.services.bulk import visit_bulk_file
from inspections.services.checklists import ItemInput, checklist_save
from inspections.services.correcting import visit_edit, visit_void
from inspections.services.filing import FindingInput, FindingRefused, visit_file

__all__ = [
    "FindingInput",
    "FindingRefused",
    "ItemInput",
    "checklist_save",
    "visit_bulk_file",
    "visit_edit",
    "visit_file",
    "visit_void",
]
