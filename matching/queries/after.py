"""Places that are free after the match, and what each way of filling them would do to whom."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from applications.models import Application, CallLab
from applications.states import ApplicationState
from matching.engine import after as ways
from matching.engine import instance as instances
from matching.engine.instance import Instance
from matching.engine.kept import Seated, held_fast
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.reading import Malformed, Unsupported
from matching.models import MatchResult, MatchRun, PlaceChange, Refill, WaveOffer
from matching.queries.plans import openings_of
from matching.queries.room import room_of
from matching.states import RefillKind, RunState, WaveState

EPOCH = Value(datetime(2000, 1, 1, tzinfo=UTC))
WAYS = {RefillKind.WAITLIST: ways.waitlist, RefillKind.REMATCH: ways.rematch, RefillKind.AFRESH: ways.afresh}


@dataclass(frozen=True)
class Present:
    """A published run as it stands today: its input, places as they are held, who is gone.

    Who answered an offer by yes, or came by a supplementary round, stays where she is, and a seat that is on offer in
    a round stays empty: the input leaves these seats alone (`engine.kept`).
    """

    instance: Instance
    outcome: Outcome
    gone: frozenset[str]
    people: dict[str, int]
    labs: dict[str, int]


@dataclass(frozen=True)
class Moved:
    """Somebody who would be elsewhere: her result, the labs (None: no place), her choices counted from 1."""

    result: MatchResult
    left: CallLab | None
    took: CallLab | None
    choice_left: int | None
    choice_took: int | None

    @property
    def is_better(self) -> bool:
        if self.choice_left is None or self.choice_took is None:
            return self.choice_left is None
        return self.choice_took < self.choice_left


@dataclass(frozen=True)
class Preview:
    """What one way would do. `problem` says why it cannot be taken, else it is empty."""

    kind: str
    label: str
    after: ways.After | None
    moved: list[Moved]
    problem: str = ""

    @property
    def better(self) -> int:
        return sum(each.is_better for each in self.moved)

    @property
    def worse(self) -> int:
        return len(self.moved) - self.better

    @property
    def outcome_sha256(self) -> str:
        return self.after.outcome.sha256() if self.after else ""


def present_of(run: MatchRun) -> Present:
    """The run with everything that happened since. Four queries, and the sealed input is read."""
    rows = list(run.results.values_list("pk", "pseudonym", "call_lab_id", "is_fixed"))
    left = run.results.filter(Q(vacated_at__isnull=False) | ~Q(application__state=ApplicationState.ELIGIBLE))
    gone = frozenset(left.values_list("pseudonym", flat=True))
    labs = {f"l{number}": row.call_lab_id for number, row in enumerate(openings_of(run.call), start=1)}
    names = {pk: name for name, pk in labs.items()}
    people = {name: pk for pk, name, _lab, _fixed in rows}
    held = {name: names[lab] for _pk, name, lab, _fixed in rows if lab is not None}
    waves = _in_waves(run, names)
    came = {name for name, lab, state in waves if state == WaveState.ACCEPTED and held.get(name) == lab}
    fixed = {name for _pk, name, lab, is_fixed in rows if is_fixed and lab is not None}
    offered = [(name, lab) for name, lab, state in waves if state == WaveState.OFFERED]
    staying = {name: lab for name, lab in held.items() if name not in gone}
    instance = held_fast(instances.parse(run.instance), Seated(staying, (came | fixed) & staying.keys(), offered))
    unmatched = [person.id for person in instance.applicants if person.id not in held]
    outcome = outcome_of(instance.sha256(), held.items(), unmatched)
    return Present(instance, outcome, gone, people, labs)


def _in_waves(run: MatchRun, names: dict[int, str]) -> list[tuple[str, str, str]]:
    """Pseudonym, lab and state of each place that was taken, or is on offer, in a supplementary round."""
    rows = WaveOffer.objects.filter(result__run=run, state__in=[WaveState.OFFERED, WaveState.ACCEPTED]).order_by("pk")
    return [
        (name, names[lab], state) for name, lab, state in rows.values_list("result__pseudonym", "call_lab", "state")
    ]


def previews_of(run: MatchRun) -> list[Preview]:
    """What each way would do now; nothing is decided by looking."""
    now = present_of(run)
    return [preview(run, now, kind) for kind in RefillKind]


def preview(run: MatchRun, now: Present, kind: RefillKind) -> Preview:
    """One way of filling what is free. A way that the present places do not allow says why."""
    label = str(kind.label)
    try:
        after = WAYS[kind](now.instance, now.outcome, now.gone)
    except Unsupported:
        words = _("With couples in the match nobody moves by a rule: offer free places in a supplementary round.")
        return Preview(kind, label, None, [], words)
    except Malformed as problem:
        return Preview(kind, label, None, [], str(problem))
    moves = [move for move in after.moves.moves if move.applicant not in now.gone]
    results = MatchResult.objects.select_related("application").in_bulk([now.people[move.applicant] for move in moves])
    labs = CallLab.objects.select_related("lab").in_bulk(now.labs.values())
    moved = [
        Moved(
            results[now.people[move.applicant]],
            labs.get(now.labs.get(move.left or "", 0)),
            labs.get(now.labs.get(move.took or "", 0)),
            move.choice_left,
            move.choice_took,
        )
        for move in moves
    ]
    return Preview(kind, label, after, moved)


def withdrawn_holders(run: MatchRun) -> QuerySet[MatchResult]:
    """Who holds a place and withdrew her application."""
    rows = run.results.filter(call_lab__isnull=False, application__state=ApplicationState.WITHDRAWN)
    return rows.select_related("application", "call_lab__lab")


def free_places(run: MatchRun) -> list[tuple[Any, int, int]]:
    """Each lab with seats that somebody could have: opening, holders, free seats.

    Under a cap, and where seats go over to another lab, several labs may each have the one place that is left.
    """
    rows = list(openings_of(run.call))
    room = room_of(run, with_offers=False, openings=rows)
    found = [(row, room.taken[row.call_lab_id], room.free(row.call_lab_id)) for row in rows]
    return [each for each in found if each[2] > 0]


def given_up_places(run: MatchRun) -> QuerySet[PlaceChange]:
    """Places that were given up, the latest first."""
    rows = PlaceChange.objects.filter(result__run=run, took=None, refill=None, offer=None)
    return rows.select_related("result__application", "left__lab").order_by("-pk")


def refills_of(run: MatchRun) -> QuerySet[Refill]:
    return Refill.objects.filter(run=run).select_related("decided_by").defer("instance", "outcome").order_by("-pk")


@dataclass(frozen=True)
class Since:
    """What became of a published match: who holds a place now, how many gave one up, the fillings. No person is in it.

    `came` counts those who took a place as next on a waitlist or in a supplementary round; `moved` those whom fillings
    moved, once each.
    """

    held: int
    given_up: int
    moved: int
    came: int
    fillings: list[Refill]

    @property
    def is_changed(self) -> bool:
        return bool(self.given_up or self.moved or self.came)


def since_publication(run: MatchRun) -> Since:
    """In three queries, without the fillings' long texts; they are `filling-1` and so on, in the order of deciding."""
    changes = PlaceChange.objects.filter(result__run=run)
    counted = changes.aggregate(
        given_up=Count("pk", filter=Q(took=None, refill=None, offer=None)),
        moved=Count("result", filter=Q(refill__isnull=False), distinct=True),
        came=Count("pk", filter=Q(took__isnull=False, refill=None)),
    )
    held = run.results.filter(call_lab__isnull=False).count()
    fillings = list(Refill.objects.filter(run=run).defer("instance", "outcome").order_by("pk"))
    return Since(held=held, fillings=fillings, **counted)


FILE_OF_FILLING = re.compile(r"filling-([1-9][0-9]{0,3})-(instance|outcome)\.json")


def filling_file(run: MatchRun, name: str) -> str | None:
    """The input or outcome of a filling by the name under which it is published; None where there is none."""
    found = FILE_OF_FILLING.fullmatch(name)
    if found is None:
        return None
    number, which = int(found[1]), found[2]
    rows = Refill.objects.filter(run=run, run__state=RunState.PUBLISHED).order_by("pk").values_list(which, flat=True)
    return next(iter(rows[number - 1 : number]), None)


def changes_of_result(application: Application) -> QuerySet[PlaceChange]:
    """What happened to her place since the match was published."""
    rows = PlaceChange.objects.filter(result__application=application, result__run__state=RunState.PUBLISHED)
    return rows.select_related("left__lab", "took__lab__institute")


def waiting_for_decision() -> QuerySet[MatchRun]:
    """Published runs in which more places were given up after the last filling than the waitlist took.

    Whoever came by the waitlist from another place left one free in her turn, so she does not count.
    """
    last = Refill.objects.filter(run=OuterRef("pk")).order_by("-pk").values("decided_at")[:1]
    since = Coalesce(OuterRef("last"), EPOCH)
    gone = MatchResult.objects.filter(run=OuterRef("pk"), vacated_at__gt=since).order_by().values("run")
    taken = PlaceChange.objects.filter(
        result__run=OuterRef("pk"), refill=None, offer=None, left=None, took__isnull=False, at__gt=since
    )
    rows = MatchRun.objects.filter(state=RunState.PUBLISHED).annotate(
        last=Subquery(last),
        gone=Coalesce(Subquery(gone.annotate(n=Count("pk")).values("n")), 0),
        taken=Coalesce(Subquery(taken.order_by().values("result__run").annotate(n=Count("pk")).values("n")), 0),
    )
    return rows.filter(gone__gt=F("taken"))


def waits_for_decision(run: MatchRun) -> bool:
    """Whether a place was given up after the last filling, and the waitlist did not take it."""
    return waiting_for_decision().filter(pk=run.pk).exists()
