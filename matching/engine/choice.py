"""Whom labs choose from those who propose, as the rule says it: rule 2 for a lab, rule 3 for an institute.

This is the definition. `solve` keeps the same choice up to date proposal by proposal; `holding` asks it who would be
chosen. Both rules are substitutable (whoever is refused stays refused when more propose), which is why the order of
proposals cannot matter: Hatfield and Milgrom 2005.
"""

from collections.abc import Collection, Mapping, Sequence

from matching.engine.instance import OPEN_FIRST, Institute, Lab

Groups = Mapping[str, Collection[str]]


def lab_chooses(lab: Lab, quota: int, ranked: Sequence[str], groups: Groups) -> list[str]:
    """Rule 2: up to `quota` of the proposers `ranked` (best first), in the order in which seats are filled.

    Open seats first or reserves first, as the lab's `reserve_order` says; what is left over goes by rank to anyone.
    """
    chosen: dict[str, None] = {}
    if lab.reserve_order == OPEN_FIRST:
        open_seats = quota - sum(reserve.seats for reserve in lab.reserves)
        chosen.update(dict.fromkeys(ranked[:open_seats]))
    for reserve in lab.reserves:
        members = [person for person in ranked if person not in chosen and reserve.group in groups[person]]
        chosen.update(dict.fromkeys(members[: reserve.seats]))
    rest = [person for person in ranked if person not in chosen]
    return [*chosen, *rest[: quota - len(chosen)]]


def institute_chooses(
    institute: Institute, labs: Mapping[str, Lab], ranked: Mapping[str, Sequence[str]], groups: Groups
) -> dict[str, list[str]]:
    """Rule 3: whom each lab of the institute chooses from its own `ranked` proposers (best first), by lab id.

    Without a cap each lab chooses up to its seats. Under a cap each first chooses up to its target; then, in the
    institute's order, lab after lab takes one more by rank while it has seats and the cap is not reached
    (flexible deferred acceptance: Kamada and Kojima 2015).
    """
    if institute.cap is None:
        return {lab: lab_chooses(labs[lab], labs[lab].seats, people, groups) for lab, people in ranked.items()}
    chosen = {lab: lab_chooses(labs[lab], labs[lab].target or 0, ranked[lab], groups) for lab in institute.order}
    waiting = {lab: [person for person in ranked[lab] if person not in chosen[lab]] for lab in institute.order}
    room = institute.cap - sum(map(len, chosen.values()))
    for lab in _turns(institute, labs, chosen, waiting):
        if room == 0:
            break
        chosen[lab].append(waiting[lab].pop(0))
        room -= 1
    return chosen


def _turns(
    institute: Institute,
    labs: Mapping[str, Lab],
    chosen: Mapping[str, Sequence[str]],
    waiting: Mapping[str, Sequence[str]],
) -> list[str]:
    """The labs that take one more beyond their targets, turn by turn, as long as there were room for all."""
    wishes = {lab: min(len(waiting[lab]), labs[lab].seats - len(chosen[lab])) for lab in institute.order}
    rounds = range(max(wishes.values(), default=0))
    return [lab for turn in rounds for lab in institute.order if turn < wishes[lab]]
