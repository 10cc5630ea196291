from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    name = "emergency.enterprises"
    label = "enterprises"
    verbose_name = "监管对象"
