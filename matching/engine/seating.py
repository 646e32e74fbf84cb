"""Labs' and institutes' choices kept up to date proposal by proposal, with heaps: the same as `choice`, faster.

People are positions on a lab's list, 0 the best. A heap holds them negated, so that its top is the worst of them.
Because the rules are substitutable, a newcomer changes the choice by one person at most: she is passed from tier to
tier, each tier keeps its best and passes one on.
"""

from collections.abc import Collection, Mapping
from heapq import heappop, heappush, heappushpop

from matching.engine.instance import OPEN_FIRST, Institute, Lab


class Tier:
    """Some seats of a lab that go by rank to anyone (`members` None) or to those at the positions in `members`."""

    __slots__ = ("held", "members", "seats")

    def __init__(self, seats: int, members: Collection[int] | None = None) -> None:
        self.seats = seats
        self.members = members
        self.held: list[int] = []


class LabSeats:
    """Rule 2 up to a quota: tiers in the lab's order, then what is left over for anyone by rank."""

    __slots__ = ("filled", "quota", "rest", "tiers")

    def __init__(self, quota: int, tiers: list[Tier]) -> None:
        self.quota = quota
        self.tiers = tiers
        self.filled = 0
        self.rest: list[int] = []

    def take(self, position: int) -> int | None:
        """Seat a newcomer; returns the position that is turned away for it (perhaps her own), or None."""
        passed_on = self._take_in_tiers(position) if self.tiers else position
        if passed_on is not None:
            heappush(self.rest, -passed_on)
        return -heappop(self.rest) if len(self.rest) > self.quota - self.filled else None

    def _take_in_tiers(self, position: int) -> int | None:
        for tier in self.tiers:
            if tier.members is not None and position not in tier.members:
                continue
            if len(tier.held) < tier.seats:
                heappush(tier.held, -position)
                self.filled += 1
                return None
            position = -heappushpop(tier.held, -position)
        return position

    def positions(self) -> list[int]:
        return [-held for heap in (self.rest, *(tier.held for tier in self.tiers)) for held in heap]


def tiers_of(lab: Lab, quota: int, members: Mapping[str, Collection[int]]) -> list[Tier]:
    """A lab's tiers in their order. `members` has, by group, the positions of those who belong to it."""
    tiers = [Tier(reserve.seats, members[reserve.group]) for reserve in lab.reserves]
    if lab.reserve_order == OPEN_FIRST and tiers:
        tiers.insert(0, Tier(quota - sum(tier.seats for tier in tiers)))
    return tiers


class InstituteSeats:
    """Rule 3: labs that choose up to their targets, then turn by turn beyond them while the cap is not reached."""

    def __init__(self, institute: Institute, cap: int, labs: Mapping[str, Lab], seats: Mapping[str, LabSeats]) -> None:
        self.cap = cap
        self.seats = seats
        self.extra: dict[str, list[int]] = {lab: [] for lab in institute.order}
        self.spare = {lab: labs[lab].seats - (labs[lab].target or 0) for lab in institute.order}
        self.turn = {lab: turn for turn, lab in enumerate(institute.order)}
        self.total = 0

    def take(self, lab: str, position: int) -> tuple[str, int] | None:
        """Seat a newcomer at a lab; returns who is turned away for it, perhaps at another lab, or None."""
        passed_on = self.seats[lab].take(position)
        self.total += 1
        if passed_on is not None:
            heappush(self.extra[lab], -passed_on)
            if len(self.extra[lab]) > self.spare[lab]:
                return self._turn_away(lab)
        return self._turn_away(self._last_turn()) if self.total > self.cap else None

    def _last_turn(self) -> str:
        """The lab that had the last turn beyond its target: targets never sum above the cap, so there is one."""
        return max(self.extra, key=lambda lab: (len(self.extra[lab]), self.turn[lab]))

    def _turn_away(self, lab: str) -> tuple[str, int]:
        self.total -= 1
        return lab, -heappop(self.extra[lab])

    def positions(self, lab: str) -> list[int]:
        return self.seats[lab].positions() + [-held for held in self.extra[lab]]
