"""One statement for whatever is asked of all ledgers: a page of figures costs the same however many ledgers there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, CharField, DecimalField, F, Func, IntegerField, QuerySet
from django.db.models import Value as Literal
from django.db.models.functions import Cast, Coalesce

#: Row key → the sums asked for, in their order; None where a row has nothing to sum.
Answer = dict[str | None, list[Decimal | None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """Sums over the records of one ledger: by ``key``, or all in one, under the key ""."""

    records: QuerySet
    sums: Sequence[Aggregate]
    key: Any = None


#: Wide enough for any sum of money or people; each figure's own digits come back in ``values.typed``.
_NUMBER = DecimalField(max_digits=30, decimal_places=4)


class _Sums(Func):
    """The sums of a row as one column, so that ledgers with different figures fit into one statement."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(_NUMBER)


def ask(questions: Sequence[Question]) -> list[Answer]:
    """The answers in the order of the questions; one query for all of them, none for no question."""
    if not questions:
        return []
    arms = [_arm(place, question) for place, question in enumerate(questions)]
    answers: list[Answer] = [{} for _ in questions]
    for place, key, sums in arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]:
        answers[place][key] = sums
    return answers


def _arm(place: int, question: Question) -> QuerySet:
    # A constant cannot be grouped by; a column made constant can.
    one_group = Coalesce(F("district_id") * 0, Literal(0))
    key = Literal("") if question.key is None else Cast(question.key, CharField())
    group = one_group if question.key is None else question.key
    sums = _Sums(*(Cast(one, _NUMBER) for one in question.sums))
    rows = question.records.order_by().annotate(row_group=group).values("row_group").annotate(row_sums=sums)
    named = rows.annotate(place=Literal(place, output_field=IntegerField()), row_key=key)
    return named.values_list("place", "row_key", "row_sums")
