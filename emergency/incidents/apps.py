from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "emergency.incidents"
    label = "incidents"
    verbose_name = "事故灾情"
