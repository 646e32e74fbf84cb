"""What changed between the last draft and a run: counted, so that nobody is surprised and nobody is named."""

from dataclasses import dataclass

from django.db.models import Q

from common.models import AuditEntry
from matching.engine import instance as instances
from matching.models import Group, MatchRun
from matching.queries.freezing import openings_of
from matching.states import RunState

GROUP_VERBS = ("matching.group.saved", "matching.group.removed")


@dataclass(frozen=True)
class Changes:
    """A run against the last draft before it. `lists` and `seats` are codes of labs; `moved` counts applicants whose
    place is another, of those who are in both; `regrouped` those who belong to other groups. `groups` is what was done
    to groups since, as the audit has it.
    """

    draft: MatchRun
    joined: int
    left: int
    reordered: int
    moved: int
    lists: list[str]
    seats: list[str]
    regrouped: int
    groups: list[AuditEntry]


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
        regrouped=sum(before[pk][2] != after[pk][2] for pk in both),
        groups=group_changes_since(draft),
    )


def group_changes_since(draft: MatchRun) -> list[AuditEntry]:
    """What was added, changed or removed of the call's groups since `draft` was asked for, the first one first."""
    rows = AuditEntry.objects.filter(
        subject_type=Group._meta.label_lower, verb__in=GROUP_VERBS, at__gt=draft.requested_at
    )
    return list(rows.filter(Q(after__call=draft.call.code) | Q(before__call=draft.call.code)).order_by("pk"))


Standing = tuple[int | None, tuple[str, ...], tuple[str, ...]]


def _by_application(run: MatchRun) -> dict[int, Standing]:
    """By application: the lab where she is placed, her order of labs, her groups."""
    known = {person.id: (person.ranks, tuple(person.groups)) for person in instances.parse(run.instance).applicants}
    rows = run.results.values_list("application_id", "call_lab_id", "pseudonym")
    return {pk: (lab, *known.get(name, ((), ()))) for pk, lab, name in rows}


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
