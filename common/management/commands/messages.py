"""Extract, fill, check and compile the translations: `./run manage messages [extract|missing|merge|check|compile]`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import catalogues

WORDS = ("extract", "missing", "merge", "check", "compile")


class Command(BaseCommand):
    help = "Extracts the project's texts, merges translations, checks and compiles the catalogues, all with Babel."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=WORDS, help="without a word: extract, then compile")
        parser.add_argument("file", nargs="?", help="for merge: a JSON file of {text: translation}")
        parser.add_argument("--language", default="ko", help="for missing and merge (ko)")
        parser.add_argument("--check", action="store_const", const="check", dest="what_else")
        parser.add_argument("--compile", action="store_const", const="compile", dest="what_else")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"] or options["what_else"]
        for word in [what] if what else ["extract", "compile"]:
            getattr(self, f"_{word}")(options)

    def _extract(self, options: dict[str, Any]) -> None:
        found = catalogues.extracted()
        for language in catalogues.languages():
            changed = "changed" if catalogues.write(language, found) else "unchanged"
            lacking = len(catalogues.missing(language))
            self.stdout.write(f"{language}: {len(found)} messages, {changed}, {lacking} without a translation.")

    def _missing(self, options: dict[str, Any]) -> None:
        lacking = {
            catalogues.named(catalogues.key_of(message)): "" if isinstance(message.id, str) else [""]
            for message in catalogues.missing(options["language"])
        }
        self.stdout.write(json.dumps(lacking, ensure_ascii=False, indent=1))

    def _merge(self, options: dict[str, Any]) -> None:
        try:
            given = json.loads(Path(options["file"] or "").read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise CommandError(f"merge needs a JSON file of translations: {problem}") from problem
        refused = catalogues.merge(options["language"], given)
        self.stdout.write(f"{len(given) - len(refused)} of {len(given)} translations taken over.")
        if refused:
            raise CommandError("\n".join(["Refused:", *refused]))

    def _check(self, options: dict[str, Any]) -> None:
        told = catalogues.problems(catalogues.extracted())
        if told:
            raise CommandError("\n".join([*told[:50], f"{len(told)} problems in the catalogues."]))
        self.stdout.write("The catalogues are complete.")

    def _compile(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{catalogues.compile_all()} translations compiled.")
