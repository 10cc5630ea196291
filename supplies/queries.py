"""What is there: on any day, for an order to draw on, and too little of."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from emergency.core.listing import newest
from emergency.figures.vocabulary import plain
from emergency.organizations.scope import BUSINESS_ROLES, holds
from supplies.lifecycle import ENTERERS, KEEPERS, keeps_registers
from supplies.models import Depot, Holding, Item, Minimum, Mode, Movement, MovementKind, Purchase

_NONE = Value(Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=2))


def reads(user: Any) -> bool:
    return holds(user, BUSINESS_ROLES)


def may_move(user: Any) -> bool:
    return holds(user, KEEPERS)


def may_enter(user: Any) -> bool:
    return holds(user, ENTERERS)


# ------------------------------------------------------------------------------------------------ stock


@dataclasses.dataclass(frozen=True, slots=True)
class DayStock:
    """What of an item stood in a depot at the end of a day; ``worth`` in yuan, without what has no price."""

    depot: str
    item: str
    unit: str
    mode: str
    quantity: Decimal
    pieces: Decimal
    worth: Decimal | None

    @property
    def quantity_text(self) -> str:
        return f"{plain(self.quantity)}{self.unit}"

    @property
    def pieces_text(self) -> str:
        return plain(self.pieces)

    @property
    def worth_text(self) -> str:
        return "" if self.worth is None else plain(self.worth)


def stock_on(movements: QuerySet[Movement], on: dt.date, limit: int | None = None) -> list[DayStock]:
    """The stock at the end of a day as the sum of its movements until then, by depot, item and mode; nothing of what had run out.

    ``movements`` are those that the reader may see. One query.
    """
    sums = (
        movements.until(on)  # type: ignore[attr-defined]
        .order_by()
        .values("depot__name", "item__name", "item__specification", "item__unit", "mode")
        .annotate(held=Sum("quantity"), in_pieces=Sum("pieces"), worth=Sum("amount"))
        .exclude(held=0)
        .order_by("depot__name", "item__name", "item__specification", "mode")
    )
    return [
        DayStock(
            one["depot__name"],
            str(Item(name=one["item__name"], specification=one["item__specification"])),
            one["item__unit"],
            str(Mode(one["mode"]).label),
            one["held"],
            one["in_pieces"],
            one["worth"],
        )
        for one in (sums[:limit] if limit else sums)
    ]


def available(holdings: Iterable[Holding], on: dt.date) -> dict[int, Decimal]:
    """How much of each holding may leave on a day so that it stands below nothing on no day since. One query.

    Something entered late must not take what another movement, later by its day but entered before, has already used.
    """
    now = {one.pk: one.quantity for one in holdings}
    later = (
        Movement.objects.filter(holding__in=now, moved_on__gt=on)
        .order_by("holding", "moved_on")
        .values_list("holding", "moved_on")
        .annotate(moved=Sum("quantity"))
    )
    days: dict[int, list[Decimal]] = {}
    for holding, _, moved in later:
        days.setdefault(holding, []).append(moved)
    free = {}
    for pk, quantity in now.items():
        balance = lowest = quantity - sum(days.get(pk, ()), Decimal(0))
        for moved in days.get(pk, ()):
            balance += moved
            lowest = min(lowest, balance)
        free[pk] = max(lowest, Decimal(0))
    return free


def usable(depot: Depot, item: Item, mode: str, on: dt.date) -> Sequence[Holding]:
    """What an issue of that day draws on, the first to expire first; what has expired is left for scrapping."""
    rows = Holding.objects.in_stock().filter(
        Q(expires_on=None) | Q(expires_on__gte=on), depot=depot, item=item, mode=mode
    )
    return list(rows.select_related("depot", "item", "lot", "district").first_out())


def still_out(holding: Holding) -> Decimal:
    """How much was issued from a holding and has not come back."""
    moved = Movement.objects.filter(holding=holding, kind__in=(MovementKind.ISSUE, MovementKind.RETURN))
    return -(moved.aggregate(sum=Sum("quantity"))["sum"] or Decimal(0))


# ------------------------------------------------------------------------------------------------ alarms


def short(on: dt.date, user: Any = None) -> QuerySet[Minimum]:
    """Items of which a depot holds less than it must; ``held`` says how much there is on the shelf that has not expired.

    With a user only those of depots that the user may see.
    """
    good = Q(expires_on=None) | Q(expires_on__gte=on)
    here = Holding.objects.filter(good, depot=OuterRef("depot"), item=OuterRef("item"), mode=Mode.PHYSICAL)
    held = here.order_by().values("depot").annotate(sum=Sum("quantity")).values("sum")
    rows = Minimum.objects.annotate(held=Coalesce(Subquery(held), _NONE)).filter(held__lt=F("quantity"))
    if user is not None:
        rows = rows.filter(depot__in=Depot.objects.visible_to(user).values("pk"))
    return rows.select_related("depot", "item").order_by("depot__name", "item__name", "pk")


# ------------------------------------------------------------------------------------------------ choices of forms


def kept_depots(user: Any, on: dt.date) -> list[Depot]:
    """The open depots whose goods the user moves."""
    rows = Depot.objects.visible_to(user).open(on).select_related("handler__parent", "district").order_by("name", "pk")
    return [one for one in rows if holds(user, KEEPERS, one.handler)]


def registered_depots(user: Any, on: dt.date) -> list[Depot]:
    """The open depots for which the user keeps the registers."""
    rows = Depot.objects.visible_to(user).open(on).select_related("handler__parent", "district").order_by("name", "pk")
    return [one for one in rows if keeps_registers(user, one.handler)]


def purchases_for(user: Any) -> QuerySet[Purchase]:
    return Purchase.objects.live().visible_to(user)


def latest_movements(user: Any, depot: Depot, count: int) -> list[Movement]:
    """The newest movements of a depot that the user may see."""
    return newest([Movement.objects.visible_to(user).filter(depot=depot)], "moved_on", count)
