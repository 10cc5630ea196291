"""The pages: who sees what, what a form leads to, and what a refusal leaves untouched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock
from emergency.core.audit import AuditEntry, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.periods import Period
from emergency.core.tests.query_counts import expected_queries
from emergency.figures import queries as figures
from emergency.figures.vocabulary import get as get_figure
from emergency.incidents.models import Accident, AccidentDeath, Grade, Status
from emergency.incidents.services import death_record
from emergency.incidents.tests.factories import HAPPENED_ON, TODAY, accident_in, accident_make, moment
from emergency.organizations.models import Role
from emergency.organizations.tests.factories import Cast, person_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(moment(TODAY)):
        yield


def page(cast: Cast, name: str, route: str, *args: Any, **params: Any) -> Any:
    return cast.client(name).get(reverse(f"incidents:{route}", args=args), params)


def send(cast: Cast, name: str, route: str, *args: Any, **data: Any) -> Any:
    return cast.client(name).post(reverse(f"incidents:{route}", args=args), data)


def found(response: Any) -> set[int]:
    return {row.pk for row in response.context["page"].rows}


# ------------------------------------------------------------------------------------------------ the register


def test_everybody_finds_their_own_rows_and_no_others(cast: Cast) -> None:
    here = accident_in(cast, Status.VERIFIED)
    flash = accident_make(cast)
    there = accident_make(cast, actor=cast.officer_b, area=cast.street_b, enterprise=None)
    village = accident_make(cast, area=cast.community_a, enterprise=None)
    seen = {name: found(page(cast, name, "list")) for name in Cast.BUSINESS}
    everything = {one.pk for one in (here, flash, there, village)}
    assert seen == {
        "bureau_clerk": everything,
        "section_head": everything,
        "leader": everything,
        "officer_a": everything - {there.pk},
        "officer_a2": everything - {there.pk},
        "officer_b": {there.pk},
        "community_officer": {village.pk},
        "department_clerk": {here.pk, flash.pk},
        "enterprise_user": {here.pk},
    }


def test_another_streets_accident_does_not_exist(cast: Cast) -> None:
    one = accident_make(cast)
    death = death_record(accident=one, actor=cast.officer_a, died_on=HAPPENED_ON)
    others = (("detail", ()), ("edit", ()), ("death_new", ()), ("death_void", (death.pk,)), ("act", ("verify",)))
    for route, args in others:
        assert page(cast, "officer_b", route, one.pk, *args).status_code == 404, route
        if route != "detail":
            assert send(cast, "officer_b", route, one.pk, *args).status_code == 404, route


@pytest.mark.parametrize("name", Cast.ADMINISTRATORS)
def test_administrators_stay_outside(cast: Cast, name: str) -> None:
    one = accident_make(cast)
    assert page(cast, name, "list").status_code == page(cast, name, "detail", one.pk).status_code == 403


FILTERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "class": ({"classification": "road"}, {"road"}),
    "grade": ({"grade": "larger"}, {"road"}),
    "larger and above": ({"grade": "larger_up"}, {"road", "worst"}),
    "counted": ({"counted": "no"}, {"uncounted"}),
    "status": ({"status": "closed"}, {"worst"}),
    "open": ({"status": "open"}, {"road", "uncounted"}),
    "from": ({"occurred_from": "2026-03-03"}, {"road"}),
    "to": ({"occurred_to": "2026-03-02"}, {"worst", "uncounted"}),
    "search": ({"q": "渡口"}, {"uncounted"}),
    "nothing": ({"q": "不存在的字样"}, set()),
}


@pytest.mark.parametrize("case", sorted(FILTERS))
def test_each_filter_narrows(cast: Cast, case: str) -> None:
    rows = {
        "road": accident_make(cast, classification="road", initial_deaths=3, occurred_at=moment(dt.date(2026, 3, 9))),
        "worst": accident_in(cast, Status.CLOSED, direct_loss=Decimal(100_000_000)),
        "uncounted": accident_make(cast, counted=False, uncounted_reason="自然灾害", brief="渡口浮桥断裂"),
    }
    params, expected = FILTERS[case]
    assert found(page(cast, "bureau_clerk", "list", **params)) == {rows[key].pk for key in expected}


def test_filters_of_place_and_enterprise(cast: Cast) -> None:
    here = accident_make(cast)
    there = accident_make(cast, actor=cast.bureau_clerk, area=cast.street_b, enterprise=None)
    assert found(page(cast, "bureau_clerk", "list", area=cast.street_b.pk)) == {there.pk}
    assert found(page(cast, "bureau_clerk", "list", enterprise=cast.enterprise.pk)) == {here.pk}
    assert found(page(cast, "officer_a", "list", area=cast.community_a.pk)) == set()
    assert found(page(cast, "officer_a", "list", area=cast.street_b.pk)) == {here.pk}  # no choice of theirs: left aside
    assert "area" not in page(cast, "enterprise_user", "list").context["page"].filters.form.fields


def test_a_list_opened_from_a_figure_has_its_exact_foot(cast: Cast) -> None:
    accident_make(cast, initial_deaths=3)
    accident_make(cast, initial_deaths=2)
    accident_in(cast, Status.VOID, initial_deaths=7)
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    link = figures.link(get_figure("accidents.deaths"), organisation=cast.district, period=period)
    response = cast.client("bureau_clerk").get(link)
    assert len(found(response)) == 2 and "5人" in response.content.decode()


@pytest.mark.parametrize("rows", [0, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    accident_make(cast)
    one = Accident.objects.values().get()
    for name in ("id", "search_text", "occurred_on"):
        one.pop(name)
    Accident.objects.bulk_create(Accident(**one | {"number": f"n{place}"}) for place in range(rows))
    client = cast.client("officer_a")
    client.get(reverse("incidents:list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("incidents:list")).status_code == 200
    assert len(queries) == expected_queries("incidents:list") <= 12


@pytest.mark.parametrize("column", ["street", "district", "area", "department", "enterprise"])
def test_each_branch_of_the_list_has_its_index(cast: Cast, column: str) -> None:
    with connection.cursor() as cursor:
        for setting in ("seqscan", "sort", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{setting} = off")
        cursor.execute(
            "DROP INDEX accident_newest"
        )  # of an empty table it costs the planner the same; undone with the test
    rows = Accident.objects.filter(**{column: 1}).order_by("-occurred_on", "-id")[:50]
    assert f"accident_{column}" in rows.explain()


# ------------------------------------------------------------------------------------------------ registering


def form_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    values = {
        "occurred_at": "2026-03-02T09:30",
        "area": cast.street_a.pk,
        "enterprise": cast.enterprise.pk,
        "classification": "industrial",
        "initial_deaths": "1",
        "initial_missing": "0",
        "initial_serious": "2",
        "initial_minor": "0",
        "direct_loss": "223.65",
        "production": "yes",
        "counted": "yes",
    }
    return values | changes


def test_a_town_reports_from_the_form(cast: Cast) -> None:
    text = page(cast, "officer_a", "new", enterprise=cast.enterprise.pk).content.decode()
    assert "登记事故" in text and "东门机械厂" in text and "更正原因" not in text
    response = send(cast, "officer_a", "new", **form_of(cast))
    one = Accident.objects.get()
    assert response.headers["Location"] == one.get_absolute_url()
    assert (one.occurred_at, one.direct_loss, one.status) == (moment(HAPPENED_ON), Decimal(2_236_500), Status.FLASH)
    shown = page(cast, "officer_a", "detail", one.pk).content.decode()
    assert "223.65万元" in shown and "一般事故" in shown and "续报" in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"occurred_at": "2026-04-20T09:31"}, "不能晚于现在"),
        ({"classification": ""}, "必填"),
        ({"initial_deaths": "-1"}, "0"),
        ({"counted": "no"}, "不纳入统计的，请填写原因"),
        ({"production": "no"}, "非生产经营性事故不纳入统计"),
    ],
)
def test_a_faulty_form_says_why_and_keeps_what_was_typed(cast: Cast, changes: dict[str, Any], words: str) -> None:
    response = send(cast, "officer_a", "new", **form_of(cast, **changes))
    text = response.content.decode()
    assert response.status_code == 400 and words in text and "东门机械厂" in text
    assert not Accident.objects.exists()


def test_nobody_registers_outside_their_reach(cast: Cast) -> None:
    assert send(cast, "officer_a", "new", **form_of(cast, area=cast.street_b.pk)).status_code == 400
    for name in ("leader", "community_officer", "department_clerk", "enterprise_user"):
        assert send(cast, name, "new", **form_of(cast)).status_code == 403, name
    stranger = person_make("hygiene", Role.SECTION_HEAD, cast.department)
    client = cast.client("officer_a")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("incidents:new"), form_of(cast)).status_code == 400
    assert not Accident.objects.exists()


def test_correcting_from_the_form(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED, direct_loss=Decimal("2236500.50"))
    assert page(cast, "officer_a", "edit", one.pk).status_code == 403
    form = page(cast, "bureau_clerk", "edit", one.pk).context["form"]
    assert form["direct_loss"].value() == Decimal("223.65005")
    assert str(form["occurred_at"]).count("2026-03-02T09:30") == 1
    assert send(cast, "bureau_clerk", "edit", one.pk, **form_of(cast, initial_deaths="3")).status_code == 400
    data = form_of(cast, initial_deaths="3", reason="医院认定")
    assert send(cast, "bureau_clerk", "edit", one.pk, **data).status_code == 302
    one.refresh_from_db()
    assert (one.deaths, one.grade, one.direct_loss) == (3, Grade.LARGER, Decimal(2_236_500))
    flash = accident_make(cast)
    assert "续报" in page(cast, "officer_a", "edit", flash.pk).content.decode()
    assert send(cast, "officer_a", "edit", flash.pk, **form_of(cast, brief="现场已封闭")).status_code == 302


def test_a_later_death_from_the_form_and_back(cast: Cast) -> None:
    one = accident_make(cast)
    assert page(cast, "officer_a", "death_new", one.pk).status_code == 200
    data = {"died_on": "2026-04-01", "people": "1", "formerly": "serious"}
    counted = cast.client("officer_a").post(reverse("incidents:death_new", args=[one.pk]), data, follow=True)
    assert "计入事故发生日期" in counted.content.decode() and "2人（首报1人）" in counted.content.decode()
    late = cast.client("officer_a").post(
        reverse("incidents:death_new", args=[one.pk]), data | {"died_on": "2026-04-02"}, follow=True
    )
    assert "不计入统计：超过事故发生之日起30日" in late.content.decode()
    assert send(cast, "officer_a", "death_new", one.pk, **data | {"people": "5"}).status_code == 400
    death = AccidentDeath.objects.get(counted=True)
    assert page(cast, "officer_a", "death_void", one.pk, death.pk).status_code == 200
    assert send(cast, "officer_a", "death_void", one.pk, death.pk).status_code == 400
    assert send(cast, "officer_a", "death_void", one.pk, death.pk, reason="误报").status_code == 302
    assert page(cast, "officer_a", "death_void", one.pk, death.pk).status_code == 404
    assert Accident.objects.get().deaths == 1
    for route, args in (("death_new", ()), ("death_void", (death.pk,))):
        assert page(cast, "leader", route, one.pk, *args).status_code == 403


# ------------------------------------------------------------------------------------------------ the page and its steps

STEPS = [
    (Status.FLASH, "verify", {"counted": "yes", "opinion": "属实"}),
    (Status.VERIFIED, "extend", {"report_due_on": "2026-06-01", "reason": "区政府同意"}),
    (Status.VERIFIED, "submit_report", {"report_submitted_on": "2026-04-18", "cause": "吊具未检查"}),
    (Status.VERIFIED, "close", {"approved_on": "2026-04-19", "approval_number": "南岭府字〔2026〕8号"}),
    (Status.CLOSED, "reopen", {"reason": "批复有误"}),
    (Status.CLOSED, "void", {"reason": "重复登记"}),
]


@pytest.mark.parametrize(("status", "action", "data"), STEPS)
def test_each_step_has_its_form_and_goes_through(cast: Cast, status: str, action: str, data: dict[str, str]) -> None:
    one = accident_in(cast, status)
    if action in ("extend", "submit_report"):
        Accident.objects.filter(pk=one.pk).update(report_submitted_on=None, reply_due_on=None)
    shown = page(cast, "section_head", "detail", one.pk)
    assert action in {button["action"] for button in shown.context["actions"]}
    assert page(cast, "section_head", "act", one.pk, action).status_code == 200
    empty = dict.fromkeys(data, "")
    assert send(cast, "section_head", "act", one.pk, action, **empty).status_code == 400
    assert send(cast, "section_head", "act", one.pk, action, **data).status_code == 302
    last = events_of(one).last()
    assert last is not None and last.action == action


def test_buttons_follow_the_investigation(cast: Cast) -> None:
    one = accident_in(cast, Status.VERIFIED)

    def buttons() -> set[str]:
        shown = page(cast, "bureau_clerk", "detail", one.pk)
        return {button["action"] for button in shown.context["actions"]}

    assert buttons() == {"close", "edit", "death"}
    Accident.objects.filter(pk=one.pk).update(report_submitted_on=None)
    assert buttons() == {"extend", "submit_report", "edit", "death"}
    Accident.objects.filter(pk=one.pk).update(report_extended=True)
    assert buttons() == {"submit_report", "edit", "death"}


def test_a_refused_step_is_written_down_and_changes_nothing(cast: Cast) -> None:
    one = accident_make(cast)
    before = Accident.objects.values().get()
    assert page(cast, "officer_a", "act", one.pk, "verify").status_code == 403
    assert send(cast, "officer_a", "act", one.pk, "verify", counted="yes", opinion="属实").status_code == 403
    assert Accident.objects.values().get() == before
    assert AuditEntry.objects.filter(outcome=Outcome.REFUSED, actor=cast.officer_a).count() >= 2


def test_a_step_that_somebody_took_before_leads_back(cast: Cast) -> None:
    one = accident_in(cast, Status.CLOSED)
    for response in (
        page(cast, "section_head", "act", one.pk, "verify"),
        send(cast, "leader", "act", one.pk, "verify"),
    ):
        assert response.headers["Location"] == one.get_absolute_url()
    assert page(cast, "section_head", "act", one.pk, "nonsense").status_code == 404


def test_the_way_of_the_report_is_told_as_a_fact(cast: Cast) -> None:
    times = {"reported_at": moment(HAPPENED_ON, 10, 30), "passed_on_at": moment(HAPPENED_ON, 12, 31)}
    text = page(cast, "leader", "detail", accident_make(cast, **times).pk).content.decode()
    assert "2026-03-02 10:30（用时1小时，未超过1小时）" in text
    assert "2026-03-02 12:31（用时2小时1分，超过2小时）" in text
    late = {"reported_at": moment(dt.date(2026, 3, 3), 9, 30)}
    assert "用时1天，超过1小时" in page(cast, "leader", "detail", accident_make(cast, **late).pk).content.decode()
    at_once = {"reported_at": moment(HAPPENED_ON)}
    assert "用时0分，未超过1小时" in page(cast, "leader", "detail", accident_make(cast, **at_once).pk).content.decode()
