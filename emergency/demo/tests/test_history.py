"""What is drawn from the totals of a case, before any of it is stored."""

import dataclasses
import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.demo import services
from emergency.demo.services.cases import Totals
from emergency.demo.services.history import Drawn, count_by_unit, history_draw
from emergency.demo.services.register import subjects_draw
from emergency.enterprises.services import credit_code_clean

CASE = services.load("linxi_2022")
SUBJECTS = subjects_draw(CASE, random.Random(1))


def is_open(drawn: Drawn, on: dt.date) -> int:
    return sum(one.reviewed_on is None or one.reviewed_on > on for one in drawn.hazards)


@st.composite
def totals(draw: st.DrawFn) -> Totals:
    start = draw(st.dates(dt.date(2018, 1, 1), dt.date(2024, 1, 1)))
    itemised = draw(st.integers(60, 300))
    hazards = draw(st.integers(0, itemised))
    by_number = draw(st.integers(0, 400))
    left = draw(st.integers(0, hazards))
    return Totals(
        start=start,
        end=start + dt.timedelta(days=draw(st.integers(40, 400))),
        visits=itemised + by_number,
        hazards=hazards + (draw(st.integers(0, 200)) if by_number else 0),
        rectified=0,
        itemised_visits=itemised,
        itemised_hazards=hazards,
        stays_open=draw(st.booleans()),
    ), left


@settings(max_examples=40, deadline=None)
@given(totals(), st.integers())
def test_every_draw_adds_up(drawn_totals: tuple[Totals, int], seed: int) -> None:
    wanted, left = drawn_totals
    wanted = dataclasses.replace(wanted, rectified=wanted.hazards - left)
    drawn = history_draw(CASE, wanted, SUBJECTS, random.Random(seed))
    assert sum(count_by_unit(drawn).values()) == wanted.visits
    assert len(drawn.hazards) + sum(row.found for row in drawn.bulk) == wanted.hazards
    assert is_open(drawn, wanted.end) == left
    for one in drawn.hazards:
        assert wanted.start <= one.found_on <= wanted.end
        assert one.found_on <= one.due_on
        if one.rectified_on is not None:
            assert one.reviewed_on is not None
            assert one.found_on <= one.rectified_on <= one.reviewed_on
    days = [(visit.subject.name, visit.day) for visit in drawn.visits]
    assert len(days) == len(set(days))


def test_the_same_seed_draws_the_same() -> None:
    one, other = (history_draw(CASE, CASE.totals(), SUBJECTS, random.Random(5)) for _ in range(2))
    assert one == other


def test_the_rounds_of_supervision_carry_the_groups() -> None:
    drawn = history_draw(CASE, CASE.totals(), SUBJECTS, random.Random(5))
    rounds = [row for row in drawn.bulk if row.groups is not None]
    assert len(rounds) == CASE.facts["supervision"]["rounds"]
    assert sum(row.groups or 0 for row in rounds) == CASE.facts["supervision"]["groups"]


def test_more_open_hazards_than_itemised_ones_are_refused() -> None:
    wanted = dataclasses.replace(CASE.totals(), itemised_hazards=30)
    with pytest.raises(ValueError, match="do not fit"):
        history_draw(CASE, wanted, SUBJECTS, random.Random(5))


def test_the_register_has_true_codes_and_one_name_each() -> None:
    assert len(SUBJECTS) == CASE.demo["enterprises"]
    assert len({one.name for one in SUBJECTS}) == len({one.credit_code for one in SUBJECTS}) == len(SUBJECTS)
    assert all(credit_code_clean(one.credit_code) == one.credit_code for one in SUBJECTS)
    graded = sum(one.standard_graded_on is not None and one.standard_graded_on <= CASE.end for one in SUBJECTS)
    assert graded == CASE.facts["standardisation_accepted_enterprises"]


@pytest.mark.parametrize("name", services.names())
def test_a_case_agrees_with_itself(name: str) -> None:
    case = services.load(name)
    if campaign := case.facts.get("campaign"):
        rate = round(100 * campaign["hazards_rectified"] / campaign["hazards_found"], 1)
        assert rate == campaign["rectification_rate_percent"]
    assert all(unit.division_code.startswith(case.district_code) for unit in case.units)
    known = {industry for one in case.departments for industry in one.industries}
    assert {industry for one in case.demo["battles"].values() for industry in one} <= set(case.demo["industries"])
    assert known


def test_an_unknown_case_names_those_that_there_are() -> None:
    with pytest.raises(services.UnknownCase, match="ganxian_2021"):
        services.load("nowhere")
