"""The whole programme, month by month, by the application's own actions: 400 fellows for five years.

They join and leave, are ended early, extended, on leave, on reduced time, seconded and moved to another lab; their pay
is held and comes back from the bank; rates change; each fiscal year is settled and closed by two people. What it costs
is appropriated, agreed and allotted for all years before the first day.

Every step is an action of the application, called by people who hold the roles for it, at its own hour of a clock that
the simulation sets, but for three, which would take hours for tens of thousands of rows:

- who joins: the rows of her application, offer and appointment are written; the action that commits her term is called;
- claims: written as approved, entered by the application's own `claim_posting`; released to the bank by its action;
- the bank's answers: each file is answered by `record_answers` for every payment that comes back and for one that does
  not; the payments between enter the books by `payment_posting`, as the demonstration does it.

The application knows no raise of salary during a term, so none is simulated; reduced time is what changes pay.

Deterministic by its seed. It wants a database with labs and without appointments, such as `./run bench simulation` has
of its own; elsewhere all of it happens in a transaction that is rolled back. After each month the books are asked
whether they are right; after the last every commitment is spent or given back, and what was appropriated is what was
spent and what was returned, to the won.
"""

import gc
import json
import sys
import time
from contextlib import nullcontext
from typing import Any

from django.core.management import call_command
from django.db import transaction

from bench.simulation.checks import Broken
from bench.simulation.months import run
from innocore.reference import load_reference

__all__ = ["Broken", "main", "simulate"]


def simulate(fellows: int, months: int, seed: int = 1, *, pace: float = 1, keep: bool = False) -> dict[str, Any]:
    """Run it with the labs that are there; counts and sums come back. `Broken` when an invariant fails.

    It is rolled back unless `keep`, which commits twice a month: in one transaction rows that change often leave so
    many versions that the database grows slow. `pace` multiplies how likely each event is, so that few fellows live
    through all.
    """
    began = time.monotonic()
    with nullcontext() if keep else transaction.atomic():
        found = run(fellows, months, seed, pace)
        if not keep:
            transaction.set_rollback(True)
    return {**found, "seconds": round(time.monotonic() - began, 1)}


def main() -> int:
    """The labs of the programme, 400 fellows, five years; one JSON line."""
    call_command("migrate", verbosity=0)
    load_reference()
    gc.set_threshold(100_000, 50, 50)  # rows come and go by the thousand, hardly one in a cycle
    found = simulate(400, 60, keep=True)
    sys.stdout.write(json.dumps({"bench": "simulation", "fellows": 400, "months": 60, **found}) + "\n")
    return 0
