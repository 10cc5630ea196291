"""The first lines of the menu."""

from emergency.core.panels import MenuEntry, register
from emergency.organizations.scope import business_user

register(
    MenuEntry("待办", "工作台", "home:index", business_user, icon="home", order=10),
    MenuEntry("待办", "我的待办", "home:todo", business_user, icon="todo", order=20, phone="待办"),
)
