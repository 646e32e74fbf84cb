"""Rule 5: couples who rank pairs of labs, after Roth and Peranson 1999. Instances without couples take none of this.

Singles are matched first; then couples propose, one after another, down their lists. Whoever is turned away for them
proposes again; a couple of which one is turned away leaves the other's place too, and a place that becomes free is
offered to all who would rather be there. With couples a stable outcome need not exist, and then this goes around in
circles: it is noticed, other orders of the couples are tried, and in the end the outcome with the fewest blocking pairs
of all that were met is given, marked as such. (To find the fewest of all is NP-hard: Biró, Manlove and McBride 2014.)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations
from typing import Final

from matching.engine.choice import institute_chooses
from matching.engine.instance import Couple, Instance
from matching.engine.lottery import Standing, standings
from matching.engine.outcome import Unstable

MOST_ORDERS: Final = 24
MOST_STEPS: Final = 20_000

Places = dict[str, str]
Pair = tuple[str | None, str | None]


@dataclass(frozen=True)
class Unit:
    """Who decides together: one applicant or a couple; each option has a lab or None for each of them."""

    people: tuple[str, ...]
    options: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class Found:
    """Where everybody is; `unstable` says so when nothing stable was found."""

    places: Places
    unstable: Unstable | None


class Market:
    """Who wants what, and whom labs would take: the definition, asked about places as they are."""

    def __init__(self, instance: Instance, lists: dict[str, Standing] | None = None) -> None:
        self.labs = {lab.id: lab for lab in instance.labs}
        self.institutes = {each.id: each for each in instance.institutes}
        self.lists = lists or standings(instance)
        self.groups = {person.id: frozenset(person.groups) for person in instance.applicants}
        paired = {name for couple in instance.couples for name in couple.applicants}
        singles = [person for person in instance.applicants if person.id not in paired]
        self.couples = [Unit(couple.applicants, couple.ranks) for couple in instance.couples]
        self.singles = [Unit((person.id,), tuple((lab,) for lab in person.ranks)) for person in singles]
        self.unit_of = {name: unit for unit in (*self.singles, *self.couples) for name in unit.people}

    def better(self, unit: Unit, places: Mapping[str, str]) -> Iterator[tuple[str | None, ...]]:
        """The options that a unit likes better than what it has, the best first."""
        now = tuple(places.get(name) for name in unit.people)
        for option in unit.options:
            if option == now:
                return
            yield option

    def chosen(self, unit: Unit, option: tuple[str | None, ...], places: Mapping[str, str]) -> Places | None:
        """The places of everybody at the institutes concerned, if all of the unit were chosen there; else None.

        Labs choose from their present holders and the unit. A couple leaves what it has for this; a single who holds a
        seat in the same institute still counts there.
        """
        wanted = dict(zip(unit.people, option, strict=True))
        together: Places = {}
        for name in dict.fromkeys(self.labs[lab].institute for lab in option if lab is not None):
            institute = self.institutes[name]
            wished = {lab for lab in option if lab is not None and self.labs[lab].institute == name}
            labs = wished if institute.cap is None else set(institute.order)
            held = self._held(unit, wanted, labs, places)
            if held is None:
                return None
            chosen = institute_chooses(institute, self.labs, held, self.groups)
            if any(person not in chosen[lab] for person, lab in wanted.items() if lab in labs):
                return None
            # a single may be chosen twice in an institute: where she wishes to be counts
            for lab in sorted(labs, key=wished.__contains__):
                together.update(dict.fromkeys(chosen[lab], lab))
        return together

    def _held(
        self, unit: Unit, wanted: Mapping[str, str | None], labs: set[str], places: Mapping[str, str]
    ) -> dict[str, list[str]] | None:
        """Each lab's holders and those of the unit who want it, best first; None if a lab did not rank one of these."""
        stays = unit.people if len(unit.people) == 1 else ()
        held: dict[str, list[str]] = {lab: [] for lab in labs}
        for person, lab in places.items():
            if lab in labs and (person not in wanted or person in stays):
                held[lab].append(person)
        for person, wish in wanted.items():
            if wish in labs:
                if person not in self.lists[wish].position:
                    return None
                held[wish].append(person)
        return {lab: sorted(people, key=self.lists[lab].position.__getitem__) for lab, people in held.items()}

    def blocking(self, places: Mapping[str, str]) -> Iterator[tuple[Unit, tuple[str | None, ...]]]:
        """Every unit and option that block: the unit likes it better, and all its labs would take it."""
        for unit in (*self.singles, *self.couples):
            for option in self.better(unit, places):
                if self.chosen(unit, option, places) is not None:
                    yield unit, option


def with_couples(instance: Instance, singles: Places) -> Found:
    """Add couples to the match of the singles. Tries up to `MOST_ORDERS` orders of the couples."""
    market = Market(instance)
    met: list[tuple[Places, tuple[tuple[str, str], ...]]] = []
    for order in islice(permutations(market.couples), MOST_ORDERS):
        run = _Run(market, dict(singles))
        if run.settle(list(order)):
            return Found(run.places, None)
        met.extend((places, run.circling) for places in run.met)
    met.extend(_one_left_out(market, singles))
    counted = [(sum(1 for _ in market.blocking(places)), number) for number, (places, _) in enumerate(met)]
    count, number = min(counted)
    places, circling = met[number]
    return Found(places, Unstable(circling, count) if count else None)


def _one_left_out(market: Market, singles: Places) -> Iterator[tuple[Places, tuple[tuple[str, str], ...]]]:
    """What the others settle on when one couple gets nothing, for each couple with which they do."""
    for left_out in market.couples:
        run = _Run(market, dict(singles))
        if run.settle([unit for unit in market.couples if unit is not left_out], left_out):
            yield run.places, ((left_out.people[0], left_out.people[1]),)


class _Run:
    """One order of the couples. `met` are the places in the circle that it ended in; `circling` the couples in it."""

    def __init__(self, market: Market, places: Places) -> None:
        self.market = market
        self.places = places
        self.met: list[Places] = []
        self.circling: tuple[tuple[str, str], ...] = ()

    def settle(self, couples: list[Unit], left_out: Unit | None = None) -> bool:
        """Let couples in until nobody wants to move who could; False when that never ends."""
        seen: dict[tuple[object, ...], int] = {}
        trail: list[tuple[Places, Unit]] = []
        waiting, free = list(couples), set[str]()
        while waiting or free:
            if not waiting:
                waiting, free = [unit for unit in self._wanting(free) if unit is not left_out], set()
                continue
            state = (tuple(sorted(self.places.items())), tuple(unit.people for unit in waiting), tuple(sorted(free)))
            if state in seen or len(trail) > MOST_STEPS:
                self._circle(trail[seen.get(state, len(trail) - 100) :])
                return False
            seen[state] = len(trail)
            unit = waiting.pop(0)
            trail.append((dict(self.places), unit))
            waiting, free = self._propose(unit, waiting, free)
        return True

    def _propose(self, unit: Unit, waiting: list[Unit], free: set[str]) -> tuple[list[Unit], set[str]]:
        """One unit takes the best that it can have. Who waits then, and which labs have something free."""
        for option in self.market.better(unit, self.places):
            chosen = self.market.chosen(unit, option, self.places)
            if chosen is None:
                continue
            before = dict(self.places)
            for name in unit.people:
                self.places.pop(name, None)
            affected = {self.market.labs[lab].institute for lab in option if lab is not None}
            away = self._turned_away(unit, chosen, affected)
            self.places.update({name: lab for name, lab in zip(unit.people, option, strict=True) if lab is not None})
            for other in away:
                for name in other.people:
                    self.places.pop(name, None)
            left = {lab for name, lab in before.items() if self.places.get(name) != lab}
            return [*away, *(each for each in waiting if each not in away)], free | left
        return waiting, free

    def _turned_away(self, unit: Unit, chosen: Places, affected: set[str]) -> list[Unit]:
        """The units of which the institutes concerned no longer choose somebody."""
        labs = self.market.labs
        lost = [
            person
            for person, lab in self.places.items()
            if labs[lab].institute in affected and self._is_asked(lab, unit, chosen) and chosen.get(person) != lab
        ]
        return list(dict.fromkeys(self.market.unit_of[person] for person in sorted(lost)))

    def _is_asked(self, lab: str, unit: Unit, chosen: Places) -> bool:
        """Whether a lab took part in the choice: it was wished for, or shares a cap with one that was."""
        capped = self.market.institutes[self.market.labs[lab].institute].cap is not None
        return capped or lab in {chosen.get(name) for name in unit.people}

    def _wanting(self, free: set[str]) -> list[Unit]:
        """Who would rather be at labs that have something free, couples last; an institute's labs are free together."""
        homes = {self.market.labs[lab].institute for lab in free}
        return [
            unit
            for unit in (*self.market.singles, *self.market.couples)
            if any(
                lab is not None and self.market.labs[lab].institute in homes
                for option in self.market.better(unit, self.places)
                for lab in option
            )
        ]

    def _circle(self, trail: list[tuple[Places, Unit]]) -> None:
        couples = {unit.people for _places, unit in trail if len(unit.people) == 2}
        self.circling = tuple(sorted((people[0], people[1]) for people in couples))
        self.met = list({tuple(sorted(places.items())): places for places, _unit in trail}.values())


def choice_of(couple: Couple, places: Mapping[str, str]) -> int | None:
    """Which of its choices a couple has, from 1; None: none of them."""
    now = (places.get(couple.applicants[0]), places.get(couple.applicants[1]))
    return couple.ranks.index(now) + 1 if now in couple.ranks else None
