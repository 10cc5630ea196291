"""Search for any part of a Chinese text.

Chinese words are mostly two characters long, in which pg_trgm finds no trigram. So a table keeps the text to search
in a generated column ``search_text`` (:class:`SearchText`) and an index on its pairs of neighbouring characters
(:func:`bigram_index`), and :func:`search` asks the index first. Text and term are folded alike: full-width signs become
half-width ones (NFKC), capitals small.
"""

from __future__ import annotations

import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, Func, Q, Value
from django.db.models.functions import Coalesce, Lower

#: Where this share of the newest rows has the term, it is common, and a walk from the newest row meets a page of hits
#: soon.
SAMPLE_ROWS, SAMPLE_HITS = 5_000, 50

#: Rows that the index may bring before the term counts as common after all.
PROBE_ROWS = 10_001

#: Up to so many hits are named one by one, so that the database sorts them instead of walking the whole table for
#: them.
LISTED_HITS = 2_000

QS = TypeVar("QS", bound=models.QuerySet)


class SearchText(Func):
    """The value of a generated column: the named text columns, joined by spaces and folded. Immutable, so it can be stored."""

    template = "LOWER(NORMALIZE(%(expressions)s, NFKC))"
    arg_joiner = " || ' ' || "

    def __init__(self, *columns: Any) -> None:
        super().__init__(*(Coalesce(column, Value("")) for column in columns), output_field=models.TextField())


class Bigrams(Func):
    """The set of neighbouring pairs of characters of a text, spaces left out; the function is in ``triggers.py``."""

    function = "core_bigrams"
    arity = 1
    output_field = ArrayField(models.TextField())


def bigram_index(name: str, field: str = "search_text") -> GinIndex:
    """The index that :func:`search` asks, for ``Meta.indexes``."""
    return GinIndex(Bigrams(field), name=name)


def words_of(term: str) -> list[str]:
    """The words of a search term, width folded, each once."""
    return list(dict.fromkeys(unicodedata.normalize("NFKC", term.replace("\0", "")).split()))


def search_q(model: type[models.Model], term: str, *, field: str = "search_text") -> Q:
    """The condition “``field`` contains every word of ``term``”; empty for an empty term.

    Asks the database once when called (the probe), so call it where the list is built, not where a filter is declared.
    """
    words = words_of(term)
    if not words:
        return Q()
    contains = contains_q(words, field)
    pairs = [word for word in words if len(word) > 1]
    if pairs:
        hits = _few_hits(model, pairs, contains, field)
        if hits is not None:
            return Q(pk__in=hits)
    return contains


def contains_q(words: list[str], field: str = "search_text") -> Q:
    """The same condition without the index: each word somewhere in ``field``."""
    contains = Q()
    for word in words:
        contains &= Q(**{f"{field}__contains": Lower(Value(word))})
    return contains


def search(queryset: QS, term: str, *, field: str = "search_text") -> QS:
    """The rows whose ``field`` contains every word of ``term``; all rows for an empty term. Keeps the order."""
    return queryset.filter(search_q(queryset.model, term, field=field))


def bigram_matches(model: type[models.Model], words: list[str], field: str = "search_text") -> models.QuerySet:
    """Rows that have all pairs of characters of all words: every hit and few others. Answered from the index."""
    rows = model._base_manager.alias(_bigrams=Bigrams(field)).order_by()
    for word in words:
        rows = rows.filter(_bigrams__contains=Bigrams(Value(word)))
    return rows


def _few_hits(model: type[models.Model], words: list[str], contains: Q, field: str) -> list[int] | None:
    """The keys of all hits when they are rare enough for the index to find them at little cost, or else None."""
    newest = (
        model._base_manager.order_by("-pk")
        .values("pk", field)[:SAMPLE_ROWS]
        .aggregate(seen=Count("pk"), hits=Count("pk", filter=contains))
    )
    if newest["seen"] < SAMPLE_ROWS or newest["hits"] >= SAMPLE_HITS:
        return None
    probe = (
        bigram_matches(model, words, field)
        .values("pk", field)[:PROBE_ROWS]
        .aggregate(seen=Count("pk"), hits=ArrayAgg("pk", filter=contains, default=Value([])))
    )
    if probe["seen"] >= PROBE_ROWS or len(probe["hits"]) > LISTED_HITS:
        return None
    return probe["hits"]
