"""What a run found: who is placed where, in format innocore-match-outcome/1."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from matching.engine.reading import Malformed, canonical, fields, identifier, items, load, string

FORMAT: Final = "innocore-match-outcome/1"
ALGORITHM: Final = "innocore deferred acceptance, applicants propose, version 1"


@dataclass(frozen=True)
class Outcome:
    """Pairs (applicant, lab) and those without a place, both sorted; `instance` is the SHA-256 of the input."""

    instance: str
    algorithm: str
    matches: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]

    def canonical(self) -> str:
        """The one text of this outcome: what is published, and what its hash is taken of."""
        return canonical(
            {
                "format": FORMAT,
                "instance": self.instance,
                "algorithm": self.algorithm,
                "matches": self.matches,
                "unmatched": self.unmatched,
            }
        )

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def outcome_of(
    instance: str, matches: Iterable[tuple[str, str]], unmatched: Iterable[str], algorithm: str = ALGORITHM
) -> Outcome:
    """An outcome with its lists sorted, for the instance of that hash."""
    return Outcome(instance, algorithm, tuple(sorted(matches)), tuple(sorted(unmatched)))


def parse(text: str) -> Outcome:
    """The outcome that a JSON text stands for. Refuses a wrong form with `Malformed`.

    Ids are not checked against anything here: `stability.violations` tells what is wrong with a readable outcome.
    """
    body = fields(load(text), "$", ("format", "instance", "algorithm", "matches", "unmatched"))
    if body["format"] != FORMAT:
        raise Malformed("$.format", f"must be {FORMAT!r}")
    instance = string(body["instance"], "$.instance")
    if not re.fullmatch("[0-9a-f]{64}", instance):
        raise Malformed("$.instance", "must be a SHA-256: 64 hexadecimal digits in lower case")
    entries = enumerate(items(body["matches"], "$.matches"))
    matches = [_pair(entry, f"$.matches[{number}]") for number, entry in entries]
    left = enumerate(items(body["unmatched"], "$.unmatched"))
    unmatched = [identifier(entry, f"$.unmatched[{number}]") for number, entry in left]
    return outcome_of(instance, matches, unmatched, identifier(body["algorithm"], "$.algorithm"))


def _pair(value: object, place: str) -> tuple[str, str]:
    pair = items(value, place)
    if len(pair) != 2:
        raise Malformed(place, f"must be a pair of an applicant and a lab, and has {len(pair)} entries")
    return identifier(pair[0], f"{place}[0]"), identifier(pair[1], f"{place}[1]")
