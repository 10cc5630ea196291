from django.apps import AppConfig


class HazardsConfig(AppConfig):
    name = "hazards"
    label = "hazards"
    verbose_name = "隐患治理"

    def ready(self) -> None:
        from hazards import checks  # noqa: F401  (registers the system checks)
