"""The short life of an activity: 草稿 → 已登记 → 已作废. What was registered wrongly is put right by ``services.activity_edit`` (更正)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from emergency.activities.models import Activity, Category, Status
from emergency.core import clock
from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.organizations.models import Kind, Role
from emergency.organizations.scope import FILERS, holds, reach
from hazards.lifecycle import is_bureau_head

EDITORS = (Role.SECTION_HEAD, Role.COMMITTEE_OFFICE)


def may_edit_categories(user: Any) -> bool:
    """科室负责人 and 安委办 of a bureau: every unit registers under the same tree."""
    return any(
        post.role in EDITORS and post.organisation.kind in (Kind.BUREAU, Kind.COMMITTEE) for post in reach(user).posts
    )


def keeps(user: Any, record: Activity) -> bool:
    """Who files for the unit that acted."""
    return holds(user, FILERS, record.handler)


def wrote_it_today(user: Any, record: Activity) -> bool:
    """Its author, on the day of registration, while still in post: a slip of the hand needs nobody else."""
    today = timezone.localdate(record.created_at) == clock.today()
    return today and record.created_by_id == user.pk and keeps(user, record)


def may_edit(user: Any, record: Activity) -> bool:
    """A draft, or the correction of what was registered: the unit's own people; a correction also the heads of the bureau."""
    if record.status == Status.VOID:
        return False
    return keeps(user, record) or (record.status == Status.FILED and is_bureau_head(user, record))


def require_open(category: Category, started_on: dt.date) -> None:
    """From the day on which its work got a ledger of its own a category is closed here. Raises ``ValidationError``."""
    closed_on = category.closed_for(started_on)
    if closed_on is not None:
        raise ValidationError(
            {"category": f"“{category.path}”自{closed_on.isoformat()}起不再在这里登记，请在专门的台账登记。"}
        )


def require_number(record: Activity) -> None:
    """A registered row counts for something: at least one of the numbers that its category keeps. Raises ``ValidationError``."""
    measures = record.category.measures
    if not any(record.value(measure) is not None for measure in measures):
        words = "、".join(record.category.labels)
        raise ValidationError({str(measures[0]): f"至少填写一项：{words}。"})


def category_is_open(move: Move) -> None:
    require_open(move.record.category, move.record.started_on)


def counts_for_something(move: Move) -> None:
    require_number(move.record)


def void(move: Move) -> None:
    move.record.void_reason = move.data["reason"]


KEEPER = Who("keeper", "开展单位人员", keeps)
BUREAU_HEAD = Who("bureau_head", "应急管理局负责人", is_bureau_head)
AUTHOR = Who("author", "登记人（登记当天）", wrote_it_today)

LIFECYCLE = Lifecycle(
    "activity",
    [
        Transition(
            "file",
            "登记",
            (Status.DRAFT,),
            Status.FILED,
            (KEEPER,),
            guards=(category_is_open, counts_for_something),
            needs_form=False,
        ),
        Transition(
            "void",
            "作废",
            (Status.FILED,),
            Status.VOID,
            (BUREAU_HEAD, AUTHOR),
            required=("reason",),
            apply=void,
            tone="grey",
        ),
    ],
)
