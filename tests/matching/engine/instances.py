"""Small instances for tests: written by hand, or drawn at random with ties, reserves and caps."""

import random
from typing import Any

from hypothesis import strategies as st

from matching.engine.instance import Instance, build

GROUPS = ["overseas", "woman"]
SEED = "5eed"

Ranks = dict[str, str]


def lab(name: str, ranks: str | list[list[str]], seats: int = 1, **more: Any) -> dict[str, Any]:
    """`ranks` is either "a b c", strict, or a list of tie classes."""
    classes = [[person] for person in ranks.split()] if isinstance(ranks, str) else ranks
    return {"id": name, "institute": "i", "seats": seats, "ranks": classes, **more}


def as_json(
    ranks: Ranks,
    labs: list[dict[str, Any]],
    *,
    groups: dict[str, str] | None = None,
    cap: int | None = None,
    seed: str = SEED,
) -> dict[str, Any]:
    """One institute `i` that holds all labs, in the order given; applicants' ranks and groups as "l1 l2"."""
    member = groups or {}
    return {
        "format": "innocore-match-instance/1",
        "seed": seed,
        "applicants": [
            {"id": name, "groups": member.get(name, "").split(), "ranks": listed.split()}
            for name, listed in ranks.items()
        ],
        "institutes": [{"id": "i", "cap": cap, "order": [each["id"] for each in labs]}],
        "labs": labs,
    }


def instance_of(ranks: Ranks, labs: list[dict[str, Any]], **more: Any) -> Instance:
    return build(as_json(ranks, labs, **more))


@st.composite
def documents(
    draw: st.DrawFn,
    applicants: int = 6,
    labs: int = 4,
    *,
    caps: bool = True,
    reserves: bool = True,
    ties: bool = True,
) -> dict[str, Any]:
    """A valid instance as JSON: up to so many applicants and labs in two institutes."""
    people = [f"a{number}" for number in range(draw(st.integers(1, applicants)))]
    names = [f"l{number}" for number in range(draw(st.integers(1, labs)))]
    homes = {name: draw(st.sampled_from(["i0", "i1"])) for name in names}
    found = [_lab(draw, name, homes[name], people, reserves=reserves, ties=ties) for name in names]
    return {
        "format": "innocore-match-instance/1",
        "seed": draw(st.sampled_from(["0", "1f", "abc"])),
        "applicants": [
            {"id": name, "groups": _some(draw, GROUPS) if reserves else [], "ranks": _some(draw, names)}
            for name in people
        ],
        "institutes": [
            _institute(draw, name, [each for each in found if each["institute"] == name], caps=caps)
            for name in ("i0", "i1")
        ],
        "labs": found,
    }


def _some(draw: st.DrawFn, of: list[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(of), unique=True, max_size=len(of)))


def _lab(
    draw: st.DrawFn, name: str, institute: str, people: list[str], *, reserves: bool, ties: bool
) -> dict[str, Any]:
    seats = draw(st.integers(0, 3))
    target = draw(st.integers(0, seats))
    left, reserved = target, []
    for group in draw(st.permutations(GROUPS)) if reserves else []:
        part = draw(st.integers(0, left))
        left -= part
        reserved.append({"group": group, "seats": part})
    return {
        "id": name,
        "institute": institute,
        "seats": seats,
        "target": target,
        "reserve_order": draw(st.sampled_from(["open_first", "reserved_first"])),
        "reserves": reserved,
        "ranks": _classes(draw, draw(st.permutations(people))[: draw(st.integers(0, len(people)))], ties=ties),
    }


def _classes(draw: st.DrawFn, listed: list[str], *, ties: bool) -> list[list[str]]:
    classes: list[list[str]] = []
    for person in listed:
        if ties and classes and draw(st.booleans()):
            classes[-1].append(person)
        else:
            classes.append([person])
    return classes


def _institute(draw: st.DrawFn, name: str, labs: list[dict[str, Any]], *, caps: bool) -> dict[str, Any]:
    targets = sum(each["target"] for each in labs)
    capacity = sum(each["seats"] for each in labs)
    cap = draw(st.none() | st.integers(targets, max(targets, capacity))) if caps else None
    return {"id": name, "cap": cap, "order": draw(st.permutations([each["id"] for each in labs]))}


def instances(*sizes: int, **switches: bool) -> st.SearchStrategy[Instance]:
    return documents(*sizes, **switches).map(build)


def dense(chance: random.Random) -> Instance:
    """Eight who want everything, three labs that rank everyone, reserves in each, often caps: hard competition."""
    people, names = [f"a{number}" for number in range(8)], ["l0", "l1", "l2"]
    ranks = {person: " ".join(chance.sample(names, 3)) for person in people}
    groups = {person: " ".join(chance.sample(GROUPS, chance.randint(0, 2))) for person in people}
    labs = [_dense_lab(name, chance.sample(people, 8), chance) for name in names]
    targets = sum(each["target"] for each in labs)
    return instance_of(ranks, labs, groups=groups, cap=chance.choice([None, targets, targets + 1, targets + 2]))


def _dense_lab(name: str, listed: list[str], chance: random.Random) -> dict[str, Any]:
    target, cut = chance.randint(1, 3), chance.randint(1, 7)
    left, reserves = target, []
    for group in chance.sample(GROUPS, 2):
        part = chance.randint(0, left)
        left -= part
        reserves.append({"group": group, "seats": part})
    order = chance.choice(["open_first", "reserved_first"])
    classes = [listed[:cut], *([person] for person in listed[cut:])]
    return lab(name, classes, target + chance.randint(0, 2), target=target, reserve_order=order, reserves=reserves)
