"""What two officers look at before a run is published: figures, hashes, and whether anything changed meanwhile."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.engine import instance as instances
from matching.engine import outcome as outcomes
from matching.models import MatchRun, RankList
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
    """Counted from the sealed texts, so that it can be counted again by anybody. No query."""
    instance, outcome = instances.parse(run.instance), outcomes.parse(run.outcome)
    ranks = {person.id: person.ranks for person in instance.applicants}
    choices = Counter(ranks[applicant].index(lab) + 1 for applicant, lab in outcome.matches)
    seats = sum(lab.seats for lab in instance.labs)
    return Figures(len(instance.applicants), seats, len(outcome.matches), dict(sorted(choices.items())))


def lab_names_of(run: MatchRun) -> list[tuple[str, str, int]]:
    """Pseudonym, name and seats of each lab: labs are public, so their pseudonyms are too."""
    rows = enumerate(openings_of(run.call), start=1)
    return [(f"l{number}", opening.call_lab.lab.name, opening.seats) for number, opening in rows]


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
