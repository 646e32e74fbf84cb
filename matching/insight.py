"""What an outcome says about labs: fill, cutoffs, choices, whom a lab lost, what one more seat and a minimum would do.

Pure: an instance and its outcome in, plain figures out. No person is in them, by name or by pseudonym.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from matching.engine.instance import Couple, Instance, Lab
from matching.engine.lottery import Standing, standings
from matching.engine.outcome import Outcome
from matching.engine.whatif import SeatValue, minimum_price, seat_values

# labs times choices from which on the value of a seat is not worked out: each lab means another match
TOO_LARGE: Final = 20_000_000


def insight(instance: Instance, outcome: Outcome, minimums: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """By lab id: `held`, `cutoff` (the last holder's place on the lab's list, from 1), `got` and `lost` by choice.

    `got` counts holders by which of their choices the lab is; `lost` those at or above the cutoff who are somewhere
    that they like better, by which choice that is. `more` is what one more seat would do, `minimum` what keeping the
    wished one would cost. Under a cap a seat may stay empty that somebody wants: `is_capped`.
    """
    choices = {person.id: {lab: n for n, lab in enumerate(person.ranks, start=1)} for person in instance.applicants}
    for couple in instance.couples:
        choices |= {name: _first_named(couple, side) for side, name in enumerate(couple.applicants)}
    places, lists = dict(outcome.matches), standings(instance)
    sizes = len(instance.labs) * sum(map(len, choices.values()))
    values = seat_values(instance, outcome) if sizes < TOO_LARGE else {}
    found = {lab.id: _lab(lab, lists[lab.id], places, choices) for lab in instance.labs}
    for name, row in found.items():
        row["wanted"] = sum(name in ranked for ranked in choices.values())
        if name in values:
            row["more"] = _value(values[name])
        if name in minimums and row["held"] < minimums[name]:
            price = minimum_price(instance, name, minimums[name], outcome)
            row["minimum"] = {
                "wished": price.minimum,
                "is_reached": price.is_reached,
                "sent": len(price.sent),
                "worse": price.moves.worse,
            }
    return found


def _first_named(couple: Couple, side: int) -> dict[str, int]:
    """Of one of a couple the labs in its pairs, by the first pair that names each for her."""
    found: dict[str, int] = {}
    for number, pair in enumerate(couple.ranks, start=1):
        lab = pair[side]
        if lab is not None:
            found.setdefault(lab, number)
    return found


def _lab(
    lab: Lab, standing: Standing, places: Mapping[str, str], choices: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    holders = [position for person, position in standing.position.items() if places.get(person) == lab.id]
    cutoff = max(holders, default=-1)
    got = Counter(choices[standing.order[position]][lab.id] for position in holders)
    reached = standing.order if len(holders) < lab.seats else standing.order[: cutoff + 1]
    lost = Counter(
        choices[person][places[person]]
        for person in reached
        if places.get(person) not in (None, lab.id)
        and lab.id in choices[person]
        and choices[person][places[person]] < choices[person][lab.id]
    )
    waiting = any(
        lab.id in choices[person] and choices[person][lab.id] < choices[person].get(places.get(person, ""), 10**6)
        for person in standing.order
    )
    return {
        "seats": lab.seats,
        "held": len(holders),
        "ranked": len(standing.order),
        "cutoff": cutoff + 1 or None,
        "got": {str(choice): got[choice] for choice in sorted(got)},
        "lost": {str(choice): lost[choice] for choice in sorted(lost)},
        "is_capped": len(holders) < lab.seats and waiting,
    }


def _value(value: SeatValue) -> dict[str, int]:
    return {"moves": len(value.moves.moves), "better": value.moves.better}
