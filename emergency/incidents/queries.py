"""Reads beside the ledger: how fast an accident was reported, and what waits for the bureau."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, QuerySet, When
from django.utils import timezone

from emergency.core import deadlines
from emergency.incidents.lifecycle import BUREAU_FILERS
from emergency.incidents.models import Accident, Status
from emergency.organizations.models import Kind
from emergency.organizations.scope import area_q, reach


@dataclasses.dataclass(frozen=True, slots=True)
class Reporting:
    """One leg of the way of a report: when it was made, how long it took, and whether that was in time."""

    label: str
    text: str
    late: bool


def reporting_of(record: Accident) -> list[Reporting]:
    """The two legs of 493号第九条 and 第十一条, a fact and no verdict: the hour runs from the accident, not from when its head heard."""
    legs = (
        ("事故单位报告", "accident.unit_to_bureau", record.occurred_at, record.reported_at),
        ("向上级报告", "accident.level_up", record.reported_at, record.passed_on_at),
    )
    found = []
    for label, key, start, made in legs:
        if start is None or made is None:
            continue
        due = deadlines.due(key, start)
        late = made > due.at  # type: ignore[operator]  # counts hours
        verdict = "超过" if late else "未超过"
        took = f"用时{span(made - start)}，{verdict}{due.rule.number}小时"
        found.append(Reporting(label, f"{timezone.localtime(made):%Y-%m-%d %H:%M}（{took}）", late))
    return found


def span(length: dt.timedelta) -> str:
    """A length of time as people say it: 1小时20分."""
    minutes = int(length.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    parts = ((days, "天"), (hours, "小时"), (rest, "分"))
    return "".join(f"{number}{word}" for number, word in parts if number) or "0分"


def _bureaus(user: Any) -> QuerySet[Accident]:
    """The accidents of the districts for whose bureau the user files."""
    roots = [
        post.root
        for post in reach(user).posts
        if post.role in BUREAU_FILERS and post.organisation.kind == Kind.BUREAU and post.root is not None
    ]
    if not roots:
        return Accident.objects.none()
    return Accident.objects.visible_to(user).filter(reduce(or_, [area_q(root) for root in roots]))


def to_verify(user: Any) -> QuerySet[Accident]:
    """快报 that nobody has verified yet, the oldest first."""
    return _bureaus(user).filter(status=Status.FLASH).order_by("occurred_on", "pk")


def to_close(user: Any) -> QuerySet[Accident]:
    """Verified and not closed; ``next_due`` is the clock that runs: the investigation's, then that of the reply."""
    next_due = Case(When(report_submitted_on=None, then=F("report_due_on")), default=F("reply_due_on"))
    waiting = _bureaus(user).filter(status=Status.VERIFIED).annotate(next_due=next_due)
    return waiting.order_by(F("report_due_on").asc(nulls_last=True), "pk")
