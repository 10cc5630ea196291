"""Pages of visits: who enters, what they file, and that a refusal changes nothing and keeps what was typed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import attachments, clock, panels
from emergency.core.finding import find
from emergency.core.tests.query_counts import expected_queries
from emergency.enterprises.models import Enterprise
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard, Status
from inspections.models import Checklist, Finding, PhotoKind, Visit, VisitKind
from inspections.tests.factories import bulk_make, checklist_make, finding, visit_make
from inspections.tests.test_services import photo

pytestmark = pytest.mark.django_db
FILERS = {
    "bureau_clerk",
    "section_head",
    "officer_a",
    "officer_a2",
    "officer_b",
    "community_officer",
    "department_clerk",
}
AREA_A = {"bureau_clerk", "section_head", "leader", "officer_a", "officer_a2", "department_clerk", "enterprise_user"}


def today_visit(cast: Cast, **fields: Any) -> Visit:
    given = {"enterprise": cast.enterprise} | fields
    return visit_make(actor=cast.person("officer_a"), handler=cast.street_a, on=clock.today(), **given)


def visit_data(cast: Cast, **fields: Any) -> dict[str, Any]:
    """What the browser sends for a daily check of the enterprise by the officers of street A."""
    return {
        "client_id": str(uuid.uuid4()),
        "handler": cast.street_a.pk,
        "kind": "daily",
        "visited_on": clock.today().isoformat(),
        "enterprise": cast.enterprise.pk,
        "officers": [cast.officer_a.pk, cast.officer_a2.pk],
        "findings-TOTAL_FORMS": 0,
        "findings-INITIAL_FORMS": 0,
    } | fields


def row(number: int, **fields: Any) -> dict[str, Any]:
    given = {"category": "fire", "grade": "general", "measure": "deadline"} | fields
    return {f"findings-{number}-{name}": value for name, value in given.items()}


# ------------------------------------------------------------------------------------------------ who enters


@pytest.mark.parametrize("name", Cast.NAMES)
@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("inspections:list", set(Cast.BUSINESS)),
        ("inspections:new", FILERS),
        ("inspections:bulk", FILERS),
        ("inspections:checklists", set(Cast.BUSINESS)),
        ("inspections:checklist_new", {"section_head"}),
    ],
)
def test_who_opens_which_page(cast: Cast, name: str, route: str, allowed: set[str]) -> None:
    today_visit(cast)
    checklist_make(actor=cast.section_head)
    response = cast.client(name).get(reverse(route))
    assert response.status_code == (200 if name in allowed else 403)


@pytest.mark.parametrize("name", Cast.NAMES)
def test_who_sees_a_visit(cast: Cast, name: str) -> None:
    visit = today_visit(cast, findings=[finding()])
    expected = 403 if name in Cast.ADMINISTRATORS else 200 if name in AREA_A else 404
    client = cast.client(name)
    assert client.get(visit.get_absolute_url()).status_code == expected
    if expected != 403:
        listed = client.get(reverse("inspections:list"))
        assert ("东门机械厂" in listed.content.decode()) is (expected == 200)
    for route, args in (("edit", [visit.pk]), ("act", [visit.pk, "void"])):
        status = client.get(reverse(f"inspections:{route}", args=args)).status_code
        allowed = name in {"edit": {"officer_a"}, "act": {"section_head", "leader"}}[route]
        assert status == (200 if allowed else 404 if expected == 404 else 403)


def test_the_anonymous_go_to_the_login(cast: Cast, client: Any) -> None:
    for url in (reverse("inspections:list"), reverse("inspections:new"), today_visit(cast).get_absolute_url()):
        assert client.get(url).status_code == 302


# ------------------------------------------------------------------------------------------------ filing


def test_a_visit_with_checklist_findings_photos_and_signature(cast: Cast) -> None:
    checklist = checklist_make(actor=cast.section_head)
    first, second, third = checklist.items.all()
    data = visit_data(
        cast,
        checklist=checklist.pk,
        start="09:30",
        end="10:15",
        summary="现场整洁",
        signed_by="钱厂长",
        longitude="114.912345",
        latitude="25.812345",
        accuracy="12",
        photos=[photo("white"), photo("black")],
        signature=photo("blue"),
        **{f"check-{first.pk}": "pass", f"check-{second.pk}": "problem", f"check-{third.pk}": "na"},
        **{"findings-TOTAL_FORMS": 4},
        **row(0, checklist_item=second.pk, description="通道堵塞", basis="《消防法》第二十八条", photos=[photo()]),
        **row(
            3,
            description="箱门上锁",
            on_site="on",
            rectifier="钱厂长",
            rectification="已打开",
            photos=[photo("green")],
            after_photos=[photo("yellow")],
        ),
    )
    response = cast.client("officer_a").post(reverse("inspections:new"), data)
    visit = Visit.objects.get()
    assert response.status_code == 302, response.context["form"].errors
    assert response.url == visit.get_absolute_url()
    assert [line.result for line in visit.results.all()] == ["pass", "problem", "na"]
    assert list(Hazard.objects.order_by("pk").values_list("status", "legal_basis")) == [
        (Status.RECTIFYING, "《消防法》第二十八条"),
        (Status.CLOSED, ""),
    ]
    assert Finding.objects.order_by("pk").first().result.item == second
    assert visit.started_at.isoformat().endswith("01:30:00+00:00")
    assert (visit.accuracy, visit.signed_by, visit.summary) == (12, "钱厂长", "现场整洁")
    assert attachments.for_owner(visit, PhotoKind.SCENE).count() == 2
    assert attachments.for_owner(visit, PhotoKind.SIGNATURE).count() == 1
    page = cast.client("officer_a").get(visit.get_absolute_url()).content.decode()
    for words in ("通道堵塞", "箱门上锁", "吴安全员、周安全员", "存在问题", "现场整洁"):
        assert words in page


def test_a_form_sent_twice_is_one_visit(cast: Cast) -> None:
    data = visit_data(cast, **{"findings-TOTAL_FORMS": 1}, **row(0, description="通道堵塞"))
    answers = [cast.client("officer_a").post(reverse("inspections:new"), data) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert (Visit.objects.count(), Hazard.objects.count()) == (1, 1)


def test_what_is_refused_stands_at_its_field_and_nothing_is_written(cast: Cast) -> None:
    client = cast.client("officer_a")
    data = visit_data(cast, officers=[cast.officer_a.pk], summary="已填写的内容")
    response = client.post(reverse("inspections:new"), data)
    assert response.status_code == 400
    assert "不得少于两人" in str(response.context["form"].errors["officers"])
    assert "已填写的内容" in response.content.decode()
    data = visit_data(
        cast, **{"findings-TOTAL_FORMS": 2}, **row(0, description="甲"), **row(1, description="乙", on_site="on")
    )
    response = client.post(reverse("inspections:new"), data)
    assert response.status_code == 400
    assert not response.context["findings"].forms[0].errors
    assert response.context["findings"].forms[1].errors
    data = visit_data(cast, enterprise="")
    response = client.post(reverse("inspections:new"), data)
    assert "请选择受检单位" in str(response.context["form"].errors["enterprise"])
    assert not Visit.objects.exists()
    assert not Hazard.objects.exists()


def test_marks_of_other_lists_do_not_count(cast: Cast) -> None:
    chosen = checklist_make(actor=cast.section_head)
    other = checklist_make(actor=cast.section_head, name="另一张")
    data = visit_data(
        cast,
        checklist=chosen.pk,
        **{f"check-{item.pk}": "pass" for item in (*chosen.items.all(), *other.items.all())},
    )
    assert cast.client("officer_a").post(reverse("inspections:new"), data).status_code == 302
    assert Visit.objects.get().results.count() == 3


def test_quick_registration_along_with_the_visit(cast: Cast) -> None:
    client = cast.client("officer_a")
    data = visit_data(cast, enterprise="", new_name="东门早餐店", new_address="东门街8号", new_phone="13800000000")
    for _ in range(2):
        assert client.post(reverse("inspections:new"), data).status_code == 302
    shop = Enterprise.objects.get(name="东门早餐店")
    assert (shop.quick, shop.area) == (True, cast.street_a)
    assert Visit.objects.get().enterprise == shop
    again = client.post(reverse("inspections:new"), visit_data(cast, enterprise="", new_name="东门早餐店"))
    assert "已登记有东门早餐店" in str(again.context["form"].errors["new_name"])


def test_another_streets_enterprise_cannot_be_chosen(cast: Cast) -> None:
    data = visit_data(cast, handler=cast.street_b.pk, officers=[cast.officer_b.pk], kind="patrol")
    response = cast.client("officer_b").post(reverse("inspections:new"), data)
    assert response.status_code == 400
    assert "enterprise" in response.context["form"].errors
    assert "东门机械厂" not in response.content.decode()


def test_an_own_unit_only(cast: Cast) -> None:
    response = cast.client("officer_a").post(reverse("inspections:new"), visit_data(cast, handler=cast.street_b.pk))
    assert response.status_code == 400
    assert "handler" in response.context["form"].errors


def test_a_village_is_offered_its_kinds(cast: Cast) -> None:
    form = cast.client("community_officer").get(reverse("inspections:new")).context["form"]
    kinds = {value for value, _ in form.fields["kind"].choices}
    assert "patrol" in kinds
    assert "daily" not in kinds


def test_again_carries_the_open_hazards_and_last_times_people(cast: Cast) -> None:
    visit = today_visit(cast, findings=[finding("配电箱无盖")], officers=[cast.officer_a, cast.officer_a2])
    client = cast.client("officer_a")
    for query in (f"?again={visit.pk}", f"?enterprise={cast.enterprise.pk}"):
        response = client.get(reverse("inspections:new") + query)
        assert "配电箱无盖" in response.content.decode()
        assert response.context["open_count"] == 1
        assert set(response.context["form"].initial["officers"]) == {cast.officer_a.pk, cast.officer_a2.pk}
    assert cast.client("officer_b").get(reverse("inspections:new") + f"?again={visit.pk}").status_code == 404


def test_rows_for_a_browser_without_script(cast: Cast) -> None:
    response = cast.client("officer_a").get(reverse("inspections:new") + "?rows=3")
    assert len(response.context["findings"].forms) == 3


def test_bulk_filing(cast: Cast) -> None:
    data = {
        "client_id": str(uuid.uuid4()),
        "handler": cast.street_a.pk,
        "kind": "daily",
        "visited_on": clock.today().isoformat(),
        "quantity": 30,
        "groups_sent": 3,
        "person_times": 9,
        "found": 5,
        "rectified": 4,
    }
    client = cast.client("officer_a")
    for _ in range(2):
        response = client.post(reverse("inspections:bulk"), data)
        assert response.status_code == 302, response.context["form"].errors
    visit = Visit.objects.get()
    assert (visit.quantity, visit.groups, visit.person_times) == (30, 3, 9)
    assert sum(Hazard.objects.values_list("quantity", flat=True)) == 5
    assert "汇总填报30家次" in client.get(visit.get_absolute_url()).content.decode()
    wrong = client.post(reverse("inspections:bulk"), data | {"client_id": str(uuid.uuid4()), "rectified": 6})
    assert wrong.status_code == 400
    assert Visit.objects.count() == 1


# ------------------------------------------------------------------------------------------------ correcting


def test_the_author_edits(cast: Cast) -> None:
    visit = today_visit(cast)
    url = reverse("inspections:edit", args=[visit.pk])
    data = {"kind": "service", "officers": [cast.officer_a.pk], "officer_names": "张三 李四", "summary": "改后"}
    assert cast.client("officer_a").post(url, data).status_code == 302
    visit.refresh_from_db()
    assert (visit.kind, visit.officer_names, visit.summary) == (VisitKind.SERVICE, "周安全员、张三、李四", "改后")
    refused = cast.client("officer_a").post(url, data | {"kind": "daily", "officer_names": ""})
    assert refused.status_code == 400
    visit.refresh_from_db()
    assert visit.kind == VisitKind.SERVICE


@pytest.mark.parametrize("name", [name for name in Cast.NAMES if name != "officer_a"])
def test_others_do_not_edit(cast: Cast, name: str) -> None:
    visit = today_visit(cast)
    response = cast.client(name).post(reverse("inspections:edit", args=[visit.pk]), {"kind": "service"})
    assert response.status_code in (403, 404)
    visit.refresh_from_db()
    assert visit.kind == VisitKind.PATROL


def test_voiding_asks_for_the_hazards_first(cast: Cast) -> None:
    visit = today_visit(cast, findings=[finding("配电箱无盖")])
    client, url = cast.client("section_head"), reverse("inspections:act", args=[visit.pk, "void"])
    assert "配电箱无盖" in client.get(url).content.decode()
    assert client.post(url, {"reason": "重复登记"}).status_code == 400
    assert Visit.objects.live().exists()
    assert client.post(url, {"reason": "重复登记", "with_hazards": "on"}).status_code == 302
    assert not Visit.objects.live().exists()
    assert not Hazard.objects.counted().exists()
    assert "已作废" in client.get(visit.get_absolute_url()).content.decode()
    assert visit.number not in client.get(reverse("inspections:list")).content.decode()
    assert client.get(reverse("inspections:act", args=[visit.pk, "other"])).status_code == 404


# ------------------------------------------------------------------------------------------------ lists


def test_filters_and_search(cast: Cast) -> None:
    visit = today_visit(cast, findings=[finding()])
    bulk_make(actor=cast.person("officer_b"), handler=cast.street_b, on=clock.today(), place="西坪烟花零售点")
    client = cast.client("bureau_clerk")

    def subjects(**query: Any) -> set[str]:
        page = client.get(reverse("inspections:list"), query).context["page"]
        assert page.filters.is_valid(), page.filters.errors
        return {cell.text for line in page.rows for cell in line.cells[3:4]}

    one, other, both = {"东门机械厂"}, {"西坪烟花零售点"}, {"东门机械厂", "西坪烟花零售点"}
    assert subjects() == both
    assert subjects(kind="patrol") == one
    assert subjects(area=cast.street_b.pk) == other
    assert subjects(handler=cast.street_a.pk) == one
    assert subjects(found="yes") == one
    assert subjects(found="no") == other
    assert subjects(entry_mode="bulk") == other
    assert subjects(q="烟花") == other
    assert subjects(q=visit.number) == one
    assert subjects(q="周安全员") == one
    assert subjects(enterprise=cast.enterprise.pk) == one
    assert subjects(visited_from=clock.today() + dt.timedelta(days=1)) == set()
    assert subjects(visited_to=clock.today()) == both


def test_the_list_opened_from_a_figure_shows_its_rows_and_foot(cast: Cast) -> None:
    for number in (10, 20):
        bulk_make(actor=cast.person("officer_a"), handler=cast.street_a, on=clock.today(), quantity=number)
    today_visit(cast)
    query = {
        "figure": "inspections.visits",
        "from": clock.today().isoformat(),
        "to": clock.today().isoformat(),
        "organisation": cast.district.division_code,
    }
    page = cast.client("bureau_clerk").get(reverse("inspections:list"), query).context["page"]
    assert len(page.rows) == 2  # a patrol is no 家次
    assert page.foot["number"] == 30


def test_the_list_costs_the_same_for_many_rows(cast: Cast) -> None:
    for number in range(60):
        today_visit(cast, findings=[finding()] if number % 3 == 0 else [])
    client = cast.client("officer_a")
    url = reverse("inspections:list")
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    assert len(captured) == expected_queries("inspections:list")
    assert len(captured) <= 12


def test_the_boxes_on_other_pages(cast: Cast) -> None:
    visit = today_visit(cast, findings=[finding()])
    client = cast.client("officer_a")
    hazard = Hazard.objects.get()
    assert visit.number in client.get(hazard.get_absolute_url()).content.decode()
    enterprise_page = reverse("enterprises:detail", args=[cast.enterprise.pk])
    assert visit.get_absolute_url() in client.get(enterprise_page).content.decode()
    assert f"?enterprise={cast.enterprise.pk}" in client.get(enterprise_page).content.decode()
    assert cast.client("officer_b").get(reverse("inspections:list"), {"q": "东门"}).context["page"].rows == []


def test_search_finds_only_what_the_reader_sees(cast: Cast) -> None:
    visit = today_visit(cast)
    found = {one.label: [hit.url for hit in one.hits] for one in find(cast.person("officer_a"), "东门机械", 5)}
    assert found["检查"] == [visit.get_absolute_url()]
    for name in ("officer_b", "system_admin"):
        assert find(cast.person(name), "东门机械", 5) == []


def test_the_menu_offers_filing_to_filers_only(cast: Cast) -> None:
    def entries(name: str) -> set[str]:
        return {one.url_name for one in panels.menu_entries(cast.person(name)) if one.group == "检查执法"}

    reading = {"inspections:list", "inspections:measure_list"}
    assert entries("officer_a") == reading | {"inspections:new", "inspections:bulk", "inspections:checklists"}
    assert entries("enterprise_user") == entries("leader") == reading
    assert entries("auditor") == set()


# ------------------------------------------------------------------------------------------------ checklists


def test_a_section_head_writes_a_checklist(cast: Cast) -> None:
    client = cast.client("section_head")
    data = {
        "name": "仓储检查表",
        "active": "on",
        "items-TOTAL_FORMS": 4,
        "items-INITIAL_FORMS": 0,
        "items-0-text": "通道畅通",
        "items-0-basis": "《消防法》第二十八条",
        "items-3-text": "货架稳固",
    }
    response = client.post(reverse("inspections:checklist_new"), data)
    assert response.status_code == 302, response.context["form"].errors
    checklist = Checklist.objects.get()
    _first, second = checklist.items.all()
    data |= {"name": "仓储检查表（新）", "items-INITIAL_FORMS": 2, "items-TOTAL_FORMS": 2}
    data |= {"items-1-item": second.pk, "items-1-text": "货架稳固牢靠"}
    del data["items-0-text"], data["items-0-basis"]
    assert client.post(reverse("inspections:checklist_edit", args=[checklist.pk]), data).status_code == 302
    assert [(item.pk, item.text) for item in checklist.items.all()] == [(second.pk, "货架稳固牢靠")]
    empty = client.post(
        reverse("inspections:checklist_new"), {"name": "空", "items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0}
    )
    assert empty.status_code == 400
    assert client.get(reverse("inspections:checklist", args=[checklist.pk])).status_code == 200
    assert client.get(reverse("inspections:checklist_edit", args=[checklist.pk])).status_code == 200


@pytest.mark.parametrize("name", [name for name in Cast.NAMES if name != "section_head"])
def test_nobody_else_writes_checklists(cast: Cast, name: str) -> None:
    checklist = checklist_make(actor=cast.section_head)
    data = {"name": "改名", "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "items-0-text": "甲"}
    for url in (reverse("inspections:checklist_new"), reverse("inspections:checklist_edit", args=[checklist.pk])):
        assert cast.client(name).post(url, data).status_code == 403
    assert list(Checklist.objects.values_list("name", flat=True)) == [checklist.name]


def test_the_delivered_checklists_load_once(cast: Cast) -> None:
    call_command("load_checklists", verbosity=0)
    lists = Checklist.objects.all()
    assert lists.count() == 6
    for one in lists:
        assert 10 <= one.items.count() <= 15
        assert one.industry is not None
        assert all(item.basis and item.phrase for item in one.items.all())
    first = lists.first()
    first.items.first().delete()
    call_command("load_checklists", verbosity=0)
    assert Checklist.objects.count() == 6
    assert first.items.count() >= 9
