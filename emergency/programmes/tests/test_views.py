"""Pages of the campaigns: who gets in, and that their numbers open their records."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.tests.factories import Cast, client_of
from emergency.programmes.models import Programme
from emergency.programmes.queries import campaign_figures
from emergency.programmes.tests.factories import campaign_make
from hazards.tests.factories import TODAY, hazard_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def page(cast: Cast, who: str, route: str, *args: Any, **query: Any) -> HttpResponse:
    return cast.client(who).get(reverse(f"programmes:{route}", args=args), query)


@pytest.mark.parametrize("who", Cast.NAMES)
def test_every_page_by_role(cast: Cast, who: str) -> None:
    pk = campaign_make(cast).pk
    office = who in Cast.BUSINESS and who != "enterprise_user"
    wanted = {
        ("list",): 200 if office else 403,
        ("detail", pk): 200 if office else 403,
        ("new",): 200 if who == "section_head" else 403,
        ("edit", pk): 200 if who == "section_head" else 403,
    }
    assert {key: page(cast, who, *key).status_code for key in wanted} == wanted


@pytest.mark.parametrize("route", ["list", "new"])
def test_the_anonymous_go_to_the_login(cast: Cast, route: str) -> None:
    answer = client_of(None).get(reverse(f"programmes:{route}"))
    assert reverse("organizations:login") in answer["Location"]


def test_a_draft_is_not_there_for_others(cast: Cast) -> None:
    draft = campaign_make(cast, "还在起草", published=False)
    assert page(cast, "officer_a", "detail", draft.pk).status_code == 404
    assert "还在起草" not in page(cast, "officer_a", "list").content.decode()
    assert page(cast, "bureau_clerk", "detail", draft.pk).status_code == 200


@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    for number in range(rows):
        campaign_make(cast, f"行动{number}")
    client = cast.client("officer_a")
    client.get(reverse("programmes:list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("programmes:list")).status_code == 200
    assert len(queries) == expected_queries("programmes:list") <= 12


def test_every_filter_narrows(cast: Cast) -> None:
    campaign_make(cast, "去年行动", start=dt.date(2025, 3, 1), end=dt.date(2025, 12, 31))
    campaign_make(cast, "明年行动", start=dt.date(2027, 1, 1), owner=cast.department)
    campaign_make(cast, "今年行动", end=dt.date(2026, 12, 31))
    campaign_make(cast, "起草", published=False, end=dt.date(2026, 12, 31))

    def names(**query: Any) -> list[str]:
        return [row.cells[0].text for row in page(cast, "section_head", "list", **query).context["page"].rows]

    assert names(stage="running") == ["今年行动"]
    assert names(stage="ended") == ["去年行动"]
    assert names(stage="draft") == ["起草"]
    assert names(name="去年") == ["去年行动"]
    assert names(year="2025") == ["去年行动"]
    assert names(owner=cast.bureau.pk) == ["起草", "今年行动", "去年行动"]
    answer = page(cast, "department_clerk", "list", stage="later")
    assert [row.cells[0].text for row in answer.context["page"].rows] == ["明年行动"]


def test_opening_and_changing_from_the_form(cast: Cast) -> None:
    client = cast.client("section_head")
    data = {"name": "自建房整治", "owner": cast.bureau.pk, "start": "2026-01-01", "published": "on"}
    assert "不能早于开始日期" in client.post(reverse("programmes:new"), data | {"end": "2025-01-01"}).content.decode()
    assert client.post(reverse("programmes:new"), data).status_code == 302
    made = Programme.objects.get()
    change = {"name": "自建房整治", "start": "2026-01-01", "end": "2026-06-30", "note": "分三步"}
    assert client.post(reverse("programmes:edit", args=[made.pk]), change).status_code == 302
    made.refresh_from_db()
    assert (made.end, made.note, made.published) == (dt.date(2026, 6, 30), "分三步", False)


@pytest.mark.parametrize("who", sorted(set(Cast.NAMES) - {"section_head"}))
def test_a_refused_form_changes_nothing(cast: Cast, who: str) -> None:
    made = campaign_make(cast)
    for url in (reverse("programmes:new"), reverse("programmes:edit", args=[made.pk])):
        answer = cast.client(who).post(url, {"name": "改", "start": "2026-01-01", "owner": cast.bureau.pk})
        assert answer.status_code == 403
    assert list(Programme.objects.values_list("name", flat=True)) == [made.name]


def links(answer: HttpResponse) -> dict[str, str]:
    """Address → the number that the page shows on it."""
    text = answer.content.decode()
    table = re.findall(r'<a href="([^"]*figure=[^"]*)">([^<]*)</a>', text)
    cards = re.findall(
        r'href="([^"]*figure=[^"]*)">\s*<span class="name">[^<]*</span>\s*<span class="value">([^<]*)<', text
    )
    return {unescape(url): number for url, number in (*table, *cards)}


@pytest.mark.parametrize("who", ["bureau_clerk", "officer_a"])
def test_the_numbers_of_a_campaign_open_its_records_and_those_below_it(cast: Cast, who: str) -> None:
    top = campaign_make(cast)
    below = campaign_make(cast, "第一阶段", parent=top)
    hazard_make(cast, campaigns=[top])
    hazard_make(cast, campaigns=[top, below])
    hazard_make(cast, campaigns=[below])
    hazard_make(cast)
    answer = page(cast, who, "detail", top.pk)
    assert answer.context["sheet"]["hazards.found"].number == 3
    assert "第一阶段" in answer.content.decode()
    found = links(answer)
    assert {number for url, number in found.items() if "figure=hazards.found&" in url} >= {"3"}
    client = cast.client(who)
    for url, number in found.items():
        if "rate" in url or number == "—":
            continue
        assert str(client.get(url).context["page"].foot["number"]) == number, url


def test_a_campaign_that_has_not_begun_shows_no_numbers(cast: Cast) -> None:
    later = campaign_make(cast, start=TODAY + dt.timedelta(days=1))
    answer = page(cast, "bureau_clerk", "detail", later.pk)
    assert answer.context["sheet"] is None
    assert "行动尚未开始" in answer.content.decode()


def test_every_figure_of_a_campaign_can_be_narrowed_to_one() -> None:
    codes = {figure.code for figure in campaign_figures()}
    assert {"hazards.found", "hazards.rectified", "hazards.rate", "inspections.visits"} <= codes
    assert not codes & {
        "hazards.open",
        "hazards.cost",
        "hazards.found.yoy",
        "enterprises.registered",
        "inspections.coverage",
    }
