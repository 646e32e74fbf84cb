"""Compare the books with themselves: entries balance, kept balances are the sums of their lines."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from funding.queries.books import faults


class Command(BaseCommand):
    help = "Checks the books; exit code 1 and the rows when something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = faults()
        for name, rows in found.items():
            self.stderr.write(f"{name}: {rows}")
        if found:
            raise CommandError("The books are not right.")
        self.stdout.write("The books are right.")
