"""Applicant-proposing deferred acceptance (Gale and Shapley 1962) with reserves and institute caps: rules 1 to 3."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heapreplace
from importlib import import_module
from importlib.util import find_spec
from itertools import repeat
from operator import neg
from typing import Final, cast

from matching.engine.couples import with_couples
from matching.engine.instance import Instance, Lab
from matching.engine.lottery import Standing, standings
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
    plain = plain_labs(ranked, seats)
    settle_plain(wishes, plain)
    return Desk({}, plain, Ruled({}, {}, {})).places()


def settle_plain(wishes: Mapping[str, Sequence[str]], plain: Mapping[str, "Plain"]) -> None:
    """Everybody proposes down her list, as `Desk.settle` lets one do, where no lab has reserves or a cap.

    The labs' seats are empty. All first choices come at once: a lab sorts them, and that is quicker than one by one.
    """
    choices = dict(zip(wishes, map(iter, wishes.values()), strict=True))
    for person in _turned_away_at_first(choices, plain):
        proposer: str | None = person
        while proposer is not None:
            for lab in choices[proposer]:
                ranks, holders, people = plain[lab]
                try:
                    rank = ranks[proposer]
                except KeyError:
                    continue
                if holders[0] < rank:
                    proposer = people[-heapreplace(holders, rank)]
                    break
            else:
                break


def _turned_away_at_first(choices: Mapping[str, Iterator[str]], plain: Mapping[str, "Plain"]) -> list[str]:
    """Seat the best of those whose first choice each lab is; the others."""
    # ids are never empty: whoever has no choice goes nowhere
    proposers: dict[str, list[str]] = {"": [], **{lab: [] for lab in plain}}
    for person, lab in zip(choices, map(next, choices.values(), repeat("")), strict=True):
        proposers[lab].append(person)
    others: list[str] = []
    for lab, (ranks, holders, people) in plain.items():
        here = proposers[lab]
        got = list(map(ranks.get, here))
        if None in got:
            others += [person for person in here if person not in ranks]
        ranked = sorted(rank for rank in got if rank is not None)
        free = len(holders) - len(ranked)
        others += [cast(str, people[-rank]) for rank in ranked[: max(0, -free)]]
        # whoever is nobody stands lowest, and what is sorted is a heap
        holders[max(0, free) :] = ranked[max(0, -free) :]
    return others


def _desk_of(instance: Instance, lists: Mapping[str, Standing]) -> "Desk":
    caps = {institute.id: institute.cap for institute in instance.institutes}
    groups = {person.id: person.groups for person in instance.applicants if person.groups}
    plain = {lab.id: lab.seats for lab in instance.labs if caps[lab.institute] is None and not lab.reserves}
    seats = {}
    for lab in instance.labs:
        if lab.id not in plain:
            quota = lab.seats if caps[lab.institute] is None else lab.target or 0
            seats[lab.id] = LabSeats(quota, tiers_of(lab, quota, _members(lab, lists[lab.id], groups)))
    ruled = Ruled(lists, seats, _capped(instance, seats))
    wishes = {person.id: person.ranks for person in instance.applicants}
    return Desk(wishes, plain_labs({lab: lists[lab].order for lab in plain}, plain), ruled)


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


# a lab without reserves and cap: the rank of each of its people (0 the best, then -1, -2 and so on), a heap with the
# ranks of those who hold its seats, and its people in their order, followed by None
Plain = tuple[dict[str, int], list[int], list[str | None]]


def plain_labs(ranked: Mapping[str, Sequence[str]], seats: Mapping[str, int]) -> dict[str, Plain]:
    """Labs with nobody in their seats, which is to say: with a nobody in each, who stands below everybody."""
    ranks = list(range(0, -1 - max(map(len, ranked.values()), default=0), -1))
    return {
        lab: (
            dict(zip(people, ranks, strict=False)) if seats[lab] else {},
            [-len(people)] * seats[lab],
            [*people, None],
        )
        for lab, people in ranked.items()
    }


class Ruled:
    """The labs with reserves or under a cap: their lists, and who holds their seats by rules 2 and 3."""

    def __init__(
        self,
        lists: Mapping[str, Standing],
        seats: Mapping[str, LabSeats],
        capped: Mapping[str, InstituteSeats],
    ) -> None:
        self.lists, self.seats, self.capped = lists, seats, capped

    def propose(self, lab: str, applicant: str) -> tuple[bool, str | None]:
        """She proposes: whether the lab holds her, and who is turned away for her."""
        position = self.lists[lab].position.get(applicant)
        if position is None:
            return False, None
        if lab in self.capped:
            away = self.capped[lab].take(lab, position)
        else:
            turned = self.seats[lab].take(position)
            away = None if turned is None else (lab, turned)
        return away != (lab, position), None if away is None else self.lists[away[0]].order[away[1]]

    def places(self) -> Iterator[tuple[str, str]]:
        for lab, seats in self.seats.items():
            held = self.capped[lab].positions(lab) if lab in self.capped else seats.positions()
            yield from ((self.lists[lab].order[position], lab) for position in held)


class Desk:
    """Where proposals arrive: every lab's seats as they are held now, and how far down her list each applicant is."""

    def __init__(self, wishes: Mapping[str, Sequence[str]], plain: Mapping[str, Plain], ruled: Ruled) -> None:
        self.choices = dict(zip(wishes, map(iter, wishes.values()), strict=True))
        self.plain, self.ruled = plain, ruled

    def settle(self, applicant: str) -> None:
        """She proposes down her list until a lab holds her; whoever is turned away for her goes on in the same way."""
        choices, plain, ruled = self.choices, self.plain, self.ruled.seats
        person: str | None = applicant
        while person is not None:
            for lab in choices[person]:
                if lab in ruled:
                    is_held, turned_away = self.ruled.propose(lab, person)
                    if is_held:
                        person = turned_away
                        break
                    continue
                ranks, holders, people = plain[lab]
                try:
                    rank = ranks[person]
                except KeyError:
                    continue
                if holders[0] < rank:
                    person = people[-heapreplace(holders, rank)]
                    break
            else:
                return

    def places(self) -> dict[str, str]:
        places: dict[str | None, str] = {}
        for lab, (_ranks, holders, people) in self.plain.items():
            places.update(zip(map(people.__getitem__, map(neg, holders)), repeat(lab), strict=False))
        places.pop(None, None)
        places.update(self.ruled.places())
        return cast(dict[str, str], places)
