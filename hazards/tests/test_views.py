"""The pages: who sees what, what a form leads to, and what a refusal leaves untouched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from emergency.core import attachments, clock
from emergency.core.audit import AuditEntry, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.periods import Period
from emergency.core.tests.query_counts import expected_queries
from emergency.enterprises.tests.factories import enterprise_make
from emergency.figures import queries as figures
from emergency.figures.vocabulary import get as get_figure
from emergency.organizations.tests.factories import Cast
from hazards.lifecycle import FIVE_REQUIREMENTS
from hazards.models import Grade, Hazard, Source, Status
from hazards.tests.factories import FOUND_ON, TODAY, count_make, hazard_in, hazard_make, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def page(cast: Cast, name: str, route: str, *args: Any, **params: Any) -> Any:
    return cast.client(name).get(reverse(f"hazards:{route}", args=args), params)


def send(cast: Cast, name: str, route: str, *args: Any, **data: Any) -> Any:
    return cast.client(name).post(reverse(f"hazards:{route}", args=args), data)


def numbers(response: Any) -> set[int]:
    return {row.pk for row in response.context["page"].rows}


# ------------------------------------------------------------------------------------------------ the register


def test_everybody_finds_their_own_rows_and_no_others(cast: Cast) -> None:
    here = hazard_make(cast)
    there = hazard_make(
        cast, actor=cast.officer_b, handler=cast.street_b, enterprise=None, place="乙街", area=cast.street_b
    )
    draft = hazard_make(cast, draft=True)
    seen = {name: numbers(page(cast, name, "list")) for name in Cast.BUSINESS}
    both, mine = {here.pk, there.pk, draft.pk}, {here.pk, draft.pk}
    assert seen == {
        "bureau_clerk": both,
        "section_head": both,
        "leader": both,
        "officer_a": mine,
        "officer_a2": mine,
        "officer_b": {there.pk},
        "community_officer": set(),
        "department_clerk": mine,
        "enterprise_user": {here.pk},
    }


@pytest.mark.parametrize("name", Cast.ADMINISTRATORS)
def test_administrators_stay_outside(cast: Cast, name: str) -> None:
    hazard = hazard_make(cast)
    assert page(cast, name, "list").status_code == 403
    assert page(cast, name, "detail", hazard.pk).status_code == 403


def test_another_streets_hazard_does_not_exist(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.REVIEW)
    for route, args in (("detail", ()), ("edit", ()), ("delete", ()), ("split", ()), ("act", ("pass",))):
        assert page(cast, "officer_b", route, hazard.pk, *args).status_code == 404, route
        if route != "detail":
            assert send(cast, "officer_b", route, hazard.pk, *args).status_code == 404, route
    picture = attachments.for_owner(hazard).first()
    assert cast.client("officer_b").get(picture.get_absolute_url()).status_code == 404
    shown = cast.client("officer_a").get(picture.get_absolute_url())
    assert shown.status_code == 200
    shown.close()


def test_the_anonymous_are_sent_to_the_login(cast: Cast, client: Any) -> None:
    assert reverse("organizations:login") in client.get(reverse("hazards:list")).headers["Location"]


def filter_cases(cast: Cast) -> dict[str, tuple[dict[str, str], set[str]]]:
    return {
        "open": ({"status": "open"}, {"late", "major", "count", "own", "review"}),
        "status": ({"status": "closed"}, {"closed"}),
        "area": ({"area": str(cast.street_b.pk)}, {"count"}),
        "late": ({"late": "rectify"}, {"late"}),
        "late review": ({"late": "review"}, {"review"}),
        "grade": ({"grade": "major"}, {"major"}),
        "handler": ({"handler": str(cast.bureau.pk)}, {"count"}),
        "source": ({"source": "self"}, {"own"}),
        "category": ({"category": "fire"}, {"late"}),
        "from": ({"found_from": "2026-03-03"}, {"count"}),
        "to": ({"found_to": "2026-03-02"}, {"late", "major", "own", "review", "closed"}),
        "enterprise": ({"enterprise": str(cast.enterprise.pk)}, {"late", "major", "own", "review", "closed"}),
        "search": ({"q": "灭火器"}, {"late"}),
        "nothing": ({"q": "不存在的字样"}, set()),
    }


CASES = (
    "open", "status", "area", "late", "late review", "grade", "handler", "source", "category", "from", "to", "enterprise",
    "search", "nothing",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_filter_narrows(cast: Cast, case: str) -> None:
    rows = {
        "late": hazard_make(cast, due_on=FOUND_ON, category="fire", description="灭火器过期"),
        "major": hazard_make(cast, grade=Grade.MAJOR),
        "own": hazard_make(cast, actor=cast.enterprise_user, source=Source.SELF),
        "count": count_make(cast, 3, actor=cast.bureau_clerk, handler=cast.bureau, area=cast.street_b, found_on=TODAY),
        "review": hazard_in(cast, Status.REVIEW),
        "closed": hazard_in(cast, Status.CLOSED),
    }
    Hazard.objects.filter(pk=rows["review"].pk).update(review_due_on=FOUND_ON)
    params, expected = filter_cases(cast)[case]
    assert numbers(page(cast, "bureau_clerk", "list", **params)) == {rows[key].pk for key in expected}


def test_a_sign_that_only_looks_like_a_digit_is_no_number(cast: Cast) -> None:
    assert page(cast, "officer_a", "list", after="2026-03-02~²").status_code == 200
    assert page(cast, "officer_a", "new", enterprise="²").status_code == 200
    assert page(cast, "officer_a", "recheck", enterprise="²").status_code == 404
    assert page(cast, "leader", "void", selected="²").status_code == 302
    again = cast.client("officer_a").get(reverse("inspections:new"), {"again": "²", "enterprise": "²"})
    assert again.status_code == 200


def test_a_filter_offers_only_units_in_reach(cast: Cast) -> None:
    filters = page(cast, "officer_a", "list").context["page"].filters
    areas = {key for key, _ in filters.form.fields["area"].choices if key}
    assert areas == {str(cast.street_a.pk), str(cast.community_a.pk)}
    assert numbers(page(cast, "officer_a", "list", area=cast.street_b.pk)) == set()


def test_a_list_opened_from_a_figure_has_its_exact_foot(cast: Cast) -> None:
    count_make(cast, 7)
    hazard_in(cast, Status.CLOSED)
    hazard_make(cast, draft=True)
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    link = figures.link(get_figure("hazards.found"), organisation=cast.district, period=period)
    response = cast.client("bureau_clerk").get(link)
    assert "共8条" in response.content.decode()
    assert cast.client("bureau_clerk").get(link.replace("hazards.found", "nonsense")).status_code == 400


@pytest.mark.parametrize("rows", [0, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    count_make(cast, 1)
    one = Hazard.objects.values().get()
    for name in ("id", "search_text"):
        one.pop(name)
    Hazard.objects.bulk_create(Hazard(**one | {"number": f"n{place}"}) for place in range(rows))
    client = cast.client("officer_a")
    client.get(reverse("hazards:list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("hazards:list")).status_code == 200
    assert len(queries) == expected_queries("hazards:list") <= 12


# ------------------------------------------------------------------------------------------------ registering


def form_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    values = {
        "handler": cast.street_a.pk,
        "enterprise": cast.enterprise.pk,
        "found_on": "2026-03-02",
        "source": "inspection",
        "description": "安全出口上锁",
        "category": "fire",
        "grade": "general",
        "measure": "deadline",
        "photos": photo(),
    }
    return values | changes


def test_an_officer_registers_and_orders(cast: Cast) -> None:
    assert "登记隐患" in page(cast, "officer_a", "new").content.decode()
    response = send(cast, "officer_a", "new", **form_of(cast))
    hazard = Hazard.objects.get()
    assert response.headers["Location"] == hazard.get_absolute_url()
    assert (hazard.status, hazard.found_by, hazard.area) == (Status.RECTIFYING, cast.officer_a, cast.street_a)
    assert attachments.for_owner(hazard, "before").count() == 1


def test_a_draft_is_kept_changed_and_thrown_away(cast: Cast) -> None:
    send(cast, "officer_a", "new", **form_of(cast, save="draft"))
    draft = Hazard.objects.get()
    assert draft.status == Status.DRAFT
    assert page(cast, "officer_a", "edit", draft.pk).status_code == 200
    changed = form_of(cast, description="安全出口被货物堵塞", area=cast.community_a.pk)
    assert send(cast, "officer_a", "edit", draft.pk, **changed).status_code == 302
    draft.refresh_from_db()
    assert (draft.description, draft.area) == ("安全出口被货物堵塞", cast.community_a)
    assert page(cast, "enterprise_user", "detail", draft.pk).status_code == 404
    assert send(cast, "bureau_clerk", "delete", draft.pk).status_code == 403
    assert page(cast, "officer_a", "delete", draft.pk).status_code == 200
    assert send(cast, "officer_a", "delete", draft.pk).status_code == 302
    assert not Hazard.objects.exists()


def test_fixed_at_the_visit_from_the_form(cast: Cast) -> None:
    more = {"on_site": "on", "rectifier": "钱厂长", "rectification": "当场开锁", "after_photos": photo()}
    assert send(cast, "officer_a", "new", **form_of(cast, **more)).status_code == 302
    assert Hazard.objects.get().status == Status.CLOSED


def test_a_missing_photo_is_named_at_its_own_field(cast: Cast) -> None:
    more = {"on_site": "on", "rectifier": "钱厂长", "rectification": "当场开锁"}
    form = send(cast, "officer_a", "new", **form_of(cast, **more)).context["form"]
    assert list(form.errors) == ["after_photos"]
    without = form_of(cast, **more, after_photos=photo())
    del without["photos"]
    assert list(send(cast, "officer_a", "new", **without).context["form"].errors) == ["photos"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"description": ""}, "必填"),
        ({"found_on": "2026-03-09"}, "发现日期不能晚于今天"),
        ({"enterprise": "", "place": ""}, "请选择受检单位"),
        ({"grade": "major"}, "重大隐患须填写判定标准"),
        ({"on_site": "on"}, "请填写此项"),
        ({"photos": "junk"}, "坏.png"),
    ],
)
def test_a_faulty_form_says_why_and_keeps_what_was_typed(cast: Cast, changes: dict[str, Any], words: str) -> None:
    if "photos" in changes:
        changes = {"photos": SimpleUploadedFile("坏.png", b"MZ junk", content_type="image/png")}
    response = send(cast, "officer_a", "new", **form_of(cast, **changes))
    text = response.content.decode()
    assert response.status_code == 400 and words in text
    assert ("东门机械厂" in text) is ("enterprise" not in changes)
    assert not Hazard.objects.exists()


def test_nobody_registers_outside_their_reach(cast: Cast) -> None:
    other = enterprise_make(name="西坪机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    for changes in ({"handler": cast.street_b.pk}, {"enterprise": other.pk}, {"area": cast.street_b.pk}):
        assert send(cast, "officer_a", "new", **form_of(cast, **changes)).status_code == 400, changes
    assert not Hazard.objects.exists()


def test_a_leader_registers_nothing(cast: Cast) -> None:
    assert page(cast, "leader", "new").status_code == 403
    assert send(cast, "leader", "new", **form_of(cast)).status_code == 403


def test_an_enterprise_reports_its_own(cast: Cast) -> None:
    text = page(cast, "enterprise_user", "new").content.decode()
    assert "内部备注" not in text and "登记自查隐患" in text
    data = {
        "enterprise": cast.enterprise.pk,
        "found_on": "2026-03-02",
        "description": "护罩松动",
        "category": "equipment",
        "grade": "general",
    }
    assert send(cast, "enterprise_user", "new", **data).status_code == 302
    hazard = Hazard.objects.get()
    assert (hazard.source, hazard.handler, hazard.status) == (Source.SELF, cast.street_a, Status.RECTIFYING)


# ------------------------------------------------------------------------------------------------ the page and its steps


def test_the_firm_sees_no_internal_note_and_no_finders_phone(cast: Cast) -> None:
    cast.officer_a.phone = "13907970001"
    cast.officer_a.save()
    hazard = hazard_make(cast, internal_note="法人有前科", photos=[photo()])
    for name, shown in (("officer_a", True), ("department_clerk", True), ("enterprise_user", False)):
        text = page(cast, name, "detail", hazard.pk).content.decode()
        assert ("法人有前科" in text) is shown, name
        assert "13907970001" not in text
        assert hazard.number in text and "整改前照片" in text


def test_the_whole_way_through_the_pages(cast: Cast) -> None:
    send(cast, "officer_a", "new", **form_of(cast))
    hazard = Hazard.objects.get()
    repair = {
        "rectification": "已拆除门锁",
        "rectifier": "钱厂长",
        "rectified_on": "2026-03-04",
        "photos": [photo(), photo("二.png")],
    }
    assert page(cast, "enterprise_user", "act", hazard.pk, "submit").status_code == 200
    assert send(cast, "enterprise_user", "act", hazard.pk, "submit", **repair).status_code == 302
    verdict = {"opinion": "已整改到位", "reviewed_on": "2026-03-05"}
    assert page(cast, "officer_a2", "act", hazard.pk, "pass").status_code == 200
    assert send(cast, "officer_a2", "act", hazard.pk, "pass", **verdict).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.status, hazard.closed_on) == (Status.CLOSED, TODAY)
    text = page(cast, "leader", "detail", hazard.pk).content.decode()
    assert "已销号" in text and "已拆除门锁" in text and "更正为待整改" in text
    assert list(events_of(hazard).values_list("action", flat=True)) == ["open", "issue", "submit", "pass"]


STEPS = [
    (Status.DRAFT, "issue", "officer_a"),
    (Status.DRAFT, "fix_on_site", "officer_a"),
    (Status.RECTIFYING, "submit", "enterprise_user"),
    (Status.RECTIFYING, "request_extension", "enterprise_user"),
    (Status.RECTIFYING, "transfer", "leader"),
    (Status.RECTIFYING, "plan", "enterprise_user"),
    (Status.EXTENSION, "approve_extension", "officer_a"),
    (Status.EXTENSION, "refuse_extension", "officer_a"),
    (Status.REVIEW, "pass", "officer_a"),
    (Status.REVIEW, "fail", "officer_a"),
    (Status.REVIEW, "decide_listing", "leader"),
    (Status.CLOSED, "reopen", "section_head"),
    (Status.CLOSED, "reopen_review", "section_head"),
    (Status.CLOSED, "void", "leader"),
]


@pytest.mark.parametrize(("status", "action", "name"), STEPS)
def test_each_step_has_its_form_and_goes_through(cast: Cast, status: str, action: str, name: str) -> None:
    grade = Grade.MAJOR if action in ("plan", "decide_listing") else Grade.GENERAL
    hazard = hazard_in(cast, status, grade=grade)
    later = (TODAY + dt.timedelta(days=40)).isoformat()
    data: dict[str, Any] = {
        "due_on": later, "requested_due_on": later, "rectifier": "钱厂长", "rectification": "已改", "rectified_on": "2026-03-04",
        "reason": "理由", "interim_control": "停用", "opinion": "意见", "reviewed_on": "2026-03-05", "photos": photo(),
        "listing_reason": "可限期完成", "handler": cast.department.pk, **dict.fromkeys(FIVE_REQUIREMENTS, "已落实"),
    }  # fmt: skip
    assert page(cast, name, "act", hazard.pk, action).status_code == 200
    assert send(cast, name, "act", hazard.pk, action).status_code == 400
    assert send(cast, name, "act", hazard.pk, action, **data).status_code == 302
    assert events_of(hazard).last().action == action


def test_a_refused_step_is_written_down_and_changes_nothing(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.REVIEW)
    before = Hazard.objects.values().get(pk=hazard.pk)
    assert page(cast, "enterprise_user", "act", hazard.pk, "pass").status_code == 403
    response = send(cast, "enterprise_user", "act", hazard.pk, "pass", opinion="自己合格", reviewed_on="2026-03-05")
    assert response.status_code == 403
    assert Hazard.objects.values().get(pk=hazard.pk) == before
    refused = AuditEntry.objects.filter(outcome=Outcome.REFUSED)
    assert set(refused.values_list("actor", flat=True)) == {cast.enterprise_user.pk} and len(refused) >= 2


def test_a_step_that_somebody_took_before_leads_back(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.CLOSED)
    for response in (
        page(cast, "officer_a", "act", hazard.pk, "pass"),
        send(cast, "officer_a", "act", hazard.pk, "pass"),
    ):
        assert response.headers["Location"] == hazard.get_absolute_url()
    assert page(cast, "officer_a", "act", hazard.pk, "nonsense").status_code == 404


def test_a_transfer_out_of_sight_leads_to_the_list(cast: Cast) -> None:
    hazard = hazard_make(cast, actor=cast.department_clerk, handler=cast.department, department=cast.bureau)
    data = {"handler": cast.street_a.pk, "reason": "属地办理"}
    response = send(cast, "department_clerk", "act", hazard.pk, "transfer", **data)
    assert response.headers["Location"] == reverse("hazards:list")


def test_splitting_from_the_page(cast: Cast) -> None:
    row = count_make(cast, 3)
    assert "拆分" in page(cast, "officer_a", "detail", row.pk).content.decode()
    assert page(cast, "officer_a", "split", row.pk).status_code == 200
    assert send(cast, "officer_a", "split", row.pk, quantity=9, entry_mode="count").status_code == 400
    assert (
        send(cast, "officer_a", "split", row.pk, quantity=1, entry_mode="item", description="线路老化").status_code
        == 302
    )
    assert sorted(Hazard.objects.values_list("entry_mode", "quantity")) == [("count", 2), ("item", 1)]
    assert page(cast, "leader", "split", row.pk).status_code == 403


def test_sweeping_through_an_enterprise(cast: Cast) -> None:
    first, second, third = (hazard_in(cast, Status.REVIEW) for _ in range(3))
    address = f"{reverse('hazards:recheck')}?enterprise={cast.enterprise.pk}"
    client = cast.client("officer_a")
    assert len(client.get(address).context["lines"]) == 3
    data: dict[str, Any] = {
        f"hazard-{first.pk}-action": "pass", f"hazard-{first.pk}-opinion": "合格",
        f"hazard-{second.pk}-action": "fail", f"hazard-{second.pk}-opinion": "仍有堆物",
        f"hazard-{third.pk}-action": "", "signed_by": "钱厂长", "photos": photo(),
    }  # fmt: skip
    refused = client.post(address, data)
    assert refused.status_code == 400 and "新的整改期限" in refused.content.decode()
    data |= {f"hazard-{second.pk}-due_on": "2026-03-20", "photos": photo()}
    assert client.post(address, data).status_code == 302
    found = dict(Hazard.objects.values_list("pk", "status"))
    assert found == {first.pk: Status.CLOSED, second.pk: Status.RECTIFYING, third.pk: Status.REVIEW}
    assert cast.client("officer_b").get(address).context["lines"] == []
    assert client.get(reverse("hazards:recheck")).status_code == 404


def test_voiding_from_the_list_in_two_steps(cast: Cast) -> None:
    rows = [hazard_make(cast), hazard_make(cast)]
    keys = [one.pk for one in rows]
    assert page(cast, "officer_a", "void", selected=keys).status_code == 403
    assert send(cast, "officer_a", "void", selected=keys, reason="重复").status_code == 403
    shown = page(cast, "leader", "void", selected=keys)
    assert all(one.number in shown.content.decode() for one in rows)
    assert send(cast, "leader", "void", selected=keys).status_code == 400
    assert send(cast, "leader", "void", selected=keys, reason="重复登记").status_code == 302
    assert set(Hazard.objects.values_list("status", "void_reason")) == {(Status.VOID, "重复登记")}
    assert page(cast, "leader", "void").status_code == 302
