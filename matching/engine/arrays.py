"""An instance as arrays of whole numbers: what compiled code works on, and what rows of a database become directly.

Applicants and labs are indices in the order of their ids. Lists lie one behind the other: the choices of applicant `a`
are `labs[starts[a]:starts[a + 1]]`. Nothing is checked here; `table.checked` refuses what is not in order.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.int64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

# one bit a group that has a reserve somewhere, one spare
MOST_GROUPS: Final = 62
# the kinds of people that a lab can tell apart are two to the power of its reserves
MOST_RESERVES: Final = 12


class Wishes(NamedTuple):
    """The applicants' side: each one's labs, best first; where she stands there (0 the best, -1 not ranked)."""

    starts: Longs
    labs: Ints
    positions: Ints
    groups: Bits


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
    """All of an input but the seed, which has done its work once `orders` and `positions` are there."""

    wishes: Wishes
    orders: Orders
    openings: Openings
    caps: Caps


def starts_of(lengths: Longs | Ints | list[int]) -> Longs:
    """Where each list begins when they lie one behind the other, and where the last ends."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
