"""Pages of measures: who enters, what they register, and that a refusal changes nothing and keeps what was typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import attachments, clock, finding, panels
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import photo
from inspections.models import Measure, MeasureKind, MeasureStatus
from inspections.tests.factories import bulk_make, measure_in, measure_make, visit_make

pytestmark = pytest.mark.django_db
MEASURERS = {"bureau_clerk", "section_head", "officer_a", "officer_a2", "officer_b", "department_clerk"}
AREA_A = {"bureau_clerk", "section_head", "leader", "officer_a", "officer_a2", "department_clerk", "enterprise_user"}
HEADS = {"section_head", "leader"}


def made(cast: Cast, **fields: Any) -> Measure:
    return measure_make(cast, on=clock.today(), **fields)


def data_of(cast: Cast, **fields: Any) -> dict[str, Any]:
    """What the browser sends for a fine of 5,000 yuan by street A against the enterprise."""
    given = {
        "handler": cast.street_a.pk,
        "enterprise": cast.enterprise.pk,
        "decided_on": clock.today().isoformat(),
        "kinds": ["fine"],
        "fine": "5000",
    } | fields
    return {key: value for key, value in given.items() if value is not None}


# ------------------------------------------------------------------------------------------------ who enters


@pytest.mark.parametrize("name", Cast.NAMES)
def test_who_sees_and_who_acts(cast: Cast, name: str) -> None:
    measure, client = made(cast), cast.client(name)
    expected = 403 if name in Cast.ADMINISTRATORS else 200 if name in AREA_A else 404
    assert client.get(measure.get_absolute_url()).status_code == expected
    listed = client.get(reverse("inspections:measure_list"))
    assert listed.status_code == (403 if expected == 403 else 200)
    assert ("东门机械厂" in listed.content.decode()) is (expected == 200)
    assert client.get(reverse("inspections:measure_new")).status_code == (200 if name in MEASURERS else 403)
    acting = {"edit": {"officer_a"} | HEADS, "execute": {"officer_a", "officer_a2"}, "void": HEADS}
    for step, people in acting.items():
        url = reverse("inspections:measure_edit", args=[measure.pk])
        if step != "edit":
            url = reverse("inspections:measure_act", args=[measure.pk, step])
        right = 200 if name in people else 404 if expected == 404 else 403
        assert client.get(url).status_code == right, step
        if right != 200:
            assert client.post(url, {"reason": "改", "executed_on": clock.today().isoformat()}).status_code == right
    assert Measure.objects.filter(status=MeasureStatus.PENDING, cause="").count() == 1


def test_the_anonymous_go_to_the_login(cast: Cast, client: Any) -> None:
    for url in (reverse("inspections:measure_list"), reverse("inspections:measure_new"), made(cast).get_absolute_url()):
        assert client.get(url).status_code == 302


# ------------------------------------------------------------------------------------------------ registering


def test_a_decision_is_registered_with_its_paper(cast: Cast) -> None:
    client = cast.client("officer_a")
    data = data_of(
        cast, kinds=["fine", "suspension"], document_number="罚1号", cause="无证作业", files=[photo("决定书.png")]
    )
    response = client.post(reverse("inspections:measure_new"), data, follow=True)
    assert response.status_code == 200, response.context["form"].errors
    halted, fine = Measure.objects.order_by("pk")
    assert (halted.kind, fine.kind, fine.amount) == (MeasureKind.SUSPENSION, MeasureKind.FINE, Decimal(5000))
    assert attachments.for_owner(fine).count() == attachments.for_owner(halted).count() == 1
    page = response.content.decode()
    assert f"请在 {fine.publish_due_on} 前公示" in page
    for words in ("责令停产整顿", "同一文号的其他处置", "罚款", "无证作业", "决定书.png", "公示期限"):
        assert words in page


def test_what_came_of_a_visit(cast: Cast) -> None:
    visit = visit_make(actor=cast.officer_a, handler=cast.street_a, on=clock.today(), enterprise=cast.enterprise)
    client = cast.client("officer_a")
    url = f"{reverse('inspections:measure_new')}?visit={visit.pk}"
    assert url.replace("&", "&amp;") in client.get(visit.get_absolute_url()).content.decode()
    form = client.get(url).context["form"]
    assert (form.initial["visit"], form.initial["enterprise"]) == (visit.pk, cast.enterprise.pk)
    assert cast.client("officer_b").get(url).status_code == 404
    data = data_of(cast, enterprise=None, visit=visit.pk, kinds=["warning"], fine=None)
    assert client.post(reverse("inspections:measure_new"), data).status_code == 302
    measure = Measure.objects.get()
    assert (measure.visit, measure.enterprise) == (visit, cast.enterprise)
    assert measure.get_absolute_url() in client.get(visit.get_absolute_url()).content.decode()
    assert visit.number in client.get(measure.get_absolute_url()).content.decode()
    bulk = bulk_make(actor=cast.officer_a, handler=cast.street_a, on=clock.today())
    assert "登记处置" not in client.get(bulk.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"enterprise": None}, "enterprise"),
        ({"party_name": "王某"}, "party_name"),
        ({"quantity": 4}, "quantity"),
        ({"kinds": None}, "kinds"),
        ({"fine": None}, "fine"),
        ({"kinds": ["warning"]}, "fine"),
        ({"fine": "0"}, "fine"),
        ({"decided_on": "2999-01-01"}, "decided_on"),
        ({"area": "street_b"}, "area"),
    ],
)
def test_what_is_refused_stands_at_its_field(cast: Cast, fields: dict[str, Any], field: str) -> None:
    if "area" in fields:
        fields = {"area": cast.street_b.pk, "enterprise": None, "party_name": "王某"}
    response = cast.client("officer_a").post(
        reverse("inspections:measure_new"), data_of(cast, cause="已填写的内容", **fields)
    )
    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert "已填写的内容" in response.content.decode()
    assert not Measure.objects.exists()


def test_another_streets_units_and_firms_cannot_be_chosen(cast: Cast) -> None:
    response = cast.client("officer_b").post(reverse("inspections:measure_new"), data_of(cast))
    assert response.status_code == 400
    assert {"handler", "enterprise"} <= set(response.context["form"].errors)
    assert "东门机械厂" not in response.content.decode()


# ------------------------------------------------------------------------------------------------ steps and correcting


def test_the_steps_on_their_pages(cast: Cast) -> None:
    measure, client = made(cast, kind=MeasureKind.SUSPENSION), cast.client("officer_a")
    page = client.get(measure.get_absolute_url())
    assert [one["label"] for one in page.context["actions"]] == [
        "部分执行", "申请强制执行", "执行完毕", "复产验收", "公示", "更正",
    ]  # fmt: skip
    day = clock.today().isoformat()
    steps = {
        "resume": {"resumed_on": day, "opinion": "已排除"},
        "publish": {"published_on": day, "files": [photo()]},
        "execute": {"executed_on": day},
    }
    for action, data in steps.items():
        url = reverse("inspections:measure_act", args=[measure.pk, action])
        assert client.post(url, {}).status_code == 400
        assert client.post(url, data).status_code == 302
    measure.refresh_from_db()
    assert (measure.status, measure.published_on) == (MeasureStatus.DONE, clock.today())
    assert "已公示" in client.get(measure.get_absolute_url()).content.decode()
    stale = client.get(reverse("inspections:measure_act", args=[measure.pk, "execute"]), follow=True)
    assert "不能办理该事项" in stale.content.decode()
    assert client.get(reverse("inspections:measure_act", args=[measure.pk, "nothing"])).status_code == 404
    head = cast.client("section_head")
    assert (
        head.post(reverse("inspections:measure_act", args=[measure.pk, "void"]), {"reason": "错录"}).status_code == 302
    )
    assert "已作废" in client.get(measure.get_absolute_url()).content.decode()
    assert measure.number not in client.get(reverse("inspections:measure_list")).content.decode()


def test_a_correction_by_the_author_and_by_the_head(cast: Cast) -> None:
    measure = made(cast, kind=MeasureKind.WARNING, party_name="东门机械")
    url = reverse("inspections:measure_edit", args=[measure.pk])
    data = {"decided_on": clock.today().isoformat(), "cause": "改后", "enterprise": cast.enterprise.pk}
    assert cast.client("section_head").post(url, data).status_code == 400  # without a reason
    assert "amount" not in cast.client("officer_a").get(url).context["form"].fields
    assert cast.client("officer_a").post(url, data).status_code == 302
    measure.refresh_from_db()
    assert (measure.cause, measure.enterprise, measure.party_name) == ("改后", cast.enterprise, "东门机械")
    assert cast.client("section_head").post(url, data | {"cause": "再改", "reason": "核对原件"}).status_code == 302
    measure.refresh_from_db()
    assert measure.cause == "再改"


# ------------------------------------------------------------------------------------------------ lists and boxes


def test_filters_and_search(cast: Cast) -> None:
    today = clock.today()
    late = measure_make(cast, on=today - dt.timedelta(days=60), party_name="甲厂", document_number="罚甲号")
    measure_in(cast, MeasureStatus.DONE, on=today, kind=MeasureKind.JOINT, party_name="乙厂", cause="无证作业")
    made(
        cast,
        kind=MeasureKind.SUSPENSION,
        actor=cast.bureau_clerk,
        handler=cast.bureau,
        area=cast.street_b,
        party_name="丙厂",
    )
    client = cast.client("bureau_clerk")

    def parties(**query: Any) -> set[str]:
        page = client.get(reverse("inspections:measure_list"), query).context["page"]
        assert page.filters.is_valid(), page.filters.errors
        return {cell.text[0] for line in page.rows for cell in line.cells[2:3]}

    assert parties() == set("甲乙丙")
    assert parties(kind="joint") == {"乙"}
    assert parties(status="open") == set("甲丙")
    assert parties(status="done") == {"乙"}
    assert parties(publication="overdue") == {"甲"}
    assert parties(publication="open") == set("甲丙")
    assert parties(publication="done") == set()
    assert parties(halted="yes") == {"丙"}
    assert parties(area=cast.street_b.pk) == {"丙"}
    assert parties(handler=cast.street_a.pk) == set("甲乙")
    assert parties(q="无证") == {"乙"}
    assert parties(q="罚甲号") == parties(q=late.number) == {"甲"}
    assert parties(enterprise=cast.enterprise.pk) == set()
    assert parties(decided_from=today) == set("乙丙")
    assert parties(decided_to=today - dt.timedelta(days=1)) == {"甲"}
    assert "逾期" in client.get(reverse("inspections:measure_list")).content.decode()


def test_the_list_opened_from_a_figure_shows_its_parties(cast: Cast) -> None:
    for name in ("甲厂", "甲 厂", "乙厂"):
        made(cast, kind=MeasureKind.SUSPENSION, party_name=name)
    made(cast, kind=MeasureKind.SUSPENSION, quantity=9)
    today = clock.today().isoformat()
    query = {"figure": "measures.suspended", "from": today, "to": today, "organisation": cast.district.division_code}
    page = cast.client("bureau_clerk").get(reverse("inspections:measure_list"), query).context["page"]
    assert (len(page.rows), page.foot["number"]) == (3, 2)


def test_the_list_costs_the_same_for_many_rows(cast: Cast) -> None:
    for number in range(60):
        made(cast, party_name=f"企业{number}")
    client, url = cast.client("officer_a"), reverse("inspections:measure_list")
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    assert len(captured) == expected_queries("inspections:measure_list")
    assert len(captured) <= 12


def test_each_scope_branch_has_its_index(cast: Cast) -> None:
    """What a branch of the list walks: one index in the order of the list, not a sort of the table."""
    made(cast)
    branches = {
        "officer_a": {"measure_street", "measure_handler", "measure_department"},
        "department_clerk": {"measure_handler", "measure_department"},
        "community_officer": {"measure_area", "measure_handler", "measure_department"},
        "bureau_clerk": {"measure_district", "measure_handler", "measure_department"},
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    for name, expected in branches.items():
        plans = [
            branch.order_by("-decided_on", "-id")[:50].explain()
            for branch in Measure.objects.live().visible_branches(cast.person(name))
        ]
        used = {index for plan in plans for index in expected if f" {index} " in plan}
        assert used == expected, plans


def test_the_to_do_of_publication(cast: Cast) -> None:
    late = measure_make(cast, on=clock.today() - dt.timedelta(days=60), party_name="甲厂")
    soon = made(cast, party_name="乙厂")
    measure_in(cast, MeasureStatus.VOID, on=clock.today(), party_name="丙厂")
    made(cast, kind=MeasureKind.JOINT, party_name="丁厂")
    (todo,) = [one for one in panels.todos() if one.name == "measures.publish"]
    items = todo.items(cast.person("officer_a2"), clock.today(), 5)
    assert [(one.subject, one.url) for one in items] == [
        ("甲厂", late.get_absolute_url()),
        ("乙厂", soon.get_absolute_url()),
    ]
    assert items[0].days_overdue(clock.today()) > 30
    assert todo.count(cast.person("officer_a"), clock.today()) == 2
    for name in ("officer_b", "community_officer", "leader", "enterprise_user", "auditor"):
        assert not todo.items(cast.person(name), clock.today(), 5)
        assert todo.count(cast.person(name), clock.today()) == 0


def test_the_box_on_the_enterprise_page(cast: Cast) -> None:
    page = reverse("enterprises:detail", args=[cast.enterprise.pk])
    new = f"{reverse('inspections:measure_new')}?enterprise={cast.enterprise.pk}"
    assert new in cast.client("officer_a").get(page).content.decode()
    assert "执法处置" not in [one.title for one in cast.client("leader").get(page).context["panels"]]
    measure = made(cast)
    for name in ("officer_a", "leader", "enterprise_user"):
        text = cast.client(name).get(page).content.decode()
        assert measure.get_absolute_url() in text
        assert (new in text) is (name == "officer_a")


def test_search_finds_only_what_the_reader_sees(cast: Cast) -> None:
    measure = made(cast, document_number="（东门）罚〔2021〕7号")
    (found,) = finding.find(cast.person("officer_a"), "罚〔2021〕7", 5)
    assert (found.label, [hit.url for hit in found.hits]) == ("执法处置", [measure.get_absolute_url()])
    for name in ("officer_b", "system_admin"):
        assert finding.find(cast.person(name), "东门机械", 5) == []
