"""问题与建议: who names them, who reads them, their pages, the Excel table, and what a paper takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock
from emergency.core import ledger as excel
from emergency.core.audit import AuditEntry
from emergency.core.ledger import ImportContext
from emergency.core.lifecycle import events_of
from emergency.core.periods import Period
from emergency.core.tests.ledger_samples import workbook
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.models import Role
from emergency.organizations.tests.factories import Cast, person_make
from emergency.programmes.ledger import COLUMNS, PROBLEMS
from emergency.programmes.models import Problem, Programme
from emergency.programmes.queries import problems_of
from emergency.programmes.services import problem_create, problem_update, problem_void
from emergency.programmes.tests.factories import campaign_make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 5)
WRITERS = {"bureau_clerk", "section_head"}
STREET_A = {"officer_a", "officer_a2"}
TEXTS = {
    "problem": "基层监管力量不足",
    "showing": "每个街道仅有两名安全员",
    "cause": "编制未落实",
    "remedy": "按标准配齐人员",
    "source": "2025年工作总结",
}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def make(cast: Cast, **fields: Any) -> Problem:
    return problem_create(**{"actor": cast.bureau_clerk, "owner": cast.bureau, "year": 2025} | TEXTS | fields)


@pytest.mark.parametrize("name", Cast.NAMES)
def test_who_names_the_problems_of_the_bureau_and_of_a_street(cast: Cast, name: str) -> None:
    actor = cast.person(name)
    for owner, may in ((cast.bureau, WRITERS), (cast.street_a, STREET_A), (cast.department, set())):
        if name in may:
            made = make(cast, actor=actor, owner=owner)
            assert (made.area, made.order) == (owner.serves, 1)
            assert problem_update(record=made, actor=actor, year=2026, **TEXTS).year == 2026
            assert problem_void(record=made, actor=actor, reason="重复").void_reason == "重复"
            continue
        with pytest.raises(PermissionDenied):
            make(cast, actor=actor, owner=owner)
    standing = make(cast)
    if name not in WRITERS:
        for call in (
            lambda: problem_update(record=standing, actor=actor, year=2026, **TEXTS),
            lambda: problem_void(record=standing, actor=actor, reason="重复"),
        ):
            with pytest.raises(PermissionDenied):
                call()
        standing.refresh_from_db()
        assert (standing.year, standing.void_reason) == (2025, "")


def test_every_change_leaves_its_trace_and_a_void_one_stays(cast: Cast) -> None:
    made = make(cast)
    problem_update(record=made, actor=cast.bureau_clerk, year=2025, **TEXTS | {"remedy": "增加编制"})
    problem_update(record=made, actor=cast.bureau_clerk, year=2025, **TEXTS | {"remedy": "增加编制"})
    with pytest.raises(ValidationError, match="请填写作废原因"):
        problem_void(record=made, actor=cast.bureau_clerk, reason=" ")
    problem_void(record=made, actor=cast.section_head, reason="重复")
    with pytest.raises(ValidationError, match="已作废"):
        problem_update(record=made, actor=cast.bureau_clerk, year=2025, **TEXTS)
    assert [event.label for event in events_of(made)] == ["登记", "变更", "作废"]
    verbs = AuditEntry.objects.filter(target_type="programmes.problem").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["problem.create", "problem.update", "problem.void"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"year": 1999}, "__all__"), ({"problem": " "}, "problem"), ({"problem": "长" * 121}, "problem")],
)
def test_a_faulty_one_names_its_field(cast: Cast, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as fault:
        make(cast, **fields)
    assert field in fault.value.message_dict and not Problem.objects.exists()


def test_a_place_lies_within_the_units_area(cast: Cast) -> None:
    by_street: dict[str, Any] = {"actor": cast.officer_a, "owner": cast.street_a}
    with pytest.raises(ValidationError, match="不在东门街道的管辖范围内"):
        make(cast, area=cast.street_b, **by_street)
    made = make(cast, area=cast.community_a, **by_street)
    assert problem_update(record=made, actor=cast.officer_a, year=2025, **TEXTS).area == cast.community_a


def test_a_paper_takes_those_of_its_own_area_in_their_order(cast: Cast) -> None:
    last, first = make(cast, problem="后", order=2), make(cast, problem="先", order=1)
    make(cast, problem="去年的", year=2024)
    street = make(cast, actor=cast.officer_a, owner=cast.street_a)
    problem_void(record=make(cast, problem="废"), actor=cast.bureau_clerk, reason="重复")
    year = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert list(problems_of(area=cast.district, period=year)) == [first, last]
    assert list(problems_of(area=cast.street_a, period=year)) == [street]


# ------------------------------------------------------------------------------------------------ pages


def page(cast: Cast, who: str, route: str, *args: Any, **query: Any) -> Any:
    return cast.client(who).get(reverse(f"programmes:problem_{route}", args=args), query)


def send(cast: Cast, who: str, route: str, *args: Any, **data: Any) -> Any:
    return cast.client(who).post(reverse(f"programmes:problem_{route}", args=args), data)


def names(response: Any) -> list[str]:
    return sorted(row.cells[1].text for row in response.context["page"].rows)


def test_each_sees_those_of_the_own_area(cast: Cast) -> None:
    make(cast, problem="区级")
    street = make(cast, problem="东门", actor=cast.officer_a, owner=cast.street_a)
    seen = {name: names(page(cast, name, "list")) for name in Cast.BUSINESS if name != "enterprise_user"}
    assert seen == {name: ["东门", "区级"] for name in ("bureau_clerk", "section_head", "leader")} | {
        "officer_a": ["东门"], "officer_a2": ["东门"], "officer_b": [], "community_officer": [], "department_clerk": [],
    }  # fmt: skip
    assert page(cast, "officer_b", "detail", street.pk).status_code == 404
    assert page(cast, "bureau_clerk", "edit", street.pk).status_code == 403
    assert page(cast, "enterprise_user", "list").status_code == 403


def test_each_filter_narrows(cast: Cast) -> None:
    make(cast, problem="甲")
    make(cast, problem="乙", year=2024, remedy="增设哨位")
    void = make(cast, problem="丙", actor=cast.officer_a, owner=cast.street_a)
    problem_void(record=void, actor=cast.officer_a, reason="重复")
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"words": "哨位"}, ["乙"]),
        ({"year": 2025}, ["丙", "甲"]),
        ({"owner": cast.street_a.pk}, ["丙"]),
        ({"state": "live"}, ["乙", "甲"]),
        ({"state": "void"}, ["丙"]),
    ]
    for params, expected in cases:
        assert names(page(cast, "bureau_clerk", "list", **params)) == expected, params


def test_named_changed_and_made_void_from_the_forms(cast: Cast) -> None:
    assert page(cast, "officer_a", "new").status_code == 200
    assert send(cast, "officer_a", "new", owner=cast.bureau.pk, year=2025, **TEXTS).status_code == 400
    assert send(cast, "officer_a", "new", owner=cast.street_a.pk, year=2025, **TEXTS).status_code == 302
    made = Problem.objects.get()
    assert send(cast, "officer_a", "edit", made.pk, year=2025, **TEXTS | {"problem": ""}).status_code == 400
    assert send(cast, "officer_a", "edit", made.pk, year=2025, **TEXTS | {"problem": "人员不足"}).status_code == 302
    text = page(cast, "leader", "detail", made.pk).content.decode()
    assert "人员不足" in text and "按标准配齐人员" in text and "修改" not in text.partition("<main")[2]
    assert send(cast, "officer_a", "void", made.pk, reason="").status_code == 400
    assert send(cast, "officer_a", "void", made.pk, reason="重复").status_code == 302
    assert page(cast, "officer_a", "edit", made.pk).status_code == 403


@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    for _ in range(rows):
        make(cast, actor=cast.officer_a, owner=cast.street_a)
    client = cast.client("officer_a")
    client.get(reverse("programmes:problem_list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("programmes:problem_list")).status_code == 200
    assert len(queries) == expected_queries("programmes:problem_list") <= 12


# ------------------------------------------------------------------------------------------------ Excel


def load(cast: Cast, rows: list[Any], name: str = "bureau_clerk") -> excel.Outcome:
    head = ("年度", "提出单位", "问题", "对策建议")
    return excel.run_import(PROBLEMS, workbook([head, *rows]), ImportContext(actor=cast.person(name), on=TODAY))


def test_rows_take_their_place_behind_the_last(cast: Cast) -> None:
    make(cast)
    outcome = load(
        cast, [["2025", "", "新问题", "建议"], ["2025", "东门街道", "街道问题", ""], ["2025", "", "再一个", ""]]
    )
    assert outcome.ok, [fault.text for fault in outcome.faults]
    assert list(Problem.objects.order_by("owner", "order").values_list("problem", "order", "area")) == [
        ("基层监管力量不足", 1, cast.district.pk),
        ("新问题", 2, cast.district.pk),
        ("再一个", 3, cast.district.pk),
        ("街道问题", 1, cast.street_a.pk),
    ]


def test_faults_are_named_by_cell_and_nothing_is_half_written(cast: Cast) -> None:
    make(cast)
    rows = [
        ["1999", "", "甲", ""],
        ["2025", "无此街道", "乙", ""],
        ["2025", "", "", ""],
        ["2025", "", TEXTS["problem"], ""],
    ]
    outcome = load(cast, rows)
    assert not outcome.ok and Problem.objects.count() == 1
    assert [fault.text.split("：")[0] for fault in outcome.faults] == [
        "A2（年度）",
        "B3（提出单位）",
        "C4（问题）",
        "第5行",
    ]
    assert not load(cast, [["2025", "西坪街道", "甲", ""]], name="officer_a").ok


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    make(cast, showing="一、人员\n二、装备")
    problem_void(record=make(cast, problem="废"), actor=cast.bureau_clerk, reason="重复")
    make(cast, actor=cast.officer_a, owner=cast.street_a, area=cast.community_a)
    before = sorted(PROBLEMS.records(Problem.objects.all()))
    assert {key for row in before for key, value in zip([one.key for one in COLUMNS], row, strict=True) if value} == {
        one.key for one in COLUMNS
    }
    file = b"".join(excel.export_rows(PROBLEMS, PROBLEMS.records(Problem.objects.order_by("pk")), fmt=fmt))
    Problem.objects.all().delete()
    outcome = excel.run_import(PROBLEMS, file, ImportContext(actor=cast.person("section_head"), on=TODAY))
    assert outcome.ok, [fault.text for fault in outcome.faults]
    assert sorted(PROBLEMS.records(Problem.objects.all())) == before


# ------------------------------------------------------------------------------------------------ the campaign above


def test_a_campaign_above_that_the_reader_may_not_see_is_no_link(cast: Cast) -> None:
    above = campaign_make(cast, "还在起草", owner=cast.department, published=False)
    below = campaign_make(cast, "公开行动", parent=above)
    other = person_make("dept_head", Role.DEPARTMENT_CLERK, cast.department)
    link = f'href="{reverse("programmes:detail", args=[above.pk])}"'
    assert link not in cast.client("officer_a").get(reverse("programmes:detail", args=[below.pk])).content.decode()
    assert Programme.objects.visible_to(other).filter(pk=above.pk).exists()
    shown = cast.client("department_clerk").get(reverse("programmes:detail", args=[below.pk]))
    assert link in shown.content.decode()
