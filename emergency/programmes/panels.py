"""The places of campaigns and problems in the menu, and of campaigns in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, SearchSource, register
from emergency.core.search import words_of
from emergency.organizations.scope import reach
from emergency.programmes.models import Programme


def _find(user: Any, words: str, limit: int) -> Sequence[Hit]:
    found = Programme.objects.campaigns().visible_to(user).select_related("owner")
    wanted = words_of(words)
    for word in wanted:
        found = found.filter(name__contains=word)
    return [
        Hit(one.name, reverse("programmes:detail", args=[one.pk]), str(one.owner)) for one in found[:limit] if wanted
    ]


register(
    SearchSource("programmes", "专项行动", _find, order=60),
    MenuEntry(
        "规划任务", "专项行动", "programmes:list", lambda user: bool(reach(user).posts), icon="programme", order=10
    ),
    MenuEntry(
        "规划任务", "问题与建议", "programmes:problem_list", lambda user: bool(reach(user).posts), icon="info", order=20
    ),
)
