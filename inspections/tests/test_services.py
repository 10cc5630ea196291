"""Filing, bulk filing, correction and void of visits; checklists."""

from __future__ import annotations

import datetime as dt
import io
import threading
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from emergency.core import attachments, clock
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.organizations.models import Role
from emergency.organizations.tests.factories import Cast, fresh, person_make
from emergency.programmes.models import Programme
from hazards.models import EntryMode as HazardMode
from hazards.models import Hazard, Source, Status
from hazards.services import hazard_act
from inspections.models import EntryMode, Finding, PhotoKind, Result, Visit, VisitKind
from inspections.services import (
    FindingRefused,
    ItemInput,
    checklist_save,
    visit_bulk_file,
    visit_edit,
    visit_file,
    visit_void,
)
from inspections.tests.factories import bulk_make, checklist_make, finding, visit_make

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 3, 5)


def photo(colour: str = "red") -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(target, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", target.getvalue(), "image/jpeg")


@pytest.fixture(autouse=True)
def that_day() -> Any:
    with clock.at(dt.datetime(2021, 3, 5, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))):
        yield


def daily(cast: Cast, **fields: Any) -> Visit:
    """A daily check of the enterprise by both officers of street A."""
    given = {
        "actor": cast.person("officer_a"),
        "handler": cast.street_a,
        "kind": VisitKind.DAILY,
        "visited_on": DAY,
        "enterprise": cast.enterprise,
        "officers": [cast.officer_a, cast.officer_a2],
    }
    return visit_file(**(given | fields))


# ------------------------------------------------------------------------------------------------ filing


def test_a_visit_takes_place_and_industry_from_the_enterprise(cast: Cast) -> None:
    visit = daily(cast)
    assert (visit.area, visit.street, visit.district) == (cast.street_a, cast.street_a, cast.district)
    assert visit.department == cast.department
    assert visit.subject_name == "东门机械厂"
    assert visit.officer_names == "周安全员、吴安全员"
    assert visit.number == f"369901001-{cast.officer_a.pk}-20210305-001-00"
    assert [event.label for event in events_of(visit)] == ["登记"]
    assert AuditEntry.objects.filter(verb="visit.create", target_id=visit.pk).count() == 1


def test_a_visit_with_findings_opens_hazards_and_keeps_files(cast: Cast) -> None:
    campaign = Programme.objects.create(
        name="百日攻坚", owner=cast.bureau, start=DAY, created_by=cast.bureau_clerk, created_at=clock.now()
    )
    checklist = checklist_make(actor=cast.section_head)
    first, second, third = checklist.items.all()
    visit = daily(
        cast,
        checklist=checklist,
        results={first.pk: Result.PASS, second.pk: Result.PROBLEM, third.pk: Result.NOT_APPLICABLE},
        campaigns=[campaign],
        findings=[
            finding("安全通道堵塞", item=second.pk, photos=[photo()]),
            finding(
                "灭火器箱上锁",
                on_site=True,
                rectifier="钱厂长",
                rectification="当场开锁",
                photos=[photo("blue")],
                after_photos=[photo("green")],
            ),
        ],
        photos=[photo("white")],
        signature=[photo("black")],
        signed_by="钱厂长",
    )
    opened, fixed = [one.hazard for one in Finding.objects.filter(visit=visit).order_by("pk")]
    assert (opened.status, fixed.status) == (Status.RECTIFYING, Status.CLOSED)
    assert opened.source == Source.INSPECTION
    assert opened.found_on == DAY
    assert opened.enterprise == cast.enterprise
    assert opened.due_on is not None
    assert list(opened.campaigns.all()) == list(visit.campaigns.all()) == [campaign]
    assert Finding.objects.get(hazard=opened).result.item == second
    assert [line.result for line in visit.results.all()] == ["pass", "problem", "na"]
    assert attachments.for_owner(visit, PhotoKind.SCENE).count() == 1
    assert attachments.for_owner(visit, PhotoKind.SIGNATURE).count() == 1
    assert attachments.for_owner(opened).count() == 1
    assert attachments.for_owner(fixed).count() == 2


def test_the_same_client_id_again_is_the_same_visit(cast: Cast) -> None:
    client_id = uuid.uuid4()
    first = daily(cast, client_id=client_id, findings=[finding()])
    second = daily(cast, client_id=client_id, findings=[finding(), finding("另一条")])
    assert second.pk == first.pk
    assert (Visit.objects.count(), Hazard.objects.count()) == (1, 1)
    with pytest.raises(ValidationError, match="已由他人提交"):
        daily(cast, actor=cast.person("officer_a2"), client_id=client_id)


def test_a_refused_finding_leaves_nothing_and_names_its_row(cast: Cast) -> None:
    with pytest.raises(FindingRefused) as caught:
        daily(cast, findings=[finding(), finding("重大隐患无标准", grade="major")], photos=[photo()])
    assert caught.value.index == 1
    assert "判定标准" in "".join(caught.value.messages)
    assert not Visit.objects.exists()
    assert not Hazard.objects.exists()
    assert not attachments.for_owner(Visit(pk=1)).exists()


def test_serials_rise_within_an_officers_day(cast: Cast) -> None:
    numbers = [daily(cast).number, daily(cast).number, daily(cast, visited_on=DAY - dt.timedelta(days=1)).number]
    assert [number.split("-")[2:4] for number in numbers] == [
        ["20210305", "001"],
        ["20210305", "002"],
        ["20210304", "001"],
    ]


def test_a_devices_number_stays_and_is_taken_once(cast: Cast) -> None:
    number = f"369901001-{cast.officer_a.pk}-20210305-001-A7"
    assert daily(cast, number=number).number == number
    with pytest.raises(ValidationError, match="已被使用"):
        daily(cast, number=number)


@pytest.mark.parametrize(
    "wrong", ["abc", "369901001-0-20210305-001-A7", "369901001-{pk}-20210304-001-A7", "369901001-{pk}-20210305-001-00"]
)
def test_a_devices_number_must_be_its_own(cast: Cast, wrong: str) -> None:
    with pytest.raises(ValidationError, match="检查编号"):
        daily(cast, number=wrong.format(pk=cast.officer_a.pk))
    assert not Visit.objects.exists()


# ------------------------------------------------------------------------------------------------ who and what


@pytest.mark.parametrize("name", [name for name in Cast.NAMES if name not in ("officer_a", "officer_a2")])
def test_only_the_units_own_filers_file(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        daily(cast, actor=cast.person(name))
    assert not Visit.objects.exists()


def test_administrative_kinds_take_two_people(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="不得少于两人"):
        daily(cast, officers=[cast.officer_a])
    assert daily(cast, officers=[cast.officer_a], officer_names=["借调人员甲"]).officer_names == "周安全员、借调人员甲"
    assert daily(cast, officers=[cast.officer_a], kind=VisitKind.PATROL)


def test_one_person_named_twice_is_one(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="不得少于两人"):
        daily(cast, officers=[cast.officer_a], officer_names=["周安全员"])


def test_somebody_was_there(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="请填写检查人员"):
        daily(cast, officers=[], kind=VisitKind.SERVICE)


def test_the_bureau_inspects_with_two_certificates(cast: Cast) -> None:
    clerk = cast.person("bureau_clerk")
    given = {"actor": clerk, "handler": cast.bureau, "officers": [clerk, cast.section_head]}
    with pytest.raises(ValidationError, match="持执法证"):
        daily(cast, **given)
    enforcers = [person_make(f"enforcer{n}", Role.ENFORCER, cast.bureau) for n in range(2)]
    assert daily(cast, **(given | {"officers": enforcers}))
    assert daily(cast, **(given | {"officers": [clerk], "officer_names": ["持证人员甲", "持证人员乙"]}))
    assert daily(cast, **(given | {"kind": VisitKind.SERVICE}))


def test_village_staff_do_not_inspect(cast: Cast) -> None:
    officer = cast.person("community_officer")
    given = {
        "actor": officer,
        "handler": cast.community_a,
        "enterprise": None,
        "place": "桥头菜市场",
        "officers": [officer, cast.officer_a],
    }
    with pytest.raises(ValidationError, match="社区（村）不实施行政检查"):
        daily(cast, **given)
    assert daily(cast, **given, kind=VisitKind.PATROL).area == cast.community_a


def test_towns_without_delegated_power_file_other_kinds(cast: Cast, settings: Any) -> None:
    settings.STREETS_MAY_INSPECT = False
    with pytest.raises(ValidationError, match="未获委托执法"):
        daily(cast)
    assert daily(cast, kind=VisitKind.SERVICE)


def test_a_town_does_not_inspect_its_neighbour(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="管辖范围"):
        daily(cast, enterprise=None, place="某店", area=cast.street_b)
    with pytest.raises(ValidationError, match="管辖范围"):
        daily(cast, actor=cast.person("officer_b"), handler=cast.street_b)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"visited_on": DAY + dt.timedelta(days=1)}, "不能晚于今天"),
        ({"enterprise": None}, "请选择受检单位"),
        (
            {
                "started_at": dt.datetime(2021, 3, 5, 3, tzinfo=dt.UTC),
                "ended_at": dt.datetime(2021, 3, 5, 2, tzinfo=dt.UTC),
            },
            "结束时间不能早于开始时间",
        ),
        ({"results": {0: "pass"}}, "检查表已变更"),
    ],
)
def test_contradictions_are_refused(cast: Cast, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        daily(cast, **fields)
    assert not Visit.objects.exists()


def test_a_finding_of_a_line_that_passed_is_refused(cast: Cast) -> None:
    checklist = checklist_make(actor=cast.section_head)
    item = checklist.items.first()
    with pytest.raises(FindingRefused, match="未标为"):
        daily(cast, checklist=checklist, results={item.pk: Result.PASS}, findings=[finding(item=item.pk)])


# ------------------------------------------------------------------------------------------------ bulk


def test_a_bulk_row_opens_hazards_by_count(cast: Cast) -> None:
    visit = bulk_make(
        actor=cast.person("officer_a"),
        handler=cast.street_a,
        on=DAY,
        quantity=40,
        groups=4,
        person_times=16,
        found=12,
        major_found=2,
        rectified=9,
        major_rectified=1,
        papers=3,
    )
    assert (visit.entry_mode, visit.area, visit.quantity) == (EntryMode.BULK, cast.street_a, 40)
    rows = Hazard.objects.order_by("grade", "status").values_list("grade", "status", "quantity", "entry_mode")
    assert list(rows) == [
        ("general", "closed", 8, HazardMode.COUNT),
        ("general", "rectifying", 2, HazardMode.COUNT),
        ("major", "closed", 1, HazardMode.COUNT),
        ("major", "rectifying", 1, HazardMode.COUNT),
    ]
    assert visit.findings.count() == 4


def test_bulk_numbers_must_agree(cast: Cast) -> None:
    given = {"actor": cast.person("officer_a"), "handler": cast.street_a, "on": DAY}
    for wrong in (
        {"found": 1, "rectified": 2},
        {"found": 1, "major_found": 2},
        {"quantity": 0},
        {"found": 3, "major_found": 2, "rectified": 2},
    ):
        with pytest.raises(ValidationError):
            bulk_make(**given, **wrong)
    assert not Visit.objects.exists()
    assert not Hazard.objects.exists()


def test_a_bulk_row_sent_twice_counts_once(cast: Cast) -> None:
    client_id = uuid.uuid4()
    for _ in range(2):
        bulk_make(actor=cast.person("officer_a"), handler=cast.street_a, on=DAY, found=2, client_id=client_id)
    assert (Visit.objects.count(), Hazard.objects.count()) == (1, 1)


def test_the_bureaus_bulk_row_may_leave_the_place_open(cast: Cast) -> None:
    visit = bulk_make(actor=cast.person("bureau_clerk"), handler=cast.bureau, on=DAY)
    assert (visit.area, visit.district) == (None, cast.district)
    assert (
        visit_bulk_file(
            actor=cast.person("bureau_clerk"),
            handler=cast.bureau,
            kind=VisitKind.DAILY,
            visited_on=DAY,
            quantity=1,
            area=cast.street_b,
        ).street
        == cast.street_b
    )


# ------------------------------------------------------------------------------------------------ correction


def test_the_author_corrects_on_the_same_day(cast: Cast) -> None:
    visit = daily(cast)
    visit_edit(
        visit=visit, actor=cast.person("officer_a"), summary="补充说明", kind=VisitKind.SPECIAL, photos=[photo()]
    )
    visit.refresh_from_db()
    assert (visit.summary, visit.kind) == ("补充说明", VisitKind.SPECIAL)
    entry = AuditEntry.objects.get(verb="visit.edit")
    assert entry.before == {"kind": "daily", "summary": ""}
    with pytest.raises(ValidationError, match="不得少于两人"):
        visit_edit(visit=visit, actor=cast.person("officer_a"), officers=[cast.officer_a])
    with pytest.raises(TypeError):
        visit_edit(visit=visit, actor=cast.person("officer_a"), visited_on=DAY)


@pytest.mark.parametrize("name", [name for name in Cast.NAMES if name != "officer_a"])
def test_nobody_else_corrects(cast: Cast, name: str) -> None:
    visit = daily(cast)
    with pytest.raises(PermissionDenied):
        visit_edit(visit=visit, actor=cast.person(name), summary="改写")
    visit.refresh_from_db()
    assert visit.summary == ""


def test_on_the_next_day_nobody_corrects(cast: Cast) -> None:
    visit = daily(cast)
    with (
        clock.at(dt.datetime(2021, 3, 6, 1, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))),
        pytest.raises(PermissionDenied),
    ):
        visit_edit(visit=visit, actor=cast.person("officer_a"), summary="改写")


VOIDERS_CLEAN = {"officer_a", "section_head", "leader"}
VOIDERS_FOUND = {"section_head", "leader"}


@pytest.mark.parametrize("name", Cast.NAMES)
@pytest.mark.parametrize("found", [False, True])
def test_who_voids(cast: Cast, name: str, found: bool) -> None:
    visit = daily(cast, findings=[finding()] if found else [])
    allowed = name in (VOIDERS_FOUND if found else VOIDERS_CLEAN)
    if allowed:
        visit_void(visit=visit, actor=cast.person(name), reason="重复登记", with_hazards=True)
    else:
        with pytest.raises(PermissionDenied):
            visit_void(visit=visit, actor=cast.person(name), reason="重复登记", with_hazards=True)
    visit.refresh_from_db()
    assert visit.void is allowed
    assert Hazard.objects.filter(status=Status.VOID).count() == (1 if allowed and found else 0)
    assert Visit.objects.live().count() == (0 if allowed else 1)


def test_a_void_names_its_open_hazards(cast: Cast) -> None:
    visit = daily(cast, findings=[finding()])
    head = cast.person("section_head")
    with pytest.raises(ValidationError, match=Hazard.objects.get().number):
        visit_void(visit=visit, actor=head, reason="重复登记")
    with pytest.raises(ValidationError, match="作废原因"):
        visit_void(visit=visit, actor=head, reason=" ", with_hazards=True)
    assert Visit.objects.live().exists()


def test_a_hazard_that_was_worked_on_is_not_voided_along(cast: Cast) -> None:
    visit = daily(cast, findings=[finding(), finding("另一条")])
    worked_on = Hazard.objects.order_by("pk").first()
    hazard_act(
        queryset=Hazard.objects.all(),
        pk=worked_on.pk,
        action="submit",
        actor=fresh(cast.officer_a),
        data={"rectification": "已更换", "rectifier": "钱厂长", "rectified_on": DAY},
        photos=[photo()],
    )
    with pytest.raises(ValidationError, match="已有后续办理"):
        visit_void(visit=visit, actor=cast.person("section_head"), reason="重复登记", with_hazards=True)
    assert not Hazard.objects.filter(status=Status.VOID).exists()


def test_a_visit_is_voided_once(cast: Cast) -> None:
    visit = daily(cast)
    visit_void(visit=visit, actor=cast.person("section_head"), reason="重复登记")
    with pytest.raises(ValidationError, match="已经作废"):
        visit_void(visit=visit, actor=cast.person("section_head"), reason="重复登记")


def test_a_bulk_row_takes_its_count_rows_along(cast: Cast) -> None:
    visit = bulk_make(actor=cast.person("officer_a"), handler=cast.street_a, on=DAY, found=5, rectified=3)
    visit_void(visit=visit, actor=cast.person("section_head"), reason="重复报送", with_hazards=True)
    assert Hazard.objects.counted().count() == 0


# ------------------------------------------------------------------------------------------------ checklists


def test_a_checklist_is_rewritten_and_old_results_stay(cast: Cast) -> None:
    checklist = checklist_make(actor=cast.section_head)
    first, second, third = checklist.items.all()
    visit = daily(cast, checklist=checklist, results={first.pk: "pass", second.pk: "pass"})
    checklist_save(
        actor=cast.section_head,
        checklist=checklist,
        name="工贸企业检查表（新）",
        items=[
            ItemInput(text="新增项"),
            ItemInput(pk=third.pk, text=third.text),
            ItemInput(pk=second.pk, text="改写项"),
        ],
    )
    assert list(checklist.items.values_list("order", "text")) == [(1, "新增项"), (2, third.text), (3, "改写项")]
    assert [line.text for line in visit.results.all()] == [first.text, second.text]
    assert AuditEntry.objects.get(verb="checklist.edit").before["items"][0][0] == first.text


def test_a_checklist_has_a_name_of_its_own_and_lines(cast: Cast) -> None:
    checklist_make(actor=cast.section_head)
    with pytest.raises(ValidationError, match="同名"):
        checklist_make(actor=cast.section_head)
    with pytest.raises(ValidationError, match="至少要有一项"):
        checklist_make(actor=cast.section_head, name="空表", items=0)


def test_a_line_of_another_list_is_refused(cast: Cast) -> None:
    one = checklist_make(actor=cast.section_head)
    other = checklist_make(actor=cast.section_head, name="另一张")
    with pytest.raises(ValidationError, match="已被他人删除"):
        checklist_save(
            actor=cast.section_head,
            checklist=one,
            name=one.name,
            items=[ItemInput(pk=other.items.first().pk, text="错位")],
        )


# ------------------------------------------------------------------------------------------------ at the same time


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_deliveries_at_once_make_one_visit(cast: Cast) -> None:
    client_id, done, barrier = uuid.uuid4(), [], threading.Barrier(2)

    def send() -> None:
        try:
            with clock.at(dt.datetime(2021, 3, 5, 10, 0, tzinfo=dt.UTC)):
                barrier.wait()
                done.append(daily(cast, client_id=client_id, findings=[finding()]).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(done)) == 1
    assert len(done) == 2
    assert (Visit.objects.count(), Hazard.objects.count()) == (1, 1)


def test_factories_make_what_they_say(cast: Cast) -> None:
    visit = visit_make(actor=cast.person("officer_a"), handler=cast.street_a, on=DAY, enterprise=cast.enterprise)
    assert (visit.kind, visit.quantity, visit.entry_mode) == (VisitKind.PATROL, 1, EntryMode.ITEM)
