"""Who holds the seats of a finished match, and how high somebody else would have had to stand to be chosen instead."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from matching.engine.choice import institute_chooses
from matching.engine.instance import Instance, Lab
from matching.engine.lottery import Standing

# ids are never empty, so this one is free for the person about whom we ask
NEWCOMER: Final = ""


class Holding:
    """The holders of every lab's seats, best first, for questions of the form "would this lab choose her too?".

    Asked of the lab's present holders plus her (with its institute's, where there is a cap: a seat that she herself
    holds in another lab of that institute still counts there).
    """

    def __init__(self, instance: Instance, matches: Iterable[tuple[str, str]], standings: dict[str, Standing]) -> None:
        self.labs = {lab.id: lab for lab in instance.labs}
        self.institutes = {institute.id: institute for institute in instance.institutes}
        self.groups = {person.id: frozenset(person.groups) for person in instance.applicants}
        self.positions: dict[str, list[int]] = {lab: [] for lab in self.labs}
        for applicant, lab in matches:
            self.positions[lab].append(standings[lab].position[applicant])
        for held in self.positions.values():
            held.sort()
        orders = {lab: standing.order for lab, standing in standings.items()}
        self.holders = {lab: [orders[lab][position] for position in held] for lab, held in self.positions.items()}
        self._reach: dict[tuple[str, frozenset[str]], int] = {}

    def reach(self, lab: Lab, applicant: str) -> int:
        """The most holders that may stand above such an applicant so that the lab still chooses her; -1: never.

        Of her groups only those matter for which the lab has reserves; whoever stands higher is never worse off.
        """
        kind = self.groups[applicant].intersection(reserve.group for reserve in lab.reserves)
        key = (lab.id, kind)
        if key not in self._reach:
            standings = range(len(self.holders[lab.id]) + 1)
            self._reach[key] = bisect_left(standings, True, key=lambda above: not self._is_chosen(lab, kind, above)) - 1
        return self._reach[key]

    def would_choose(self, lab: Lab, applicant: str, position: int) -> bool:
        """Whether the lab would choose her, standing at that position of its list, from its holders and her."""
        return bisect_left(self.positions[lab.id], position) <= self.reach(lab, applicant)

    def _is_chosen(self, lab: Lab, kind: frozenset[str], above: int) -> bool:
        institute = self.institutes[lab.institute]
        together = [lab.id] if institute.cap is None else institute.order
        ranked = {each: self.holders[each] for each in together}
        ranked[lab.id] = [*self.holders[lab.id][:above], NEWCOMER, *self.holders[lab.id][above:]]
        groups = {person: self.groups[person] for each in together for person in self.holders[each]}
        return NEWCOMER in institute_chooses(institute, self.labs, ranked, {**groups, NEWCOMER: kind})[lab.id]
