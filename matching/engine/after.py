"""After a match: who follows when places become free, and a match again that leaves people where they are if it can.

A lab that has room chooses, by the rule, from its holders and everybody who would rather be there; one newcomer at a
time takes a place, and the place that she leaves is offered in the same way. Nobody is ever moved to a place that she
likes less (vacancy chains: Blum, Roth and Rothblum 1997).
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from matching.engine.choice import institute_chooses, lab_chooses
from matching.engine.instance import OPEN_FIRST, Instance, Institute, Lab, Malformed, Unsupported
from matching.engine.kept import share_out, trimmed
from matching.engine.lottery import standings
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import solve
from matching.engine.whatif import Moves, movers

ALGORITHM: Final = "innocore vacancy chains, version 1"


@dataclass(frozen=True)
class Step:
    """A lab that has room takes somebody; `position` is hers on its list, from 1; `left` the lab that she leaves."""

    lab: str
    applicant: str
    position: int
    left: str | None


@dataclass(frozen=True)
class After:
    """What would be decided: the input it rests on, the outcome, how it came about, and everybody who moves.

    `displaced` are those who could not keep their places; they are among `moves` unless they got the same one back.
    """

    instance: Instance
    outcome: Outcome
    steps: tuple[Step, ...]
    moves: Moves
    displaced: tuple[str, ...] = ()


def without(instance: Instance, gone: Collection[str]) -> Instance:
    """The instance without some applicants, who may have withdrawn or declined. Refuses an id that it does not know."""
    if instance.couples:
        raise Unsupported("couples", "what follows after a match with couples is decided by people")
    unknown = sorted(set(gone) - {person.id for person in instance.applicants})
    if unknown:
        raise Malformed(f"applicant {unknown[0]}", "is no known applicant")
    left = tuple(person for person in instance.applicants if person.id not in gone)
    ranks = {lab.id: [tuple(name for name in tied if name not in gone) for tied in lab.ranks] for lab in instance.labs}
    labs = tuple(replace(lab, ranks=tuple(tied for tied in ranks[lab.id] if tied)) for lab in instance.labs)
    return replace(instance, applicants=left, labs=labs)


def waitlist(instance: Instance, outcome: Outcome, gone: Collection[str] = ()) -> After:
    """Who takes the places of those who are gone, and of seats that `instance` has more than `outcome` was made for.

    The new outcome keeps the rule for the instance without them, and of all that do so and harm nobody it is the one
    in which the fewest move: whoever moves in it, moves in each of them. Refuses an outcome that holds people whom a
    lab would not choose by the rule: that is a case for `rematch`.
    """
    left = without(instance, gone)
    chain = _Chain(left, _kept_places(left, outcome))
    held = {person for person, _lab in outcome.matches} - set(gone)
    displaced = sorted(held - chain.by_rule())
    if displaced:
        raise Malformed(f"applicant {displaced[0]}", "would not be chosen by the lab that holds her")
    return _result(left, outcome, chain, ())


def next_of(instance: Instance, outcome: Outcome, lab: str, gone: Collection[str] = ()) -> Step | None:
    """The first step by which `lab` takes somebody: whom it takes next, who may leave a place that she likes less.

    Of labs under one cap each takes in its turn, so the cap's room may go to another. None when the lab takes nobody.
    """
    left = without(instance, gone)
    chain = _Chain(left, _kept_places(left, outcome))
    return next((step for step in chain.follow([lab]) if step.lab == lab), None)


def rematch(instance: Instance, outcome: Outcome, gone: Collection[str] = ()) -> After:
    """Match again after seats, caps or lists changed, with the least disruption; `instance` is the changed one.

    Guaranteed, and shown on small cases against every assignment there is: as many as can stay at once where they are
    keep places at least as good by their own ranking, and where not all can, the rule says who (a lab chooses among its
    own holders). Seats, caps and both sides' lists are kept. No seat stays empty that somebody wants who is accepted.
    Without reserves and caps nobody is passed over for somebody ranked lower, except for one who keeps what she had;
    and of all such outcomes it is the one in which the fewest of those who can stay move.
    """
    left = without(instance, gone)
    kept = _kept_places(left, outcome)
    chain = _Chain(left, {})
    staying = chain.staying(kept)
    chain = _Chain(left, {person: lab for person, lab in kept.items() if person in staying})
    listed = {person.id for person in left.applicants}
    displaced = tuple(person for person, _lab in outcome.matches if person in listed and person not in staying)
    return _result(left, outcome, chain, displaced)


def afresh(instance: Instance, outcome: Outcome, gone: Collection[str] = ()) -> After:
    """The match run again from the beginning without those who are gone: the best for applicants, and more who move.

    When nothing else has changed nobody is worse off; with other seats, caps or lists somebody may be.
    """
    left = without(instance, gone)
    again = solve(left)
    return After(left, again, (), movers(left, outcome, again))


def _kept_places(instance: Instance, outcome: Outcome) -> dict[str, str]:
    """The places that are still on both lists. Refuses a lab that is not known."""
    ranks = {person.id: person.ranks for person in instance.applicants}
    accepted = {lab.id: {name for tied in lab.ranks for name in tied} for lab in instance.labs}
    kept = {}
    for person, lab in outcome.matches:
        if lab not in accepted:
            raise Malformed(f"lab {lab}", "is no known lab")
        if lab in ranks.get(person, ()) and person in accepted[lab]:
            kept[person] = lab
    return kept


def _result(instance: Instance, before: Outcome, chain: "_Chain", displaced: tuple[str, ...]) -> After:
    steps = tuple(chain.follow())
    unmatched = [person.id for person in instance.applicants if person.id not in chain.places]
    outcome = outcome_of(instance.sha256(), chain.places.items(), unmatched, ALGORITHM)
    return After(instance, outcome, steps, movers(instance, before, outcome), displaced)


class _Chain:
    """Places as they are held now, and whom a lab that has room takes next."""

    def __init__(self, instance: Instance, places: Mapping[str, str]) -> None:
        self.instance = instance
        self.places = dict(places)
        self.lists = standings(instance)
        self.labs = {lab.id: lab for lab in instance.labs}
        self.institutes = {institute.id: institute for institute in instance.institutes}
        self.groups = {person.id: frozenset(person.groups) for person in instance.applicants}
        self.ranks = {person.id: person.ranks for person in instance.applicants}

    def staying(self, places: Mapping[str, str]) -> set[str]:
        """Of people at places, those whom the rule lets stay when nobody else asks: as many as there is room for."""
        held: dict[str, list[str]] = {name: [] for name in self.labs}
        for person, lab in places.items():
            held[lab].append(person)
        found: set[str] = set()
        for institute in self.institutes.values():
            ranked = {lab: self._ranked(lab, held[lab]) for lab in self._together(institute)}
            for people in institute_chooses(institute, self.labs, ranked, self.groups).values():
                found.update(people)
        return found

    def by_rule(self) -> set[str]:
        """Those of its holders whom each lab chooses by the rule from them and all who would rather be there."""
        found: set[str] = set()
        for institute in self.institutes.values():
            chosen = self._chosen(institute, self._together(institute))
            pairs = ((person, lab) for lab, people in chosen.items() for person in people)
            found.update(person for person, lab in pairs if self.places.get(person) == lab)
        return found

    def follow(self, first: Iterable[str] | None = None) -> Iterable[Step]:
        """Offer place after place until no lab takes anybody: each place that is left is offered in its turn. Of all
        labs, or beginning with those named `first`.
        """
        waiting = deque(self.labs if first is None else first)
        while waiting:
            name = waiting.popleft()
            institute = self.institutes[self.labs[name].institute]
            together = [name] if institute.cap is None else list(institute.order)
            taken = self._next(institute, together)
            if taken is None:
                continue
            lab, person = taken
            left = self.places.get(person)
            self.places[person] = lab
            waiting.appendleft(name)
            if left is not None and left not in waiting:
                waiting.append(left)
            yield Step(lab, person, self.lists[lab].position[person] + 1, left)

    def _next(self, institute: Institute, together: Sequence[str]) -> tuple[str, str] | None:
        """The next lab in order that takes somebody, and the best-ranked whom it takes."""
        chosen = self._chosen(institute, together)
        is_kept = all(person in chosen[lab] for person, lab in self.places.items() if lab in chosen)
        if not is_kept:
            chosen = self._with_rights(institute, together)
        for lab in together:
            new = [person for person in chosen[lab] if self.places.get(person) != lab]
            if new:
                person = min(new, key=self.lists[lab].position.__getitem__)
                liked = [name for name in together if person in chosen[name]]
                return min(liked, key=self.ranks[person].index), person
        return None

    def _chosen(self, institute: Institute, together: Sequence[str]) -> dict[str, list[str]]:
        ranked = {lab: self._ranked(lab, [*self._holders(lab), *self._wishing(lab)]) for lab in together}
        return institute_chooses(institute, self.labs, ranked, self.groups)

    def _with_rights(self, institute: Institute, together: Sequence[str]) -> dict[str, list[str]]:
        """The choice when whoever holds a seat keeps it: they sit as the rule seats them, others get the rest."""
        holders = {lab: self._ranked(lab, self._holders(lab)) for lab in together}
        wishing = {lab: self._ranked(lab, self._wishing(lab)) for lab in together}
        rest = {lab: self._rest(self.labs[lab], holders[lab], is_capped=institute.cap is not None) for lab in together}
        if institute.cap is None:
            return {
                lab: [*holders[lab], *lab_chooses(rest[lab], rest[lab].seats, wishing[lab], self.groups)]
                for lab in together
            }
        room = institute.cap - sum(map(len, holders.values()))
        fitting = _fit(institute, rest, {lab: len(people) for lab, people in wishing.items()}, room)
        left = replace(institute, cap=room)
        chosen = institute_chooses(left, {**self.labs, **fitting}, wishing, self.groups)
        return {lab: [*holders[lab], *chosen[lab]] for lab in together}

    def _rest(self, lab: Lab, holders: Sequence[str], *, is_capped: bool) -> Lab:
        """The lab with the seats that its holders leave, open and reserved; holders sit as the rule seats them."""
        quota = lab.target or 0 if is_capped else lab.seats
        standing = list(holders)
        opens = quota - sum(reserve.seats for reserve in lab.reserves)
        if lab.reserve_order == OPEN_FIRST:
            seated, standing = standing[:opens], standing[opens:]
            opens -= len(seated)
        reserves = []
        for reserve in lab.reserves:
            members = [person for person in standing if reserve.group in self.groups[person]][: reserve.seats]
            standing = [person for person in standing if person not in members]
            reserves.append(replace(reserve, seats=reserve.seats - len(members)))
        first = max(0, quota - len(holders))
        return replace(
            lab,
            seats=max(0, lab.seats - len(holders)),
            target=first if is_capped else lab.target,
            reserves=trimmed(reserves, first),
        )

    def _holders(self, lab: str) -> list[str]:
        return [person for person, name in self.places.items() if name == lab]

    def _wishing(self, lab: str) -> list[str]:
        """Whom the lab accepts and who would rather be there than where she is."""
        wishing = []
        for person in self.lists[lab].order:
            ranks, place = self.ranks[person], self.places.get(person)
            better = ranks if place is None else ranks[: ranks.index(place)]
            if lab in better:
                wishing.append(person)
        return wishing

    def _ranked(self, lab: str, people: Iterable[str]) -> list[str]:
        return sorted(people, key=self.lists[lab].position.__getitem__)

    def _together(self, institute: Institute) -> list[str]:
        """The labs that choose together: all of an institute."""
        return [lab.id for lab in self.labs.values() if lab.institute == institute.id]


def _fit(institute: Institute, labs: Mapping[str, Lab], asking: Mapping[str, int], room: int) -> dict[str, Lab]:
    """Labs whose targets are cut down to the room that is left under a cap: seat by seat, in the institute's order."""
    wanted = {lab: min(labs[lab].target or 0, asking[lab]) for lab in institute.order}
    targets = share_out(institute.order, wanted, room)
    return {
        lab: replace(labs[lab], target=targets[lab], reserves=trimmed(labs[lab].reserves, targets[lab]))
        for lab in institute.order
    }
