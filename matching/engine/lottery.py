"""The one lottery that breaks ties, and each lab's list after it (rule 1: single tie-breaking)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from matching.engine.instance import Instance, Lab


def seed_of(secrets: Iterable[str]) -> str:
    """The seed that officers' secrets (and a public value, if any) make: the SHA-256 of them, one a line, in order.

    Lines are joined by one line feed, without one at the end. Refuses a secret that is not one line.
    """
    lines = list(secrets)
    if not lines or any(not line or "\n" in line or "\r" in line for line in lines):
        raise ValueError("a seed needs at least one secret, and each of them is one line that is not empty")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def number_of(seed: str, applicant: str) -> str:
    """Her lottery number: lower goes first. It hangs on her id alone, so applying again draws nothing new."""
    return hashlib.sha256(f"{seed}\n{applicant}".encode()).hexdigest()


def numbers(instance: Instance) -> dict[str, str]:
    return {person.id: number_of(instance.seed, person.id) for person in instance.applicants}


@dataclass(frozen=True)
class Standing:
    """A lab's list without ties: `order` best first, `position` counted from 0."""

    order: tuple[str, ...]
    position: dict[str, int]


def standing_of(order: Iterable[str]) -> Standing:
    """The standing on a list that has no ties."""
    listed = tuple(order)
    return Standing(listed, dict(zip(listed, range(len(listed)), strict=True)))


def standings(instance: Instance, drawn: dict[str, str] | None = None) -> dict[str, Standing]:
    """Each lab's standing by its id. `drawn` saves drawing the numbers again."""
    lot = _numbers_of_tied(instance) if drawn is None else drawn
    return {lab.id: standing_of(chain.from_iterable(_untied(lab, lot))) for lab in instance.labs}


def _numbers_of_tied(instance: Instance) -> dict[str, str]:
    tied = {name for lab in instance.labs for each in lab.ranks if len(each) > 1 for name in each}
    return {name: number_of(instance.seed, name) for name in tied}


def _untied(lab: Lab, lot: dict[str, str]) -> Iterable[Iterable[str]]:
    return (tied if len(tied) == 1 else sorted(tied, key=lot.__getitem__) for tied in lab.ranks)
