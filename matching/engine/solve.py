"""Applicant-proposing deferred acceptance (Gale and Shapley 1962) with reserves and institute caps: rules 1 to 3."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from heapq import heappush, heapreplace
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from matching.engine.couples import with_couples
from matching.engine.instance import Instance, Lab
from matching.engine.lottery import Standing, standing_of, standings
from matching.engine.outcome import COUPLES, Outcome, outcome_of
from matching.engine.seating import InstituteSeats, LabSeats, tiers_of

Progress = Callable[[int, int], None]

PROGRESS_STEP: Final = 500

# choices from which on compiled code is quicker, though it takes a second to load
COMPILED_FROM: Final = 400_000


def solve(instance: Instance, progress: Progress | None = None) -> Outcome:
    """The stable outcome that is best for every applicant at once. `progress(done, total)` counts applicants.

    Large instances are solved by compiled code (`fast`), which finds the same to the byte, where it is installed.
    """
    if instance.couples:
        return _with_couples(instance, progress)
    if is_compiled(instance):
        places: dict[str, str] = import_module("matching.engine.fast").place(instance, progress)
    else:
        places = place(instance, progress=progress)
    unmatched = [person.id for person in instance.applicants if person.id not in places]
    return outcome_of(instance.sha256(), places.items(), unmatched)


def is_compiled(instance: Instance) -> bool:
    """Whether compiled code is installed, and the instance so large that it is quicker."""
    is_large = sum(len(person.ranks) for person in instance.applicants) >= COMPILED_FROM
    return is_large and find_spec("numba") is not None


def _with_couples(instance: Instance, progress: Progress | None) -> Outcome:
    """Rule 5: an outcome that is marked if nothing stable was found."""
    found = with_couples(instance, _place_singles(instance, progress=progress))
    unmatched = [person.id for person in instance.applicants if person.id not in found.places]
    outcome = outcome_of(instance.sha256(), found.places.items(), unmatched, COUPLES)
    return replace(outcome, unstable=found.unstable)


def place(
    instance: Instance,
    order: Sequence[str] | None = None,
    progress: Progress | None = None,
    lists: Mapping[str, Standing] | None = None,
) -> dict[str, str]:
    """Who is placed where, by applicant id. `order` is that in which applicants begin; it cannot change the result.

    `lists` saves working out the labs' lists without ties.
    """
    singles = _place_singles(instance, order, progress, lists)
    return with_couples(instance, singles).places if instance.couples else singles


def _place_singles(
    instance: Instance,
    order: Sequence[str] | None = None,
    progress: Progress | None = None,
    lists: Mapping[str, Standing] | None = None,
) -> dict[str, str]:
    """The same for those who are in no couple."""
    desk = _desk_of(instance, standings(instance) if lists is None else lists)
    waiting = order if order is not None else [person.id for person in instance.applicants]
    for done, applicant in enumerate(waiting, start=1):
        desk.settle(applicant)
        if progress is not None and (done % PROGRESS_STEP == 0 or done == len(waiting)):
            progress(done, len(waiting))
    return desk.places()


def place_by_lists(
    wishes: Mapping[str, Sequence[str]], ranked: Mapping[str, Sequence[str]], seats: Mapping[str, int]
) -> dict[str, str]:
    """The same straight from lists without ties, for labs without reserves and caps: who is placed where."""
    desk = Desk(wishes, {lab: standing_of(people) for lab, people in ranked.items()})
    desk.open({lab: LabSeats(quota, []) for lab, quota in seats.items()}, {})
    for applicant in wishes:
        desk.settle(applicant)
    return desk.places()


def _desk_of(instance: Instance, lists: Mapping[str, Standing]) -> "Desk":
    desk = Desk({person.id: person.ranks for person in instance.applicants}, lists)
    caps = {institute.id: institute.cap for institute in instance.institutes}
    groups = {person.id: person.groups for person in instance.applicants if person.groups}
    seats = {}
    for lab in instance.labs:
        quota = lab.seats if caps[lab.institute] is None else lab.target or 0
        seats[lab.id] = LabSeats(quota, tiers_of(lab, quota, _members(lab, lists[lab.id], groups)))
    desk.open(seats, _capped(instance, seats))
    return desk


def _members(lab: Lab, standing: Standing, groups: Mapping[str, Sequence[str]]) -> dict[str, frozenset[int]]:
    """By each group with a reserve in the lab: the positions of its members on the lab's list."""
    return {
        reserve.group: frozenset(
            position for position, person in enumerate(standing.order) if reserve.group in groups.get(person, ())
        )
        for reserve in lab.reserves
    }


def _capped(instance: Instance, seats: Mapping[str, LabSeats]) -> dict[str, InstituteSeats]:
    """By each lab under a cap: the seats of its institute."""
    labs = {lab.id: lab for lab in instance.labs}
    capped: dict[str, InstituteSeats] = {}
    for institute in instance.institutes:
        if institute.cap is not None:
            together = InstituteSeats(institute, institute.cap, labs, seats)
            capped.update(dict.fromkeys(institute.order, together))
    return capped


class Desk:
    """Where proposals arrive: every lab's seats as they are held now, and how far down her list each applicant is."""

    def __init__(self, wishes: Mapping[str, Sequence[str]], lists: Mapping[str, Standing]) -> None:
        self.choices = {person: iter(ranks) for person, ranks in wishes.items()}
        self.standings = lists

    def open(self, seats: Mapping[str, LabSeats], capped: Mapping[str, InstituteSeats]) -> None:
        """Let proposals come. A lab without tiers and cap is `plain`: whoever holds its seats are its best."""
        self.seats, self.capped = seats, capped
        self.plain = {
            lab: (self.standings[lab].position.get, self.standings[lab].order, each.rest, each.quota)
            for lab, each in seats.items()
            if each.quota and lab not in capped and not each.tiers
        }

    def settle(self, applicant: str) -> None:
        """She proposes down her list until a lab holds her; whoever is turned away for her goes on in the same way."""
        choices, plain = self.choices, self.plain
        person: str | None = applicant
        while person is not None:
            for lab in choices[person]:
                if lab not in plain:
                    is_held, turned_away = self._propose_to(lab, person)
                    if is_held:
                        break
                    continue
                position_of, order, holders, quota = plain[lab]
                position = position_of(person)
                if position is None:
                    continue
                if len(holders) < quota:
                    heappush(holders, -position)
                    return
                if holders[0] < -position:
                    turned_away = order[-heapreplace(holders, -position)]
                    break
            else:
                return
            person = turned_away

    def _propose_to(self, lab: str, applicant: str) -> tuple[bool, str | None]:
        """She proposes to a lab with reserves or under a cap: whether it holds her, and who is turned away for her."""
        position = self.standings[lab].position.get(applicant)
        if position is None:
            return False, None
        if lab in self.capped:
            away = self.capped[lab].take(lab, position)
        else:
            turned = self.seats[lab].take(position)
            away = None if turned is None else (lab, turned)
        return away != (lab, position), None if away is None else self.standings[away[0]].order[away[1]]

    def places(self) -> dict[str, str]:
        places: dict[str, str] = {}
        for lab, standing in self.standings.items():
            held = self.capped[lab].positions(lab) if lab in self.capped else self.seats[lab].positions()
            places.update({standing.order[position]: lab for position in held})
        return places
