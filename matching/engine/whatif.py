"""What if: an instance with other seats, caps, reserves or lists, and who would move. It decides and stores nothing."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from matching.engine.chains import Chains, is_plain
from matching.engine.couples import choice_of
from matching.engine.instance import Instance, Lab, altered
from matching.engine.lottery import Standing, seed_of, standings
from matching.engine.outcome import Outcome
from matching.engine.solve import is_compiled, place, solve

Progress = Callable[[int, int], None]

# lotteries times choices from which on compiled code is quicker, though it takes a second to load
COMPILED_FROM: Final = 400_000


@dataclass(frozen=True)
class Changes:
    """What is changed, by lab id; caps by institute id. A reserve is (group, seats); a list is made of tie classes."""

    seats: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, int] = field(default_factory=dict)
    reserves: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    reserve_orders: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    caps: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """One applicant who is elsewhere: labs and which of her choices they are (from 1); None: no place."""

    applicant: str
    left: str | None
    took: str | None
    choice_left: int | None
    choice_took: int | None

    @property
    def is_better(self) -> bool:
        """Whether she gains by her own ranking."""
        if self.choice_left is None or self.choice_took is None:
            return self.choice_left is None
        return self.choice_took < self.choice_left


@dataclass(frozen=True)
class Moves:
    """Everybody who moves, in the order of ids."""

    moves: tuple[Move, ...]

    @property
    def better(self) -> int:
        return sum(move.is_better for move in self.moves)

    @property
    def worse(self) -> int:
        return len(self.moves) - self.better

    def flows(self) -> dict[tuple[str | None, str | None], int]:
        """How many go from where to where."""
        return dict(Counter((move.left, move.took) for move in self.moves))


@dataclass(frozen=True)
class SeatValue:
    """What one more seat at a lab would do; nobody is ever worse off. `is_taken`: whether anyone would move for it."""

    lab: str
    moves: Moves

    @property
    def is_taken(self) -> bool:
        return bool(self.moves.moves)


@dataclass(frozen=True)
class Price:
    """What it would cost that a lab has at least `minimum` holders.

    `sent` are those who would be sent there from places that they prefer, `held_back` holders who may not leave it for
    a place that becomes free; `moves` is everybody who moves, `sent` among them. Not reached: nobody else can be sent.
    """

    lab: str
    minimum: int
    held: int
    is_reached: bool
    sent: tuple[str, ...]
    held_back: tuple[str, ...]
    moves: Moves


@dataclass(frozen=True)
class Fill:
    """A lab's holders over many lotteries."""

    least: int
    mean: Fraction
    most: int


@dataclass(frozen=True)
class Luck:
    """How an instance comes out when only the lottery differs. `fates`: how often each applicant is placed where.

    The key None counts how often she has no place; what never happens is not in it.
    """

    many: int
    fates: Mapping[str, Mapping[str | None, int]]
    fill: Mapping[str, Fill]

    @property
    def touched(self) -> int:
        """The applicants whose place the lottery can change."""
        return sum(len(fate) > 1 for fate in self.fates.values())

    @property
    def share(self) -> Fraction:
        """Their share among those who are placed in at least one lottery."""
        placed = sum(any(lab is not None for lab in fate) for fate in self.fates.values())
        return Fraction(self.touched, placed) if placed else Fraction(0)


def changed(instance: Instance, changes: Changes) -> Instance:
    """The instance with these changes. Refuses with `Malformed`: the place ("lab l1, seats") and the reason."""
    labs: dict[str, dict[str, object]] = {}
    for key, given in (
        ("seats", changes.seats),
        ("target", changes.targets),
        ("reserve_order", changes.reserve_orders),
        ("reserves", {name: _reserves(each) for name, each in changes.reserves.items()}),
        ("ranks", {name: [list(tied) for tied in each] for name, each in changes.ranks.items()}),
    ):
        for name, value in given.items():
            labs.setdefault(name, {})[key] = value
    return altered(instance, labs, {name: {"cap": cap} for name, cap in changes.caps.items()})


def _reserves(given: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"group": group, "seats": seats} for group, seats in given]


def movers(instance: Instance, before: Outcome, after: Outcome) -> Moves:
    """Who is elsewhere in `after`, by her list in `instance`. Who is not in both outcomes is left out."""
    was, now = dict(before.matches), dict(after.matches)
    known = (was.keys() | set(before.unmatched)) & (now.keys() | set(after.unmatched))
    return moves_between(instance, was, now, known)


def moves_between(
    instance: Instance, was: Mapping[str, str], now: Mapping[str, str], known: Container[str] | None = None
) -> Moves:
    """The same from who is placed where; of `known`, or of everybody."""
    moved = {person for person, _lab in was.items() ^ now.items()}
    if known is not None:
        moved = {person for person in moved if person in known}
    if not moved:
        return Moves(())
    pairs = {person: couple for couple in instance.couples for person in couple.applicants}
    moves = []
    for person in instance.applicants:
        if person.id in moved:
            left, took = was.get(person.id), now.get(person.id)
            couple = pairs.get(person.id)
            choices = (
                (_choice(person.ranks, left), _choice(person.ranks, took))
                if couple is None
                else (choice_of(couple, was), choice_of(couple, now))
            )
            moves.append(Move(person.id, left, took, *choices))
    return Moves(tuple(moves))


def _choice(ranks: Sequence[str], lab: str | None) -> int | None:
    """Which of her choices a lab is, from 1."""
    return ranks.index(lab) + 1 if lab is not None and lab in ranks else None


def seat_values(instance: Instance, before: Outcome | None = None) -> dict[str, SeatValue]:
    """What one more seat at each lab would do, by lab id. Under a cap it adds to the target and the cap too.

    A seat added inside a full institute could only come out of another lab's turn; that is a change of policy and no
    more of anything. As it is meant here, one more seat harms no applicant.
    """
    places = place(instance) if before is None else dict(before.matches)
    return values_of(instance, standings(instance), places)


def values_of(instance: Instance, lists: Mapping[str, Standing], places: Mapping[str, str]) -> dict[str, SeatValue]:
    """The same where the labs' lists without ties and the outcome are known: nothing of it is worked out again."""
    if is_plain(instance):
        more = Chains(instance, lists, places).one_more
    else:
        grown = {lab.id: _one_more(instance, lab) for lab in instance.labs}

        def more(lab: str) -> Mapping[str, str]:
            return dict(solve(grown[lab]).matches) if is_compiled(instance) else place(grown[lab], lists=lists)

    return {lab.id: SeatValue(lab.id, moves_between(instance, places, more(lab.id))) for lab in instance.labs}


def _one_more(instance: Instance, grown: Lab) -> Instance:
    institutes = tuple(
        replace(each, cap=each.cap + 1) if each.id == grown.institute and each.cap is not None else each
        for each in instance.institutes
    )
    target = None if grown.target is None else grown.target + 1
    more = replace(grown, seats=grown.seats + 1, target=target)
    labs = tuple(more if lab is grown else lab for lab in instance.labs)
    return replace(instance, institutes=institutes, labs=labs)


def minimum_price(instance: Instance, lab: str, minimum: int, before: Outcome | None = None) -> Price:
    """What enforcing a minimum at a lab would cost: whom it would take from places that they like better.

    In the outcome everybody who wants the lab more than her place was refused, so whoever is sent there loses. Those
    are sent who lose the fewest choices, then those who stand highest on the lab's list; everybody else is matched
    again without them. Holders who would then leave for a place that became free are held back, which costs them
    nothing that they have. Without caps nobody but those sent is worse off, and they are as few as there can be.
    """
    now = before or solve(instance)
    opening = next(each for each in instance.labs if each.id == lab)
    was = dict(now.matches)
    cheapest, bound = _cheapest(instance, lab, was), list[str]()
    after, held = now, sum(name == lab for name in was.values())
    wanted = min(minimum, opening.seats)
    while (short := wanted - sum(name == lab for _, name in after.matches)) > 0:
        there = {person for person, name in after.matches if name == lab}
        more = [person for person in cheapest if person not in there and person not in bound][:short]
        tried = solve(_with_bound(instance, opening, [*bound, *more]))
        if not more or dict.fromkeys([*bound, *more], lab).items() - set(tried.matches):
            break
        bound, after = [*bound, *more], tried
    reached = sum(name == lab for _, name in after.matches) >= minimum
    sent = tuple(person for person in bound if was.get(person) != lab)
    held_back = tuple(person for person in bound if was.get(person) == lab)
    return Price(lab, minimum, held, reached, sent, held_back, movers(instance, now, after))


def _cheapest(instance: Instance, lab: str, places: Mapping[str, str]) -> tuple[str, ...]:
    """Whom both sides' lists let be at a lab, the fewest choices lost first, then the highest on its list.

    Whoever is there, has no place, or likes the lab better (and was refused for the institute's cap) loses nothing.
    """
    position = standings(instance)[lab].position
    losses = []
    for person in instance.applicants:
        if lab in person.ranks and person.id in position:
            choice = person.ranks.index(places[person.id]) if person.id in places else len(person.ranks)
            losses.append((max(person.ranks.index(lab) - choice, 0), position[person.id], person.id))
    return tuple(name for _, _, name in sorted(losses))


def _with_bound(instance: Instance, opening: Lab, bound: Sequence[str]) -> Instance:
    """The instance in which some want nothing but that lab, and it wants nobody more."""
    people = tuple(
        replace(person, ranks=(opening.id,)) if person.id in bound else person for person in instance.applicants
    )
    others = [tuple(name for name in tied if name not in bound) for tied in opening.ranks]
    first = replace(opening, ranks=(*((name,) for name in bound), *(tied for tied in others if tied)))
    return replace(instance, applicants=people, labs=tuple(first if lab is opening else lab for lab in instance.labs))


def lotteries(instance: Instance, many: int, progress: Progress | None = None) -> Luck:
    """Match `many` times with other lotteries, whose seeds follow from the instance's own. `progress(done, many)`.

    A thousand take about two seconds at the programme's size where compiled code is installed, and ten elsewhere.
    """
    seeds = [seed_of([instance.seed, "lottery", str(number)]) for number in range(1, many + 1)]
    choices = sum(len(person.ranks) for person in instance.applicants)
    if many * choices >= COMPILED_FROM and find_spec("numba") is not None:
        drawn: Iterable[Mapping[str, str]] = import_module("matching.engine.fast").by_lottery(instance, seeds)
    else:
        drawn = (place(replace(instance, seed=seed)) for seed in seeds)
    met: Counter[tuple[str, str]] = Counter()
    fills = []
    for done, places in enumerate(drawn, start=1):
        met.update(places.items())
        fills.append(Counter(places.values()))
        if progress is not None:
            progress(done, many)
    return Luck(many, _fates(instance, many, met), _fill(instance, fills))


def _fates(instance: Instance, many: int, met: Mapping[tuple[str, str], int]) -> dict[str, dict[str | None, int]]:
    """How often each applicant had each place, and (None) how often none; nothing that never was."""
    fates: dict[str, dict[str | None, int]] = {person.id: {} for person in instance.applicants}
    for (person, lab), times in met.items():
        fates[person][lab] = times
    for fate in fates.values():
        placed = sum(fate.values())
        if placed < many:
            fate[None] = many - placed
    return fates


def _fill(instance: Instance, fills: Sequence[Counter[str]]) -> dict[str, Fill]:
    found = {}
    for lab in instance.labs:
        held = [each[lab.id] for each in fills] or [0]
        found[lab.id] = Fill(min(held), Fraction(sum(held), len(held)), max(held))
    return found
