"""Every write of programmes: campaigns, and the problems of a year."""

from emergency.programmes.services.campaigns import (
    LEVELS,
    ORGANISERS,
    campaign_create,
    campaign_update,
    may_organise,
    organising_units,
)
from emergency.programmes.services.problems import (
    REPORTERS,
    may_report,
    problem_create,
    problem_update,
    problem_void,
    reporting_units,
)

__all__ = [
    "LEVELS",
    "ORGANISERS",
    "REPORTERS",
    "campaign_create",
    "campaign_update",
    "may_organise",
    "may_report",
    "organising_units",
    "problem_create",
    "problem_update",
    "problem_void",
    "reporting_units",
]
