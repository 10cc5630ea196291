"""Every write of plans and drills."""

from emergency.plans.services.drills import drill_act, drill_register, finding_close
from emergency.plans.services.filing import plan_act, plans_deem
from emergency.plans.services.plans import plan_delete, plan_draft, plan_edit, plan_revise, usual_handler
from emergency.plans.services.printing import plan_keep, plan_print, render

__all__ = [
    "drill_act",
    "drill_register",
    "finding_close",
    "plan_act",
    "plan_delete",
    "plan_draft",
    "plan_edit",
    "plan_keep",
    "plan_print",
    "plan_revise",
    "plans_deem",
    "render",
    "usual_handler",
]
