"""The first lines of the menu."""

from typing import Any

from emergency.core.panels import MenuEntry, register
from emergency.organizations.models import Tier
from emergency.organizations.scope import business_user, reach


def _oversees_towns(user: Any) -> bool:
    """Whether the reader's areas hold towns or are one."""
    return any(root.tier in (Tier.CITY, Tier.DISTRICT, Tier.STREET) for root in reach(user).roots)


register(
    MenuEntry("待办", "工作台", "home:index", business_user, icon="home", order=10),
    MenuEntry("待办", "我的待办", "home:todo", business_user, icon="todo", order=20, phone="待办"),
    MenuEntry("统计报表", "一镇一页", "home:towns", _oversees_towns, icon="place", order=15),
)
