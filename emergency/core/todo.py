"""What waits for a reader. Every ledger names its rows once; one statement brings the most urgent of all ledgers together, so that
the pages that show them cost the same however many ledgers there are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateField, F, Func, IntegerField, QuerySet, TextField, Value, Window
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.urls import reverse


@dataclasses.dataclass(frozen=True, slots=True)
class TodoItem:
    """One thing that waits for this reader."""

    title: str
    url: str
    kind: str
    due_on: dt.date | None = None
    subject: str = ""

    def days_overdue(self, on: dt.date) -> int:
        return max(0, (on - self.due_on).days) if self.due_on else 0


@dataclasses.dataclass(frozen=True, slots=True)
class Todo:
    """A source of to-do items that are not rows of a ledger, but found out by comparing several (a zero report that is owed).

    ``items(user, on, limit)`` gives the most urgent first; ``count(user, on)`` how many there are. Costs queries of its own.
    """

    name: str
    label: str
    items: Callable[[Any, dt.date, int], Sequence[TodoItem]]
    count: Callable[[Any, dt.date], int]
    order: int = 100


@dataclasses.dataclass(frozen=True, slots=True)
class TodoRows:
    """A source of to-do items that are rows of a ledger.

    ``rows(user, on)`` are those that wait for the reader, the most urgent first, and ``none()`` for whom they never do. ``words``
    makes (title, subject) of the texts of the ``columns``, empty where a row has none. ``page`` is the route of a row, by its
    ``key``; ``due_on`` the column of the date, "" where there is none.
    """

    name: str
    label: str
    rows: Callable[[Any, dt.date], QuerySet]
    columns: tuple[str, ...]
    words: Callable[..., tuple[str, str]]
    page: str
    due_on: str = ""
    key: str = "pk"
    order: int = 100

    def items(self, user: Any, on: dt.date, limit: int) -> list[TodoItem]:
        """The items of this source alone."""
        return [item for _, item in _ask([self], user, on, limit)[0]]

    def count(self, user: Any, on: dt.date) -> int:
        return self.rows(user, on).count()


@dataclasses.dataclass(frozen=True, slots=True)
class TodoList:
    """The most urgent items of all ledgers together, and how many there are of each kind."""

    items: list[TodoItem]
    counts: list[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(number for _, number in self.counts)


def gather(sources: Sequence[Todo | TodoRows], user: Any, on: dt.date, limit: int) -> TodoList:
    """Overdue first, then by due date; those without a date last. ``limit`` bounds the items, never the counts."""
    from_rows = [one for one in sources if isinstance(one, TodoRows)]
    answers = dict(zip(from_rows, _ask(from_rows, user, on, limit), strict=True))
    items: list[TodoItem] = []
    counts: list[tuple[str, int]] = []
    for source in sources:
        if isinstance(source, TodoRows):
            found = [item for _, item in answers[source]]
            number = next((total for total, _ in answers[source]), 0)
        else:
            found = list(source.items(user, on, limit))
            number = len(found) if len(found) < limit else source.count(user, on)
        if number:
            counts.append((source.label, number))
        items.extend(found)
    items.sort(key=lambda item: (item.due_on is None, item.due_on or dt.date.max))
    return TodoList(items[:limit], counts)


def _ask(sources: Sequence[TodoRows], user: Any, on: dt.date, limit: int) -> list[list[tuple[int, TodoItem]]]:
    """For each source its first items, each with how many there are of the source in all. One statement, or none for nobody."""
    found: list[list[tuple[int, TodoItem]]] = [[] for _ in sources]
    arms = [_arm(place, source, source.rows(user, on), limit) for place, source in enumerate(sources)]
    if arms:
        united = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]
        for place, _, key, due_on, texts, total in sorted(united, key=lambda row: row[:2]):
            source = sources[place]
            title, subject = source.words(*texts)
            url = reverse(source.page, args=[key])
            found[place].append((total, TodoItem(title, url, source.label, due_on, subject)))
    return found


def _arm(place: int, source: TodoRows, rows: QuerySet, limit: int) -> QuerySet:
    """The rows of a source in columns that all sources have."""
    texts = Func(
        *(Coalesce(Cast(F(name), TextField()), Value("")) for name in source.columns),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(TextField()),
    )
    order: Any = rows.query.order_by
    named = rows.annotate(
        todo_place=Value(place, output_field=IntegerField()),
        todo_rank=Window(RowNumber(), order_by=list(order)),
        todo_key=F(source.key),
        todo_due=F(source.due_on) if source.due_on else Cast(Value(None), DateField()),
        todo_texts=texts,
        todo_total=Window(Count("*")),
    )
    return named.values_list("todo_place", "todo_rank", "todo_key", "todo_due", "todo_texts", "todo_total")[:limit]
