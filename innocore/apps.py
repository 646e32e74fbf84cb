from django.apps import AppConfig


class InnocoreConfig(AppConfig):
    name = "innocore"
