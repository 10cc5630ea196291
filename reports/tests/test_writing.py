"""The language of papers: tokens, what they mean in one paper, how values are worded, what was typed by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emergency.core import papers
from emergency.core.periods import Period, month_of
from emergency.enterprises.models import Industry
from emergency.figures.services import ledger_start_set, zero_confirm
from emergency.organizations.models import Organisation
from emergency.organizations.tests.factories import Cast
from emergency.programmes.tests.factories import campaign_make
from reports.sections.writing import Brief, Fault, Token, faults, read, runs, said, token, unlinked
from reports.tests.factories import hazards_make, visits_make

pytestmark = pytest.mark.django_db

MARCH, JUNE = dt.date(2021, 3, 5), dt.date(2021, 6, 20)
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
BEFORE = dt.date(2020, 3, 5)


@pytest.fixture
def brief(cast: Cast) -> Brief:
    """Ten hazards in the year's first eleven months, eight of them in street A; twenty the year before."""
    building, trade = Industry.objects.order_by("pk")[:2]
    hazards_make(cast, 8, found_on=MARCH, closed_on=JUNE, industry=building)
    hazards_make(cast, 2, found_on=dt.date(2021, 11, 3), area="street_b", industry=trade)
    hazards_make(cast, 20, found_on=BEFORE, closed_on=BEFORE, industry=building)
    return Brief(cast.district, cast.bureau, YEAR)


def fresh(unit: Organisation) -> Organisation:
    """As a new request reads it: a unit remembers the start days of its ledgers."""
    return Organisation.objects.select_related("parent").get(pk=unit.pk)


def text_of(text: str, brief: Brief) -> str:
    return said(runs(text, brief))


def building() -> str:
    return Industry.objects.order_by("pk")[0].name


# -- reading --


def test_a_text_is_cut_into_words_and_tokens_and_nothing_is_lost() -> None:
    text = "共排查[[hazards.found]]，同比[[hazards.found|增减]]。"
    pieces = read(text)
    assert [piece for piece in pieces if isinstance(piece, str)] == ["共排查", "，同比", "。"]
    assert [(one.code, one.form) for one in pieces if isinstance(one, Token)] == [
        ("hazards.found", ""),
        ("hazards.found", "增减"),
    ]
    first = pieces[1]
    assert isinstance(first, Token) and text[first.start : first.end] == first.text == "[[hazards.found]]"


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ("[[a.b|369901|上年同期|数]]", ("a.b", "369901", "上年同期", "数")),
        ("[[a.b|||数]]", ("a.b", "", "", "数")),
        ("[[a.b|数]]", ("a.b", "", "", "数")),
        ("[[a.b|上月]]", ("a.b", "", "上月", "")),
        ("[[a.b|industry:建筑施工]]", ("a.b", "industry:建筑施工", "", "")),
        ("[[ a.b ｜ 2021-01-01..2021-06-30 ]]", ("a.b", "", "2021-01-01..2021-06-30", "")),
        ("[[a.b|2021年上半年]]", ("a.b", "", "2021年上半年", "")),
    ],
)
def test_fields_may_be_left_out(written: str, fields: tuple[str, ...]) -> None:
    (one,) = read(written)
    assert isinstance(one, Token)
    assert (one.code, one.place, one.period, one.form) == fields
    assert read(token(*fields))[0] == Token(*fields, start=0, end=len(token(*fields)))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("共[[hazards.found", "方括号不成对"),
        ("共]]条", "方括号不成对"),
        ("[[]]", "没有写指标"),
        ("[[a.b|1|2|3|4]]", "最多写四项"),
        ("[[a.b||明年|数]]", "时段“明年”无法识别"),
        ("[[a.b||2021-13-01..2021-12-01|数]]", "无法识别"),
        ("[[a.b|||大写]]", "没有“大写”这种写法"),
        ("[[时段|数]]", "后面不用再写别的"),
        ("[[a.b|369901|369902]]", "放不下"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(written: str, words: str) -> None:
    (fault,) = [piece for piece in read(written) if isinstance(piece, Fault)]
    assert words in fault.message
    assert written[fault.start : fault.end] == fault.text
    assert fault.line.startswith(f"第{fault.start + 1}字处")


# -- meaning --


def test_numbers_of_area_unit_row_and_period(cast: Cast, brief: Brief) -> None:
    campaign = campaign_make(cast, "百日行动", start=dt.date(2021, 1, 1))
    visits_make(cast, 4, on=MARCH).campaigns.add(campaign)
    street = cast.street_b.division_code
    told = {
        "[[hazards.found]]": "10条",
        "[[hazards.found|数]]": "10",
        f"[[hazards.found|{street}]]": "2条",
        f"[[hazards.found|unit:{cast.street_b}]]": "2条",
        "[[hazards.found|unit:own]]": "0条",
        f"[[hazards.found|industry:{building()}]]": "8条",
        f"[[hazards.found|行业：{building()}||占比]]": "80%",
        "[[inspections.visits|campaign:百日行动]]": "4家次",
        "[[inspections.visits|campaign:百日行动||占比]]": "100%",
        "[[hazards.found|上年同期]]": "20条",
        "[[hazards.found|上年全年]]": "20条",
        "[[hazards.found|本月]]": "2条",
        "[[hazards.found|上月]]": "0条",
        "[[hazards.found|年初至今]]": "10条",
        "[[hazards.found|2021-01-01..2021-06-30]]": "8条",
        "[[hazards.rate]]": "80%",
        f"[[hazards.rate|{street}]]": "0%",
    }
    assert {text: text_of(text, brief) for text in told} == told


def test_changes_are_worded_whole_or_apart(brief: Brief) -> None:
    assert text_of("同比[[hazards.found|增减]]", brief) == "同比减少10条、下降50%"
    assert text_of("同比[[hazards.found.yoy]]", brief) == "同比减少10条、下降50%"
    assert text_of("[[hazards.found|增减数]]，[[hazards.found|升降]]", brief) == "减少10条，下降50%"
    assert text_of("减少[[hazards.found|减少]]，下降[[hazards.found.yoy|下降]]", brief) == "减少10条，下降50%"


def test_a_verb_that_is_no_longer_true_is_a_gap(brief: Brief) -> None:
    (before, gap) = runs("增加[[hazards.found|增加]]", brief)
    assert before == papers.Text("增加")
    assert gap == papers.Missing("【待改：句中写“增加”，实为减少10条、下降50%】")
    assert text_of("[[hazards.found|未发生]]", brief) == "【待改：句中写“未发生”，实为10条】"
    assert text_of("[[hazards.major_found|未发生]]重大隐患", brief) == "未发生重大隐患"


def test_words_follow_the_period(brief: Brief) -> None:
    assert runs("[[年度时段]]，[[时段]]，[[本年]]，[[下年]]", brief) == (
        papers.Text("2021年1—11月，1—11月，2021年，2022年"),
    )


def test_chinese_numerals_and_ten_thousands(cast: Cast, brief: Brief) -> None:
    assert text_of("[[hazards.found|中文]]", brief) == "十条"
    assert text_of("[[hazards.found|万元]]", brief) == "0.001万条"


def test_what_nobody_entered_is_a_gap(brief: Brief) -> None:
    assert runs("[[hazards.found|2019年1—11月]]", brief) == (papers.Missing("【待补：2019年1—11月排查隐患】"),)


def test_a_zero_that_nobody_confirmed_is_a_gap(cast: Cast) -> None:
    district = cast.district
    ledger_start_set(
        ledger="accidents", organisation=district, started_on=dt.date(2021, 1, 1), actor=cast.person("section_head")
    )

    def told() -> papers.Run:
        return runs("[[accidents.count|未发生]]", Brief(fresh(district), cast.bureau, month_of(MARCH)))[0]

    assert told() == papers.Missing("【待确认：2021年3月区本级等3个单位】", kind="confirm")
    for person, unit in (("bureau_clerk", district), ("officer_a", cast.street_a), ("officer_b", cast.street_b)):
        zero_confirm(
            ledger="accidents", organisation=unit, month=MARCH.replace(day=1), actor=cast.person(person), note=""
        )
    assert told().text == "未发生"


def test_a_number_opens_its_list_and_says_its_row(cast: Cast, brief: Brief) -> None:
    (run,) = runs(f"[[hazards.found|industry:{building()}]]", brief)
    assert isinstance(run, papers.Number)
    assert "figure=hazards.found" in run.href and "by=industry%3A" in run.href
    assert (run.title, run.period) == (f"排查隐患（{building()}）", "2021年1—11月")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[[hazards.lost]]", "没有指标“hazards.lost”"),
        ("[[hazards.found|361111]]", "没有区划代码为“361111”的单位"),
        ("[[hazards.found|industry:航天]]", "“行业”中没有“航天”"),
        ("[[hazards.found|colour:红]]", "不能按“colour”分组"),
        ("[[hazards.found||占比]]", "须选一个分组"),
        ("[[inspections.papers|减少]]", "没有同比指标"),
    ],
)
def test_what_makes_no_sense_here_is_said_and_prints_as_a_gap(brief: Brief, written: str, words: str) -> None:
    (fault,) = faults(f"共{written}。", brief)
    assert words in fault.message and fault.start == 1
    (gap,) = [run for run in runs(written, brief) if isinstance(run, papers.Missing)]
    assert words in gap.text


def test_a_paper_of_a_street_tells_nothing_of_the_next_one(cast: Cast, brief: Brief) -> None:
    own = Brief(cast.street_a, cast.street_a, YEAR)
    assert text_of("[[hazards.found]]", own) == "8条"
    assert text_of(f"[[hazards.found|{cast.district.division_code}]]", own) == "10条"
    (fault,) = faults(f"[[hazards.found|{cast.street_b.division_code}]]", own)
    assert "不在本文书的统计区域内" in fault.message


def test_a_whole_paper_asks_each_ledger_once_per_period_and_breakdown(cast: Cast, brief: Brief) -> None:
    def asked(*texts: str) -> int:
        fresh = Brief(cast.district, cast.bureau, YEAR)
        with CaptureQueriesContext(connection) as queries:
            fresh.prepare(texts)
        with CaptureQueriesContext(connection) as again:
            for text in texts:
                runs(text, fresh)
        assert len(again) == 0
        return len(queries)

    asked("[[hazards.found]]")  # the start days of the ledgers are asked once
    few = asked("[[hazards.found]][[inspections.visits]]", "[[hazards.found|unit:own]]")
    many = asked(
        "[[hazards.found]][[hazards.rectified]][[hazards.rate]][[inspections.visits]][[inspections.papers]]",
        f"[[hazards.found|unit:{cast.street_a}]][[hazards.rate|unit:{cast.street_b}]][[hazards.found|unit:own]]",
    )
    assert many == few


# -- typed by hand --


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共排查隐患5985条，整改率95.5%。", ["5985", "95.5%"]),
        ("检查18985家次，罚款223.65万元", ["18985", "223.65万"]),
        ("开展督查四次，责令停产三家，十余名队员", ["四", "三", "十余"]),
        ("连续三年双下降", ["三"]),
        ("1—11月，2021年1月至11月，截至6月13日，2021年以来，2021-11-30，11月份，11月底，一季度", []),
        ("“十四五”规划，第三十二条，第2款，〔2021〕12号，《2021年12件民生实事》", []),
        ("三管三必须，一岗双责，双随机、一公开，四不两直，十大攻坚战，24小时值班", []),
        ("一、总体情况\n（二）隐患\n1.排查", []),
        ("进一步压实责任，一批项目，统一部署，一是加强，二是落实", []),
        ("【待补：2020年1—11月起数】", []),
    ],
)
def test_numbers_typed_by_hand(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in unlinked.numbers(text)] == found


def test_typed_numbers_are_marked_in_officers_text_only(brief: Brief) -> None:
    text = "深入开展十项行动，检查[[inspections.visits]]，出动12人"
    assert not any(isinstance(run, papers.Unlinked) for run in runs(text, brief))
    marked = [run.text for run in runs(text, brief, names=["十项行动"]) if isinstance(run, papers.Unlinked)]
    assert marked == ["12"]
