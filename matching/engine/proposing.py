"""Deferred acceptance over arrays, compiled: rules 1 to 3 as `solve` and `seating` have them, with bits for heaps.

Whoever holds a seat is a bit at her position of the lab's list, tier by tier: a lab's open seats (where they come
first), its reserves, the rest, and under a cap those beyond the target. A full tier's worst only ever moves up the
list, so that looking for the next worst reads each bit once in a whole run.

Proposals are made in batches. The order changes nothing, so whoever is turned away waits for the next batch; what must
be fetched for a batch is fetched for all of it at once, because waiting for the memory is what costs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.arrays import (
    KIND,
    LAB,
    LAB_SHIFT,
    LAST,
    POSITION_SHIFT,
    UNRANKED,
    Bytes,
    Grid,
    Ints,
    Longs,
    Table,
)
from matching.engine.compiled import bare, bare_inner, compiled, fetch

Kinds = NDArray[np.uint8]

NOBODY = -1
# the highest bit of each byte
HIGHEST = np.array([max(byte.bit_length() - 1, 0) for byte in range(256)], np.int64)
BATCH = 256

# columns of `Held.tiers`: the byte where its bits begin, how many it holds, its seats, its reserve as a bit (0: for
# anyone), its worst holder's position (-1: none), where the lab's list begins
START, SIZE, ROOM, RESERVE, WORST, LIST = 0, 1, 2, 3, 4, 5
# columns of `Held.labs`: the first tier, the rest, the institute or -1, the lab's place in `Held.extras`, and the
# position from which on nobody can be kept in these tiers, whatever reserves she may take
FIRST, REST, INSTITUTE, TURN, BAR = 0, 1, 2, 3, 4
# columns of `Held.institutes`: how many it holds, its cap, where its labs begin and end in `Held.extras`, and once the
# cap is reached the place there of the lab that had the last turn and how many it has beyond its target
TOTAL, CAP, BEGIN, END, LAST_TURN, LEVEL = 0, 1, 2, 3, 4, 5


class Held(NamedTuple):
    """Who holds what while proposals arrive. Few arrays with columns: what is asked together lies together.

    By place in `orders.people`, `choices` has the number of the entry with which whoever is held there proposed (below
    2 to the 31st), and `kinds` which of the lab's reserves she may take, empty without reserves. From position
    `bars[lab]` on, a lab without a cap holds nobody any more. `extras` has, in the order of `Caps.order`, the tier of
    each lab that goes beyond its target.
    """

    choices: Ints
    bits: Bytes
    kinds: Kinds
    bars: Ints
    tiers: Grid
    labs: Grid
    institutes: Grid
    extras: Longs


class Desk(NamedTuple):
    """Where one thread lets people propose: the labs of its side (1), and what it writes down as it does.

    `others` are entries that go to a lab of another side, `waiting` the places in `orders.people` of those turned away,
    `going` and `asked` a batch of entries, by their numbers and as they are.
    """

    labs: Bytes
    others: Ints
    waiting: Longs
    going: Longs
    asked: Longs


def nobody_held(table: Table) -> Held:
    """Every seat empty."""
    openings, caps = table.openings, table.caps
    reserved = np.diff(openings.reserve_starts).astype(np.int64)
    opens = ((reserved > 0) & openings.is_open_first).astype(np.int64)
    first = np.zeros(len(reserved) + 1, np.int64)
    np.cumsum(opens + reserved + 1 + (openings.institute >= 0), out=first[1:])
    tiers = _tiers(table, first, opens)
    rest = first[:-1] + opens + reserved
    bars, turns = np.full(len(reserved), UNRANKED), openings.turn + caps.starts[openings.institute]
    labs = np.stack([first[:-1], rest, openings.institute, turns, bars], axis=1).astype(np.int32)
    institutes = np.zeros((len(caps.caps), 6), np.int32)
    institutes[:, CAP], institutes[:, BEGIN], institutes[:, END] = caps.caps, caps.starts[:-1], caps.starts[1:]
    listed = len(table.orders.people)
    many = _bytes_of(table)[_labs_of(first)].sum()
    return Held(
        choices=np.empty(listed, np.int32),
        bits=np.zeros(many, np.uint8),
        kinds=np.zeros(listed if len(openings.reserve_groups) else 0, np.uint8),
        bars=np.full(len(labs), UNRANKED, np.int32),
        tiers=tiers,
        labs=labs,
        institutes=institutes,
        extras=labs[caps.order, REST] + 1,
    )


def _labs_of(first: Longs) -> Longs:
    """Each tier's lab."""
    return np.repeat(np.arange(len(first) - 1), np.diff(first))


def _bytes_of(table: Table) -> Longs:
    """How many bytes hold a bit for everybody on each lab's list."""
    return (np.diff(table.orders.starts) + 7) >> 3


def _tiers(table: Table, first: Longs, opens: Longs) -> Grid:
    """Every lab's tiers, with nobody in them."""
    openings = table.openings
    reserved = np.diff(openings.reserve_starts)
    lab_of_reserve = np.repeat(np.arange(len(reserved)), reserved)
    numbers = np.arange(len(lab_of_reserve)) - openings.reserve_starts[lab_of_reserve]
    reserve_tiers = first[lab_of_reserve] + opens[lab_of_reserve] + numbers
    in_reserves = np.zeros(len(reserved), np.int64)
    np.add.at(in_reserves, lab_of_reserve, openings.reserve_seats)
    tiers = np.zeros((first[-1], 6), np.int32)
    tiers[first[:-1][opens > 0], ROOM] = (openings.quota - in_reserves)[opens > 0]
    tiers[reserve_tiers, ROOM], tiers[reserve_tiers, RESERVE] = openings.reserve_seats, 1 << numbers
    rest = first[:-1] + opens + reserved
    tiers[rest, ROOM] = openings.quota
    is_capped = openings.institute >= 0
    tiers[rest[is_capped] + 1, ROOM] = (openings.seats - openings.quota)[is_capped]
    tiers[:, WORST] = NOBODY
    labs = _labs_of(first)
    tiers[:, LIST] = table.orders.starts[:-1][labs]
    np.cumsum(_bytes_of(table)[labs][:-1], out=tiers[1:, START])
    return tiers


@bare_inner
def _leave(bits: Bytes, tiers: Grid, tier: int) -> None:
    """Take the worst out of a tier, which knows already how many it has then, and find who is the worst then."""
    place, within = tiers[tier, START] + (tiers[tier, WORST] >> 3), tiers[tier, WORST] & 7
    above = bits[place] & ((1 << within) - 1)
    bits[place] = above
    if tiers[tier, SIZE] == 0:
        tiers[tier, WORST] = NOBODY
        return
    while not above:
        place -= 1
        above = bits[place]
    tiers[tier, WORST] = (place - tiers[tier, START] << 3) + HIGHEST[above]


@bare_inner
def _keep(bits: Bytes, tiers: Grid, tier: int, room: int, position: int) -> int:
    """Seat a newcomer in a tier of `room` seats; whom that passes on (perhaps herself), or nobody."""
    worst = tiers[tier, WORST]
    is_full = tiers[tier, SIZE] >= room
    # where there is no seat at all, there is no worst either
    if is_full and position >= worst:
        return position
    bits[tiers[tier, START] + (position >> 3)] |= np.uint8(1 << (position & 7))
    if is_full:
        _leave(bits, tiers, tier)
        return worst
    tiers[tier, SIZE] += 1
    tiers[tier, WORST] = max(worst, position)
    return NOBODY


@bare_inner
def _pop(bits: Bytes, tiers: Grid, tier: int) -> int:
    """Take the worst out of a tier that has somebody."""
    worst = tiers[tier, WORST]
    tiers[tier, SIZE] -= 1
    _leave(bits, tiers, tier)
    return worst


@bare_inner
def _take(bits: Bytes, kinds: Kinds, tiers: Grid, labs: Grid, lab: int, position: int) -> int:
    """Rule 2: seat a newcomer up to the quota; whom that turns away, or nobody."""
    first, rest, passed = labs[lab, FIRST], labs[lab, REST], position
    begin = tiers[rest, LIST]
    for tier in range(first, rest):
        reserve, room = tiers[tier, RESERVE], tiers[tier, ROOM]
        is_full = tiers[tier, SIZE] == room
        if (is_full and passed >= tiers[tier, WORST]) or (reserve and not reserve & kinds[begin + passed]):
            continue
        passed = _keep(bits, tiers, tier, room, passed)
        if not is_full:
            tiers[rest, ROOM] -= 1
            return _pop(bits, tiers, rest) if tiers[rest, SIZE] > tiers[rest, ROOM] else NOBODY
    passed = _keep(bits, tiers, rest, tiers[rest, ROOM], passed)
    if passed != NOBODY:
        bar = tiers[rest, WORST]
        for tier in range(first, rest):
            bar = max(bar, tiers[tier, WORST] if tiers[tier, SIZE] == tiers[tier, ROOM] else UNRANKED)
        labs[lab, BAR] = bar
    return passed


@bare_inner
def _take_under_cap(
    bits: Bytes, tiers: Grid, labs: Grid, institute: Longs, extras: Longs, lab: int, passed: int
) -> int:
    """Rule 3: what an institute does with one more at a lab, of whom `passed` did not fit into its target.

    Returns the place in `orders.people` of who is turned away, or nobody.
    """
    extra = labs[lab, REST] + 1
    is_more, is_full = passed != NOBODY, institute[TOTAL] == institute[CAP]
    if is_more and tiers[extra, SIZE] == tiers[extra, ROOM]:
        return tiers[extra, LIST] + _keep(bits, tiers, extra, tiers[extra, ROOM], passed)
    last = _last_turn(tiers, institute, extras, labs[lab, TURN] if is_more else NOBODY) if is_full else NOBODY
    if last == extra and is_more:
        return tiers[extra, LIST] + _keep(bits, tiers, extra, tiers[extra, SIZE], passed)
    if is_more:
        _keep(bits, tiers, extra, tiers[extra, ROOM], passed)
    if is_full:
        return tiers[last, LIST] + _pop(bits, tiers, last)
    institute[TOTAL] += 1
    return NOBODY


@bare_inner
def _last_turn(tiers: Grid, institute: Longs, extras: Longs, more: int) -> int:
    """The tier of the lab that had the last turn: most beyond its target, and of those the last in the order.

    The lab at place `more` is to get one more. Once the cap is reached the last turn only moves back, one by one,
    unless that lab is ahead.
    """
    end = institute[END]
    if institute[LEVEL] == 0:
        institute[LAST_TURN], institute[LEVEL] = end - 1, 1
        for place in range(institute[BEGIN], end):
            institute[LEVEL] = max(institute[LEVEL], tiers[extras[place], SIZE])
    place, level = institute[LAST_TURN], institute[LEVEL]
    if more != NOBODY:
        size = tiers[extras[more], SIZE] + 1
        if size > level or (size == level and more >= place):
            return extras[more]
    while tiers[extras[place], SIZE] + (place == more) != level:
        place -= 1
        if place < institute[BEGIN]:
            place, level = end - 1, level - 1
    institute[LAST_TURN], institute[LEVEL] = place, level
    return extras[place]


@bare_inner
def _ask(held: Held, lab: int, entry: int, mine: int) -> int:
    """What a lab with reserves or a cap does with who proposes: the place of who is turned away, perhaps her `mine`."""
    bits, kinds, tiers, labs, position = held.bits, held.kinds, held.tiers, held.labs, entry >> POSITION_SHIFT
    begin = tiers[labs[lab, REST], LIST]
    if labs[lab, FIRST] == labs[lab, REST]:
        passed = _keep(bits, tiers, labs[lab, REST], tiers[labs[lab, REST], ROOM], position)
    elif position >= labs[lab, BAR]:
        passed = position
    else:
        kinds[mine] = np.uint8(entry & KIND)
        passed = _take(bits, kinds, tiers, labs, lab, position)
    if labs[lab, INSTITUTE] >= 0:
        institute = held.institutes[labs[lab, INSTITUTE]]
        return _take_under_cap(bits, tiers, labs, institute, held.extras, lab, passed)
    held.bars[lab] = labs[lab, BAR]
    return begin + passed if passed != NOBODY else NOBODY


@bare_inner
def _next_batch(table: Table, held: Held, desk: Desk, waiting: int, queue: Ints, taken: int) -> tuple[int, int]:
    """Write down what is asked next: by those who wait, then more of the queue. How many, and how far it is."""
    entries, going, many = table.wishes.entries, desk.going, 0
    for number in range(waiting):
        going[number] = held.choices[desk.waiting[number]]
        fetch(entries, going[number])
    for number in range(waiting):
        choice = going[number]
        if not entries[choice] & LAST:
            going[many] = choice + 1
            many += 1
    while taken < len(queue) and many < BATCH:
        going[many] = queue[taken]
        fetch(entries, going[many])
        taken += 1
        many += 1
    for number in range(many):
        desk.asked[number] = entries[going[number]]
    return many, taken


@bare
def propose(table: Table, held: Held, desk: Desk, queue: Ints) -> int:
    """Let applicants propose, and whoever is turned away for them go on, at the labs of one side.

    The queue has the number of the entry with which each begins. Returns how many go on at another side: the first of
    `desk.others`.
    """
    entries, choices, bars, labs, tiers = table.wishes.entries, held.choices, held.bars, held.labs, held.tiers
    taken, turned_away, leave = 0, 0, 0
    while taken < len(queue) or turned_away > 0:
        many, taken = _next_batch(table, held, desk, turned_away, queue, taken)
        turned_away = 0
        for number in range(many):
            choice, entry = desk.going[number], desk.asked[number]
            while True:
                position, lab = entry >> POSITION_SHIFT, entry >> LAB_SHIFT & LAB
                # whoever is not ranked stands below every bar; bars of the other side, too, only ever move up the list
                if position < bars[lab]:
                    if not desk.labs[lab]:
                        desk.others[leave] = choice
                        leave += 1
                        break
                    rest = labs[lab, REST]
                    mine = tiers[rest, LIST] + position
                    if labs[lab, FIRST] == rest and labs[lab, INSTITUTE] < 0:
                        passed = _keep(held.bits, tiers, rest, tiers[rest, ROOM], position)
                        passed += tiers[rest, LIST] if passed != NOBODY else 0
                        if tiers[rest, SIZE] >= tiers[rest, ROOM]:
                            bars[lab] = tiers[rest, WORST]
                    else:
                        passed = _ask(held, lab, entry, mine)
                    if passed != mine:
                        choices[mine] = choice
                        if passed != NOBODY:
                            desk.waiting[turned_away] = passed
                            fetch(choices, passed)
                            turned_away += 1
                        break
                if entry & LAST:
                    break
                choice += 1
                entry = entries[choice]
    return leave


def first_choices(table: Table) -> Ints:
    """The number of each applicant's first entry, of those who have one."""
    starts: Longs = table.wishes.starts
    return starts[:-1][starts[1:] > starts[:-1]].astype(np.int32)


def desk_of(labs: Bytes, applicants: int) -> Desk:
    """A desk with nobody at it, for so many applicants at most."""
    waiting, going, asked = (np.empty(BATCH, np.int64) for _each in range(3))
    return Desk(labs, np.empty(applicants, np.int32), waiting, going, asked)


def sides_of(table: Table) -> Bytes:
    """Each lab's side, 0 or 1, so that both have about as long lists. Labs under one cap are on one side."""
    institutes, labs = table.openings.institute, len(table.openings.institute)
    together = np.where(institutes >= 0, institutes, len(table.caps.caps) + np.arange(labs))
    listed = np.bincount(together, np.diff(table.orders.starts), labs + len(table.caps.caps))
    return (np.cumsum(listed) > listed.sum() / 2).astype(np.uint8)[together]


@compiled
def places_of(table: Table, held: Held) -> Ints:
    """Each applicant's lab, -1 for none."""
    labs, tiers, people = held.labs, held.tiers, table.orders.people
    places = np.full(len(table.wishes.starts) - 1, NOBODY, np.int32)
    for lab in range(len(labs)):
        end = labs[lab + 1, FIRST] if lab + 1 < len(labs) else len(tiers)
        for tier in range(labs[lab, FIRST], end):
            for position in range(tiers[tier, WORST] + 1):
                if held.bits[tiers[tier, START] + (position >> 3)] >> (position & 7) & 1:
                    places[people[tiers[tier, LIST] + position]] = lab
    return places
