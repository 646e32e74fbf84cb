"""What changed between the last draft and a run: counted, so that nobody is surprised and nobody is named."""

from dataclasses import dataclass

from matching.engine import instance as instances
from matching.models import MatchRun
from matching.queries.freezing import openings_of
from matching.states import RunState


@dataclass(frozen=True)
class Changes:
    """A run against the last draft before it. `lists` and `seats` are codes of labs; `moved` counts applicants whose
    place is another, of those who are in both.
    """

    draft: MatchRun
    joined: int
    left: int
    reordered: int
    moved: int
    lists: list[str]
    seats: list[str]


def last_draft_before(run: MatchRun) -> MatchRun | None:
    """The latest draft of the call that was solved before `run` was asked for."""
    rows = MatchRun.objects.filter(call=run.call_id, is_draft=True, state=RunState.SOLVED, pk__lt=run.pk)
    return rows.order_by("-pk").first()


def changes_since_draft(run: MatchRun) -> Changes | None:
    """None where there was no draft."""
    draft = last_draft_before(run)
    if draft is None:
        return None
    before, after = _by_application(draft), _by_application(run)
    both = before.keys() & after.keys()
    codes = {f"l{number}": row.call_lab.lab.code for number, row in enumerate(openings_of(run.call), start=1)}
    was, now = _labs(draft), _labs(run)
    return Changes(
        draft,
        joined=len(after.keys() - before.keys()),
        left=len(before.keys() - after.keys()),
        reordered=sum(before[pk][1] != after[pk][1] for pk in both),
        moved=sum(before[pk][0] != after[pk][0] for pk in both),
        lists=sorted(codes.get(key, key) for key in now if key in was and was[key][0] != now[key][0]),
        seats=sorted(codes.get(key, key) for key in now if key not in was or was[key][1] != now[key][1]),
    )


def _by_application(run: MatchRun) -> dict[int, tuple[int | None, tuple[str, ...]]]:
    """By application: the lab where she is placed, and her order of labs."""
    ranks = {person.id: person.ranks for person in instances.parse(run.instance).applicants}
    rows = run.results.values_list("application_id", "call_lab_id", "pseudonym")
    return {pk: (lab, ranks.get(name, ())) for pk, lab, name in rows}


def _labs(run: MatchRun) -> dict[str, tuple[list[list[int]], tuple[object, ...]]]:
    """By lab: its tie classes by application, and its seats with all that belongs to them."""
    known = dict(run.results.values_list("pseudonym", "application_id"))
    return {
        lab.id: (
            [sorted(known.get(name, 0) for name in tied) for tied in lab.ranks],
            (lab.seats, lab.target, lab.reserve_order, lab.reserves),
        )
        for lab in instances.parse(run.instance).labs
    }
