"""Another program's answers: the library `matching` on hundreds of small cases without ties, reserves and caps."""

import json
import random
import subprocess
import sys
from typing import Any

from matching.engine import fast
from matching.engine.solve import place
from tests.matching.engine.instances import instance_of, lab

# the library bears the name of our room: it is imported where the house is not on the path
PROGRAM = """
import json, sys, warnings
from matching.games import HospitalResident
warnings.simplefilter("ignore")
answers = []
for wishes, ranked, seats in json.load(sys.stdin):
    found = HospitalResident.create_from_dictionaries(wishes, ranked, seats).solve()
    answers.append({who.name: where.name for where, people in found.items() for who in people})
json.dump(answers, sys.stdout)
"""
Case = tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]


def case(chance: random.Random) -> Case:
    """Both sides rank each other, as the library asks; everybody ranks and is ranked by somebody."""
    people = [f"a{number}" for number in range(chance.randint(1, 12))]
    labs = [f"l{number}" for number in range(chance.randint(1, 5))]
    wishes = {person: chance.sample(labs, chance.randint(1, len(labs))) for person in people}
    ranked = {name: [person for person in people if name in wishes[person]] for name in labs}
    ranked = {name: chance.sample(listed, len(listed)) for name, listed in ranked.items() if listed}
    return wishes, ranked, {name: chance.randint(1, 4) for name in ranked}


def test_both_engines_agree_with_the_library_matching_on_four_hundred_cases() -> None:
    chance = random.Random(1962)
    cases = [case(chance) for _ in range(400)]
    command = [sys.executable, "-I", "-c", PROGRAM]
    ran = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=True)
    answers: list[dict[str, str]] = json.loads(ran.stdout)
    for (wishes, ranked, seats), expected in zip(cases, answers, strict=True):
        labs: list[dict[str, Any]] = [lab(name, " ".join(people), seats[name]) for name, people in ranked.items()]
        instance = instance_of({person: " ".join(listed) for person, listed in wishes.items()}, labs)
        assert place(instance) == fast.place(instance) == expected
    assert sum(map(len, answers)) > 1_000
