"""Applicant-proposing deferred acceptance (Gale and Shapley 1962) with reserves and institute caps: rules 1 to 3."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from matching.engine.instance import Instance, Lab
from matching.engine.lottery import standings
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.seating import InstituteSeats, LabSeats

Progress = Callable[[int, int], None]

PROGRESS_STEP: Final = 500

# choices from which on compiled code is quicker, though it takes a second to load
COMPILED_FROM: Final = 400_000


def solve(instance: Instance, progress: Progress | None = None) -> Outcome:
    """The stable outcome that is best for every applicant at once. `progress(done, total)` counts applicants.

    Large instances are solved by compiled code (`fast`), which finds the same to the byte, where it is installed.
    """
    is_large = sum(len(person.ranks) for person in instance.applicants) >= COMPILED_FROM
    if is_large and find_spec("numba") is not None:
        places: dict[str, str] = import_module("matching.engine.fast").place(instance, progress)
    else:
        places = place(instance, progress=progress)
    unmatched = [person.id for person in instance.applicants if person.id not in places]
    return outcome_of(instance.sha256(), places.items(), unmatched)


def place(instance: Instance, order: Sequence[str] | None = None, progress: Progress | None = None) -> dict[str, str]:
    """Who is placed where, by applicant id. `order` is that in which applicants begin; it cannot change the result."""
    desk = Desk(instance)
    waiting = order if order is not None else [person.id for person in instance.applicants]
    for done, applicant in enumerate(waiting, start=1):
        desk.settle(applicant)
        if progress is not None and (done % PROGRESS_STEP == 0 or done == len(waiting)):
            progress(done, len(waiting))
    return desk.places()


class Desk:
    """Where proposals arrive: every lab's seats as they are held now, and how far down her list each applicant is."""

    def __init__(self, instance: Instance) -> None:
        self.groups = {person.id: frozenset(person.groups) for person in instance.applicants}
        self.choices = {person.id: iter(person.ranks) for person in instance.applicants}
        self.standings = standings(instance)
        caps = {institute.id: institute.cap for institute in instance.institutes}
        self.seats = {
            lab.id: LabSeats(lab, lab.seats if caps[lab.institute] is None else lab.target or 0, self._members(lab))
            for lab in instance.labs
        }
        self.capped = self._capped(instance)

    def _members(self, lab: Lab) -> dict[str, frozenset[int]]:
        """By each group with a reserve in the lab: the positions of its members on the lab's list."""
        ranked = list(enumerate(self.standings[lab.id].order))
        groups = [reserve.group for reserve in lab.reserves]
        return {
            group: frozenset(position for position, person in ranked if group in self.groups[person])
            for group in groups
        }

    def _capped(self, instance: Instance) -> dict[str, InstituteSeats]:
        """By each lab under a cap: the seats of its institute."""
        labs = {lab.id: lab for lab in instance.labs}
        capped: dict[str, InstituteSeats] = {}
        for institute in instance.institutes:
            if institute.cap is not None:
                seats = InstituteSeats(institute, institute.cap, labs, self.seats)
                capped.update(dict.fromkeys(institute.order, seats))
        return capped

    def settle(self, applicant: str) -> None:
        """She proposes down her list until a lab holds her; whoever is turned away for her goes on in the same way."""
        standing, seats, capped, choices = self.standings, self.seats, self.capped, self.choices
        while (lab := next(choices[applicant], None)) is not None:
            position = standing[lab].position.get(applicant)
            if position is None:
                continue
            if lab in capped:
                turned_away = capped[lab].take(lab, position)
            else:
                away = seats[lab].take(position)
                turned_away = None if away is None else (lab, away)
            if turned_away is None:
                return
            applicant = standing[turned_away[0]].order[turned_away[1]]

    def places(self) -> dict[str, str]:
        places: dict[str, str] = {}
        for lab, standing in self.standings.items():
            held = self.capped[lab].positions(lab) if lab in self.capped else self.seats[lab].positions()
            places.update({standing.order[position]: lab for position in held})
        return places
