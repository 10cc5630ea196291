"""Every write of inspections: visits filed one by one or in bulk, their correction, the checklists, and measures."""

from inspections.services.bulk import visit_bulk_file
from inspections.services.checklists import ItemInput, checklist_save, may_edit_checklists
from inspections.services.correcting import may_edit, may_void, visit_edit, visit_void
from inspections.services.filing import FindingInput, FindingRefused, Location, NewSubject, visit_file
from inspections.services.measures import may_correct, measure_act, measure_correct, measure_register

__all__ = [
    "FindingInput",
    "FindingRefused",
    "ItemInput",
    "Location",
    "NewSubject",
    "checklist_save",
    "may_correct",
    "may_edit",
    "may_edit_checklists",
    "may_void",
    "measure_act",
    "measure_correct",
    "measure_register",
    "visit_bulk_file",
    "visit_edit",
    "visit_file",
    "visit_void",
]
