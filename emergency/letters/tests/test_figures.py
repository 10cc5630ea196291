"""Numbers counted by hand: what was sent, by kind, answered, overdue; at the edges of a period."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from emergency.core.periods import Period
from emergency.figures.queries import evaluate, link
from emergency.figures.vocabulary import get
from emergency.letters.models import Kind, Letter
from emergency.letters.services import letter_act
from emergency.letters.tests.factories import TODAY, answer, letter_make, letter_send, letter_sent
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))


def number(cast: Cast, code: str, period: Period = MARCH) -> object:
    return evaluate([code], organisation=cast.district, period=period)[code].number


def test_every_kind_is_counted_by_its_own_code(cast: Cast) -> None:
    for kind in Kind:
        due_on = None if kind == Kind.CIRCULAR else dt.date(2026, 3, 12)
        letter_sent(cast, kind=kind, due_on=due_on, units=[cast.street_a, cast.street_b])
    letter_make(cast)
    void = letter_sent(cast)
    letter_act(
        queryset=Letter.objects.all(), pk=void.pk, action="void", actor=cast.leader, data={"reason": "重"}, on=TODAY
    )
    assert {kind: number(cast, f"letters.{kind}") for kind in Kind.values} == dict.fromkeys(Kind.values, 1)
    assert (number(cast, "letters.sent"), number(cast, "letters.asked")) == (7, 6)


def test_a_letter_belongs_to_the_day_on_its_paper(cast: Cast) -> None:
    for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1)):
        letter_send(cast, letter_make(cast), issued_on=day)
    assert number(cast, "letters.supervision") == 1
    assert number(cast, "letters.supervision", Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))) == 1


def test_answered_overdue_and_the_rate(cast: Cast) -> None:
    answered, both, late = letter_sent(cast), letter_sent(cast, units=[cast.street_a, cast.street_b]), letter_sent(cast)
    letter_sent(cast, kind="circular", due_on=None)
    answer(cast, answered.addressees.get(), "reply")
    answer(cast, both.addressees.get(organisation=cast.street_a), "reply")
    assert (number(cast, "letters.asked"), number(cast, "letters.replied")) == (3, 1)
    assert number(cast, "letters.reply_rate") == Decimal("33.3")
    assert number(cast, "letters.overdue") == 2
    assert number(cast, "letters.overdue", Period(dt.date(2026, 3, 1), dt.date(2026, 3, 12))) == 0
    letter_act(
        queryset=Letter.objects.all(), pk=late.pk, action="end", actor=cast.leader, data={"reason": "并案"}, on=TODAY
    )
    assert number(cast, "letters.overdue") == 1
    assert number(cast, "letters.replied", Period(dt.date(2026, 3, 1), dt.date(2026, 3, 4))) == 0


def test_the_number_opens_its_letters(cast: Cast) -> None:
    letter_sent(cast)
    letter_sent(cast, kind="warning")
    address = link(get("letters.supervision"), organisation=cast.district, period=MARCH)
    page = cast.client("bureau_clerk").get(address).context["page"]
    assert (len(page.rows), page.foot["number"]) == (1, 1)
