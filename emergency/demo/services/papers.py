"""The summary of a case's period as the office drafted it then: the portal's text, and next year's plan in the office's words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from emergency.core import clock
from emergency.core.periods import Period
from emergency.demo.services.cases import Case
from emergency.demo.services.people import unit_of
from reports.models import Kind
from reports.services import paragraph_add, report_create

#: So many days after the period's end the draft was written.
_DAYS_AFTER = 9
_PLANS = "plans"


def summary_draft(case: Case, *, actor: Any, now: dt.datetime) -> None:
    """Draft the annual summary where the case has a plan for the next year."""
    plan = case.demo.get("plan")
    if plan is None:
        return
    written = dt.datetime.combine(case.end + dt.timedelta(days=_DAYS_AFTER), dt.time(10))
    with clock.at(min(timezone.make_aware(written), now)):
        area = unit_of(case, "bureau").serves
        report = report_create(kind=Kind.ANNUAL, area=area, period=Period(case.start, case.end), actor=actor)
        after = ""
        headings = case.facts["next_year_plan_sections"]
        for heading, words in zip(headings, plan, strict=True):
            for text, is_heading in ((heading, True), (words, False)):
                row = paragraph_add(
                    report=report, section=_PLANS, after=after, text=text, actor=actor, heading=is_heading
                )
                after = row.key
