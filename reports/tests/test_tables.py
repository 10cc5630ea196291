"""The tables and charts of a summary: what adds up, what is left out, what is said below them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from emergency.core import papers
from emergency.core.periods import Period
from emergency.enterprises.models import Industry
from emergency.incidents.models import Classification
from emergency.organizations.models import Organisation
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard
from inspections.tests.factories import measure_make
from reports import documents
from reports.sections import tables
from reports.sections.writing import Brief
from reports.tests.factories import (
    FIVE,
    accidents_happen,
    given,
    hazards_make,
    major_make,
    nothing_happened,
    visits_make,
)

pytestmark = pytest.mark.django_db

MARCH, JUNE = dt.date(2021, 3, 5), dt.date(2021, 6, 20)
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
SO_FAR = Period(dt.date(2021, 1, 1), dt.date(2021, 6, 13))
WHOLE = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))


def brief(cast: Cast, period: Period = YEAR) -> Brief:
    """A paper of its own: what an area keeps is asked once for each."""
    return Brief(Organisation.objects.get(pk=cast.district.pk), cast.bureau, period)


def grid(table: papers.Table | None) -> list[list[str]]:
    assert table is not None
    return [[cell if isinstance(cell, str) else cell.text for cell in row.cells] for row in table.rows]


def column(table: papers.Table | None, title: str, group: str = "") -> list[str]:
    assert table is not None
    place = next(at for at, one in enumerate(table.columns) if (one.title, one.group) == (title, group))
    return [row[place] for row in grid(table)]


def test_accidents_by_classification_against_the_year_before(cast: Cast) -> None:
    accidents_happen(cast, 1, 3, on=MARCH)
    accidents_happen(cast, 1, on=MARCH, classification=Classification.CONSTRUCTION)
    accidents_happen(cast, 1, 1, 1, on=dt.date(2020, 3, 5))
    assert grid(tables.by_classification(brief(cast))) == [
        ["建筑业", "1", "0", "+1", "—", "1", "0", "+1", "—", "0", "0"],
        ["道路运输", "2", "3", "-1", "-33.3", "4", "3", "+1", "+33.3", "1", "3"],
        ["合计", "3", "3", "0", "0", "5", "3", "+2", "+66.7", "1", "3"],
    ]


def test_a_year_entered_as_a_whole_has_dashes_by_kind_and_says_so(cast: Cast) -> None:
    accidents_happen(cast, 1, on=MARCH)
    given(cast, YEAR.previous_year(), accidents__count=2, accidents__deaths=2)
    table = tables.by_classification(brief(cast))
    assert grid(table) == [
        ["道路运输", "1", "—", "—", "—", "1", "—", "—", "—", "0", "0"],
        ["合计", "1", "2", "-1", "-50", "1", "2", "-1", "-50", "0", "0"],
    ]
    assert table is not None and table.notes[-1] == "上年同期数为填报数，未分类。"


def test_five_years_begin_with_the_first_one_known(cast: Cast) -> None:
    accidents_happen(cast, 1, on=MARCH)
    assert tables.five_years(brief(cast)) is None
    given(cast, Period(dt.date(2019, 1, 1), dt.date(2019, 11, 30)), accidents__count=9, accidents__deaths=8)
    chart = tables.five_years(brief(cast))
    assert chart is not None
    assert grid(chart.table) == [["2019年", "9", "8"], ["2020年", "【待补】", "【待补】"], ["2021年", "1", "1"]]


def test_a_year_without_accidents_is_drawn_only_when_it_was_confirmed(cast: Cast) -> None:
    month = Period(dt.date(2021, 4, 1), dt.date(2021, 4, 30))
    accidents_happen(cast, 1, on=MARCH)
    for years in (1, 2):
        before = Period(month.start.replace(year=2021 - years), month.end.replace(year=2021 - years))
        given(cast, before, accidents__count=years, accidents__deaths=years)
    chart = tables.five_years(brief(cast, month))
    assert chart is not None and grid(chart.table)[-1] == ["2021年", "【待确认】", "【待确认】"]
    nothing_happened(cast, month)
    chart = tables.five_years(brief(cast, month))
    assert chart is not None and grid(chart.table)[-1] == ["2021年", "0", "0"]


def test_penalties_by_town_are_in_ten_thousands_and_rounding_is_said(cast: Cast) -> None:
    visits_make(cast, 3, on=MARCH)
    titles = [one.title for one in tables.by_town(brief(cast)).columns]  # type: ignore[union-attr]
    assert "罚款\n（万元）" not in titles  # nobody keeps that ledger yet
    for handler, actor in ((cast.street_a, cast.officer_a), (cast.street_b, cast.officer_b)):
        measure_make(
            cast, on=MARCH, amount=Decimal("5049"), handler=handler, actor=actor, area=handler, party_name="某厂"
        )
    table = tables.by_town(brief(cast))
    assert column(table, "罚款\n（万元）", "执法处置") == ["0.5", "0.5", "0", "1.01"]
    assert table is not None and table.notes[-1:] == ("罚款各行相加与合计略有出入，因四舍五入。",)


def test_departments_with_nothing_are_left_out_and_the_rest_is_named(cast: Cast) -> None:
    hazards_make(cast, 3, found_on=MARCH)
    hazards_make(cast, 4, found_on=MARCH, closed_on=JUNE, department=cast.department)
    table = tables.by_department(brief(cast))
    assert column(table, "行业主管部门") == [str(cast.department), "未明确部门", "合计"]
    assert column(table, "排查\n（条）", "隐患") == ["4", "3", "7"]


def test_every_major_hazard_stands_in_its_row_as_of_the_last_day(cast: Cast) -> None:
    major_make(cast, 1, found_on=MARCH, closed_on=JUNE, **FIVE)
    major_make(cast, 2, found_on=MARCH, due_on=dt.date(2021, 6, 1), duty="厂长", steps="更换")
    hazards_make(cast, 5, found_on=MARCH)
    table = tables.majors(brief(cast))
    assert column(table, "状态") == ["已销号", "逾期未改", ""]
    assert column(table, "销号日期") == ["6月20日", "—", ""]
    assert column(table, "五落实") == ["均已落实", "缺资金、时限、预案", ""]
    assert grid(table)[-1][:3] == ["", "合计", "3"]
    assert column(tables.majors(brief(cast, SO_FAR)), "状态")[0] == "正在整改"
    Hazard.objects.update(grade="general", standard_code="")
    assert tables.majors(brief(cast)) is None


def test_industries_add_up_and_rounding_is_said(cast: Cast) -> None:
    for name in ("工贸", "矿山", "文旅"):
        hazards_make(cast, 1, found_on=MARCH, industry=Industry.objects.get_or_create(name=name)[0])
    chart = tables.by_industry(brief(cast))
    assert chart is not None and chart.table is not None
    assert column(chart.table, "占比（%）") == ["33.3", "33.3", "33.3", "100"]
    assert chart.table.notes == ("占比相加不等于100%，因四舍五入。",)


def test_rates_stand_by_place_with_the_districts_own_at_the_end(cast: Cast) -> None:
    hazards_make(cast, 4, found_on=MARCH, area="street_a")
    hazards_make(cast, 4, found_on=MARCH, closed_on=JUNE, area="street_b")
    hazards_make(cast, 1, found_on=MARCH, area="district")
    chart = tables.rates_by_unit(brief(cast))
    assert chart is not None
    assert [row[:3] for row in grid(chart.table)] == [
        ["1", str(cast.street_b), "4"], ["2", str(cast.street_a), "4"], ["—", "区本级", "1"], ["—", "合计", "9"],
    ]  # fmt: skip


def paper(cast: Cast, area: object, period: Period) -> papers.Document:
    return documents.annual_summary(
        area=area,  # type: ignore[arg-type]
        issuer=documents.issuer_of(area),  # type: ignore[arg-type]
        period=period,
        edition=papers.Edition.CHECKING,
    )


def heads(document: papers.Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, papers.Heading)]


def test_a_district_with_nothing_entered_has_gaps_and_neither_numbers_nor_tables(cast: Cast) -> None:
    document = paper(cast, cast.district, WHOLE)
    assert heads(document) == ["主要工作开展情况", "安全生产形势", "督导检查", "专项整治与隐患治理"]
    gaps = [run.text for run in papers.runs(document) if isinstance(run, papers.Missing)]
    assert "【待补：2021年全年生产安全事故】" in gaps and "【待补：2021年全年检查】" in gaps
    assert not any(isinstance(run, papers.Number) for run in papers.runs(document))
    assert [annex.title for annex in document.annexes] == []


def test_a_towns_paper_tells_of_the_town_by_its_communities(cast: Cast) -> None:
    hazards_make(cast, 4, found_on=MARCH, closed_on=JUNE, area="community_a")
    hazards_make(cast, 9, found_on=MARCH, area="street_b")
    visits_make(cast, 7, on=MARCH)
    given(cast, YEAR, fires__count=43, committee__professional=13)  # of the district, not of its towns
    document = paper(cast, cast.street_a, YEAR)
    words = "".join(run.text for run in papers.runs(document))
    assert heads(document) == ["主要工作开展情况", "安全生产形势", "督导检查", "专项整治与隐患治理"]
    assert "火灾" not in words
    assert "全街道排查隐患4条" in words and "全街道共检查生产经营单位7家次" in words
    town = next(annex for annex in document.annexes if "各社区（村）" in annex.title)
    assert isinstance(town.blocks[0], papers.Table)
    assert [row[0] for row in grid(town.blocks[0])] == [str(cast.community_a), "本级", "合计"]
