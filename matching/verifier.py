#!/usr/bin/env python3
"""Check a published match yourself.

    python verifier.py instance.json outcome.json

This one file needs Python 3.9 or later and nothing else. It does not run the match again and shares no line with the
programme that did. It reads who wanted what and who was placed where, and looks for anything that breaks the rule:

1. The outcome was made for this very instance file (its SHA-256 says so).
2. Every applicant is named once: with a lab, or without a place.
3. Nobody is placed at a lab that she did not rank, or that did not rank her.
4. No lab has more holders than seats, no institute more than its cap.
5. No applicant and lab block: she prefers the lab to her place, the lab ranks her, and choosing by the rule among its
   present holders and her, it would take her. A couple and two labs (or one) block in the same way: the couple, which
   ranks pairs, prefers the pair, and without its present places both labs would take it.

How a lab chooses. Its list is made of tie classes, best first; inside a class the lower lottery number goes first,
which is sha256(seed + line feed + applicant id) in hexadecimal. With "open_first" the open seats go by rank to anyone,
then each reserve's seats, in the order listed, to the best-ranked members of its group. With "reserved_first" the
reserves come first. Seats still empty then go by rank to anyone.

Under an institute's cap every lab first fills its target in that way. Then, in the institute's order, lab after lab
takes one more by rank, round after round, while it has seats and the institute is under its cap. Somebody who already
holds a seat in the same institute still counts there when another lab of it considers her.

Exit code 0: nothing is wrong. 1: each violation is on a line. 2: a file cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Queues = dict[str, list[str]]  # by lab, people best first


class Match:
    """The two files, in the shape in which the questions are easy to ask."""

    def __init__(self, instance: dict[str, Any], outcome: dict[str, Any]) -> None:
        self.applicants = by_id(instance, "applicants")
        self.labs = by_id(instance, "labs")
        self.institutes = by_id(instance, "institutes")
        self.couples = instance.get("couples", [])
        self.paired = {name for couple in self.couples for name in couple["applicants"]}
        self.groups = {name: set(one.get("groups", [])) for name, one in self.applicants.items()}
        self.rank = {name: ranks_of(lab, instance["seed"]) for name, lab in self.labs.items()}
        self.pairs = sorted((applicant, lab) for applicant, lab in outcome["matches"])
        self.without = sorted(outcome["unmatched"])


def by_id(instance: dict[str, Any], key: str) -> dict[str, Any]:
    found = {one["id"]: one for one in instance[key]}
    if len(found) < len(instance[key]):
        raise ValueError("an id is given twice among the " + key)
    return found


def ranks_of(lab: dict[str, Any], seed: str) -> dict[str, tuple[int, str]]:
    """Each ranked applicant's sort key at a lab: the number of the tie class, then the lottery number."""
    keys = {}
    for number, tied in enumerate(lab["ranks"]):
        for name in tied:
            keys[name] = (number, hashlib.sha256((seed + "\n" + name).encode("utf-8")).hexdigest())
    return keys


def origin(instance_bytes: bytes, outcome: dict[str, Any]) -> Iterator[str]:
    if outcome["instance"] != hashlib.sha256(instance_bytes.strip()).hexdigest():
        yield "the outcome was made for another instance: it names " + outcome["instance"]


def people(match: Match) -> Iterator[str]:
    times: dict[str, int] = {}
    for name in [applicant for applicant, _ in match.pairs] + match.without:
        times[name] = times.get(name, 0) + 1
    for name in sorted(times):
        if name not in match.applicants:
            yield f"applicant {name} is not in the instance"
    for lab in sorted({lab for _, lab in match.pairs}):
        if lab not in match.labs:
            yield f"lab {lab} is not in the instance"
    for name in sorted(match.applicants):
        if times.get(name, 0) != 1:
            yield f"applicant {name} is named {times.get(name, 0)} times in the outcome, not once"


def named(couple: dict[str, Any], pair: list[str | None]) -> tuple[str, str]:
    """A couple and its labs in words, in the order of its ids."""
    first, second = couple["applicants"]
    labs = ["no lab" if lab is None else f"lab {lab}" for lab in (pair if first < second else pair[::-1])]
    return "couple " + " and ".join(sorted((first, second))), " and ".join(labs)


def acceptance(match: Match) -> Iterator[str]:
    place = dict(match.pairs)
    for couple in match.couples:
        now = [place.get(name) for name in couple["applicants"]]
        if now not in [[None, None], *couple["ranks"]]:
            yield "{} is placed at {}, which the couple did not rank".format(*named(couple, now))
    for applicant, lab in match.pairs:
        if applicant not in match.paired and lab not in match.applicants[applicant]["ranks"]:
            yield f"applicant {applicant} is placed at lab {lab}, which the applicant did not rank"
        if applicant not in match.rank[lab]:
            yield f"applicant {applicant} is placed at lab {lab}, which did not rank the applicant"


def room(match: Match) -> Iterator[str]:
    held = {name: sum(lab == name for _, lab in match.pairs) for name in match.labs}
    for name in sorted(match.labs):
        if held[name] > match.labs[name]["seats"]:
            yield f"lab {name} has {held[name]} holders for {match.labs[name]['seats']} seats"
    for name in sorted(match.institutes):
        cap = match.institutes[name].get("cap")
        together = sum(held[lab["id"]] for lab in match.labs.values() if lab["institute"] == name)
        if cap is not None and together > cap:
            yield f"institute {name} has {together} holders under a cap of {cap}"


def seat(lab: dict[str, Any], how_many: int, queue: Sequence[str], groups: Mapping[str, set[str]]) -> list[str]:
    """Fill seat after seat from `queue` (best first), and return those left standing, best first."""
    reserved = [reserve["group"] for reserve in lab.get("reserves", []) for _ in range(reserve["seats"])]
    open_seats = [None] * (how_many - len(reserved))
    is_open_first = lab.get("reserve_order", "open_first") == "open_first"
    standing = list(queue)
    still_empty = 0
    for group in open_seats + reserved if is_open_first else reserved + open_seats:
        fits = next((name for name in standing if group is None or group in groups[name]), None)
        if fits is None:
            still_empty += 1
        else:
            standing.remove(fits)
    return standing[still_empty:]


def refused(match: Match, institute: dict[str, Any], queues: Queues, groups: Mapping[str, set[str]]) -> Queues:
    """Whom each lab does not choose from those who queue for it, best first; under a cap all its labs have queues."""
    if institute.get("cap") is None:
        return {name: seat(match.labs[name], match.labs[name]["seats"], queues[name], groups) for name in queues}
    standing = {name: seat(match.labs[name], match.labs[name]["target"], queues[name], groups) for name in queues}
    left = institute["cap"] - sum(len(queues[name]) - len(standing[name]) for name in queues)
    for _round in range(max(map(len, queues.values()), default=0)):
        for name in institute["order"]:
            seats_taken = len(queues[name]) - len(standing[name])
            if left > 0 and standing[name] and seats_taken < match.labs[name]["seats"]:
                standing[name].pop(0)
                left -= 1
    return standing


def takes(match: Match, lab: dict[str, Any], her: str, seated: Queues) -> bool:
    """Whether a lab that holds `seated[lab]` would take her too; `seated` has every lab's holders, best first."""
    institute = match.institutes[lab["institute"]]
    newcomer = "\n"  # is no id, and not the same as `her`, who may hold a seat in another lab of the institute
    groups = ChainMap({newcomer: match.groups[her]}, match.groups)
    key = match.rank[lab["id"]]
    queue = sorted([*seated[lab["id"]], newcomer], key=lambda who: key[her if who == newcomer else who])
    names = [lab["id"]] if institute.get("cap") is None else institute["order"]
    queues = {name: queue if name == lab["id"] else seated[name] for name in names}
    return newcomer not in refused(match, institute, queues, groups)[lab["id"]]


def couple_blocks(match: Match, couple: dict[str, Any], seated: Queues) -> Iterator[str]:
    place, (first, second) = dict(match.pairs), couple["applicants"]
    now, ranks = [place.get(first), place.get(second)], couple["ranks"]
    for pair in ranks[: ranks.index(now)] if now in ranks else ranks:
        wishes = [(who, lab) for who, lab in ((first, pair[0]), (second, pair[1])) if lab is not None]
        if any(who not in match.rank[lab] for who, lab in wishes):
            continue
        standing: Queues = {}
        for home in {match.labs[lab]["institute"] for _, lab in wishes}:
            queues: Queues = {name: [] for name, lab in match.labs.items() if lab["institute"] == home}
            for name in queues:
                queue = [who for who in seated[name] if who not in (first, second)]
                queue += [who for who, lab in wishes if lab == name]
                queues[name] = sorted(queue, key=match.rank[name].__getitem__)
            standing.update(refused(match, match.institutes[home], queues, match.groups))
        if not any(who in standing[lab] for who, lab in wishes):
            yield "{} and {} block: all would gain by places there".format(*named(couple, pair))


def blocking_pairs(match: Match) -> Iterator[str]:
    place = dict(match.pairs)
    wishes: dict[str, list[str]] = {name: [] for name in match.labs}
    for name, applicant in match.applicants.items():
        ranks = applicant["ranks"]
        for lab in ranks[: ranks.index(place[name])] if place.get(name) in ranks else ranks:
            if name in match.rank[lab]:
                wishes[lab].append(name)
    seated: dict[str, list[str]] = {name: [] for name in match.labs}
    for name, lab in match.pairs:
        seated[lab].append(name)
    for lab, holders in seated.items():
        holders.sort(key=match.rank[lab].__getitem__)
    for name, lab in match.labs.items():
        yield from refused_wrongly(match, lab, sorted(wishes[name], key=match.rank[name].__getitem__), seated)
    for couple in match.couples:
        yield from couple_blocks(match, couple, seated)


def refused_wrongly(match: Match, lab: dict[str, Any], wishing: list[str], seated: Queues) -> Iterator[str]:
    """Among those who wish for a lab, best first: whom it would take.

    Once one is refused rightly, so are all behind her who belong to the same of the lab's reserved groups.
    """
    reserved = {reserve["group"] for reserve in lab.get("reserves", [])}
    passed_over: set[frozenset[str]] = set()
    for name in wishing:
        kind = frozenset(match.groups[name] & reserved)
        if kind in passed_over:
            continue
        if takes(match, lab, name, seated):
            yield f"applicant {name} and lab {lab['id']} block: both would gain by a place there"
        else:
            passed_over.add(kind)


def violations(instance_bytes: bytes, outcome_bytes: bytes) -> list[str]:
    """Everything that is wrong, a sentence each. Later checks need what earlier ones establish."""
    instance, outcome = json.loads(instance_bytes), json.loads(outcome_bytes)
    if instance["format"] != "innocore-match-instance/1" or outcome["format"] != "innocore-match-outcome/1":
        raise ValueError("these are not the formats that this file knows")
    match = Match(instance, outcome)
    found = list(origin(instance_bytes, outcome))
    broken = list(people(match)) or list(acceptance(match)) + list(room(match))
    return found + (broken or sorted(blocking_pairs(match)))


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python verifier.py instance.json outcome.json", file=sys.stderr)
        return 2
    try:
        found = violations(Path(arguments[0]).read_bytes(), Path(arguments[1]).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"these files cannot be checked: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for line in found or ["nothing is wrong: this outcome keeps the rule"]:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
