"""The demonstration in figures, before any row is written: who applies where, how labs rank, who is placed.

The places are the outcome of the programme's own engine on these lists; groups are then given to the placed so that
the reported figures of the first round hold (400 appointed: 103 foreign nationals, 56 returning from abroad).
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Final

from matching.engine.instance import parse
from matching.engine.solve import solve

SEATS: Final = {"LLM": 50, "MFG": 50, "DRUG": 50, "AERO": 50, "PHYS": 50, "BRAIN": 50, "H2": 50, "SOLAR": 50}
FOREIGN, RETURNING, NEW_DOCTORS = 103, 56, 116
CHOICES = 5


@dataclass
class Candidate:
    """One applicant to be: number, quality (0 to 1), labs best first, group, and the lab where she is placed."""

    number: int
    quality: float
    labs: list[str]
    is_eligible: bool
    group: str = ""
    is_new_doctor: bool = False
    place: str = ""


@dataclass
class Round:
    """A call's candidates and every lab's strict ranking of candidate numbers, best first."""

    candidates: list[Candidate]
    seats: dict[str, int]
    rankings: dict[str, list[int]] = field(default_factory=dict)


def draw_round(random: Random, size: int, seats: dict[str, int]) -> Round:
    """A round of `size` candidates with rankings by quality and taste; groups without regard to places."""
    labs = list(seats)
    candidates = [
        Candidate(
            number,
            random.random(),
            random.sample(labs, random.choice((2, 3, 4, CHOICES, CHOICES))),
            random.random() > 0.06,
        )
        for number in range(1, size + 1)
    ]
    drawn = Round(candidates, seats)
    for lab in labs:
        chosen = [c for c in candidates if lab in c.labs and c.is_eligible]
        chosen.sort(key=lambda c: c.quality + random.gauss(0, 0.12), reverse=True)
        drawn.rankings[lab] = [c.number for c in chosen[: max(seats[lab] + 20, int(len(chosen) * 0.85))]]
    for candidate in candidates:
        candidate.group = random.choices(("domestic", "returning", "foreign"), (52, 18, 30))[0]
        candidate.is_new_doctor = random.random() < 0.35
    return drawn


def place(drawn: Round, seed: str) -> None:
    """Fill in every candidate's place by the engine."""
    instance = {
        "format": "innocore-match-instance/1",
        "seed": seed,
        "applicants": [
            {"id": f"a{c.number}", "groups": [], "ranks": c.labs} for c in drawn.candidates if c.is_eligible
        ],
        "couples": [],
        "institutes": [{"id": "i", "cap": None, "order": list(drawn.seats)}],
        "labs": [
            {
                "id": lab,
                "institute": "i",
                "seats": seats,
                "target": seats,
                "reserve_order": "open_first",
                "reserves": [],
                "ranks": [[f"a{number}"] for number in drawn.rankings[lab]],
            }
            for lab, seats in drawn.seats.items()
        ],
    }
    outcome = solve(parse(json.dumps(instance)))
    by_number = {c.number: c for c in drawn.candidates}
    for applicant, lab in json.loads(outcome.canonical())["matches"]:
        by_number[int(applicant[1:])].place = lab


def give_groups(random: Random, drawn: Round) -> None:
    """Give the placed the groups that were reported for the first round."""
    placed = [c for c in drawn.candidates if c.place]
    random.shuffle(placed)
    of_all = len(placed) / sum(SEATS.values())
    foreign, returning = round(FOREIGN * of_all), round(RETURNING * of_all)
    for position, candidate in enumerate(placed):
        candidate.is_new_doctor = False
        candidate.group = "domestic"
        if position < foreign:
            candidate.group = "foreign"
        elif position < foreign + returning:
            candidate.group = "returning"
        elif position < foreign + returning + round(NEW_DOCTORS * of_all):
            candidate.is_new_doctor = True
