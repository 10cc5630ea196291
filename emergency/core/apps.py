from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "emergency.core"
    label = "core"
    verbose_name = "公共基础"

    def ready(self) -> None:
        from emergency.core import checks  # noqa: F401  (registers the system checks)
