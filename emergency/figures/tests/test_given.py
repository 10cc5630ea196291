"""Which entered values speak, when, and how they are put together; streaks that stand on them."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import clock
from emergency.core.periods import Period
from emergency.figures.models import GivenValue, LedgerStart
from emergency.figures.queries import Sheet, Value, evaluate, link
from emergency.figures.queries.given import _tiles
from emergency.figures.services import given_correct, given_void, ledger_start_set
from emergency.figures.tests.factories import given_make, months
from emergency.figures.tests.test_values import hazard
from emergency.figures.vocabulary import money
from emergency.organizations.models import Organisation
from emergency.organizations.services import succession_record
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("declared")]

LAST_YEAR, THIS_YEAR = months("2020-01", "2020-11"), months("2021-01", "2021-11")


def sheet(unit: Organisation, period: Period, *codes: str, **more: Any) -> Sheet:
    """As another request would ask: what an organisation object remembers of its ledgers does not count."""
    return evaluate(codes, organisation=Organisation.objects.get(pk=unit.pk), period=period, **more)


def value(unit: Organisation, period: Period, code: str, **more: Any) -> Value:
    return sheet(unit, period, code, **more)[code]


# ------------------------------------------------------------------------------------------------ which one speaks


def test_an_entry_for_exactly_the_period_speaks_before_the_ledger(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 12)
    entry = given_make(cast.bureau_clerk, "hazards.found", cast.district, LAST_YEAR, 20)
    found = value(cast.district, LAST_YEAR, "hazards.found")
    assert (found.text_with_unit, found.given) == ("20条", (entry,))
    assert value(cast.district, THIS_YEAR, "hazards.found.yoy").text == "减少8条、下降40%"
    assert value(cast.district, months("2020-01", "2020-10"), "hazards.found").missing == "2020年1—10月排查隐患"
    address = link(found.figure, organisation=cast.district, period=LAST_YEAR, value=found)
    assert address == reverse("figures:given_detail", args=[entry.pk])


def test_records_come_first_where_the_ledger_is_kept(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 12)
    given_make(cast.bureau_clerk, "hazards.found", cast.district, THIS_YEAR, 99)
    found = value(cast.district, THIS_YEAR, "hazards.found")
    assert (found.number, found.given) == (12, ())


def test_months_that_fill_the_period_are_added_and_a_gap_is_missing(cast: Cast) -> None:
    for month in range(1, 12):
        given_make(cast.bureau_clerk, "hazards.found", cast.district, months(f"2020-{month:02}"), month)
    assert value(cast.district, LAST_YEAR, "hazards.found").number == 66
    assert value(cast.district, months("2020-01", "2020-12"), "hazards.found").missing
    several = value(cast.district, LAST_YEAR, "hazards.found")
    address = link(several.figure, organisation=cast.district, period=LAST_YEAR, value=several)
    assert address.startswith(reverse("figures:given_list") + "?")
    assert cast.client("bureau_clerk").get(address).content.decode().count("排查隐患") >= 11


@pytest.mark.parametrize("code", ["hazards.rectified", "hazards.open", "inspections.enterprises", "test.committees"])
def test_what_does_not_add_up_over_months_needs_its_own_entry(cast: Cast, code: str) -> None:
    for month in (1, 2):
        given_make(cast.bureau_clerk, code, cast.district, months(f"2020-{month:02}"), 5)
    both = months("2020-01", "2020-02")
    assert value(cast.district, both, code).number is None
    given_make(cast.bureau_clerk, code, cast.district, both, 7)
    assert value(cast.district, both, code).number == 7


def test_a_period_that_begins_before_the_ledger_says_which_part_was_entered(cast: Cast) -> None:
    ledger_start_set(
        ledger="hazards", organisation=cast.district, started_on=dt.date(2021, 4, 1), actor=cast.section_head
    )
    hazard(cast, cast.street_a, dt.date(2021, 3, 31), 100)  # before the ledger: does not speak
    hazard(cast, cast.street_a, dt.date(2021, 4, 1), 12)
    assert value(cast.district, THIS_YEAR, "hazards.found").missing == "2021年1—3月排查隐患"
    given_make(cast.bureau_clerk, "hazards.found", cast.district, months("2021-01", "2021-03"), 8)
    found = value(cast.district, THIS_YEAR, "hazards.found")
    assert (found.number, found.note, found.recorded) == (20, "其中2021年1—3月为填报数", months("2021-04", "2021-11"))
    assert "from=2021-04-01" in link(found.figure, organisation=cast.district, period=THIS_YEAR, value=found)
    assert value(cast.district, THIS_YEAR, "hazards.rectified").number is None


def test_units_are_summed_when_all_are_known_and_the_lacking_are_named(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "test.fires", cast.street_a, LAST_YEAR, 4)
    assert value(cast.district, LAST_YEAR, "test.fires").missing == f"2020年1—11月测试火灾（{cast.street_b.name}）"
    given_make(cast.bureau_clerk, "test.fires", cast.street_b, LAST_YEAR, 3, approximate=True)
    assert value(cast.district, LAST_YEAR, "test.fires").text_with_unit == "约7起"
    by_unit = sheet(cast.district, LAST_YEAR, "test.fires", by="unit")
    assert [row["test.fires"].text for row in by_unit.rows] == ["4", "约3", "—", "—"]
    given_make(cast.bureau_clerk, "test.fires", cast.district, LAST_YEAR, 8)
    assert value(cast.district, LAST_YEAR, "test.fires").number == 8


def test_one_row_of_a_breakdown_is_entered_by_itself(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "hazards.found", cast.district, LAST_YEAR, 30)
    given_make(cast.bureau_clerk, "hazards.found", cast.district, LAST_YEAR, 2, row="隐患等级：重大")
    rows = {
        row.label: row["hazards.found"] for row in sheet(cast.district, LAST_YEAR, "hazards.found", by="grade").rows
    }
    assert rows["重大"].number == 2
    assert rows["一般"].missing
    assert value(cast.district, LAST_YEAR, "hazards.found", within={"grade": "major"}).number == 2
    assert value(cast.district, LAST_YEAR, "hazards.found").number == 30


def test_a_successor_stands_on_what_its_predecessors_entered(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "test.fires", cast.street_b, LAST_YEAR, 3)
    given_make(cast.bureau_clerk, "test.fires", cast.street_a, THIS_YEAR, 5)
    succession_record(predecessor=cast.street_b, successor=cast.street_a, on=dt.date(2021, 7, 1))
    assert value(cast.street_a, THIS_YEAR, "test.fires.yoy").text == "增加2起、上升66.7%"


def test_a_corrected_and_a_void_entry(cast: Cast) -> None:
    entry = given_make(cast.bureau_clerk, "test.fire_loss", cast.district, LAST_YEAR, "38.74", measure="万元")
    assert entry.value == Decimal("387400")
    given_correct(
        given=entry,
        value=Decimal("39"),
        measure="万元",
        approximate=True,
        source_unit="市消防支队",
        reason="年报数",
        actor=cast.bureau_clerk,
    )
    assert value(cast.district, LAST_YEAR, "test.fire_loss").text_with_unit == "约39万元"
    given_void(given=entry, reason="重复", actor=cast.bureau_clerk)
    assert value(cast.district, LAST_YEAR, "test.fire_loss").missing
    given_make(cast.bureau_clerk, "test.fire_loss", cast.district, LAST_YEAR, 5)
    with pytest.raises(ValidationError, match="已作废"):
        given_void(given=entry, reason="再次", actor=cast.bureau_clerk)


# ------------------------------------------------------------------------------------------------ who may, and what is refused


@pytest.mark.parametrize(
    ("who", "unit", "allowed"),
    [
        ("bureau_clerk", "district", True),
        ("bureau_clerk", "street_a", True),
        ("section_head", "street_b", True),
        ("officer_a", "street_a", True),
        ("officer_a", "community_a", True),
        ("officer_a", "street_b", False),
        ("officer_a", "district", False),
        ("leader", "district", False),
        ("department_clerk", "district", False),
        ("system_admin", "district", False),
    ],
)
def test_who_enters_for_which_unit(cast: Cast, who: str, unit: str, allowed: bool) -> None:
    def enter() -> GivenValue:
        return given_make(cast.person(who), "test.fires", getattr(cast, unit), LAST_YEAR, 1)

    if allowed:
        assert enter().area == getattr(cast, unit)
    else:
        with pytest.raises(PermissionDenied):
            enter()
        assert not GivenValue.objects.exists()


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        ("hazards.rate", {}, "由其他指标计算得出"),
        ("test.fires", {"measure": "万元"}, "计量单位是起"),
        ("test.fires", {"row": "隐患等级：重大隐患"}, "不能分组填报"),
        ("hazards.found", {"row": "隐患等级：特大"}, "没有“特大”"),
        ("hazards.found", {"row": "重大隐患"}, "请按“承办单位：名称”填写"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(cast: Cast, code: str, more: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError) as fault:
        given_make(cast.bureau_clerk, code, cast.district, LAST_YEAR, 1, **more)
    assert words in "".join(fault.value.messages)


def test_one_entry_for_a_unit_and_period_and_none_for_days_to_come(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "test.fires", cast.district, LAST_YEAR, 1)
    with pytest.raises(ValidationError, match="已填报"):
        given_make(cast.section_head, "test.fires", cast.district, LAST_YEAR, 2)
    tomorrow = clock.today() + dt.timedelta(days=1)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        given_make(cast.bureau_clerk, "test.fires", cast.district, Period(tomorrow, tomorrow), 2)


# ------------------------------------------------------------------------------------------------ streaks


def enter_years(cast: Cast, fires: dict[int, int], loss: dict[int, int]) -> None:
    for code, numbers in (("test.fires", fires), ("test.fire_loss", loss)):
        for year, number in numbers.items():
            given_make(cast.bureau_clerk, code, cast.district, months(f"{year}-01", f"{year}-11"), number)


@pytest.mark.parametrize(
    ("fires", "loss", "expected"),
    [
        ({2018: 9, 2019: 8, 2020: 7, 2021: 4}, {2018: 90, 2019: 80, 2020: 70, 2021: 60}, 3),
        ({2018: 9, 2019: 8, 2020: 8, 2021: 4}, {2018: 90, 2019: 80, 2020: 70, 2021: 60}, 1),  # level is no fall
        ({2019: 8, 2020: 7, 2021: 4}, {2018: 90, 2019: 80, 2020: 70, 2021: 60}, 2),  # nobody knows 2018
        ({2020: 7, 2021: 8}, {2020: 70, 2021: 60}, 0),
        ({2020: 0, 2021: 0}, {2020: 70, 2021: 60}, 0),
    ],
)
def test_years_in_a_row(cast: Cast, fires: dict[int, int], loss: dict[int, int], expected: int) -> None:
    enter_years(cast, fires, loss)
    assert value(cast.district, THIS_YEAR, "test.falling").number == expected


def test_a_streak_without_last_year_is_missing_and_names_it(cast: Cast) -> None:
    enter_years(cast, {2021: 4}, {2020: 70, 2021: 60})
    assert value(cast.district, THIS_YEAR, "test.falling").gap == "【待补：2020年1—11月测试火灾】"


def test_a_streak_goes_from_records_over_into_entered_years(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2020, 3, 5), 7)
    hazard(cast, cast.street_a, dt.date(2021, 3, 5), 4)
    for year, number in ((2019, 8), (2018, 9)):
        given_make(cast.bureau_clerk, "hazards.found", cast.district, months(f"{year}-01", f"{year}-11"), number)
    found = value(cast.district, THIS_YEAR, "test.found_falling")
    assert (found.number, found.text_with_unit) == (3, "3年")
    assert [year.values[0].number for year in found.years] == [4, 7, 8, 9, None]
    page = cast.client("officer_a").get(link(found.figure, organisation=cast.district, period=THIS_YEAR, value=found))
    assert page.status_code == 200
    assert "2018年1—11月" in page.content.decode()


def test_the_years_of_a_sibling_do_not_open(cast: Cast) -> None:
    enter_years(cast, {2021: 4}, {2021: 4})
    found = value(cast.street_b, THIS_YEAR, "test.falling")
    address = link(found.figure, organisation=cast.street_b, period=THIS_YEAR)
    assert cast.client("officer_a").get(address).status_code == 404
    assert cast.client("officer_b").get(address).status_code == 200
    assert cast.client("officer_b").get(address.replace("test.falling", "hazards.found")).status_code == 404


# ------------------------------------------------------------------------------------------------ laws


@given(
    cuts=st.sets(st.integers(1, 59), max_size=8), drop=st.integers(0, 8), more=st.sets(st.integers(0, 59), max_size=4)
)
@settings(max_examples=200, deadline=None)
def test_entries_fill_a_period_exactly_or_not_at_all(cuts: set[int], drop: int, more: set[int]) -> None:
    """A partition of sixty days is found, whatever else was entered; without one of its pieces the days have a gap."""
    first = dt.date(2020, 1, 1)
    edges = [0, *sorted(cuts), 60]

    def entry(start: int, end: int) -> GivenValue:
        return GivenValue(start=first + dt.timedelta(days=start), end=first + dt.timedelta(days=end - 1), value=1)

    pieces = [entry(a, b) for a, b in itertools.pairwise(edges)]
    beside = [entry(day, 61) for day in more]  # these reach past the end and fit nowhere
    period = Period(first, first + dt.timedelta(days=59))
    found = _tiles(sorted([*pieces, *beside], key=lambda one: one.start), period)
    assert found == tuple(pieces)
    del pieces[drop % len(pieces)]
    assert _tiles(pieces, period) is None


def test_a_year_speaks_before_its_months() -> None:
    year = GivenValue(start=dt.date(2020, 1, 1), end=dt.date(2020, 12, 31), value=5)
    halves = [
        GivenValue(start=dt.date(2020, 1, 1), end=dt.date(2020, 6, 30), value=1),
        GivenValue(start=dt.date(2020, 7, 1), end=dt.date(2020, 12, 31), value=1),
    ]
    assert _tiles([halves[0], year, halves[1]], months("2020-01", "2020-12")) == (year,)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        (2_236_500, "223.65万元"),
        (387_400, "38.74万元"),
        (9_999, "9999元"),
        (10_000, "1万元"),
        (Decimal("0.50"), "0.5元"),
        (100_000_000, "1亿元"),
        (123_456_789, "1.2346亿元"),
    ],
)
def test_sums_are_written_by_their_size(yuan: int | Decimal, words: str) -> None:
    assert money(yuan) == words


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_says_where_a_number_is_from(cast: Cast, as_json: bool) -> None:
    enter_years(cast, {2020: 7, 2021: 4}, {2020: 70, 2021: 60})
    out = io.StringIO()
    call_command(
        "figures",
        *["--organisation", "369901", "--from", "2021-01-01", "--to", "2021-11-30"],
        *["--figure", "test.fires", "--figure", "test.fires.yoy", "--figure", "test.falling"],
        *(["--json"] if as_json else []),
        stdout=out,
    )
    if not as_json:
        fires, change, falling = out.getvalue().splitlines()[1:]
        assert fires.endswith("测试火灾  4起  填报：消防救援大队")
        assert change.endswith("减少3起、下降42.9%")
        assert "1年  2021年1—11月测试火灾4起、测试火灾损失60元；2020年1—11月测试火灾7起" in falling
        return
    found = json.loads(out.getvalue())["figures"]
    assert [entry["source"] for entry in found["test.fires"]["given"]] == ["消防救援大队"]
    assert found["test.falling"]["years"][1]["values"] == {"test.fires": 7, "test.fire_loss": 70}


#: Six months of 2020: the records of each, and the entries that somebody may have made, as (first month, last month, value).
SPANS = [(first, last) for first in range(1, 7) for last in range(first, 7)]


@given(
    counts=st.lists(st.integers(0, 9), min_size=6, max_size=6),
    start=st.integers(1, 7),
    entries=st.dictionaries(st.sampled_from(SPANS), st.integers(0, 99), max_size=8),
    asked=st.sampled_from(SPANS),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_is_made_of_records_from_the_start_and_of_entries_before(
    cast: Cast, counts: list[int], start: int, entries: dict[tuple[int, int], int], asked: tuple[int, int]
) -> None:
    Hazard.objects.all().delete()
    GivenValue.objects.all().delete()
    for month, number in enumerate(counts, start=1):
        if number:
            hazard(cast, cast.street_a, dt.date(2020, month, 15), number)
    LedgerStart.objects.update_or_create(
        ledger="hazards", organisation=cast.district, defaults={"started_on": dt.date(2020, start, 1)}
    )
    for (first, last), number in entries.items():
        span = months(f"2020-{first:02}", f"2020-{last:02}")
        given_make(cast.bureau_clerk, "hazards.found", cast.district, span, number)
    first, last = asked
    found = value(cast.district, months(f"2020-{first:02}", f"2020-{last:02}"), "hazards.found")
    assert found.number in expected(counts, start, entries, first, last)
    assert bool(found.missing) == (found.number is None)
    opened = sum(entry.number for entry in found.given)
    if found.number is not None and found.recorded is None and first < start:
        assert found.number == opened
    elif found.recorded is not None:
        assert found.number == opened + sum(counts[found.recorded.start.month - 1 : last])


def expected(
    counts: list[int], start: int, entries: dict[tuple[int, int], int], first: int, last: int
) -> set[int | None]:
    """What the number may be, found by trying every way: {None} where it is missing, several where entries contradict each other."""
    if first >= start:
        return {sum(counts[first - 1 : last])}
    if (first, last) in entries:
        return {entries[first, last]}
    recorded = sum(counts[start - 1 : last])
    ways = ways_from(entries, first, min(last, start - 1))
    fewest = min(map(len, ways), default=0)
    return {sum(way) + recorded for way in ways if len(way) == fewest} or {None}


def ways_from(entries: dict[tuple[int, int], int], first: int, last: int) -> list[list[int]]:
    if first > last:
        return [[]]
    return [
        [number, *rest]
        for (begin, end), number in sorted(entries.items())
        if begin == first and end <= last
        for rest in ways_from(entries, end + 1, last)
    ]
