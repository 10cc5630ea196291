from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "emergency.figures"
    label = "figures"
    verbose_name = "指标"

    def ready(self) -> None:
        from emergency.figures import vocabulary

        vocabulary.discover()
