"""Which sections a paper has, in their order. A section with nothing to say loses its heading; the numbers 一、（一） are printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from django.core.exceptions import ValidationError

from emergency.activities.figures import PREFIX
from emergency.figures import vocabulary
from reports.sections import (
    accidents,
    disasters,
    duties,
    enforcement,
    grassroots,
    opening,
    problems,
    readiness,
    rectification,
    risks,
    supervision,
)
from reports.sections.writing import Brief, Draft


def nothing(brief: Brief) -> list[Draft]:
    """A section that officers write themselves."""
    return []


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """``key`` names it for good (officers' words are stored under it), ``level`` is that of its heading; 0 has none.

    ``hint`` says on the page what belongs into a section that the portal does not draft.
    """

    key: str
    title: str
    level: int = 2
    drafts: Callable[[Brief], list[Draft]] = nothing
    hint: str = ""


#: 工作总结. 一、 to 四、 are level 1; what stands under one of them is level 2.
ANNUAL: tuple[Section, ...] = (
    Section("opening", "", 0, opening.drafts),
    Section("work", "主要工作开展情况", 1),
    Section("accidents", accidents.TITLE, 2, accidents.drafts),
    Section("duties", duties.TITLE, 2, duties.drafts),
    Section("supervision", supervision.TITLE, 2, supervision.drafts),
    Section("rectification", rectification.TITLE, 2, rectification.drafts),
    Section("risks", risks.TITLE, 2, risks.drafts),
    Section("grassroots", grassroots.TITLE, 2, grassroots.drafts),
    Section("disasters", disasters.TITLE, 2, disasters.drafts),
    Section("readiness", readiness.TITLE, 2, readiness.drafts),
    Section("problems", problems.TITLE, 1, problems.drafts, "取自“问题与建议”，也可以在这里自己写。"),
    Section("plans", "下年度工作打算", 1, hint="自由填写，可以加小标题。"),
)


#: What the sections decide by over the paper's own area and period, besides the figures of activities.
CODES = (
    *accidents.CODES,
    *duties.CODES,
    *supervision.CODES,
    *rectification.CODES,
    *enforcement.CODES,
    *risks.CODES,
    *grassroots.CODES,
)


def ask(brief: Brief) -> None:
    """Ask all ledgers together for what the sections will decide by, so that a whole paper is one statement and not one a sentence."""
    activities = [figure.code for figure in vocabulary.every() if figure.code.startswith(PREFIX)]
    brief.sheet(*CODES, *activities)


def section_of(key: str) -> Section:
    """The section of a key. Raises ``ValidationError`` when there is none."""
    found = next((section for section in ANNUAL if section.key == key), None)
    if found is None:
        raise ValidationError("文书没有这一部分。")
    return found
