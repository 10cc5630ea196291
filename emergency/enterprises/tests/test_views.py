"""The register's pages: who gets in, whose rows show, what is typed is kept, and what a list costs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.core.periods import Period
from emergency.core.tests.query_counts import expected_queries
from emergency.enterprises.models import Enterprise, EnterpriseMembership, Industry, State
from emergency.enterprises.tests.factories import credit_code_make, enterprise_make
from emergency.figures import queries as figures
from emergency.figures.vocabulary import get as get_figure
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast, client_of

pytestmark = pytest.mark.django_db

FILERS = {
    "bureau_clerk", "section_head", "officer_a", "officer_a2", "officer_b", "community_officer", "department_clerk",
}  # fmt: skip
KEEPERS = {"bureau_clerk", "section_head", "officer_a", "officer_a2", "department_clerk"}
OFFICE = KEEPERS - {"department_clerk"}
SEERS = KEEPERS | {"leader", "enterprise_user"}


def page(cast: Cast, who: str, route: str, *args: Any, **query: Any) -> HttpResponse:
    return cast.client(who).get(reverse(f"enterprises:{route}", args=args), query)


def send(cast: Cast, who: str, route: str, *args: Any, **data: Any) -> HttpResponse:
    return cast.client(who).post(reverse(f"enterprises:{route}", args=args), data)


def form_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    data = {
        "name": "新光机械厂",
        "kind": "enterprise",
        "no_code_reason": "未办照",
        "area": cast.street_a.pk,
        "industry": Industry.objects.get(name="工贸").pk,
        "department": cast.department.pk,
        "registered_on": "2026-01-05",
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


# ------------------------------------------------------------------------------------------------ doors


@pytest.mark.parametrize("route", ["list", "autocomplete", "new", "quick", "industry_list", "industry_new", "export"])
def test_the_anonymous_go_to_the_login(cast: Cast, route: str) -> None:
    answer = client_of(None).get(reverse(f"enterprises:{route}"))
    assert answer.status_code == 302
    assert reverse("organizations:login") in answer["Location"]


@pytest.mark.parametrize("who", Cast.NAMES)
def test_every_page_by_role(cast: Cast, who: str) -> None:
    pk = cast.enterprise.pk
    member = EnterpriseMembership.objects.get(enterprise=cast.enterprise).pk
    inside = who in Cast.BUSINESS
    record = 200 if who in SEERS else 404 if inside else 403
    keeper = 200 if who in KEEPERS else record if record != 200 else 403
    office = 200 if who in OFFICE else record if record != 200 else 403
    filing_keeper = keeper if who in FILERS else 403
    office_door = office if who in FILERS - {"department_clerk", "community_officer"} or who == "leader" else 403
    wanted = {
        ("list",): 200 if inside else 403,
        ("autocomplete",): 200 if inside else 403,
        ("new",): 200 if who in FILERS else 403,
        ("quick",): 200 if who in FILERS else 403,
        ("detail", pk): record,
        ("edit", pk): filing_keeper,
        ("phone", pk): keeper,
        ("act", pk, "suspend"): keeper,
        ("act", pk, "close"): office,
        ("act", pk, "void"): office,
        ("account_new", pk): office_door,
        ("account_revoke", pk, member): office_door,
        ("industry_list",): 200 if who == "section_head" else 403,
        ("industry_new",): 200 if who == "section_head" else 403,
        ("import",): 200 if who in FILERS else 403,
        ("export",): 200 if inside else 403,
    }
    found = {key: page(cast, who, *key).status_code for key in wanted}
    assert found == wanted


@pytest.mark.parametrize("who", ["officer_b", "community_officer"])
def test_somebody_elses_row_is_nowhere(cast: Cast, who: str) -> None:
    assert cast.enterprise.name not in page(cast, who, "list").content.decode()
    assert page(cast, who, "list", q="东门").status_code == 200
    assert page(cast, who, "autocomplete", q="东门").json() == {"results": []}
    exported = b"".join(page(cast, who, "export", fmt="csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert cast.enterprise.name not in exported


def test_an_unknown_action_and_a_state_that_does_not_fit(cast: Cast) -> None:
    assert page(cast, "officer_a", "act", cast.enterprise.pk, "explode").status_code == 404
    answer = page(cast, "officer_a", "act", cast.enterprise.pk, "resume")
    assert answer.status_code == 302


# ------------------------------------------------------------------------------------------------ list


def many(cast: Cast, number: int) -> None:
    Enterprise.objects.bulk_create(
        Enterprise(
            name=f"企业{n}", no_code_reason="未办照", area=cast.community_a, street=cast.street_a, district=cast.district,
            department=cast.department, industry=Industry.objects.get(name="工贸") if n == 0 else None,
            registered_on=dt.date(2020, 1, 1), created_by=cast.bureau_clerk, created_at=cast.enterprise.created_at,
        )
        for n in range(number)
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("who", ["community_officer", "officer_a"])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int, who: str) -> None:
    many(cast, rows)
    client = cast.client(who)
    client.get(reverse("enterprises:list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("enterprises:list")).status_code == 200
    assert len(queries) == expected_queries("enterprises:list") <= 12


def filtered(cast: Cast, **query: Any) -> list[str]:
    answer = page(cast, "bureau_clerk", "list", **query)
    return [row.cells[0].text for row in answer.context["page"].rows]


def test_every_filter_narrows(cast: Cast) -> None:
    industry = Industry.objects.get(name="矿山")
    enterprise_make(
        name="南山石场", area=cast.street_b, created_by=cast.bureau_clerk, industry=industry, kind="place", scale="small",
        state=State.SUSPENDED, state_changed_on=dt.date(2021, 1, 1), key_supervised=True, risk_level="orange", quick=True,
        former_names=["西山采石场"], credit_code=credit_code_make(5),
    )  # fmt: skip
    enterprise_make(
        name="旧厂", area=cast.street_a, created_by=cast.bureau_clerk, state=State.CLOSED,
        state_changed_on=dt.date(2021, 1, 1), ended_on=dt.date(2021, 1, 1),
    )  # fmt: skip
    only = ["南山石场"]
    assert len(filtered(cast)) == 3
    for query in (
        {"q": "石场"}, {"q": "西山"}, {"q": credit_code_make(5)[-6:].lower()}, {"area": cast.street_b.pk},
        {"industry": industry.pk}, {"kind": "place"}, {"scale": "small"}, {"state": "suspended"}, {"key_supervised": "yes"},
        {"risk_level": "orange"}, {"quick": "yes"},
    ):  # fmt: skip
        assert filtered(cast, **query) == only, query
    assert filtered(cast, department=cast.department.pk) == ["东门机械厂"]
    assert filtered(cast, state="supervised") == ["南山石场", "东门机械厂"]
    assert filtered(cast, key_supervised="no") == ["旧厂", "东门机械厂"]


def test_a_figure_opens_exactly_its_enterprises(cast: Cast) -> None:
    enterprise_make(
        name="旧厂", area=cast.street_a, created_by=cast.bureau_clerk, state=State.CLOSED,
        state_changed_on=dt.date(2021, 1, 1), ended_on=dt.date(2021, 1, 1),
    )  # fmt: skip
    figure = get_figure("enterprises.registered")
    period = Period(dt.date(2025, 1, 1), dt.date(2025, 6, 30))
    link = figures.link(figure, organisation=cast.district, period=period)
    answer = cast.client("bureau_clerk").get(link)
    shown = answer.context["page"]
    assert [row.cells[0].text for row in shown.rows] == ["东门机械厂"]
    assert shown.foot["number"] == 1
    assert cast.client("officer_b").get(link).context["page"].foot["visible"] == 0


# ------------------------------------------------------------------------------------------------ picker


def test_the_picker_finds_by_name_former_name_and_code(cast: Cast) -> None:
    code = credit_code_make(5)
    one = enterprise_make(
        name="城东东门粮店",
        area=cast.community_a,
        created_by=cast.bureau_clerk,
        former_names=["红旗粮站"],
        credit_code=code,
    )
    for words in ("粮店", "红旗", code[:10], "粮店 东门"):
        found = page(cast, "officer_a", "autocomplete", q=words).json()["results"]
        assert [result["id"] for result in found] == [one.pk], words
    assert found[0] == {"id": one.pk, "text": "城东东门粮店", "note": f"桥头社区 · {code}"}
    first = page(cast, "officer_a", "autocomplete", q="东门").json()["results"]
    assert [result["text"] for result in first] == ["东门机械厂", "城东东门粮店"]


def test_the_picker_gives_twenty_and_none_that_is_void(cast: Cast) -> None:
    many(cast, 30)
    Enterprise.objects.filter(name="企业29").update(void=True, void_reason="误登")
    found = page(cast, "officer_a", "autocomplete").json()["results"]
    assert len(found) == 20
    assert "企业29" not in {result["text"] for result in found}


# ------------------------------------------------------------------------------------------------ forms


def test_registering_from_the_form(cast: Cast) -> None:
    code = credit_code_make(3)
    answer = send(
        cast,
        "officer_a",
        "new",
        **form_of(cast, credit_code=code.lower(), phone="13812345678", former_names="甲厂\n乙厂"),
    )
    made = Enterprise.objects.get(credit_code=code)
    assert answer["Location"] == reverse("enterprises:detail", args=[made.pk])
    assert (made.former_names, made.registered_on) == (["甲厂", "乙厂"], dt.date(2026, 1, 5))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "必填"),
        ({"credit_code": "91420202MA4900002O"}, "O可能是0"),
        ({"no_code_reason": ""}, "确无代码的"),
        ({"area": ""}, "必填"),
        ({"phone": "打电话"}, "电话号码只能是数字"),
        ({"longitude": "25.1", "latitude": "115.2"}, "是否填反"),
        ({"longitude": "115.1"}, "须同时填写"),
        ({"staff_count": "-1"}, "大于或等于"),
    ],
)
def test_a_fault_stands_in_the_page_and_what_was_typed_is_kept(cast: Cast, changes: dict[str, str], words: str) -> None:
    before = Enterprise.objects.count()
    answer = send(cast, "officer_a", "new", **form_of(cast, address="东门路1号", **changes))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert words in text
    assert "东门路1号" in text
    assert Enterprise.objects.count() == before


def test_a_place_outside_ones_area_cannot_be_chosen(cast: Cast) -> None:
    answer = send(cast, "officer_a", "new", **form_of(cast, area=cast.street_b.pk))
    assert "area" in answer.context["form"].errors


def test_a_likeness_is_shown_once_before_another_is_made(cast: Cast) -> None:
    data = form_of(cast, name="东门 机械厂")
    answer = send(cast, "officer_a", "new", **data)
    text = answer.content.decode()
    assert "可能已经登记过" in text
    assert reverse("enterprises:detail", args=[cast.enterprise.pk]) in text
    assert Enterprise.objects.count() == 1
    assert send(cast, "officer_a", "new", **data, confirmed="on").status_code == 302
    assert Enterprise.objects.count() == 2


def test_a_likeness_beyond_ones_area_is_not_told(cast: Cast) -> None:
    answer = send(cast, "officer_b", "new", **form_of(cast, name="东门机械厂", area=cast.street_b.pk))
    assert answer.status_code == 302


def test_quick_registration_at_the_door(cast: Cast) -> None:
    data = {"name": "李家垅12号自建房", "area": cast.community_a.pk, "longitude": "115.02", "latitude": "25.86"}
    assert send(cast, "community_officer", "quick", **data).status_code == 302
    made = Enterprise.objects.get(name="李家垅12号自建房")
    assert (made.quick, made.area) == (True, cast.community_a)
    assert "快速建档，待完善" in page(cast, "officer_a", "detail", made.pk).content.decode()
    assert "可能已经登记过" in send(cast, "community_officer", "quick", **data).content.decode()


def edit_form(cast: Cast, **changes: Any) -> dict[str, Any]:
    return form_of(cast, name=cast.enterprise.name, **changes)


def test_an_empty_telephone_field_leaves_the_number_and_a_word_clears_it(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(phone="13812345678")
    shown = page(cast, "officer_a", "edit", cast.enterprise.pk).content.decode()
    assert "13812345678" not in shown
    assert "138****5678" in shown
    for typed, kept in (("", "13812345678"), ("0797-4431234", "0797-4431234"), ("无", "")):
        assert send(cast, "officer_a", "edit", cast.enterprise.pk, **edit_form(cast, phone=typed)).status_code == 302
        assert Enterprise.objects.get(pk=cast.enterprise.pk).phone == kept


def test_an_edit_that_is_refused_changes_nothing(cast: Cast) -> None:
    before = Enterprise.objects.values().get(pk=cast.enterprise.pk)
    for who in set(Cast.NAMES) - KEEPERS:
        assert send(cast, who, "edit", cast.enterprise.pk, **edit_form(cast, address="别处")).status_code in (403, 404)
    assert Enterprise.objects.values().get(pk=cast.enterprise.pk) == before


# ------------------------------------------------------------------------------------------------ one page


def test_the_page_masks_the_telephone_and_tells_it_for_a_reason(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(phone="13812345678")
    pk = cast.enterprise.pk
    for who in ("officer_a", "leader"):
        shown = page(cast, who, "detail", pk).content.decode()
        assert "138****5678" in shown
        assert "13812345678" not in shown
        assert ("查看联系电话" in shown) == (who == "officer_a")
    assert "13812345678" in page(cast, "enterprise_user", "detail", pk).content.decode()
    assert "13812345678" not in send(cast, "officer_a", "phone", pk, reason="").content.decode()
    assert not AuditEntry.objects.filter(verb="enterprise.unmask").exists()
    answer = send(cast, "officer_a", "phone", pk, reason="通知停电")
    assert "13812345678" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.filter(verb="enterprise.unmask", note="通知停电").count() == 1


def test_the_state_is_moved_from_the_page(cast: Cast) -> None:
    pk = cast.enterprise.pk
    assert "关闭" in page(cast, "officer_a", "detail", pk).content.decode()
    day = (clock.today() - dt.timedelta(days=1)).isoformat()
    bad = send(cast, "officer_a", "act", pk, "close", state_changed_on="2099-01-01", state_reason="到期")
    assert "不能晚于今天" in bad.content.decode()
    answer = send(cast, "officer_a", "act", pk, "close", state_changed_on=day, state_reason="到期")
    assert answer.status_code == 302
    assert Enterprise.objects.get(pk=pk).state == State.CLOSED
    assert "重新纳入监管" in page(cast, "officer_a", "detail", pk).content.decode()


def test_a_void_entry_is_gone_from_the_pages(cast: Cast) -> None:
    one = enterprise_make(name="误登厂", area=cast.street_a, created_by=cast.bureau_clerk)
    assert send(cast, "officer_a", "act", one.pk, "void", reason="误登").status_code == 302
    assert page(cast, "officer_a", "detail", one.pk).status_code == 404
    assert "误登厂" not in page(cast, "officer_a", "list").content.decode()


def test_an_account_is_opened_shown_once_and_taken_back(cast: Cast) -> None:
    pk = cast.enterprise.pk
    answer = send(cast, "officer_a", "account_new", pk, username="13900001111", name="孙厂长")
    issued = answer.context["issued"]
    assert issued.password in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    user = User.objects.get(username="13900001111")
    assert user.check_password(issued.password)
    shown = page(cast, "officer_a", "detail", pk).content.decode()
    assert "孙厂长（13900001111）" in shown
    assert issued.password not in shown
    member = EnterpriseMembership.objects.get(user=user)
    assert send(cast, "officer_a", "account_revoke", pk, member.pk, reason="离职").status_code == 302
    assert "孙厂长（13900001111）" not in page(cast, "officer_a", "detail", pk).content.decode()
    assert page(cast, "officer_a", "account_revoke", pk, member.pk).status_code == 404
    assert reverse("enterprises:account_new", args=[pk]) not in page(cast, "leader", "detail", pk).content.decode()


def test_a_login_name_that_is_taken_is_said_at_the_field(cast: Cast) -> None:
    answer = send(cast, "officer_a", "account_new", cast.enterprise.pk, username="clerk", name="陈科员")
    assert "username" in answer.context["form"].errors


def test_industries_are_edited_by_the_section_head(cast: Cast) -> None:
    one = Industry.objects.get(name="新业态")
    data = {"name": "新业态新领域", "aliases": "密室逃脱\n电竞酒店", "order": "270", "active": "on"}
    assert send(cast, "bureau_clerk", "industry_edit", one.pk, **data).status_code == 403
    taken = send(cast, "section_head", "industry_edit", one.pk, **(data | {"aliases": "化工"}))
    assert "别名“化工”已用于“危险化学品”" in taken.content.decode()
    assert send(cast, "section_head", "industry_edit", one.pk, **data).status_code == 302
    one.refresh_from_db()
    assert (one.name, one.aliases) == ("新业态新领域", ["密室逃脱", "电竞酒店"])
    assert send(cast, "section_head", "industry_new", **(data | {"name": "充电设施", "aliases": ""})).status_code == 302
    assert "充电设施" in page(cast, "section_head", "industry_list").content.decode()
