"""The report desk's place in the menu."""

from emergency.core.panels import MenuEntry, register
from emergency.organizations.scope import holds
from reports.services import DRAFTERS, READERS

register(
    MenuEntry("统计报表", "文书", "reports:list", lambda user: holds(user, READERS), icon="report", order=20),
    MenuEntry("统计报表", "起草文书", "reports:new", lambda user: holds(user, DRAFTERS), icon="document", order=30),
)
