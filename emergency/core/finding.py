"""One box over all ledgers: three letters typed, and every ledger's newest rows with them that the reader may see.

Two statements however many ledgers there are: the first finds in each the few rows that hold a rare term, the second brings the
newest of all. What a ledger brings is declared as a :class:`~emergency.core.panels.SearchSource` in its panels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import CharField, DateField, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast

from emergency.core.panels import Hit, SearchSource, searches
from emergency.core.search import LISTED_HITS, bigram_matches, contains_q, words_of


class _Texts(Func):
    """Columns of different types as one, so that rows of different tables fit into one statement."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(CharField())


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What one ledger has: newest first."""

    label: str
    hits: list[Hit]


def find(user: Any, term: str, limit: int) -> list[Found]:
    """The newest rows of every ledger that hold each word of a term; nothing for an empty term."""
    words = words_of(term)
    asked = [(source, branches) for source in searches() if words and (branches := source.branches(user))]
    if not asked:
        return []
    conditions = _conditions([source for source, _ in asked], [branches[0].model for _, branches in asked], words, user)
    arms = [
        _arm(place, source, branch.filter(condition), limit)
        for place, ((source, branches), condition) in enumerate(zip(asked, conditions, strict=True))
        for branch in branches
    ]
    rows: list[dict[int, tuple[Any, Any]]] = [{} for _ in asked]
    for place, pk, when, texts in arms[0].union(*arms[1:], all=True) if arms[1:] else arms[0]:
        source, branches = asked[place]
        rows[place][pk] = (when, _record(branches[0].model, source.columns, pk, texts))
    found = []
    for (source, _), mine in zip(asked, rows, strict=True):
        newest = sorted(mine.items(), key=lambda item: (str(item[1][0] or ""), item[0]), reverse=True)[:limit]
        found.append(Found(source.label, [source.hit(record) for _, (_, record) in newest]))
    return [one for one in found if one.hits]


def _conditions(
    sources: Sequence[SearchSource], tables: Sequence[type[models.Model]], words: list[str], user: Any
) -> list[Q]:
    """For each ledger the rows with the words: named one by one where they are few, else looked for from the newest on."""
    contain = [contains_q(words, source.text) for source in sources]
    pairs = [word for word in words if len(word) > 1]
    if not pairs:
        return contain
    few = {
        f"hits_{place}": ArraySubquery(
            bigram_matches(table, pairs, source.text).filter(contains).values("pk")[: LISTED_HITS + 1]
        )
        for place, (source, table, contains) in enumerate(zip(sources, tables, contain, strict=True))
    }
    # One row to hang the answers on.
    answers: Any = get_user_model()._default_manager.filter(pk=user.pk).values(**few).get()
    return [
        Q(pk__in=hits) if len(hits := answers[f"hits_{place}"]) <= LISTED_HITS else contains
        for place, contains in enumerate(contain)
    ]


def _arm(place: int, source: SearchSource, rows: QuerySet, limit: int) -> QuerySet:
    texts = _Texts(*(Cast(column, CharField()) for column in source.columns))
    return (
        rows.order_by(f"-{source.field}", "-pk")
        .annotate(
            finding_place=Value(place, output_field=IntegerField()),
            finding_day=Cast(Value(None) if source.field == "pk" else F(source.field), DateField()),
            finding_texts=texts,
        )
        .values_list("finding_place", "pk", "finding_day", "finding_texts")[:limit]
    )


def _record(table: type[models.Model], columns: Sequence[str], pk: int, texts: Sequence[str | None]) -> Any:
    """The row as a record that knows its key and these columns only."""
    fields = table._meta.concrete_fields
    values = {field.attname: pk for field in fields if field.primary_key}
    for name, text in zip(columns, texts, strict=True):
        field: Any = table._meta.get_field(name)
        values[field.attname] = _value(field, text)
    known = [field.attname for field in fields if field.attname in values]  # in the order of the table
    return table.from_db(DEFAULT_DB_ALIAS, known, [values[name] for name in known])


def _value(field: Any, text: str | None) -> Any:
    if isinstance(field, models.BooleanField) and text is not None:
        return text == "true"
    return field.to_python(text)
