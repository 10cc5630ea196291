"""The figures' place in the menu."""

from emergency.core.panels import MenuEntry, register
from emergency.figures.queries.readers import home_of
from emergency.figures.views import LedgerStartsView
from emergency.organizations.scope import holds

register(
    MenuEntry("统计报表", "指标", "figures:list", lambda user: home_of(user) is not None, icon="figure", order=10),
    MenuEntry(
        "统计报表",
        "台账启用日期",
        "figures:starts",
        lambda user: holds(user, LedgerStartsView.roles),
        icon="calendar",
        order=90,
    ),
)
