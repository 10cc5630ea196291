from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "emergency.programmes"
    label = "programmes"
    verbose_name = "规划与任务"
