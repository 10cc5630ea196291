"""Reads that more than one page needs: units by name, accounts and their state, the log in plain words."""

from emergency.organizations.queries.access import front_page, locked_usernames, memberships_of
from emergency.organizations.queries.log import Difference, differences, target_label, verb_label
from emergency.organizations.queries.units import read_area, read_unit, unit_find, units_within

__all__ = [
    "Difference",
    "differences",
    "front_page",
    "locked_usernames",
    "memberships_of",
    "read_area",
    "read_unit",
    "target_label",
    "unit_find",
    "units_within",
    "verb_label",
]
