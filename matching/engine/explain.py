"""Why each applicant is placed where she is: codes and figures about herself, nobody else's id.

For each lab that she ranked above her place (all of them, if she has none). Others turn this into sentences.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from matching.engine.couples import choice_of
from matching.engine.holding import Holding
from matching.engine.instance import Applicant, Instance, Lab
from matching.engine.lottery import Standing, numbers, standings
from matching.engine.outcome import Outcome


class Reason(StrEnum):
    """Why a lab did not choose an applicant who preferred it to her place."""

    NOT_RANKED = "not_ranked"  # the lab did not rank her
    NO_SEATS = "no_seats"  # the lab has no seats at all
    LOST_LOTTERY = "lost_lottery"  # first among those whom the lab ranked like her, she would have been chosen
    INSTITUTE_CAP = "institute_cap"  # the lab has an empty seat, and the institute is full
    RESERVED_SEAT = "reserved_seat"  # whoever holds a seat and was ranked below her holds a reserved one
    RANKED_ABOVE = "ranked_above"  # everyone who holds a seat was ranked above her
    NOT_STABLE = "not_stable"  # it would take her: with these couples nothing suits every list, and this is marked


@dataclass(frozen=True)
class Refusal:
    """One lab that she ranked above her place. Positions count from 1 on the lab's list after the lottery.

    `cutoff` is the position of the last holder whom she could have stood above to be chosen; `places_up` how many
    places higher she would have had to stand for it. Both are measured against those who hold the seats now, and are
    None where no position would have been enough, or she was not ranked.
    """

    lab: str
    choice: int
    reason: Reason
    seats: int
    held: int
    position: int | None = None
    cutoff: int | None = None
    places_up: int | None = None
    lottery_decided: bool = False
    cap_reached: bool = False


@dataclass(frozen=True)
class Explanation:
    """Her place (None: none), which of her choices it is (from 1), her lottery number, and what was refused before.

    `drawn` is the place of that number in the order of all, from 1. Of a couple, `choice` counts pairs, and nothing is
    said about single labs: what one of them was refused hangs on the other.
    """

    lab: str | None
    choice: int | None
    lottery_number: str
    drawn: int
    refusals: tuple[Refusal, ...]


def explain(instance: Instance, outcome: Outcome) -> dict[str, Explanation]:
    """Everybody's explanation by applicant id, for an outcome without violations.

    Refuses one that is not stable, unless it says so itself.
    """
    lot = numbers(instance)
    return dict(_Explainer(instance, outcome, standings(instance, lot)).all(instance.applicants, lot))


class _Explainer:
    def __init__(self, instance: Instance, outcome: Outcome, lists: dict[str, Standing]) -> None:
        self.lists = lists
        self.places = dict(outcome.matches)
        self.is_marked = outcome.unstable is not None
        self.holding = Holding(instance, outcome.matches, lists)
        self.couples = {name: choice_of(each, self.places) for each in instance.couples for name in each.applicants}
        self.class_starts = {lab.id: _class_starts(lab) for lab in instance.labs}

    def all(self, applicants: tuple[Applicant, ...], lot: dict[str, str]) -> Iterator[tuple[str, Explanation]]:
        drawn = {name: place for place, name in enumerate(sorted(lot, key=lot.__getitem__), start=1)}
        for person in applicants:
            lab = self.places.get(person.id)
            if person.id in self.couples:
                yield person.id, Explanation(lab, self.couples[person.id], lot[person.id], drawn[person.id], ())
                continue
            choice = None if lab is None else person.ranks.index(lab) + 1
            wanted = person.ranks if choice is None else person.ranks[: choice - 1]
            refusals = tuple(self.refusal(person.id, name, number) for number, name in enumerate(wanted, start=1))
            yield person.id, Explanation(lab, choice, lot[person.id], drawn[person.id], refusals)

    def refusal(self, applicant: str, name: str, choice: int) -> Refusal:
        lab, held = self.holding.labs[name], len(self.holding.holders[name])
        position = self.lists[name].position.get(applicant)
        if position is None:
            return Refusal(name, choice, Reason.NOT_RANKED, lab.seats, held)
        if self.holding.would_choose(lab, applicant, position):
            if self.is_marked:
                return Refusal(name, choice, Reason.NOT_STABLE, lab.seats, held, position + 1)
            raise ValueError(f"the outcome is not stable: lab {name} would choose applicant {applicant}")
        cutoff = self._cutoff(lab, applicant)
        by_lottery = cutoff is not None and self._class_start(name, position) <= cutoff
        return Refusal(
            name,
            choice,
            self._reason(lab, position, by_lottery=by_lottery),
            lab.seats,
            held,
            position + 1,
            None if cutoff is None else cutoff + 1,
            None if cutoff is None else position - cutoff,
            lottery_decided=by_lottery,
            cap_reached=held < lab.seats,
        )

    def _cutoff(self, lab: Lab, applicant: str) -> int | None:
        reach = self.holding.reach(lab, applicant)
        return None if reach < 0 else self.holding.positions[lab.id][reach]

    def _class_start(self, lab: str, position: int) -> int:
        """The position of the first among those whom the lab ranked like the one at `position`."""
        starts = self.class_starts[lab]
        return starts[bisect_left(starts, position + 1) - 1]

    def _reason(self, lab: Lab, position: int, *, by_lottery: bool) -> Reason:
        held = self.holding.positions[lab.id]
        if lab.seats == 0:
            return Reason.NO_SEATS
        if by_lottery:
            return Reason.LOST_LOTTERY
        if len(held) < lab.seats:
            return Reason.INSTITUTE_CAP
        return Reason.RESERVED_SEAT if held[-1] > position else Reason.RANKED_ABOVE


def _class_starts(lab: Lab) -> list[int]:
    starts, next_start = [], 0
    for tied in lab.ranks:
        starts.append(next_start)
        next_start += len(tied)
    return starts
