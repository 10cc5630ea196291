"""What holds whatever is done in whatever order: stock is never negative and is the sum of its movements on every past day, a transfer
neither makes nor loses goods, and the first to expire goes first. Played by a state machine, and by four connections at once.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from emergency.core import clock
from emergency.organizations.tests.factories import Cast, cast_make
from supplies.models import Depot, Holding, Item, Movement, MovementKind
from supplies.services import holding_adjust, movement_reverse, stock_issue, stock_receive, stock_transfer
from supplies.tests.factories import DAY, TODAY, depot_make, item_make, keeper

DAYS = st.integers(0, 6).map(lambda number: DAY + dt.timedelta(days=number))
QUANTITIES = st.integers(1, 12).map(Decimal)
SHELF = st.sampled_from([None, DAY + dt.timedelta(days=3), DAY + dt.timedelta(days=30), TODAY + dt.timedelta(days=400)])
PAPER = "调令1号"


@pytest.fixture
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def assert_lawful() -> None:
    """Every holding is the sum of its movements, and was below nothing at the end of no day."""
    moved: dict[int, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for holding, day, quantity in Movement.objects.values_list("holding", "moved_on", "quantity"):
        moved[holding][day] += quantity
    for pk, quantity in Holding.objects.values_list("pk", "quantity"):
        balance = Decimal(0)
        for day in sorted(moved[pk]):
            balance += moved[pk][day]
            assert balance >= 0, f"holding {pk} stood at {balance} on {day}"
        assert balance == quantity


def all_goods() -> Decimal:
    return Movement.objects.aggregate(sum=Sum("quantity"))["sum"] or Decimal(0)


class Stock(RuleBasedStateMachine):
    """Two depots of one keeper and one kind of goods. Each run is taken back at its end."""

    cast: ClassVar[Cast]
    depots: ClassVar[list[Depot]]
    item: ClassVar[Item]

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.keeper = keeper(self.cast)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    def may_leave(self, depot: Depot, day: dt.date) -> list[tuple[Holding, Decimal]]:
        """By hand: of each lot that is still good on the day, the least that any later day leaves; the first to expire first."""
        found = []
        for one in Holding.objects.filter(depot=depot):
            if one.received_on > day or (one.expires_on and one.expires_on < day):
                continue
            rows = list(one.movements.values_list("moved_on", "quantity"))
            days = [day, *(when for when, _ in rows if when > day)]
            found.append((one, min(sum((number for when, number in rows if when <= end), Decimal(0)) for end in days)))
        return sorted(found, key=lambda pair: (pair[0].expires_on or dt.date.max, pair[0].received_on, pair[0].lot_id))

    def expected(self, depot: Depot, day: dt.date, quantity: Decimal) -> list[tuple[int, Decimal]] | None:
        """Which lots give how much; None where they do not suffice."""
        drawn = []
        for one, free in self.may_leave(depot, day):
            part = min(free, quantity)
            if part > 0:
                drawn.append((one.pk, part))
                quantity -= part
        return None if quantity else drawn

    def attempt(self, act: Callable[[], list[Movement]]) -> list[Movement] | None:
        """What was written, or None where it was refused."""
        try:
            return act()
        except ValidationError:
            return None

    @rule(index=st.integers(0, 1), quantity=QUANTITIES, day=DAYS, expires=SHELF)
    def receive(self, index: int, quantity: Decimal, day: dt.date, expires: dt.date | None) -> None:
        depot = self.depots[index]
        stock_receive(
            actor=self.keeper, depot=depot, item=self.item, quantity=quantity, moved_on=day, expires_on=expires
        )

    @rule(index=st.integers(0, 1), quantity=QUANTITIES, day=DAYS)
    def issue(self, index: int, quantity: Decimal, day: dt.date) -> None:
        depot = self.depots[index]
        expected = self.expected(depot, day, quantity)
        done = self.attempt(
            lambda: stock_issue(
                actor=self.keeper,
                depot=depot,
                item=self.item,
                quantity=quantity,
                moved_on=day,
                receiver="乡",
                basis=PAPER,
            )
        )
        assert (None if done is None else [(one.holding_id, -one.quantity) for one in done]) == expected

    @rule(index=st.integers(0, 1), quantity=QUANTITIES, day=DAYS)
    def transfer(self, index: int, quantity: Decimal, day: dt.date) -> None:
        source, target = self.depots[index], self.depots[1 - index]
        before, expected = all_goods(), self.expected(source, day, quantity)
        done = self.attempt(
            lambda: stock_transfer(
                actor=self.keeper,
                source=source,
                target=target,
                item=self.item,
                quantity=quantity,
                moved_on=day,
                basis=PAPER,
            )
        )
        left = (
            None
            if done is None
            else [(one.holding_id, -one.quantity) for one in done if one.kind == MovementKind.TRANSFER_OUT]
        )
        assert left == expected and all_goods() == before
        assert done is None or sorted(one.lot_number for one in done[: len(done) // 2]) == sorted(
            one.lot_number for one in done[len(done) // 2 :]
        )

    @precondition(lambda self: Holding.objects.exists())
    @rule(
        choice=st.randoms(use_true_random=False),
        kind=st.sampled_from(["return", "loss", "surplus", "shortage"]),
        quantity=QUANTITIES,
    )
    def adjust(self, choice: random.Random, kind: str, quantity: Decimal) -> None:
        holding = choice.choice(list(Holding.objects.order_by("pk")))
        self.attempt(
            lambda: [
                holding_adjust(
                    actor=self.keeper, holding=holding, kind=kind, quantity=quantity, moved_on=TODAY, reason="清点"
                )
            ]
        )

    @precondition(lambda self: Movement.objects.exists())
    @rule(choice=st.randoms(use_true_random=False))
    def reverse(self, choice: random.Random) -> None:
        movement = choice.choice(list(Movement.objects.order_by("pk")))
        done = self.attempt(lambda: movement_reverse(actor=self.keeper, movement=movement, reason="错登"))
        assert done is None or all(one.quantity == -one.reverses.quantity for one in done)

    @invariant()
    def lawful(self) -> None:
        assert_lawful()


@pytest.mark.django_db
def test_whatever_is_done_stock_is_the_sum_of_its_movements(cast: Cast, today: None) -> None:
    Stock.cast, Stock.depots, Stock.item = cast, [depot_make(cast), depot_make(cast, "二号库")], item_make(cast)
    keeper(cast)
    run_state_machine_as_test(
        Stock,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


# ------------------------------------------------------------------------------------------------ four at once


class Worker:
    """One connection that receives, issues and moves goods to and fro between the two depots."""

    def __init__(self, seed: int, actor: Any, depots: list[Depot], item: Item) -> None:
        self.chance, self.actor, self.depots, self.item = random.Random(seed), actor, depots, item

    def play(self) -> None:
        try:
            for _ in range(8):
                self.step()
        finally:
            connection.close()

    def step(self) -> None:
        one, other = self.chance.sample(self.depots, 2)
        given = {
            "actor": self.actor,
            "item": self.item,
            "quantity": Decimal(self.chance.randrange(1, 9)),
            "moved_on": TODAY,
        }
        try:
            match self.chance.choice(["receive", "issue", "issue", "transfer", "transfer", "reverse"]):
                case "receive":
                    stock_receive(depot=one, **given)
                case "issue":
                    stock_issue(depot=one, receiver="乡", basis=PAPER, **given)
                case "transfer":
                    stock_transfer(source=one, target=other, basis=PAPER, **given)
                case _:
                    last = Movement.objects.order_by("-pk").first()
                    if last is not None:
                        movement_reverse(actor=self.actor, movement=last, reason="错登", on=TODAY)
        except ValidationError:
            return  # there was not enough, or somebody was quicker: refused, and nothing written


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_four_connections_keep_the_same_books() -> None:
    cast = cast_make()
    depots, item = [depot_make(cast), depot_make(cast, "二号库")], item_make(cast)
    actor = keeper(cast)
    for depot in depots:
        stock_receive(actor=actor, depot=depot, item=item, quantity=Decimal(15), moved_on=TODAY)
    workers = [Worker(seed, keeper(cast), depots, item) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(worker.play) for worker in workers]:
            one.result(timeout=120)  # a deadlock or a broken constraint is raised here
    assert_lawful()
    assert all_goods() == Holding.objects.aggregate(sum=Sum("quantity"))["sum"]
    transfers = Movement.objects.filter(kind__in=[MovementKind.TRANSFER_OUT, MovementKind.TRANSFER_IN])
    assert transfers.exists() and transfers.aggregate(sum=Sum("quantity"))["sum"] == 0
    numbers = list(Movement.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) and all(
        number.endswith(f"{serial:05d}") for serial, number in enumerate(sorted(numbers), 1)
    )
