"""An instance as arrays of whole numbers: what compiled code works on, and what rows of a database become directly.

Applicants and labs are indices in the order of their ids. Lists lie one behind the other: the choices of applicant `a`
are `entries[starts[a]:starts[a + 1]]`. All that is asked about a choice stands in one number, because fetching it is
what costs: her position on the lab's list (0 the best), the lab, whether it is her last choice, and which of the lab's
reserves she may take.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.int64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
# rows with columns, each of them a whole number
Grid = NDArray[np.int32]

# the parts of an entry, from the lowest bits: reserves, some that are free, last choice, lab, position
MOST_RESERVES: Final = 8
KIND: Final = (1 << MOST_RESERVES) - 1
LAST: Final = 1 << 12
LAB_SHIFT: Final = 13
LAB: Final = (1 << 20) - 1
POSITION_SHIFT: Final = LAB_SHIFT + 20
UNRANKED: Final = (1 << 30) - 1

# one bit a group that has a reserve somewhere
MOST_GROUPS: Final = 62


class Wishes(NamedTuple):
    """The applicants' side: each one's choices, best first."""

    starts: Longs
    entries: Longs

    def labs(self) -> Longs:
        return self.entries >> LAB_SHIFT & LAB

    def positions(self) -> Longs:
        """Where each choice stands on its lab's list, `UNRANKED` if it does not."""
        return self.entries >> POSITION_SHIFT


class Orders(NamedTuple):
    """The labs' side: each one's applicants, best first, after the lottery."""

    starts: Longs
    people: Ints


class Openings(NamedTuple):
    """Each lab's seats; `quota` goes by rule 2 (under a cap: the target). Reserves lie one lab behind the other.

    `institute` is an index into `Caps`, -1 for a lab without a cap; `turn` its place in that institute's order.
    """

    seats: Ints
    quota: Ints
    is_open_first: Flags
    reserve_starts: Ints
    reserve_groups: Bits
    reserve_seats: Ints
    institute: Ints
    turn: Ints


class Caps(NamedTuple):
    """Institutes under a cap, and their labs in the order in which they take turns."""

    caps: Longs
    starts: Ints
    order: Ints


class Table(NamedTuple):
    """All of an input but the seed, which has done its work once orders and positions are there."""

    wishes: Wishes
    orders: Orders
    openings: Openings
    caps: Caps


def starts_of(lengths: Longs | Ints | list[int]) -> Longs:
    """Where each list begins when they lie one behind the other, and where the last ends."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def plain_openings(seats: Ints) -> tuple[Openings, Caps]:
    """Labs that have these seats, and neither reserves nor caps."""
    many = len(seats)
    nothing, none = np.empty(0, np.int64), np.full(many, -1, np.int32)
    reserve_starts, no_seats = np.zeros(many + 1, np.int32), nothing.astype(np.int32)
    openings = Openings(seats, seats, np.ones(many, np.bool_), reserve_starts, nothing, no_seats, none, none)
    return openings, Caps(nothing, np.zeros(1, np.int32), no_seats)
