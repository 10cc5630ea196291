"""Writes of the figures app: from when a ledger speaks for a unit, entered values, zero reports."""

from emergency.figures.services.given import (
    ENTERERS,
    given_correct,
    given_enter,
    given_prepare,
    given_void,
    may_enter,
)
from emergency.figures.services.starts import STARTERS, ledger_start_set
from emergency.figures.services.zeros import may_confirm, speaks_for, zero_confirm

__all__ = [
    "ENTERERS",
    "STARTERS",
    "given_correct",
    "given_enter",
    "given_prepare",
    "given_void",
    "ledger_start_set",
    "may_confirm",
    "may_enter",
    "speaks_for",
    "zero_confirm",
]
