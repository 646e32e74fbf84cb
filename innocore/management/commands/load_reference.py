"""Load the reference data that comes with the application."""

from typing import Any

from django.core.management.base import BaseCommand

from innocore.reference import load_reference


class Command(BaseCommand):
    help = "Loads programme, labs, channels, sessions, consent texts, claim categories and rates; twice is once."

    def handle(self, *args: Any, **options: Any) -> None:
        load_reference()
