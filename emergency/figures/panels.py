"""The figures' place in the menu."""

from emergency.core.panels import MenuEntry, register
from emergency.figures.views import LedgerStartsView
from emergency.organizations.scope import holds, reach

register(
    MenuEntry("统计报表", "指标", "figures:list", lambda user: bool(reach(user).posts), icon="figure", order=10),
    MenuEntry(
        "统计报表",
        "台账启用日期",
        "figures:starts",
        lambda user: holds(user, LedgerStartsView.roles),
        icon="calendar",
        order=90,
    ),
)
