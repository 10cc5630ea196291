"""What becomes of a hazard in the acted weeks: handed in, re-checked, sent back, given more time, or left undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.stage import Play, Step, workday
from hazards.models import OPEN_STATUSES, Hazard, Status
from hazards.services import hazard_act


def plan_hazard(play: Play, hazard: Hazard) -> None:
    """Most are handed in in time, some late, some never; a few firms ask for more time."""
    rng, due = play.rng, hazard.due_on
    assert due is not None  # every order names its last day
    fate = rng.random()
    term = max((due - hazard.found_on).days, 1)
    if fate < 0.75:
        play.at(workday(hazard.found_on + dt.timedelta(days=rng.randint(1, term))), submit(play, hazard.pk))
    elif fate < 0.83:
        play.at(workday(due), _ask_extension(play, hazard.pk), (9, 12))
    elif fate < 0.93:
        play.at(due + dt.timedelta(days=rng.randint(1, 8)), submit(play, hazard.pk))


def current(pk: int) -> Hazard:
    return Hazard.objects.select_related("handler__parent", "enterprise").get(pk=pk)


def _firm_or_officer(play: Play, hazard: Hazard) -> Any:
    """The enterprise's own user where it has one, else an officer who enters it for the firm."""
    return play.firms.get(hazard.enterprise_id or 0) or play.rng.choice(play.offices[hazard.handler_id].staff)


def act(hazard: Hazard, action: str, actor: Any, photos: Iterable[Any] = (), **data: Any) -> Hazard:
    return hazard_act(
        queryset=Hazard.objects.visible_to(actor),
        pk=hazard.pk,
        action=action,
        actor=actor,
        data=data,
        photos=list(photos),
    )


def submit(play: Play, pk: int) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        if hazard.status not in OPEN_STATUSES or hazard.rectified_on is not None or moment.date() < hazard.found_on:
            return
        fixes = {one["phrase"]: one["fix"] for lines in vocabulary()["checks"].values() for one in lines}
        actor = _firm_or_officer(play, hazard)
        act(
            hazard,
            "submit",
            actor,
            play.photo(moment, tidy=True),
            rectification=fixes.get(hazard.description, "已按要求整改完毕"),
            rectifier=hazard.enterprise.safety_officer if hazard.enterprise else "",
            rectified_on=moment.date(),
        )
        if play.rng.random() < 0.9:
            play.at(workday(moment.date() + dt.timedelta(days=play.rng.randint(2, 7))), _review(play, pk, actor))

    return step


def _review(play: Play, pk: int, submitted_by: Any) -> Step:
    """By a colleague of the one who entered the repair; where there is none, by the bureau."""

    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        office = play.offices[hazard.handler_id]
        colleagues = [one for one in office.staff if one.pk != submitted_by.pk]
        actor = play.rng.choice(colleagues or play.bureau.staff)
        if play.rng.random() < 0.92:
            act(hazard, "pass", actor, opinion="现场复查，已整改到位，同意销号")
            return
        due_on = moment.date() + dt.timedelta(days=7)
        act(hazard, "fail", actor, opinion="整改不彻底，仍需完善", due_on=due_on)
        play.at(workday(due_on), submit(play, pk))

    return step


def _ask_extension(play: Play, pk: int) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        if hazard.status != Status.RECTIFYING or hazard.due_on is None or moment.date() > hazard.due_on:
            return
        actor = _firm_or_officer(play, hazard)
        new_due = hazard.due_on + dt.timedelta(days=10)
        act(
            hazard,
            "request_extension",
            actor,
            requested_due_on=new_due,
            reason="配件采购周期较长，需延期整改",
            interim_control="停用相关设备，设置警戒并安排专人看护",
        )
        colleagues = [one for one in play.offices[hazard.handler_id].staff if one.pk != actor.pk]
        if colleagues:
            play.at(workday(moment.date() + dt.timedelta(days=3)), _decide(play, pk, play.rng.choice(colleagues)))
            play.at(workday(new_due), submit(play, pk))

    return step


def _decide(play: Play, pk: int, actor: Any) -> Step:
    def step(moment: dt.datetime) -> None:
        hazard = current(pk)
        if hazard.status == Status.EXTENSION:
            act(hazard, "approve_extension", actor)

    return step
