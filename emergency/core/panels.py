"""What one app shows on somebody else's page: panels, to-do items, search results, menu entries.

A low page (an enterprise, home, the menu) must show what high apps know without importing them. The high app brings a ``panels.py``
that registers here; the module is found when the apps are ready. Every callable gets the reader and starts at ``visible_to``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules

from emergency.core.todo import Todo, TodoItem, TodoList, TodoRows, gather

__all__ = [
    "GROUPS",
    "Hit",
    "MenuEntry",
    "MenuGroup",
    "MenuItem",
    "Panel",
    "SearchSource",
    "Shown",
    "Todo",
    "TodoItem",
    "TodoList",
    "TodoRows",
    "discover",
    "menu",
    "menu_entries",
    "panels_for",
    "register",
    "searches",
    "todo_list",
    "todos",
]


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """A box on the page of a record. ``context`` returns None where the reader has nothing to see."""

    page: str  # "enterprises.enterprise"
    title: str
    template: str
    context: Callable[[Any, Any], dict[str, Any] | None]
    order: int = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    title: str
    url: str
    detail: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class SearchSource:
    """A ledger that the search over everything looks into; :func:`emergency.core.finding.find` asks them all at once.

    ``branches(user)`` gives what the reader may see, each branch ordered by an index on ``field`` and the key, newest first; ``hit``
    words a record that knows ``columns`` and its key, and nothing else.
    """

    name: str
    label: str
    branches: Callable[[Any], Sequence[QuerySet]]
    field: str
    columns: tuple[str, ...]
    hit: Callable[[Any], Hit]
    order: int = 100
    text: str = "search_text"


@dataclasses.dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the left navigation. ``allowed`` decides by role; ``phone`` also puts it into the bar at the foot of a phone."""

    group: str
    label: str
    url_name: str
    allowed: Callable[[Any], bool]
    icon: str = ""
    order: int = 100
    phone: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    url: str
    icon: str
    active: bool


@dataclasses.dataclass(frozen=True, slots=True)
class MenuGroup:
    label: str
    entries: list[MenuItem]


#: What people do, in the order of the wall (look.md); a group appears when the reader may open something in it.
GROUPS = (
    "待办",
    "监管对象",
    "检查执法",
    "隐患治理",
    "风险管控",
    "责任清单",
    "规划任务",
    "物资保障",
    "预案演练",
    "应急资源",
    "值班预警",
    "事故灾情",
    "工作纪实",
    "统计报表",
    "系统管理",
)

_panels: list[Panel] = []
_todos: dict[str, Todo | TodoRows] = {}
_searches: dict[str, SearchSource] = {}
_menu: dict[tuple[str, str], MenuEntry] = {}


def register(*parts: Panel | Todo | TodoRows | SearchSource | MenuEntry) -> None:
    """Add an app's parts. Registering the same part twice changes nothing."""
    for part in parts:
        if isinstance(part, Panel):
            if part not in _panels:
                _panels.append(part)
        elif isinstance(part, Todo | TodoRows):
            _todos[part.name] = part
        elif isinstance(part, SearchSource):
            _searches[part.name] = part
        else:
            _menu[part.group, part.label] = part


def discover() -> None:
    autodiscover_modules("panels")


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    title: str
    template: str
    context: dict[str, Any]


def panels_for(page: str, user: Any, record: Any) -> list[Shown]:
    """The boxes of a record's page that have something for this reader, in order."""
    shown = []
    for panel in sorted((one for one in _panels if one.page == page), key=lambda one: one.order):
        context = panel.context(user, record)
        if context is not None:
            shown.append(Shown(panel.title, panel.template, context))
    return shown


def todos() -> list[Todo | TodoRows]:
    return sorted(_todos.values(), key=lambda one: one.order)


def todo_list(user: Any, on: dt.date, limit: int = 50) -> TodoList:
    """What waits for a reader in all ledgers, the most urgent first."""
    return gather(todos(), user, on, limit)


def searches() -> list[SearchSource]:
    return sorted(_searches.values(), key=lambda one: one.order)


def menu_entries(user: Any) -> Iterable[MenuEntry]:
    rank = {name: index for index, name in enumerate(GROUPS)}
    entries = sorted(_menu.values(), key=lambda one: (rank.get(one.group, len(rank)), one.order))
    return [entry for entry in entries if entry.allowed(user)]


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``menu`` (groups) and ``phone_menu`` (the bar at the foot of a phone)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": [], "phone_menu": []}
    entries = list(menu_entries(user))
    urls = {entry: reverse(entry.url_name) for entry in entries}
    inside = [url for url in urls.values() if request.path.startswith(url)]
    here = max(inside, key=len, default="")
    groups: dict[str, list[MenuItem]] = {}
    for entry in entries:
        item = MenuItem(entry.label, urls[entry], entry.icon, urls[entry] == here)
        groups.setdefault(entry.group, []).append(item)
    phone = [MenuItem(entry.phone, urls[entry], entry.icon, urls[entry] == here) for entry in entries if entry.phone]
    return {"menu": [MenuGroup(label, items) for label, items in groups.items()], "phone_menu": phone}
