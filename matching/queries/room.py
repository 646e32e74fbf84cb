"""How many seats of a published run are free: those of a lab, and what the cap that it shares with others leaves."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from applications.models import Call
from matching.models import MatchResult, MatchRun, Opening, Reversion, WaveOffer
from matching.queries.plans import Frozen, frozen_seats, openings_of
from matching.states import ReversionState, WaveState


@dataclass(frozen=True)
class Room:
    """What is taken of the seats that were frozen into a run; by primary key of CallLab."""

    seats: Mapping[int, Frozen]
    taken: Counter[int]

    def free(self, lab: int) -> int:
        """Seats of `lab` that somebody could have now, were nobody else to come."""
        mine = self.seats.get(lab)
        if mine is None:
            return 0
        return max(0, min(mine.seats - self.taken[lab], self._left(mine)))

    def take(self, lab: int) -> None:
        self.taken[lab] += 1

    def is_first(self, lab: int) -> bool:
        """The lab is below its target, up to which it comes before others under the cap."""
        return self.taken[lab] < (self.seats[lab].target or 0)

    def in_order(self, labs: Iterable[int]) -> list[int]:
        """Labs in the order in which those under one cap take turns."""
        orders = {lab: self.seats[lab].house.order for lab in labs if lab in self.seats}
        return sorted(orders, key=lambda lab: orders[lab].index(lab) if lab in orders[lab] else 0)

    def _left(self, mine: Frozen) -> int:
        if mine.house.cap is None:
            return mine.seats
        together = sum(self.taken[lab] for lab, other in self.seats.items() if other.house is mine.house)
        return mine.house.cap - together


def came_by_a_round(result: MatchResult) -> bool:
    """She took the place that she holds in a supplementary round, and stays there."""
    rows = WaveOffer.objects.filter(result=result, state=WaveState.ACCEPTED, call_lab=result.call_lab_id)
    return result.call_lab_id is not None and rows.exists()


def room_of(run: MatchRun, *, with_offers: bool = True, openings: Iterable[Opening] | None = None) -> Room:
    """The room in a published run now; seats on offer in a wave are taken too, unless the offers are left out.

    What a run froze stays as it is (`frozen_seats`), so the sealed text is not read. Five queries at most.
    """
    _houses, seats = frozen_seats(run.call, openings_of(run.call) if openings is None else openings)
    taken = Counter(run.results.filter(call_lab__isnull=False).values_list("call_lab_id", flat=True))
    if with_offers:
        offers = WaveOffer.objects.filter(result__run=run, state=WaveState.OFFERED)
        taken.update(offers.values_list("call_lab_id", flat=True))
    return Room(seats, taken)


def gone_over(call: Call, held: Mapping[int, int]) -> dict[int, int]:
    """By how many seats a lab has more, or fewer, because seats that stayed empty went over to it, or from it.

    `held` counts holders by lab in the call; what nobody took over is not in it. One query.
    """
    agreed = Reversion.objects.filter(giver__call_lab__call=call, state=ReversionState.AGREED)
    over: dict[int, int] = {}
    for row in agreed.select_related("giver", "taker"):
        if number := max(0, held.get(row.taker.call_lab_id, 0) - row.taker.seats):
            over |= {row.giver.call_lab_id: -number, row.taker.call_lab_id: number}
    return over
