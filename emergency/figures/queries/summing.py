"""All figures of one ledger for one month in one statement: per unit of every tier, in total and by each single breakdown.

The records and the conditions are those of a live answer (``Counted.condition``); Django writes them, and this module wraps what it
wrote: each record is spread over the spots that it counts in (all · district · street · community × total · each breakdown), the
spots are summed, and each sum becomes a row of ``MonthlyFigure``. No unit is asked for by itself.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Aggregate, Case, CharField, Count, F, OuterRef, Sum, When
from django.db.models import Value as Literal
from django.db.models.functions import Cast, Coalesce, NullIf

from emergency.core.periods import Period, month_end, month_of
from emergency.figures.queries.conditions import NONE, OWN, is_relation
from emergency.figures.vocabulary import Counted, Dimension, DistinctFigure, Source, every

UNNAMED = "#unnamed"

#: The breakdowns by unit are kept by the column that names the unit: a root's districts and streets, a district's streets, a street's
#: communities. They come in this order from above, so a tier has those that follow it.
UNITS = ("district", "street", "area")
LOWEST = "community"
#: A cell (what lies in one street, in one row of one breakdown) counts for each tier above. All records and a district have every
#: breakdown, a street its total and its communities, a community its total: for anything else their records are few enough to be
#: asked live by their own index, and keeping it would take ten times the room of the records.
_TIERS = f"""
    ('', NULL::bigint, c.dimension, c.key, c.dimension <> 'area'),
    ('district', c.at_district, c.dimension, c.key, c.at_district IS NOT NULL AND c.dimension NOT IN ('district', 'area')),
    ('street', c.at_street, c.dimension, c.key, c.at_street IS NOT NULL AND c.dimension IN ('', 'area')),
    ('{LOWEST}', CASE WHEN c.dimension = 'area' AND c.key NOT IN ('{OWN}', '{NONE}') THEN c.key::bigint END, '', '',
     c.dimension = 'area' AND c.key NOT IN ('{OWN}', '{NONE}'))"""


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One number of a row: which figure's, over which records, and how SQL sums it."""

    code: str
    month: Aggregate
    year: Aggregate


def figures_of(source: Source) -> list[Counted]:
    """What the roll-up keeps of a ledger."""
    return [one for one in every() if isinstance(one, Counted) and one.source.code == source.code and one.kept]


def declared(source: Source) -> str:
    """A digest of all that the ledger's figures mean now: what the roll-up kept under another digest is not read any more."""
    return _template(source, figures_of(source)).digest


def monthly_sums(
    source: Source, figures: Sequence[Counted], month: dt.date, families: Sequence[tuple[int, int]] = ()
) -> tuple[str, list[Any]]:
    """SQL and parameters of the rows (tier, organisation, dimension, key, figure, value, cumulative) of a month.

    ``families`` are the pairs (tag, tag within it) of :func:`tag_families`.
    """
    template = _template(source, figures)
    text, params = (template.text, template.params) if template.serves_all else _written(source, figures, month)
    values = _days(month) | {Gap.TAGS: [tag for tag, _ in families], Gap.WITHIN: [member for _, member in families]}
    return text, [values[one] if isinstance(one, Gap) else one for one in params]


class Gap(enum.Enum):
    """A parameter that is another one each time."""

    START, END, NEW_YEAR, TAGS, WITHIN = range(5)


def _days(month: dt.date) -> dict[Gap, Any]:
    return {Gap.START: month, Gap.END: month_end(month), Gap.NEW_YEAR: month.replace(month=1)}


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """The statement of a ledger with gaps for the days of the month; ``serves_all`` is False where a figure asks for other days too,
    and the statement has to be written for each month."""

    figures: Sequence[Counted]
    text: str
    params: tuple[Any, ...]
    serves_all: bool
    digest: str


_templates: dict[tuple[str, tuple[str, ...]], Template] = {}


def _template(source: Source, figures: Sequence[Counted]) -> Template:
    """Written once in a process: Django takes longer to write a statement of sixty conditions than PostgreSQL to answer it."""
    key = (source.code, tuple(figure.code for figure in figures))
    known = _templates.get(key)
    if known is None or known.figures != figures:
        known = _templates[key] = _template_make(source, figures)
    return known


def _template_make(source: Source, figures: Sequence[Counted]) -> Template:
    """Two months are written: what is a day of the month in both is a gap, all else must be the same."""
    months = (dt.date(2001, 3, 1), dt.date(2002, 6, 1))
    (text, first), (other, second) = (_written(source, figures, month) for month in months)
    names = [{day: gap for gap, day in _days(month).items()} for month in months]
    params = [
        names[0][one] if isinstance(one, dt.date) and one in names[0] and names[0][one] == names[1].get(two) else one
        for one, two in zip(first, second, strict=False)
    ]
    fixed = [(one, two) for one, two, kept in zip(first, second, params, strict=False) if one is kept]
    serves_all = text == other and len(first) == len(second) and all(one == two for one, two in fixed)
    # Sorted, because a set in a condition comes in another order in every process.
    digest = hashlib.sha256("\n".join([text, *sorted(map(repr, params))]).encode()).hexdigest()
    return Template(list(figures), text, tuple(params), serves_all, digest)


def _written(source: Source, figures: Sequence[Counted], month: dt.date) -> tuple[str, list[Any]]:
    parts = list(_parts(figures, month))
    texts: list[str] = []
    params: list[Any] = []
    # Different subjects have to be sorted to be counted: apart, so that the sums need not be.
    for apart in (False, True):
        group = [one for one in parts if is_distinct(one.month) is apart]
        if group:
            text, values = _sums(source, group)
            texts.append(text)
            params += values
    return "\nUNION ALL\n".join(texts), params


def tag_families(source: Source) -> list[tuple[int, int]]:
    """For each tag of the source those whose records it counts too (a campaign and its children)."""
    tags = _tags(source)
    if tags is None:
        return []
    field: Any = source.records().model._meta.get_field(tags.column)
    model = field.related_model
    inside = ArraySubquery(model.objects.with_children_of(OuterRef("pk")).order_by().values("pk"))
    rows = model.objects.order_by("pk").values_list("pk", inside)
    return [(tag, member) for tag, members in rows for member in sorted(members)]


def _tags(source: Source) -> Dimension | None:
    return next((one for one in source.dimensions if one.overlap), None)


def _parts(figures: Iterable[Counted], month: dt.date) -> Iterable[Part]:
    this = month_of(month)
    year = Period(month.replace(month=1), month_end(month))
    for figure in figures:
        yield Part(figure.code, figure.summed(figure.condition(this)), figure.summed(figure.condition(year)))
        if isinstance(figure, DistinctFigure):
            rest = [Counted.summed(figure, figure.unnamed_condition(period)) for period in (this, year)]
            yield Part(f"{figure.code}{UNNAMED}", *rest)


def _sums(source: Source, parts: Sequence[Part]) -> tuple[str, list[Any]]:
    """Two steps: cells of what lies in the same street, then the tiers above as sums of cells.

    Of different subjects a cell keeps each one, so that a unit above counts whom two of its streets share once.
    """
    base, params = _base(source, parts)
    spots, more = _spots(source)
    names = [f"{letter}{index}" for index in range(len(parts)) for letter in "mc"]
    totals = [total for part in parts for total in (part.month, part.year)]
    called = [_call(total) for total in totals]
    if is_distinct(parts[0].month):
        cells = f"SELECT DISTINCT r.at_district, r.at_street, s.dimension, s.key, {_list('r.{}', names)}"
        grouped, sums = "", [f"NULLIF({one}, 0)" for one in called]
    else:
        each = ", ".join(f"{one.format(f'r.{name}')} AS {name}" for one, name in zip(called, names, strict=True))
        cells = f"SELECT r.at_district, r.at_street, s.dimension, s.key, {each}"
        grouped, sums = "GROUP BY r.at_district, r.at_street, s.dimension, s.key", ["sum({})"] * len(names)
    summed = ", ".join(f"{one.format(f'c.{name}')} AS {name}" for one, name in zip(sums, names, strict=True))
    rows = ", ".join(f"(%s, g.m{index}::numeric, g.c{index}::numeric)" for index in range(len(parts)))
    text = f"""
        SELECT g.tier, g.organisation, g.dimension, g.key, f.figure, f.value, f.cumulative
        FROM (
            SELECT t.tier, t.organisation, t.dimension, t.key, {summed}
            FROM ({cells} FROM ({base}) AS r CROSS JOIN LATERAL ({spots}) AS s {grouped}) AS c
            CROSS JOIN LATERAL (VALUES {_TIERS}) AS t(tier, organisation, dimension, key, counts)
            WHERE t.counts GROUP BY t.tier, t.organisation, t.dimension, t.key
        ) AS g CROSS JOIN LATERAL (VALUES {rows}) AS f(figure, value, cumulative)
        WHERE f.value IS NOT NULL OR f.cumulative IS NOT NULL"""
    return text, [*params, *more, *(part.code for part in parts)]


def is_distinct(total: Aggregate) -> bool:
    return bool(getattr(total, "distinct", False))


def _list(form: str, names: Sequence[str]) -> str:
    return ", ".join(form.format(name) for name in names)


def _call(total: Aggregate) -> str:
    """How contributions are summed; NULL, and no row, where nothing counts."""
    if isinstance(total, Count):
        return "count(DISTINCT {})" if is_distinct(total) else "NULLIF(count({}), 0)"
    if not isinstance(total, Sum):
        raise TypeError(f"the roll-up cannot sum by {type(total).__name__}")
    return "sum({})"


def _base(source: Source, parts: Sequence[Part]) -> tuple[str, tuple[Any, ...]]:
    """The records that count at all, each with its places, its keys and what it gives to each number (else NULL)."""
    columns: dict[str, Any] = {"at_record": F("pk"), "at_district": F("district_id"), "at_street": F("street_id")}
    for column in UNITS:
        columns[f"unit_{column}"] = _unit_key(column)
    for index, dimension in enumerate(_plain(source)):
        columns[f"by_{index}"] = _key(source, dimension)
    for index, part in enumerate(parts):
        for letter, total in (("m", part.month), ("c", part.year)):
            columns[f"{letter}{index}"] = Case(When(_filter(total), then=total.source_expressions[0]))
    # What counts in the month counts from January to its end, so the wider conditions find both.
    rows = source.records().filter(reduce(or_, [_filter(part.year) for part in parts])).order_by().values(**columns)
    text, params = rows.query.sql_with_params()
    return text, params


def _filter(total: Aggregate) -> Any:
    return total.filter


def _plain(source: Source) -> list[Dimension]:
    return [one for one in source.dimensions if one.code != "unit" and not one.overlap]


def _unit_key(column: str) -> Any:
    """The row of a breakdown by unit, as it lies: 区本级 where the record lies in no unit below, 未填 where nobody said."""
    cases = [When(area=F("street"), then=Literal(OWN))] if column == "area" else []
    return Case(
        *cases,
        When(**{f"{column}__isnull": False}, then=Cast(f"{column}_id", CharField())),
        When(area__isnull=False, then=Literal(OWN)),
        default=Literal(NONE),
        output_field=CharField(),
    )


def _key(source: Source, dimension: Dimension) -> Any:
    if is_relation(source, dimension):
        return Coalesce(Cast(F(f"{dimension.column}_id"), CharField()), Literal(NONE))
    return Coalesce(NullIf(Cast(F(dimension.column), CharField()), Literal("")), Literal(NONE))


def _spots(source: Source) -> tuple[str, list[Any]]:
    """Where one record ``r`` counts within its street: a row (dimension, key) for each."""
    rows = ["('', '')", *(f"('{column}', r.unit_{column})" for column in UNITS)]
    params: list[Any] = []
    for index, dimension in enumerate(_plain(source)):
        rows.append(f"(%s, r.by_{index})")
        params.append(dimension.code)
    spots = f"VALUES {', '.join(rows)}"
    tags = _tags(source)
    if tags is None:
        return f"SELECT * FROM ({spots}) AS v(dimension, key)", params
    field: Any = source.records().model._meta.get_field(tags.column)
    through = field.remote_field.through
    record, tag = (
        through._meta.get_field(name).column for name in (field.m2m_field_name(), field.m2m_reverse_field_name())
    )
    tagged = (
        f"SELECT %s, COALESCE(k.parent::text, '{NONE}') FROM (VALUES (1)) AS one LEFT JOIN ("
        f"SELECT DISTINCT kin.parent FROM {through._meta.db_table} AS t "
        f"JOIN unnest(%s::bigint[], %s::bigint[]) AS kin(parent, member) ON kin.member = t.{tag} "
        f"WHERE t.{record} = r.at_record) AS k ON true"
    )
    params += [tags.code, Gap.TAGS, Gap.WITHIN]
    return f"SELECT * FROM ({spots}) AS v(dimension, key) UNION ALL {tagged}", params
