"""Input of inspections: shape and messages. What is allowed is decided by the rules of the services."""

from inspections.forms.measures import MEASURE_FORMS, MeasureEditForm, MeasureForm, MeasureStepForm
from inspections.forms.visits import (
    FINDING_FIELDS,
    BulkForm,
    ChecklistForm,
    FindingFormSet,
    ItemFormSet,
    VisitEditForm,
    VisitForm,
    VoidForm,
    item_initial,
    marks_in,
    marks_name,
)

__all__ = [
    "FINDING_FIELDS",
    "MEASURE_FORMS",
    "BulkForm",
    "ChecklistForm",
    "FindingFormSet",
    "ItemFormSet",
    "MeasureEditForm",
    "MeasureForm",
    "MeasureStepForm",
    "VisitEditForm",
    "VisitForm",
    "VoidForm",
    "item_initial",
    "marks_in",
    "marks_name",
]
