from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "emergency.core"
    label = "core"
    verbose_name = "公共基础"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from emergency.core import checks  # noqa: F401  (registers the system checks)

        # What high apps bring to low pages: their panels, their Excel tables, their background work.
        autodiscover_modules("panels", "ledger", "tasks")
