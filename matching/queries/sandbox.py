"""The what-if desk: a run with other seats, reserves, caps or a list, who would move, and what seats are worth.

Read, altered and matched in memory: nothing is written, and nobody is told.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from applications.models import CallLab
from common.settled import unchanged
from matching.engine import instance as instances
from matching.engine.instance import Instance
from matching.engine.lottery import Standing, standings
from matching.engine.outcome import parse as parse_outcome
from matching.engine.reading import Malformed
from matching.engine.solve import is_compiled, place, solve
from matching.engine.whatif import Changes, Moves, changed, minimum_price, moves_between, values_of
from matching.insight import TOO_LARGE
from matching.models import LotteryStudy, MatchRun
from matching.queries.plans import openings_of


@dataclass(frozen=True)
class Asked:
    """What is tried, by names of the instance: empty mappings leave everything as it is."""

    seats: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)
    reserves: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    caps: Mapping[str, int | None] = field(default_factory=dict)
    ranks: Mapping[str, list[list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class LabRow:
    """One lab of the sandbox: as it is in the run, and as it would come out."""

    name: str
    words: str
    code: str
    seats: int
    reserves: dict[str, int]
    reserve_order: str
    held: int
    would_hold: int | None = None
    more: int | None = None
    price: Any = None


@dataclass(frozen=True)
class Sandbox:
    """The labs and institutes of a run to be changed, and, once something was tried, what came of it."""

    labs: list[LabRow]
    caps: dict[str, tuple[str, int | None]]
    groups: list[str]
    moves: Moves | None = None
    flows: list[tuple[str, str, int]] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Sealed:
    """What a run's sealed texts say, read: its instance, who is placed where, the labs' lists without ties."""

    instance: Instance
    places: Mapping[str, str]
    lists: Mapping[str, Standing]


@lru_cache(maxsize=2)
def _sealed(run: int, instance_sha256: str, outcome_sha256: str) -> Sealed:
    """Read once a process: the hashes say that nothing can have changed since."""
    kept = MatchRun.objects.values_list("instance", "outcome")
    texts = kept.get(pk=run, instance_sha256=instance_sha256, outcome_sha256=outcome_sha256)
    base = instances.parse(texts[0])
    return Sealed(base, dict(parse_outcome(texts[1]).matches), standings(base))


def sandbox_of(run: MatchRun) -> Sandbox:
    """The sandbox of a solved run, nothing tried yet."""
    return _plain(_sealed_of(run), unchanged(f"sandbox:{run.pk}", lambda: _labs_of(run)))


def tried_out(run: MatchRun, plain: Sandbox, asked: Asked) -> Sandbox:
    """`plain` with `asked` tried out. What the rule cannot take is said in `problem`."""
    sealed = _sealed_of(run)
    try:
        return _with_results(plain, sealed, _tried(sealed.instance, asked), asked)
    except Malformed as problem:
        return replace(plain, problem=str(problem))


def _sealed_of(run: MatchRun) -> Sealed:
    return _sealed(run.pk, run.instance_sha256, run.outcome_sha256)


def _labs_of(run: MatchRun) -> dict[str, tuple[str, str, str]]:
    """By its name in the instance each lab of the run: its own, its code, its institute's."""
    return {
        f"l{number}": (str(row.call_lab.lab), row.call_lab.lab.code, row.call_lab.lab.institute.name)
        for number, row in enumerate(openings_of(run.call), start=1)
    }


def _plain(sealed: Sealed, labs: Mapping[str, tuple[str, str, str]]) -> Sandbox:
    base, held = sealed.instance, Counter(sealed.places.values())
    rows = [
        LabRow(
            lab.id,
            *labs[lab.id][:2],
            lab.seats,
            {reserve.group: reserve.seats for reserve in lab.reserves},
            lab.reserve_order,
            held[lab.id],
        )
        for lab in base.labs
    ]
    named = {lab.institute: labs[lab.id][2] for lab in base.labs}
    caps = {each.id: (named.get(each.id, each.id), each.cap) for each in base.institutes if each.id in named}
    groups = sorted({group for person in base.applicants for group in person.groups})
    return Sandbox(rows, caps, groups)


def _tried(base: Instance, asked: Asked) -> Instance:
    """The changed instance. A new cap shares its places among the labs' targets by their seats."""
    seats = {lab.id: asked.seats.get(lab.id, lab.seats) for lab in base.labs}
    caps = {each.id: asked.caps.get(each.id, each.cap) for each in base.institutes}
    institutes: dict[str, dict[str, object]] = {}
    labs: dict[str, dict[str, object]] = {}
    for each in base.institutes:
        cap, own = caps[each.id], [lab.id for lab in base.labs if lab.institute == each.id]
        institutes[each.id] = {"cap": cap, "order": list(each.order) or own}
        total = sum(seats[name] for name in own)
        for lab in base.labs:
            if lab.institute == each.id:
                share = seats[lab.id] if cap is None or total <= cap else seats[lab.id] * cap // total
                is_kept = lab.target is not None and cap == each.cap and seats[lab.id] == lab.seats
                labs[lab.id] = {"seats": seats[lab.id], "target": lab.target if is_kept else share}
    grown = instances.altered(base, {name: {**each, "reserves": []} for name, each in labs.items()}, institutes)
    reserves = {lab.id: asked.reserves.get(lab.id, {row.group: row.seats for row in lab.reserves}) for lab in base.labs}
    pairs = {name: [(group, number) for group, number in each.items() if number] for name, each in reserves.items()}
    return changed(grown, Changes(reserves=pairs, reserve_orders=dict(asked.orders), ranks=dict(asked.ranks)))


def _with_results(plain: Sandbox, sealed: Sealed, tried: Instance, asked: Asked) -> Sandbox:
    base = sealed.instance
    lists = standings(tried) if asked.ranks else sealed.lists
    places = dict(solve(tried).matches) if is_compiled(tried) else place(tried, lists=lists)
    moves = moves_between(base, sealed.places, places)
    held = Counter(places.values())
    is_small = len(tried.labs) * sum(len(person.ranks) for person in tried.applicants) < TOO_LARGE
    values = values_of(tried, lists, places) if is_small else {}
    rows = [
        replace(
            row,
            would_hold=held[row.name],
            more=values[row.name].moves.better if row.name in values else None,
            price=minimum_price(tried, row.name, asked.minimums[row.name]) if row.name in asked.minimums else None,
        )
        for row in plain.labs
    ]
    codes = {row.name: row.code for row in plain.labs}
    flows = sorted(
        (codes.get(left or "", ""), codes.get(took or "", ""), number) for (left, took), number in moves.flows().items()
    )
    return replace(plain, labs=rows, moves=moves, flows=flows)


def latest_study(run: MatchRun) -> LotteryStudy | None:
    return LotteryStudy.objects.filter(run=run).order_by("-pk").first()


def study_rows(study: LotteryStudy) -> list[tuple[CallLab, int, float, int]]:
    """Each lab's fill over all lotteries: least, mean, most."""
    fill = study.found.get("fill", {})
    labs = CallLab.objects.select_related("lab").in_bulk([int(pk) for pk in fill])
    return [(labs[int(pk)], least, mean / 100, most) for pk, (least, mean, most) in fill.items() if int(pk) in labs]


def names_of(run: MatchRun, numbers: list[list[int]]) -> list[list[str]]:
    """A pasted list of primary keys as pseudonyms of the run; who is not in the run is left out."""
    known = dict(run.results.values_list("application_id", "pseudonym"))
    classes = [[known[pk] for pk in tied if pk in known] for tied in numbers]
    return [tied for tied in classes if tied]
