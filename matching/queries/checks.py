"""What two officers look at before a run is published: figures, hashes, and whether anything changed meanwhile."""

import hashlib
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.engine import instance as instances
from matching.engine import outcome as outcomes
from matching.models import MatchRun, Opening, RankList
from matching.queries.freezing import eligible, openings_of
from matching.states import RankListState
from reviews.models import Conflict


@dataclass(frozen=True)
class Figures:
    """How a run came out, in numbers only. `choices[n]`: how many got their n-th choice."""

    applicants: int
    seats: int
    placed: int
    choices: dict[int, int]

    @property
    def unplaced(self) -> int:
        return self.applicants - self.placed

    @property
    def unfilled(self) -> int:
        return self.seats - self.placed

    @property
    def fill_percent(self) -> int:
        return 100 * self.placed // self.seats if self.seats else 0


@dataclass(frozen=True)
class Check:
    """One thing that must hold, and what to know when it does not."""

    label: str | Promise
    is_met: bool
    detail: str = ""


def figures_of(run: MatchRun) -> Figures:
    """Counted from the stored results, which `checks_of` holds against the sealed outcome. Two queries."""
    counted = dict(run.results.order_by().values_list("choice").annotate(number=Count("pk")))
    unplaced = counted.pop(None, 0)
    placed = sum(counted.values())
    seats = Opening.objects.filter(call_lab__call=run.call_id).aggregate(seats=Sum("seats"))["seats"]
    return Figures(placed + unplaced, seats or 0, placed, dict(sorted(counted.items())))


def checks_of(run: MatchRun) -> list[Check]:
    """Everything that must hold before a run is confirmed and published. Six queries."""
    return [*_seals(run), *_people(run), *_labs(run)]


def _seals(run: MatchRun) -> list[Check]:
    is_sealed = _hash(run.instance) == run.instance_sha256 and _hash(run.outcome) == run.outcome_sha256
    names_it = bool(run.outcome) and outcomes.parse(run.outcome).instance == run.instance_sha256
    return [
        Check(_("Input and outcome are unchanged since they were sealed"), is_sealed),
        Check(_("The outcome was made for this input"), names_it),
        Check(
            _("Two independent checks found nothing that breaks the rule"),
            bool(run.outcome) and not run.violations,
            "; ".join(str(words) for words in run.violations[:5]),
        ),
    ]


def _people(run: MatchRun) -> list[Check]:
    rows = run.results.values_list("application_id", "application__number", "call_lab_id")
    entered = {pk: number for pk, number, _lab in rows}
    now = dict(eligible(run.call).values_list("pk", "number"))
    missing = [str(number) for pk, number in now.items() if pk not in entered]
    gone = [str(number) for pk, number in entered.items() if pk not in now]
    matched = len(outcomes.parse(run.outcome).matches) if run.outcome else -1
    placed = sum(lab is not None for _pk, _number, lab in rows)
    return [
        Check(_("Every eligible applicant is in the run"), not missing, ", ".join(missing[:20])),
        Check(_("Nobody in the run has withdrawn or become ineligible since"), not gone, ", ".join(gone[:20])),
        Check(_("The stored results are those of the outcome"), placed == matched),
    ]


def _labs(run: MatchRun) -> list[Check]:
    openings = list(openings_of(run.call))
    sealed = {lab.id: lab.seats for lab in instances.parse(run.instance).labs}
    seats = {f"l{number}": opening.seats for number, opening in enumerate(openings, start=1)}
    changed = [
        opening.call_lab.lab.code
        for opening in openings
        if opening.seats
        and not (
            opening.rank_list.state == RankListState.CERTIFIED
            and opening.rank_list.certified_at is not None
            and opening.rank_list.certified_at <= run.requested_at
        )
    ]
    interested = _interested([opening.rank_list for opening in openings])
    return [
        Check(_("Every seat is in the run"), sealed == seats),
        Check(_("Every list is the one that was certified before the run"), not changed, ", ".join(changed)),
        Check(_("Nobody with a conflict of interest certified a list"), not interested, ", ".join(interested)),
    ]


def _interested(lists: list[RankList]) -> list[str]:
    people = {row.certified_by_id for row in lists if row.certified_by_id}
    pairs = set(Conflict.objects.filter(person__in=people).values_list("person_id", "application_id"))
    return [
        row.opening.call_lab.lab.code for row in lists if any((row.certified_by_id, pk) in pairs for pk in row.ranked)
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
