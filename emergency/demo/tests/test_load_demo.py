"""The cases loaded for good: their published figures come out of the ledgers again."""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from emergency.core import clock, panels
from emergency.core.lifecycle import Event
from emergency.core.periods import Period
from emergency.demo import services
from emergency.demo.services import loading
from emergency.demo.services.cases import Case
from emergency.demo.services.people import Person
from emergency.demo.services.register import subjects_draw
from emergency.figures.queries import evaluate
from emergency.organizations.models import ADMIN_ROLES, Kind, Organisation, Role, User
from emergency.programmes.models import Programme
from hazards.models import OPEN_STATUSES, Grade, Hazard, Status
from inspections.models import Visit

NOW = dt.datetime(2026, 11, 18, 15, 30, tzinfo=timezone.get_default_timezone())
GANXIAN, LINXI = services.load("ganxian_2021"), services.load("linxi_2022")
ADDITIVE = (
    "inspections.visits",
    "hazards.found",
    "hazards.rectified",
    "hazards.major_found",
    "hazards.major_rectified",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[None]:
    """Both cases side by side in one transaction that is rolled back after the module; loading takes half a minute."""
    with (
        django_db_blocker.unblock(),
        override_settings(VAR_DIR=folder, MEDIA_ROOT=folder / "media"),
        clock.at(NOW),
        transaction.atomic(),
    ):
        call_command("load_demo")
        call_command("load_demo", case=LINXI.name)
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


def district(case: Case) -> Organisation:
    return Organisation.objects.get(division_code=case.district_code, kind=Kind.GOVERNMENT)


def figures(case: Case, *codes: str, **narrowed: Any) -> dict[str, Any]:
    sheet = evaluate(codes, organisation=district(case), period=Period(case.start, case.end), **narrowed)
    return {code: value.number for code, value in sheet.totals.items()}


@pytest.mark.parametrize("case", [GANXIAN, LINXI], ids=lambda case: case.name)
def test_the_published_figures_come_out(case: Case) -> None:
    campaign = case.facts["campaign"]
    major = campaign["major_hazards"]
    assert figures(case, *ADDITIVE, "inspections.groups") == {
        "inspections.visits": campaign["inspected_unit_visits"],
        "hazards.found": campaign["hazards_found"],
        "hazards.rectified": campaign["hazards_rectified"],
        "hazards.major_found": major["found"],
        "hazards.major_rectified": major["rectified"],
        "inspections.groups": case.facts["supervision"]["groups"],
    }
    rates = figures(case, "hazards.rate", "hazards.major_rate")
    assert {code: float(value) for code, value in rates.items()} == {
        "hazards.rate": campaign["rectification_rate_percent"],
        "hazards.major_rate": major["rate_percent"],
    }


@pytest.mark.parametrize("case", [GANXIAN, LINXI], ids=lambda case: case.name)
def test_units_add_up_with_own_level_and_unfilled(case: Case) -> None:
    sheet = evaluate(ADDITIVE, organisation=district(case), period=Period(case.start, case.end), by="unit")
    for code in ADDITIVE:
        assert sum(row.values[code].number for row in sheet.rows) == sheet.totals[code].number
    keys = {row.key for row in sheet.rows if row.values["inspections.visits"].number}
    assert {"own", "none"} < keys
    assert len(keys) == len(case.units) + 2


@pytest.mark.parametrize("case", [GANXIAN, LINXI], ids=lambda case: case.name)
def test_all_of_it_belongs_to_the_campaign(case: Case) -> None:
    pk = Programme.objects.get(name=case.campaign_name, parent=None).pk
    found = figures(case, "inspections.visits", "hazards.found", within={"campaign": str(pk)})
    assert found == figures(case, "inspections.visits", "hazards.found")


@pytest.mark.parametrize("case", [GANXIAN, LINXI], ids=lambda case: case.name)
def test_nothing_was_entered_for_the_year_before(case: Case) -> None:
    sheet = evaluate(
        ["hazards.found.yoy", "hazards.rate.yoy"], organisation=district(case), period=Period(case.start, case.end)
    )
    for value in sheet.totals.values():
        assert value.number is None
        assert value.gap.startswith("【待补")


def test_hazards_were_open_and_late_on_the_last_day_and_closed_after() -> None:
    campaign = GANXIAN.facts["campaign"]
    left = campaign["hazards_found"] - campaign["hazards_rectified"]
    found = figures(GANXIAN, "hazards.unrectified", "hazards.unrectified_overdue")
    assert found["hazards.unrectified"] == left
    assert 0 < found["hazards.unrectified_overdue"] < left
    assert not Hazard.objects.filter(
        found_on__lte=GANXIAN.end, status__in=OPEN_STATUSES, import_id__isnull=False
    ).filter(district=district(GANXIAN))


def test_major_hazards_name_their_standard() -> None:
    majors = Hazard.objects.filter(grade=Grade.MAJOR)
    assert majors.count() == 9 + 3 + 1
    assert not majors.filter(standard_code="")
    assert not majors.filter(standard_item="")
    assert not majors.filter(duty="")


def test_the_present_has_work_in_every_state() -> None:
    acted = Hazard.objects.filter(import_id=None)
    assert set(acted.values_list("status", flat=True)) == {
        Status.DRAFT,
        Status.RECTIFYING,
        Status.EXTENSION,
        Status.REVIEW,
        Status.CLOSED,
    }
    assert acted.overdue(clock.today()).exists()
    assert acted.filter(grade=Grade.MAJOR, status=Status.RECTIFYING).exclude(contingency="").exists()
    assert acted.filter(measure="immediate", status=Status.CLOSED).exists()
    assert not Visit.objects.filter(visited_on__gt=clock.today()).exists()


def test_acts_have_moments_of_their_own_and_none_lies_ahead() -> None:
    moments = Event.objects.filter(target_type="hazards.hazard", action__in=["submit", "pass", "issue"])
    days = {timezone.localdate(at) for at in moments.values_list("at", flat=True)}
    assert len(days) > 15
    assert max(days) <= clock.today()
    assert not Event.objects.filter(at__gt=NOW).exists()


@pytest.mark.parametrize(
    "username", ["meilin1", "meilin2", "zhenzhang", "nantang", "wangge", "zhujian", "qiye", "keyuan"]
)
def test_whoever_acts_finds_something_to_do(username: str) -> None:
    user = User.objects.get(username=username)
    assert sum(todo.count(user, clock.today()) for todo in panels.todos()) > 0


def test_every_role_of_the_case_is_there_and_the_administrators_are_three_people() -> None:
    held = list(User.objects.filter(memberships__isnull=False).values_list("memberships__role", "pk"))
    assert {role for role, _pk in held} >= {
        Role.HEAD,
        Role.DEPUTY,
        Role.SECTION_HEAD,
        Role.CLERK,
        Role.COMMITTEE_OFFICE,
        Role.ENFORCER,
        Role.STREET_HEAD,
        Role.STREET_OFFICER,
        Role.COMMUNITY_OFFICER,
        Role.DEPARTMENT_CLERK,
        Role.VIEWER,
        *ADMIN_ROLES,
    }
    administrators = [pk for role, pk in held if role in ADMIN_ROLES]
    assert len(administrators) == len(set(administrators))


def test_the_file_of_logins_tells_a_password_that_works(folder: Path) -> None:
    path = folder / "demo-logins.txt"
    lines = path.read_text().splitlines()
    assert path.stat().st_mode & 0o077 == 0
    passwords = [line.rpartition("密码都是 ")[2] for line in lines if "密码都是" in line]
    assert len(passwords) == 2
    officer = User.objects.get(username="meilin1")
    assert officer.check_password(passwords[0])
    assert not officer.must_change_password
    assert any("meilin1" in line and officer.name in line for line in lines)


def test_workbooks_are_kept_to_look_at(folder: Path) -> None:
    books = sorted(path.name for path in (folder / "demo" / GANXIAN.name).glob("*.xlsx"))
    assert len(books) == 15
    assert books[0] == f"01{GANXIAN.district_name}机构名录.xlsx"


def test_copies_that_share_a_year_go_in_although_their_rows_look_alike() -> None:
    """``--scale`` asks for more copies than there are years: then like rows are wanted, not asked about."""
    loader = loading.Loader(LINXI, lambda line: None)
    clerk = User.objects.get(memberships__role=Role.CLERK, memberships__organisation__name=LINXI.bureau_name)
    loader.people = [Person(clerk, Role.CLERK, Organisation.objects.get(name=LINXI.bureau_name))]
    loader.subjects = subjects_draw(LINXI, random.Random(LINXI.demo["seed"]))
    counts = [Hazard.objects.count()]
    for _ in range(2):
        loading._multiply(loader, 1)
        counts.append(Hazard.objects.count())
    assert counts[2] - counts[1] == counts[1] - counts[0] > 0


@pytest.mark.parametrize("options", [{}, {"case": GANXIAN.name}, {"case": "nowhere"}])
def test_what_is_there_is_not_loaded_over(options: dict[str, str]) -> None:
    before = Organisation.objects.count()
    with pytest.raises(CommandError):
        call_command("load_demo", **options)
    assert Organisation.objects.count() == before


def test_a_production_site_loads_nothing(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="正式环境"):
        call_command("load_demo", case=GANXIAN.name)
