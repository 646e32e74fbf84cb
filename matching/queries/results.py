"""What came out, for whom: nothing is found here before its run is published, except by officers' counts."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from applications.models import Application, Call, CallLab, latin_and_own
from applications.states import CallState
from common.access import scope_of
from matching import verifier
from matching.models import MatchResult, MatchRun, Opening
from matching.queries.choices import choices_of
from matching.queries.freezing import openings_of
from matching.queries.room import gone_over
from matching.states import RunState
from people.states import Role


@scope_of(MatchRun)
def runs_visible_to(user: Any) -> QuerySet[MatchRun]:
    """Officers and auditors see every run, everybody else the published ones. The long texts are read when asked."""
    rows = MatchRun.objects.select_related("call", "requested_by")
    rows = rows.defer("instance", "outcome")
    return rows if user.has_perm("matching.view_runs") else rows.filter(state=RunState.PUBLISHED)


@scope_of(MatchResult)
def results_visible_to(user: Any) -> QuerySet[MatchResult]:
    """Of published runs only: one's own; a lab's people those placed in the lab; officers and auditors all."""
    rows = MatchResult.objects.filter(run__state=RunState.PUBLISHED)
    if user.has_perm("matching.view_runs"):
        return rows
    labs = user.places(Role.LAB_HEAD, Role.LAB_MEMBER)
    return rows.filter(Q(application__applicant=user.pk) | Q(call_lab__lab__place__in=labs))


def runs_of(call: Call) -> QuerySet[MatchRun]:
    """The call's runs, newest first, without the long texts."""
    return (
        call.match_runs.select_related("call", "requested_by", "confirmed_by")
        .defer("instance", "outcome")
        .order_by("-pk")
    )


def drafts_of(run: MatchRun) -> int:
    """How many drafts of the call were made before this run."""
    return MatchRun.objects.filter(call=run.call_id, is_draft=True, pk__lt=run.pk).count()


def published_run(call: Call) -> MatchRun | None:
    """The run that decided this call, once it is published."""
    return MatchRun.objects.filter(call=call, state=RunState.PUBLISHED).first()


def places_of(run: MatchRun) -> QuerySet[MatchResult]:
    """Those who were placed, with application, applicant and lab; none before the run is published."""
    rows = MatchResult.objects.filter(run=run, run__state=RunState.PUBLISHED, call_lab__isnull=False)
    return rows.select_related("application__applicant", "application__call", "call_lab__lab__institute")


def result_of(application: Application) -> MatchResult | None:
    """Where the applicant came out in the published run of her call; None before that, and for who was not in it."""
    rows = MatchResult.objects.filter(application=application, run__state=RunState.PUBLISHED)
    return rows.select_related("run__call", "call_lab__lab__institute").first()


def result_in(run: MatchRun, user: Any) -> MatchResult | None:
    """Her own result in a published run; None for who was not in it."""
    rows = MatchResult.objects.filter(run=run, run__state=RunState.PUBLISHED, application__applicant=user.pk)
    return rows.select_related("application").first()


@dataclass(frozen=True)
class LabPlaces:
    """One lab after the match: who comes, `number name` each, and its seats with those that came or went over."""

    opening: Opening
    names: list[str]
    seats: int


@dataclass(frozen=True)
class LabName:
    """Which lab a name in the published files is."""

    name: str
    call_lab: CallLab


def legend_of(run: MatchRun, application: Application | None = None) -> list[LabName]:
    """Every lab of the run under its name in the files; of `application` given, those that she ranked, in her order."""
    found = {row.call_lab_id: LabName(f"l{n}", row.call_lab) for n, row in enumerate(openings_of(run.call), start=1)}
    wanted = found.keys() if application is None else choices_of([application.pk])[application.pk]
    return [found[pk] for pk in wanted if pk in found]


def discarded_runs(call: Call) -> QuerySet[MatchRun]:
    """Runs of the call that were given up, drafts too, the first one first, without the long texts."""
    rows = MatchRun.objects.filter(call=call, state=RunState.DISCARDED).select_related("discarded_by")
    return rows.defer("instance", "outcome").order_by("pk")


def places_by_lab(run: MatchRun) -> list[LabPlaces]:
    """Every lab of a published run with the numbers and names of those placed there, by number. Three queries."""
    names = [f"application__{name}" for name in ("number", "given_name", "family_name", "native_name")]
    rows = places_of(run).select_related(None).order_by("application__number").values_list("call_lab_id", *names)
    found: dict[int, list[str]] = {}
    for lab, number, *named in rows:
        found.setdefault(lab or 0, []).append(f"{number} {latin_and_own(*named)}")
    over = gone_over(run.call, {lab: len(people) for lab, people in found.items()})
    return [
        LabPlaces(row, found.get(row.call_lab_id, []), row.seats + over.get(row.call_lab_id, 0))
        for row in openings_of(run.call)
    ]


@dataclass(frozen=True)
class LabResult:
    """A lab's places now: who comes, how many seats came over from another lab (or, below 0, went over), how many stay
    empty.
    """

    places: list[MatchResult]
    came_over: int
    unfilled: int

    @property
    def went_over(self) -> int:
        return max(0, -self.came_over)


def lab_result_of(run: MatchRun, opening: Opening) -> LabResult:
    """What the lab has of a published run now. Three queries."""
    places = list(places_of(run).filter(call_lab=opening.call_lab_id).order_by("application__number"))
    held = Counter(places_of(run).values_list("call_lab_id", flat=True))
    over = gone_over(run.call, {lab: number for lab, number in held.items() if lab}).get(opening.call_lab_id, 0)
    return LabResult(places, over, max(0, opening.seats + over - len(places)))


def calls_to_match() -> QuerySet[Call]:
    """Calls that were published, the latest first."""
    return Call.objects.exclude(state=CallState.DRAFT).order_by("-closes_at")[:50]


def published_runs() -> QuerySet[MatchRun]:
    """Published runs, the latest first, without the long texts."""
    rows = MatchRun.objects.filter(state=RunState.PUBLISHED).select_related("call")
    return rows.defer("instance", "outcome").order_by("-published_at")


@dataclass(frozen=True)
class MatchSummary:
    """A published match in four counts; `first` got their first choice."""

    run: MatchRun
    applicants: int
    seats: int
    placed: int
    first: int

    @property
    def fill_percent(self) -> int:
        return 100 * self.placed // self.seats if self.seats else 0

    @property
    def first_percent(self) -> int:
        """Of those who were placed."""
        return 100 * self.first // self.placed if self.placed else 0


def summaries_of_matches(most: int = 50) -> list[MatchSummary]:
    """The latest published matches with their figures. Three queries, however many; no person is in them."""
    runs = list(published_runs()[:most])
    results = MatchResult.objects.filter(run__in=[run.pk for run in runs]).order_by().values_list("run_id")
    counted = {
        pk: counts
        for pk, *counts in results.annotate(
            people=Count("pk"), placed=Count("call_lab"), first=Count("pk", filter=Q(choice=1))
        )
    }
    openings = Opening.objects.filter(call_lab__call__in=[run.call_id for run in runs]).order_by()
    seats = dict(openings.values_list("call_lab__call").annotate(seats=Sum("seats")))
    found = ((run, *counted.get(run.pk, (0, 0, 0))) for run in runs)
    return [MatchSummary(run, people, seats.get(run.call_id, 0), placed, first) for run, people, placed, first in found]


def verifier_source() -> str:
    """The verifier that a stranger can read and run: one file without dependencies."""
    return Path(verifier.__file__).read_text(encoding="utf-8")
