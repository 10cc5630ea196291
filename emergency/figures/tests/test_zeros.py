"""零报告: who confirms what, what refuses it and makes it lapse, and when an area may say that nothing happened."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from emergency.core import clock, panels
from emergency.core.periods import Period
from emergency.figures.models import ZeroConfirmation
from emergency.figures.queries import Confirmed, confirmed_zero
from emergency.figures.queries.zeros import zero_months
from emergency.figures.services import ledger_start_set, zero_confirm
from emergency.figures.tests.factories import months
from emergency.figures.tests.test_values import hazard
from emergency.figures.vocabulary import Source, register
from emergency.organizations.models import Organisation
from emergency.organizations.tests.factories import Cast
from hazards.figures import HAZARDS

pytestmark = pytest.mark.django_db

MARCH = dt.date(2021, 3, 1)
SPRING = months("2021-03", "2021-04")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime(2021, 5, 10, 9, 0, tzinfo=dt.UTC)):
        yield


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """The hazard ledger, as if its empty months had to be confirmed; no other ledger asks here."""
    for code, one in list(register._sources.items()):
        monkeypatch.setitem(register._sources, code, dataclasses.replace(one, zero_confirmed=code == HAZARDS.code))
    return register._sources[HAZARDS.code]


def confirm(actor: object, unit: Organisation, month: dt.date = MARCH, note: str = "") -> ZeroConfirmation:
    return zero_confirm(ledger="hazards", organisation=unit, month=month, actor=actor, note=note)


def all_of(cast: Cast, month: dt.date) -> None:
    for actor, unit in (
        (cast.bureau_clerk, cast.district),
        (cast.officer_a, cast.street_a),
        (cast.officer_b, cast.street_b),
    ):
        confirm(actor, unit, month)


# ------------------------------------------------------------------------------------------------ may the sentence be written


def test_only_when_every_unit_has_confirmed_every_month(cast: Cast, source: Source) -> None:
    assert confirmed_zero(source, cast.bureau, SPRING).gap == "【待确认：2021年3—4月区本级等3个单位】"
    all_of(cast, MARCH)
    confirm(cast.officer_a, cast.street_a, dt.date(2021, 4, 1))
    found = confirmed_zero(source, cast.district, SPRING)
    assert not found.ok
    assert [(unit, list(of_unit)) for unit, of_unit in found.missing] == [
        (cast.district, [months("2021-04")]),
        (cast.street_b, [months("2021-04")]),
    ]
    assert found.gap == "【待确认：2021年4月区本级等2个单位】"
    assert confirmed_zero(source, cast.district, months("2021-03")) == Confirmed(True)
    assert confirmed_zero(source, cast.street_a, SPRING).ok


def test_a_ledger_that_asks_for_nothing_is_always_sure(cast: Cast) -> None:
    assert confirmed_zero(dataclasses.replace(HAZARDS, zero_confirmed=False), cast.district, SPRING).gap == ""


def test_a_unit_with_records_has_answered(cast: Cast, source: Source) -> None:
    hazard(cast, cast.community_a, dt.date(2021, 3, 31))
    confirm(cast.officer_b, cast.street_b)
    confirm(cast.bureau_clerk, cast.district)
    assert confirmed_zero(source, cast.district, months("2021-03")).ok


def test_a_later_record_makes_the_confirmation_lapse_and_keeps_it(cast: Cast, source: Source) -> None:
    confirm(cast.officer_a, cast.street_a)
    record = hazard(cast, cast.street_a, dt.date(2021, 3, 31))
    (row,) = zero_months(source, cast.street_a, months("2021-03"))
    assert (row[0].lapsed, row[0].answered, ZeroConfirmation.objects.count()) == (True, True, 1)
    type(record).objects.filter(pk=record.pk).update(status="void", void_reason="重复")
    (row,) = zero_months(source, cast.street_a, months("2021-03"))
    assert not row[0].lapsed


def test_a_month_confirmed_before_its_end_holds_for_the_days_so_far(cast: Cast, source: Source) -> None:
    confirm(cast.officer_a, cast.street_a, dt.date(2021, 5, 1))
    assert confirmed_zero(source, cast.street_a, Period(dt.date(2021, 5, 1), dt.date(2021, 5, 10))).ok
    assert not confirmed_zero(source, cast.street_a, Period(dt.date(2021, 5, 1), dt.date(2021, 5, 11))).ok
    with clock.at(dt.datetime(2021, 6, 1, 1, 0, tzinfo=dt.UTC)):
        confirm(cast.officer_a, cast.street_a, dt.date(2021, 5, 1))
    assert confirmed_zero(source, cast.street_a, months("2021-05")).ok
    assert ZeroConfirmation.objects.count() == 1


def test_a_unit_answers_only_for_the_months_in_which_it_existed(cast: Cast, source: Source) -> None:
    Organisation.objects.filter(pk=cast.street_b.pk).update(valid_from=dt.date(2021, 4, 1))
    confirm(cast.bureau_clerk, cast.district)
    confirm(cast.officer_a, cast.street_a)
    assert confirmed_zero(source, cast.district, months("2021-03")).ok
    assert not confirmed_zero(source, cast.district, months("2021-04")).ok


# ------------------------------------------------------------------------------------------------ who confirms


@pytest.mark.parametrize(
    ("who", "unit", "note", "allowed"),
    [
        ("officer_a", "street_a", "", True),
        ("officer_a", "street_b", "", False),
        ("officer_a", "district", "", False),
        ("bureau_clerk", "bureau", "", True),
        ("section_head", "street_a", "3月31日来电", True),
        ("leader", "district", "", False),
        ("community_officer", "street_a", "", False),
        ("department_clerk", "district", "", False),
        ("auditor", "district", "", False),
    ],
)
def test_who_speaks_for_whom(cast: Cast, who: str, unit: str, note: str, allowed: bool) -> None:
    if allowed:
        made = confirm(cast.person(who), getattr(cast, unit), note=note)
        assert made.by_superior == bool(note)
    else:
        with pytest.raises(PermissionDenied):
            confirm(cast.person(who), getattr(cast, unit), note="来电")
        assert not ZeroConfirmation.objects.exists()


def test_what_cannot_be_confirmed_says_why(cast: Cast) -> None:
    hazard(cast, cast.community_a, dt.date(2021, 3, 31))
    with pytest.raises(ValidationError, match="已有1条记录"):
        confirm(cast.officer_a, cast.street_a)
    with pytest.raises(ValidationError, match="还没有开始"):
        confirm(cast.officer_a, cast.street_a, dt.date(2021, 6, 1))
    with pytest.raises(ValidationError, match="请写明依据"):
        confirm(cast.bureau_clerk, cast.street_a, dt.date(2021, 4, 1))
    with pytest.raises(ValidationError, match="不需要零报告"):
        zero_confirm(ledger="inspections", organisation=cast.street_a, month=MARCH, actor=cast.officer_a)
    assert not ZeroConfirmation.objects.exists()


# ------------------------------------------------------------------------------------------------ pages


def owed(cast: Cast, who: str, day: dt.date) -> list[str]:
    (source,) = [one for one in panels.todos() if one.name == "figures.zeros"]
    return [item.title for item in source.items(cast.person(who), day, 50)]


def test_a_street_is_asked_from_the_first_of_the_next_month(cast: Cast) -> None:
    day = dt.date(2021, 4, 1)
    assert owed(cast, "officer_a", day) == [], "a ledger that is not kept yet asks for nothing"
    ledger_start_set(ledger="hazards", organisation=cast.district, started_on=MARCH, actor=cast.section_head)
    assert owed(cast, "officer_a", dt.date(2021, 3, 31)) == []
    assert owed(cast, "officer_a", day) == ["2021年3月隐患治理台账零报告未确认"]
    assert owed(cast, "officer_a", dt.date(2021, 5, 1)) == ["2021年4月等2个月隐患治理台账零报告未确认"]
    assert owed(cast, "bureau_clerk", day) == []
    hazard(cast, cast.community_a, dt.date(2021, 3, 2))
    assert owed(cast, "officer_a", day) == []
    assert len(owed(cast, "officer_b", day)) == 1
    confirm(cast.officer_b, cast.street_b)
    assert owed(cast, "officer_b", day) == []


def test_the_page_names_the_units_that_owe_and_the_street_confirms_there(cast: Cast) -> None:
    clerk = cast.client("bureau_clerk")
    html = clerk.get(reverse("figures:zero_list"), {"year": 2021}).content.decode()
    assert (
        f"请以下单位尽快填报或确认2021年隐患治理台账零报告：区本级（1月、2月、3月、4月）、{cast.street_a.name}" in html
    )
    officer = cast.client("officer_a")
    mine = officer.get(reverse("figures:zero_list"), {"year": 2021}).content.decode()
    assert cast.street_b.name not in mine
    address = f"{reverse('figures:zero_confirm')}?ledger=hazards&organisation={cast.street_a.pk}&month=2021-03"
    assert address.replace("&", "&amp;") in mine
    assert f"确认{cast.street_a.name}2021年3月份" in officer.get(address).content.decode()
    assert officer.post(address, {"note": ""}).status_code == 302
    assert ZeroConfirmation.objects.get().area == cast.street_a
    assert "已确认" in officer.get(reverse("figures:zero_list"), {"year": 2021}).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"organisation": "street_b"},
        {"month": "2021-13"},
        {"ledger": "inspections"},
        {"organisation": "²"},
    ],
)
def test_a_wrong_address_or_a_siblings_month_is_404(cast: Cast, change: dict[str, str]) -> None:
    params = {"ledger": "hazards", "organisation": "street_a", "month": "2021-03"} | change
    unit = getattr(cast, params["organisation"], None)
    params["organisation"] = str(unit.pk) if unit else params["organisation"]
    assert cast.client("officer_a").get(reverse("figures:zero_confirm"), params).status_code == 404
