"""Each ledger that is counted: what the roll-up keeps of it is what its records say, also after they were moved and taken away in bulk."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.models import F

from emergency.core import clock
from emergency.figures import vocabulary
from emergency.figures.models import FigureTouch
from emergency.figures.queries import evaluate, evaluate_over
from emergency.figures.services import rolling
from emergency.figures.services.rolling import roll_up
from emergency.figures.tests.rolling_samples import MONTHS, NOW, SPANS, again, all_live
from emergency.figures.vocabulary import Counted, Source
from emergency.organizations.tests.factories import Cast, user_make
from emergency.organizations.tests.planting import plant

#: What a row needs besides so that it is counted: a state in which it stands.
COUNTED: dict[str, dict[str, Any]] = {
    "activities": {"status": "filed"},
    "accidents": {"counted": True, "production": True},
    "drills": {"status": "held"},
    "letters": {"status": "issued", "void_reason": ""},
    "plan_filings": {"status": "filed", "published_on": MONTHS[0]},
    "standardised": {"standard_grade": "third"},
}
#: Their rows have a number that is given with the state.
NUMBERED = frozenset({"letters", "plan_filings"})
#: Written once and never changed: their tables refuse it.
APPEND_ONLY = frozenset({"stock"})


def source_of(code: str) -> Source:
    return next(one for one in vocabulary.sources() if one.code == code)


def date_column(source: Source) -> str:
    """The column to write for the date that is counted; a generated one is written by the moment that it comes from."""
    field: Any = source.records().model._meta.get_field(source.date)
    return "occurred_at" if field.generated else source.date


def day_value(source: Source, day: dt.date) -> Any:
    if date_column(source) == source.date:
        return day
    return dt.datetime.combine(day, dt.time(10), tzinfo=clock.now().tzinfo)


def assert_kept_is_live(cast: Cast, source: Source) -> None:
    figures = [one for one in vocabulary.every() if isinstance(one, Counted) and one.source.code == source.code]
    assert figures
    codes = [one.code for one in figures]

    def everything() -> list[Any]:
        sheets = []
        for unit in (cast.city, cast.district, cast.street_a, cast.street_b, cast.community_a):
            sheets += evaluate_over(codes, organisation=again(unit), periods=SPANS)
        for dimension in source.dimensions:
            sheets.append(evaluate(codes, organisation=again(cast.district), period=SPANS[-1], by=dimension.code))
        return sheets

    kept = everything()
    with all_live():
        assert kept == everything()


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(one.code for one in vocabulary.sources()))
def test_every_ledger_is_kept_as_its_records_say(cast: Cast, code: str) -> None:
    source, nobody = source_of(code), user_make("nobody")
    model = source.records().model
    with clock.at(NOW), mock.patch.object(rolling, "MOST_MONTHS", len(MONTHS)):
        for place, area in enumerate((cast.street_a, cast.street_a, cast.street_b, cast.community_a, cast.district)):
            day = MONTHS[place % len(MONTHS)] + dt.timedelta(days=place)
            columns = COUNTED.get(code, {}) | {date_column(source): day_value(source, day)}
            if code in NUMBERED:
                columns["number"] = f"甲〔2021〕{place}号"
            plant(model, unit=cast.bureau, user=nobody, area=area, **columns)
        assert source.records().count() >= 5
        roll_up()
        assert not FigureTouch.objects.exists()
        assert_kept_is_live(cast, source)
        if code in APPEND_ONLY:
            return
        moved = model._base_manager.filter(street=cast.street_a)
        moved.update(**{date_column(source): F(date_column(source)) + dt.timedelta(days=31)})
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET street_id = %s, area_id = %s WHERE street_id = %s",
                [cast.street_a.pk, cast.street_a.pk, cast.street_b.pk],
            )
        assert FigureTouch.objects.filter(source=code).exists()
        assert_kept_is_live(cast, source)
        roll_up()
        assert_kept_is_live(cast, source)
