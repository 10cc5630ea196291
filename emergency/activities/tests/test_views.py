"""Pages of activities: who enters, the two steps of registering, lists with their sums, boxes on other pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.activities.models import Activity, Category, Status
from emergency.activities.tests.factories import activity_make, category
from emergency.core import attachments, clock, finding, panels
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.tests.factories import Cast
from emergency.organizations.tests.planting import plant_many
from emergency.programmes.models import Programme

pytestmark = pytest.mark.django_db
OFFICES = set(Cast.BUSINESS) - {"enterprise_user"}
FILERS = OFFICES - {"leader"}
AREA_A = {"bureau_clerk", "section_head", "leader", "officer_a", "officer_a2"}
LIST, NEW = "activities:list", "activities:new"


def make(cast: Cast, **fields: Any) -> Activity:
    given = {"started_on": clock.today()} | fields
    return activity_make(actor=cast.person("officer_a"), handler=cast.street_a, **given)


def sent(cast: Cast, **fields: Any) -> dict[str, Any]:
    """What the browser sends for a training of street A."""
    return {
        "handler": cast.street_a.pk,
        "title": "第一期培训",
        "started_on": clock.today().isoformat(),
        "times": "2",
        "people": "60",
    } | fields


# ------------------------------------------------------------------------------------------------ who enters


@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        (LIST, OFFICES),
        (NEW, FILERS),
        ("activities:import", FILERS),
        ("activities:export", OFFICES),
        ("activities:void", {"section_head", "leader"}),
        ("activities:categories", {"section_head"}),
        ("activities:category_new", {"section_head"}),
    ],
)
def test_who_opens_which_page(cast: Cast, route: str, allowed: set[str]) -> None:
    make(cast)
    for name in Cast.NAMES:
        expected = {200, 302} if name in allowed else {403}
        assert cast.client(name).get(reverse(route)).status_code in expected, name


def test_who_sees_an_activity(cast: Cast) -> None:
    record = make(cast, title="东门街道培训班")
    draft = make(cast, title="草稿一份", draft=True)
    for name in Cast.NAMES:
        client = cast.client(name)
        expected = 200 if name in AREA_A else 404 if name in OFFICES else 403
        assert client.get(record.get_absolute_url()).status_code == expected, name
        if name in OFFICES:
            listed = client.get(reverse(LIST)).content.decode()
            assert ("东门街道培训班" in listed) is (expected == 200)
        routes = {
            ("edit", record): {"officer_a", "officer_a2", "section_head", "leader"},
            ("act", record): {"officer_a", "section_head", "leader"},
            ("delete", draft): {"officer_a", "officer_a2"},
        }
        for (route, row), allowed in routes.items():
            args = [row.pk, "void"] if route == "act" else [row.pk]
            status = client.get(reverse(f"activities:{route}", args=args)).status_code
            assert status == (200 if name in allowed else 403 if expected == 200 else expected), (name, route)


def test_the_anonymous_go_to_the_login(cast: Cast, client: Any) -> None:
    for url in (reverse(LIST), reverse(NEW), make(cast).get_absolute_url()):
        assert client.get(url).status_code == 302


# ------------------------------------------------------------------------------------------------ registering


def test_first_the_category_then_what_it_asks_for(cast: Cast) -> None:
    make(cast, slug="meeting_party", title="专题会议")
    Category.objects.filter(slug="consult").update(closed_on=clock.today())
    client = cast.client("officer_a")
    page = client.get(reverse(NEW))
    assert [one.slug for one in page.context["recent"]] == ["meeting_party"]
    assert "?category=training_cadre" in page.content.decode()
    assert "consult_flood" not in page.content.decode()
    form = client.get(reverse(NEW), {"category": "supervision_flood"}).context["form"]
    assert [name for name in form.fields if name in ("times", "people", "quantity", "money", "problems", "rectified")] == [
        "times", "people", "problems", "rectified",
    ]  # fmt: skip
    assert "leader" in form.fields and "document_number" not in form.fields and "reason" not in form.fields
    paper = client.get(reverse(NEW), {"category": "document"}).context["form"]
    assert "document_number" in paper.fields and "leader" not in paper.fields
    for slug in ("consult_flood", "none"):
        assert "branches" in client.get(reverse(NEW), {"category": slug}).context


def test_registering_with_files_and_as_a_draft(cast: Cast) -> None:
    client, url = cast.client("officer_a"), f"{reverse(NEW)}?category=training_cadre"
    paper = SimpleUploadedFile("签到表.pdf", b"%PDF-1.4\n%%EOF\n")
    response = client.post(url, sent(cast, materials=[paper], approximate=["people"]))
    assert response.status_code == 302, response.context["form"].errors
    record = Activity.objects.get()
    assert response.url == record.get_absolute_url()
    assert (record.times, record.people, record.approximate) == (2, 60, ["people"])
    assert attachments.for_owner(record).get().name == "签到表.pdf"
    page = client.get(record.get_absolute_url()).content.decode()
    for words in ("培训 · 干部培训", "约60人次", "2期", "签到表.pdf", "更正"):
        assert words in page
    client.post(url, sent(cast, title="草稿", save="draft"))
    draft = Activity.objects.get(title="草稿")
    assert draft.status == Status.DRAFT
    assert client.post(reverse("activities:act", args=[draft.pk, "file"])).status_code == 302
    draft.refresh_from_db()
    assert draft.status == Status.FILED


def test_what_is_refused_keeps_what_was_typed(cast: Cast) -> None:
    client, url = cast.client("officer_a"), f"{reverse(NEW)}?category=supervision_flood"
    response = client.post(url, sent(cast, problems="2", rectified="3", content="已填写的内容"))
    assert response.status_code == 400
    assert "不能大于发现问题数" in str(response.context["form"].errors["rectified"])
    assert "已填写的内容" in response.content.decode()
    assert client.post(url, sent(cast, handler=cast.street_b.pk)).status_code == 400
    assert client.post(reverse(NEW), sent(cast)).url == reverse(NEW)
    assert not Activity.objects.exists()


def test_correcting_and_changing_the_category(cast: Cast) -> None:
    record = make(cast, people=60)
    client, url = cast.client("officer_a2"), reverse("activities:edit", args=[record.pk])
    assert "branches" in client.get(f"{url}?pick=1").context
    data = {"title": "张贴海报", "started_on": record.started_on.isoformat(), "quantity": "20"}
    moved = f"{url}?category=publicity_poster"
    assert "reason" in client.post(moved, data).context["form"].errors
    assert client.post(moved, data | {"reason": "类别选错"}).status_code == 302
    record.refresh_from_db()
    assert (record.category_slug, record.quantity, record.people, record.times) == ("publicity_poster", 20, None, None)
    assert "类别选错" in client.get(record.get_absolute_url()).content.decode()
    shown = client.get(url).context["form"]
    assert (shown["title"].value(), shown["quantity"].value()) == ("张贴海报", "20")


def test_taking_back_one_and_several(cast: Cast) -> None:
    one, other, third = make(cast), make(cast, title="乙"), make(cast, title="丙")
    client, url = cast.client("leader"), reverse("activities:act", args=[one.pk, "void"])
    assert client.post(url, {"reason": ""}).status_code == 400
    assert client.post(url, {"reason": "重复"}).status_code == 302
    assert client.get(url).status_code == 302  # somebody was quicker
    several = reverse("activities:void")
    assert client.get(several).status_code == 302
    assert "乙" in client.get(several, {"selected": [other.pk, third.pk]}).content.decode()
    assert client.post(several, {"selected": [other.pk, one.pk], "reason": "重复"}).status_code == 400
    assert Activity.objects.counted().count() == 2
    assert client.post(several, {"selected": [other.pk, third.pk], "reason": "重复"}).status_code == 302
    assert not Activity.objects.counted().exists()
    assert client.get(reverse("activities:act", args=[one.pk, "other"])).status_code == 404


def test_a_draft_is_thrown_away(cast: Cast) -> None:
    draft = make(cast, draft=True)
    url = reverse("activities:delete", args=[draft.pk])
    assert cast.client("officer_a2").post(url).url == reverse(LIST)
    assert not Activity.objects.exists()


# ------------------------------------------------------------------------------------------------ lists


def test_filters_search_and_sums(cast: Cast) -> None:
    make(cast, title="安全员班", people=30, leader="周主任")
    make(cast, title="海报", slug="publicity_poster", quantity=20, approximate=["quantity"])
    activity_make(
        actor=cast.person("officer_b"), handler=cast.street_b, slug="training_cadre", title="干部班", people=12, times=2
    )
    make(cast, title="草稿班", draft=True, people=99)
    client = cast.client("bureau_clerk")

    def page(**query: Any) -> Any:
        shown = client.get(reverse(LIST), query).context["page"]
        assert shown.filters.is_valid(), shown.filters.errors
        return shown

    def titles(**query: Any) -> set[str]:
        return {row.cells[3].text for row in page(**query).rows}

    assert titles() == {"安全员班", "海报", "干部班", "草稿班"}
    assert titles(category="training") == {"安全员班", "干部班", "草稿班"}
    assert titles(category="training_cadre") == titles(handler=cast.street_b.pk) == {"干部班"}
    assert titles(area=cast.street_b.pk) == titles(started_to="2021-12-31") == {"干部班"}
    assert titles(started_from="2022-01-01") == {"安全员班", "海报", "草稿班"}
    assert titles(leader="周") == titles(q="周主任") == {"安全员班"}
    assert titles(status="draft") == {"草稿班"}
    foot = page(category="training").foot
    assert foot == {"text": "“培训”合计：次数 3期，人次 42人次", "rows": 3}
    assert page(category="publicity_poster").foot["text"] == "“宣传 · 张贴海报”合计：数量 20张"
    assert page().foot is None
    opened = page(
        figure="activities.training.people",
        **{"from": "2021-01-01", "to": clock.today().isoformat(), "organisation": cast.district.division_code},
    )
    assert (opened.foot["number"], len(opened.rows)) == (42, 2)


def test_the_list_costs_the_same_for_many_rows(cast: Cast) -> None:
    training, rows = category("training_cadre"), {"area": cast.street_a, "handler": cast.street_a, "status": "filed"}
    rows |= {"category": training, "group_slug": "training", "category_slug": training.slug}
    plant_many(Activity, 55, unit=cast.street_a, user=cast.officer_a, **rows)
    client = cast.client("officer_a")
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(LIST)).status_code == 200
    assert len(captured) == expected_queries(LIST)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(LIST), {"category": "training"}).context["page"].foot["rows"] == 55
    assert len(captured) == expected_queries(LIST) + 1 <= 12  # the sums


def test_the_boxes_on_the_pages_of_enterprises_and_campaigns(cast: Cast) -> None:
    campaign = Programme.objects.create(
        name="安全生产月",
        owner=cast.bureau,
        start=dt.date(2021, 1, 1),
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
    )
    record = make(
        cast, slug="upgrade", title="防坠器改造", quantity=1, enterprise=cast.enterprise, campaigns=[campaign]
    )
    for url in (
        reverse("enterprises:detail", args=[cast.enterprise.pk]),
        reverse("programmes:detail", args=[campaign.pk]),
    ):
        shown = cast.client("officer_a").get(url).content.decode()
        assert "防坠器改造" in shown and record.get_absolute_url() in shown
    page = cast.client("enterprise_user").get(reverse("enterprises:detail", args=[cast.enterprise.pk]))
    assert "防坠器改造" not in page.content.decode()
    new = cast.client("officer_a").get(reverse(NEW), {"category": "meeting", "enterprise": cast.enterprise.pk})
    assert str(new.context["form"]["enterprise"].value()) == str(cast.enterprise.pk)


def test_search_and_menu_show_what_the_reader_may_open(cast: Cast) -> None:
    record = make(cast, title="防汛培训")
    (found,) = finding.find(cast.person("officer_a"), "防汛培训", 5)
    assert (found.label, [hit.url for hit in found.hits]) == ("工作纪实", [record.get_absolute_url()])
    for name in ("officer_b", "system_admin", "enterprise_user"):
        assert finding.find(cast.person(name), "防汛培训", 5) == []

    def entries(name: str) -> set[str]:
        return {one.url_name for one in panels.menu_entries(cast.person(name)) if one.group == "工作纪实"}

    assert entries("section_head") == {LIST, NEW, "activities:categories"}
    assert (entries("officer_a"), entries("leader")) == ({LIST, NEW}, {LIST})
    assert entries("enterprise_user") == entries("auditor") == set()


# ------------------------------------------------------------------------------------------------ categories


def test_a_section_head_keeps_the_tree(cast: Cast) -> None:
    client = cast.client("section_head")
    page = client.get(reverse("activities:categories")).content.decode()
    assert "秘书长（安委办）召集会议" in page and "次数（轮）" in page
    new = reverse("activities:category_new")
    assert client.get(new, {"group": "training"}).context["form"]["order"].value() == 40
    data = {"parent": category("training").pk, "name": "应急队伍培训", "order": 40}
    assert client.post(new, data).status_code == 400
    assert client.post(new, data | {"times_word": "期", "details": ["leader"]}).status_code == 302
    made = Category.objects.get(name="应急队伍培训")
    edit = reverse("activities:category_edit", args=[made.pk])
    assert "parent" not in client.get(edit).context["form"].fields
    changed = {"name": "救援队伍培训", "order": 50, "times_word": "期", "closed_on": "2030-01-01"}
    assert client.post(edit, changed).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.details, made.closed_on) == ("救援队伍培训", [], dt.date(2030, 1, 1))
    assert cast.client("bureau_clerk").post(edit, changed | {"name": "改"}).status_code == 403
