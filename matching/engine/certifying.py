"""Whether places keep the rule, over arrays, compiled: the definition of `choice` and `holding`, not the algorithm.

For each lab and each kind of person (which of its reserved groups she belongs to) the definition gives a bar: she and
the lab block exactly when she prefers it and stands above the bar. Bars are found when they are first asked for.
"""

from typing import NamedTuple

import numpy as np

from matching.engine.arrays import KIND, LAB, LAB_SHIFT, POSITION_SHIFT, UNRANKED, Bits, Ints, Longs, Table
from matching.engine.compiled import compiled, inner, parts_of, side_by_side

UNKNOWN = -2
NEVER = np.int32(-1)
ALWAYS = np.int32(UNRANKED)


class Holders(NamedTuple):
    """Each lab's holders: how many, the last one's position, and (where a reserve or cap asks) all, best first.

    `wrong` are applicants whose place was never agreed on: the lab is not on her list, or she not on the lab's.
    """

    many: Longs
    last: Ints
    wrong: Longs
    starts: Longs
    positions: Ints
    kinds: Bits


def holders_of(table: Table, places: Ints) -> tuple[Holders, Longs]:
    """Who holds each lab's seats, and the entry of `Wishes` that is each one's place (-1: none)."""
    openings = table.openings
    choices, wrong, many, last = _counted(table, places)
    is_plain = (openings.institute < 0) & (np.diff(openings.reserve_starts) == 0)
    listed = np.flatnonzero((choices >= 0) & ~is_plain[places]) if not is_plain.all() else np.empty(0, np.int64)
    entries, labs = table.wishes.entries[choices[listed]], places[listed]
    # by lab, then by position: what an entry holds above and below the position does not matter there
    order = np.lexsort((entries >> POSITION_SHIFT, labs))
    starts = np.zeros(len(many) + 1, np.int64)
    np.cumsum(np.bincount(labs, minlength=len(many)), out=starts[1:])
    positions = (entries >> POSITION_SHIFT).astype(np.int32)
    return Holders(many, last, wrong, starts, positions[order], entries[order] & KIND), choices


def _counted(table: Table, places: Ints) -> tuple[Longs, Longs, Longs, Ints]:
    """Everybody's choice; whose place was never agreed on; by lab, how many hold it and the last one's position."""
    choices = np.full(len(places), -1, np.int64)
    parts = parts_of(table.wishes.starts)
    wrong, many, last = zip(*side_by_side(_count, [(table, places, choices, *part) for part in parts]), strict=True)
    return choices, np.concatenate(wrong), np.sum(many, axis=0), np.max(last, axis=0)


@compiled
def _count(table: Table, places: Ints, choices: Longs, begin: int, end: int) -> tuple[Longs, Longs, Ints]:
    """The same for the applicants from `begin` up to `end`, whose choices it writes down."""
    starts, entries, labs = table.wishes.starts, table.wishes.entries, len(table.openings.seats)
    wrong, found = np.empty(end - begin, np.int64), 0
    many, last = np.zeros(labs, np.int64), np.full(labs, -1, np.int32)
    for person in range(begin, end):
        lab = places[person]
        if lab < 0:
            continue
        many[lab] += 1
        choice, above = starts[person], starts[person + 1]
        while choice < above and entries[choice] >> LAB_SHIFT & LAB != lab:
            choice += 1
        if choice < above:
            choices[person] = choice
        position = entries[choice] >> POSITION_SHIFT if choice < above else UNRANKED
        if position == UNRANKED:
            wrong[found] = person
            found += 1
        elif position > last[lab]:
            last[lab] = position
    return wrong[:found], many, last


@inner
def _waiting_before(table: Table, holders: Holders, lab: int, kind: int, above: int) -> int:
    """Rule 2 among a lab's holders and a newcomer of that kind who stands below `above` of them.

    -1 when she is chosen, else how many who are not chosen stand above her.
    """
    openings, begin, many = table.openings, holders.starts[lab], holders.many[lab] + 1
    chosen = np.zeros(many, np.bool_)
    left, first, last = np.int64(openings.quota[lab]), openings.reserve_starts[lab], openings.reserve_starts[lab + 1]
    opens = left if openings.is_open_first[lab] else np.int64(0)
    for reserve in range(first, last):
        opens -= openings.reserve_seats[reserve] if openings.is_open_first[lab] else 0
    # the open seats, the reserves, what is left over
    for turn in range(first - 1, last + 1):
        seats = opens if turn < first else np.int64(openings.reserve_seats[turn]) if turn < last else left
        is_reserve = first <= turn < last
        for person in range(many):
            if seats > 0 and not chosen[person]:
                has = kind if person == above else holders.kinds[begin + person - (person > above)]
                if not is_reserve or has >> (turn - first) & 1:
                    chosen[person] = True
                    seats -= 1
                    left -= 1
    if chosen[above]:
        return -1
    before = 0
    for person in range(above):
        before += not chosen[person]
    return before


@inner
def _turns(table: Table, holders: Holders, lab: int) -> int:
    """Rule 3: how many more than its target a lab takes, with one newcomer at it who is beyond the target."""
    openings, caps, institute = table.openings, table.caps, table.openings.institute[lab]
    begin, end = caps.starts[institute], caps.starts[institute + 1]
    room, most = caps.caps[institute], np.int64(0)
    wishes = np.zeros(end - begin, np.int64)
    for place in range(begin, end):
        other = caps.order[place]
        people = holders.many[other] + (other == lab)
        first = min(people, np.int64(openings.quota[other]))
        room -= first
        wishes[place - begin] = min(people, np.int64(openings.seats[other])) - first
        most = max(most, wishes[place - begin])
    taken = 0
    for turn in range(most):
        for place in range(begin, end):
            if room > 0 and turn < wishes[place - begin]:
                room -= 1
                taken += caps.order[place] == lab
    return taken


@inner
def _bar(table: Table, holders: Holders, lab: int, kind: int) -> int:
    """Above which position such a person would be chosen: by bisection, for whoever stands higher is no worse off."""
    openings, many = table.openings, holders.many[lab]
    is_capped = openings.institute[lab] >= 0
    if not is_capped and openings.reserve_starts[lab] == openings.reserve_starts[lab + 1]:
        return ALWAYS if many < openings.seats[lab] else holders.last[lab]
    turns = _turns(table, holders, lab) if is_capped else 0
    low, high = np.int64(0), many + 1
    while low < high:
        middle = (low + high) // 2
        if _waiting_before(table, holders, lab, kind, middle) < turns:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return NEVER
    return ALWAYS if low > many else holders.positions[holders.starts[lab] + low - 1]


def blocking(table: Table, holders: Holders, choices: Longs, most: int) -> tuple[int, Longs, Longs]:
    """How many pairs block; of the first `most` of them, the applicant and the entry of `Wishes`."""
    parts = parts_of(table.wishes.starts)
    work = [(table, holders, choices, most, begin, end) for begin, end in parts]
    found, people, entries = zip(*side_by_side(_blocking, work), strict=True)
    return sum(found), np.concatenate(people)[:most], np.concatenate(entries)[:most]


@compiled
def _blocking(
    table: Table, holders: Holders, choices: Longs, most: int, begin: int, end: int
) -> tuple[int, Longs, Longs]:
    """The same for the applicants from `begin` up to `end`."""
    starts, all_entries, reserve_starts = table.wishes.starts, table.wishes.entries, table.openings.reserve_starts
    kinds = np.zeros(len(reserve_starts), np.int64)
    for lab in range(len(reserve_starts) - 1):
        kinds[lab + 1] = kinds[lab] + (1 << (reserve_starts[lab + 1] - reserve_starts[lab]))
    bars = np.full(kinds[-1], UNKNOWN, np.int32)
    people, entries, found = np.empty(most, np.int64), np.empty(most, np.int64), 0
    for person in range(begin, end):
        above = choices[person] if choices[person] >= 0 else starts[person + 1]
        for choice in range(starts[person], above):
            entry = all_entries[choice]
            position, lab, kind = entry >> POSITION_SHIFT, entry >> LAB_SHIFT & LAB, entry & KIND
            # no bar is above UNRANKED: whoever is not ranked does not block
            slot = kinds[lab] + kind
            if bars[slot] == UNKNOWN:
                bars[slot] = _bar(table, holders, lab, kind)
            if position < bars[slot]:
                if found < most:
                    people[found], entries[found] = person, choice
                found += 1
    kept = min(found, most)
    return found, people[:kept].copy(), entries[:kept].copy()


def holders_together(table: Table, holders: Holders) -> Longs:
    """How many hold a seat in each institute under a cap."""
    is_capped = table.openings.institute >= 0
    together = np.zeros(len(table.caps.caps), np.int64)
    np.add.at(together, table.openings.institute[is_capped], holders.many[is_capped])
    return together
