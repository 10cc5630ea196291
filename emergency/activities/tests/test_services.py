"""Registering, correcting and taking back; and the tree of categories."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from emergency.activities.lifecycle import LIFECYCLE
from emergency.activities.models import Activity, Category, Measure, Status
from emergency.activities.services import (
    activities_void,
    activity_act,
    activity_delete,
    activity_edit,
    category_create,
    category_update,
)
from emergency.activities.tests.factories import DAY, activity_make, category
from emergency.core import attachments, clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises.tests.factories import industry_make
from emergency.figures import vocabulary
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def make(cast: Cast, name: str = "officer_a", **fields: Any) -> Activity:
    handler = {"officer_a": cast.street_a, "bureau_clerk": cast.bureau, "department_clerk": cast.department}[name]
    return activity_make(actor=cast.person(name), handler=handler, **fields)


def messages_of(fault: Any) -> dict[str, list[str]]:
    return fault.value.message_dict


# ------------------------------------------------------------------------------------------------ registering


def test_a_registered_activity_is_placed_numbered_and_told(cast: Cast) -> None:
    record = make(cast, people=35, leader=" 周主任 ", leader_post="办事处主任")
    assert (record.number, record.status) == ("369901-GZ2021-0001", Status.FILED)
    assert (record.area, record.street, record.district) == (cast.street_a, cast.street_a, cast.district)
    assert (record.group_slug, record.category_slug) == ("training", "training_safety_officer")
    assert (record.leader, record.times, record.people) == ("周主任", 1, 35)
    assert [event.label for event in events_of(record)] == ["登记"]
    verbs = AuditEntry.objects.filter(verb__startswith="activity.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["activity.create", "activity.file"]
    assert make(cast).number == "369901-GZ2021-0002"


def test_under_a_group_itself_the_category_stays_blank(cast: Cast) -> None:
    record = make(cast, slug="document", title="安全生产责任清单")
    assert (record.group_slug, record.category_slug) == ("document", "")


@pytest.mark.parametrize("name", ["bureau_clerk", "department_clerk"])
def test_an_offices_work_lies_with_the_district(cast: Cast, name: str) -> None:
    record = make(cast, name)
    assert (record.area, record.street) == (cast.district, None)


def test_place_and_industry_come_from_the_subject(cast: Cast) -> None:
    cast.enterprise.industry = industry_make("工贸")
    cast.enterprise.save()
    record = make(
        cast, "bureau_clerk", slug="upgrade", title="升降机防坠器改造", quantity=1, enterprise=cast.enterprise
    )
    assert (record.area, record.industry.name, record.quantity_unit) == (cast.street_a, "工贸", "家")


REFUSED = [
    ({"started_on": dt.date(2021, 4, 1)}, "started_on", "不能晚于今天"),
    ({"ended_on": dt.date(2021, 4, 1)}, "ended_on", "不能晚于今天"),
    ({"ended_on": dt.date(2021, 3, 4)}, "ended_on", "不能早于开始日期"),
    ({"money": Decimal(100)}, "money", "不登记金额"),
    ({"problems": 3}, "problems", "不登记发现问题"),
    ({"slug": "publicity_poster"}, "quantity", "至少填写一项"),
    ({"slug": "publicity_poster", "quantity": 3, "quantity_unit": "份"}, "quantity_unit", "计量单位为“张”"),
    ({"slug": "investment_equipment", "quantity": 3, "money": 1}, "quantity_unit", "请填写计量单位"),
    ({"slug": "supervision_flood", "problems": 20, "rectified": 21}, "rectified", "不能大于发现问题数"),
    ({"slug": "supervision_flood", "rectified": 1}, "rectified", "不能大于发现问题数"),
    ({"title": "  "}, "title", "不能为空"),
    ({"level": "galaxy"}, "level", ""),
]


@pytest.mark.parametrize(("fields", "at", "words"), REFUSED)
def test_what_is_refused_stands_at_its_field_and_nothing_is_written(
    cast: Cast, fields: dict[str, Any], at: str, words: str
) -> None:
    with pytest.raises(ValidationError) as fault:
        make(cast, on=dt.date(2021, 3, 31), **fields)
    assert words in "".join(messages_of(fault)[at])
    assert not Activity.objects.exists()


def test_nobody_registers_for_another_unit_or_outside_the_area(cast: Cast) -> None:
    for name, handler in (("officer_b", cast.street_a), ("leader", cast.bureau), ("enterprise_user", cast.street_a)):
        with pytest.raises(PermissionDenied):
            activity_make(actor=cast.person(name), handler=handler)
    with pytest.raises(ValidationError, match="不在东门街道的管辖范围内"):
        make(cast, area=cast.street_b)
    with pytest.raises(ValidationError, match="没有这个监管对象"):
        activity_make(actor=cast.person("officer_b"), handler=cast.street_b, enterprise=cast.enterprise)
    assert not Activity.objects.exists()


def test_a_closed_category_takes_only_what_was_done_before(cast: Cast) -> None:
    Category.objects.filter(slug="training").update(closed_on=DAY)
    with pytest.raises(ValidationError, match="自2021-03-05起不再在这里登记"):
        make(cast)
    assert make(cast, started_on=DAY - dt.timedelta(days=1)).status == Status.FILED


def test_approximate_names_only_numbers_that_are_there(cast: Cast) -> None:
    record = make(cast, slug="publicity_poster", title="张贴海报", quantity=20, approximate=["times", "quantity"])
    assert record.approximate == [Measure.QUANTITY]


# ------------------------------------------------------------------------------------------------ drafts, corrections


def test_a_draft_needs_no_number_and_counts_nowhere_until_it_is_registered(cast: Cast) -> None:
    record = make(cast, slug="publicity_poster", title="张贴海报", draft=True)
    everything = Activity.objects.all()
    assert record.status == Status.DRAFT
    with pytest.raises(ValidationError, match="至少填写一项"):
        activity_act(queryset=everything, pk=record.pk, action="file", actor=cast.person("officer_a"))
    assert not Activity.objects.counted().exists()
    activity_edit(record=record, actor=cast.person("officer_a2"), quantity=20)
    activity_act(queryset=everything, pk=record.pk, action="file", actor=cast.person("officer_a2"))
    assert Activity.objects.counted().get().quantity == 20
    assert [event.label for event in events_of(record)] == ["存为草稿", "修改", "登记"]


def test_a_draft_is_deleted_by_its_unit_and_nothing_else_is(cast: Cast) -> None:
    paper = SimpleUploadedFile("议程.pdf", b"%PDF-1.4\n%%EOF\n")
    draft = make(cast, draft=True, files=[paper])
    with pytest.raises(PermissionDenied):
        activity_delete(record=draft, actor=cast.person("officer_b"))
    assert attachments.for_owner(draft).count() == 1
    activity_delete(record=draft, actor=cast.person("officer_a2"))
    with pytest.raises(ValidationError, match="只有草稿"):
        activity_delete(record=make(cast), actor=cast.person("officer_a"))
    assert Activity.objects.count() == 1


def test_a_correction_has_a_reason_and_keeps_what_was(cast: Cast) -> None:
    record = make(cast, people=35)
    with pytest.raises(ValidationError, match="更正原因"):
        activity_edit(record=record, actor=cast.person("officer_a"), people=36)
    done = activity_edit(record=record, actor=cast.person("officer_a2"), people=36, reason="签到表核对")
    assert done.people == 36
    event = events_of(record).last()
    assert (event.label, event.note, event.data) == ("更正", "签到表核对", {"fields": ["people"]})
    entry = AuditEntry.objects.get(verb="activity.correct")
    assert (entry.before, entry.after) == ({"people": 35}, {"people": 36})
    with pytest.raises(ValidationError, match="至少填写一项"):
        activity_edit(record=record, actor=cast.person("officer_a"), reason="清空", times=None, people=None)
    with pytest.raises(TypeError):
        activity_edit(record=record, actor=cast.person("officer_a"), reason="改", number="1")


def test_a_correction_may_move_it_to_another_category(cast: Cast) -> None:
    record = make(cast, people=35)
    with pytest.raises(ValidationError, match="不登记次数"):
        activity_edit(record=record, actor=cast.officer_a, reason="选错", category=category("publicity_poster"))
    done = activity_edit(
        record=record, actor=cast.officer_a, reason="选错", category=category("publicity_poster"), times=None,
        people=None, quantity=20,
    )  # fmt: skip
    assert (done.group_slug, done.category_slug, done.quantity_unit) == ("publicity", "publicity_poster", "张")


def test_who_corrects(cast: Cast) -> None:
    record = make(cast)
    for people, name in enumerate(Cast.NAMES, start=1):
        actor = cast.person(name)
        if name in {"officer_a", "officer_a2", "section_head", "leader"}:
            assert activity_edit(record=record, actor=actor, reason="核对", people=people).people == people
        else:
            before = Activity.objects.get().people
            with pytest.raises(PermissionDenied):
                activity_edit(record=record, actor=actor, reason="核对", people=people)
            assert Activity.objects.get().people == before


def test_void_rows_are_not_touched_again(cast: Cast) -> None:
    record = make(cast)
    activity_act(
        queryset=Activity.objects.all(), pk=record.pk, action="void", actor=cast.officer_a, data={"reason": "重复"}
    )
    with pytest.raises(PermissionDenied):
        activity_edit(record=record, actor=cast.officer_a, reason="核对", people=9)


# ------------------------------------------------------------------------------------------------ life-cycle


def may(name: str, status: str, action: str) -> bool:
    """By hand: the unit's people register a draft; the bureau's heads take back, and the author on the same day."""
    if (status, action) == (Status.DRAFT, "file"):
        return name in {"officer_a", "officer_a2"}
    if (status, action) == (Status.FILED, "void"):
        return name in {"section_head", "leader", "officer_a"}
    return False


@pytest.mark.parametrize("action", LIFECYCLE.actions())
@pytest.mark.parametrize("status", Status.values)
def test_every_status_action_and_person(cast: Cast, status: str, action: str) -> None:
    record, rows = make(cast), Activity.objects.all()
    for name in Cast.NAMES:
        rows.update(status=status, void_reason="重复" if status == Status.VOID else "")
        actor, events = cast.person(name), events_of(record).count()
        if may(name, status, action):
            done = activity_act(queryset=rows, pk=record.pk, action=action, actor=actor, data={"reason": "重复登记"})
            assert done.status == {"file": Status.FILED, "void": Status.VOID}[action]
            continue
        with pytest.raises((PermissionDenied, ValidationError)):
            activity_act(queryset=rows, pk=record.pk, action=action, actor=actor, data={"reason": "重复登记"})
        assert (rows.get().status, events_of(record).count()) == (status, events), name


def test_the_author_takes_back_on_the_same_day_only(cast: Cast) -> None:
    with clock.at(clock.now() - dt.timedelta(days=2)):
        record = make(cast)
    rows = Activity.objects.all()
    with pytest.raises(PermissionDenied):
        activity_act(queryset=rows, pk=record.pk, action="void", actor=cast.person("officer_a"), data={"reason": "错"})
    with pytest.raises(ValidationError):
        activity_act(queryset=rows, pk=record.pk, action="void", actor=cast.person("leader"), data={"reason": " "})
    assert (
        activities_void(queryset=rows, pks=[record.pk], actor=cast.person("leader"), reason="错")[0].void_reason == "错"
    )


# ------------------------------------------------------------------------------------------------ categories


def test_a_new_category_is_a_figure_from_the_commit_on(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    head = cast.person("section_head")
    with django_capture_on_commit_callbacks(execute=True):
        made = category_create(
            actor=head,
            parent=category("training"),
            name=" 应急队伍培训 ",
            order=40,
            times_word="期",
            people_word="人次",
        )
    figure = vocabulary.get(f"activities.{made.slug}.people")
    assert (figure.name, figure.unit) == ("应急队伍培训人次", "人次")
    with django_capture_on_commit_callbacks(execute=True):
        category_update(category=made, actor=head, people_word="")
    with pytest.raises(KeyError):
        vocabulary.get(f"activities.{made.slug}.people")
    vocabulary.forget()


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": "安全员培训", "times_word": "期"}, "__all__"),
        ({"name": "空"}, "times_word"),
        ({"name": " ", "times_word": "期"}, "name"),
        ({"name": "甲", "times_word": "期", "details": ["colour"]}, "details"),
    ],
)
def test_a_category_that_cannot_be(cast: Cast, fields: dict[str, Any], at: str) -> None:
    with pytest.raises(ValidationError) as fault:
        category_create(actor=cast.person("section_head"), parent=category("training"), **fields)
    assert at in messages_of(fault)


def test_there_are_two_levels_and_quantities_of_a_group_add_up(cast: Cast) -> None:
    head = cast.person("section_head")
    with pytest.raises(ValidationError, match="两级"):
        category_create(actor=head, parent=category("training_cadre"), name="甲", times_word="期")
    group = category_create(actor=head, name="装备维护", quantity_word="台")
    with pytest.raises(ValidationError, match="不能相加"):
        category_create(actor=head, parent=group, name="车辆", quantity_word="辆")
    assert category_create(actor=head, parent=group, name="水泵", quantity_word="台").group == group


def test_numbers_in_use_keep_their_words(cast: Cast) -> None:
    make(cast, slug="publicity_event", title="咨询日", people=200, quantity=500)
    head, event = cast.person("section_head"), category("publicity_event")
    for change, words in (
        ({"people_word": ""}, "不能清空"),
        ({"quantity_word": ""}, "不能清空"),
        ({"quantity_word": "册"}, "不能更改"),
    ):
        with pytest.raises(ValidationError, match=words):
            category_update(category=event, actor=head, **change)
    assert category_update(category=event, actor=head, people_word="人").people_word == "人"
    with pytest.raises(TypeError):
        category_update(category=event, actor=head, slug="event")


def test_only_section_heads_keep_the_tree(cast: Cast) -> None:
    for name in set(Cast.NAMES) - {"section_head"}:
        with pytest.raises(PermissionDenied):
            category_create(actor=cast.person(name), name="甲", times_word="次")
        with pytest.raises(PermissionDenied):
            category_update(category=category("meeting"), actor=cast.person(name), name="乙")
    assert not Category.objects.filter(name__in=["甲", "乙"]).exists()
