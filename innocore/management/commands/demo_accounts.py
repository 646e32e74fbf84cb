"""Print who can sign in to the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand

from innocore.demonstration.cast import CAST, DOMAIN, PASSWORD


class Command(BaseCommand):
    help = "Print the sign-ins of the demonstration's cast."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"  Everybody signs in with the password  {PASSWORD}\n\n")
        for part in CAST:
            self.stdout.write(f"    {part.mailbox}@{DOMAIN:20} {part.words}")
