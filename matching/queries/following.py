"""Who is next for one place that became free: the first step of the waitlist, as `engine.after` has it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from applications.models import Call
from matching.engine.after import next_of
from matching.engine.reading import Malformed
from matching.models import MatchResult, MatchRun
from matching.queries.after import present_of
from matching.states import RunState


@dataclass(frozen=True)
class Vacancy:
    """A place in a lab of a call that somebody left or leaves (`left_by`: her application), by primary keys."""

    call_lab: int
    left_by: int


def next_results(call: Call, vacancies: Iterable[Vacancy], barred: Collection[int] = ()) -> dict[Vacancy, MatchResult]:
    """Whom the lab of each vacancy takes next: its next acceptable candidate who does not hold a better place.

    The one who leaves and the applications in `barred` come no more; whoever accepted an offer, or came by a
    supplementary round, stays. Each vacancy is looked at by itself. Missing are those that nobody takes, and all where
    no match of the call is published. Eight queries, however many vacancies.
    """
    run = MatchRun.objects.filter(call=call, state=RunState.PUBLISHED).select_related("call").first()
    if run is None:
        return {}
    try:
        now = present_of(run)
    except Malformed:
        return {}
    names = {lab: name for name, lab in now.labs.items()}
    people = dict(run.results.values_list("application_id", "pseudonym"))
    out = now.gone | {people[pk] for pk in barred if pk in people}
    found: dict[Vacancy, int] = {}
    for each in vacancies:
        gone = out | ({people[each.left_by]} if each.left_by in people else set())
        try:
            step = next_of(now.instance, now.outcome, names[each.call_lab], gone)
        except Malformed:
            continue
        if step is not None:
            found[each] = now.people[step.applicant]
    related = ("application__applicant", "application__call__programme", "call_lab__lab")
    rows = MatchResult.objects.select_related(*related).in_bulk(found.values())
    return {each: rows[pk] for each, pk in found.items()}
