"""Visits of the acted weeks, with checklist, findings and photos."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.register import person_name
from emergency.demo.services.repairing import plan_hazard
from emergency.demo.services.stage import Office, Play, Step
from emergency.enterprises.models import Enterprise, Industry
from emergency.organizations.models import Kind, Role
from hazards.models import OPEN_STATUSES, Measure
from inspections.models import Checklist, Result, VisitKind
from inspections.services import FindingInput, ItemInput, checklist_save, visit_file

_VISIT_KINDS = {Kind.COMMUNITY: VisitKind.PATROL, Kind.BUREAU: VisitKind.SPECIAL}
#: How many problems a visit finds.
_FINDINGS, _FINDING_WEIGHTS = (0, 1, 2), (30, 45, 25)
#: Which part of the findings comes with a photo; every one would take the loading too long.
_PHOTO_SHARE = 0.6


def write_checklists(play: Play) -> None:
    """One for each industry of which we know what to look at, written by the section head."""
    author = next(one.user for one in play.people if one.role == Role.SECTION_HEAD)
    checks = vocabulary()["checks"]
    for industry in Industry.objects.filter(name__in=checks):
        lines = [
            ItemInput(text=one["text"], basis=one["basis"], phrase=one["phrase"])
            for one in checks[industry.name] + checks["通用"]
        ]
        name = f"{industry.name}安全检查表"
        known = Checklist.objects.filter(name=name).first()
        checklist = known or checklist_save(actor=author, name=name, industry=industry, items=lines)
        play.checklists[industry.pk] = (checklist, list(checklist.items.all()))


def visit(play: Play, office: Office, enterprise: Enterprise) -> Step:
    def step(moment: dt.datetime) -> None:
        rng = play.rng
        officers, names = team(play, office)
        checklist, items = play.checklists.get(enterprise.industry_id or 0, (None, []))
        checks = {one["phrase"]: one for lines in vocabulary()["checks"].values() for one in lines}
        picked = rng.sample(items, min(rng.choices(_FINDINGS, _FINDING_WEIGHTS)[0], len(items)))
        findings = [_finding(play, enterprise, checks[item.phrase], item.pk, moment) for item in picked]
        filed = visit_file(
            actor=officers[0],
            handler=office.unit,
            kind=_VISIT_KINDS.get(Kind(office.unit.kind), VisitKind.DAILY),
            visited_on=moment.date(),
            started_at=moment - dt.timedelta(minutes=40),
            ended_at=moment,
            enterprise=enterprise,
            officers=officers,
            officer_names=names,
            checklist=checklist,
            results={item.pk: Result.PROBLEM if item in picked else Result.PASS for item in items},
            findings=findings,
            campaigns=[play.campaign]
            if play.campaign and play.campaign.end and play.campaign.end >= moment.date()
            else [],
            signed_by=enterprise.safety_officer,
        )
        for finding in filed.findings.select_related("hazard").order_by("pk"):
            if finding.hazard.status in OPEN_STATUSES:
                plan_hazard(play, finding.hazard)

    return step


def team(play: Play, office: Office) -> tuple[list[Any], list[str]]:
    """Two people: of the bureau those who hold certificates, elsewhere one with an account and a colleague."""
    if office.unit.kind == Kind.BUREAU:
        certified = [one for one in office.staff if one.memberships.exclude(certificate="").exists()]
        return play.rng.sample(certified, 2), []
    officers = play.rng.sample(list(office.staff), min(2, len(office.staff)))
    return officers, [] if len(officers) > 1 else [person_name(play.rng)]


def _finding(play: Play, enterprise: Enterprise, check: Any, item: int, moment: dt.datetime) -> FindingInput:
    rng = play.rng
    on_site = rng.random() < 0.15
    with_photo = on_site or rng.random() < _PHOTO_SHARE
    day = moment.date()
    return FindingInput(
        description=check["phrase"],
        category=check["category"],
        legal_basis=check["basis"],
        measure=Measure.IMMEDIATE if on_site else Measure.DEADLINE,
        due_on=day if on_site else day + dt.timedelta(days=rng.choice((5, 7, 10, 15))),
        photos=play.photo(moment, tidy=False) if with_photo else (),
        on_site=on_site,
        rectifier=enterprise.safety_officer if on_site else "",
        rectification=check["fix"] if on_site else "",
        after_photos=play.photo(moment, tidy=True) if on_site else (),
        item=item,
    )
