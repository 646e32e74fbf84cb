from django.apps import AppConfig


class FellowshipsConfig(AppConfig):
    name = "fellowships"
