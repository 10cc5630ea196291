"""The sentences, read as a section chief reads them."""

from __future__ import annotations

import datetime as dt
from types import ModuleType

import pytest

from emergency.core import papers
from emergency.core.papers import Missing, Number, Text
from emergency.core.periods import Period
from emergency.organizations.tests.factories import Cast
from emergency.programmes.services import problem_create
from emergency.programmes.tests.factories import campaign_make
from reports.sections import outlines, problems, rectification, supervision, tables
from reports.sections.writing import Brief, faults, paragraph, read, unlinked, whole_area
from reports.tests.factories import FIVE, hazards_make, major_make, visits_make

pytestmark = pytest.mark.django_db

MARCH, JUNE, NOVEMBER = dt.date(2021, 3, 5), dt.date(2021, 6, 20), dt.date(2021, 11, 30)
YEAR = Period(dt.date(2021, 1, 1), NOVEMBER)


def said(runs: tuple[papers.Run, ...]) -> str:
    return "".join(run.text for run in runs)


def blocks(module: ModuleType, about: Brief) -> list[papers.Block]:
    return [paragraph(draft, about) for draft in module.drafts(about)]


def prose(module: ModuleType, about: Brief) -> list[str]:
    return [said(block.runs) for block in blocks(module, about) if isinstance(block, papers.Paragraph)]


def brief(cast: Cast, period: Period = YEAR) -> Brief:
    return Brief(cast.district, cast.bureau, period)


def test_the_sentence_of_rectification_reads_as_the_example(cast: Cast) -> None:
    hazards_make(cast, 5704, found_on=MARCH, closed_on=JUNE)
    major_make(cast, 9, found_on=MARCH, closed_on=JUNE)
    hazards_make(cast, 18, found_on=MARCH, due_on=JUNE)
    hazards_make(cast, 254, found_on=MARCH, due_on=dt.date(2021, 12, 31))
    assert prose(rectification, brief(cast)) == [
        "1—11月，全区排查隐患5985条，同比【待补：2020年1—11月排查隐患】，整改到位5713条，整改率95.5%；未整改272条，其中逾期18条。"
        "其中重大隐患9条，已全部整改销号，整改率100%。"
    ]


def test_every_number_knows_its_figure_and_its_list(cast: Cast) -> None:
    hazards_make(cast, 3, found_on=MARCH, closed_on=JUNE)
    numbers = [
        run
        for block in blocks(rectification, brief(cast))
        if isinstance(block, papers.Paragraph)
        for run in block.runs
        if isinstance(run, Number)
    ]
    assert {run.code for run in numbers} >= {"hazards.found", "hazards.rectified", "hazards.rate"}
    assert all(run.href and run.meaning and run.period == "2021年1—11月" for run in numbers)


@pytest.mark.parametrize(
    ("five", "words"), [(FIVE, "均已落实责任、措施、资金、时限和预案，正在治理"), ({}, "正在治理")]
)
def test_open_major_hazards_are_said_to_be_arranged_only_when_they_are(
    cast: Cast, five: dict[str, str], words: str
) -> None:
    major_make(cast, 7, found_on=MARCH, closed_on=JUNE)
    major_make(cast, 2, found_on=MARCH, **five)
    assert prose(rectification, brief(cast))[0].endswith(
        f"其中重大隐患9条，已整改销号7条，整改率77.8%，其余2条{words}。"
    )


def test_no_major_hazard_is_said_as_such(cast: Cast) -> None:
    hazards_make(cast, 3, found_on=MARCH, closed_on=JUNE)
    assert prose(rectification, brief(cast))[0].endswith("整改率100%。未发现重大隐患。")


def test_a_ledger_not_kept_leaves_gaps_and_no_zero(cast: Cast) -> None:
    told = blocks(rectification, brief(cast))
    assert any(isinstance(run, Missing) for block in told for run in getattr(block, "runs", ()))
    assert "0" not in "".join(prose(rectification, brief(cast))).replace("2020", "").replace("2021", "")


def test_a_period_ending_in_mid_month_is_named_so(cast: Cast) -> None:
    period = Period(dt.date(2022, 1, 1), dt.date(2022, 6, 13))
    hazards_make(cast, 5, found_on=dt.date(2022, 6, 13), closed_on=dt.date(2022, 6, 13))
    hazards_make(cast, 70, found_on=dt.date(2022, 6, 14))
    visits_make(cast, 40, on=dt.date(2022, 2, 1))
    first = prose(rectification, brief(cast, period))[0]
    assert first.startswith(
        "截至6月13日，全区排查隐患5条，同比【待补：截至2021年6月13日排查隐患】，整改到位5条，整改率100%。"
    )
    assert prose(supervision, brief(cast, period)) == [
        "截至6月13日，全区共检查生产经营单位40家次，同比【待补：截至2021年6月13日检查】；其中行政检查40家次。"
    ]


def test_supervision_leaves_out_what_is_zero(cast: Cast) -> None:
    visits_make(cast, 40, on=MARCH, groups=5, papers=3, kind="supervision")
    assert prose(supervision, brief(cast)) == [
        "1—11月，全区派出检查组5个，共检查生产经营单位40家次，同比【待补：2020年1—11月检查】，下达执法文书3份。"
    ]


def test_with_the_year_before_the_change_is_worded(cast: Cast) -> None:
    visits_make(cast, 40, on=MARCH)
    visits_make(cast, 50, on=dt.date(2020, 5, 1))
    assert "同比减少10家次、下降20%" in prose(supervision, brief(cast))[0]


def test_a_campaign_of_visits_without_hazards_keeps_its_paragraph(cast: Cast) -> None:
    carried = campaign_make(cast, "百日行动", start=dt.date(2021, 1, 1))
    visits_make(cast, 40, on=MARCH).campaigns.add(carried)
    hazards_make(cast, 3, found_on=dt.date(2021, 12, 5))  # the ledger is kept, but nothing was found in the period
    assert prose(rectification, brief(cast))[-1] == "深入开展百日行动，共检查生产经营单位40家次，未排查出隐患。"


def test_no_sentence_of_the_portal_has_a_number_of_its_own(cast: Cast) -> None:
    major_make(cast, 7, found_on=MARCH, closed_on=JUNE)
    major_make(cast, 2, found_on=MARCH, **FIVE)
    visits_make(cast, 40, on=MARCH, groups=5, papers=3)
    told = [draft for section in outlines.ANNUAL for draft in section.drafts(brief(cast)) if not draft.typed]
    assert len(told) >= 3
    typed = [
        (draft.key, piece[start:end])
        for draft in told
        for piece in read(draft.text)
        if isinstance(piece, str)
        for start, end in unlinked.numbers(piece)
    ]
    assert typed == []
    assert [fault for draft in told for fault in faults(draft.text, brief(cast))] == []


def test_problems_are_told_one_by_one_in_the_offices_order(cast: Cast) -> None:
    clerk = cast.person("bureau_clerk")
    weak = {"showing": "专职人员仅3名；", "cause": "编制不足。", "remedy": "建议增加编制"}
    for year, name, words in ((2021, "基层力量薄弱", weak), (2021, "装备老化", {}), (2020, "上年的问题", {})):
        problem_create(actor=clerk, owner=cast.bureau, year=year, problem=name, **words)
    assert prose(problems, brief(cast)) == [
        "一是基层力量薄弱。专职人员仅3名。主要原因是编制不足。建议增加编制。",
        "二是装备老化。",
    ]


def test_the_table_by_town_adds_up_and_ranks(cast: Cast) -> None:
    hazards_make(cast, 4, found_on=MARCH, closed_on=JUNE, area="street_a")
    hazards_make(cast, 4, found_on=MARCH, area="street_b")
    hazards_make(cast, 1, found_on=MARCH, area="district")
    visits_make(cast, 10, on=MARCH, area="street_a")
    table = tables.by_town(brief(cast))
    found = [column.title for column in table.columns].index("排查\n（条）")
    shown = {said((Text(row.cells[0]),)): row for row in table.rows}  # type: ignore[arg-type]
    cells = {name: getattr(row.cells[found], "text", row.cells[found]) for name, row in shown.items()}
    assert cells == {str(cast.street_a): "4", str(cast.street_b): "4", "区本级": "1", "合计": "9"}
    assert [shown[str(unit)].cells[-1] for unit in (cast.street_a, cast.street_b)] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "words"), [("赣县区", "全区"), ("梅林镇", "全镇"), ("东门街道", "全街道"), ("阳新县", "全县")]
)
def test_the_whole_area_is_named_by_its_kind(cast: Cast, name: str, words: str) -> None:
    cast.district.name = name
    assert whole_area(cast.district) == words
