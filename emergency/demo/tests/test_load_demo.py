"""The cases loaded for good: their published figures come out of the ledgers again."""

import datetime as dt
import io
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from pypdf import PdfReader

from emergency.activities.figures import code_of
from emergency.activities.models import Category, Measure
from emergency.core import clock, panels, papers
from emergency.core.lifecycle import Event
from emergency.core.periods import Period
from emergency.demo import services
from emergency.demo.services import loading
from emergency.demo.services.cases import Case
from emergency.demo.services.people import Person
from emergency.demo.services.register import subjects_draw
from emergency.figures.models import ZeroConfirmation
from emergency.figures.queries import evaluate
from emergency.figures.queries.zeros import confirmed_zero, unconfirmed, zero_sources
from emergency.incidents.models import Accident
from emergency.letters.models import Letter
from emergency.organizations.models import ADMIN_ROLES, Kind, Organisation, Role, User
from emergency.programmes.models import Programme
from hazards.models import OPEN_STATUSES, Grade, Hazard, RiskPoint, Status
from inspections.models import Measure as VisitMeasure
from inspections.models import Visit
from reports.documents import annual_summary, issuer_of

NOW = dt.datetime(2026, 11, 18, 15, 30, tzinfo=timezone.get_default_timezone())
GANXIAN, LINXI, HUANGSHIGANG = map(services.load, ("ganxian_2021", "linxi_2022", "huangshigang_2020"))
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
    """All cases side by side in one transaction that is rolled back after the module; loading takes most of a minute."""
    with (
        django_db_blocker.unblock(),
        override_settings(VAR_DIR=folder, MEDIA_ROOT=folder / "media"),
        clock.at(NOW),
        transaction.atomic(),
    ):
        call_command("load_demo")
        call_command("load_demo", case=LINXI.name)
        call_command("load_demo", case=HUANGSHIGANG.name)
        connection.check_constraints()  # once; else the end of every test checks all that was loaded again
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


def printed(case: Case, *codes: str) -> dict[str, Any]:
    """What ``manage.py figures --json`` says about the period of a case, by code."""
    out = io.StringIO()
    options = {"organisation": case.district_code, "start": case.start, "end": case.end, "codes": list(codes)}
    call_command("figures", as_json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())["figures"]
    return found


def test_every_register_of_the_published_case_comes_out_by_code() -> None:
    """Paths of the facts by code; money in yuan."""
    fact = GANXIAN.fact
    wanted = {
        "enterprises.standardised": fact("standardisation_accepted_enterprises"),
        "accidents.count": fact("accidents.count"),
        "accidents.deaths": fact("accidents.deaths"),
        "accidents.both_falling_years": fact("accidents.consecutive_years_both_falling"),
        "committee.professional": fact("safety_committee.professional_committees"),
        "inspections.groups": fact("supervision.groups"),
        "measures.suspended": fact("campaign.ordered_to_suspend"),
        "measures.closed_down": fact("campaign.closed_down"),
        "measures.fines": round(fact("campaign.fines_wan_yuan") * 10_000),
        "measures.joint_punishment": fact("campaign.joint_punishment"),
        "risks.identified": fact("campaign.risk_points.identified"),
        "risks.controlled": fact("campaign.risk_points.controlled"),
        "risks.rate": 100,
        "risks.key_points": fact("risk_map.key_hazard_risk_points"),
        "risks.key_industries": fact("risk_map.key_fields"),
        "risks.key_measures": fact("risk_map.control_measures"),
        "letters.supervision": fact("supervision.supervision_letters"),
        "letters.circular": fact("supervision.circulars"),
        "activities.meeting_secretary.times": fact("safety_committee.secretary_chaired_meetings"),
        "activities.consult_flood.times": fact("consultations.flood_and_drought"),
        "activities.consult_forest_fire.times": fact("consultations.forest_fire"),
        "activities.training_safety_officer.times": fact("grassroots.training_sessions"),
        "activities.supervision_rounds.times": fact("supervision.rounds"),
        "activities.supervision_rounds.quantity": fact("supervision.groups"),
        "activities.supervision_flood.times": fact("flood_control.supervision_checks"),
        "activities.supervision_flood.problems": fact("flood_control.ordinary_problems_found"),
        "activities.supervision_flood.rectified": fact("flood_control.ordinary_problems_rectified"),
        "activities.publicity_poster.quantity": fact("hotline_posters"),
        "activities.insurance_housing.money": fact("insurance_wan_yuan.rural_housing") * 10_000,
        "activities.insurance_liability.money": fact("insurance_wan_yuan.natural_disaster_public_liability") * 10_000,
        "activities.investment_equipment.money": fact("equipment_purchase_wan_yuan") * 10_000,
        "activities.investment_forest_fire.money": fact("forest_fire_equipment.spend_wan_yuan") * 10_000,
        "activities.upgrade.quantity": fact("campaign.technical_upgrades.total"),
    }
    assert figures(GANXIAN, *wanted) == wanted
    # what a campaign found and what a round of checks told as its own numbers are kept apart
    assert figures(GANXIAN, "hazards.found") == {"hazards.found": fact("campaign.hazards_found")}


def test_accidents_are_compared_with_entered_years() -> None:
    accidents = GANXIAN.facts["accidents"]
    before = accidents["previous_year"]
    said = printed(GANXIAN, "accidents.count.yoy", "accidents.deaths.yoy", "accidents.both_falling_years")
    period = Period(GANXIAN.start, GANXIAN.end)
    sheet = evaluate(list(said), organisation=district(GANXIAN), period=period)
    for base, unit in (("count", "起"), ("deaths", "人")):
        fall = before[base] - accidents[base]
        share = f"{100 * fall / before[base]:.1f}".removesuffix(".0")
        assert said[f"accidents.{base}.yoy"]["value"] == -fall
        assert sheet[f"accidents.{base}.yoy"].text_with_unit == f"减少{fall}{unit}、下降{share}%"
    assert said["accidents.both_falling_years"]["value"] == accidents["consecutive_years_both_falling"]
    by_class = evaluate(
        ["accidents.count"],
        organisation=district(GANXIAN),
        period=Period(GANXIAN.start, GANXIAN.end),
        by="classification",
    )
    assert {row.label: row["accidents.count"].number for row in by_class.rows if row["accidents.count"].number} == {
        "道路运输": accidents["count"]
    }


def test_upgrades_stand_by_industry() -> None:
    sheet = evaluate(
        ["activities.upgrade.quantity"],
        organisation=district(GANXIAN),
        period=Period(GANXIAN.start, GANXIAN.end),
        by="industry",
    )
    found = {row.label: row["activities.upgrade.quantity"].number for row in sheet.rows}
    assert {label: number for label, number in found.items() if number} == GANXIAN.facts["campaign"][
        "technical_upgrades"
    ]["by_industry"]


def test_the_second_case_has_its_own_figures() -> None:
    fact = HUANGSHIGANG.fact
    experts = Category.objects.get(name="专家会诊")
    wanted = {
        "accidents.industrial": fact("accidents.industrial_mining_commercial"),
        "accidents.deaths": fact("accidents.deaths"),
        "fires.count": fact("fires.count"),
        "fires.loss": round(fact("fires.loss_wan_yuan") * 10_000),
        "inspections.papers": fact("rectification_orders_issued"),
        "hazards.found": fact("hazards_found"),
        "hazards.rectified": fact("hazards_rectified"),
        code_of(experts, Measure.PROBLEMS): fact("expert_consultations.problems_found"),
    }
    assert figures(HUANGSHIGANG, *wanted) == wanted
    said = printed(HUANGSHIGANG, "fires.count.yoy", "fires.loss")
    fall = fact("fires.previous_year_count") - fact("fires.count")
    assert said["fires.count.yoy"]["value"] == -fall
    assert said["fires.loss"]["approximate"] is True
    assert said["fires.loss"]["given"][0]["source"] == "黄石港区消防救援大队"
    by_kind = evaluate(
        ["inspections.visits"],
        organisation=district(HUANGSHIGANG),
        period=Period(HUANGSHIGANG.start, HUANGSHIGANG.end),
        by="kind",
    )
    visits = {row.label: row["inspections.visits"].number for row in by_kind.rows}
    assert visits["帮扶服务"] == fact("covid.service_supervision_visits")
    assert visits["复工复产指导"] == fact("covid.work_resumption_checks")


def test_a_zero_is_said_by_everybody_and_only_then() -> None:
    source = next(one for one in zero_sources() if one.code == "accidents")
    period = Period(HUANGSHIGANG.start, HUANGSHIGANG.end)
    home = district(HUANGSHIGANG)
    assert confirmed_zero(source, home, period).ok
    streets = ZeroConfirmation.objects.filter(district=home, street__isnull=False)
    assert streets.count() == len(HUANGSHIGANG.units) * len(period.months())
    assert not streets.filter(by_superior=True).exists()
    savepoint = transaction.savepoint()
    streets.filter(street__name=HUANGSHIGANG.units[0].name, month=period.start).delete()
    gap = confirmed_zero(source, home, period).gap
    transaction.savepoint_rollback(savepoint)
    assert gap == f"【待确认：{period.start.year}年{period.start.month}月{HUANGSHIGANG.units[0].name}】"


def test_the_paper_prints_the_published_figures(folder: Path) -> None:
    """The PDF of ``make_report``, read without the breaks of lines: the key sentences with the numbers of the case file."""
    out, fact = folder / "summary.pdf", GANXIAN.fact
    options = {"organisation": GANXIAN.district_code, "start": GANXIAN.start, "end": GANXIAN.end, "out": out}
    call_command("make_report", "annual", stdout=io.StringIO(), **options)
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(out).pages))
    text = re.sub(r"—\d+—", "", text)
    upgrades = GANXIAN.facts["campaign"]["technical_upgrades"]["by_industry"]
    for words in (
        f"共发生生产安全事故{fact('accidents.count')}起、死亡{fact('accidents.deaths')}人，同比分别减少4起、1人，分别下降50%、16.7%",
        "连续三年实现“双下降”",
        f"下设专业委员会{fact('safety_committee.professional_committees')}个",
        f"会议{fact('safety_committee.secretary_chaired_meetings')}次",
        f"组织安全生产督查{fact('supervision.rounds')}轮，派出督查组{fact('supervision.groups')}个",
        f"下发督办函{fact('supervision.supervision_letters')}份、通报{fact('supervision.circulars')}期",
        f"共检查生产经营单位{fact('campaign.inspected_unit_visits')}家次",
        f"排查隐患{fact('campaign.hazards_found')}条",
        f"整改到位{fact('campaign.hazards_rectified')}条，整改率{fact('campaign.rectification_rate_percent')}%",
        f"重大隐患{fact('campaign.major_hazards.found')}条，已全部整改销号，整改率100%",
        f"责令停产整顿{fact('campaign.ordered_to_suspend')}家，关闭取缔{fact('campaign.closed_down')}家",
        f"经济处罚{fact('campaign.fines_wan_yuan')}万元，联合惩戒{fact('campaign.joint_punishment')}家",
        f"完成安全技术提升改造{fact('campaign.technical_upgrades.total')}家",
        *(f"{name}{number}家" for name, number in upgrades.items()),
        f"辨识风险点{fact('campaign.risk_points.identified')}处，已全部落实管控",
        f"重点风险点{fact('risk_map.key_hazard_risk_points')}处，涉及{fact('risk_map.key_fields')}个领域",
        f"落实管控措施{fact('risk_map.control_measures')}条",
        f"达标企业{fact('standardisation_accepted_enterprises')}家",
        f"安全员培训{fact('grassroots.training_sessions')}期",
        f"张贴海报{fact('hotline_posters')}余张",
        f"防汛抗旱会商{fact('consultations.flood_and_drought')}次、森林防火会商{fact('consultations.forest_fire')}次",
        f"发现问题{fact('flood_control.ordinary_problems_found')}个，均已整改到位",
        f"农村住房保险保费{fact('insurance_wan_yuan.rural_housing')}万元",
        f"自然灾害公众责任险保费{fact('insurance_wan_yuan.natural_disaster_public_liability')}万元",
        f"装备购置{fact('equipment_purchase_wan_yuan')}万元、森林防火物资{fact('forest_fire_equipment.spend_wan_yuan')}万元",
        *(one["problem"] for one in GANXIAN.demo["registers"]["problems"]),
        *GANXIAN.facts["next_year_plan_sections"],
    ):
        assert words in text


def test_the_second_case_has_a_summary_of_its_own() -> None:
    """The document itself: that a PDF prints it is told by the first case."""
    home, fact = district(HUANGSHIGANG), HUANGSHIGANG.fact
    period = Period(HUANGSHIGANG.start, HUANGSHIGANG.end)
    document = annual_summary(area=home, issuer=issuer_of(home), period=period, edition=papers.Edition.SUBMISSION)
    text = "".join(run.text for run in papers.runs(document))
    assert "全区未发生生产安全事故" in text
    assert f"全区发生火灾{fact('fires.count')}起，同比减少6起、下降12.2%" in text
    assert f"直接财产损失约{fact('fires.loss_wan_yuan')}万元" in text
    assert f"下达执法文书{fact('rectification_orders_issued')}份" in text
    assert f"排查隐患{fact('hazards_found')}条" in text
    assert f"专家会诊4次（发现问题{fact('expert_consultations.problems_found')}个）" in text
    assert "待确认" not in text


def test_the_registers_have_work_of_today() -> None:
    today = clock.today()
    home = district(GANXIAN)
    assert Letter.objects.filter(district=home).overdue(today).exists()
    assert Accident.objects.filter(district=home, status="flash").exists()
    assert Accident.objects.filter(district=home, status="verified").exists()
    assert RiskPoint.objects.filter(district=home, next_patrol_on__lt=today).exists()
    waiting = VisitMeasure.objects.filter(district=home, publish_due_on__isnull=False, published_on=None)
    assert waiting.filter(publish_due_on__gte=today).exists()
    clerk = User.objects.get(username="meilin1")
    assert unconfirmed(clerk.memberships.get().organisation, today)


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
    assert len(passwords) == 3
    officer = User.objects.get(username="meilin1")
    assert officer.check_password(passwords[0])
    assert not officer.must_change_password
    assert any("meilin1" in line and officer.name in line for line in lines)


def test_workbooks_are_kept_to_look_at(folder: Path) -> None:
    books = sorted(path.name for path in (folder / "demo" / GANXIAN.name).glob("*.xlsx"))
    assert len(books) == 22
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
