"""Who opens campaigns, how they hang together, and who sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.organizations.models import Role
from emergency.organizations.tests.factories import Cast, person_make
from emergency.programmes.models import Programme
from emergency.programmes.services import campaign_create, campaign_update
from emergency.programmes.tests.factories import campaign_make

pytestmark = pytest.mark.django_db


def create(cast: Cast, who: str = "section_head", **fields: Any) -> Programme:
    fields = {"name": "自建房整治", "owner": cast.bureau, "start": dt.date(2026, 1, 1)} | fields
    return campaign_create(actor=cast.person(who), **fields)


def update(cast: Cast, programme: Programme, who: str = "section_head", **fields: Any) -> Programme:
    fields = {
        "name": programme.name,
        "start": programme.start,
        "end": programme.end,
        "parent": programme.parent,
    } | fields
    return campaign_update(programme=programme, actor=cast.person(who), **fields)


@pytest.mark.parametrize("who", Cast.NAMES)
def test_only_the_bureaus_section_head_opens_and_changes_one(cast: Cast, who: str) -> None:
    standing = campaign_make(cast)
    if who == "section_head":
        assert create(cast, who).owner == cast.bureau
        assert update(cast, standing, who, note="第二阶段").note == "第二阶段"
    else:
        with pytest.raises(PermissionDenied):
            create(cast, who)
        with pytest.raises(PermissionDenied):
            update(cast, standing, who, note="第二阶段")
        assert list(Programme.objects.values_list("name", "note")) == [(standing.name, "")]


def test_the_committees_office_opens_one_and_a_departments_section_head_does_not(cast: Cast) -> None:
    office = person_make("office", Role.COMMITTEE_OFFICE, cast.bureau)
    section = person_make("section", Role.SECTION_HEAD, cast.department)
    fields: dict[str, Any] = {"name": "自建房整治", "start": dt.date(2026, 1, 1)}
    assert campaign_create(owner=cast.bureau, actor=office, **fields).created_by == office
    with pytest.raises(PermissionDenied):
        campaign_create(owner=cast.department, actor=section, **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "危险化学品百日行动"}, "本单位已有同名专项行动"),
        ({"end": dt.date(2025, 12, 31)}, "结束日期不能早于开始日期"),
        ({"name": " "}, "name"),
    ],
)
def test_a_fault_is_told_and_nothing_is_written(cast: Cast, fields: dict[str, Any], words: str) -> None:
    campaign_make(cast)
    with pytest.raises(ValidationError) as fault:
        create(cast, **fields)
    assert words in str(fault.value)
    assert Programme.objects.count() == 1


def test_opening_and_changing_leave_event_and_log(cast: Cast) -> None:
    made = create(cast)
    update(cast, made, name="自建房专项整治")
    update(cast, made, name="自建房专项整治")
    assert [event.label for event in events_of(made)] == ["登记", "变更"]
    verbs = AuditEntry.objects.filter(target_type="programmes.programme").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["programme.create", "programme.update"]


def test_campaigns_hang_together_in_three_levels_without_a_circle(cast: Cast) -> None:
    top = create(cast, name="甲")
    middle = create(cast, name="乙", parent=top)
    low = create(cast, name="丙", parent=middle)
    with pytest.raises(ValidationError, match="最多3级"):
        create(cast, name="丁", parent=low)
    for parent in (top, middle, low):
        with pytest.raises(ValidationError, match="不能是本行动或它的下级"):
            update(cast, top, parent=parent)
    above = create(cast, name="戊")
    with pytest.raises(ValidationError, match="最多3级"):
        update(cast, top, parent=above)
    assert set(Programme.objects.with_children_of(top.pk)) == {top, middle, low}


def test_published_ones_go_down_and_drafts_stay_in_their_office(cast: Cast) -> None:
    shown, draft = campaign_make(cast), campaign_make(cast, "还在起草", published=False)
    seen = {name: set(Programme.objects.visible_to(cast.person(name))) for name in Cast.NAMES}
    for name in ("bureau_clerk", "section_head", "leader"):
        assert seen[name] == {shown, draft}
    for name in ("officer_a", "officer_b", "community_officer", "department_clerk"):
        assert seen[name] == {shown}
    for name in ("enterprise_user", *Cast.ADMINISTRATORS):
        assert seen[name] == set()


def test_a_draft_of_another_office_cannot_be_a_parent(cast: Cast) -> None:
    foreign = campaign_make(cast, "工信起草", owner=cast.department, published=False)
    with pytest.raises(ValidationError, match="请从可选的专项行动中选择"):
        create(cast, parent=foreign)


@pytest.mark.parametrize(
    ("fields", "on", "label"),
    [
        ({}, dt.date(2025, 12, 31), "未开始"),
        ({}, dt.date(2026, 1, 1), "进行中"),
        ({"end": dt.date(2026, 3, 31)}, dt.date(2026, 3, 31), "进行中"),
        ({"end": dt.date(2026, 3, 31)}, dt.date(2026, 4, 1), "已结束"),
        ({"published": False}, dt.date(2026, 1, 1), "未发布"),
    ],
)
def test_the_stage_follows_from_the_days(fields: dict[str, Any], on: dt.date, label: str) -> None:
    assert Programme(name="甲", start=dt.date(2026, 1, 1), **fields).stage(on)[0] == label
