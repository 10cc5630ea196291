"""The figures pages: whose units show, what a number opens, how many queries it takes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock
from emergency.core.tests.query_counts import expected_queries
from emergency.figures import vocabulary
from emergency.figures.models import LedgerStart
from emergency.figures.queries import Row, Value, ranking
from emergency.figures.services import ledger_start_set
from emergency.figures.tests.test_identity import some_records
from emergency.organizations.models import Kind, Role, Tier
from emergency.organizations.services import organisation_create
from emergency.organizations.tests.factories import Cast, client_of, person_make
from emergency.programmes.tests.factories import campaign_make
from reports.tests.factories import hazards_make

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2021, 12, 9, 9, 0, tzinfo=dt.UTC)


def page(client: Client, **params: object) -> str:
    response = client.get(reverse("figures:list"), params)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_street_officer_sees_the_own_units_only(cast: Cast) -> None:
    some_records(cast, 20)
    html = page(cast.client("officer_a"))
    assert f'value="{cast.street_a.pk}"' in html
    assert f'value="{cast.street_b.pk}"' not in html
    refused = cast.client("officer_a").get(reverse("figures:list"), {"organisation": cast.street_b.pk})
    assert refused.status_code == 400
    assert "hazards.found" not in refused.content.decode()


@pytest.mark.parametrize("who", ["system_admin", "security_admin", "auditor", "enterprise_user"])
def test_administrators_and_enterprises_stay_outside(cast: Cast, who: str) -> None:
    assert cast.client(who).get(reverse("figures:list")).status_code == 403


def test_the_page_costs_the_same_few_queries_for_the_least_privileged(cast: Cast) -> None:
    some_records(cast, 60)
    client = cast.client("officer_a")
    page(client)  # the first request of a minute also renews the session
    page(client, ledger="all")  # and the first of a process reads the categories of activities
    for by in ("", "unit", "industry", "campaign"):
        with CaptureQueriesContext(connection) as queries:
            params = {"organisation": cast.street_a.pk, "start": "2021-01-01", "end": "2021-12-31"}
            page(client, **params, period="custom", by=by, ledger="all")
        assert len(queries) == expected_queries(f"figures:list by {by or 'nothing'}") <= 11


def test_a_sibling_is_404_in_an_opened_list(cast: Cast) -> None:
    some_records(cast, 20)
    client = cast.client("officer_a")
    address = {"figure": "hazards.found", "from": "2021-01-01", "to": "2021-12-31"}
    own, district, sibling = (unit.division_code for unit in (cast.street_a, cast.district, cast.street_b))

    def status(organisation: str, **more: str) -> int:
        return client.get(reverse("hazards:list"), {**address, "organisation": organisation, **more}).status_code

    assert status(own) == 200
    assert status(district) == 200
    assert status(sibling) == 404
    assert status(district, by=f"unit:{cast.street_b.pk}") == 404
    assert status(district, by=f"unit:{cast.street_a.pk}") == 200
    for code, other in (("office", cast.street_b), ("office", cast.bureau), ("department", cast.department)):
        assert status(district, by=f"{code}:{other.pk}") == 404, code
    assert status(district, by=f"office:{cast.street_a.pk}") == 200
    assert status(district, by="unit:²") == 404
    assert status("000000") == 400


def test_a_committee_reads_no_figures_of_the_area_that_it_answers_for(cast: Cast) -> None:
    some_records(cast, 10)
    committee = organisation_create(name="安委会", kind=Kind.COMMITTEE, tier=Tier.DISTRICT, parent=cast.district)
    client = client_of(person_make("committee", Role.COMMITTEE_OFFICE, committee))
    assert client.get(reverse("figures:list")).status_code == 403
    home = client.get(reverse("home:index"))
    assert home.status_code == 200 and "figures" not in home.context and "organisation" not in home.context


def test_a_breakdown_names_only_campaigns_that_are_the_readers_to_know(cast: Cast) -> None:
    some_records(cast, 10)
    campaign_make(cast, "已发布的行动")
    campaign_make(cast, "还在酝酿的行动", published=False)
    html = page(cast.client("officer_a"), by="campaign")
    assert "已发布的行动" in html
    assert "还在酝酿的行动" not in html


def test_a_smaller_reader_is_told_how_much_of_the_total_shows(cast: Cast) -> None:
    some_records(cast, 40)
    html = (
        cast.client("officer_a")
        .get(
            reverse("hazards:list"),
            {
                "figure": "hazards.found",
                "from": "2021-01-01",
                "to": "2021-12-31",
                "organisation": cast.district.division_code,
            },
        )
        .content.decode()
    )
    assert "您辖区可见" in html


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"period": "custom"}, "请填写起止日期"),
        ({"period": "custom", "start": "2021-05-01", "end": "2021-04-01"}, "截止日期不能早于起始日期"),
        ({"by": "colour"}, ""),
    ],
)
def test_bad_input_is_said_in_words(cast: Cast, params: dict[str, str], words: str) -> None:
    response = cast.client("leader").get(reverse("figures:list"), params)
    assert response.status_code == 400
    assert words in response.content.decode()


def test_the_start_of_a_ledger_is_set_by_the_section_head_and_moved_again(cast: Cast) -> None:
    url = reverse("figures:starts")
    client = cast.client("section_head")
    line = {"ledger": "hazards", "organisation": cast.district.pk}
    assert client.post(url, line | {"started_on": "2021-01-01"}).status_code == 302
    moved = client.post(url, line | {"started_on": "2021-02-01"})
    assert "已设为2021-01-01，改动请写明原因" in moved.content.decode()
    assert client.post(url, line | {"started_on": "2021-02-01", "reason": "2月起用"}).status_code == 302
    start = LedgerStart.objects.get()
    assert (start.organisation, start.started_on) == (cast.district, dt.date(2021, 2, 1))
    assert "2021-02-01" in client.get(url).content.decode()


def test_nobody_else_moves_it(cast: Cast) -> None:
    for who in ("officer_a", "bureau_clerk", "leader", "system_admin"):
        response = cast.client(who).post(
            reverse("figures:starts"),
            {"ledger": "hazards", "organisation": cast.street_a.pk, "started_on": "2021-01-01"},
        )
        assert response.status_code == 403
    assert not LedgerStart.objects.exists()
    for actor, unit in ((cast.officer_a, cast.street_a), (cast.section_head, cast.city)):
        with pytest.raises(PermissionDenied):
            ledger_start_set(ledger="hazards", organisation=unit, started_on=dt.date(2021, 1, 1), actor=actor)


def test_presets_are_seen_from_today(cast: Cast) -> None:
    with clock.at(DAY):
        html = page(cast.client("leader"), period="last_month")
    assert "2021-11-01 至 2021-11-30" in html


# ------------------------------------------------------------------------------- one ledger, zeros, places, copying


def asked(client: Client, **params: object) -> dict:
    """The context of the page over 2021."""
    whole = {"period": "custom", "start": "2021-01-01", "end": "2021-12-31"}
    return client.get(reverse("figures:list"), {**whole, **params}).context


def codes(context: dict) -> set[str]:
    return {line["shown"].value.figure.code for group in context["groups"] for line in group["lines"]}


def test_the_page_opens_at_the_first_ledger_with_numbers(cast: Cast) -> None:
    client = cast.client("officer_a")
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5))
    chosen = asked(client)
    assert chosen["form"]["ledger"].value() == "enterprises"
    assert "enterprises.registered" in codes(chosen) and "hazards.found" not in codes(chosen)
    assert asked(client, by="campaign")["form"]["ledger"].value() == "hazards"
    assert {"hazards.found", "letters.sent"} <= codes(asked(client, ledger="all"))


def test_what_papers_leave_out_at_zero_stands_behind_a_switch(cast: Cast) -> None:
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5))
    client = cast.client("officer_a")
    for by in ("", "unit"):
        short, whole = (asked(client, ledger="hazards", by=by, **more) for more in ({}, {"zeros": "on"}))
        assert short["hidden"] > 0 and whole["hidden"] == 0, by
    assert "hazards.self_found" not in codes(asked(client, ledger="hazards"))
    assert "hazards.self_found" in codes(asked(client, ledger="hazards", zeros="on"))


def test_units_get_places_by_the_figure_that_sorts_them(cast: Cast) -> None:
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5), area="street_a")
    hazards_make(cast, 5, found_on=dt.date(2021, 3, 5), area="street_b")
    client, params = cast.client("bureau_clerk"), {"ledger": "hazards", "by": "unit"}

    def order(**more: str) -> list[tuple[str, object]]:
        return [(row["label"], row["place"]) for row in asked(client, **params, **more)["table"]["rows"]][:2]

    assert order(sort="hazards.found") == [(str(cast.street_b), 1), (str(cast.street_a), 2)]
    assert order(sort="-hazards.found") == [(str(cast.street_a), 1), (str(cast.street_b), 2)]
    assert not asked(client, **params, sort="nothing")["table"]["ranked"]
    assert not asked(client, ledger="hazards", by="industry", sort="hazards.found")["table"]["ranked"]


def test_equals_share_a_place_and_who_has_no_value_has_none() -> None:
    figure = vocabulary.get("hazards.found")
    numbers = {"1": 4, "2": 9, "3": 4, "4": None, "own": 20, "5": 1}
    rows = [Row(key, key, {figure.code: Value(figure, number)}) for key, number in numbers.items()]
    assert ranking.places(rows, figure.code) == {"2": 1, "1": 2, "3": 2, "5": 4}
    assert ranking.places(rows, figure.code, ascending=True) == {"5": 1, "1": 2, "3": 2, "2": 4}
    assert [row.key for row in ranking.ordered(rows, figure.code)] == ["2", "1", "3", "5", "4", "own"]
    assert [row.key for row in ranking.ordered(rows, figure.code, ascending=True)] == ["5", "1", "3", "2", "4", "own"]


def test_a_group_is_copied_as_a_sentence_that_names_its_gaps(cast: Cast) -> None:
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5))
    (group,) = asked(cast.client("leader"), ledger="hazards")["groups"]
    assert group["sentence"].startswith(f"2021年全年，{cast.district}排查隐患2条，")
    assert "【待补：" in asked(cast.client("leader"), ledger="letters")["groups"][0]["sentence"]


def test_an_opened_list_hands_out_its_number_and_its_sentence(cast: Cast) -> None:
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5))
    address = {"figure": "hazards.found", "from": "2021-01-01", "to": "2021-12-31"}
    address["organisation"] = cast.district.division_code
    html = cast.client("leader").get(reverse("hazards:list"), address).content.decode()
    assert 'data-copy="2条"' in html
    assert f'data-copy="{cast.district}2021年全年排查隐患2条。"' in html
