"""What a match is run on: applicants, labs, institutes and the seed, in format innocore-match-instance/1."""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from matching.engine.reading import (
    Malformed,
    Unsupported,
    canonical,
    count,
    fields,
    identifier,
    identifiers,
    items,
    load,
    named,
    references,
    string,
)

__all__ = [
    "Applicant",
    "Couple",
    "Instance",
    "Institute",
    "Lab",
    "Malformed",
    "Reserve",
    "Unsupported",
    "altered",
    "build",
    "parse",
]

FORMAT: Final = "innocore-match-instance/1"
OPEN_FIRST: Final = "open_first"
RESERVED_FIRST: Final = "reserved_first"
# no id holds a line feed: it parts an entry's id from the place inside the entry
ALTERED: Final = "\n"


@dataclass(frozen=True)
class Applicant:
    """Who ranks labs, best first. `groups` are those that a seat may be reserved for."""

    id: str
    groups: tuple[str, ...]
    ranks: tuple[str, ...]


@dataclass(frozen=True)
class Reserve:
    """Seats of a lab that members of one group may take before others."""

    group: str
    seats: int


@dataclass(frozen=True)
class Lab:
    """Who has seats. `ranks` are tie classes of applicants, best first; whoever is not in them is not acceptable."""

    id: str
    institute: str
    seats: int
    target: int | None
    reserve_order: str
    reserves: tuple[Reserve, ...]
    ranks: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Institute:
    """Labs under one cap (None: no cap), and the order in which they take one more beyond their targets."""

    id: str
    cap: int | None
    order: tuple[str, ...]


@dataclass(frozen=True)
class Couple:
    """Two applicants, in the order of their ids, who rank pairs of labs, best first; None: no place for that one."""

    applicants: tuple[str, str]
    ranks: tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True)
class Instance:
    """All of an input, sorted by id. Made by `parse` or `build`, which check it."""

    seed: str
    applicants: tuple[Applicant, ...]
    institutes: tuple[Institute, ...]
    labs: tuple[Lab, ...]
    couples: tuple[Couple, ...] = ()

    def canonical(self) -> str:
        """The one text of this instance: what is published, and what its hash is taken of."""
        return canonical(
            {
                "format": FORMAT,
                "seed": self.seed,
                "applicants": [
                    {"id": person.id, "groups": person.groups, "ranks": person.ranks} for person in self.applicants
                ],
                "couples": [vars(couple) for couple in self.couples],
                "institutes": [{"id": each.id, "cap": each.cap, "order": each.order} for each in self.institutes],
                "labs": [_lab_as_json(lab) for lab in self.labs],
            }
        )

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def _lab_as_json(lab: Lab) -> dict[str, object]:
    reserves = [{"group": reserve.group, "seats": reserve.seats} for reserve in lab.reserves]
    return {**vars(lab), "reserves": reserves}


def parse(text: str) -> Instance:
    """The instance that a JSON text stands for. Refuses with `Malformed`, which names the place and the reason."""
    return build(load(text))


def build(value: object) -> Instance:
    """The same from decoded JSON: dicts, lists, strings, whole numbers."""
    body = fields(value, "$", ("format", "seed", "applicants", "institutes", "labs"), ("couples",))
    if body["format"] != FORMAT:
        raise Malformed("$.format", f"must be {FORMAT!r}")
    institutes = {name: (place, entry) for name, place, entry in _named(body, "institutes")}
    labs = {name: (place, entry) for name, place, entry in _named(body, "labs")}
    applicants = {name: (place, entry) for name, place, entry in _named(body, "applicants")}
    caps = {name: _cap(place, entry) for name, (place, entry) in institutes.items()}
    built = {name: _lab(name, place, entry, caps, applicants) for name, (place, entry) in sorted(labs.items())}
    people = tuple(_applicant(name, *found, labs) for name, found in sorted(applicants.items()))
    couples = _couples(body.get("couples", []), {person.id: person for person in people}, labs)
    for name in sorted(name for couple in couples for name in couple.applicants):
        if people[bisect_left(people, name, key=lambda person: person.id)].ranks:
            raise Malformed(f"{applicants[name][0]}.ranks", "must be empty: this one ranks pairs in a couple")
    return Instance(
        seed=_seed(body["seed"]),
        applicants=people,
        institutes=tuple(_institute(name, *found, caps[name], built) for name, found in sorted(institutes.items())),
        labs=tuple(built.values()),
        couples=couples,
    )


def altered(
    instance: Instance, labs: Mapping[str, Mapping[str, object]], institutes: Mapping[str, Mapping[str, object]]
) -> Instance:
    """The instance with some keys of some labs' and institutes' entries replaced, checked as `build` checks them.

    Refuses with `Malformed`; the place is "lab l1, seats" and the like.
    """
    for noun, given, known in (("lab", labs, instance.labs), ("institute", institutes, instance.institutes)):
        for name in sorted(given.keys() - {each.id for each in known}):
            raise Malformed(f"{noun} {name}", f"is no known {noun}")
    try:
        return _altered(instance, labs, institutes)
    except Malformed as error:
        first, _dot, rest = error.place.partition(ALTERED)
        raise Malformed(f"{first}, {rest.lstrip('.')}" if rest else first, error.reason) from None


def _altered(
    instance: Instance, labs: Mapping[str, Mapping[str, object]], institutes: Mapping[str, Mapping[str, object]]
) -> Instance:
    entries = {
        each.id: (
            f"institute {each.id}{ALTERED}",
            {**vars(each), "order": [*each.order], **institutes.get(each.id, {})},
        )
        for each in instance.institutes
    }
    caps = {name: _cap(place, entry) for name, (place, entry) in entries.items()}
    people = {person.id: person for person in instance.applicants}
    built = {lab.id: _altered_lab(lab, labs.get(lab.id, {}), caps, people) for lab in instance.labs}
    homes_built = tuple(_institute(name, *found, caps[name], built) for name, found in entries.items())
    return replace(instance, institutes=homes_built, labs=tuple(built.values()))


def _altered_lab(
    lab: Lab, changes: Mapping[str, object], caps: Mapping[str, int | None], people: Mapping[str, object]
) -> Lab:
    place = f"lab {lab.id}{ALTERED}"
    if not changes:
        _check_quotas(lab, place, is_capped=caps[lab.institute] is not None)
        return lab
    checked = _lab(lab.id, place, {**_lab_as_json(lab), "ranks": [], **changes, "id": lab.id}, caps, people)
    return checked if "ranks" in changes else replace(checked, ranks=lab.ranks)


def _named(body: Mapping[str, object], key: str) -> Iterator[tuple[str, str, object]]:
    return named(items(body[key], f"$.{key}"), f"$.{key}")


def _couples(value: object, people: Mapping[str, object], labs: Mapping[str, object]) -> tuple[Couple, ...]:
    couples: dict[str, Couple] = {}
    for number, entry in enumerate(items(value, "$.couples")):
        here = f"$.couples[{number}]"
        body = fields(entry, here, ("applicants", "ranks"))
        names = references(body["applicants"], f"{here}.applicants", people, "applicant")
        if len(names) != 2:
            raise Malformed(f"{here}.applicants", f"must name two applicants, and names {len(names)}")
        for place, name in enumerate(names):
            if name in couples:
                raise Malformed(f"{here}.applicants[{place}]", f"{name!r} is in another couple already")
        pairs = _pairs(body["ranks"], f"{here}.ranks", labs)
        first, second = sorted(names)
        ordered = pairs if names[0] == first else tuple((mine, other) for other, mine in pairs)
        couples[first] = couples[second] = Couple((first, second), ordered)
    return tuple(couple for name, couple in sorted(couples.items()) if name == couple.applicants[0])


def _pairs(value: object, place: str, labs: Mapping[str, object]) -> tuple[tuple[str | None, str | None], ...]:
    pairs: dict[tuple[str | None, str | None], None] = {}
    for number, entry in enumerate(items(value, place)):
        here = f"{place}[{number}]"
        listed = items(entry, here)
        if len(listed) != 2:
            raise Malformed(here, f"must be a lab or null for each of the two, and has {len(listed)} entries")
        for one, name in enumerate(listed):
            if name is not None and identifier(name, f"{here}[{one}]") not in labs:
                raise Malformed(f"{here}[{one}]", f"{name!r} is no known lab")
        pair = (None if listed[0] is None else str(listed[0]), None if listed[1] is None else str(listed[1]))
        if pair == (None, None):
            raise Malformed(here, "must name a lab for one of the two at least")
        if pair in pairs:
            raise Malformed(here, "is ranked twice by this couple")
        pairs[pair] = None
    return tuple(pairs)


def _seed(value: object) -> str:
    seed = string(value, "$.seed")
    if not re.fullmatch("[0-9a-f]{1,128}", seed):
        raise Malformed("$.seed", "must be 1 to 128 hexadecimal digits in lower case")
    return seed


def _applicant(name: str, place: str, value: object, labs: Mapping[str, object]) -> Applicant:
    body = fields(value, place, ("id", "ranks"), ("groups",))
    groups = sorted(identifiers(body.get("groups", []), f"{place}.groups"))
    return Applicant(name, tuple(groups), references(body["ranks"], f"{place}.ranks", labs, "lab"))


def _lab(name: str, place: str, value: object, caps: Mapping[str, int | None], applicants: Mapping[str, object]) -> Lab:
    optional = ("target", "reserve_order", "reserves")
    body = fields(value, place, ("id", "institute", "seats", "ranks"), optional)
    institute = identifier(body["institute"], f"{place}.institute")
    if institute not in caps:
        raise Malformed(f"{place}.institute", f"{institute!r} is no known institute")
    lab = Lab(
        id=name,
        institute=institute,
        seats=count(body["seats"], f"{place}.seats"),
        target=None if body.get("target") is None else count(body["target"], f"{place}.target"),
        reserve_order=_reserve_order(body.get("reserve_order", OPEN_FIRST), f"{place}.reserve_order"),
        reserves=_reserves(body.get("reserves", []), f"{place}.reserves"),
        ranks=_tie_classes(body["ranks"], f"{place}.ranks", applicants),
    )
    _check_quotas(lab, place, is_capped=caps[institute] is not None)
    return lab


def _reserve_order(value: object, place: str) -> str:
    if value not in (OPEN_FIRST, RESERVED_FIRST):
        raise Malformed(place, f"must be {OPEN_FIRST!r} or {RESERVED_FIRST!r}")
    return str(value)


def _reserves(value: object, place: str) -> tuple[Reserve, ...]:
    reserves: dict[str, Reserve] = {}
    for number, entry in enumerate(items(value, place)):
        here = f"{place}[{number}]"
        body = fields(entry, here, ("group", "seats"))
        group = identifier(body["group"], f"{here}.group")
        if group in reserves:
            raise Malformed(f"{here}.group", f"{group!r} has a reserve in this lab already")
        reserves[group] = Reserve(group, count(body["seats"], f"{here}.seats"))
    return tuple(reserves.values())


def _tie_classes(value: object, place: str, applicants: Mapping[str, object]) -> tuple[tuple[str, ...], ...]:
    classes: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for number, entry in enumerate(items(value, place)):
        here = f"{place}[{number}]"
        tied = references(entry, here, applicants, "applicant")
        if not tied:
            raise Malformed(here, "a tie class must not be empty")
        if not seen.isdisjoint(tied):
            again = next(name for name in tied if name in seen)
            raise Malformed(f"{here}[{tied.index(again)}]", f"{again!r} is ranked twice by this lab")
        seen.update(tied)
        classes.append(tuple(sorted(tied)))
    return tuple(classes)


def _check_quotas(lab: Lab, place: str, *, is_capped: bool) -> None:
    reserved = sum(reserve.seats for reserve in lab.reserves)
    if is_capped and lab.target is None:
        raise Malformed(f"{place}.target", f"is missing, and institute {lab.institute!r} has a cap")
    if is_capped and lab.target is not None and lab.target > lab.seats:
        raise Malformed(f"{place}.target", f"the target of {lab.target} is more than the {lab.seats} seats")
    first, noun = (lab.target or 0, "target") if is_capped else (lab.seats, "seats")
    if reserved > first:
        raise Malformed(f"{place}.reserves", f"they sum to {reserved}, which is more than the {noun}, {first}")


def _cap(place: str, value: object) -> int | None:
    body = fields(value, place, ("id",), ("cap", "order"))
    return None if body.get("cap") is None else count(body["cap"], f"{place}.cap")


def _institute(name: str, place: str, value: object, cap: int | None, labs: Mapping[str, Lab]) -> Institute:
    body = fields(value, place, ("id",), ("cap", "order"))
    order = references(body.get("order", []), f"{place}.order", labs, "lab")
    for number, lab in enumerate(order):
        if labs[lab].institute != name:
            reason = f"lab {lab!r} belongs to institute {labs[lab].institute!r}; caps that overlap are refused, "
            raise Malformed(f"{place}.order[{number}]", reason + "for deciding them is NP-complete")
    own = {lab.id for lab in labs.values() if lab.institute == name}
    if (cap is not None or order) and len(order) < len(own):
        raise Malformed(f"{place}.order", f"lab {min(own.difference(order))!r} of this institute is missing")
    targets = sum(labs[lab].target or 0 for lab in own)
    if cap is not None and targets > cap:
        raise Malformed(f"{place}.cap", f"the targets of its labs sum to {targets}, which is more than the cap, {cap}")
    return Institute(name, cap, order)
