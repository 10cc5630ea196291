"""The number and its list: for every figure, period, unit and breakdown the value is the sum over the opened list."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import clock
from emergency.core.periods import Period
from emergency.enterprises.models import Industry
from emergency.enterprises.tests.factories import enterprise_make
from emergency.figures import vocabulary
from emergency.figures.queries import evaluate, link, opened
from emergency.figures.vocabulary import Counted
from emergency.organizations.services import place
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme
from hazards.models import EntryMode, Grade, Hazard, Source, Status
from inspections.models import Visit, VisitKind

START, END = dt.date(2020, 11, 1), dt.date(2022, 2, 28)
DAYS = st.dates(START, END)


def some_records(cast: Cast, rows: int = 90, seed: int = 7) -> None:
    """Hazards and visits of all sorts: by item and by count, closed and open, void and draft, placed and not."""
    chance = random.Random(seed)
    industries = [Industry.objects.create(name=f"行业{index}", order=index) for index in range(3)]
    parent = Programme.objects.create(
        name="三年行动", owner=cast.bureau, start=START, created_by=cast.bureau_clerk, created_at=clock.now()
    )
    child = Programme.objects.create(
        name="危化攻坚",
        owner=cast.bureau,
        start=START,
        parent=parent,
        created_by=cast.bureau_clerk,
        created_at=clock.now(),
    )
    firms = [
        cast.enterprise,
        *(enterprise_make(name=f"企业{i}", area=cast.street_b, created_by=cast.bureau_clerk) for i in range(3)),
    ]
    areas = [cast.street_a, cast.street_b, cast.community_a, cast.district, None]
    handlers = [cast.bureau, cast.street_a, cast.street_b, cast.department]

    def day() -> dt.date:
        return START + dt.timedelta(days=chance.randrange((END - START).days))

    for index in range(rows):
        found = day()
        status = chance.choice(
            [Status.DRAFT, Status.VOID, Status.RECTIFYING, Status.REVIEW, Status.CLOSED, Status.CLOSED]
        )
        count = chance.random() < 0.3
        later = found + dt.timedelta(days=chance.randrange(90))
        hazard = Hazard(
            number=f"369901-20210101-{index}",
            entry_mode=EntryMode.COUNT if count else EntryMode.ITEM,
            quantity=chance.randrange(1, 9) if count else 1,
            status=status,
            source=chance.choice(Source.values),
            grade=chance.choice([Grade.GENERAL, Grade.GENERAL, Grade.MAJOR]),
            standard_code="工贸企业重大事故隐患判定标准",
            enterprise=None if count else chance.choice([None, *firms]),
            handler=chance.choice(handlers),
            department=chance.choice([None, cast.department]),
            industry=chance.choice([None, *industries]),
            description="测试",
            found_on=found,
            due_on=found + dt.timedelta(days=15),
            rectified_on=later if status in (Status.REVIEW, Status.CLOSED) else None,
            closed_on=later if status == Status.CLOSED else None,
            cost=chance.choice([None, 100, 250]),
            void_reason="重复" if status == Status.VOID else "",
            created_by=cast.bureau_clerk,
            created_at=clock.now(),
        )
        place(hazard, chance.choice(areas), fallback=hazard.handler)
        hazard.save()
        hazard.campaigns.set(chance.choice([[], [parent], [child], [parent, child]]))
    for index in range(rows):
        bulk = chance.random() < 0.3
        visit = Visit(
            number=f"V{index}",
            client_id=uuid.UUID(int=index),
            entry_mode="bulk" if bulk else "item",
            kind=chance.choice(VisitKind.values),
            visited_on=day(),
            enterprise=None if bulk else chance.choice([None, *firms]),
            place="" if bulk else "路口",
            subject_name="" if bulk else "路口",
            handler=chance.choice(handlers),
            industry=chance.choice([None, *industries]),
            quantity=chance.randrange(1, 30) if bulk else 1,
            groups=chance.choice([None, 1, 2]),
            person_times=chance.choice([None, 2, 4]),
            papers=chance.randrange(3),
            void=chance.random() < 0.1,
            void_reason="重复",
            created_by=cast.bureau_clerk,
            created_at=clock.now(),
        )
        place(visit, chance.choice(areas), fallback=visit.handler)
        visit.save()
        visit.campaigns.set(chance.choice([[], [parent], [child], [parent, child]]))


@pytest.fixture
def records(cast: Cast) -> None:
    some_records(cast)


def opened_number(url: str, reader: object) -> object:
    found = opened(RequestFactory().get(url).GET, reader=reader)
    assert found is not None
    return found.number()


@pytest.mark.django_db
@given(
    days=st.tuples(DAYS, DAYS),
    unit=st.sampled_from(["district", "street_a", "street_b", "community_a", "bureau"]),
    by=st.sampled_from([None, "unit", "office", "department", "industry", "grade", "source", "kind", "campaign"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_value_is_the_sum_over_its_list(
    cast: Cast, records: None, days: tuple[dt.date, dt.date], unit: str, by: str | None
) -> None:
    period = Period(min(days), max(days))
    organisation = getattr(cast, unit)
    reader = cast.person("leader")
    codes = [
        one.code
        for one in vocabulary.every()
        if isinstance(one, Counted)
        and one.source.code != "enterprises"
        and (by is None or vocabulary.has_dimension(one, by))
    ]
    sheet = evaluate(codes, organisation=organisation, period=period, by=by)
    for code in codes:
        figure = vocabulary.get(code)
        total = sheet[code]
        if total.known:
            assert opened_number(link(figure, organisation=organisation, period=period), reader) == total.number
        for row in sheet.rows:
            if row[code].number is not None:
                url = link(figure, organisation=organisation, period=period, within={by: row.key})
                assert opened_number(url, reader) == row[code].number, (code, row.label)
        if by and total.known and figure.additive and not sheet.overlap:
            assert sum(row[code].number or 0 for row in sheet.rows) == total.number, code


@pytest.mark.django_db
def test_a_parent_campaign_counts_a_record_once(cast: Cast, records: None) -> None:
    period = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))
    sheet = evaluate(["hazards.found"], organisation=cast.district, period=period, by="campaign")
    parent = next(row for row in sheet.rows if row.label == "三年行动")
    tagged = Hazard.objects.counted().filter(campaigns__isnull=False, found_on__year=2021).exclude(source=Source.SELF)
    assert sheet.overlap
    assert parent["hazards.found"].number == sum(one.quantity for one in tagged.distinct())
