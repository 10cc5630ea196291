"""List pages: a declaration of columns, filters and order; the machinery is here once.

- Rows come from ``visible_branches(user)``: one index-ordered query per scope shape, united after each was cut to a page, because an
  OR under ORDER BY … LIMIT makes the database sort the whole table.
- Pages follow each other by key (``after``/``before``), so the ten-thousandth costs what the first costs.
- The count is exact to 10,000 and “1万+” beyond; it never counts the whole table.
- A list opened from a figure (``opened``) shows exactly the figure's records and their exact foot.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views import View

from emergency.core.search import search_q

PAGE_SIZE = 50
COUNT_LIMIT = 10_000
#: Parameters of the address that are not filters.
_OWN_PARAMS = ("after", "before", "sort")


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, perhaps a badge (``tone``), a link, a second small line."""

    text: str
    tone: str = ""
    url: str = ""
    small: str = ""
    title: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """``value`` makes the cell of a row; ``sort`` names the indexed, never empty field behind it; ``main`` heads the phone card."""

    key: str
    label: str
    value: Callable[[Any], Cell | str]
    align: str = "left"
    sort: str = ""
    main: bool = False
    wide_only: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class HeadCell:
    key: str
    label: str
    align: str
    sort_url: str = ""
    sorted: str = ""
    main: bool = False
    wide_only: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ListRow:
    pk: int
    url: str
    cells: list[Cell]


@dataclasses.dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: what would be here, and the next step."""

    text: str
    action_label: str = ""
    action_url: str = ""


class OpenedFigure(Protocol):
    """A figure whose records the list shows; see ``emergency.figures.queries.Opened``."""

    @property
    def title(self) -> str: ...
    def records(self) -> QuerySet: ...
    def foot(self, visible: QuerySet) -> dict[str, Any]: ...


@dataclasses.dataclass(slots=True)
class Page:
    """Everything ``core/list.html`` and its fragment show."""

    title: str
    filters: Any
    columns: list[HeadCell]
    rows: list[ListRow]
    count_text: str
    next_url: str
    prev_url: str
    query: str
    export_query: str
    foot: dict[str, Any] | None
    figure_title: str
    empty: Empty
    new_url: str = ""
    new_label: str = ""
    import_url: str = ""
    export_url: str = ""
    error: str = ""
    actions: list[dict[str, str]] = dataclasses.field(default_factory=list)


class ListView(View):
    """Subclass, declare, done. ``order`` is (date-like field, descending); the primary key breaks ties in the same direction."""

    title: str
    queryset: QuerySet
    filterset: Any
    columns: Sequence[Column]
    order: str = "-id"
    related: Sequence[str] = ()
    empty: Empty = Empty("这里还没有记录。")
    template = "core/list.html"
    fragment = "core/list_rows.html"

    # -- what an app may say --

    def row_url(self, row: Any) -> str:
        raise NotImplementedError(f"{type(self).__name__} must say where a row leads")

    def links(self, request: HttpRequest) -> dict[str, str]:
        """``new_url``, ``new_label``, ``import_url``, ``export_url`` as far as the reader may."""
        return {}

    def opened(self, request: HttpRequest) -> OpenedFigure | None:
        """The figure from which the list was opened; apps with figures return ``figures.queries.opened(request.GET)``."""
        return None

    def get_empty(self, request: HttpRequest) -> Empty:
        return self.empty

    # -- the machinery --

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        error = ""
        opened: OpenedFigure | None = None
        try:
            opened = self.opened(request)
        except ValidationError as fault:
            error = "；".join(fault.messages)
        page = self.page(request, opened, error)
        htmx: Any = getattr(request, "htmx", None)
        fragment = bool(htmx) and not htmx.boosted
        status = 400 if error else 200
        return render(request, self.fragment if fragment else self.template, {"page": page}, status=status)

    def narrowed(self, request: HttpRequest, opened: OpenedFigure | None = None) -> tuple[list[QuerySet], Any]:
        """The filtered rows as branches, and the filterset whose form the page shows. Shared by page and export."""
        filterset = self.filterset(request.GET, queryset=self.queryset.all(), request=request)
        valid = filterset.is_valid()
        condition = Q()
        if valid and (term := (request.GET.get("q") or "").strip()):
            condition = search_q(self.queryset.model, term)
        branches = []
        for branch in self.queryset.all().visible_branches(request.user):  # type: ignore[attr-defined]
            branch = branch.filter(condition)
            if valid:
                branch = filterset.filter_queryset(branch)
            if opened is not None:
                branch = branch.filter(pk__in=opened.records().values("pk"))
            branches.append(branch)
        return branches, filterset

    def page(self, request: HttpRequest, opened: OpenedFigure | None = None, error: str = "") -> Page:
        branches, filterset = self.narrowed(request, opened)
        if error:
            branches = []
        field, descending = self._order(request)
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        keys, more = self._keys(branches, field, descending, after, before)
        objects = self._fetch(keys)
        foot = None
        if opened is not None and not error:
            visible = self.queryset.all().visible_to(request.user).filter(pk__in=opened.records().values("pk"))  # type: ignore[attr-defined]
            foot = opened.foot(visible)
        query = _without(request.GET, _OWN_PARAMS)
        has_next, has_prev = (more, bool(after)) if not before else (True, more)
        return Page(
            title=self.title,
            filters=filterset,
            columns=self._heads(request, field, descending),
            rows=[
                ListRow(row.pk, self.row_url(row), [_cell(column, row) for column in self.columns]) for row in objects
            ],
            count_text=count_text(branches) if foot is None else "",
            next_url=_with(request.GET, {"after": _token(keys[-1])}) if keys and has_next else "",
            prev_url=_with(request.GET, {"before": _token(keys[0])}) if keys and has_prev else "",
            query=request.GET.urlencode(),
            export_query=query.urlencode(),
            foot=foot,
            figure_title=opened.title if opened is not None else "",
            empty=self.get_empty(request),
            error=error,
            **self.links(request),  # type: ignore[arg-type]
        )

    def _order(self, request: HttpRequest) -> tuple[str, bool]:
        wanted = request.GET.get("sort", "")
        allowed = {column.sort for column in self.columns if column.sort}
        name = wanted if wanted.lstrip("-") in allowed else self.order
        return name.lstrip("-"), name.startswith("-")

    def _keys(
        self, branches: list[QuerySet], field: str, descending: bool, after: str, before: str
    ) -> tuple[list[tuple[Any, int]], bool]:
        """(sort value, pk) of one page in order, and whether there are more in the direction walked."""
        backwards = bool(before)
        down = descending != backwards
        order = [f"-{field}", "-pk"] if down else [field, "pk"]
        found: dict[int, Any] = {}
        position = _read_token(self.queryset.model, field, before or after)
        cut: list[QuerySet] = []
        for branch in branches:
            rows = branch
            if position is not None:
                value, pk = position
                sign = "lt" if down else "gt"
                beyond = Q(pk__lt=pk) if down else Q(pk__gt=pk)
                # The first condition alone lets the index start at the right place; the second settles ties.
                rows = rows.filter(**{f"{field}__{sign}e": value}).filter(Q(**{f"{field}__{sign}": value}) | beyond)
            cut.append(rows.order_by(*order).values_list("pk", field)[: PAGE_SIZE + 1])
        if cut:
            found.update(cut[0].union(*cut[1:], all=True) if cut[1:] else cut[0])
        keys = sorted(((value, pk) for pk, value in found.items()), reverse=down)[: PAGE_SIZE + 1]
        more = len(keys) > PAGE_SIZE
        keys = keys[:PAGE_SIZE]
        return (keys[::-1] if backwards else keys), more

    def _fetch(self, keys: list[tuple[Any, int]]) -> list[Any]:
        rows = self.queryset.model._default_manager.select_related(*self.related).in_bulk([pk for _, pk in keys])
        return [rows[pk] for _, pk in keys if pk in rows]

    def _heads(self, request: HttpRequest, field: str, descending: bool) -> list[HeadCell]:
        heads = []
        for column in self.columns:
            sort_url = ""
            state = ""
            if column.sort:
                state = ("desc" if descending else "asc") if column.sort == field else ""
                target = column.sort if state == "desc" else f"-{column.sort}"
                sort_url = _with(_without(request.GET, _OWN_PARAMS), {"sort": target})
            heads.append(
                HeadCell(column.key, column.label, column.align, sort_url, state, column.main, column.wide_only)
            )
        return heads


def newest(branches: Sequence[QuerySet], field: str, limit: int) -> list[Any]:
    """The last ``limit`` records over all branches by a date-like field, newest first. One query."""
    cut = [branch.order_by(f"-{field}", "-pk")[:limit] for branch in branches]
    if not cut:
        return []
    found = {row.pk: row for row in (cut[0].union(*cut[1:], all=True) if cut[1:] else cut[0])}
    return sorted(found.values(), key=lambda row: (getattr(row, field), row.pk), reverse=True)[:limit]


def count_text(branches: Sequence[QuerySet]) -> str:
    """“共317条”, or “共1万+条” where there are more than 10,000."""
    cut = [branch.order_by().values("pk")[: COUNT_LIMIT + 1] for branch in branches]
    number = (cut[0].union(*cut[1:]) if cut[1:] else cut[0]).count() if cut else 0
    return f"共{number}条" if number <= COUNT_LIMIT else "共1万+条"


def _cell(column: Column, row: Any) -> Cell:
    value = column.value(row)
    return value if isinstance(value, Cell) else Cell(value)


def _token(key: tuple[Any, int]) -> str:
    value, pk = key
    return f"{value.isoformat() if isinstance(value, dt.date) else value}~{pk}"


def _read_token(model: Any, field: str, token: str) -> tuple[Any, int] | None:
    """A broken address starts the list from the beginning rather than failing."""
    value, _, pk = token.rpartition("~")
    if not pk.isdecimal():
        return None
    try:
        return model._meta.get_field("id" if field == "pk" else field).to_python(value), int(pk)
    except ValidationError:
        return None


def _without(params: QueryDict, names: Iterable[str]) -> QueryDict:
    copy = params.copy()
    for name in names:
        copy.pop(name, None)
    return copy


def _with(params: QueryDict, values: dict[str, str]) -> str:
    copy = _without(params, ("after", "before"))
    for name, value in values.items():
        copy[name] = value
    return f"?{copy.urlencode()}"


def query_string(params: dict[str, Any]) -> str:
    return f"?{urlencode({key: value for key, value in params.items() if value not in (None, '')})}"
