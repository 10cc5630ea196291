"""The pages of risk points: who sees what, what a form leads to, and what a refusal leaves untouched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock
from emergency.core.lifecycle import events_of
from emergency.core.periods import Period
from emergency.core.tests.query_counts import expected_queries
from emergency.enterprises.tests.factories import enterprise_make
from emergency.figures import queries as figures
from emergency.figures.vocabulary import get as get_figure
from emergency.organizations.tests.factories import Cast
from hazards.models import RiskPoint, RiskStatus
from hazards.tests.factories import photo
from hazards.tests.risk_factories import IDENTIFIED_ON, TODAY, risk_in, risk_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def page(cast: Cast, name: str, route: str, *args: Any, **params: Any) -> Any:
    return cast.client(name).get(reverse(f"hazards:risk_{route}", args=args), params)


def send(cast: Cast, name: str, route: str, /, *args: Any, **data: Any) -> Any:
    return cast.client(name).post(reverse(f"hazards:risk_{route}", args=args), data)


def numbers(response: Any) -> set[int]:
    return {row.pk for row in response.context["page"].rows}


def test_everybody_finds_their_own_rows_and_no_others(cast: Cast) -> None:
    here = risk_make(cast)
    there = risk_make(cast, actor=cast.officer_b, handler=cast.street_b, enterprise=None, area=cast.street_b)
    both, mine = {here.pk, there.pk}, {here.pk}
    assert {name: numbers(page(cast, name, "list")) for name in Cast.BUSINESS} == {
        "bureau_clerk": both,
        "section_head": both,
        "leader": both,
        "officer_a": mine,
        "officer_a2": mine,
        "officer_b": {there.pk},
        "community_officer": set(),
        "department_clerk": mine,
        "enterprise_user": mine,
    }
    for route, args in (("detail", ()), ("edit", ()), ("act", ("patrol",))):
        assert page(cast, "officer_b", route, here.pk, *args).status_code == 404, route


FILTERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "level": ({"level": "blue"}, {"low"}),
    "live": ({"status": "live"}, {"late", "low", "key"}),
    "status": ({"status": "removed"}, {"gone"}),
    "area": ({"area": "street_b"}, {"low"}),
    "key": ({"key": "1"}, {"key"}),
    "late": ({"patrol": "late"}, {"late"}),
    "handler": ({"handler": "street_b"}, {"low"}),
    "category": ({"category": "work"}, {"key"}),
    "from": ({"identified_from": "2026-03-03"}, {"key"}),
    "to": ({"identified_to": "2026-03-02"}, {"late", "low", "gone"}),
    "enterprise": ({"enterprise": "enterprise"}, {"late", "key", "gone"}),
    "search": ({"q": "焊接"}, {"key"}),
}


@pytest.mark.parametrize("case", sorted(FILTERS))
def test_each_filter_narrows(cast: Cast, case: str) -> None:
    rows = {
        "late": risk_in(cast, RiskStatus.CONTROLLED),
        "low": risk_make(
            cast, actor=cast.officer_b, handler=cast.street_b, enterprise=None, area=cast.street_b, level="blue"
        ),
        "key": risk_make(cast, key=True, category="work", name="焊接作业", identified_on=TODAY),
        "gone": risk_in(cast, RiskStatus.REMOVED),
    }
    RiskPoint.objects.filter(pk=rows["late"].pk).update(next_patrol_on=TODAY - dt.timedelta(days=1))
    params, expected = FILTERS[case]
    asked = {key: str(getattr(cast, value).pk) if hasattr(cast, value) else value for key, value in params.items()}
    assert numbers(page(cast, "bureau_clerk", "list", **asked)) == {rows[key].pk for key in expected}


def test_the_list_shows_colour_and_word(cast: Cast) -> None:
    risk_make(cast)
    assert '<span class="badge risk-red">重大风险</span>' in page(cast, "officer_a", "list").content.decode()


def test_a_list_opened_from_a_figure_has_its_exact_foot(cast: Cast) -> None:
    risk_make(cast, key=True)
    risk_make(cast)
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    link = figures.link(get_figure("risks.key_points"), organisation=cast.district, period=period)
    assert "共1处" in cast.client("bureau_clerk").get(link).content.decode()


@pytest.mark.parametrize("rows", [0, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    risk_make(cast)
    one = RiskPoint.objects.values().get()
    for name in ("id", "search_text"):
        one.pop(name)
    RiskPoint.objects.bulk_create(RiskPoint(**one | {"number": f"n{place}"}) for place in range(rows))
    client = cast.client("officer_a")
    client.get(reverse("hazards:risk_list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("hazards:risk_list")).status_code == 200
    assert len(queries) == expected_queries("hazards:risk_list") <= 12


# ------------------------------------------------------------------------------------------------ registering and changing


def form_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    values = {
        "name": "二号液氨储罐",
        "handler": cast.street_a.pk,
        "enterprise": cast.enterprise.pk,
        "identified_on": "2026-03-02",
        "category": "equipment",
        "assessment": "lec",
        "likelihood": "6",
        "exposure": "6",
        "severity": "15",
        "responsible_person": "钱厂长",
        "patrol": "weekly",
        "measures-TOTAL_FORMS": "2",
        "measures-INITIAL_FORMS": "0",
        "measures-0-text": "每班检查液位计",
        "measures-0-owner": "钱厂长",
        "measures-1-text": "",
    }
    return values | changes


def test_an_officer_registers_a_point_with_its_measures(cast: Cast) -> None:
    assert "登记风险点" in page(cast, "officer_a", "new", enterprise=cast.enterprise.pk).content.decode()
    response = send(cast, "officer_a", "new", **form_of(cast, controlled_on="2026-03-04"))
    record = RiskPoint.objects.get()
    assert response.headers["Location"] == record.get_absolute_url()
    assert (record.level, record.score, record.measure_count) == ("red", 540, 1)
    assert (record.status, record.next_patrol_on) == (RiskStatus.CONTROLLED, dt.date(2026, 3, 12))
    text = page(cast, "enterprise_user", "detail", record.pk).content.decode()
    assert "6 × 6 × 15 = 540" in text and "每班检查液位计" in text and "badge risk-red" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "必填"),
        ({"exposure": ""}, "暴露频繁程度"),
        ({"assessment": "direct", "level": "red"}, "直接判定风险等级须填写理由"),
        ({"identified_on": "2026-03-09"}, "辨识日期不能晚于今天"),
        ({"controlled_on": "2026-03-01"}, "管控日期不能早于辨识日期"),
        ({"measures-0-text": "长" * 301}, "300"),
    ],
)
def test_a_faulty_form_says_why_and_stores_nothing(cast: Cast, changes: dict[str, Any], words: str) -> None:
    response = send(cast, "officer_a", "new", **form_of(cast, **changes))
    assert response.status_code == 400 and words in response.content.decode()
    assert not RiskPoint.objects.exists()


def test_nobody_registers_outside_their_reach(cast: Cast) -> None:
    other = enterprise_make(name="西坪机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    for changes in ({"handler": cast.street_b.pk}, {"enterprise": other.pk}, {"area": cast.street_b.pk}):
        assert send(cast, "officer_a", "new", **form_of(cast, **changes)).status_code == 400, changes
    for name in ("leader", "enterprise_user", "auditor"):
        assert send(cast, name, "new", **form_of(cast)).status_code == 403, name
    assert not RiskPoint.objects.exists()


def test_changing_keeps_what_is_not_asked(cast: Cast) -> None:
    record = risk_in(cast, RiskStatus.CONTROLLED)
    text = page(cast, "officer_a", "edit", record.pk).content.decode()
    assert "每班检查液位计" in text and "评估方法" not in text
    changed = form_of(cast, name="一号液氨储罐", level="blue", **{"measures-1-text": "安装报警器"})
    assert send(cast, "officer_a", "edit", record.pk, **changed).status_code == 302
    record.refresh_from_db()
    assert (record.name, record.level, record.measure_count) == ("一号液氨储罐", "red", 2)
    assert record.area == cast.street_a
    empty = form_of(cast, **{"measures-0-text": "", "measures-0-owner": ""})
    refused = send(cast, "officer_a", "edit", record.pk, **empty)
    assert refused.status_code == 400 and "至少要有一条管控措施" in refused.content.decode()
    assert page(cast, "bureau_clerk", "edit", record.pk).status_code == 403
    assert page(cast, "officer_a", "edit", risk_in(cast, RiskStatus.REMOVED).pk).status_code == 403


# ------------------------------------------------------------------------------------------------ steps

STEPS = [
    ("identified", "control", "officer_a"),
    ("controlled", "patrol", "enterprise_user"),
    ("controlled", "reassess", "officer_a"),
    ("controlled", "transfer", "leader"),
    ("controlled", "remove", "officer_a"),
    ("controlled", "release", "section_head"),
    ("removed", "restore", "leader"),
    ("removed", "restore_identified", "leader"),
    ("removed", "void", "leader"),
]


@pytest.mark.parametrize(("status", "action", "name"), STEPS)
def test_each_step_has_its_form_and_goes_through(cast: Cast, status: str, action: str, name: str) -> None:
    record = risk_in(cast, status)
    if action == "restore_identified":
        RiskPoint.objects.filter(pk=record.pk).update(controlled_on=None)
    day = TODAY.isoformat()
    data: dict[str, Any] = {
        "controlled_on": day, "patrolled_on": day, "result": "发现问题", "note": "渗漏", "photos": photo(), "assessed_on": day,
        "assessment": "ls", "likelihood": "1", "severity": "5", "removed_on": day, "reason": "理由",
        "handler": cast.department.pk,
    }  # fmt: skip
    assert page(cast, name, "act", record.pk, action).status_code == 200
    assert send(cast, name, "act", record.pk, action).status_code == 400
    assert send(cast, name, "act", record.pk, action, **data).status_code == 302
    assert events_of(record).last().action == action
    assert page(cast, name, "detail", record.pk).status_code == 200


def test_a_refused_or_stale_step_changes_nothing(cast: Cast) -> None:
    record = risk_in(cast, RiskStatus.CONTROLLED)
    before = RiskPoint.objects.values().get(pk=record.pk)
    assert page(cast, "enterprise_user", "act", record.pk, "remove").status_code == 403
    refused = send(cast, "enterprise_user", "act", record.pk, "remove", removed_on=TODAY.isoformat(), reason="拆")
    assert refused.status_code == 403
    for stale in (
        page(cast, "officer_a", "act", record.pk, "control"),
        send(cast, "officer_a", "act", record.pk, "control"),
    ):
        assert stale.headers["Location"] == record.get_absolute_url()
    assert page(cast, "officer_a", "act", record.pk, "nonsense").status_code == 404
    faulty = send(cast, "officer_a", "act", record.pk, "patrol", patrolled_on="2026-03-01", result="措施有效")
    assert faulty.status_code == 400 and "早于辨识日期" in faulty.content.decode()
    assert RiskPoint.objects.values().get(pk=record.pk) == before


def test_the_phone_stays_with_officers_and_the_firm_itself(cast: Cast) -> None:
    record = risk_make(cast, responsible_phone="13907970001", identified_on=IDENTIFIED_ON)
    for name in ("officer_a", "leader", "enterprise_user"):
        assert "13907970001" in page(cast, name, "detail", record.pk).content.decode(), name


def test_voiding_from_the_list_in_two_steps(cast: Cast) -> None:
    rows = [risk_make(cast), risk_make(cast)]
    keys = [one.pk for one in rows]
    assert page(cast, "officer_a", "void", selected=keys).status_code == 403
    shown = page(cast, "leader", "void", selected=keys)
    assert all(one.number in shown.content.decode() for one in rows)
    assert send(cast, "leader", "void", selected=keys).status_code == 400
    assert send(cast, "leader", "void", selected=keys, reason="重复登记").status_code == 302
    assert set(RiskPoint.objects.values_list("status", "void_reason")) == {("void", "重复登记")}
    assert page(cast, "leader", "void").status_code == 302 and send(cast, "leader", "void").status_code == 404
