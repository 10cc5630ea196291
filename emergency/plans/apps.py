from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "emergency.plans"
    label = "plans"
    verbose_name = "预案演练"
