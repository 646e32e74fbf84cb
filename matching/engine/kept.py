"""Seats that nobody else may have: of people who stay where they are whatever the rule says, or on offer to somebody.

The input is written so that the rule itself leaves these seats alone: it stays an input that anybody can check.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from matching.engine.choice import Groups
from matching.engine.instance import OPEN_FIRST, Instance, Institute, Lab, Malformed, Reserve
from matching.engine.lottery import standings


@dataclass(frozen=True)
class Seated:
    """People at labs: all who hold a seat, those of them who stay in any case, and to whom a seat is on offer."""

    holders: Mapping[str, str]
    kept: Collection[str] = ()
    offered: Collection[tuple[str, str]] = ()


@dataclass
class _Taken:
    """One lab's seats that are not for others: `kept` in the order of its list, `offered` how many more."""

    kept: list[str] = field(default_factory=list)
    offered: int = 0
    reserved: dict[str, int] = field(default_factory=dict)

    @property
    def seats(self) -> int:
        return len(self.kept) + self.offered


def held_fast(instance: Instance, seated: Seated) -> Instance:
    """The input in which nobody else gets the seats of those who are kept, nor the seats on offer.

    Whoever is kept wants nothing but her lab, which ranks her before everybody else, and belongs to no group: the
    reserved seat that she holds is an open one. A seat on offer is one fewer for the lab and its institute. Under a
    cap a lab's target is never less than the seats that are kept; what other labs' targets lose by it, they lose seat
    by seat in the institute's order. Refuses somebody kept who holds no seat.
    """
    unknown = sorted(set(seated.kept) - seated.holders.keys())
    if unknown:
        raise Malformed(f"applicant {unknown[0]}", "is kept and holds no seat")
    if not seated.kept and not seated.offered:
        return instance
    taken = _taken(instance, seated)
    labs, institutes = {}, []
    for institute in instance.institutes:
        own = [lab for lab in instance.labs if lab.institute == institute.id]
        changed, cap = _house(institute, own, taken)
        labs.update(changed)
        institutes.append(replace(institute, cap=cap))
    people = tuple(
        replace(person, groups=(), ranks=(seated.holders[person.id],)) if person.id in seated.kept else person
        for person in instance.applicants
    )
    ordered = tuple(labs[lab.id] for lab in instance.labs)
    return replace(instance, applicants=people, institutes=tuple(institutes), labs=ordered)


def _taken(instance: Instance, seated: Seated) -> dict[str, _Taken]:
    """By lab, with the reserved seats that are among them when all holders sit as the rule seats them."""
    groups = {person.id: frozenset(person.groups) for person in instance.applicants}
    caps = {institute.id: institute.cap for institute in instance.institutes}
    lists, found = standings(instance), {}
    for lab in instance.labs:
        position = lists[lab.id].position
        asked = [person for person, name in seated.offered if name == lab.id]
        there = [person for person, name in seated.holders.items() if name == lab.id]
        last = len(position)
        ranked = sorted(there, key=lambda person: (position.get(person, last), person))
        quota = lab.seats if caps[lab.institute] is None else lab.target or 0
        mine = _Taken([person for person in ranked if person in seated.kept], len(asked))
        for person, group in reserved_seats(lab, quota, [*ranked, *asked], groups).items():
            if person in seated.kept or person in asked:
                mine.reserved[group] = mine.reserved.get(group, 0) + 1
        found[lab.id] = mine
    return found


def reserved_seats(lab: Lab, quota: int, ranked: Sequence[str], groups: Groups) -> dict[str, str]:
    """Which of `ranked` (best first) sit in reserved seats, and of which group, when the rule seats them."""
    standing, found = list(ranked), {}
    if lab.reserve_order == OPEN_FIRST:
        standing = standing[max(0, quota - sum(reserve.seats for reserve in lab.reserves)) :]
    empty = []
    for reserve in lab.reserves:
        members = [person for person in standing if reserve.group in groups.get(person, ())][: reserve.seats]
        standing = [person for person in standing if person not in members]
        found.update(dict.fromkeys(members, reserve.group))
        empty += [reserve.group] * (reserve.seats - len(members))
    if lab.reserve_order != OPEN_FIRST:
        standing = standing[max(0, quota - sum(reserve.seats for reserve in lab.reserves)) :]
    return {**found, **dict(zip(standing, empty, strict=False))}


def _house(institute: Institute, labs: Sequence[Lab], taken: Mapping[str, _Taken]) -> tuple[dict[str, Lab], int | None]:
    """The labs of one institute with what is left of their seats, and its cap."""
    if institute.cap is None:
        return {lab.id: _lab(lab, taken[lab.id], None) for lab in labs}, None
    used = sum(taken[lab.id].seats for lab in labs)
    rests = {lab.id: max(0, (lab.target or 0) - taken[lab.id].seats) for lab in labs}
    first = share_out(institute.order, rests, max(0, institute.cap - used))
    made = {lab.id: _lab(lab, taken[lab.id], len(taken[lab.id].kept) + first[lab.id]) for lab in labs}
    return made, max(institute.cap, used) - sum(taken[lab.id].offered for lab in labs)


def _lab(lab: Lab, taken: _Taken, target: int | None) -> Lab:
    if not taken.seats and target in (None, lab.target):
        return lab
    seats = max(lab.seats, taken.seats) - taken.offered
    reserves = [
        replace(reserve, seats=max(0, reserve.seats - taken.reserved.get(reserve.group, 0))) for reserve in lab.reserves
    ]
    room = (seats if target is None else target) - len(taken.kept)
    kept = set(taken.kept)
    others = (tuple(person for person in tied if person not in kept) for tied in lab.ranks)
    return replace(
        lab,
        seats=seats,
        target=lab.target if target is None else target,
        reserves=trimmed(reserves, room),
        ranks=(*((person,) for person in taken.kept), *(tied for tied in others if tied)),
    )


def trimmed(reserves: Iterable[Reserve], room: int) -> tuple[Reserve, ...]:
    """Reserves cut down, the last first, to what fits."""
    fitting = []
    for reserve in reserves:
        seats = min(reserve.seats, room)
        room -= seats
        fitting.append(replace(reserve, seats=seats))
    return tuple(fitting)


def share_out(order: Sequence[str], wanted: Mapping[str, int], room: int) -> dict[str, int]:
    """How many of `room` each lab gets that wants so many: seat by seat, in the institute's order."""
    shares = dict.fromkeys(order, 0)
    for turn in range(max(wanted.values(), default=0)):
        for lab in order:
            if room > 0 and turn < wanted[lab]:
                shares[lab] += 1
                room -= 1
    return shares
