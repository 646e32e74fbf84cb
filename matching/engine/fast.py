"""The compiled engine: the same outcome as `solve.place`, and the same violations as `stability`, over arrays.

Needs NumPy and numba. Nothing that answers pages imports it: `solve.solve` asks for it above a size, workers directly.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import numpy as np

from matching.engine import solve
from matching.engine.arrays import Ints, Longs, Table
from matching.engine.certifying import Holders, blocking, holders_of, holders_together
from matching.engine.compiled import parts_of
from matching.engine.instance import Instance
from matching.engine.proposing import Held, desk_of, first_choices, nobody_held, places_of, propose, sides_of
from matching.engine.table import Names, TooMany, drawn, names_of, ranks_drawn, table_of, untied

Progress = Callable[[int, int], None]

PROGRESS_STEP: Final = 100_000
# so few on their way are quicker on one side
FEW: Final = 5_000
MOST_PAIRS: Final = 1_000_000


def place(instance: Instance, progress: Progress | None = None) -> dict[str, str]:
    """Who is placed where, by applicant id: the same as `solve.place`, which is asked where bits do not hold it all."""
    names = names_of(instance)
    try:
        table = table_of(instance)
    except TooMany:
        return solve.place(instance, progress=progress)
    places = places_in(table, progress)
    return {names.applicants[person]: names.labs[places[person]] for person in np.flatnonzero(places >= 0)}


def by_lottery(instance: Instance, seeds: Iterable[str]) -> Iterator[dict[str, str]]:
    """The same as `solve.place` with one seed after another instead of the instance's own."""
    try:
        given = untied(instance)
    except TooMany:
        yield from (solve.place(replace(instance, seed=seed)) for seed in seeds)
        return
    names = names_of(instance)
    ids = [name.encode() for name in names.applicants]
    for seed in seeds:
        places = places_in(drawn(given, ranks_drawn(seed, ids)))
        yield {names.applicants[person]: names.labs[places[person]] for person in np.flatnonzero(places >= 0)}


def places_in(table: Table, progress: Progress | None = None) -> Ints:
    """Each applicant's lab, -1 for none. `progress(done, total)` counts applicants."""
    starts, held = table.wishes.starts, nobody_held(table)
    queue = first_choices(table)
    if len(parts_of(starts)) > 1:
        queue = _side_by_side(table, held, queue, progress)
    desk = desk_of(np.ones(len(table.openings.seats), np.uint8), 0)
    for begin in range(0, len(queue), PROGRESS_STEP):
        propose(table, held, desk, queue[begin : begin + PROGRESS_STEP])
        if progress is not None:
            progress(len(starts) - 1 - max(0, len(queue) - begin - PROGRESS_STEP), len(starts) - 1)
    places: Ints = places_of(table, held)
    return places


def _side_by_side(table: Table, held: Held, queue: Ints, progress: Progress | None) -> Ints:
    """Let people propose on two sides at once, each with half of the labs, until few go on: gives their entries.

    Whoever goes on to a lab of the other side waits for the next round. The order of proposals changes nothing.
    """
    sides, many = sides_of(table), len(table.wishes.starts) - 1
    desks = [desk_of((sides == side).astype(np.uint8), many) for side in (0, 1)]
    queues = [queue[: len(queue) // 2], queue[len(queue) // 2 :]]
    with ThreadPoolExecutor(len(desks)) as pool:
        while sum(map(len, queues)) > FEW:
            sides_at_work = zip(desks, queues, strict=True)
            waiting = [pool.submit(propose, table, held, desk, queue) for desk, queue in sides_at_work]
            leave = [each.result() for each in waiting]
            queues = [desk.others[:left].copy() for desk, left in zip(reversed(desks), reversed(leave), strict=True)]
            if progress is not None:
                progress(many - sum(map(len, queues)), many)
    return np.concatenate(queues)


def violations(table: Table, places: Ints, names: Names) -> list[str]:
    """Each way in which places break the rule, in the words of `stability.violations`; none for right ones.

    Later checks lean on earlier ones: blocking pairs are looked for once lists, seats and caps are in order.
    """
    holders, choices = holders_of(table, places)
    broken = [*_acceptance(table, places, holders.wrong, names), *_room(table, holders, names)]
    return broken or list(_pairs(table, holders, choices, names))


def is_kept(table: Table, places: Ints) -> bool:
    """Whether places keep the rule: individual rationality, seats, caps, reserves, and no pair that blocks."""
    holders, choices = holders_of(table, places)
    is_room = np.all(holders.many <= table.openings.seats)
    is_under = np.all(holders_together(table, holders) <= table.caps.caps)
    return bool(is_room and is_under and not len(holders.wrong)) and blocking(table, holders, choices, 0)[0] == 0


def _acceptance(table: Table, places: Ints, wrong: Longs, names: Names) -> Iterator[str]:
    orders, wanted_labs = table.orders, table.wishes.labs()
    for person in wrong:
        lab = places[person]
        wanted = wanted_labs[table.wishes.starts[person] : table.wishes.starts[person + 1]]
        ranked = orders.people[orders.starts[lab] : orders.starts[lab + 1]]
        here = f"applicant {names.applicants[person]} is placed at lab {names.labs[lab]}, which"
        if lab not in wanted:
            yield f"{here} the applicant did not rank"
        if person not in ranked:
            yield f"{here} did not rank the applicant"


def _room(table: Table, holders: Holders, names: Names) -> Iterator[str]:
    for lab in np.flatnonzero(holders.many > table.openings.seats):
        yield f"lab {names.labs[lab]} has {holders.many[lab]} holders for {table.openings.seats[lab]} seats"
    together = holders_together(table, holders)
    for number in np.flatnonzero(together > table.caps.caps):
        cap = table.caps.caps[number]
        yield f"institute {names.institutes[number]} has {together[number]} holders under a cap of {cap}"


def _pairs(table: Table, holders: Holders, choices: Longs, names: Names) -> Iterator[str]:
    _found, people, entries = blocking(table, holders, choices, MOST_PAIRS)
    wanted_labs = table.wishes.labs()
    for person, entry in zip(people, entries, strict=True):
        lab = names.labs[wanted_labs[entry]]
        yield f"applicant {names.applicants[person]} and lab {lab} block: both would gain by a place there"
