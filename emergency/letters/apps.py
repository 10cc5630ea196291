from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "emergency.letters"
    label = "letters"
    verbose_name = "督办文书"
