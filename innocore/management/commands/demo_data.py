"""Load the demonstration programme; invented people only, never beside real data."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from innocore.demonstration.first_round import FULL, SMALL
from innocore.demonstration.programme import SEED, is_loaded, load
from people.models import User


class Command(BaseCommand):
    help = "Loads the demonstration programme, unless it is there; refuses a database with other people in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--small", action="store_true", help="a small programme, for tests")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, other people")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Only a demonstration (DEMO=1) takes demonstration data.")
        if is_loaded():
            self.stdout.write("The demonstration is loaded already.")
            return
        if User.objects.exists():
            raise CommandError("There are people in this database: a demonstration begins with an empty one.")
        began = time.monotonic()
        appointments = load(SMALL if options["small"] else FULL, options["seed"])
        self.stdout.write(f"Loaded: {len(appointments)} appointments, in {time.monotonic() - began:.0f} s.")
