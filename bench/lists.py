"""Lists for the matching bench: everybody ranks so many labs, every lab all who chose it, all drawn at random."""

import random
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


class Lists(NamedTuple):
    """Keys from 1 on: applicants' choices as a grid; labs' lists one behind the other."""

    choices: Ints
    starts: NDArray[np.int64]
    people: Ints


def drawn(applicants: int, choices: int, labs: int, seed: int = 1) -> Lists:
    chance = np.random.default_rng(seed)
    grid = chance.integers(1, labs + 1, (applicants, choices), dtype=np.int32)
    while True:
        ordered = np.sort(grid, axis=1)
        again = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not len(again):
            break
        grid[again] = chance.integers(1, labs + 1, (len(again), choices), dtype=np.int32)
    flat = grid.ravel()
    order = np.lexsort((chance.random(len(flat), dtype=np.float32), flat))
    people = np.repeat(np.arange(1, applicants + 1, dtype=np.int32), choices)[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=labs + 1)[1:])])
    return Lists(grid, starts, people)


def by_key(lists: Lists) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The same as dicts of lists of names: what a person has who calls a library. A name is one object everywhere."""
    names = [f"a{number}" for number in range(len(lists.choices) + 1)]
    labs = [f"l{number}" for number in range(len(lists.starts))]
    wishes = {names[number]: [labs[lab] for lab in row] for number, row in enumerate(lists.choices.tolist(), start=1)}
    parts = pairwise(lists.starts.tolist())
    ranked = {
        labs[number]: [names[person] for person in lists.people[begin:end].tolist()]
        for number, (begin, end) in enumerate(parts, start=1)
    }
    return wishes, ranked


def programme(applicants: int = 1_260, labs: int = 8, seats: int = 400, seed: int = 1) -> dict[str, object]:
    """A call of the programme's own size as an instance: three to eight choices each, ties of up to five."""
    chance = random.Random(seed)
    names = [f"l{number}" for number in range(1, labs + 1)]
    people = [f"a{number}" for number in range(1, applicants + 1)]
    ranks = {person: chance.sample(names, chance.randint(3, labs)) for person in people}
    return {
        "format": "innocore-match-instance/1",
        "seed": "5eed",
        "applicants": [{"id": person, "ranks": listed} for person, listed in ranks.items()],
        "institutes": [{"id": "i1"}],
        "labs": [
            {
                "id": name,
                "institute": "i1",
                "seats": seats // labs,
                "ranks": _classes([person for person in people if name in ranks[person]], chance),
            }
            for name in names
        ],
    }


def _classes(people: list[str], chance: random.Random) -> list[list[str]]:
    chance.shuffle(people)
    classes, begin = [], 0
    while begin < len(people):
        size = chance.randint(1, 5)
        classes.append(people[begin : begin + size])
        begin += size
    return classes
