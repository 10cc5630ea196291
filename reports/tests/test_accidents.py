"""安全生产形势, sentence by sentence against the examples that offices write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from emergency.core.periods import Period, month_of
from emergency.figures.tests.factories import given_make
from emergency.incidents.models import Classification
from emergency.organizations.tests.factories import Cast
from reports.sections import accidents
from reports.sections.writing import Brief
from reports.tests.factories import accidents_happen, given, nothing_happened, prose

pytestmark = pytest.mark.django_db

MARCH = dt.date(2021, 3, 5)
ELEVEN = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
MONTH = month_of(MARCH)


def told(cast: Cast, period: Period = MONTH) -> str:
    return "".join(prose(accidents, Brief(cast.district, cast.bureau, period)))


def years_before(cast: Cast, *counted: tuple[int, int], period: Period = MONTH) -> None:
    """Accidents and deaths of the years before, the last one first."""
    for count, deaths in counted:
        period = period.previous_year()
        given(cast, period, accidents__count=count, accidents__deaths=deaths)


def test_the_sentence_of_falling_numbers_reads_as_the_example(cast: Cast) -> None:
    accidents_happen(cast, 1, 1, 1, 2, on=MARCH)
    nothing_happened(cast, ELEVEN)
    years_before(cast, (8, 6), period=ELEVEN)
    assert told(cast, ELEVEN) == (
        "1—11月，全区共发生生产安全事故4起、死亡5人，同比分别减少4起、1人，分别下降50%、16.7%，实现“双下降”，均为道路交通事故。"
        "未发生较大以上生产安全事故。"
    )


def test_three_falling_years_are_said_as_such(cast: Cast) -> None:
    accidents_happen(cast, 1, 1, 1, 2, on=MARCH)
    years_before(cast, (8, 6), (9, 8), (11, 9))
    assert "分别下降50%、16.7%，连续三年实现“双下降”，均为道路交通事故。" in told(cast)


def test_a_larger_accident_after_a_year_without_one(cast: Cast) -> None:
    accidents_happen(cast, 3, on=MARCH)
    given(cast, MONTH.previous_year(), accidents__larger=0, accidents__larger_deaths=0)
    assert "发生较大事故1起、死亡3人，同比增加1起、3人（上年同期为零）。" in told(cast)


def test_a_graver_one_is_not_called_larger_only(cast: Cast) -> None:
    accidents_happen(cast, 3, 10, on=MARCH)
    assert "发生较大以上事故2起、死亡13人，同比【待补：2020年3月份较大以上事故】。" in told(cast)


def test_the_same_number_of_accidents_with_fewer_deaths(cast: Cast) -> None:
    accidents_happen(cast, 1, 1, 2, on=MARCH)
    years_before(cast, (3, 5))
    assert "事故起数与上年同期持平，死亡人数同比减少1人、下降20%，均为道路交通事故。" in told(cast)


@pytest.mark.parametrize(
    ("deaths", "before", "words"),
    [
        ((1, 1), (2, 2), "死亡2人，起数、死亡人数均与上年同期持平，均为"),
        ((2, 2), (1, 2), "死亡4人，同比分别增加1起、2人，分别上升100%、100%，均为"),
        ((1, 1), (3, 1), "，事故起数同比减少1起、下降33.3%，死亡人数同比增加1人、上升100%，"),
        ((0, 0), (3, 0), "共发生生产安全事故2起，未造成人员死亡，起数同比减少1起、下降33.3%，均为"),
        ((0,), (2, 1), "1起，未造成人员死亡，同比分别减少1起、1人，分别下降50%、100%，实现“双下降”，为道路交通事故。"),
        ((1,), (1, 0), "，事故起数与上年同期持平，死亡人数同比增加1人（上年同期为零），为道路交通事故。"),
    ],
)
def test_every_way_of_moving_has_its_words(
    cast: Cast, deaths: tuple[int, ...], before: tuple[int, int], words: str
) -> None:
    accidents_happen(cast, *deaths, on=MARCH, initial_serious=1)
    nothing_happened(cast, MONTH)
    years_before(cast, before)
    assert words in told(cast)


def test_no_accident_is_said_only_when_every_unit_has_confirmed_it(cast: Cast) -> None:
    accidents_happen(cast, 1, on=dt.date(2021, 5, 1))
    years_before(cast, (8, 6))
    assert told(cast) == "3月份，全区【待确认：2021年3月区本级等3个单位】生产安全事故（上年同期8起、死亡6人）。"
    nothing_happened(cast, MONTH)
    assert told(cast) == "3月份，全区未发生生产安全事故（上年同期8起、死亡6人）。"


def test_several_kinds_are_told_apart_and_the_one_without_is_named(cast: Cast) -> None:
    accidents_happen(cast, 1, 1, on=MARCH)
    accidents_happen(cast, 0, on=MARCH, classification=Classification.CONSTRUCTION, direct_loss=Decimal("1200000"))
    nothing_happened(cast, MONTH)
    text = told(cast)
    assert "其中道路交通事故2起、死亡2人，建筑业事故1起。工矿商贸领域未发生事故。未发生较大以上生产安全事故。" in text
    assert text.endswith("事故造成直接经济损失120万元。")


def test_units_that_have_not_answered_are_named(cast: Cast) -> None:
    accidents_happen(cast, 1, on=MARCH)
    years_before(cast, (2, 2))
    assert "死亡1人（区本级、西坪街道未报，数据未含），同比" in told(cast)
    quarter = Period(dt.date(2021, 3, 1), dt.date(2021, 4, 30))
    nothing_happened(cast, MONTH)
    assert "（区本级、东门街道、西坪街道部分月份未报，数据未含）" in told(cast, quarter)


def test_unknown_accidents_are_gaps_and_compare_with_nothing(cast: Cast) -> None:
    assert told(cast) == (
        "3月份，全区共发生生产安全事故【待补：2021年3月份生产安全事故】、死亡【待补：2021年3月份生产安全事故死亡】。"
    )


def test_fires_stand_as_the_fire_service_gave_them(cast: Cast) -> None:
    given(cast, MONTH, fires__count=43)
    given_make(cast.bureau_clerk, "fires.loss", cast.district, MONTH, "38.74", measure="万元", approximate=True)
    assert told(cast).endswith("全区发生火灾43起，直接财产损失约38.74万元。")
    assert told(cast, ELEVEN).endswith("全区发生火灾【待补：2021年1—11月火灾】。")
    given(cast, MONTH.previous_year(), fires__count=50)
    assert told(cast).endswith("全区发生火灾43起，同比减少7起、下降14%，直接财产损失约38.74万元。")
