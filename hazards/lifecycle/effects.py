"""What a step changes in the record itself, before it is saved."""

from __future__ import annotations

from typing import Any

from emergency.core import deadlines
from emergency.core.lifecycle import Move
from hazards.lifecycle.guards import FIVE_REQUIREMENTS
from hazards.models import ListingDecision, Measure


def issue(move: Move) -> None:
    move.record.issued_on = move.on
    move.record.due_on = move.data.get("due_on") or move.record.due_on


def fix_on_site(move: Move) -> None:
    """The day of the visit is the day of all three: found, fixed, confirmed."""
    record = move.record
    record.measure = Measure.IMMEDIATE
    record.rectification = move.data["rectification"]
    record.rectifier = move.data["rectifier"]
    record.due_on = record.rectified_on = record.found_on
    _close(move, record.found_on)


def submit(move: Move) -> None:
    record = move.record
    for name in ("rectification", "rectifier", "rectified_on"):
        setattr(record, name, move.data[name])
    if move.data.get("cost") is not None:
        record.cost = move.data["cost"]
    for name in FIVE_REQUIREMENTS:
        if move.data.get(name):
            setattr(record, name, move.data[name])
    record.rectified_by = move.actor
    record.requested_due_on = record.requested_by = None
    _start_review_clock(move)


def _start_review_clock(move: Move) -> None:
    """From the day of handing in: 10 days for ordinary ones, the clock of 16号令第二十三条 for major ones."""
    key = "hidden.major_onsite_review" if move.record.is_major else "hazard.review"
    move.record.review_due_on = deadlines.due(key, move.on).at


def request_extension(move: Move) -> None:
    move.record.requested_due_on = move.data["requested_due_on"]
    move.record.requested_by = move.actor


def approve_extension(move: Move) -> None:
    record = move.record
    record.due_on = record.requested_due_on
    record.extensions += 1
    record.requested_due_on = record.requested_by = None


def refuse_extension(move: Move) -> None:
    move.record.requested_due_on = move.record.requested_by = None


def _close(move: Move, day: Any) -> None:
    record = move.record
    record.reviewed_on = record.closed_on = day
    record.reviewed_by, record.reviewer_name = move.actor, move.actor.name
    record.review_due_on = None


def pass_it(move: Move) -> None:
    _close(move, move.data.get("reviewed_on") or move.on)


def _back_to_work(move: Move) -> None:
    """The repair did not count: the firm's clock runs again from a new date."""
    record = move.record
    record.due_on = move.data["due_on"]
    record.rectified_on = record.rectified_by = record.review_due_on = None


def fail(move: Move) -> None:
    _back_to_work(move)
    move.record.rejections += 1


def _unclose(move: Move) -> None:
    record = move.record
    record.closed_on = record.reviewed_on = record.reviewed_by = None
    record.reviewer_name, record.closed_without_review = "", False


def reopen(move: Move) -> None:
    _unclose(move)
    _back_to_work(move)


def reopen_review(move: Move) -> None:
    _unclose(move)
    _start_review_clock(move)


def void(move: Move) -> None:
    move.record.void_reason = move.note
    move.record.closed_on = None


def transfer(move: Move) -> None:
    move.record.handler = move.data["handler"]


def plan(move: Move) -> None:
    for name in FIVE_REQUIREMENTS:
        setattr(move.record, name, move.data[name])


def decide_listing(move: Move) -> None:
    move.record.listing_decision = ListingDecision.DIRECT
    move.record.listing_reason = move.data["listing_reason"]
