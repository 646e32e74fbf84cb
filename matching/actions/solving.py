"""The worker's part: solve what is frozen, check it twice, write everybody's result. Run again, it finds the same."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from common.audit import record
from common.gestures import action
from common.jobs import Progress, claim, fail, finish, progress_of
from common.queue import send
from common.states import lock, move
from matching import verifier
from matching.engine.explain import Explanation, Reason, explain
from matching.engine.instance import Instance
from matching.engine.instance import parse as parse_instance
from matching.engine.outcome import Outcome, Unstable
from matching.engine.solve import solve
from matching.engine.stability import is_blocking, violations
from matching.insight import insight
from matching.models import MatchResult, MatchRun
from matching.queries import openings_of
from matching.states import RunState

log = logging.getLogger(__name__)
SOLVE = "matching.solve"
STEPS = 4


def solve_run(pk: int) -> bool:
    """Solve run `pk` unless another worker has it or it is done; True when this call did it.

    What is frozen decides, so a run whose worker was killed comes out the same when it is taken again.
    """
    run = claim(MatchRun, pk)
    if run is None:
        return False
    try:
        instance = parse_instance(run.instance)
        outcome, found, reasons = _work(instance, progress_of(run))
    except Exception:
        log.exception("match run %s could not be solved", pk)
        fail(
            run, _("The match could not be solved. Nothing was decided; call support, who find the details in the log.")
        )
        return False
    store(run, instance, outcome, found, reasons, by=None)
    return True


def _work(instance: Instance, say: Progress) -> tuple[Outcome, list[str], dict[str, Explanation]]:
    """Solving is the first of four steps of the same length on the bar; the checks and reasons follow."""
    size = max(1, len(instance.applicants))
    outcome = solve(instance, lambda done, _total: say(done, STEPS * size))
    found = violations(instance, outcome)
    say(2 * size, STEPS * size)
    sealed = instance.canonical().encode(), outcome.canonical().encode()
    checked = verifier.violations(*sealed)
    if outcome.unstable is not None:
        found, checked = _marked(outcome.unstable, found), _marked(outcome.unstable, checked)
    found += [f"verifier: {words}" for words in checked]
    say(3 * size, STEPS * size)
    return outcome, found, {} if found else explain(instance, outcome)


def _marked(unstable: Unstable, found: list[str]) -> list[str]:
    """What breaks the rule in an outcome that is marked as the best that was found: all but the blocking pairs that it
    owns up to. As many as it says, else they count as well.
    """
    blocking = [words for words in found if is_blocking(words)]
    if len(blocking) != unstable.blocking:
        return found
    return [words for words in found if words not in set(blocking)]


@action
def store(
    run: MatchRun,
    instance: Instance,
    outcome: Outcome,
    found: list[str],
    reasons: Mapping[str, Explanation],
    *,
    by: None,
) -> MatchRun:
    """Keep outcome, violations and each person's place. With a violation the job fails and nothing can be confirmed."""
    lock(run)
    if run.state != RunState.REQUESTED:
        return run
    run.outcome, run.outcome_sha256 = outcome.canonical(), outcome.sha256()
    run.algorithm, run.violations, run.unstable = outcome.algorithm, found, _owned_up(instance, outcome)
    run.save(update_fields=["outcome", "outcome_sha256", "algorithm", "violations", "unstable"])
    if found:
        record("matching.run.broken", run, by=by, after={"violations": found[:20]})
        fail(run, _("The checks found something that breaks the rule, so this run cannot be used. Discard it."))
        return run
    _write_results(run, instance, reasons)
    run.insight = _insight(run, instance, outcome)
    run.save(update_fields=["insight"])
    move(run, RunState.SOLVED, by=by)
    finish(run)
    return run


def _owned_up(instance: Instance, outcome: Outcome) -> dict[str, Any] | None:
    """What a run says of itself when nothing stable was found: the couples by pseudonym, and each pair that blocks."""
    if outcome.unstable is None:
        return None
    lines = [words for words in violations(instance, outcome) if is_blocking(words)]
    return {"couples": [[*pair] for pair in outcome.unstable.couples], "blocking": lines}


def _insight(run: MatchRun, instance: Instance, outcome: Outcome) -> dict[str, Any]:
    """Figures of each lab by primary key of its CallLab; see `matching.insight`."""
    openings = {f"l{number}": opening for number, opening in enumerate(openings_of(run.call), start=1)}
    minimums = {name: row.minimum for name, row in openings.items() if row.minimum}
    found = insight(instance, outcome, minimums)
    return {str(openings[name].call_lab_id): figures for name, figures in found.items()}


def _write_results(run: MatchRun, instance: Instance, reasons: Mapping[str, Explanation]) -> None:
    openings = {f"l{number}": opening for number, opening in enumerate(openings_of(run.call), start=1)}
    labs = {name: opening.call_lab_id for name, opening in openings.items()}
    own = {opening.call_lab_id: opening.seats for opening in openings.values()}
    results = list(run.results.all())
    for result in results:
        reason = reasons[result.pseudonym]
        result.call_lab_id = None if reason.lab is None else labs[reason.lab]
        result.choice = reason.choice if reason.lab else None
        result.explanation = _plain(reason, labs, own)
    MatchResult.objects.bulk_update(results, ["call_lab", "choice", "explanation"], batch_size=500)


def _plain(reason: Explanation, labs: Mapping[str, int], own: Mapping[int, int]) -> dict[str, Any]:
    """Codes and figures about herself, labs by primary key: what sentences are made of.

    Where a lab's own seats (`own`, by primary key) are full, it was no cap but another lab's seat that did not come.
    """
    refusals = [{**asdict(refusal), "call_lab": labs[refusal.lab]} for refusal in reason.refusals]
    for entry in refusals:
        if entry["reason"] == Reason.INSTITUTE_CAP and 0 < own[entry["call_lab"]] <= entry["held"]:
            entry["reason"] = "stayed_over_there"
    return {"lottery_number": reason.lottery_number, "drawn": reason.drawn, "refusals": refusals}


def sweep() -> int:
    """Hint again at every run that nobody works on; returns how many."""
    lost = list(MatchRun.lost().filter(state=RunState.REQUESTED).values_list("pk", flat=True))
    for pk in lost:
        send(SOLVE, pk)
    return len(lost)
