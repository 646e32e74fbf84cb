"""The compiled loops that make a table of lists: ids as indices, and where each choice stands on its lab's list."""

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
BLOCK_SHIFT = 12
IN_BLOCK = (1 << BLOCK_SHIFT) - 1
NONE = -1


class Index(NamedTuple):
    """Keys as indices: `numbers` has that of `low` + its place, -1 for none; empty, when the places are the indices.

    `many` is how many places there are.
    """

    numbers: Ints
    low: int
    many: int


def numbered(starts: Longs, values: Longs | Ints, index: Index, *, is_once: bool) -> tuple[Ints, int]:
    """Keys as indices, and the first entry that is unknown, or (when `is_once`) that its list has already, or -1."""
    numbers = np.empty(len(values), np.int32)
    work = [(starts, values, index, is_once, numbers, begin, end) for begin, end in parts_of(starts)]
    return numbers, min((entry for entry in side_by_side(_number, work) if entry != NONE), default=NONE)


@compiled
def _number(starts: Longs, values: Longs, index: Index, is_once: bool, numbers: Ints, begin: int, end: int) -> int:
    seen = np.full(index.many if is_once else 0, NONE, np.int64)
    for row in range(begin, end):
        for entry in range(starts[row], starts[row + 1]):
            place = np.int64(values[entry]) - index.low
            if place < 0 or place >= index.many:
                return entry
            number = np.int64(index.numbers[place]) if len(index.numbers) else place
            if number < 0:
                return entry
            if is_once:
                if seen[place] == row:
                    return entry
                seen[place] = row
            numbers[entry] = number
    return NONE


class Dealt(NamedTuple):
    """Labs' lists dealt out by blocks of the keys on them: who is asked about together lies together.

    `low` is the lowest key, `shares` where each block's share begins in `cards`. A card is an entry's position and lab,
    and below them which key of the block it is.
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


class Blocks(NamedTuple):
    """Whose keys are in each block: the applicants from `people[block]` up to the next block's.

    `distance` is how far the first block begins above the first applicant's key, `numbers` the index's.
    """

    people: Longs
    distance: int
    numbers: Ints


def find_positions(
    starts: Longs, labs: Ints, keys: Ints | Longs, index: Index, order_starts: Longs, dealt: Dealt, entries: Longs
) -> int:
    """Write each choice's entry, and return the first place on the labs' lists that has again whom its lab has, or -1.

    `keys` are the applicants', `index` theirs. Whoever a lab ranked without having been chosen by her keeps her
    position, for it counts in everybody else's.
    """
    many = len(dealt.shares) - 1
    people = np.searchsorted(keys, dealt.low + (np.arange(many + 1) << BLOCK_SHIFT))
    people[0], people[-1] = 0, len(keys)
    blocks = Blocks(people, dealt.low - index.low, index.numbers)
    work = [(starts, labs, blocks, order_starts, dealt, entries, *part) for part in parts_of(dealt.shares)]
    return min((place for place in side_by_side(_write, work) if place != NONE), default=NONE)


@inner
def _choice_of(labs: Ints, lab: int, begin: int, end: int) -> int:
    """Where a list has a lab, `end` if it does not. Without a way out early: nothing to guess, hence quicker."""
    found = end
    for choice in range(begin, end):
        found = choice if labs[choice] == lab else found
    return found


@compiled
def _write(
    starts: Longs, labs: Ints, blocks: Blocks, order_starts: Longs, dealt: Dealt, entries: Longs, begin: int, end: int
) -> int:
    """Write the entries of the applicants in some blocks."""
    strangers, cards = np.empty(IN_BLOCK + 1, np.int64), dealt.cards
    twice, none = np.int64(len(cards)), np.int64(UNRANKED) << POSITION_SHIFT
    for block in range(begin, end):
        for person in range(blocks.people[block], blocks.people[block + 1]):
            for choice in range(starts[person], starts[person + 1]):
                entries[choice] = none | np.int64(labs[choice]) << LAB_SHIFT
            if starts[person + 1] > starts[person]:
                entries[starts[person + 1] - 1] |= LAST
        strangers[:] = NONE
        first = (block << BLOCK_SHIFT) + blocks.distance
        for number in range(dealt.shares[block], dealt.shares[block + 1]):
            card = cards[number]
            within, lab = card & IN_BLOCK, card >> LAB_SHIFT & LAB
            person = np.int64(blocks.numbers[first + within]) if len(blocks.numbers) else first + within
            above = starts[person + 1]
            choice = _choice_of(labs, lab, starts[person], above)
            if choice < above and entries[choice] >> POSITION_SHIFT == UNRANKED:
                entries[choice] = card & ~np.int64((1 << LAB_SHIFT) - 1) | entries[choice] & LAST
                continue
            if choice < above or strangers[within] == lab:
                twice = min(twice, order_starts[lab] + (card >> POSITION_SHIFT))
            strangers[within] = lab
    return twice if twice < len(cards) else NONE


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
