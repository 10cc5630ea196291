"""Input of hazards and risk points: shape and messages. What is allowed is decided by the life-cycles, what is written by the services."""

from hazards.forms.fields import DateField, EnterpriseField, PhotosField, show_faults
from hazards.forms.hazards import (
    STEP_FORMS,
    HazardForm,
    OwnCheckForm,
    ReasonForm,
    SplitForm,
    StepForm,
    SweepForm,
    VerdictForm,
)
from hazards.forms.risks import (
    FOUND_PROBLEM,
    RISK_STEP_FORMS,
    MeasureFormSet,
    RiskEditForm,
    RiskForm,
    measure_initial,
)

__all__ = [
    "FOUND_PROBLEM",
    "RISK_STEP_FORMS",
    "STEP_FORMS",
    "DateField",
    "EnterpriseField",
    "HazardForm",
    "MeasureFormSet",
    "OwnCheckForm",
    "PhotosField",
    "ReasonForm",
    "RiskEditForm",
    "RiskForm",
    "SplitForm",
    "StepForm",
    "SweepForm",
    "VerdictForm",
    "measure_initial",
    "show_faults",
]
