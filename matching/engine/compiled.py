"""Deferred acceptance over arrays, compiled: rules 1 to 3 in the loops of `solve` and `seating`, word for word.

Compiled when first called, then kept on disk by numba; import it only where a worker computes. A person at a lab is one
number, her position shifted left by 32 bits plus her index: the greater, the worse she stands. Heaps have the worst on
top and lie one behind the other in one array, tier by tier: a lab's open seats (where they come first), its reserves,
the rest, and under a cap those beyond the target.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from matching.engine.arrays import Bits, Ints, Longs, Table

compiled = njit(cache=True, nogil=True)
# called from compiled code only: kept with what calls it
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)

PERSON = (1 << 32) - 1
NOBODY = -1


class Held(NamedTuple):
    """Who holds what while proposals arrive; `next_choice` is where each applicant goes on in `Wishes.labs`."""

    heap: Longs
    starts: Longs
    size: Longs
    room: Longs
    group: Bits
    first_tier: Ints
    rest: Ints
    filled: Longs
    total: Longs
    next_choice: Longs


def nobody_held(table: Table) -> Held:
    """Every seat empty, and everybody before her first choice."""
    openings = table.openings
    reserved = np.diff(openings.reserve_starts)
    opens = ((reserved > 0) & openings.is_open_first).astype(np.int32)
    first = np.zeros(len(reserved) + 1, np.int32)
    np.cumsum(opens + reserved + 1 + (openings.institute >= 0), out=first[1:])
    room, group = _tiers(table, first, opens)
    starts = np.zeros(len(room) + 1, np.int64)
    np.cumsum(room, out=starts[1:])
    return Held(
        heap=np.empty(starts[-1], np.int64),
        starts=starts,
        size=np.zeros(len(room), np.int64),
        room=room,
        group=group,
        first_tier=first,
        rest=(first[:-1] + opens + reserved).astype(np.int32),
        filled=np.zeros(len(reserved), np.int64),
        total=np.zeros(len(table.caps.caps), np.int64),
        next_choice=table.wishes.starts[:-1].copy(),
    )


def _tiers(table: Table, first: Ints, opens: Ints) -> tuple[Longs, Bits]:
    """Of every tier the seats (never more than people on the list) and the group, 0 for anyone."""
    openings = table.openings
    reserved = np.diff(openings.reserve_starts)
    lab_of_reserve = np.repeat(np.arange(len(reserved)), reserved)
    reserve_tiers = first[lab_of_reserve] + opens[lab_of_reserve]
    reserve_tiers += np.arange(len(lab_of_reserve)) - openings.reserve_starts[lab_of_reserve]
    in_reserves = np.zeros(len(reserved), np.int64)
    np.add.at(in_reserves, lab_of_reserve, openings.reserve_seats)
    rest = first[:-1] + opens + reserved
    room, group = np.zeros(first[-1], np.int64), np.zeros(first[-1], np.int64)
    room[first[:-1][opens > 0]] = (openings.quota - in_reserves)[opens > 0]
    room[reserve_tiers], group[reserve_tiers] = openings.reserve_seats, openings.reserve_groups
    room[rest] = openings.quota
    is_capped = openings.institute >= 0
    room[rest[is_capped] + 1] = (openings.seats - openings.quota)[is_capped]
    listed = np.repeat(np.diff(table.orders.starts), np.diff(first))
    return np.minimum(room, listed), group


@inner
def _rise(heap: Longs, start: int, size: int, key: int) -> None:
    """Put a key behind the last of a heap of `size` and let it rise."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heap[start + parent] >= key:
            break
        heap[start + place] = heap[start + parent]
        place = parent
    heap[start + place] = key


@inner
def _sink(heap: Longs, start: int, size: int, key: int) -> None:
    """Put a key on top of a heap of `size` and let it sink; what was on top is gone."""
    place, child = 0, 1
    while child < size:
        if child + 1 < size and heap[start + child + 1] > heap[start + child]:
            child += 1
        if heap[start + child] <= key:
            break
        heap[start + place] = heap[start + child]
        place, child = child, 2 * child + 1
    heap[start + place] = key


@inner
def _keep(held: Held, tier: int, room: int, key: int) -> int:
    """Seat a newcomer in a tier; whom that passes on (perhaps herself), or nobody."""
    size, start = held.size[tier], held.starts[tier]
    if size < room:
        _rise(held.heap, start, size, key)
        held.size[tier] = size + 1
        return NOBODY
    if room == 0 or key >= held.heap[start]:
        return key
    worst = held.heap[start]
    _sink(held.heap, start, size, key)
    return worst


@inner
def _pop(held: Held, tier: int) -> int:
    """Take the worst out of a tier that has somebody."""
    start, size = held.starts[tier], held.size[tier] - 1
    worst = held.heap[start]
    held.size[tier] = size
    if size > 0:
        _sink(held.heap, start, size, held.heap[start + size])
    return worst


@inner
def _take(table: Table, held: Held, lab: int, key: int) -> int:
    """Rule 2: seat a newcomer up to the quota; whom that turns away, or nobody."""
    rest, passed = held.rest[lab], key
    for tier in range(held.first_tier[lab], rest + 1):
        if held.group[tier] and not held.group[tier] & table.wishes.groups[passed & PERSON]:
            continue
        room = held.room[tier] if tier < rest else _left(table, held, lab)
        passed = _keep(held, tier, room, passed)
        if passed == NOBODY and tier < rest:
            held.filled[lab] += 1
            return _pop(held, rest) if held.size[rest] > _left(table, held, lab) else NOBODY
    return passed


@inner
def _left(table: Table, held: Held, lab: int) -> int:
    """The seats up to the quota that are not filled in tiers."""
    return min(held.room[held.rest[lab]], table.openings.quota[lab] - held.filled[lab])


@inner
def _take_under_cap(table: Table, held: Held, lab: int, passed: int) -> int:
    """Rule 3: what an institute does with one more at `lab`, of whom `passed` did not fit into the target."""
    if passed != NOBODY:
        extra = held.rest[lab] + 1
        passed = _keep(held, extra, held.room[extra], passed)
        if passed != NOBODY:
            return passed
    institute = table.openings.institute[lab]
    held.total[institute] += 1
    if held.total[institute] <= table.caps.caps[institute]:
        return NOBODY
    held.total[institute] -= 1
    last, most = 0, 0
    for place in range(table.caps.starts[institute], table.caps.starts[institute + 1]):
        other = table.caps.order[place]
        beyond = held.size[held.rest[other] + 1]
        if beyond >= most:
            last, most = other, beyond
    return _pop(held, held.rest[last] + 1)


@inner
def _settle(table: Table, held: Held, person: int) -> int:
    """She proposes down her list until a lab holds her; who is turned away for her, or nobody."""
    wishes, openings = table.wishes, table.openings
    for choice in range(held.next_choice[person], wishes.starts[person + 1]):
        position = np.int64(wishes.positions[choice])
        if position < 0:
            continue
        lab = wishes.labs[choice]
        away = _take(table, held, lab, position << 32 | person)
        if openings.institute[lab] >= 0:
            away = _take_under_cap(table, held, lab, away)
        if away == NOBODY or away & PERSON != person:
            held.next_choice[person] = choice + 1
            return away if away == NOBODY else away & PERSON
    held.next_choice[person] = wishes.starts[person + 1]
    return NOBODY


@compiled
def propose(table: Table, held: Held, begin: int, end: int) -> None:
    """Let the applicants from `begin` up to `end` propose, and whoever is turned away for them go on."""
    for beginner in range(begin, end):
        person = beginner
        while person != NOBODY:
            person = _settle(table, held, person)


@compiled
def places_of(table: Table, held: Held) -> Ints:
    """Each applicant's lab, -1 for none."""
    places = np.full(len(held.next_choice), NOBODY, np.int32)
    for tier in range(len(held.size)):
        for slot in range(held.starts[tier], held.starts[tier] + held.size[tier]):
            person = held.heap[slot] & PERSON
            places[person] = table.wishes.labs[held.next_choice[person] - 1]
    return places


@compiled
def find_positions(wishes_starts: Longs, labs: Ints, orders_starts: Longs, people: Ints) -> tuple[Ints, int]:
    """Where each choice stands on its lab's list, and the first entry of `people` whom the same lab has twice, or -1.

    Whoever a lab ranked without having been chosen by her keeps her position, for it counts in everybody else's.
    """
    positions = np.full(len(labs), -1, np.int32)
    strangers = np.zeros(len(wishes_starts) - 1, np.int32)
    for lab in range(len(orders_starts) - 1):
        begin = orders_starts[lab]
        for entry in range(begin, orders_starts[lab + 1]):
            person = people[entry]
            choice, end = wishes_starts[person], wishes_starts[person + 1]
            while choice < end and labs[choice] != lab:
                choice += 1
            if choice == end:
                if strangers[person] == lab + 1:
                    return positions, entry
                strangers[person] = lab + 1
            elif positions[choice] >= 0:
                return positions, entry
            else:
                positions[choice] = entry - begin
    return positions, -1


@compiled
def numbered(starts: Longs, values: Longs, lookup: Ints, low: int, *, is_once: bool) -> tuple[Ints, int]:
    """Ids as indices: `lookup` has that of `low` + its place, -1 for none.

    And the first entry that is unknown, or (when `is_once`) that its list has already; -1 when all is in order.
    """
    numbers = np.empty(len(values), np.int32)
    seen = np.full(len(lookup) if is_once else 0, -1, np.int32)
    for row in range(len(starts) - 1):
        for entry in range(starts[row], starts[row + 1]):
            place = values[entry] - low
            if place < 0 or place >= len(lookup) or lookup[place] < 0:
                return numbers, entry
            if is_once:
                if seen[place] == row:
                    return numbers, entry
                seen[place] = row
            numbers[entry] = lookup[place]
    return numbers, -1
