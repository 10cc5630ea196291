"""Writes to the accident ledger, by topic: registering and correcting, later deaths, the steps of its life."""

from emergency.incidents.services.acting import accident_act
from emergency.incidents.services.casualties import death_record, death_void
from emergency.incidents.services.registering import accident_correct, accident_register

__all__ = ["accident_act", "accident_correct", "accident_register", "death_record", "death_void"]
