"""Instances as tables of arrays: from the objects of `instance`, or straight from rows of a database."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from matching.engine.arrays import (
    MOST_GROUPS,
    MOST_RESERVES,
    Bits,
    Caps,
    Flags,
    Ints,
    Longs,
    Openings,
    Orders,
    Table,
    Wishes,
    starts_of,
)
from matching.engine.instance import OPEN_FIRST, Instance
from matching.engine.numbering import Dealt, Index, Sides, deal, find_entries, find_kinds, numbered
from matching.engine.reading import Malformed

# a lookup by key is an array from the lowest to the highest key, unless that would be much larger than the rows
LOOSEST: Final = 64


class TooMany(ValueError):
    """More groups or reserves than the bits of a number hold: the reference solves such an instance."""


class Names(NamedTuple):
    """The ids that the indices of a table stand for; institutes are those under a cap."""

    applicants: tuple[str, ...]
    labs: tuple[str, ...]
    institutes: tuple[str, ...]


class Untied(NamedTuple):
    """An instance before the lottery: `class_ends` marks the last of each tie class in `orders`."""

    starts: Longs
    labs: Ints
    groups: Bits
    orders: Orders
    class_ends: Flags
    openings: Openings
    caps: Caps


class Rows(NamedTuple):
    """One list of keys a row, as a database gives them, in the order of the rows' own keys, which are all different."""

    keys: Longs | Ints
    starts: Longs
    values: Longs | Ints


def names_of(instance: Instance) -> Names:
    """The ids in the order of a table's indices."""
    capped = tuple(each.id for each in instance.institutes if each.cap is not None)
    return Names(tuple(each.id for each in instance.applicants), tuple(each.id for each in instance.labs), capped)


def table_of(instance: Instance) -> Table:
    """An instance as arrays, ties broken by its seed. Refuses with `TooMany` what bits cannot hold."""
    return drawn(untied(instance), ranks_drawn(instance.seed, [each.id.encode() for each in instance.applicants]))


def untied(instance: Instance) -> Untied:
    """An instance as arrays before the lottery. Refuses with `TooMany` what bits cannot hold."""
    people = {each.id: number for number, each in enumerate(instance.applicants)}
    labs = {each.id: number for number, each in enumerate(instance.labs)}
    bits = _bits(instance)
    classes = [len(tied) for lab in instance.labs for tied in lab.ranks]
    ends = np.zeros(sum(classes), np.bool_)
    ends[np.cumsum(classes, dtype=np.int64) - 1] = True
    return Untied(
        starts=starts_of([len(each.ranks) for each in instance.applicants]),
        labs=_flat([labs[name] for each in instance.applicants for name in each.ranks]),
        groups=np.array([sum(bits.get(name, 0) for name in each.groups) for each in instance.applicants], np.int64),
        orders=Orders(
            starts_of([sum(map(len, lab.ranks)) for lab in instance.labs]),
            _flat([people[name] for lab in instance.labs for tied in lab.ranks for name in tied]),
        ),
        class_ends=ends,
        openings=_openings(instance, bits),
        caps=_caps(instance, labs),
    )


def _bits(instance: Instance) -> dict[str, int]:
    """The bit of each group that some lab has a reserve for."""
    reserved = sorted({reserve.group for lab in instance.labs for reserve in lab.reserves})
    if instance.couples:
        raise TooMany("couples are solved by the reference")
    if len(reserved) > MOST_GROUPS or any(len(lab.reserves) > MOST_RESERVES for lab in instance.labs):
        raise TooMany(f"more than {MOST_GROUPS} groups have a reserve, or one lab has more than {MOST_RESERVES}")
    return {group: 1 << number for number, group in enumerate(reserved)}


def _flat(values: Sequence[int]) -> Ints:
    return np.array(values, np.int32)


def _openings(instance: Instance, bits: dict[str, int]) -> Openings:
    capped = {each.id: each.order for each in instance.institutes if each.cap is not None}
    numbers = {name: number for number, name in enumerate(capped)}
    labs = instance.labs
    reserves = [reserve for lab in labs for reserve in lab.reserves]
    return Openings(
        seats=_flat([lab.seats for lab in labs]),
        quota=_flat([lab.target or 0 if lab.institute in capped else lab.seats for lab in labs]),
        is_open_first=np.array([lab.reserve_order == OPEN_FIRST for lab in labs], np.bool_),
        reserve_starts=starts_of([len(lab.reserves) for lab in labs]).astype(np.int32),
        reserve_groups=np.array([bits[reserve.group] for reserve in reserves], np.int64),
        reserve_seats=_flat([reserve.seats for reserve in reserves]),
        institute=_flat([numbers.get(lab.institute, -1) for lab in labs]),
        turn=_flat([capped[lab.institute].index(lab.id) if lab.institute in capped else -1 for lab in labs]),
    )


def _caps(instance: Instance, labs: dict[str, int]) -> Caps:
    capped = [each for each in instance.institutes if each.cap is not None]
    return Caps(
        np.array([each.cap for each in capped], np.int64),
        starts_of([len(each.order) for each in capped]).astype(np.int32),
        _flat([labs[name] for each in capped for name in each.order]),
    )


def ranks_drawn(seed: str, applicants: Iterable[bytes]) -> Ints:
    """The place of everybody's lottery number (`lottery.number_of`) in the order of all, from 0. Ids are in UTF-8."""
    begun, drawn_for = f"{seed}\n".encode(), hashlib.sha256
    digests = b"".join([drawn_for(begun + name).digest() for name in applicants])
    words = np.frombuffer(digests, ">u8").reshape(-1, 4).astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    if np.any(first[1:] == first[:-1]):
        order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def drawn(given: Untied, ranks: Ints) -> Table:
    """The table in which ties go to the lower of `ranks`, one number an applicant."""
    orders, entries = Orders(given.orders.starts, _without_ties(given, ranks)), np.empty(len(given.labs), np.int64)
    dealt = deal(orders.starts, orders.people, 0, max(0, len(ranks) - 1))
    index = Index(np.empty(0, np.int32), 0, len(orders.starts) - 1)
    people = np.arange(len(ranks), dtype=np.int32)
    find_entries(Sides(people, given.starts, given.labs, index, orders.starts, dealt), entries)
    _add_kinds(given.starts, entries, given.groups, given.openings)
    return Table(Wishes(given.starts, entries), orders, given.openings, given.caps)


def _add_kinds(starts: Longs, entries: Longs, groups: Bits | None, openings: Openings) -> None:
    if groups is not None and len(openings.reserve_groups):
        find_kinds(starts, entries, groups, openings)


def _without_ties(given: Untied, ranks: Ints) -> Ints:
    """Everybody tied with others is put in the order of the draw, class by class."""
    people, ends = given.orders.people, given.class_ends
    is_first = np.ones(len(ends), np.bool_)
    is_first[1:] = ends[:-1]
    tied = np.flatnonzero(~(is_first & ends))
    if not len(tied):
        return people
    classes = np.cumsum(is_first, dtype=np.int64)[tied]
    order = np.argsort(classes * len(ranks) + ranks[people[tied]])
    ordered = people.copy()
    ordered[tied] = people[tied[order]]
    return ordered


def dealt_of(labs: Rows) -> Dealt:
    """What `of_rows` does with the labs' lists alone: it can be done while the applicants' are still being read."""
    low, high = (int(labs.values.min()), int(labs.values.max())) if len(labs.values) else (0, -1)
    _refuse_far_apart(len(labs.values), low, high)
    return deal(labs.starts, labs.values, low, max(low, high))


def of_rows(
    applicants: Rows,
    labs: Rows,
    openings: Openings,
    caps: Caps,
    groups: Bits | None = None,
    dealt: Dealt | None = None,
) -> Table:
    """A table from lists of keys without ties: applicants' lists name labs, labs' lists name applicants.

    `openings` and `caps` are in the order of the labs' rows, `groups` in that of the applicants'; `dealt` saves working
    it out (`dealt_of`). Refuses with `Malformed` a key that is unknown or stands twice in a list, with the row's key
    and the place in it.
    """
    sides = Sides(*applicants, _index_of(labs.keys), labs.starts, dealt or dealt_of(labs))
    entries = np.empty(len(applicants.values), np.int64)
    wrong = find_entries(sides, entries)
    _refuse(applicants, wrong.choice, "applicant", "lab")
    people, stranger = numbered(labs.starts, labs.values, _index_of(applicants.keys))
    _refuse(labs, stranger, "lab", "applicant")
    _refuse(labs, wrong.again, "lab", "applicant")
    _add_kinds(applicants.starts, entries, groups, openings)
    return Table(Wishes(applicants.starts, entries), Orders(labs.starts, people), openings, caps)


def _index_of(keys: Longs | Ints) -> Index:
    """The index of each key by its distance from the lowest; without a gap it is the distance itself."""
    if np.any(keys[1:] <= keys[:-1]):
        raise Malformed("rows", "must be in the order of their keys, which are all different")
    low, high = (int(keys[0]), int(keys[-1])) if len(keys) else (0, -1)
    _refuse_far_apart(len(keys), low, high)
    many = high - low + 1
    numbers = np.full(0 if many == len(keys) else many, -1, np.int32)
    if len(numbers):
        numbers[keys - low] = np.arange(len(keys), dtype=np.int32)
    return Index(numbers, low, many)


def _refuse_far_apart(keys: int, low: int, high: int) -> None:
    if high - low >= LOOSEST * (keys + 1_000):
        raise Malformed("rows", f"their keys lie too far apart: {keys} from {low} to {high}")


def _refuse(rows: Rows, entry: int, row_noun: str, noun: str) -> None:
    if entry < 0:
        return
    row = int(np.searchsorted(rows.starts, entry, side="right")) - 1
    key, value, place = rows.keys[row], rows.values[entry], entry - rows.starts[row]
    is_again = np.any(rows.values[rows.starts[row] : entry] == value)
    reason = "is in this list twice" if is_again else f"is no known {noun}"
    raise Malformed(f"{row_noun} {key}, entry {place}", f"{noun} {value} {reason}")
