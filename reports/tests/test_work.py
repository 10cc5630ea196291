"""Duties, supervision, penalties, risks, training, disasters: the enumerations of a summary."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import pytest

from emergency.activities.tests.factories import activity_make
from emergency.core.periods import Period
from emergency.enterprises.models import Industry, RiskLevel
from emergency.organizations.tests.factories import Cast
from hazards.tests.risk_factories import risk_make
from inspections.models import MeasureKind
from inspections.tests.factories import measure_make
from reports.sections import (
    disasters,
    duties,
    enforcement,
    grassroots,
    outlines,
    readiness,
    rectification,
    risks,
    supervision,
)
from reports.sections.writing import Brief, faults, read, runs, unlinked
from reports.tests.factories import given, hazards_make, prose, said, visits_make

pytestmark = pytest.mark.django_db

MARCH = dt.date(2021, 3, 5)
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
MONTH = Period(dt.date(2021, 11, 1), dt.date(2021, 11, 30))


def brief(cast: Cast, period: Period = YEAR) -> Brief:
    return Brief(cast.district, cast.bureau, period)


def told(module: ModuleType, cast: Cast) -> str:
    return "".join(prose(module, brief(cast)))


def penalties(cast: Cast) -> str:
    return said(runs(enforcement.penalties(brief(cast)), brief(cast)))


def done(cast: Cast, slug: str, **fields: Any) -> None:
    activity_make(actor=cast.bureau_clerk, handler=cast.bureau, slug=slug, **{"title": "工作"} | fields)


def test_a_ledger_that_nobody_keeps_says_nothing(cast: Cast) -> None:
    for module in (duties, risks, grassroots, disasters, readiness):
        assert prose(module, brief(cast)) == [], module.__name__
    assert enforcement.penalties(brief(cast)) == ""


def test_one_that_was_begun_later_shows_one_gap_for_all_its_parts(cast: Cast) -> None:
    measure_make(cast, on=dt.date(2022, 3, 4))
    measure_make(cast, on=dt.date(2022, 3, 4), kind=MeasureKind.WARNING)
    assert penalties(cast) == "责令停产整顿【待补：2021年1—11月责令停产整顿】。"


def test_committees_and_meetings(cast: Cast) -> None:
    given(cast, YEAR, committee__professional=13)
    done(cast, "meeting_secretary", times=4)
    done(cast, "meeting", times=2)
    done(cast, "document", times=5)
    assert told(duties, cast) == (
        "落实“党政同责、一岗双责”和“三管三必须”要求，压紧压实安全生产责任。"
        "安委会下设专业委员会13个，召开安委会秘书长（安委办）会议4次、其他会议2次。制定印发制度文件5件。"
    )


def test_rounds_of_supervision_and_letters(cast: Cast) -> None:
    done(cast, "supervision_rounds", times=5, quantity=54)
    given(cast, YEAR, letters__supervision=31, letters__circular=5)
    visits_make(cast, 18985, on=MARCH)
    assert prose(supervision, brief(cast))[0] == "组织安全生产督查5轮，派出督查组54个，下发督办函31份、通报5期。"
    assert "全区共检查生产经营单位18985家次，" in prose(supervision, brief(cast))[1]


def test_penalties_read_as_the_example(cast: Cast) -> None:
    given(
        cast,
        YEAR,
        measures__suspended=44,
        measures__closed_down=1,
        measures__fines=2236500,
        measures__joint_punishment=4,
    )
    assert "责令停产整顿44家，关闭取缔1家，经济处罚223.65万元，联合惩戒4家。" in prose(rectification, brief(cast))


def test_parties_that_were_not_named_are_counted_as_measures(cast: Cast) -> None:
    measure_make(cast, on=MARCH, kind=MeasureKind.SUSPENSION)
    measure_make(cast, on=MARCH, kind=MeasureKind.SUSPENSION, quantity=3)
    assert penalties(cast) == "责令停产整顿4起。"


def test_upgrades_are_told_by_industry(cast: Cast) -> None:
    names = ("建筑施工", "危险化学品", "危险废物")
    industries = {name: Industry.objects.get_or_create(name=name)[0] for name in names}
    for name, number in zip(names, (1, 1, 2), strict=True):
        done(cast, "upgrade", quantity=number, industry=industries[name])
    assert prose(rectification, brief(cast))[-1] == (
        "完成安全技术提升改造4家，其中危险废物2家、危险化学品1家、建筑施工1家。"
    )


def test_a_month_compares_with_the_month_before(cast: Cast) -> None:
    hazards_make(cast, 476, found_on=dt.date(2021, 10, 8))
    hazards_make(cast, 512, found_on=dt.date(2021, 11, 8))
    text = prose(rectification, brief(cast, MONTH))[0]
    assert text.startswith("11月份，全区排查隐患512条，环比增加36条、上升7.6%，整改到位")


def test_risk_points_all_under_control(cast: Cast) -> None:
    trade = Industry.objects.get_or_create(name="危险化学品")[0]
    for level, key in ((RiskLevel.RED, True), (RiskLevel.BLUE, False), (RiskLevel.BLUE, False)):
        risk_make(cast, identified_on=MARCH, controlled_on=MARCH, on=MARCH, level=level, key=key, industry=trade)
    assert told(risks, cast) == (
        "全区辨识风险点3处，已全部落实管控。其中重点风险点1处，涉及1个领域，落实管控措施2条。"
        "按风险等级分，红色（重大风险）1处、蓝色（低风险）2处。"
    )


def test_risk_points_partly_under_control(cast: Cast) -> None:
    risk_make(cast, identified_on=MARCH, controlled_on=MARCH, on=MARCH)
    risk_make(cast, identified_on=MARCH, on=MARCH)
    assert told(risks, cast) == "全区辨识风险点2处，落实管控1处，管控率50%。"


def test_grassroots_and_training(cast: Cast) -> None:
    given(cast, YEAR, enterprises__standardised=142)
    done(cast, "training_safety_officer", times=4, people=300)
    done(cast, "publicity_poster", quantity=20, approximate=["quantity"])
    assert prose(grassroots, brief(cast)) == [
        "推进企业安全生产标准化建设，达标企业142家。",
        "举办安全员培训4期，培训300人次。张贴海报20余张。",
    ]


def test_consultations_supervision_of_floods_and_insurance(cast: Cast) -> None:
    done(cast, "consult_flood", times=4)
    done(cast, "consult_forest_fire", times=5)
    done(cast, "supervision_flood", times=4, problems=21, rectified=21)
    done(cast, "insurance_housing", money=310000)
    done(cast, "insurance_liability", money=652500)
    assert told(disasters, cast) == (
        "组织防汛抗旱会商4次、森林防火会商5次。开展防汛督查4次，发现问题21个，均已整改到位。"
        "落实农村住房保险保费31万元、自然灾害公众责任险保费65.25万元。"
    )


def test_money_for_equipment(cast: Cast) -> None:
    done(cast, "investment_equipment", money=2530000)
    assert told(readiness, cast) == "投入装备购置253万元。"
    done(cast, "investment_forest_fire", money=2080000)
    assert told(readiness, cast) == "投入资金461万元，其中装备购置253万元、森林防火物资208万元。"


def test_no_sentence_has_a_number_of_its_own(cast: Cast) -> None:
    """With something in every ledger: what stands in a draft is words and tokens that can be read."""
    given(cast, YEAR, letters__supervision=31, committee__professional=13, enterprises__standardised=142)
    for slug, fields in (
        ("meeting_committee", {"times": 4}),
        ("supervision_rounds", {"times": 5, "problems": 3}),
        ("publicity_poster", {"quantity": 21, "approximate": ["quantity"]}),
        ("training_cadre", {"times": 2, "people": 90}),
        ("consult_flood", {"times": 4}),
        ("insurance_housing", {"money": 310000}),
        ("investment_equipment", {"money": 2530000}),
        ("survey", {"quantity": 17}),
    ):
        done(cast, slug, **fields)
    measure_make(cast, on=MARCH)
    risk_make(cast, identified_on=MARCH, on=MARCH, key=True)
    about = brief(cast)
    drafts = [draft for section in outlines.ANNUAL for draft in section.drafts(about) if not draft.typed]
    keys = {section.key for section in outlines.ANNUAL if section.drafts(about)}
    assert keys >= {"accidents", "duties", "supervision", "risks", "grassroots", "disasters", "readiness"}
    typed = [
        (draft.key, piece[start:end])
        for draft in drafts
        for piece in read(draft.text)
        if isinstance(piece, str)
        for start, end in unlinked.numbers(piece)
    ]
    assert typed == []
    assert [fault for draft in drafts for fault in faults(draft.text, about)] == []
