"""Opening, dividing, sweeping, voiding."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from emergency.core import attachments, clock, numbering
from emergency.core.audit import AuditEntry
from emergency.core.deadlines import DeadlineRule
from emergency.core.lifecycle import events_of
from emergency.organizations.tests.factories import Cast
from hazards.models import EntryMode, Grade, Hazard, Measure, PhotoKind, Source, Status
from hazards.services import (
    hazard_act,
    hazard_count_open,
    hazard_delete,
    hazard_edit,
    hazard_open,
    hazard_split,
    hazard_transfer,
    hazards_recheck,
    hazards_void,
)
from hazards.tests.factories import FOUND_ON, TODAY, count_make, hazard_in, hazard_make, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


# ------------------------------------------------------------------------------------------------ opening


def test_an_opened_hazard_takes_what_its_enterprise_tells(cast: Cast) -> None:
    hazard = hazard_make(cast, photos=[photo()])
    assert hazard.status == Status.RECTIFYING and hazard.issued_on == TODAY
    assert (hazard.area, hazard.street, hazard.district) == (cast.street_a, cast.street_a, cast.district)
    assert hazard.department == cast.department and hazard.subject_name == cast.enterprise.name
    assert hazard.found_by == hazard.created_by == cast.officer_a
    assert attachments.for_owner(hazard, PhotoKind.BEFORE).count() == 1
    assert list(events_of(hazard).values_list("action", "target")) == [("open", "draft"), ("issue", "rectifying")]
    assert AuditEntry.objects.filter(verb__in=["hazard.open", "hazard.issue"], target_id=hazard.pk).count() == 2


def test_numbers_rise_by_district_and_day_and_are_never_reused(cast: Cast) -> None:
    first, second = hazard_make(cast, draft=True), hazard_make(cast)
    assert (first.number, second.number) == ("369901-20260302-0001", "369901-20260302-0002")
    hazard_delete(record=first, actor=cast.officer_a)
    assert hazard_make(cast).number == "369901-20260302-0003"
    assert hazard_make(cast, found_on=TODAY).number == "369901-20260305-0001"
    numbering.raise_to("hazard:369901:20260302", 99)
    assert hazard_make(cast).number == "369901-20260302-0100"


def test_the_due_date_follows_the_rule_of_the_handlers_level(cast: Cast) -> None:
    assert hazard_make(cast).due_on == FOUND_ON + dt.timedelta(days=15)
    by_bureau = hazard_make(cast, actor=cast.bureau_clerk, handler=cast.bureau)
    assert by_bureau.due_on == FOUND_ON + dt.timedelta(days=30)
    DeadlineRule.objects.filter(key="hazard.rectify", level="street").update(number=7)
    assert hazard_make(cast).due_on == FOUND_ON + dt.timedelta(days=7)
    assert hazard_make(cast, measure=Measure.IMMEDIATE).due_on == FOUND_ON
    assert hazard_make(cast, due_on=TODAY).due_on == TODAY


def test_fixed_at_the_visit(cast: Cast) -> None:
    hazard = hazard_make(
        cast, on_site=True, rectifier="钱厂长", rectification="当场清理", photos=[photo()], after_photos=[photo()]
    )
    assert (hazard.status, hazard.closed_on, hazard.measure) == (Status.CLOSED, FOUND_ON, Measure.IMMEDIATE)
    assert set(attachments.for_owner(hazard).values_list("kind", "frozen")) == {("before", True), ("after", True)}


@pytest.mark.parametrize("missing", [{"photos": []}, {"after_photos": []}, {"rectifier": ""}, {"rectification": " "}])
def test_fixed_at_the_visit_is_all_or_nothing(cast: Cast, missing: dict[str, Any]) -> None:
    values = {"rectifier": "钱厂长", "rectification": "当场清理", "photos": [photo()], "after_photos": [photo()]}
    with pytest.raises(ValidationError):
        hazard_make(cast, on_site=True, **values | missing)
    assert not Hazard.objects.exists() and not numbering.Counter.objects.filter(key__startswith="hazard:").exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"enterprise": None}, "enterprise", "请选择受检单位，或填写地点"),
        ({"found_on": TODAY + dt.timedelta(days=1)}, "found_on", "不能晚于今天"),
        ({"due_on": FOUND_ON - dt.timedelta(days=1)}, "__all__", "整改期限不能早于发现日期"),
        ({"description": "  "}, "description", ""),
        ({"grade": Grade.MAJOR, "standard_code": ""}, "__all__", "判定标准"),
        ({"category": "nonsense"}, "category", ""),
    ],
)
def test_bad_input_opens_nothing(cast: Cast, changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as fault:
        hazard_make(cast, **changes)
    assert words in "".join(fault.value.message_dict[field])
    assert not Hazard.objects.exists()


@pytest.mark.parametrize("name", ["officer_b", "leader", "department_clerk", "enterprise_user", "system_admin"])
def test_only_officers_of_the_handler_open(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        hazard_make(cast, actor=cast.person(name))
    assert not Hazard.objects.exists()


def test_the_firm_opens_its_own_check_and_nobody_elses(cast: Cast) -> None:
    user = cast.person("enterprise_user")
    assert hazard_make(cast, actor=user, source=Source.SELF).status == Status.RECTIFYING
    with pytest.raises(PermissionDenied):
        hazard_make(cast, actor=user, source=Source.SELF, enterprise=None, place="隔壁厂")


def test_a_draft_is_changed_until_it_is_ordered(cast: Cast) -> None:
    draft = hazard_make(cast, draft=True)
    changed = hazard_edit(record=draft, actor=cast.officer_a, description="配电箱门损坏", area=cast.community_a)
    assert (changed.description, changed.area, changed.street) == ("配电箱门损坏", cast.community_a, cast.street_a)
    with pytest.raises(PermissionDenied):
        hazard_edit(record=draft, actor=cast.officer_b, description="别处")
    with pytest.raises(PermissionDenied):
        hazard_delete(record=draft, actor=cast.bureau_clerk)
    ordered = hazard_make(cast)
    with pytest.raises(ValidationError):
        hazard_edit(record=ordered, actor=cast.officer_a, description="改写历史")
    with pytest.raises(ValidationError):
        hazard_delete(record=ordered, actor=cast.officer_a)


def test_a_draft_whose_photo_is_refused_stays_as_it_was(cast: Cast) -> None:
    draft = hazard_make(cast, draft=True)
    hazard_edit(record=draft, actor=cast.officer_a, photos=[photo()])
    assert attachments.for_owner(draft, PhotoKind.BEFORE).count() == 1
    empty = SimpleUploadedFile("空.png", b"", content_type="image/png")
    with pytest.raises(ValidationError):
        hazard_edit(record=draft, actor=cast.officer_a, description="改过的描述", photos=[empty])
    assert Hazard.objects.get(pk=draft.pk).description == draft.description


def test_a_count_is_opened_in_two_parts(cast: Cast) -> None:
    parts = hazard_count_open(
        actor=cast.officer_a,
        handler=cast.street_a,
        area=cast.street_a,
        found_on=FOUND_ON,
        quantity=5,
        rectified=3,
        on=TODAY,
    )
    assert [(one.quantity, one.status, one.closed_on) for one in parts] == [
        (3, Status.CLOSED, FOUND_ON),
        (2, Status.RECTIFYING, None),
    ]
    assert {one.entry_mode for one in parts} == {EntryMode.COUNT} and parts[0].number != parts[1].number
    with pytest.raises(ValidationError):
        hazard_count_open(
            actor=cast.officer_a, handler=cast.street_a, area=None, found_on=FOUND_ON, quantity=1, rectified=2, on=TODAY
        )


# ------------------------------------------------------------------------------------------------ dividing


def total() -> int:
    return sum(Hazard.objects.counted().values_list("quantity", flat=True))


def test_a_part_is_split_off_and_the_sum_stays(cast: Cast) -> None:
    row = count_make(cast, 5)
    part = hazard_split(queryset=Hazard.objects.all(), pk=row.pk, quantity=2, actor=cast.officer_a)
    row.refresh_from_db()
    assert (row.quantity, part.quantity, part.split_from, total()) == (3, 2, row, 5)
    assert part.number != row.number and part.due_on == row.due_on


def test_one_of_a_row_becomes_an_item(cast: Cast) -> None:
    row = count_make(cast, 2)
    options = {
        "queryset": Hazard.objects.all(),
        "pk": row.pk,
        "quantity": 1,
        "actor": cast.officer_a,
        "entry_mode": "item",
    }
    item = hazard_split(**options, description="灭火器过期", place="三号仓库")
    row.refresh_from_db()
    assert (item.entry_mode, item.subject_name, row.quantity, total()) == (EntryMode.ITEM, "三号仓库", 1, 2)
    last = hazard_split(**options, description="通道堵塞")
    assert (last.pk, last.entry_mode, total()) == (row.pk, EntryMode.ITEM, 2)


@pytest.mark.parametrize(("quantity", "mode"), [(0, "count"), (3, "count"), (4, "count"), (2, "item"), (-1, "count")])
def test_no_more_is_split_than_there_is(cast: Cast, quantity: int, mode: str) -> None:
    row = count_make(cast, 3)
    with pytest.raises(ValidationError):
        hazard_split(
            queryset=Hazard.objects.all(),
            pk=row.pk,
            quantity=quantity,
            actor=cast.officer_a,
            entry_mode=mode,
            description="一",
        )
    assert Hazard.objects.get().quantity == 3


def test_only_open_rows_of_ones_own_unit_are_split(cast: Cast) -> None:
    row = count_make(cast, 3)
    with pytest.raises(PermissionDenied):
        hazard_split(queryset=Hazard.objects.all(), pk=row.pk, quantity=1, actor=cast.officer_b)
    with pytest.raises(ValidationError):
        hazard_split(queryset=Hazard.objects.all(), pk=hazard_make(cast).pk, quantity=1, actor=cast.officer_a)


def test_handing_in_some_of_a_row_splits_it(cast: Cast) -> None:
    row = count_make(cast, 5)
    part = hazard_act(
        queryset=Hazard.objects.visible_to(cast.officer_a),
        pk=row.pk,
        action="submit",
        actor=cast.officer_a,
        data={"rectification": "已清理", "rectifier": "各户", "rectified_on": TODAY, "quantity": 4},
        photos=[photo()],
    )
    row.refresh_from_db()
    assert (part.quantity, part.status, row.quantity, row.status) == (4, Status.REVIEW, 1, Status.RECTIFYING)


# ------------------------------------------------------------------------------------------------ several at once


def test_a_sweep_judges_all_under_one_signature(cast: Cast) -> None:
    first, second = hazard_in(cast, Status.REVIEW), hazard_in(cast, Status.REVIEW)
    later = TODAY + dt.timedelta(days=9)
    done = hazards_recheck(
        queryset=Hazard.objects.visible_to(cast.officer_a),
        verdicts={
            first.pk: {"action": "pass", "opinion": "已整改到位"},
            second.pk: {"action": "fail", "opinion": "仍有堆物", "due_on": later},
        },
        actor=cast.officer_a,
        photos=[photo("复查.png")],
        signed_by="钱厂长",
        signature=[photo("签字.png")],
    )
    assert [(one.status, one.due_on) for one in done] == [(Status.CLOSED, first.due_on), (Status.RECTIFYING, later)]
    for one in done:
        assert set(attachments.for_owner(one, PhotoKind.REVIEW).values_list("name", flat=True)) == {"复查.png"}
        assert attachments.for_owner(one, PhotoKind.SIGNATURE).count() == 1
        last = events_of(one).last()
        assert last.data["signed_by"] == "钱厂长" and last.data["sweep"] == [first.pk, second.pk]


def test_a_sweep_is_all_or_nothing(cast: Cast) -> None:
    good, bad = hazard_in(cast, Status.REVIEW), hazard_in(cast, Status.RECTIFYING)
    with pytest.raises(ValidationError) as fault:
        hazards_recheck(
            queryset=Hazard.objects.all(),
            verdicts={one.pk: {"action": "pass", "opinion": "合格"} for one in (good, bad)},
            actor=cast.officer_a,
        )
    assert bad.number in fault.value.messages[0]
    good.refresh_from_db()
    assert good.status == Status.REVIEW


def test_a_sweep_stays_with_one_subject(cast: Cast) -> None:
    here, there = (
        hazard_in(cast, Status.REVIEW),
        hazard_in(cast, Status.REVIEW, enterprise=None, place="南门市场", area=cast.street_a),
    )
    verdicts = {one.pk: {"action": "pass", "opinion": "合格"} for one in (here, there)}
    with pytest.raises(ValidationError, match="同一单位"):
        hazards_recheck(queryset=Hazard.objects.all(), verdicts=verdicts, actor=cast.officer_a)
    with pytest.raises(Hazard.DoesNotExist):
        hazards_recheck(queryset=Hazard.objects.visible_to(cast.officer_b), verdicts=verdicts, actor=cast.officer_b)
    with pytest.raises(ValidationError, match="至少"):
        hazards_recheck(queryset=Hazard.objects.all(), verdicts={}, actor=cast.officer_a)


def test_several_are_voided_together_or_not_at_all(cast: Cast) -> None:
    rows = [hazard_make(cast), hazard_make(cast)]
    pks = [one.pk for one in rows]
    with pytest.raises(PermissionDenied):
        hazards_void(queryset=Hazard.objects.all(), pks=pks, actor=cast.officer_a, reason="重复")
    voided = hazards_void(queryset=Hazard.objects.visible_to(cast.leader), pks=pks, actor=cast.leader, reason="重复")
    assert {one.status for one in voided} == {Status.VOID}
    with pytest.raises(ValidationError):
        hazards_void(queryset=Hazard.objects.all(), pks=[hazard_make(cast).pk, *pks], actor=cast.leader, reason="重复")
    assert Hazard.objects.filter(status=Status.VOID).count() == 2


def test_a_transfer_by_the_bureau(cast: Cast) -> None:
    hazard = hazard_make(cast)
    moved = hazard_transfer(
        queryset=Hazard.objects.visible_to(cast.leader),
        pk=hazard.pk,
        actor=cast.leader,
        handler=cast.street_b,
        reason="跨界",
    )
    assert moved.handler == cast.street_b and moved.street == cast.street_a
    assert Hazard.objects.visible_to(cast.person("officer_b")).filter(pk=hazard.pk).exists()


def test_a_part_divided_while_it_waits_for_the_check_brings_its_photos(cast: Cast) -> None:
    row = count_make(cast, 3)
    submitted = hazard_act(
        queryset=Hazard.objects.all(),
        pk=row.pk,
        action="submit",
        actor=cast.person("officer_a"),
        data={"rectification": "已清理", "rectifier": "钱厂长", "rectified_on": FOUND_ON},
        photos=[photo("整改后.png")],
        on=TODAY,
    )
    part = hazard_split(queryset=Hazard.objects.all(), pk=submitted.pk, quantity=1, actor=cast.person("officer_a2"))
    passed = hazard_act(
        queryset=Hazard.objects.all(),
        pk=part.pk,
        action="pass",
        actor=cast.person("officer_a2"),
        data={"opinion": "整改到位", "reviewed_on": TODAY},
        on=TODAY,
    )
    assert (passed.status, passed.quantity) == (Status.CLOSED, 1)
    assert attachments.for_owner(part).count() == attachments.for_owner(submitted).count() > 0


def test_what_a_unit_registers_lies_in_its_own_area(cast: Cast) -> None:
    where: dict[str, Any] = {"actor": cast.officer_a, "handler": cast.street_a, "area": cast.street_b, "on": TODAY}
    with pytest.raises(ValidationError, match="管辖范围内"):
        hazard_open(**where, found_on=FOUND_ON, place="河堤", description="护栏缺失")
    with pytest.raises(ValidationError, match="管辖范围内"):
        hazard_count_open(**where, found_on=FOUND_ON, quantity=2)
    draft = hazard_make(cast, draft=True)
    with pytest.raises(ValidationError, match="管辖范围内"):
        hazard_edit(record=draft, actor=cast.officer_a, area=cast.street_b, on=TODAY)
    assert Hazard.objects.get().area == cast.street_a
