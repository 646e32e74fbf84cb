"""Deferred acceptance over arrays, compiled: rules 1 to 3 in the loops of `solve` and `seating`, word for word.

Compiled when first called, then kept on disk by numba; import it only where a worker computes. Whoever holds a seat is
one number, her position shifted left by 32 bits plus the index of her entry: the greater, the worse she stands. Heaps
have the worst on top and lie one behind the other in one array, tier by tier: a lab's open seats (where they come
first), its reserves, the rest, and under a cap those beyond the target. Whoever is turned away waits until all have
proposed once: the order changes nothing, and single steps that do not wait for each other's memory are quicker.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from matching.engine.arrays import (
    LAB,
    LAB_SHIFT,
    LAST,
    POSITION_SHIFT,
    UNRANKED,
    Bits,
    Bytes,
    Grid,
    Ints,
    Longs,
    Openings,
    Orders,
    Table,
)

compiled = njit(cache=True, nogil=True)
# called from compiled code only: becomes part of what calls it
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)

ENTRY = (1 << 32) - 1
NOBODY = -1
# so many applicants' choices stay in the processor's cache together
BLOCK_SHIFT = 13
# Postgres's own number of the type int4
INT4 = 23

# columns of `Held.tiers`: where its heap begins, how many it holds, its seats, its reserve as a bit (0: for anyone)
START, SIZE, ROOM, KIND = 0, 1, 2, 3
# columns of `Held.labs`: the first tier, the rest, how many sit in tiers before it, the quota, the institute or -1
FIRST, REST, FILLED, QUOTA, INSTITUTE = 0, 1, 2, 3, 4
# columns of `Held.institutes`: how many it holds, its cap, where its labs begin and end in `Held.extras`
TOTAL, CAP, BEGIN, END = 0, 1, 2, 3


class Held(NamedTuple):
    """Who holds what while proposals arrive. Few arrays with columns: what is asked together lies together.

    `extras` has, in the order of `Caps.order`, the tier of each lab that goes beyond its target.
    """

    heap: Longs
    tiers: Grid
    labs: Grid
    institutes: Grid
    extras: Ints


def nobody_held(table: Table) -> Held:
    """Every seat empty."""
    openings, caps = table.openings, table.caps
    reserved = np.diff(openings.reserve_starts).astype(np.int64)
    opens = ((reserved > 0) & openings.is_open_first).astype(np.int64)
    first = np.zeros(len(reserved) + 1, np.int64)
    np.cumsum(opens + reserved + 1 + (openings.institute >= 0), out=first[1:])
    tiers = _tiers(table, first, opens)
    nothing = np.zeros(len(reserved), np.int64)
    rest = first[:-1] + opens + reserved
    labs = np.stack([first[:-1], rest, nothing, openings.quota, openings.institute], axis=1).astype(np.int64)
    institutes = np.zeros((len(caps.caps), 4), np.int64)
    institutes[:, CAP], institutes[:, BEGIN], institutes[:, END] = caps.caps, caps.starts[:-1], caps.starts[1:]
    extras = (labs[caps.order, REST] + 1).astype(np.int32)
    return Held(np.empty(tiers[:, ROOM].sum(), np.int64), tiers, labs, institutes, extras)


def _tiers(table: Table, first: Longs, opens: Longs) -> Grid:
    """Every lab's tiers; their seats are never more than people on the list."""
    openings = table.openings
    reserved = np.diff(openings.reserve_starts)
    lab_of_reserve = np.repeat(np.arange(len(reserved)), reserved)
    numbers = np.arange(len(lab_of_reserve)) - openings.reserve_starts[lab_of_reserve]
    reserve_tiers = first[lab_of_reserve] + opens[lab_of_reserve] + numbers
    in_reserves = np.zeros(len(reserved), np.int64)
    np.add.at(in_reserves, lab_of_reserve, openings.reserve_seats)
    tiers = np.zeros((first[-1], 4), np.int64)
    tiers[first[:-1][opens > 0], ROOM] = (openings.quota - in_reserves)[opens > 0]
    tiers[reserve_tiers, ROOM], tiers[reserve_tiers, KIND] = openings.reserve_seats, 1 << numbers
    rest = first[:-1] + opens + reserved
    tiers[rest, ROOM] = openings.quota
    is_capped = openings.institute >= 0
    tiers[rest[is_capped] + 1, ROOM] = (openings.seats - openings.quota)[is_capped]
    listed = np.repeat(np.diff(table.orders.starts), np.diff(first))
    np.minimum(tiers[:, ROOM], listed, out=tiers[:, ROOM])
    np.cumsum(tiers[:-1, ROOM], out=tiers[1:, START])
    return tiers


@inner
def _keep(heap: Longs, tiers: Grid, tier: int, room: int, key: int) -> int:
    """Seat a newcomer in a tier of `room` seats; whom that passes on (perhaps herself), or nobody."""
    size, start = tiers[tier, SIZE], tiers[tier, START]
    if size < room:
        place = size
        while place > 0 and heap[start + ((place - 1) >> 1)] < key:
            heap[start + place] = heap[start + ((place - 1) >> 1)]
            place = (place - 1) >> 1
        heap[start + place] = key
        tiers[tier, SIZE] = size + 1
        return NOBODY
    if room == 0 or key >= heap[start]:
        return key
    worst = heap[start]
    _sink(heap, start, size, key)
    return worst


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
def _pop(heap: Longs, tiers: Grid, tier: int) -> int:
    """Take the worst out of a tier that has somebody."""
    start, size = tiers[tier, START], tiers[tier, SIZE] - 1
    worst = heap[start]
    tiers[tier, SIZE] = size
    if size > 0:
        _sink(heap, start, size, heap[start + size])
    return worst


@inner
def _take(heap: Longs, tiers: Grid, labs: Grid, entries: Longs, lab: int, key: int) -> int:
    """Rule 2: seat a newcomer up to the quota; whom that turns away, or nobody."""
    rest, passed = labs[lab, REST], key
    for tier in range(labs[lab, FIRST], rest + 1):
        if tiers[tier, KIND] and not tiers[tier, KIND] & entries[passed & ENTRY]:
            continue
        room = tiers[tier, ROOM] if tier < rest else min(tiers[rest, ROOM], labs[lab, QUOTA] - labs[lab, FILLED])
        passed = _keep(heap, tiers, tier, room, passed)
        if passed == NOBODY and tier < rest:
            labs[lab, FILLED] += 1
            return _pop(heap, tiers, rest) if tiers[rest, SIZE] > labs[lab, QUOTA] - labs[lab, FILLED] else NOBODY
        if passed == NOBODY:
            return NOBODY
    return passed


@inner
def _take_under_cap(heap: Longs, tiers: Grid, extras: Ints, institute: Longs, extra: int, passed: int) -> int:
    """Rule 3: what an institute does with one more, of whom `passed` did not fit into the target of her lab.

    `extra` is the tier of that lab beyond its target, `extras` has those of all labs in the institutes' order.
    """
    is_more = passed != NOBODY
    if is_more and tiers[extra, SIZE] == tiers[extra, ROOM]:
        return _keep(heap, tiers, extra, tiers[extra, ROOM], passed)
    if institute[TOTAL] < institute[CAP]:
        institute[TOTAL] += 1
        return _keep(heap, tiers, extra, tiers[extra, ROOM], passed) if is_more else NOBODY
    last, most = 0, 0
    for place in range(institute[BEGIN], institute[END]):
        beyond = tiers[extras[place], SIZE] + (is_more and extras[place] == extra)
        if beyond >= most:
            last, most = extras[place], beyond
    if is_more and last == extra:
        return _keep(heap, tiers, extra, tiers[extra, SIZE], passed)
    if is_more:
        _keep(heap, tiers, extra, tiers[extra, ROOM], passed)
    return _pop(heap, tiers, last)


@compiled
def propose(table: Table, held: Held, begin: int, end: int) -> None:
    """Let the applicants from `begin` up to `end` propose, and whoever is turned away for them go on."""
    starts, entries, extras = table.wishes.starts, table.wishes.entries, held.extras
    heap, tiers, labs, institutes = held.heap, held.tiers, held.labs, held.institutes
    waiting, many = np.empty(end - begin, np.int64), 0
    for person in range(begin, end):
        if starts[person + 1] > starts[person]:
            waiting[many] = starts[person]
            many += 1
    # one is turned away at most for one who proposed, so there is always room for those who wait
    while many > 0:
        proposing, many = many, 0
        for turn in range(proposing):
            place = waiting[turn]
            while place >= 0:
                entry = entries[place]
                away, position = place, entry >> POSITION_SHIFT
                if position != UNRANKED:
                    lab = entry >> LAB_SHIFT & LAB
                    if labs[lab, FIRST] == labs[lab, REST]:
                        rest = labs[lab, REST]
                        passed = _keep(heap, tiers, rest, tiers[rest, ROOM], position << 32 | place)
                    else:
                        passed = _take(heap, tiers, labs, entries, lab, position << 32 | place)
                    if labs[lab, INSTITUTE] >= 0:
                        institute = institutes[labs[lab, INSTITUTE]]
                        passed = _take_under_cap(heap, tiers, extras, institute, labs[lab, REST] + 1, passed)
                    away = passed if passed == NOBODY else passed & ENTRY
                if away != place:
                    if away != NOBODY and not entries[away] & LAST:
                        waiting[many] = away + 1
                        many += 1
                    break
                place = NOBODY if entry & LAST else place + 1


@compiled
def places_of(table: Table, held: Held) -> Ints:
    """Each applicant's lab, -1 for none."""
    starts, entries, heap = table.wishes.starts, table.wishes.entries, held.heap
    is_held = np.zeros(len(entries), np.bool_)
    for tier in range(len(held.tiers)):
        start = held.tiers[tier, START]
        for slot in range(start, start + held.tiers[tier, SIZE]):
            is_held[heap[slot] & ENTRY] = True
    places = np.full(len(starts) - 1, NOBODY, np.int32)
    for person in range(len(places)):
        for place in range(starts[person], starts[person + 1]):
            if is_held[place]:
                places[person] = entries[place] >> LAB_SHIFT & LAB
    return places


@compiled
def find_positions(starts: Longs, labs: Ints, orders: Orders, entries: Longs) -> int:
    """Write each choice's entry, and return the first of `orders.people` whom the same lab has twice, or -1.

    Whoever a lab ranked without having been chosen by her keeps her position, for it counts in everybody else's. Lists
    are first dealt out by blocks of applicants, for there are too many of these to have them all at hand.
    """
    people, order_starts, blocks = orders.people, orders.starts, ((len(starts) - 1) >> BLOCK_SHIFT) + 1
    used = np.zeros(blocks + 1, np.int64)
    for place in range(len(people)):
        used[(people[place] >> BLOCK_SHIFT) + 1] += 1
    for block in range(blocks):
        used[block + 1] += used[block]
    dealt_people, dealt = np.empty(len(people), np.int32), np.empty(len(people), np.int64)
    for lab in range(len(order_starts) - 1):
        for place in range(order_starts[lab], order_starts[lab + 1]):
            block = people[place] >> BLOCK_SHIFT
            dealt_people[used[block]] = people[place]
            dealt[used[block]] = (place - order_starts[lab]) << POSITION_SHIFT | lab << LAB_SHIFT
            used[block] += 1
    for person in range(len(starts) - 1):
        for place in range(starts[person], starts[person + 1]):
            last = LAST if place + 1 == starts[person + 1] else 0
            entries[place] = np.int64(UNRANKED) << POSITION_SHIFT | np.int64(labs[place]) << LAB_SHIFT | last
    return _write_positions(starts, order_starts, entries, dealt_people, dealt)


@inner
def _write_positions(starts: Longs, order_starts: Longs, entries: Longs, dealt_people: Ints, dealt: Longs) -> int:
    strangers = np.zeros(len(starts) - 1, np.int32)
    twice = len(dealt)
    for number in range(len(dealt)):
        person, lab = dealt_people[number], dealt[number] >> LAB_SHIFT & LAB
        place, end = starts[person], starts[person + 1]
        while place < end and entries[place] >> LAB_SHIFT & LAB != lab:
            place += 1
        if place < end and entries[place] >> POSITION_SHIFT == UNRANKED:
            entries[place] = dealt[number] | entries[place] & LAST
            continue
        if place < end or strangers[person] == lab + 1:
            twice = min(twice, order_starts[lab] + (dealt[number] >> POSITION_SHIFT))
        strangers[person] = lab + 1
    return twice if twice < len(dealt) else -1


@compiled
def find_kinds(starts: Longs, entries: Longs, groups: Bits, openings: Openings) -> None:
    """Write into each entry which of the lab's reserves she may take."""
    for person in range(len(groups)):
        for place in range(starts[person], starts[person + 1] if groups[person] else starts[person]):
            lab = entries[place] >> LAB_SHIFT & LAB
            begin = openings.reserve_starts[lab]
            for reserve in range(begin, openings.reserve_starts[lab + 1]):
                if groups[person] & openings.reserve_groups[reserve]:
                    entries[place] |= 1 << (reserve - begin)


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


@inner
def _int(data: Bytes, at: int) -> int:
    """Four bytes as a number with a sign."""
    high = np.int64(data[at]) << 24 | np.int64(data[at + 1]) << 16
    number = high | np.int64(data[at + 2]) << 8 | np.int64(data[at + 3])
    return number - ((number & 0x80000000) << 1)


@compiled
def copied_rows(data: Bytes, begin: int) -> tuple[Ints, Longs, Ints, int]:
    """Keys, starts and values of the rows that Postgres copied (`copied`); and where one begins that is none, or -1."""
    most = (len(data) - begin) // 14
    keys, starts = np.empty(most, np.int32), np.zeros(most + 1, np.int64)
    values, row, used, at = np.empty(len(data) // 8, np.int32), 0, 0, begin
    while at + 2 <= len(data):
        first = at
        if data[at] == 255 and data[at + 1] == 255:
            return keys[:row], starts[: row + 1], values[:used], -1
        # an array without elements has no dimensions: its length is 12 instead of 20
        if at + 26 > len(data) or data[at] or data[at + 1] != 2 or _int(data, at + 2) != 4:
            return keys[:0], starts[:1], values[:0], first
        length, dimensions, at = _int(data, at + 10), _int(data, at + 14), at + 14
        many = 0 if length == 12 and dimensions == 0 else (length - 20) // 8
        if many < 0 or dimensions > 1 or length != (20 + 8 * many if dimensions else 12) or at + length > len(data):
            return keys[:0], starts[:1], values[:0], first
        if _int(data, at + 8) != INT4 or (dimensions and (_int(data, at + 4) or _int(data, at + 12) != many)):
            return keys[:0], starts[:1], values[:0], first
        keys[row] = _int(data, first + 6)
        row += 1
        for element in range(many):
            values[used] = _int(data, at + 24 + 8 * element)
            used += 1
        starts[row] = used
        at += length
    return keys[:0], starts[:1], values[:0], at
