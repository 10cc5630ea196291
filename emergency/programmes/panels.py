"""The places of campaigns and problems in the menu, and of campaigns in the search."""

from __future__ import annotations

from django.urls import reverse

from emergency.core.panels import Hit, MenuEntry, SearchSource, register
from emergency.organizations.scope import reach
from emergency.programmes.models import Programme

register(
    SearchSource(
        "programmes",
        "专项行动",
        lambda user: Programme.objects.campaigns().visible_branches(user),
        "start",
        ("name", "start"),
        lambda one: Hit(one.name, reverse("programmes:detail", args=[one.pk]), f"{one.start}起"),
        order=60,
        text="name",
    ),
    MenuEntry(
        "规划任务", "专项行动", "programmes:list", lambda user: bool(reach(user).posts), icon="programme", order=10
    ),
    MenuEntry(
        "规划任务", "问题与建议", "programmes:problem_list", lambda user: bool(reach(user).posts), icon="info", order=20
    ),
)
