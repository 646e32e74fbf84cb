"""The what-if desk: a run with other seats, reserves, caps or a list, who would move, and what seats are worth.

Read, altered and matched in memory: nothing is written, and nobody is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from applications.models import CallLab
from matching.engine import instance as instances
from matching.engine.instance import Instance
from matching.engine.outcome import Outcome
from matching.engine.outcome import parse as parse_outcome
from matching.engine.reading import Malformed
from matching.engine.solve import solve
from matching.engine.whatif import Changes, Moves, changed, minimum_price, movers, seat_values
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
    call_lab: CallLab
    institute: str
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


def sandbox_of(run: MatchRun, asked: Asked | None = None) -> Sandbox:
    """The sandbox of a solved run, with `asked` tried out. What the rule cannot take is said in `problem`."""
    base, outcome = instances.parse(run.instance), parse_outcome(run.outcome)
    codes = {f"l{number}": row.call_lab for number, row in enumerate(openings_of(run.call), start=1)}
    plain = _plain(base, outcome, codes)
    if asked is None:
        return plain
    try:
        tried = _tried(base, asked)
        after = solve(tried)
        return _with_results(plain, base, outcome, tried, after, asked)
    except Malformed as problem:
        return replace(plain, problem=str(problem))


def _plain(base: Instance, outcome: Outcome, labs: Mapping[str, CallLab]) -> Sandbox:
    held = _held(outcome)
    rows = [
        LabRow(
            lab.id,
            labs[lab.id],
            lab.institute,
            lab.seats,
            {reserve.group: reserve.seats for reserve in lab.reserves},
            lab.reserve_order,
            held.get(lab.id, 0),
        )
        for lab in base.labs
    ]
    named = {row.institute: row.call_lab.lab.institute.name for row in rows}
    caps = {each.id: (named.get(each.id, each.id), each.cap) for each in base.institutes if each.id in named}
    groups = sorted({group for person in base.applicants for group in person.groups})
    return Sandbox(rows, caps, groups)


def _held(outcome: Outcome) -> dict[str, int]:
    held: dict[str, int] = {}
    for _person, lab in outcome.matches:
        held[lab] = held.get(lab, 0) + 1
    return held


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


def _with_results(
    plain: Sandbox, base: Instance, before: Outcome, tried: Instance, after: Outcome, asked: Asked
) -> Sandbox:
    moves = movers(base, before, after)
    held = _held(after)
    is_small = len(tried.labs) * sum(len(person.ranks) for person in tried.applicants) < TOO_LARGE
    values = seat_values(tried, after) if is_small else {}
    rows = [
        replace(
            row,
            would_hold=held.get(row.name, 0),
            more=values[row.name].moves.better if row.name in values else None,
            price=minimum_price(tried, row.name, asked.minimums[row.name], after)
            if row.name in asked.minimums
            else None,
        )
        for row in plain.labs
    ]
    codes = {row.name: row.call_lab.lab.code for row in plain.labs}
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
