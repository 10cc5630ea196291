"""（八）预案演练、救援力量与物资: as long as these have no ledger of their own, the money that was spent on them."""

from __future__ import annotations

from emergency.activities.models import Measure
from reports.sections import listing, works
from reports.sections.writing import Brief, Draft, is_positive, token

TITLE = "预案演练、救援力量与物资"


def drafts(brief: Brief) -> list[Draft]:
    text = investment(brief)
    return [Draft("investment", text)] if text else []


def investment(brief: Brief) -> str:
    """“投入资金461万元，其中装备购置253万元、森林防火物资208万元。”; a single purpose by itself."""
    parts = works.parts(brief, "investment", Measure.MONEY)
    told = listing.said(brief, parts)
    whole = works.code("investment", Measure.MONEY)
    if len(told) < 2 or not is_positive(brief.sheet(whole), whole):
        return f"投入{told[0]}。" if told else ""
    return f"投入资金{token(whole)}，其中{'、'.join(told)}。"
