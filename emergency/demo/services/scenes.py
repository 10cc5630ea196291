"""What each person should find on the first look, at the enterprises that have a user of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.repairing import act, current
from emergency.demo.services.stage import Office, Play, Step, workday
from emergency.demo.services.visiting import team
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind
from hazards.models import Grade, Hazard, Source
from hazards.services import hazard_open
from inspections.models import Visit, VisitKind
from inspections.services import FindingInput, visit_file


def plan_scenes(play: Play) -> None:
    """A draft for each office outside the bureau, and the firms with users of their own in every kind of trouble."""
    yesterday = workday(timezone.localdate(play.now) - dt.timedelta(days=1))
    for office in play.offices.values():
        if office.unit.kind in (Kind.COMMUNITY, Kind.DEPARTMENT) and office.enterprises:
            play.at(yesterday, _draft(play, office))
    for pk, firm in play.firms.items():
        enterprise = Enterprise.objects.select_related("area", "industry", "department").get(pk=pk)
        town = play.offices.get(enterprise.street_id or 0)
        if town is not None and len(town.staff) > 1:
            _plan_firm(play, enterprise, town, firm)


def _plan_firm(play: Play, enterprise: Enterprise, town: Office, firm: Any) -> None:
    """One hazard late, one to re-check, one with an extension asked for, one that the firm found itself, one major."""
    today = timezone.localdate(play.now)

    def ago(days: int) -> dt.date:
        return workday(today - dt.timedelta(days=days))

    checks = vocabulary()["checks"]
    lines = [*checks.get(str(enterprise.industry), ()), *checks["通用"]]
    late, waiting, asked, found_itself = lines[:4]
    play.at(ago(12), _found(play, town, enterprise, late, 7))
    play.at(ago(9), _found(play, town, enterprise, waiting, 15, lambda pk: play.at(ago(3), _hand_in(play, pk, firm))))
    play.at(
        ago(8), _found(play, town, enterprise, asked, 10, lambda pk: play.at(ago(2), _ask_and_wait(play, pk, firm)))
    )
    play.at(ago(6), _own_check(enterprise, town, found_itself, firm))
    play.at(ago(20), _major(play, enterprise, firm))


def _found(
    play: Play,
    office: Office,
    enterprise: Enterprise,
    check: Any,
    days: int,
    then: Callable[[int], None] = lambda pk: None,
) -> Step:
    """A hazard due in so many days; ``then`` says what comes of it."""

    def step(moment: dt.datetime) -> None:
        due_on = moment.date() + dt.timedelta(days=days)
        then(_open(play, office, enterprise, check, moment, due_on=due_on).pk)

    return step


def _open(play: Play, office: Office, enterprise: Enterprise, check: Any, moment: dt.datetime, **fields: Any) -> Hazard:
    """One hazard found in a visit to the enterprise."""
    officers, names = team(play, office)
    visit: Visit = visit_file(
        actor=officers[0],
        handler=office.unit,
        kind=VisitKind.SPECIAL,
        visited_on=moment.date(),
        enterprise=enterprise,
        officers=officers,
        officer_names=names,
        findings=[
            FindingInput(
                description=check.get("phrase") or check["description"],
                category=check["category"],
                legal_basis=check.get("basis", ""),
                photos=play.photo(moment, tidy=False),
                **fields,
            )
        ],
        signed_by=enterprise.safety_officer,
    )
    return visit.findings.get().hazard


def _hand_in(play: Play, pk: int, firm: Any) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        act(
            hazard,
            "submit",
            firm,
            play.photo(moment, tidy=True),
            rectification="已完成整改，请复查",
            rectifier=hazard.enterprise.safety_officer if hazard.enterprise else "",
            rectified_on=moment.date(),
        )

    return step


def _ask_and_wait(play: Play, pk: int, firm: Any) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        assert hazard.due_on is not None
        act(
            hazard,
            "request_extension",
            firm,
            requested_due_on=hazard.due_on + dt.timedelta(days=10),
            reason="厂家发货延迟，申请延期",
            interim_control="停用相关设备，专人看护",
        )

    return step


def _own_check(enterprise: Enterprise, town: Office, check: Any, firm: Any) -> Step:
    """企业自查: entered by the firm's own user, in the name of the town that looks after it."""

    def step(moment: dt.datetime) -> None:
        hazard_open(
            actor=firm,
            handler=town.unit,
            enterprise=enterprise,
            found_on=moment.date(),
            description=check["phrase"],
            category=check["category"],
            source=Source.SELF,
            due_on=moment.date() + dt.timedelta(days=15),
        )

    return step


def _draft(play: Play, office: Office) -> Step:
    """Begun on the spot and not yet ordered."""

    def step(moment: dt.datetime) -> None:
        enterprise, check = play.rng.choice(office.enterprises), play.rng.choice(vocabulary()["checks"]["通用"])
        hazard_open(
            actor=office.staff[0],
            handler=office.unit,
            enterprise=enterprise,
            found_on=moment.date(),
            description=check["phrase"],
            category=check["category"],
            legal_basis=check["basis"],
            draft=True,
        )

    return step


def _major(play: Play, enterprise: Enterprise, firm: Any) -> Step:
    """A major hazard with its five requirements; whether it is listed waits for the bureau's heads."""

    def step(moment: dt.datetime) -> None:
        year = moment.year
        standard = next(
            one
            for one in vocabulary()["majors"]
            if one["industry"] == str(enterprise.industry)
            and one.get("since", 0) <= year < one.get("until", dt.MAXYEAR)
        )
        hazard = _open(
            play,
            play.bureau,
            enterprise,
            standard,
            moment,
            grade=Grade.MAJOR,
            standard_code=standard["standard_code"],
            standard_item=standard["standard_item"],
            due_on=moment.date() + dt.timedelta(days=60),
        )
        play.at(workday(moment.date() + dt.timedelta(days=5)), _five(hazard.pk, firm))

    return step


def _five(pk: int, firm: Any) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        assert hazard.due_on is not None
        words = vocabulary()["five_requirements"]
        due = f"{hazard.due_on.year}年{hazard.due_on.month}月{hazard.due_on.day}日"
        values = {name: text.format(wan=18, due=due) for name, text in words.items()}
        act(hazard, "plan", firm, **values)

    return step
