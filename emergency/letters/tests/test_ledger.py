"""The Excel table: one row or several for a letter, states from dates, numbers, faults by their cells, and the way back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.tests.ledger_samples import workbook
from emergency.letters.ledger import LETTERS
from emergency.letters.ledger.columns import COLUMNS
from emergency.letters.models import Letter, LetterAddressee, Status
from emergency.letters.services import letter_act
from emergency.letters.tests.factories import TODAY, answer, committee_make, letter_make, letter_sent
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make

pytestmark = pytest.mark.django_db

HEAD = ("种类", "发文日期", "发文单位", "主送单位", "事由")


def load(
    cast: Cast, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "bureau_clerk", **options: Any
) -> Outcome:
    context = ImportContext(actor=cast.person(name), on=TODAY)
    return excel.run_import(LETTERS, workbook([head, *rows]), context, **options)


def texts(outcome: Outcome) -> list[str]:
    return [fault.text for fault in outcome.faults]


def test_a_plain_row_is_a_letter_that_waits_for_nothing(cast: Cast) -> None:
    committee = committee_make(cast)
    outcome = load(cast, [["督办函", "2026.3.2", "区安委", "东门街道、东门机械厂", "消防隐患"]])
    assert outcome.ok and outcome.saved == {"新增": 1}, texts(outcome)
    one = Letter.objects.get()
    assert (one.issuer, one.handler, one.number) == (committee, cast.bureau, "区安委督〔2026〕1号")
    assert (one.status, one.closed_on, one.owed, one.area) == (Status.CLOSED, one.issued_on, 0, cast.street_a)
    assert list(one.addressees.values_list("name", "organisation", "enterprise")) == [
        ("东门街道", cast.street_a.pk, None),
        ("东门机械厂", None, cast.enterprise.pk),
    ]
    assert list(events_of(one).values_list("action", "actor_name")) == [("import", "陈科员")]


@pytest.mark.parametrize(
    ("due", "replied", "verdict", "status", "row", "closed"),
    [
        ("2026-3-12", "", "", Status.ISSUED, "waiting", None),
        ("2026-3-12", "2026-3-4", "", Status.ISSUED, "replied", None),
        ("2026-3-12", "2026-3-4", "整改到位", Status.CLOSED, "verified", dt.date(2026, 3, 4)),
        ("", "2026-3-4", "属实", Status.CLOSED, "verified", dt.date(2026, 3, 4)),
    ],
)
def test_the_state_follows_from_the_answer(
    cast: Cast, due: str, replied: str, verdict: str, status: str, row: str, closed: dt.date | None
) -> None:
    line = ["提示函", "2026-3-2", "区应急局", "东门街道", "消防隐患", due, replied, verdict]
    outcome = load(cast, [line], (*HEAD, "回复期限", "回复日期", "核查结论"))
    assert outcome.ok, texts(outcome)
    one = Letter.objects.get()
    assert (one.status, one.addressees.get().status, one.closed_on) == (status, row, closed)
    assert (one.owed, one.replied) == (1, 1 if replied else 0)


def test_rows_of_one_number_are_one_letter(cast: Cast) -> None:
    head = ("文号", *HEAD, "回复期限", "回复日期")
    rows = [
        ["应急督〔2026〕3号", "督办函", "2026-3-2", "区应急局", "东门街道", "消防隐患", "2026-3-12", "2026-3-4"],
        ["应急督〔2026〕3号", "督办函", "2026-3-2", "区应急局", "西坪街道", "消防隐患", "", ""],
    ]
    outcome = load(cast, rows, head)
    assert outcome.ok and outcome.saved == {"新增": 1}, texts(outcome)
    one = Letter.objects.get()
    assert (one.addressed_to, one.owed, one.replied, one.replied_on) == ("东门街道、西坪街道", 2, 1, None)
    assert list(one.addressees.values_list("status", flat=True)) == ["replied", "waiting"]
    assert one.area == cast.district
    rows[1][5], rows[1][4] = "另一件事", "东门街道"
    Letter.objects.all().delete()
    outcome = load(cast, rows, head)
    assert not outcome.ok and not Letter.objects.exists()
    assert sorted(text.split("：")[0] for text in texts(outcome)) == ["E3（主送单位）", "F3（事由）"]


def test_numbers_of_our_form_take_their_place_and_taken_ones_are_named(cast: Cast) -> None:
    head = ("文号", *HEAD)
    plain = ["督办函", "2026-3-2", "区应急局", "东门街道"]
    rows = [["区应急局督〔2026〕4号", *plain, "一"], ["", *plain, "二"], ["", *plain, "三"], ["督查01", *plain, "四"]]
    assert load(cast, rows, head).ok
    assert sorted(Letter.objects.values_list("subject", "number")) == sorted(
        [
            ("一", "区应急局督〔2026〕4号"),
            ("二", "区应急局督〔2026〕5号"),
            ("三", "区应急局督〔2026〕6号"),
            ("四", "督查01"),
        ]
    )
    outcome = load(cast, [["督查01", *plain, "五"]], head)
    assert texts(outcome)[0].startswith("A2（文号）") and Letter.objects.count() == 4


def test_three_faults_are_named_at_once_by_cell_and_nothing_is_half_written(cast: Cast) -> None:
    head = (*HEAD, "回复期限", "回复日期", "核查结论")
    rows = [
        ["通报", "2026-3-2", "区应急局", "东门街道", "甲", "2026-3-12", "", ""],
        ["督办函", "2026-3-2", "区应急局", "没有街道", "乙", "2026-3-1", "", ""],
        ["督办函", "2026-3-2", "区应急局", "东门街道", "丙", "", "", "属实"],
        ["督办函", "2026-3-2", "区应急局", "东门街道", "丁", "", "", ""],
    ]
    outcome = load(cast, rows, head)
    assert not outcome.ok and not Letter.objects.exists()
    assert [text.split("：")[0] for text in texts(outcome)] == [
        "F2（回复期限）", "D3（主送单位）", "F3（回复期限）", "G4（回复日期）",
    ]  # fmt: skip
    assert outcome.error_workbook


def test_nobody_brings_in_letters_of_others(cast: Cast) -> None:
    outcome = load(cast, [["提示函", "2026-3-2", "东门街道", "桥头社区", "甲"]], name="department_clerk")
    assert not outcome.ok
    assert load(cast, [["提示函", "2026-3-2", "东门街道", "桥头社区", "甲"]], name="officer_a").ok
    assert load(cast, [["提示函", "2026-3-2", "东门街道", "桥头社区", "乙"]], name="bureau_clerk").ok


def test_a_letter_known_already_is_asked_about(cast: Cast) -> None:
    row = ["督办函", "2026.3.2", "区应急局", "东门街道", "消防隐患"]
    assert load(cast, [row]).ok
    again = load(cast, [row])
    assert not again.ok and "疑似重复" in texts(again)[0]
    assert load(cast, [row], duplicates="include").ok and Letter.objects.count() == 2


def filled(cast: Cast) -> None:
    """Letters of every state and kind, with every field in use somewhere."""
    committee_make(cast)
    letter_make(cast, meeting_place="三楼会议室")
    many = letter_sent(
        cast, units=[cast.street_a, cast.street_b], enterprises=[cast.enterprise], about=[cast.enterprise]
    )
    street, other, _ = many.addressees.all()
    answer(cast, street, "reply")
    answer(cast, other, "reply", cast.officer_b)
    answer(cast, other, "return")
    closed = letter_sent(cast).addressees.get()
    answer(cast, closed, "reply")
    answer(cast, closed, "verify")
    letter_sent(cast, kind="circular", due_on=None)
    letter_sent(cast, actor=cast.officer_a, handler=cast.street_a, units=[cast.community_a])
    talk = letter_sent(cast, kind="interview", units=[], enterprises=[cast.enterprise])
    minutes = {"meeting_on": TODAY, "meeting_place": "三楼", "minutes": "一、问题\n二、要求"}
    for letter, action, data in (
        (talk, "minutes", minutes),
        (talk, "end", {"reason": "已挂牌督办"}),
        (letter_sent(cast), "void", {"reason": "重复"}),
    ):
        letter_act(
            queryset=Letter.objects.all(), pk=letter.pk, action=action, actor=cast.section_head, data=data, on=TODAY
        )


def rows_of(queryset: Any) -> list[str]:
    return sorted(map(repr, LETTERS.records(queryset)))


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(cast: Cast, fmt: str) -> None:
    filled(cast)
    before = rows_of(Letter.objects.all())
    keys = [one.key for one in COLUMNS]
    used = {key for row in LETTERS.records(Letter.objects.all()) for key, value in zip(keys, row, strict=True) if value}
    assert used == set(keys)
    people = sorted(
        LetterAddressee.objects.values_list("letter__number", "name", "status", "due_on", "reply", "verdict")
    )
    counts = sorted(Letter.objects.values_list("number", "owed", "replied", "closed_on"), key=repr)
    file = b"".join(excel.export_rows(LETTERS, LETTERS.records(Letter.objects.order_by("pk")), fmt=fmt))
    Letter.objects.all().delete()
    outcome = excel.run_import(
        LETTERS, file, ImportContext(actor=cast.person("bureau_clerk"), on=TODAY), duplicates="include"
    )
    assert outcome.ok, texts(outcome)
    assert rows_of(Letter.objects.all()) == before
    assert sorted(Letter.objects.values_list("number", "owed", "replied", "closed_on"), key=repr) == counts
    assert (
        sorted(LetterAddressee.objects.values_list("letter__number", "name", "status", "due_on", "reply", "verdict"))
        == people
    )


def test_an_addressee_takes_home_its_own_answer_only(cast: Cast) -> None:
    filled(cast)
    place = [one.key for one in COLUMNS].index("reply")
    user = cast.person("officer_b")
    told = {row[place] for row in LETTERS.records(Letter.objects.visible_to(user), user=user)}
    assert told == {"", "已清理并落实专人看管"}
    user = cast.person("enterprise_user")
    assert {row[place] for row in LETTERS.records(Letter.objects.visible_to(user), user=user)} == {""}


def test_an_import_costs_no_query_per_row(cast: Cast, django_assert_max_num_queries: Any) -> None:
    committee_make(cast)
    rows = [["督办函", "2026-3-2", "区安委", "东门街道", f"事由{number}"] for number in range(200)]
    with django_assert_max_num_queries(40):
        assert load(cast, rows).ok


def test_hazards_are_found_by_their_number_and_unknown_ones_stay_named(cast: Cast) -> None:
    hazard = hazard_make(cast, found_on=TODAY, on=TODAY)
    row = ["督办函", "2026-3-2", "区应急局", "东门街道", "消防隐患", f"{hazard.number}、AJ-2019-15"]
    outcome = load(cast, [row], (*HEAD, "关联隐患"))
    assert outcome.ok, texts(outcome)
    assert list(Letter.objects.get().matters.values_list("target_type", "target_id", "label")) == [
        ("hazards.hazard", hazard.pk, str(hazard)),
        ("", None, "AJ-2019-15"),
    ]
