"""一镇一页: whose page it is, what it says, that every number opens its list, and that the sheet is one page."""

from __future__ import annotations

import datetime as dt
import io
import re

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import clock
from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import run_now
from emergency.core.tests.query_counts import expected_queries
from emergency.figures.tests.test_identity import some_records
from emergency.home import documents, queries
from emergency.letters.tests.factories import letter_sent
from emergency.organizations.models import Organisation
from emergency.organizations.tests.factories import Cast
from hazards.models import Grade
from hazards.tests.factories import hazard_make
from hazards.tests.risk_factories import risk_make

pytestmark = pytest.mark.django_db

LONG = "有限空间作业未落实先通风再检测后作业且未设置明显的安全警示标志" * 5


def address(unit: Organisation) -> str:
    return reverse("home:town", args=[queries.town_code(unit)])


@pytest.fixture
def busy(cast: Cast) -> None:
    """More than the page has room for, with words longer than a line."""
    today = clock.today()
    for number in range(9):
        grade = Grade.MAJOR if number < 5 else Grade.GENERAL
        found = today - dt.timedelta(days=40)
        hazard_make(cast, found_on=found, on=found, due_on=today - dt.timedelta(days=9), description=LONG, grade=grade)
    risk_make(cast, level="orange")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 200),
        ("section_head", 200),
        ("bureau_clerk", 200),
        ("officer_a", 200),
        ("officer_b", 404),
        ("community_officer", 403),
        ("department_clerk", 403),
        ("enterprise_user", 403),
        ("system_admin", 403),
    ],
)
def test_whose_page_it_is(cast: Cast, who: str, status: int) -> None:
    client = cast.client(who)
    assert client.get(address(cast.street_a)).status_code == status
    assert client.post(f"{address(cast.street_a)}print/").status_code == (302 if status == 200 else status)
    assert Job.objects.exists() is (status == 200)
    assert client.get("/town/999999/").status_code == (403 if status == 403 else 404)


def test_a_street_is_led_to_its_own_page_and_the_bureau_to_the_list(cast: Cast) -> None:
    assert cast.client("officer_a").get(reverse("home:towns")).url == address(cast.street_a)
    html = cast.client("leader").get(reverse("home:towns")).content.decode()
    assert address(cast.street_a) in html and address(cast.street_b) in html


@pytest.mark.usefixtures("busy")
def test_only_who_oversees_the_district_sees_the_place(cast: Cast) -> None:
    place = {}
    for who in ("leader", "officer_a"):
        town = cast.client(who).get(address(cast.street_a)).context["town"]
        place[who] = {line.figure.code: line.place for line in town.lines if line.place}
    assert place["leader"]["hazards.found"] == "1/2" and place["leader"]["hazards.overdue"] == "2/2"
    assert place["officer_a"] == {}


@pytest.mark.usefixtures("busy")
def test_what_the_page_says_and_that_each_number_opens_its_list(cast: Cast) -> None:
    client = cast.client("leader")
    response = client.get(address(cast.street_a))
    town = response.context["town"]
    by_code = {line.figure.code: line for line in town.lines}
    assert by_code["hazards.overdue"].year.value.number == 9 and by_code["hazards.overdue"].month is None
    assert by_code["accidents.count"].year.value.missing and "accidents" not in by_code["accidents.count"].year.url
    assert [(level, linked.value.number) for level, linked in town.risks][1] == ("orange", 1)
    assert len(town.overdue) == 8 and len(town.majors) == 4
    assert f"{town.unit.name}" in town.sentence and "逾期未改隐患9条" in town.sentence and "【待补：" in town.sentence
    for url in set(re.findall(r'href="(/[^"]*figure=[^"]*)"', response.content.decode())):
        assert client.get(url.replace("&amp;", "&")).status_code == 200, url


@pytest.mark.usefixtures("busy")
def test_the_sheet_is_one_page_however_much_there_is_to_say(cast: Cast) -> None:
    for who in ("leader", "officer_a"):
        town = queries.town(cast.person(who), cast.street_a, clock.today())
        pages = pypdf.PdfReader(io.BytesIO(documents.town_sheet(town))).pages
        assert len(pages) == 1, who
    text = pages[0].extract_text()
    assert "主要指标" in text and "近十二个月隐患排查和销号" in text and cast.street_a.name in text


def test_the_sheet_is_printed_in_the_background(cast: Cast) -> None:
    cast.client("leader").post(f"{address(cast.street_b)}print/")
    job = Job.objects.get()
    run_now(job)
    job.refresh_from_db()
    assert job.status == "done" and job.file is not None and job.file.name.startswith(f"{cast.street_b.name}一页纸")


def test_it_costs_a_known_number_of_queries(cast: Cast) -> None:
    some_records(cast, 60)
    letter_sent(cast)
    for who, name in (("officer_a", "home:town"), ("leader", "home:town with places")):
        client = cast.client(who)
        client.get(address(cast.street_a))
        with CaptureQueriesContext(connection) as found:
            client.get(address(cast.street_a))
        assert len(found) == expected_queries(name), name
