from django.apps import AppConfig


class SuppliesConfig(AppConfig):
    name = "supplies"
    label = "supplies"
    verbose_name = "物资保障"
