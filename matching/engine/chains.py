"""Where one more seat at a lab leads, without matching everybody again: no reserves, no caps, no couples.

The seat is offered to whoever stands highest on the lab's list among those who like the lab better than what they have;
her own seat is offered on in the same way. The chain ends in a stable outcome (Blum, Roth and Rothblum 1997, vacancy
chains), which need not be the best for applicants. But every stable outcome of one market places the same people (Roth
1986, the rural hospitals theorem), so whoever has no place there has none in the best one, and no lab may hold anybody
below one of them who wants it. What is left between that bound and a lab's last holder is where somebody placed could
still gain; deferred acceptance among those few, for the places that they have, finds the best outcome.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from heapq import heappush, heapreplace

from matching.engine.instance import Instance
from matching.engine.lottery import Standing


def is_plain(instance: Instance) -> bool:
    """Whether all labs choose by rank alone and everybody is single."""
    caps = any(institute.cap is not None for institute in instance.institutes)
    return not (caps or instance.couples or any(lab.reserves for lab in instance.labs))


class Chains:
    """The stable outcome that is best for applicants, `places`, ready to be asked for one more seat at each lab."""

    def __init__(self, instance: Instance, lists: Mapping[str, Standing], places: Mapping[str, str]) -> None:
        self.wishes = {person.id: person.ranks for person in instance.applicants}
        self.lists, self.places = lists, places
        self.seats = {lab.id: lab.seats for lab in instance.labs}
        self.held = dict.fromkeys(self.seats, 0)
        self.cutoffs = dict.fromkeys(self.seats, -1)
        for person, lab in places.items():
            self.held[lab] += 1
            self.cutoffs[lab] = max(self.cutoffs[lab], lists[lab].position[person])
        self.without = self._first_without_place()

    def _first_without_place(self) -> dict[str, list[str]]:
        """By lab the two who stand highest among those who want it and have no place."""
        found: dict[str, list[str]] = {}
        for lab, standing in self.lists.items():
            wanting = (name for name in standing.order if name not in self.places and lab in self.wishes[name])
            found[lab] = [name for name, _ in zip(wanting, range(2), strict=False)]
        return found

    def one_more(self, lab: str) -> Mapping[str, str]:
        """Who is placed where with one more seat at `lab`."""
        if self.held[lab] < self.seats[lab]:
            return self.places
        chained, cutoffs = self._chain(lab)
        if not cutoffs:
            return self.places
        limits = self._limits(chained)
        wishing = self._wishing(chained, cutoffs, limits)
        return {**chained, **self._traded(wishing, chained, limits)} if len(wishing) > 1 else chained

    def _chain(self, lab: str) -> tuple[dict[str, str], dict[str, int]]:
        """Who is placed where at the end of the chain, and the new cutoffs of the labs that it went through."""
        places, cutoffs, vacant = dict(self.places), dict[str, int](), lab
        while True:
            order = self.lists[vacant].order
            for position in range(cutoffs.get(vacant, self.cutoffs[vacant]) + 1, len(order)):
                if self._prefers(order[position], vacant, places):
                    break
            else:
                return places, cutoffs
            now = places.get(order[position])
            cutoffs[vacant], places[order[position]] = position, vacant
            if now is None:
                return places, cutoffs
            vacant = now

    def _prefers(self, person: str, lab: str, places: Mapping[str, str]) -> bool:
        ranks, now = self.wishes[person], places.get(person)
        return lab in ranks and (now is None or ranks.index(lab) < ranks.index(now))

    def _limits(self, chained: Mapping[str, str]) -> dict[str, int]:
        """By lab the position from which on it may hold nobody: that of the first who wants it and has no place."""
        limits = {}
        for name, first in self.without.items():
            left = [person for person in first if person not in chained]
            limits[name] = self.lists[name].position[left[0]] if left else len(self.lists[name].order)
        return limits

    def _wishing(self, chained: Mapping[str, str], cutoffs: Mapping[str, int], limits: Mapping[str, int]) -> list[str]:
        """Those with a place who could have a better one: everybody else keeps hers."""
        found: dict[str, None] = {}
        for name, standing in self.lists.items():
            for person in standing.order[cutoffs.get(name, self.cutoffs[name]) + 1 : limits[name]]:
                if person in chained and self._prefers(person, name, chained):
                    found[person] = None
        return list(found)

    def _traded(self, wishing: list[str], chained: Mapping[str, str], limits: Mapping[str, int]) -> dict[str, str]:
        """Deferred acceptance among them for the places that they have, down to her own for each of them."""
        rooms = Counter(chained[person] for person in wishing)
        heaps: dict[str, list[int]] = {name: [] for name in rooms}
        choices = {person: (lab for lab in self.wishes[person] if lab in rooms) for person in wishing}
        for applicant in wishing:
            person: str | None = applicant
            while person is not None:
                person = self._propose(person, choices, heaps, limits, rooms)
        return {self.lists[name].order[-held]: name for name, heap in heaps.items() for held in heap}

    def _propose(
        self,
        person: str,
        choices: Mapping[str, Iterator[str]],
        heaps: Mapping[str, list[int]],
        limits: Mapping[str, int],
        rooms: Mapping[str, int],
    ) -> str | None:
        """Whom a lab turns away for her, once one holds her."""
        for lab in choices[person]:
            position, heap = self.lists[lab].position.get(person), heaps[lab]
            if position is None or position >= limits[lab]:
                continue
            if len(heap) < rooms[lab]:
                heappush(heap, -position)
                return None
            if heap[0] < -position:
                return self.lists[lab].order[-heapreplace(heap, -position)]
        return None
