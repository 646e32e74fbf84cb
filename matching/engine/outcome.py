"""What a run found: who is placed where, in format innocore-match-outcome/1."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from matching.engine.reading import Malformed, canonical, count, fields, identifier, items, load, string

FORMAT: Final = "innocore-match-outcome/1"
COUPLES: Final = "innocore deferred acceptance with couples, version 1"
ALGORITHM: Final = "innocore deferred acceptance, applicants propose, version 1"


@dataclass(frozen=True)
class Unstable:
    """No stable outcome was found: the couples over whom it went around in circles, and how many pairs block here."""

    couples: tuple[tuple[str, str], ...]
    blocking: int


@dataclass(frozen=True)
class Outcome:
    """Pairs (applicant, lab) and those without a place, both sorted; `instance` is the SHA-256 of the input.

    `unstable` marks what is only the best that was found; without couples there is no such thing, nor its key.
    """

    instance: str
    algorithm: str
    matches: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]
    unstable: Unstable | None = None

    def canonical(self) -> str:
        """The one text of this outcome: what is published, and what its hash is taken of."""
        marked = {} if self.unstable is None else {"unstable": vars(self.unstable)}
        return canonical(
            {
                **marked,
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
    body = fields(load(text), "$", ("format", "instance", "algorithm", "matches", "unmatched"), ("unstable",))
    if body["format"] != FORMAT:
        raise Malformed("$.format", f"must be {FORMAT!r}")
    instance = string(body["instance"], "$.instance")
    if not re.fullmatch("[0-9a-f]{64}", instance):
        raise Malformed("$.instance", "must be a SHA-256: 64 hexadecimal digits in lower case")
    entries = enumerate(items(body["matches"], "$.matches"))
    matches = [_pair(entry, f"$.matches[{number}]") for number, entry in entries]
    left = enumerate(items(body["unmatched"], "$.unmatched"))
    unmatched = [identifier(entry, f"$.unmatched[{number}]") for number, entry in left]
    found = outcome_of(instance, matches, unmatched, identifier(body["algorithm"], "$.algorithm"))
    return replace(found, unstable=_unstable(body["unstable"])) if "unstable" in body else found


def _unstable(value: object) -> Unstable:
    body = fields(value, "$.unstable", ("blocking", "couples"))
    entries = enumerate(items(body["couples"], "$.unstable.couples"))
    couples = [_pair(entry, f"$.unstable.couples[{number}]") for number, entry in entries]
    return Unstable(tuple(sorted(couples)), count(body["blocking"], "$.unstable.blocking"))


def _pair(value: object, place: str) -> tuple[str, str]:
    pair = items(value, place)
    if len(pair) != 2:
        raise Malformed(place, f"must be a pair, and has {len(pair)} entries")
    return identifier(pair[0], f"{place}[0]"), identifier(pair[1], f"{place}[1]")
