"""The compiled loops that make a table of lists: ids as indices, and where each choice stands on its lab's list."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from matching.engine.arrays import (
    LAB,
    LAB_SHIFT,
    LAST,
    POSITION_SHIFT,
    UNRANKED,
    Bits,
    Ints,
    Longs,
    Openings,
)
from matching.engine.compiled import compiled, inner, parts_of, side_by_side

# so many applicants' choices stay in the processor's cache together; who it is fits below the lab in an entry
BLOCK_SHIFT = 11
IN_BLOCK = (1 << BLOCK_SHIFT) - 1
# one applicant's cards are found by so many of the lowest bits of their labs
SHELVES = 256
NONE = -1


class Index(NamedTuple):
    """Keys as indices: `numbers` has that of `low` + its place, -1 for none; empty, when the places are the indices.

    `many` is how many places there are.
    """

    numbers: Ints
    low: int
    many: int


def numbered(starts: Longs, values: Longs | Ints, index: Index) -> tuple[Ints, int]:
    """Keys as indices, and the first entry that is unknown, or -1."""
    numbers = np.empty(len(values), np.int32)
    work = [(starts, values, index, numbers, begin, end) for begin, end in parts_of(starts)]
    return numbers, _first_of(side_by_side(_number, work))


def _first_of(places: Iterable[int]) -> int:
    """The lowest of places, of which `NONE` are none."""
    return min((place for place in places if place != NONE), default=NONE)


@inner
def _number_of(value: int, index: Index) -> int:
    """A key's index, `NONE` for an unknown one."""
    place = np.int64(value) - index.low
    if place < 0 or place >= index.many:
        return NONE
    return np.int64(index.numbers[place]) if len(index.numbers) else place


@compiled
def _number(starts: Longs, values: Longs, index: Index, numbers: Ints, begin: int, end: int) -> int:
    for entry in range(starts[begin], starts[end]):
        number = _number_of(values[entry], index)
        if number < 0:
            return entry
        numbers[entry] = number
    return NONE


class Dealt(NamedTuple):
    """Labs' lists dealt out by blocks of the keys on them: who is asked about together lies together.

    `low` is the lowest key; a block's share begins at its place in `shares`. A card is an entry's position and lab, and
    below them which key of the block it is.
    """

    low: int
    shares: Longs
    cards: Longs


def deal(starts: Longs, values: Ints | Longs, low: int, high: int) -> Dealt:
    """Deal out lists of keys, all of them from `low` to `high`. Needs to know nothing yet of whom the keys mean."""
    blocks = (high - low >> BLOCK_SHIFT) + 1
    parts = parts_of(starts)
    counts = np.stack(side_by_side(_count, [(starts, values, low, blocks, *part) for part in parts]), axis=1)
    # a block's share lies together, and in it the parts' in their order, which is that of the labs
    ends = np.cumsum(counts.ravel()).reshape(counts.shape)
    begins, cards = (ends - counts).T, np.empty(len(values), np.int64)
    work = [(starts, values, low, begins[number].copy(), cards, *part) for number, part in enumerate(parts)]
    side_by_side(_deal, work)
    return Dealt(low, np.concatenate([np.zeros(1, np.int64), ends[:, -1]]), cards)


@compiled
def _count(starts: Longs, values: Ints, low: int, blocks: int, begin: int, end: int) -> Longs:
    """How many keys on some labs' lists are in each block."""
    counts = np.zeros(blocks, np.int64)
    for place in range(starts[begin], starts[end]):
        counts[values[place] - low >> BLOCK_SHIFT] += 1
    return counts


@compiled
def _deal(starts: Longs, values: Ints, low: int, used: Longs, cards: Longs, begin: int, end: int) -> None:
    for lab in range(begin, end):
        first = starts[lab]
        for place in range(first, starts[lab + 1]):
            distance = np.int64(values[place]) - low
            block = distance >> BLOCK_SHIFT
            cards[used[block]] = (place - first) << POSITION_SHIFT | lab << LAB_SHIFT | distance & IN_BLOCK
            used[block] += 1


class Wrong(NamedTuple):
    """Where lists are wrong first, `NONE` when they are right.

    `choice` is an applicant's choice of an unknown lab, or of one that she has already; `again` the place on the labs'
    lists that has again whom its lab has.
    """

    choice: int
    again: int


class Sides(NamedTuple):
    """Lists of keys from both sides. `keys`, `starts` and `values` are the applicants'; the labs' are dealt out.

    `index` has the labs' numbers, `order_starts` says where their lists begin.
    """

    keys: Ints | Longs
    starts: Longs
    values: Ints | Longs
    index: Index
    order_starts: Longs
    dealt: Dealt


def find_entries(sides: Sides, entries: Longs) -> Wrong:
    """Write the entry of each choice.

    Whoever a lab ranked without having been chosen by her keeps her position, for it counts in everybody else's.
    """
    keys, dealt = sides.keys, sides.dealt
    people = np.searchsorted(keys, dealt.low + (np.arange(len(dealt.shares)) << BLOCK_SHIFT))
    people[0], people[-1] = 0, len(keys)
    work = [(sides, people, entries, *part) for part in parts_of(dealt.shares)]
    choices, again = zip(*side_by_side(_write, work), strict=True)
    return Wrong(_first_of(choices), _first_of(again))


@inner
def _sort(cards: Longs, begin: int, end: int, starts: Ints, mine: Longs) -> None:
    """One block's cards by applicant, as they lie, in `mine`: those of the one at `key` begin at `starts[key]`."""
    starts[:] = 0
    for number in range(begin, end):
        starts[(cards[number] & IN_BLOCK) + 2] += 1
    for key in range(2, len(starts)):
        starts[key] += starts[key - 1]
    for number in range(begin, end):
        key = (cards[number] & IN_BLOCK) + 1
        mine[starts[key]] = cards[number] & ~np.int64((1 << LAB_SHIFT) - 1)
        starts[key] += 1


@inner
def _shelve(mine: Longs, begin: int, end: int, shelves: Ints) -> int:
    """Put one applicant's cards where their labs' lowest bits point to; the first of a lab that she had, or `NONE`."""
    again = NONE
    for number in range(begin, end):
        lab = mine[number] >> LAB_SHIFT & LAB
        # they lie in the order of the labs
        if number > begin and mine[number - 1] >> LAB_SHIFT & LAB == lab and again == NONE:
            again = number
        shelves[lab % SHELVES] = number
    return again


@inner
def _entry_of(lab: int, mine: Longs, begin: int, end: int, shelves: Ints) -> int:
    """The card of a lab, or what says that it did not rank her."""
    number = np.int64(shelves[lab % SHELVES])
    if begin <= number < end and mine[number] >> LAB_SHIFT & LAB == lab:
        return mine[number]
    # another lab's card lies there, or none does
    found = np.int64(UNRANKED) << POSITION_SHIFT | lab << LAB_SHIFT
    for number in range(begin, end):
        found = mine[number] if mine[number] >> LAB_SHIFT & LAB == lab else found
    return found


@compiled
def _write(sides: Sides, people: Longs, entries: Longs, begin: int, end: int) -> tuple[int, int]:
    """Write the entries of the applicants in some blocks, which begin at `people`: what `Wrong` says of them."""
    keys, starts, values, cards, shares = sides.keys, sides.starts, sides.values, sides.dealt.cards, sides.dealt.shares
    most, again = 1, np.int64(len(cards))
    for block in range(begin, end):
        most = max(most, shares[block + 1] - shares[block])
    mine, of_key = np.zeros(most, np.int64), np.empty(IN_BLOCK + 3, np.int32)
    shelves, chosen = np.zeros(SHELVES, np.int32), np.full(len(sides.order_starts), NONE, np.int64)
    for block in range(begin, end):
        _sort(cards, shares[block], shares[block + 1], of_key, mine)
        low = sides.dealt.low + (block << BLOCK_SHIFT)
        for person in range(people[block], people[block + 1]):
            key, first, last = np.int64(keys[person]) - low, np.int64(0), np.int64(0)
            if 0 <= key <= IN_BLOCK:
                first, last = np.int64(of_key[key]), np.int64(of_key[key + 1])
            wrong = _shelve(mine, first, last, shelves)
            if wrong != NONE:
                lab = mine[wrong] >> LAB_SHIFT & LAB
                again = min(again, sides.order_starts[lab] + (mine[wrong] >> POSITION_SHIFT))
            for choice in range(starts[person], starts[person + 1]):
                lab = _number_of(values[choice], sides.index)
                if lab < 0 or chosen[lab] == person:
                    return choice, NONE
                chosen[lab] = person
                entries[choice] = _entry_of(lab, mine, first, last, shelves)
            if starts[person + 1] > starts[person]:
                entries[starts[person + 1] - 1] |= LAST
    return NONE, again if again < len(cards) else NONE


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
def by_lab(places: Ints, labs: int) -> tuple[Longs, Ints]:
    """Who holds each lab's seats, by their indices: where each lab's begin, and all one behind the other."""
    starts = np.zeros(labs + 1, np.int64)
    for person in range(len(places)):
        starts[places[person] + 1] += places[person] >= 0
    for lab in range(labs):
        starts[lab + 1] += starts[lab]
    used, people = starts.copy(), np.empty(starts[labs], np.int32)
    for person in range(len(places)):
        lab = places[person]
        if lab >= 0:
            people[used[lab]] = person
            used[lab] += 1
    return starts, people
